#!/usr/bin/env python3
"""Run every test of a build folder, counting each single case. Usage: check.py BUILD [NAME…]

Tests are what `meson introspect` lists: programs and scripts that print TAP. A case may pass, fail or be
skipped; a program that crashes, says too few cases, runs too long or exits badly without a failed case
is one failure more. Ends in the line "N passed, N failed[, N skipped]"; exits with 1 when any failed
or none ran. Tests get a HOME of their own, so that nothing is written to the user's.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SLOW = 5.0  # seconds; the slowest are named
CASE = re.compile(r"^(not )?ok\b\s*(\d+)?\s*(?:-\s*)?(.*)$")
DIRECTIVE = re.compile(r"#\s*(SKIP|TODO)\b\s*(.*)$", re.I)
PLAN = re.compile(r"^1\.\.(\d+)")


class Outcome:
    def __init__(self, name):
        self.name, self.passed, self.failed, self.skipped = name, 0, [], []
        self.seconds, self.output = 0.0, ""


def read_tap(outcome, text):
    """Counts the cases; returns how many the plan promised (None without one)."""
    planned = None
    for line in text.splitlines():
        plan = PLAN.match(line)
        if plan:
            planned = int(plan[1])
        case = CASE.match(line)
        if not case:
            continue
        title = case[3].strip() or f"case {case[2]}"
        directive = DIRECTIVE.search(title)
        if directive and directive[1].upper() == "SKIP":
            # cmocka writes the name behind SKIP, other producers the reason.
            outcome.skipped.append(title[:directive.start()].strip() or directive[2])
        elif case[1] and not directive:
            outcome.failed.append(title)
        else:
            outcome.passed += 1
    return planned


def run(test, home):
    outcome = Outcome(test["name"])
    environment = {**os.environ, **test["env"], "HOME": home, "LC_ALL": "C.UTF-8"}
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LAERKE_LANG"):
        environment.pop(name, None)
    started = time.monotonic()
    with tempfile.TemporaryFile() as kept:
        child = subprocess.Popen(test["cmd"], env=environment, cwd=test["workdir"] or os.getcwd(), stdout=kept,
                                 stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
        trouble = None
        try:
            code = child.wait(timeout=test["timeout"] or None)
            if code < 0:
                trouble = f"ended by {signal.Signals(-code).name}"
        except subprocess.TimeoutExpired:
            code, trouble = 1, f"not done after {test['timeout']} s"
        try:  # servers and browsers that it left behind
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        kept.seek(0)
        outcome.output = kept.read().decode(errors="replace")
    outcome.seconds = time.monotonic() - started
    planned = read_tap(outcome, outcome.output)
    seen = outcome.passed + len(outcome.failed) + len(outcome.skipped)
    if trouble:
        outcome.failed.append(trouble)
    elif planned is not None and planned != seen:
        outcome.failed.append(f"{planned} cases promised, {seen} seen")
    elif seen == 0:
        outcome.failed.append("no case ran")
    elif code != 0 and not outcome.failed:
        outcome.failed.append(f"exit {code} although every case passed")
    return outcome


def show(outcome):
    counts = f"{outcome.passed} passed"
    if outcome.failed:
        counts += f", {len(outcome.failed)} FAILED"
    if outcome.skipped:
        counts += f", {len(outcome.skipped)} skipped"
    print(f"{outcome.name:32} {counts:32} {outcome.seconds:6.1f} s", flush=True)
    if outcome.failed:
        for line in outcome.output.splitlines()[-400:]:
            print("    " + line)
        for title in outcome.failed:
            print(f"    failed: {title}", flush=True)


def main():
    build, wanted = sys.argv[1], sys.argv[2:]
    listed = subprocess.run(["meson", "introspect", "--tests", build], check=True, capture_output=True, text=True).stdout
    tests = [test for test in json.loads(listed) if not wanted or test["name"] in wanted]
    home = tempfile.mkdtemp(prefix="laerke-home-")
    outcomes = []
    try:
        together = [test for test in tests if test["is_parallel"]]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for done in concurrent.futures.as_completed([pool.submit(run, test, home) for test in together]):
                outcomes.append(done.result())
                show(outcomes[-1])
        for test in tests:
            if not test["is_parallel"]:
                outcomes.append(run(test, home))
                show(outcomes[-1])
    finally:
        shutil.rmtree(home, ignore_errors=True)
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(len(outcome.failed) for outcome in outcomes)
    skipped = [(outcome.name, title) for outcome in outcomes for title in outcome.skipped]
    slow = sorted((outcome for outcome in outcomes if outcome.seconds > SLOW), key=lambda o: -o.seconds)[:5]
    if slow:
        print("\nSlowest: " + ", ".join(f"{outcome.name} {outcome.seconds:.0f} s" for outcome in slow))
    if skipped:
        print("\nSkipped:")
        for name, title in skipped:
            print(f"    {name}: {title}")
    broken = [(outcome.name, title) for outcome in outcomes for title in outcome.failed]
    if broken:
        print("\nFailed:")
        for name, title in broken:
            print(f"    {name}: {title}")
    print(f"\n{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""), flush=True)
    sys.exit(1 if failed or passed == 0 else 0)


if __name__ == "__main__":
    main()
