"""laerke instrument check | load | list, and laerke wave."""
import json
import sqlite3
import subprocess
import sys

from tap import ROOT, case, check, finish, laerke, must, workspace

sys.path.insert(0, str(ROOT / "tools"))
import pdfcheck  # noqa: E402

MINIMAL = {"code": "maths", "respondent": "pupil", "categories": 2,
           "scales": [{"code": "maths", "name": "Matematik"}], "items": [f"M{i:03}" for i in range(174)]}


@case("the form that comes with the program is in order, as a file and by its name")
def _():
    for name in (ROOT / "instruments/pupil.json", "pupil"):
        result = must("--json", "instrument", "check", name)
        check(result.json["items"] == 56 and result.json["scales"] == 11 and result.json["faults"] == 0, result.out)
    check("56 items, 11 scales, 11 pages (da, en)" in must("instrument", "check", "pupil").err)


@case("174 right-or-wrong items without texts are a short file")
def _():
    with workspace() as folder:
        (folder / "maths.json").write_text(json.dumps(MINIMAL))
        must("init", folder / "p")
        must("-C", folder / "p", "instrument", "load", folder / "maths.json")
        listed = must("-C", folder / "p", "--json", "instrument", "list").json
        check([(row["code"], row["version"]) for row in listed] == [("maths", 1)], listed)


@case("faults are named with file and line, all of them, and nothing is loaded")
def _():
    with workspace() as folder:
        file = folder / "bad.json"
        file.write_text('{\n"code": "x",\n"respondent": "pupil",\n"item": ["a"],\n"scales": [{"code": "s"}]\n}\n')
        result = laerke("instrument", "check", file)
        check(result.code == 1 and f"{file}, line 4: nobody knows the key “item”. Did you mean “items”?" in result.err
              and "line 1: “items” is missing" in result.err, result.err)
        faults = laerke("--json", "instrument", "check", file).json
        check(faults["faults"] == 2 and {fault["line"] for fault in faults["list"]} == {1, 4}, faults)
        must("init", folder / "p")
        check(laerke("-C", folder / "p", "instrument", "load", file).code == 1)
        check(must("-C", folder / "p", "--json", "instrument", "list").json == [])


@case("versions: the same bytes again change nothing, others are the next version")
def _():
    with workspace() as folder:
        file = folder / "maths.json"
        must("init", folder / "p")
        file.write_text(json.dumps(MINIMAL))
        check(must("-C", folder / "p", "--json", "instrument", "load", file).json == {"file": str(file), "version": 1, "existed": False})
        check(must("-C", folder / "p", "--json", "instrument", "load", file).json["existed"] is True)
        file.write_text(json.dumps({**MINIMAL, "grades": [4, 4]}))
        check(must("-C", folder / "p", "--json", "instrument", "load", file).json["version"] == 2)


@case("a translation is opened by a named reviewer, version by version; the first language always is")
def _():
    with workspace() as folder:
        at = ["-C", folder / "p"]
        must("init", folder / "p")
        must(*at, "instrument", "load", "parent")
        approve = ["instrument", "approve", "parent", "--language"]
        for arguments, words in ((["da", "--reviewer", "R"], "first language"), (["fr", "--reviewer", "R"], "has no language “fr”"),
                                 (["ar", "--reviewer", "  "], "give their name"), (["ar", "--reviewer", "a\nb"], "give their name")):
            result = laerke(*at, *approve, *arguments)
            check(result.code == 1 and words in result.err, result.err)
        check(laerke(*at, *approve, "ar").code == 2)
        check(must(*at, *approve, "ar", "--reviewer", "R. Læser").err.count("R. Læser") == 1)
        must(*at, *approve, "ar", "--reviewer", "Another")  # the first approval stands
        rows = must(*at, "--json", "instrument", "list").json[0]["languages"]
        check([(row["language"], row["open"], row["reviewer"]) for row in rows] ==
              [("da", True, None), ("en", False, None), ("ar", True, "R. Læser"), ("tr", False, None)], rows)
        check("da, [en], ar (R. Læser), [tr]" in must(*at, "instrument", "list").out)
        form = json.loads((ROOT / "instruments/parent.json").read_text())
        form["title"]["ar"] += "!"
        (folder / "parent.json").write_text(json.dumps(form))
        must(*at, "instrument", "load", folder / "parent.json")
        rows = must(*at, "--json", "instrument", "list").json
        check([row["languages"][2]["open"] for row in rows] == [True, False], rows)
        must(*at, *approve, "tr", "--reviewer", "R", "--version", 1)
        rows = must(*at, "--json", "instrument", "list").json
        check([row["languages"][3]["open"] for row in rows] == [True, False], rows)


