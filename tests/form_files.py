"""Files of other programs' questionnaires for the tests of import, and what two of ours have to agree in.

Nobody's questionnaire: the questions are ours, and the files are written here by hand, laid out as the programs
write them (which columns, elements, order and quoting), not made by the programs."""
import zipfile
from xml.sax.saxutils import escape


def meaning(form):
    """What a form says, however its JSON is put: two with the same meaning are the same instrument."""
    languages = form.get("languages", ["da"])
    sets = form.get("category_sets", {})

    def text(value):
        return {languages[0]: value} if isinstance(value, str) else value

    def categories(value):
        value = form.get("categories") if value is None else value
        value = sets[value] if isinstance(value, str) else value
        value = range(value) if isinstance(value, int) else value
        return [(one, None, "none") if isinstance(one, int) else (one.get("value", at), text(one["label"]), one.get("symbol", "none"))
                for at, one in enumerate(value)]

    items = [{"id": item} if isinstance(item, str) else item for item in form["items"]]
    flags = ("reversed", "dont_know", "not_applicable", "required")
    return {
        **{key: form.get(key) for key in ("code", "respondent", "grades")},
        **{key: text(form.get(key)) for key in ("title", "notice", "thanks")},
        "languages": languages, "layout": form.get("layout", "page"), "most_first": bool(form.get("most_first")),
        "items": [(item["id"], text(item.get("text")), item.get("kind", "choice"), item.get("limit"),
                   categories(item.get("categories")) if item.get("kind") != "text" else None,
                   [bool(item.get(flag)) for flag in flags], item.get("grades"), item.get("if")) for item in items],
        "scales": [(scale["code"], [text(scale.get(key)) for key in ("name", "meaning", "above", "below")], scale.get("goal"),
                    bool(scale.get("teaching")), scale.get("use", "scale"), scale.get("lowest_unit", "class"),
                    scale.get("items", [item["id"] for item in items])) for scale in form["scales"]],
        "pages": [([text(page.get(key)) for key in ("title", "intro", "outro")], page.get("once", "form"), page.get("grades"),
                   page.get("if"), page["items"]) for page in form.get("pages", [])],
    }


# As a form designer of ODK or KoboToolbox lays it out: metadata first, groups, a label a language, a hint, an
# integer, a question to several answers, conditions within a group, or_other, an image, a calculation.
SURVEY = [
    ["type", "name", "label::Dansk (da)", "label::English (en)", "hint::Dansk (da)", "required", "relevant", "appearance", "constraint", "calculation"],
    ["start", "start"],
    ["begin_group", "about", "Om dig", "About you", "", "", "", "field-list"],
    ["note", "about_note", "Svar for det sidste år.", "Answer for the last year."],
    ["select_one yesno", "helps", "Hjælper du med lektier?", "Do you help with homework?", "", "yes"],
    ["select_one often", "how_often", "Hvor tit?", "How often?", "Tænk på en uge.", "", "${helps} = 'yes'"],
    ["integer", "hours", "Hvor mange timer?", "How many hours?", "", "", "${helps} = 'yes'", "", ". >= 0"],
    ["end_group"],
    ["begin_group", "more", "Mere", "More", "", "", "selected(${helps}, 'yes') or selected(${helps}, 'some')"],
    ["select_one often or_other", "read", "Læser du højt for ${child}?", "", "", "", "", "minimal"],
    ["select_multiple often", "places", "Hvor læser I?", "Where do you read?"],
    ["text", "remarks", "Andet?", "Anything else?", "", "false", "${hours} > 3", "multiline", "string-length(.) < 201"],
    ["end_group"],
    ["note", "bye", "Tak!", "Thanks!"],
    ["calculate", "total", "", "", "", "", "", "", "", "${hours} * 2"],
]
CHOICES = [
    ["list_name", "name", "label::Dansk (da)", "label::English (en)", "media::image"],
    ["yesno", "no", "Nej", "No"], ["yesno", "some", "Lidt", "Some"], ["yesno", "yes", "Ja", "Yes"],
    ["often", "1", "Aldrig", "Never"], ["often", "2", "Af og til", "Sometimes", "sun.png"], ["often", "3", "Tit", "Often"],
    ["unused", "1", "En", "One"],
]
SETTINGS = [["form_title", "form_id", "version", "default_language"], ["Lektier & læsning", "homework-2", "2026110901", "Dansk (da)"]]
KOBO = {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS}


def write_folder(folder, sheets):
    """CSV as LibreOffice saves it: commas, quotation marks where they are needed, LF."""
    import csv
    folder.mkdir()
    for name, rows in sheets.items():
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            width = len(rows[0])
            csv.writer(file, lineterminator="\n").writerows(row + [""] * (width - len(row)) for row in rows)


