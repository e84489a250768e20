"""laerke answer import: whole or not at all, the same twice, every bad line named, on both databases."""
import contextlib
import json
import random

import postgres
from answers import Programme, write
from tap import Skip, case, check, finish, laerke, must, workspace


@contextlib.contextmanager
def programmes():
    """One after the other on SQLite and, where it is installed, on PostgreSQL."""
    def both():
        with workspace() as folder:
            yield folder, Programme(folder)
        with postgres.Server() as server, workspace() as folder:
            if server.url:
                yield folder, Programme(folder, server)
    yield both()


def load(programme, file, *more):
    return laerke(*programme.at, "--json", "answer", "import", file, "--wave", 2, "--instrument", "x", *more)


@case("answers come in, again they change nothing, and corrected they change that alone")
def _():
    with programmes() as both:
        for folder, programme in both:
            keys = programme.keys()
            check(len(keys) == programme.asked > 20, programme.asked)
            rows = [(0, "NA", 1), ("", "", ""), (2, 1, 4)] + [(i % 3, i % 3, 2) for i in range(len(keys) - 3)]
            file = write(folder / "a.csv", keys, rows)
            result = load(programme, file)
            check(result.code == 0, result.err)
            n = len(keys)
            check(result.json == {"rows": n, "answers": 3 * n - 4, "changed": n - 1, "unchanged": 1, "items": 3,
                                  "ignored": None}, result.out)
            before = programme.state()
            check(sum(row[1] == "submitted" for row in before) == n - 1)
            check({row[3] for row in before} >= {"00ff00", "020102", ""}, before[:5])
            again = load(programme, file).json
            check(again["changed"] == 0 and again["unchanged"] == n, again)
            check(programme.state() == before, "a second import changed something")
            write(file, keys[:3], [(1,), (1,), ("",)], header=("Subject", "B"))
            result = load(programme, file)
            check(result.json["changed"] == 3, result.out)
            vectors = [row[3] for row in programme.state()]
            check("000100" in vectors and "ff01ff" in vectors and "02ff02" in vectors, vectors[:9])


@case("columns that are no item are named; the key's column has any name")
def _():
    with workspace() as folder:
        programme = Programme(folder)
        file = write(folder / "a.csv", programme.keys()[:2], [(1, "x", 2, 4), (1, "y", 2, 4)],
                     header=("elev", "a", "skole", "b", "c"), separator=",")
        result = load(programme, file, "--id", "elev")
        check(result.code == 0 and result.json["ignored"] == "skole", result.out + result.err)
        result = load(programme, file)
        check(result.code == 1 and "no column “subject”" in result.err, result.err)


@case("every bad line is named with what to do, and nothing is changed")
def _():
    with programmes() as both:
        for folder, programme in both:
            keys, file = programme.keys(), folder / "a.csv"
            young = next(f"elev-{i}" for i in range(1, 400) if f"elev-{i}" not in keys)
            good = write(folder / "good.csv", keys[:4], [(0, 0, 1)] * 4)
            must(*programme.at, "answer", "import", good, "--wave", 2, "--instrument", "x")
            before = programme.state()
            table = [
                ("subject;a;b;c\n%s;3;0;1\n" % keys[0], 'line 2, column “a”: “3” is none of the item\'s values (0, 1, 2)'),
                ("subject;a;b;c\n%s;1;0;3\n" % keys[0], 'line 2, column “c”: “3” is none of the item\'s values (1, 2, 4)'),
                ("subject;a;b;c\n%s;1;zero;1\n" % keys[0], 'line 2, column “b”: “zero”'),
                ("subject;a;b;c\n%s;1;1.0;1\n" % keys[0], 'line 2, column “b”: “1.0”'),
                ("subject;a;b;c\n%s;0;0;1\nnobody;0;0;1\n" % keys[0], 'line 3: nobody in the roster has the key “nobody”'),
                ("subject;a;b;c\n%s;0;0;1\n;0;0;1\n" % keys[0], 'line 3: the column “subject” is empty'),
                ("subject;a;b;c\n%s;0;0;1\n%s;1;0;1\n" % (keys[0], keys[0]), f'line 3: “{keys[0]}” stands on line 2 already'),
                ("subject;a;b;c\n%s;0;0;1\n" % young, f'line 2: “{young}” is not asked'),
                ("subject;a;b;c\n%s;0;0\n" % keys[0], "line 2"),
                ("subject;q;r\n%s;0;0\n" % keys[0], "no column is an item of “x”"),
                ("subject;a;b;c\n0102031234;0;0;1\n", "line 2: the column “subject” holds a value shaped like a CPR number"),
                ("subject;a;b;c\n", "has column names but no lines"),
                ("", "a.csv"), ("%PDF-1.7\n\x00\x01", "a.csv"),
            ]
            for text, words in table:
                file.write_text(text)
                result = load(programme, file)
                check(result.code == 1 and words in result.err and str(file) in result.err, f"{text!r}: {result.err}")
                check("0102031234" not in result.err, "a CPR number is repeated in a message")
                check(programme.state() == before, f"{text!r} changed something")
            many = write(file, keys, [(9, 9, 9)] * len(keys))
            result = load(programme, many)
            check(result.err.count("is none of the item's values") == 50 and "more of this kind" in result.err, result.err)
            check(programme.state() == before)


@case("only an open wave takes answers, and only those of its instruments")
def _():
    with workspace() as folder:
        programme = Programme(folder)
        file = write(folder / "a.csv", programme.keys()[:1], [(0, 0, 1)])
        for wave, instrument, words in ((1, "pupil", "is not open"), (7, "x", "There is no wave 7"),
                                        (2, "pupil", "does not ask with the instrument “pupil”")):
            result = laerke(*programme.at, "answer", "import", file, "--wave", wave, "--instrument", instrument)
            check(result.code == 1 and words in result.err, result.err)
        check(laerke(*programme.at, "answer", "import", file, "--instrument", "x").code == 2)
        check(laerke(*programme.at, "answer", "import", file, "--wave", 2).code == 2)
        must(*programme.at, "wave", "close", 2)
        check("is not open" in load(programme, file).err)


@case("a scale whose answers cannot be measured is left out, and holds no other back")
def _():
    with workspace() as folder:
        form = json.dumps({"code": "x", "respondent": "pupil", "categories": 2,
                           "scales": [{"code": "steps", "items": ["a1", "a2", "a3", "a4"]},
                                      {"code": "fine", "items": ["b1", "b2", "b3", "b4"]}],
                           "items": ["a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"]})
        programme = Programme(folder, None, pupils=200, form=form)
        keys, chance = programme.keys(), random.Random(3)
        # The first four in one order: whoever answers yes to one answers yes to all before it.
        rows = [[int(n % 5 > k) for k in range(4)] + [chance.randrange(2) for _ in range(4)] for n in range(len(keys))]
        file = write(folder / "a.csv", keys, rows, ["subject", "a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"])
        must(*programme.at, "answer", "import", file, "--wave", 2, "--instrument", "x")
        must(*programme.at, "wave", "close", 2)
        result = must(*programme.at, "--json", "publish", "--wave", 2)
        check(result.json["failed"] == "x steps" and result.json["scales"] == 1, result.out)
        check("could not be measured" in result.err, result.err)


finish()
