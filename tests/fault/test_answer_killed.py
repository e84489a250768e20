"""An import of answers that is killed leaves all of it or nothing, and can be run again."""
import json
import os
import signal
import subprocess
import time

import postgres
from answers import Programme, write
from tap import LAERKE, Skip, case, check, finish, must, workspace

N_ITEMS, KILLS = 40, 12
FORM = json.dumps({"code": "x", "respondent": "pupil", "categories": 5, "scales": [{"code": "s"}],
                   "items": [f"i{n}" for n in range(N_ITEMS)]})


def import_killed_after(programme, file, seconds):
    """True when it was killed, False when it had ended by then."""
    process = subprocess.Popen([LAERKE, *map(str, programme.at), "answer", "import", str(file), "--wave", "2",
                                "--instrument", "x"], stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def kill_many_times(folder, server):
    programme = Programme(folder, server, pupils=6000, form=FORM)
    keys = programme.keys()
    header = ["subject"] + [f"i{n}" for n in range(N_ITEMS)]
    files = [write(folder / f"{turn}.csv", keys, [[(turn + n) % 5] * N_ITEMS for n in range(len(keys))], header)
             for turn in range(2)]
    started = time.monotonic()
    must(*programme.at, "answer", "import", files[0], "--wave", 2, "--instrument", "x")
    duration = time.monotonic() - started
    state, there, killed = programme.state(), 0, 0
    for turn in range(KILLS):
        # Each turn the file that is not there, killed at another moment of its run.
        killed += import_killed_after(programme, files[1 - there], duration * (turn + .5) / KILLS)
        now = programme.state()
        if now != state:
            check(all(new[3] != old[3] and int(new[2]) == int(old[2]) + 1 for new, old in zip(now, state)),
                  "half an import is there")
            state, there = now, 1 - there
    check(killed > KILLS // 6, f"only {killed} of {KILLS} imports were still running when killed")
    must(*programme.at, "answer", "import", files[0], "--wave", 2, "--instrument", "x")
    must(*programme.at, "wave", "close", 2)


@case("SQLite: killed at twelve moments, whole or not at all")
def _():
    with workspace() as folder:
        kill_many_times(folder, None)


@case("PostgreSQL: killed at twelve moments, whole or not at all")
def _():
    with postgres.Server() as server, workspace() as folder:
        if not server.url:
            raise Skip("PostgreSQL is absent")
        kill_many_times(folder, server)


finish()