def printed(file, *options):
    return subprocess.run(["pdftotext", *options, file, "-"], check=True, stdout=subprocess.PIPE, text=True).stdout


@case("a questionnaire on paper: every question and option, tagged, in each language that is open, the same bytes twice")
def _():
    with workspace() as folder:
        for form in ("parent", "pupil_young", "teacher", "leader"):
            ours = json.loads((ROOT / f"instruments/{form}.json").read_text())
            for language in ours["languages"]:
                file, again = folder / f"{form}-{language}.pdf", folder / "again.pdf"
                must("instrument", "print", form, "--language", language, "--out", file)
                must("instrument", "print", form, "--language", language, "--out", again)
                check(file.read_bytes() == again.read_bytes() and not pdfcheck.check(file), (file.name, pdfcheck.check(file)))
                if language != "ar":  # pdftotext puts Arabic in the order it is seen in
                    words = " ".join(printed(file).split())
                    for number, id in enumerate((id for page in ours["pages"] for id in page["items"]), 1):
                        item = next(item for item in ours["items"] if item["id"] == id)
                        question = item["text"][language]
                        check(f"{number}. " in words and ("{name}" in question or question in words), question)
        check("Kun i 2.–3. klasse." in printed(folder / "pupil_young-da.pdf") and "Kun hvis dit svar på spørgsmål" in printed(folder / "teacher-da.pdf"))
        first = printed(folder / "parent-da.pdf", "-l", "1")
        check("Skriv koden fra dit brev her" in first and "Side 1 af" in first and "{name}" not in printed(folder / "parent-da.pdf"), first)


@case("on paper too, a translation waits for its approval; a test without pages is nothing to print")
def _():
    with workspace() as folder:
        at = ["-C", folder / "p"]
        must("init", folder / "p")
        must(*at, "instrument", "load", "parent")
        result = laerke(*at, "instrument", "print", "parent", "--language", "ar", "--out", folder / "a.pdf")
        check(result.code == 1 and "not open to respondents in “ar”" in result.err and not (folder / "a.pdf").exists(), result.err)
        must(*at, "instrument", "approve", "parent", "--language", "ar", "--reviewer", "R")
        check(must(*at, "--json", "instrument", "print", "parent", "--language", "ar", "--out", folder / "a.pdf").json["pages"] == 6)
        (folder / "maths.json").write_text(json.dumps(MINIMAL))
        check("nothing to print" in laerke("instrument", "print", folder / "maths.json", "--out", folder / "a.pdf").err)
        check(laerke("instrument", "print", "parent").code == 2)


@case("a wave: made, listed, opened, closed, in that order alone")
def _():
    with workspace() as folder:
        at = ["-C", folder / "p"]
        must("init", folder / "p")
        must(*at, "instrument", "load", "pupil")
        new = ["wave", "new", "--opens", "2026-11-02", "--closes", "2026-11-20"]
        check(must(*at, "--json", *new, "--instrument", "pupil").json == {"wave": 1})
        check(laerke(*at, *new).code == 2)
        for arguments, words in ((["--instrument", "nobody"], "no instrument “nobody”"),
                                 (["--instrument", "pupil", "pupil"], "named twice"),
                                 (["--instrument", "pupil", "--name", "x" * 300], "one line of 1 to 199 bytes")):
            result = laerke(*at, *new, *arguments)
            check(result.code == 1 and words in result.err, result.err)
        check(laerke(*at, "wave", "close", 1).code == 1)
        check(must(*at, "--json", "wave", "open", 1).json == {"wave": 1, "assignments": 0})
        must(*at, "wave", "close", 1)
        result = laerke(*at, "wave", "open", 1)
        check(result.code == 1 and "closed" in result.err, result.err)
        check(laerke(*at, "wave", "open", "one").code == 2)
        waves = must(*at, "--json", "wave", "list").json
        check(waves == [{"wave": 1, "name": "Kortlægning 2026", "opens": "2026-11-02", "closes": "2026-11-20",
                         "state": "closed", "instruments": ["pupil"]}], waves)
        check("02.11.2026 – 20.11.2026  lukket  pupil" in must("--lang", "da", *at, "wave", "list").out)
        with sqlite3.connect(folder / "p/study.db") as study:
            check(study.execute("SELECT COUNT(*) FROM wave").fetchone() == (1,), "a refused wave left a row")


finish()
