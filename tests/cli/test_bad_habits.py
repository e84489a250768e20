"""What people do by mistake, from import to profile: each is told as it is, and leaves nothing behind."""
import json
import sqlite3

from tap import case, check, finish, laerke, must, workspace

FORM = {"code": "x", "respondent": "pupil", "categories": 3, "scales": [{"code": "s"}], "items": ["a", "b", "c"]}
PUPILS = [(f"{7 + i % 2}", f"{4 + i % 3}A", f"e{i}") for i in range(48)]


def programme(folder, answers=None):
    """A programme with an open wave; with answers (pupil → cells) it is closed."""
    at = ("-C", folder / "p")
    must("init", folder / "p")
    (folder / "roster.csv").write_text("school;class;pupil\n" + "".join(";".join(p) + "\n" for p in PUPILS))
    (folder / "x.json").write_text(json.dumps(FORM))
    must(*at, "roster", "import", folder / "roster.csv")
    must(*at, "instrument", "load", folder / "x.json")
    must(*at, "wave", "new", "--opens", "2026-11-01", "--closes", "2026-11-30", "--instrument", "x")
    must(*at, "wave", "open", 1)
    if answers:
        lines = [";".join([key, *map(str, answers(i))]) for i, (_, _, key) in enumerate(PUPILS)]
        (folder / "a.csv").write_text("subject;a;b;c\n" + "\n".join(lines) + "\n")
        must(*at, "answer", "import", folder / "a.csv", "--wave", 1, "--instrument", "x")
        must(*at, "wave", "close", 1)
    return at


def dump(folder):
    with sqlite3.connect(folder / "p" / "study.db") as database:
        return list(database.iterdump())


@case("a file of answers without lines, and keys that are CPR numbers, are refused; no number is repeated")
def _():
    with workspace() as folder:
        at = programme(folder)
        before = dump(folder)
        for text, said, silent in (("subject;a\n", "no lines below", None),
                                   ("subject;a\n010203-1234;1\n", "line 2: the column “subject”", "1234"),
                                   ("subject;a\n0102031234;1\n", "CPR", "0102031234")):
            (folder / "a.csv").write_text(text)
            result = laerke(*at, "answer", "import", folder / "a.csv", "--wave", 1, "--instrument", "x")
            check(result.code == 1 and said in result.err and "a.csv" in result.err, result.err)
            check(not silent or silent not in result.err, result.err)
        check(dump(folder) == before)


@case("a wave's name is one line of text")
def _():
    with workspace() as folder:
        at = programme(folder)
        before = dump(folder)
        for name in ("", "two\nlines", "\x1b[31mred", "x" * 500, b"\xff\xfe".decode("utf-8", "surrogateescape")):
            result = laerke(*at, "wave", "new", "--opens", "2027-11-01", "--closes", "2027-11-30", "--instrument", "x",
                            "--name", name)
            check(result.code == 1 and "one line" in result.err, result.err)
        check(dump(folder) == before)


@case("a scale that cannot be measured is called so, not that few answered")
def _():
    for answers, said in ((lambda i: (1, 1, 1), True), (lambda i: (i % 3, "", ""), True),
                          (lambda i: (1, 1, 1) if i < 5 else ("", "", ""), False)):
        with workspace() as folder:
            at = programme(folder, answers)
            must(*at, "publish", "--wave", 1)
            must(*at, "profile", "--unit", "", "--format", "json", "--out", folder / "p.json")
            part = json.loads((folder / "p.json").read_text())["scales"][0]["parts"][0]
            check(part == {"part": "all", "shown": False, "why": "not_measured" if said else "too_few"}, part)
            must(*at, "profile", "--unit", "", "--language", "en", "--out", folder / "p.html")
            page = (folder / "p.html").read_text()
            check(("Nothing could be measured" in page) == said, page)
            check(("Too few answers to show" in page) != said, page)


@case("no rows with a value are an error, not an empty table")
def _():
    with workspace() as folder:
        for text, why in (("v;w\n", "no rows"), ("v;w\n;1\nNA;1\n", "column v has no value in any row"),
                          ("v;w\n1;0\n2;0\n", "the weights in column w are all 0"),
                          ("v;w\n1;\n;2\n", "no row has a value in all of the columns")):
            (folder / "d.csv").write_text(text)
            result = laerke("stat", "means", folder / "d.csv", "--value", "v", "--weight", "w")
            check(result.code == 1 and why in result.err and not result.out, result.out + result.err)


finish()
