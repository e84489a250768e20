"""Files of other programs' questionnaires for the tests of import, and what two of ours have to agree in.

Nobody's questionnaire: the questions are ours, and the files are written here by hand, laid out as the programs
write them (which columns, elements, order and quoting), not made by the programs."""
import json
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
