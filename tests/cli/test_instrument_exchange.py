"""laerke instrument import | export: questionnaires of other programs, and ours for them. tests/form_files.py says how
the files were made."""
import json
import re

from form_files import KOBO, LIME, LIME_OLD, SURVEY, SURVEYJS, lss, meaning, write_folder, write_workbook
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
        (folder / "g").mkdir()
        (folder / "g/survey.csv").write_text("type,name,label,label::English (en)\ntext,q,Uden sprog,With one\n")
        both = must("--json", "instrument", "import", folder / "g", "--respondent", "pupil").json
        check(both["instrument"]["items"][0]["text"] == {"en": "With one"} and "“Uden sprog” in the column “label”" in str(both["list"]), both)
        for words in ("“a b” is called “a_b”", "taken for Danish", "no title"):
            check(words in result.err, result.err)


def texts(form, key):
    return [item["text"][key] for item in form["items"]]


@case("a SurveyJS survey: question types of the subset, pages, panels and conditions; the rest is named with its line")
def _():
    with workspace() as folder:
        file = folder / "reading.json"
        file.write_text(json.dumps(SURVEYJS, indent=2))
        result = must("instrument", "import", file, "--format", "surveyjs", "--respondent", "parent", "--out", folder / "o.json")
        form = json.loads((folder / "o.json").read_text())
        must("instrument", "check", folder / "o.json")
        check(form["languages"] == ["en", "da"] and form["code"] == "reading" and form["title"] == {"en": "Reading at home", "da": "Læsning hjemme"}, form)
        check(form["thanks"]["da"] == "Tak!\nFarvel" and form["notice"]["en"] == "About one child & its books", form)
        check([item["id"] for item in form["items"]] == ["reads", "fun", "places.bed", "places.train", "light", "why", "book"], form["items"])
        check(texts(form, "da") == ["Læser du?", "Hvor sjovt?", "Hvor tit: i sengen?", "Hvor tit: train", "Med lys?", "Hvorfor?", "Book"], texts(form, "da"))
        check([page["items"] for page in form["pages"]] == [["reads"], ["fun"], ["places.bed", "places.train"], ["light", "why"], ["book"]], form["pages"])
        check(form["pages"][0]["intro"] == {"en": "Hello\nthere", "da": "Hej"} and form["pages"][3]["if"] == {"item": "places.bed", "is": [2, 1]}, form["pages"])
        check(form["items"][1]["if"] == {"item": "reads", "is": [1]} and form["items"][2]["required"] and form["items"][0]["required"], form["items"])
        check([c["label"]["da"] for c in form["category_sets"]["fun"]] == ["1 (slet ikke)", "2", "3", "4"], form["category_sets"])
        check([c["label"]["da"] for c in form["category_sets"]["light"]] == ["Nej", "Ja"] and form["items"][5]["limit"] == 4000, form)
        source = file.read_text().splitlines()
        for words, near in (("showOtherItem", "showOtherItem"), ("“when” is of a type", None), ("(number)", None), ("notempty", None),
                            ("navigationButtonsVisibility", "navigationButtonsVisibility"), ("<b>", "description"), ("9000", None), ("{age}", "{age}"),
                            ("before “fun”", None), ("“a” (book)", None), ("no = 0, yes = 1", None)):
            said = [line for line in result.err.splitlines() if words in line]
            check(said, f"{words}: {result.err}")
            at = int(re.search(r"line (\d+)", said[0])[1])
            check(near is None or near in source[at - 1], f"{words} is not on line {at}: {source[at - 1]}")


@case("a LimeSurvey structure, of version 4 and later and of an older one")
def _():
    with workspace() as folder:
        file = folder / "limesurvey_survey_482913.lss"
        file.write_text(lss(LIME, ["da", "en"]))
        result = must("instrument", "import", file, "--respondent", "pupil", "--out", folder / "o.json")
        form = json.loads((folder / "o.json").read_text())
        must("instrument", "check", folder / "o.json")
        check(form["languages"] == ["da", "en"] and form["code"] == "survey482913" and form["notice"] == {"da": "Trivsel!", "en": "Well-being!"}, form)
        check([item["id"] for item in form["items"]] == ["Q1", "Q4", "G1_SQ001", "G1_SQ002", "Q2", "Q5"], form["items"])
        check(texts(form, "da") == ["Er du glad for skolen?", "Hvor meget?", "Hvor tit:\nlæser du?", "Hvor tit:\nregner du?", "Hvorfor, {TOKEN:FIRSTNAME}?", "Er det rart?"],
              texts(form, "da"))
        check([c["label"]["en"] for c in form["category_sets"]["Q1"]] == ["No", "Yes"], form["category_sets"])
        check([page["items"] for page in form["pages"]] == [["Q1"], ["Q4"], ["G1_SQ001", "G1_SQ002", "Q2", "Q5"]], form["pages"])
        check(form["pages"][0]["intro"]["da"] == "Om skolen" and form["pages"][2]["if"] == {"item": "Q1", "is": [1]}, form["pages"])
        check(form["items"][1]["if"] == {"item": "Q1", "is": [0, 1]} and form["items"][2]["required"] and form["items"][4]["limit"] == 200, form["items"])
        for words in ("<strong>", "{TOKEN:FIRSTNAME}", "“Q3” is of a type that is not asked here (M)", "Tænk dig om.", "“other” (Q1)", "G1_SQ001.NAOK > 1",
                      "array_filter", "“quota”", "“surveys” (settings", "“Q6” (text display)", "A1 = 0, A2 = 1"):
            check(words in result.err, f"{words}: {result.err}")
        (folder / "old.lss").write_text(lss(LIME_OLD, ["da"]))
        old = must("--json", "instrument", "import", folder / "old.lss", "--respondent", "teacher").json["instrument"]
        check(texts(old, "da") == ["Spørgsmål?"] and [c["label"]["da"] for c in old["category_sets"]["a"]] == ["Nej", "Ja"] and old["pages"][0]["title"]["da"] == "Gruppe", old)


@case("entities, broken and foreign files: one sentence, and nothing of this machine in a form")
def _():
    with workspace() as folder:
        (folder / "secret").write_text("SECRET")
        text = lss(LIME_OLD, ["da"])
        traps = {"entity.lss": text.replace("<document>", f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{folder}/secret">]><document>').replace("<![CDATA[Gammel]]>", "&x;"),
                 "laughs.lss": text.replace("<document>", '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><document>'),
                 "utf16.lss": text.encode("utf-16"), "cut.lss": text[:900], "other.lss": "<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>",
                 "deep.lss": "<a>" * 100000, "empty.json": "{}", "list.json": "[1]", "cut.json": json.dumps(SURVEYJS)[:200], "nested.json": '{"pages":' + "[" * 5000}
        for name, content in traps.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            result = laerke("instrument", "import", folder / name, "--respondent", "parent")
            check(result.code == 1 and result.err.count("\n") == 1 and not result.out and "SECRET" not in result.err, f"{name}: {result.err[:600]}")


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
