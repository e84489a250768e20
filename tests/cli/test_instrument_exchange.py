"""laerke instrument import | export: questionnaires of other programs, and ours for them. tests/form_files.py says how
the files were made."""
import json
import re

from form_files import KOBO, SETTINGS, SURVEY, meaning, write_folder, write_workbook
from tap import ROOT, case, check, finish, laerke, must, workspace

FORMS = ("pupil_young", "pupil", "class_teacher", "parent", "teacher", "pedagogue", "leader")


def same(ours, theirs):
    ours, theirs = meaning(ours), meaning(theirs)
    for key in ours:
        check(ours[key] == theirs[key], f"{ours['code']} {key}: {ours[key]!r:.600} {theirs[key]!r:.600}")


def lines(result, sheet):
    """The rows that something was named in: line → the words."""
    return {int(at): words for at, words in re.findall(rf"\(?{sheet}(?:\.csv|\)), line (\d+): (.*)", result.err)}


@case("the seven questionnaires go out as XLSForm and come back the same, as a workbook and as CSV")
def _():
    with workspace() as folder:
        for form in FORMS:
            ours = json.loads((ROOT / f"instruments/{form}.json").read_text())
            for name in (f"{form}.xlsx", form):
                must("instrument", "export", form, "--format", "xlsform", "--out", folder / name)
                back = must("--json", "instrument", "import", folder / name, "--format", "xlsform").json
                check(back["left"] == 0, back["list"])
                same(ours, back["instrument"])


@case("what none of the seven has comes back too: text, grades with an answer, symbols, one language, a place of its own")
def _():
    form = {
        "code": "odd.1", "respondent": "leader", "grades": [1, 9], "languages": ["en"], "title": "T", "layout": "single", "thanks": "Bye, {name}",
        "categories": [{"value": 3, "label": "=low", "symbol": "frown"}, {"value": -1, "label": "-high \"x\"", "symbol": "smile"}],
        "items": [{"id": "b", "text": "B\nover, two lines", "reversed": True, "required": True, "grades": [2, 3], "if": {"item": "a", "is": [3, -1]}},
                  {"id": "t", "kind": "text", "limit": 40, "text": "@T"},
                  {"id": "a", "text": "A {name}", "dont_know": True, "not_applicable": True}],
        "scales": [{"code": "s", "name": "S", "meaning": "M", "above": "a", "below": "b", "teaching": True, "lowest_unit": "school", "items": ["b", "a"]},
                   {"code": "r", "name": "R", "meaning": "M", "use": "background", "items": ["t"]}],
        "pages": [{"items": ["a"], "once": "person"}, {"items": ["t", "b"], "grades": [4, 4], "intro": "i", "outro": "o", "if": {"item": "a", "is": [3]}}],
    }
    test = {"code": "maths", "respondent": "pupil", "categories": 2, "scales": [{"code": "m", "items": ["I1", "I2"]}], "items": ["I1", "I2"]}
    with workspace() as folder:
        for number, ours in enumerate((form, test)):
            (folder / f"{number}.json").write_text(json.dumps(ours))
            must("instrument", "check", folder / f"{number}.json")
            for name in ("out.xlsx", f"out{number}"):
                must("instrument", "export", folder / f"{number}.json", "--out", folder / name)
                back = must("--json", "instrument", "import", folder / name).json
                theirs = back["instrument"]
                if ours is test:  # a scale without a name is called by its code
                    theirs["scales"] = [{"code": "m", "items": theirs["scales"][0]["items"]}]
                    check("pages" not in theirs)
                check(back["left"] == 0, back["list"])
                same(ours, theirs)


@case("an XLSForm from a form designer: what it says is taken, and what we cannot hold is named with its row")
def _():
    with workspace() as folder:
        write_folder(folder / "csv", KOBO)
        write_workbook(folder / "form.xlsx", KOBO)
        check("--respondent" in laerke("instrument", "import", folder / "csv").err)
        got = []
        for name in ("csv", "form.xlsx"):
            result = must("instrument", "import", folder / name, "--respondent", "parent", "--out", folder / "out.json")
            got.append(json.loads((folder / "out.json").read_text()))
            named = lines(result, "survey")
            for line, words in ((2, "start"), (6, "a new page begins before “how_often”"), (7, "“hours” is of a type"), (10, "or_other"),
                                (11, "select_multiple often"), (12, "${hours} > 3"), (14, "without questions"), (15, "calculate")):
                check(line in named, f"{name} line {line}: {result.err}")
                check(words in result.err, f"{words}: {result.err}")
            for words in ("“Tænk på en uge.” in the column “hint::Dansk (da)”", "for ${child}?” quotes", "minimal", "not translated into “en”",
                          "no = 0, some = 1, yes = 2", "sun.png", "“unused”", "2026110901", "says nothing of scales"):
                check(words in result.err, f"{words}: {result.err}")
        form = got[0]
        check(got[0] == got[1], "the workbook says something else than the folder")
        check(form["code"] == "homework-2" and form["title"]["da"] == "Lektier & læsning" and form["languages"] == ["da", "en"], form)
        check([item["id"] for item in form["items"]] == ["helps", "how_often", "read", "remarks"], form["items"])
        check([page["items"] for page in form["pages"]] == [["helps"], ["how_often"], ["read", "remarks"]], form["pages"])
        check(form["pages"][0]["intro"]["en"] == "Answer for the last year." and form["pages"][2]["if"] == {"item": "helps", "is": [2, 1]}, form["pages"])
        check(form["items"][0]["required"] is True and form["items"][1]["if"] == {"item": "helps", "is": [2]}, form["items"])
        check(form["items"][3]["limit"] == 200 and form["items"][3]["kind"] == "text", form["items"])
        check([c["value"] for c in form["category_sets"]["often"]] == [1, 2, 3], form["category_sets"])
        check({scale["use"] for scale in form["scales"]} == {"background"}, form["scales"])
        must("instrument", "check", folder / "out.json")


