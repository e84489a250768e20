"""kill -9 in the middle of a publication: readers keep the former one whole, and publishing again gives what it
gives undisturbed."""
import random
import shutil
import signal
import sqlite3
import subprocess
import time

from tap import LAERKE, case, check, finish, must, workspace

PUPILS, ROUNDS = 6000, 20


def rows(programme, sql):
    connection = sqlite3.connect(programme / "study.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def check_whole(programme):
    check(rows(programme, "PRAGMA integrity_check") == [("ok",)], "the database is damaged")
    for publication, units in rows(programme, "SELECT id, units FROM publication"):
        found = rows(programme, f"SELECT COUNT(*) FROM result WHERE publication = {publication}")[0][0]
        check(found == units, f"publication {publication} has {found} of {units} results")
    for table in ("result", "score", "item_parameter"):
        lost = rows(programme, f"SELECT COUNT(*) FROM {table} WHERE publication NOT IN (SELECT id FROM publication)")
        check(lost == [(0,)], f"{lost[0][0]} rows of {table} belong to no publication")


def another_minimum(programme):
    """Changes a setting, so that publishing makes another publication."""
    ini = programme / "programme.ini"
    text = ini.read_text()
    check("minimum_group = 7" in text, text)
    ini.write_text(text.replace("minimum_group = 7", "minimum_group = 9"))


@case(f"killed {ROUNDS} times while publishing: the former publication stands, the next run completes")
def _():
    with workspace() as folder:
        first = folder / "first"
        must("demo", first, "--pupils", PUPILS)
        before = rows(first, "SELECT sha256 FROM publication")
        another_minimum(first)
        undisturbed = folder / "undisturbed"
        shutil.copytree(first, undisturbed)
        started = time.monotonic()
        expected = must("-C", undisturbed, "publish", "--wave", 1, "--json").json["sha256"]
        whole = time.monotonic() - started
        chance, killed = random.Random(7), 0
        programme = folder / "programme"
        shutil.copytree(first, programme)
        for _ in range(ROUNDS):
            process = subprocess.Popen([LAERKE, "-C", str(programme), "publish", "--wave", "1"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, whole))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
            check_whole(programme)
            found = rows(programme, "SELECT sha256 FROM publication ORDER BY id")
            check(found in (before, before + [(expected,)]), f"other publications than expected: {found}")
            if len(found) == 2:  # it was done before it was killed: once more from the start
                shutil.rmtree(programme)
                shutil.copytree(first, programme)
        check(killed > ROUNDS // 4, f"only {killed} of {ROUNDS} were killed before they ended")
        again = must("-C", programme, "publish", "--wave", 1, "--json").json
        check(again["sha256"] == expected, "another result than undisturbed")
        check_whole(programme)


@case("two publications of one wave at once: one result, nothing doubled")
def _():
    with workspace() as folder:
        programme = folder / "programme"
        must("demo", programme, "--pupils", PUPILS)
        another_minimum(programme)
        both = [subprocess.Popen([LAERKE, "-C", str(programme), "publish", "--wave", "1"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
        codes = [process.wait() for process in both]
        for process in both:
            process.stderr.close()
        check(codes == [0, 0], f"exit codes {codes}")
        check_whole(programme)
        check(len(rows(programme, "SELECT id FROM publication")) == 2, "published twice")


finish()
