#!/usr/bin/env python3
"""A whole wave answered through HTTP, on this machine. Usage: load.py BUILD [PUPILS [FORMS [CONNECTIONS [postgres]]]]

Makes a programme of simulated people, opens a wave that asks all six groups, and lets bench/answer_load answer
FORMS codes (0: all) over the loopback, CONNECTIONS at once, on SQLite or on a PostgreSQL of its own. Then closes the
wave and publishes it. Prints the figures of docs/performance.md; nothing passes or fails but the answers.
"""
import contextlib
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests"))
FORMS = ("pupil_young", "pupil", "class_teacher", "parent", "teacher", "pedagogue", "leader")


def must(*command):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {result.stderr}")
    return result.stdout


def day(offset):
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


def usage(pid):
    """(processor seconds, peak MiB) of a running process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    peak = next(int(line.split()[1]) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak / 1024


def serve(laerke, programme):
    server = subprocess.Popen([laerke, "--json", "-C", programme, "serve", "--listen", "127.0.0.1:0", "--quiet"],
                              stdout=subprocess.PIPE, text=True)
    lines = []
    for line in server.stdout:
        lines.append(line)
        if line.startswith("}"):
            break
    return server, json.loads("".join(lines))["port"]


def main():
    build = pathlib.Path(sys.argv[1])
    pupils, forms, connections = [int(v) for v in (sys.argv[2:5] + ["8000", "0", "64"][len(sys.argv[2:5]):])]
    laerke, load = build / "laerke", build / "bench" / "answer_load"
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-", dir=build)))
        programme, where = folder / "p", []
        if "postgres" in sys.argv:
            import postgres
            database = stack.enter_context(postgres.Server())
            where = ["--database", database.database("study"), "--identity-database", database.database("identity")]
        must(laerke, "demo", programme, "--pupils", pupils, *where)
        for form in FORMS:
            must(laerke, "-C", programme, "instrument", "load", form)
        must(laerke, "-C", programme, "wave", "new", "--opens", day(-1), "--closes", day(5), "--instrument", *FORMS)
        started = time.monotonic()
        must(laerke, "-C", programme, "wave", "open", 2)
        print(f"wave opened, {pupils:,} pupils, with parents, staff and codes: {time.monotonic() - started:.1f} s", flush=True)
        must(laerke, "-C", programme, "code", "print", "--unit", "", "--wave", 2, "--out", folder / "codes.csv")
        # By the end of the code: pupils, parents and staff together, not one group after the other.
        head, *rows = (folder / "codes.csv").read_text().splitlines()
        (folder / "codes.csv").write_text("\n".join([head, *sorted(rows, key=lambda row: row[::-1])]) + "\n")
        server, port = serve(laerke, programme)
        try:
            result = subprocess.run([load, str(port), folder / "codes.csv", str(forms), str(connections)], capture_output=True, text=True)
            seconds, peak = usage(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
        print(result.stdout, end="")
        handed = int(next(line for line in result.stdout.splitlines() if "handed in" in line).split("|")[2])
        print(f"the server: {seconds:.1f} s of processor, {1000 * seconds / max(handed, 1):.2f} ms a questionnaire, {peak:.0f} MiB")
        must(laerke, "-C", programme, "wave", "close", 2)
        started = time.monotonic()
        must(laerke, "-C", programme, "publish", "--wave", 2)
        print(f"the wave published: {time.monotonic() - started:.1f} s", flush=True)
        sys.exit(result.returncode)


if __name__ == "__main__":
    main()
