"""kill -9 in the middle of a roster import: the programme is as it was before, or as it is after; the
import then runs again and gives what it gives undisturbed."""
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import postgres
from tap import LAERKE, Skip, case, check, finish, must, workspace

PUPILS, ROUNDS = 12000, 20
SERVER = postgres.Server()

# Everything the roster says, by its own keys: ids and pseudonyms differ from run to run.
IDENTITY = {
    "people": "SELECT kind, source_key, given_name, family_name, active FROM person ORDER BY kind, source_key",
    "guardians": "SELECT c.source_key, g.source_key, l.custody, l.protected FROM guardian l"
                 " JOIN person c ON c.id = l.child JOIN person g ON g.id = l.person ORDER BY 1, 2",
    "staff": "SELECT p.source_key, s.unit, s.role FROM staff s JOIN person p ON p.id = s.person ORDER BY 1, 2, 3",
    "subjects": "SELECT s.subject, p.source_key FROM pseudonym s JOIN person p ON p.id = s.person",
}
STUDY = {
    "units": "SELECT u.id, u.kind, p.code, u.code, u.name, u.grade FROM unit u LEFT JOIN unit p ON p.id = u.parent",
    "enrolments": "SELECT subject, unit, role, grade, gender FROM enrolment WHERE wave = 0",
}


def write_roster(folder, changed):
    """The second roster moves every third pupil, renames, adds, and drops guardians."""
    folder.mkdir()
    with open(folder / "pupils.csv", "w") as pupils, open(folder / "guardians.csv", "w") as guardians:
        pupils.write("kommune;skole;klasse;elev;navn;køn\n")
        guardians.write("barn;forælder;navn;custody\n")
        for i in range(PUPILS + (2000 if changed else 0)):
            room = i % 400 + (1 if changed and i % 3 == 0 else 0)
            pupils.write(f"k{room % 5};s{room % 40};{room % 10}.{'ab'[room // 200 % 2]};e{i};"
                         f"Ida {'Sofie' if changed and i % 7 == 0 else 'Marie'} Nr{i};{'fm'[i % 2]}\n")
            if not (changed and i % 11 == 0):
                guardians.write(f"e{i};f{i};Bo Nr{i};ja\n")
    with open(folder / "staff.csv", "w") as staff:
        staff.write("medarbejder;rolle;kommune;skole\n")
        for i in range(400):
            school = (i + (1 if changed else 0)) % 40
            staff.write(f"m{i};{'lærer' if i % 4 else 'pædagog'};k{school % 5};s{school}\n")


class Sqlite:
    def __init__(self, dir):
        self.dir = dir

    def query(self, store, sql):
        connection = sqlite3.connect(self.dir / f"{store}.db")
        try:
            return [tuple(row) for row in connection.execute(sql)]
        finally:
            connection.close()

    def check_whole(self):
        for store in ("identity", "study"):
            check(self.query(store, "PRAGMA integrity_check") == [("ok",)])
            check(self.query(store, "PRAGMA foreign_key_check") == [])


class Postgres:
    def __init__(self, database):
        self.database = database

    def query(self, store, sql):
        lines = SERVER.sql(f"SET search_path TO {store}; {sql}", self.database).splitlines()
        return [tuple(int(cell) if cell.lstrip("-").isdigit() else cell or None for cell in line.split("|")) for line in lines]

    def check_whole(self):
        """Nothing to ask: the server keeps its own files whole."""


def state(database):
    database.check_whole()
    found = {name: database.query("identity", sql) for name, sql in IDENTITY.items()}
    study = {name: database.query("study", sql) for name, sql in STUDY.items()}
    keys, units = dict(found.pop("subjects")), {row[0]: row[1:4] for row in study["units"]}
    check(all(unit in units for _, unit, _ in found["staff"]), "staff at a unit that is not there")
    found["staff"] = sorted(str((key, units[unit], role)) for key, unit, role in found["staff"])
    found["units"] = sorted(str(row[1:]) for row in study["units"])
    check(all(row[0] in keys for row in study["enrolments"]), "a pseudonym of nobody")
    found["enrolments"] = sorted(str((keys[row[0]], units[row[1]], *row[2:])) for row in study["enrolments"])
    return found


def kill_import(dir, roster, after):
    process = subprocess.Popen([LAERKE, "-C", dir, "roster", "import", roster], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(after)
    killed = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return killed


def rounds(folder, fresh, n):
    """fresh(i) makes a programme with the first roster; returns its folder and database."""
    dir, database = fresh(0)
    former = state(database)
    begun = time.monotonic()
    must("-C", dir, "roster", "import", folder / "second")
    seconds = time.monotonic() - begun
    later = state(database)
    check(former["people"] != later["people"] and former["staff"] != later["staff"])
    killed = 0
    random.seed(20150801)
    for i in range(1, n + 1):
        dir, database = fresh(i)
        killed += kill_import(dir, folder / "second", random.uniform(0.05, 0.9) * seconds)
        found = state(database)
        # Between its two commits the import leaves people who stand nowhere yet; each store is whole.
        for part in (("people", "guardians"), ("units", "enrolments")):
            check(any(all(found[name] == whole[name] for name in part) for whole in (former, later)),
                  f"round {i}: {part} is neither as before nor as after")
        must("-C", dir, "roster", "import", folder / "second")
        check(state(database) == later, f"round {i}: the second import gave something else")
        check(not must("-C", dir, "roster", "import", folder / "second", "--json").json["changed"])
    # How long an import takes varies on a busy machine; most, or at least a good part, must have been under way.
    check(killed >= n // 4, f"only {killed} of {n} were killed in time")


@case(f"killed {ROUNDS} times on SQLite")
def _():
    with workspace() as folder:
        write_roster(folder / "first", False)
        write_roster(folder / "second", True)
        must("init", folder / "base")
        must("-C", folder / "base", "roster", "import", folder / "first")

        def fresh(i):
            dir = folder / f"p{i}"
            shutil.copytree(folder / "base", dir)
            if i > 1:
                shutil.rmtree(folder / f"p{i - 1}")
            return dir, Sqlite(dir)

        rounds(folder, fresh, ROUNDS)


@case("killed four times on PostgreSQL")
def _():
    if not SERVER.url:
        raise Skip("PostgreSQL is absent")
    with workspace() as folder:
        write_roster(folder / "first", False)
        write_roster(folder / "second", True)

        def fresh(i):
            dir = folder / f"p{i}"
            must("init", dir, "--database", SERVER.database(f"kill{i}"))
            must("-C", dir, "roster", "import", folder / "first")
            return dir, Postgres(f"kill{i}")

        rounds(folder, fresh, 4)


with SERVER:
    finish()
