"""laerke demo: a simulated programme, the same from the same seed, on both databases."""
import collections
import csv
import json
import sqlite3

import postgres
from tap import Skip, case, check, finish, laerke, must, workspace

VECTORS = ("SELECT a.subject, a.state, COALESCE({hex}, '') FROM {study}assignment a "
           "LEFT JOIN {study}answer w ON w.assignment = a.id ORDER BY a.subject")
SMALL = ["--pupils", "400"]


def answers(folder):
    with sqlite3.connect(folder / "study.db") as study:
        return [tuple(map(str, row)) for row in study.execute(VECTORS.format(hex="lower(hex(w.vector))", study=""))]


def number(folder, store, sql):
    with sqlite3.connect(folder / f"{store}.db") as database:
        return database.execute(sql).fetchone()[0]


@case("the same seed makes the same truth and the same answers; another makes others")
def _():
    with workspace() as folder:
        for name, seed in (("a", 5), ("b", 5), ("c", 6)):
            must("demo", folder / name, *SMALL, "--seed", seed)
        truth = {name: (folder / name / "out/truth.csv").read_bytes() for name in "abc"}
        check(truth["a"] == truth["b"], "two truths from one seed")
        check(truth["a"] != truth["c"], "one truth from two seeds")
        check(answers(folder / "a") == answers(folder / "b"), "two sets of answers from one seed")


@case("it is what it says: units, people, roles, one closed wave")
def _():
    with workspace() as folder:
        result = must("--json", "demo", folder / "p", "--pupils", 2000)
        check(result.json["wave"] == 1 and result.json["logins"][0] == "programme", result.out)
        kinds = {"municipality": 4, "school": 12}
        for kind, n in kinds.items():
            check(number(folder / "p", "study", f"SELECT COUNT(*) FROM unit WHERE kind = '{kind}'") == n, kind)
        check(number(folder / "p", "identity", "SELECT COUNT(*) FROM person WHERE kind = 'pupil'") == 2000)
        check(number(folder / "p", "study", "SELECT COUNT(*) FROM enrolment WHERE wave = 0 AND role = 'pupil'") == 2000)
        check(number(folder / "p", "identity", "SELECT COUNT(*) FROM guardian WHERE custody = 1") > 2000)
        for role in ("teacher", "class_teacher", "pedagogue", "leader"):
            check(number(folder / "p", "identity", f"SELECT COUNT(*) FROM staff WHERE role = '{role}'") > 10, role)
        check(number(folder / "p", "study", "SELECT state FROM wave") == "closed")
        check(number(folder / "p", "study", "SELECT COUNT(*) FROM enrolment e JOIN assignment a ON a.subject = e.subject "
                     "AND e.wave = 1 WHERE e.grade < 4") == 0, "the youngest are not asked")
        check(number(folder / "p", "identity", "SELECT COUNT(*) FROM account") == 5)
        check("pupil" in must("-C", folder / "p", "instrument", "list").out)


@case("nobody's name is invented: people are numbers")
def _():
    with workspace() as folder:
        must("demo", folder / "p", *SMALL)
        with sqlite3.connect(folder / "p/identity.db") as identity:
            names = set(identity.execute("SELECT DISTINCT given_name FROM person"))
            check(names == {("Elev",), ("Forælder",), ("Lærer",), ("Pædagog",), ("Leder",)}, names)
            check(all(name.isdigit() for (name,) in identity.execute("SELECT family_name FROM person")))


@case("truth.csv: every unit × scale that was asked, around 500")
def _():
    with workspace() as folder:
        must("demo", folder / "p", "--pupils", 2000)
        rows = list(csv.DictReader((folder / "p/out/truth.csv").open()))
        kinds = collections.Counter(row["kind"] for row in rows)
        check(kinds["programme"] == 11 and kinds["school"] <= 12 * 11, kinds)
        asked = number(folder / "p", "study", "SELECT COUNT(*) FROM assignment")
        submitted = number(folder / "p", "study", "SELECT COUNT(*) FROM assignment WHERE state = 'submitted'")
        for kind in ("programme", "municipality", "school", "class"):
            of = [row for row in rows if row["kind"] == kind and row["scale"] == "voice"]
            check(sum(int(row["asked"]) for row in of) == asked, kind)
            check(sum(int(row["answered"]) for row in of) == submitted, kind)
        whole = [float(row["points"]) for row in rows if row["kind"] == "programme"]
        check(all(490 < points < 510 for points in whole), whole)


def published(folder):
    """(unit, scale) → the part "all", of every unit that has one to show."""
    with sqlite3.connect(folder / "study.db") as study:
        rows = study.execute("SELECT frozen FROM result").fetchall()
    for (frozen,) in rows:
        result = json.loads(frozen)
        codes = [unit["code"] for unit in result["path"][1:]] + [result["unit"]["code"]]
        for scale in result["scales"]:
            for part in scale["parts"]:
                if part["part"] == "all" and part["shown"] and "mean" in part:
                    yield "/".join(codes), scale["scale"], part


@case("what is published covers what is true, as often as it says")
def _():
    with workspace() as folder:
        must("demo", folder / "p", "--pupils", 16000, "--seed", 11)
        truth = {(row["unit"], row["scale"]): row for row in csv.DictReader((folder / "p/out/truth.csv").open())}
        covered, bias = collections.defaultdict(list), collections.defaultdict(list)
        for unit, scale, part in published(folder / "p"):
            row = truth[unit, scale]
            points = float(row["points"])
            covered[row["kind"]].append(part["low"] <= points <= part["high"])
            bias[row["kind"]].append(part["mean"] - points)
            check(int(row["answered"]) >= part["n"], f"{unit} {scale}: more answers than were drawn")
        share = {kind: sum(each) / len(each) for kind, each in covered.items()}
        check(len(covered["class"]) > 3000 and .92 < share["class"] < .98, share)
        # A school's interval is for pupils like these in classes like these: wider than for these classes.
        check(share["school"] > .95, share)
        for kind in ("class", "school", "municipality"):
            check(abs(sum(bias[kind]) / len(bias[kind])) < 3, f"{kind}: biased by {sum(bias[kind]) / len(bias[kind])}")


@case("PostgreSQL gets the same programme")
def _():
    with postgres.Server() as server, workspace() as folder:
        if not server.url:
            raise Skip("PostgreSQL is absent")
        must("demo", folder / "a", *SMALL)
        must("demo", folder / "b", *SMALL, "--database", server.database("demo"))
        check((folder / "a/out/truth.csv").read_bytes() == (folder / "b/out/truth.csv").read_bytes(), "truth")
        rows = server.sql(VECTORS.format(hex="encode(w.vector, 'hex')", study="study."), "demo").split("\n")[:-1]
        check([tuple(row.split("|")) for row in rows] == answers(folder / "a"), "answers")


@case("what cannot be made is refused with what to do")
def _():
    with workspace() as folder:
        for arguments, code, words in (
                (["--pupils", "19"], 1, "fewer schools or more pupils"),
                (["--pupils", "1000", "--schools", "51"], 1, "at most 50 schools"),
                (["--pupils", "0"], 2, "--pupils"), (["--waves", "2"], 2, "--waves"), (["--seed", "x"], 2, "--seed")):
            result = laerke("demo", folder / "p", *arguments)
            check(result.code == code and words in result.err, f"{arguments}: {result.code} {result.err}")
            check(not (folder / "p").exists(), "a refused simulation left a folder")
        must("demo", folder / "q", *SMALL)
        result = laerke("demo", folder / "q", *SMALL)
        check(result.code == 1 and "not empty" in result.err, result.err)


finish()
