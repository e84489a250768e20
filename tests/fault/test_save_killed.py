"""The server is killed while answers come in: no page that was acknowledged is lost, and none is there twice.

KILLS=200 for the long run; `make check` does a few.
"""
import contextlib
import os
import random
import signal
import sqlite3
import tempfile
import threading
import time

import postgres
from answering import Respondent, School
from site_for_tests import Server
from tap import Skip, case, check, finish

KILLS, RESPONDENTS = int(os.environ.get("KILLS", "6")), 8


class Load:
    """Respondents who save pages of their forms again and again, and the newest that each was told is kept."""

    def __init__(self, server, forms, known, seed):
        self.server, self.known, self.stopped = server, known, False
        self.threads = [threading.Thread(target=self.run, args=(form, random.Random(seed * 100 + i)))
                        for i, form in enumerate(forms)]
        for thread in self.threads:
            thread.start()

    def run(self, form, chance):
        while not self.stopped:
            page, n = chance.choice(form.pages)
            codes = bytes(chance.randrange(3) for _ in range(n))
            revision = form.revision = form.revision + 1
            try:
                if form.save(page, codes, revision) == (200, "kept"):
                    self.known[form.assignment, page] = (revision, codes)
            except Exception:  # the connection broke: whether the page was kept nobody said
                if self.server.process.poll() is not None or self.stopped:
                    return

    def end(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()


def open_forms(server, school):
    forms = []
    for row in school.codes:
        if row["respondent"] == "class_teacher" or len(forms) == RESPONDENTS:
            continue
        form = Respondent(server).open(row["code"])
        form.assignment, form.revision = int(form.word("data-key").split(".")[0]), int(time.time() * 1e6)
        forms.append(form)
    return forms


def run(school, pages_of):
    """Kills the server over and over; then what was acknowledged is held against the store."""
    known, chance, acknowledged, forms = {}, random.Random(1), 0, None
    for kill in range(KILLS):
        with Server(school.folder, "--quiet") as server:
            forms = forms or open_forms(server, school)
            for form in forms:  # the same browsers, at the server that was started anew
                form.server = server
            load = Load(server, forms, known, kill)
            time.sleep(chance.uniform(.15, .6))
            server.stop(signal.SIGKILL)
            load.end()
        acknowledged += len(known)
        kept = pages_of()
        check(len(kept) == len(set((a, p) for a, p, _, _ in kept)), "a page is there twice")
        kept = {(a, p): (r, c) for a, p, r, c in kept}
        for place, (revision, codes) in known.items():
            check(place in kept, f"kill {kill}: {place} was acknowledged and is lost")
            # A newer one may have been kept whose acknowledgement the kill cut off.
            check(kept[place][0] > revision or kept[place] == (revision, codes),
                  f"kill {kill}: {place} holds {kept[place]}, acknowledged was {(revision, codes)}")
    check(acknowledged > 10 * KILLS, f"{acknowledged} pages in {KILLS} kills are no load")


@case("SQLite")
def _():
    with tempfile.TemporaryDirectory(prefix="laerke-killed-") as folder:
        school = School(f"{folder}/p")

        def pages():
            with contextlib.closing(sqlite3.connect(f"{school.folder}/study.db", timeout=20)) as database:
                return database.execute("SELECT assignment, page, revision, codes FROM answer_page").fetchall()
        run(school, pages)


@case("PostgreSQL")
def _():
    with tempfile.TemporaryDirectory(prefix="laerke-killed-") as folder, postgres.Server() as server:
        if not server.url:
            raise Skip("PostgreSQL is absent")
        school = School(f"{folder}/p", ["--database", server.database("study"), "--identity-database", server.database("identity")])

        def pages():
            rows = server.sql("SELECT assignment, page, revision, encode(codes, 'hex') FROM study.answer_page", "study")
            return [(int(a), int(p), int(r), bytes.fromhex(c)) for a, p, r, c in (row.split("|") for row in rows.split())]
        run(school, pages)


finish()
