"""What every test script starts with: cases that speak TAP, and `laerke` as a black box.

    from tap import case, check, laerke, shared, workspace, finish

    @case("a ragged line is refused")
    def _():
        with workspace() as folder:
            result = laerke("init", f"{folder}/p")
            check(result.code == 0, result.err)

    finish()
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback

LAERKE = os.environ.get("LAERKE", "build/laerke")
ROOT = pathlib.Path(os.environ.get("LAERKE_ROOT", "."))
SHARED = pathlib.Path(os.environ.get("LAERKE_SHARED", "../shared"))
_cases, _failed = [], 0


class Skip(Exception):
    """Raised by a case that cannot run here; its text says why."""


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)


def case(name):
    """Registers a test; finish() runs them in order."""
    def register(function):
        _cases.append((name, function))
        return function
    return register


def check(truth, message="not true"):
    if not truth:
        raise AssertionError(message)


def near(found, expected, tolerance, what=""):
    check(abs(found - expected) <= tolerance, f"{what}: {found} is not within {tolerance} of {expected}")


def laerke(*arguments, timeout=300, text=True, **more):
    """Runs the program in English; never raises for its exit code."""
    done = subprocess.run([LAERKE, "--lang", "en", *map(str, arguments)], capture_output=True, text=text,
                          timeout=timeout, **more)
    return Result(done.returncode, done.stdout, done.stderr)


def must(*arguments, **more):
    """laerke(), and it has to end well."""
    result = laerke(*arguments, **more)
    check(result.code == 0, f"laerke {' '.join(map(str, arguments))}: exit {result.code}\n{result.err}")
    return result


def shared(name):
    """A file of ../shared/data; the case is skipped where it is absent, but never in CI."""
    path = SHARED / "data" / name
    if not path.exists():
        if os.environ.get("CI"):
            raise AssertionError(f"{path} is absent, and this is CI")
        raise Skip(f"{path} is absent")
    return path


@contextlib.contextmanager
def workspace():
    folder = tempfile.mkdtemp(prefix="laerke-test-")
    try:
        yield pathlib.Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def finish():
    global _failed
    print(f"1..{len(_cases)}", flush=True)
    for number, (name, function) in enumerate(_cases, 1):
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        except Exception:
            _failed += 1
            print(f"not ok {number} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    sys.exit(1 if _failed else 0)