@case("one language without a name, the older spellings, and CSV with semicolons")
def _():
    with workspace() as folder:
        (folder / "f").mkdir()
        (folder / "f/survey.csv").write_text("type;name;label\nbegin group;g;Gruppe\nselect one yn;a b;Spørgsmål?\nend group;;\n", encoding="cp1252")
        (folder / "f/choices.csv").write_text("list name;name;label\nyn;0;Nej\nyn;1;Ja\n")
        result = must("instrument", "import", folder / "f", "--respondent", "pupil", "--out", folder / "o.json")
        form = json.loads((folder / "o.json").read_text())
        check(form["items"][0]["id"] == "a_b" and form["items"][0]["text"] == {"da": "Spørgsmål?"} and form["code"] == "f", form)
        for words in ("“a b” is called “a_b”", "taken for Danish", "no title"):
            check(words in result.err, result.err)


@case("what is no workbook, too large or set with traps is refused in one sentence")
def _():
    with workspace() as folder:
        (folder / "a.xlsx").write_bytes(b"PK\x03\x04 not really")
        write_workbook(folder / "doctype.xlsx", KOBO, before='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]>')
        write_workbook(folder / "bomb.xlsx", KOBO, extra={"xl/sharedStrings.xml": "<sst>" + " " * (64 << 20) + "</sst>"})
        write_workbook(folder / "long.xlsx", {**KOBO, "survey": SURVEY + [["text", f"t{n}", "?", "?"] for n in range(20001)]})
        write_workbook(folder / "broken.xlsx", KOBO, extra={"xl/workbook.xml": "<workbook><sheets>"})
        write_workbook(folder / "other.xlsx", {"Ark1": [["a", "b"], ["1", "2"]]})
        (folder / "empty").mkdir()
        for name, words in (("a.xlsx", "not a workbook"), ("doctype.xlsx", "DOCTYPE"), ("bomb.xlsx", "too large"), ("long.xlsx", "too large"),
                            ("broken.xlsx", "not valid XML"), ("other.xlsx", "no XLSForm"), ("empty", "no XLSForm"), ("nowhere.xlsx", "cannot be read")):
            result = laerke("instrument", "import", folder / name, "--respondent", "parent")
            check(result.code == 1 and words in result.err and result.err.count("\n") == 1 and not result.out, f"{name}: {result.err}")
        check(laerke("instrument", "import", folder / "a.xlsx", "--format", "word").code == 2)
        check(laerke("instrument", "import", folder / "a.xlsx", "--respondent", "nobody").code == 2)
        check(laerke("instrument", "export", "pupil", "--out", folder / "no/such/place.xlsx").code == 1)
        check(laerke("instrument", "export", "pupil").code == 2)


@case("an instrument is exported by its code, in the version that was asked for")
def _():
    with workspace() as folder:
        at = ["-C", folder / "p"]
        must("init", folder / "p")
        form = json.loads((ROOT / "instruments/leader.json").read_text())
        for code, title in (("mine", "One"), ("mine", "Two")):
            (folder / "f.json").write_text(json.dumps({**form, "code": code, "title": {"da": title, "en": title}}))
            must(*at, "instrument", "load", folder / "f.json")
        for arguments, title in (([], "Two"), (["--version", 1], "One")):
            must(*at, "instrument", "export", "mine", "--out", folder / "o.xlsx", *arguments)
            check(must("--json", "instrument", "import", folder / "o.xlsx").json["instrument"]["title"]["da"] == title)
        check(laerke(*at, "instrument", "export", "mine", "--out", folder / "o.xlsx", "--version", 3).code == 1)


if __name__ == "__main__":
    finish()