def column(number):
    return chr(65 + number) if number < 26 else chr(64 + number // 26) + chr(65 + number % 26)


def write_workbook(path, sheets, before="", extra=None):
    """An .xlsx laid out as Excel does: shared strings (with runs and phonetics), numbers as numbers, absent cells for
    empty ones, sheets found through relations in another order than their files. before: stands ahead of each part."""
    strings = []

    def cell(reference, value):
        if value == "":
            return ""
        if value.isdigit() and len(value) < 6:
            return f'<c r="{reference}"><v>{value}</v></c>'
        if value not in strings:
            strings.append(value)
        return f'<c r="{reference}" s="1" t="s"><v>{strings.index(value)}</v></c>'

    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n' + before
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {"[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'}
    names = list(sheets)
    for number, name in enumerate(names, 1):
        rows = "".join(f'<row r="{r}" spans="1:{len(row)}">' + "".join(cell(f"{column(c)}{r}", v) for c, v in enumerate(row)) + "</row>"
                       for r, row in enumerate(sheets[name], 1))
        parts[f"xl/worksheets/sheet{len(names) + 1 - number}.xml"] = (
            f'<worksheet xmlns="{main}"><dimension ref="A1"/><sheetData>{rows}<row r="1048576"/></sheetData></worksheet>')
    parts["xl/workbook.xml"] = (f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>' + "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)) + "</sheets></workbook>")
    parts["xl/_rels/workbook.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' + "".join(
            f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{len(names) + 1 - n}.xml"/>'
            for n in range(1, len(names) + 1)) + "</Relationships>")

    def shared(value):
        if len(value) > 8 and value[3] not in " \n":
            return (f'<si><r><rPr><b/></rPr><t>{escape(value[:3])}</t></r><r><t xml:space="preserve">{escape(value[3:])}</t></r>'
                    '<rPh sb="0" eb="1"><t>no part of it</t></rPh></si>')
        return f'<si><t xml:space="preserve">{escape(value)}</t></si>'
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">' + "".join(map(shared, strings)) + "</sst>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in {**parts, **(extra or {})}.items():
            file.writestr(name, head + text)


# As the SurveyJS Creator saves it: two-space JSON, "default" for the survey's own language, plain strings where there
# is no translation.
SURVEYJS = {
    "title": {"default": "Reading at home", "da": "Læsning hjemme"},
    "description": "About <b>one</b> child &amp; its books",
    "completedHtml": {"default": "<p>Thank you!</p>", "da": "<p>Tak!</p><p>Farvel</p>"},
    "pages": [
        {"name": "page1", "title": {"default": "You", "da": "Dig"}, "elements": [
            {"type": "html", "name": "hello", "html": {"default": "<p>Hello<br>there</p>", "da": "Hej"}},
            {"type": "radiogroup", "name": "reads", "title": {"default": "Do you read?", "da": "Læser du?"}, "isRequired": True,
             "showOtherItem": True, "choices": [{"value": "no", "text": {"default": "No", "da": "Nej"}}, {"value": "yes", "text": {"default": "Yes", "da": "Ja"}}]},
            {"type": "rating", "name": "fun", "title": {"default": "How much fun?", "da": "Hvor sjovt?"}, "visibleIf": "{reads} = 'yes'",
             "rateMax": 4, "minRateDescription": {"default": "none", "da": "slet ikke"}},
            {"type": "checkbox", "name": "when", "choices": ["morning", "evening"]},
            {"type": "text", "name": "age", "inputType": "number"}]},
        {"name": "page2", "visibleIf": "{reads} anyof ['no', 'yes'] and {reads} notempty", "navigationButtonsVisibility": "hide", "elements": [
            {"type": "matrix", "name": "places", "title": {"default": "How often:", "da": "Hvor tit:"}, "isAllRowRequired": True,
             "columns": [{"value": 1, "text": {"default": "Never", "da": "Aldrig"}}, {"value": 2, "text": {"default": "Often", "da": "Tit"}}],
             "rows": [{"value": "bed", "text": {"default": "in bed?", "da": "i sengen?"}}, "train"]},
            {"type": "panel", "name": "p", "visibleIf": "{places.bed} = 2 or {places.bed} = 1", "elements": [
                {"type": "boolean", "name": "light", "title": {"default": "With a light?", "da": "Med lys?"}},
                {"type": "comment", "name": "why", "title": {"default": "Why, {age}?", "da": "Hvorfor?"}, "maxLength": 9000}]},
            {"type": "dropdown", "name": "book", "choices": ["a", "b", "a"], "title": "Book"}]}]}


def lss(tables, languages):
    """A dump of tables as LimeSurvey writes it: the fields, then the rows, every value in CDATA, empty ones left out."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>', "<document>", " <LimeSurveyDocType>Survey</LimeSurveyDocType>", " <DBVersion>625</DBVersion>",
           " <languages>", *[f"  <language>{tag}</language>" for tag in languages], " </languages>"]
    for name, rows in tables.items():
        fields = list(dict.fromkeys(key for row in rows for key in row))
        out += [f" <{name}>", "  <fields>", *[f"   <fieldname>{field}</fieldname>" for field in fields], "  </fields>", "  <rows>"]
        for row in rows:
            out += ["   <row>", *[f"    <{key}><![CDATA[{value}]]></{key}>" if value != "" else f"    <{key}/>" for key, value in row.items()], "   </row>"]
        out += ["  </rows>", f" </{name}>"]
    return "\n".join(out + ["</document>", ""])


def question(qid, group, kind, title, order, relevance="1", mandatory="N", other="N", parent=0):
    return {"qid": qid, "parent_qid": parent, "sid": 482913, "gid": group, "type": kind, "title": title, "preg": "", "other": other,
            "mandatory": mandatory, "question_order": order, "scale_id": 0, "relevance": relevance}


def said(qid, da, en, help_text=""):
    return [{"id": 2 * qid + at, "qid": qid, "question": text, "help": help_text, "script": "", "language": tag} for at, (tag, text) in enumerate((("da", da), ("en", en)))]


# Version 4 and later: texts in tables of their own.
LIME = {
    "answers": [{"aid": aid, "qid": qid, "code": code, "sortorder": order, "assessment_value": 0, "scale_id": 0}
                for aid, qid, code, order in ((1, 10, "A2", 2), (2, 10, "A1", 1), (3, 11, "1", 1), (4, 11, "2", 2), (5, 11, "3", 3))],
    "answer_l10ns": [{"id": 2 * aid + at, "aid": aid, "answer": text, "language": tag} for aid, da, en in
                     ((1, "Ja", "Yes"), (2, "Nej", "No"), (3, "Aldrig", "Never"), (4, "Af og til", "Sometimes"), (5, "Tit", "Often"))
                     for at, (tag, text) in enumerate((("da", da), ("en", en)))],
    "groups": [{"gid": 2, "sid": 482913, "group_order": 2, "randomization_group": "", "grelevance": '((Q1.NAOK == "A2"))'},
               {"gid": 1, "sid": 482913, "group_order": 1, "randomization_group": "", "grelevance": ""}],
    "group_l10ns": [{"id": gid * 2 + at, "gid": gid, "group_name": name, "description": text, "language": tag}
                    for gid, names, text in ((1, ("Skole", "School"), "<p>Om&nbsp;skolen</p>"), (2, ("Hjem", "Home"), ""))
                    for at, (tag, name) in enumerate(zip(("da", "en"), names))],
    "questions": [question(11, 2, "F", "G1", 1, mandatory="Y"), question(10, 1, "L", "Q1", 1, other="Y"), question(12, 2, "T", "Q2", 2),
                  question(13, 2, "M", "Q3", 3), question(14, 1, "5", "Q4", 2, '((Q1.NAOK == "A1") or (Q1.NAOK == "A2"))'),
                  question(15, 2, "Y", "Q5", 4, "G1_SQ001.NAOK > 1"), question(16, 2, "X", "Q6", 5)],
    "subquestions": [question(22, 2, "T", "SQ002", 2, parent=11), question(21, 2, "T", "SQ001", 1, parent=11), question(23, 2, "T", "SQ001", 1, parent=13)],
    "question_l10ns": [*said(10, "<p>Er du <strong>glad</strong> for skolen?</p>", "Do you like school?"), *said(11, "Hvor tit:", "How often:"),
                       *said(12, "Hvorfor, {TOKEN:FIRSTNAME}?", "Why?"), *said(13, "Hvad?", "What?"), *said(14, "Hvor meget?", "How much?", "Tænk dig om."),
                       *said(15, "Er det rart?", "Is it nice?"), *said(16, "Tak", "Thanks"), *said(21, "læser du?", "do you read?"), *said(22, "regner du?", "do you do sums?"), *said(23, "a", "a")],
    "question_attributes": [{"qid": 12, "attribute": "maximum_chars", "value": "200"}, {"qid": 12, "attribute": "hidden", "value": "0"},
                            {"qid": 10, "attribute": "array_filter", "value": "Q9"}],
    "surveys": [{"sid": 482913, "admin": "inherit", "language": "da", "additional_languages": "en", "format": "G"}],
    "surveys_languagesettings": [{"surveyls_survey_id": 482913, "surveyls_language": tag, "surveyls_title": title, "surveyls_description": "",
                                  "surveyls_welcometext": f"<p>{title}!</p>", "surveyls_endtext": ""} for tag, title in (("da", "Trivsel"), ("en", "Well-being"))],
    "quota": [{"id": 1, "sid": 482913, "name": "q"}],
}
# Before version 4: a row a language, texts in it.
LIME_OLD = {
    "answers": [{"qid": 1, "code": code, "answer": text, "sortorder": at, "language": "da"} for at, (code, text) in enumerate((("1", "Nej"), ("2", "Ja")), 1)],
    "groups": [{"gid": 1, "sid": 7, "group_name": "Gruppe", "group_order": 0, "description": "", "language": "da", "grelevance": ""}],
    "questions": [{**question(1, 1, "!", "a", 0), "question": "Spørgsmål?", "help": "", "language": "da"}],
    "surveys": [{"sid": 7, "language": "da", "additional_languages": ""}],
    "surveys_languagesettings": [{"surveyls_survey_id": 7, "surveyls_language": "da", "surveyls_title": "Gammel"}],
}
