"""The disk is full, or the database is restarted, while answers come in: nothing is acknowledged that is not kept, and
answering goes on by itself when room or database is back."""
import contextlib
import os
import sqlite3
import subprocess
import tempfile
import time

import postgres
from answering import Respondent, School
from site_for_tests import Server
from tap import Skip, case, check, finish


@contextlib.contextmanager
def small_disk(folder, size):
    """A file system of its own; what has no right to mount one skips."""
    os.makedirs(folder)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True).returncode:
        raise Skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def save(form, revision):
    """Saves the same page with the codes of a revision; the outcome, None without a reply."""
    page, n = form.pages[0]
    try:
        return form.save(page, [revision % 5] * n, revision)
    except OSError:
        return None


@case("a full disk")
def _():
    with tempfile.TemporaryDirectory(prefix="laerke-disk-") as folder, small_disk(f"{folder}/d", "8m") as disk:
        school = School(f"{disk}/p")
        with Server(school.folder, "--quiet") as server:
            form = Respondent(server).open(school.code("pupil", "Ask"))
            check(save(form, 1) == (200, "kept"))
            filler = os.open(f"{disk}/filler", os.O_CREAT | os.O_WRONLY)
            with contextlib.suppress(OSError):
                while True:
                    os.write(filler, b"x" * 4096)
            os.close(filler)
            # The log may have room left for some; then there is none.
            kept, failed = 1, 0
            for revision in range(2, 4000):
                outcome = save(form, revision)
                if outcome == (200, "kept"):
                    check(not failed, "kept after a failure, with the disk still full")
                    kept = revision
                else:
                    check(outcome == (503, "failed"), str(outcome))
                    failed += 1
                    if failed == 5:
                        break
            check(failed == 5, "the disk was never full")
            with contextlib.closing(sqlite3.connect(f"file:{school.folder}/study.db?mode=ro", uri=True, timeout=20)) as database:
                found = database.execute("SELECT revision, codes FROM answer_page").fetchall()
            check(len(found) == 1 and found[0][0] == kept and found[0][1][0] == kept % 5, f"{found}, acknowledged was {kept}")
            os.remove(f"{disk}/filler")
            check(save(form, 5000) == (200, "kept"), "it does not go on")
            check(form.send(act="submit") == (200, "kept"))


@case("the database is restarted")
def _():
    with tempfile.TemporaryDirectory(prefix="laerke-disk-") as folder, postgres.Server() as database:
        if not database.url:
            raise Skip("PostgreSQL is absent")
        school = School(f"{folder}/p", ["--database", database.database("study"), "--identity-database", database.database("identity")])
        with Server(school.folder, "--quiet") as server:
            form = Respondent(server).open(school.code("pupil", "Ask"))
            check(save(form, 1) == (200, "kept"))
            for turn in range(3):
                database.end()
                check(save(form, 10 * turn + 2) == (503, "failed"), "acknowledged without a database")
                database.start()
                for _ in range(50):
                    if save(form, 10 * turn + 3) == (200, "kept"):
                        break
                    time.sleep(.1)
                else:
                    check(False, "it does not go on")
                revision = database.sql("SELECT revision FROM study.answer_page", "study").strip()
                check(revision == str(10 * turn + 3), revision)
            check(form.send(act="submit") == (200, "kept"))


finish()
