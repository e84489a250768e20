#!/usr/bin/env python3
"""Hold every sentence of the program against its Danish. Usage: texts.py [ROOT]

Sentences stand in C (N_("…"), NC_("c", "…"), i18n_text, i18n_say, i18n_plural,
i18n_context), in errors.def and in
templates. Fails for one without Danish in po/da/*.po, for an entry that nothing uses, an empty or
fuzzy one, and for named arguments {x} that differ between the two languages.

What stands around a questionnaire is also in every other language that has a folder in po/.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import templates  # noqa: E402

STRINGS = r'((?:"(?:[^"\\\n]|\\.)*"\s*)+)'
MARKED = re.compile(r"\bN_\(\s*" + STRINGS + r"\)")
CALLED = re.compile(r"\bi18n_text\(\s*[^,\"()]+,\s*" + STRINGS + r"\)")
SAID = re.compile(r"\bi18n_say\(\s*[^,\"()]+,\s*[^,\"()]+,\s*" + STRINGS + r"[,)]")
PLURAL = re.compile(r"\bi18n_plural\(\s*[^,\"()]+,\s*(?:N_\(\s*)?" + STRINGS + r"\)?,\s*(?:N_\(\s*)?" + STRINGS + r"\)?,")
CONTEXT = re.compile(r"\bi18n_context\(\s*[^,\"()]+,\s*" + STRINGS + r",\s*(?:N_\(\s*)?" + STRINGS + r"\)?\s*\)")
MARKED_CONTEXT = re.compile(r"\bNC_\(\s*" + STRINGS + r",\s*" + STRINGS + r"\)")
ERROR = re.compile(r"ERROR\(\s*" + STRINGS + r",\s*" + STRINGS + r"\)")
ARGUMENT = re.compile(r"\{([^{}]*)\}")


def literal(text):
    """The value of one or more C (or po) string literals."""
    out = bytearray()
    for body in re.findall(r'"((?:[^"\\\n]|\\.)*)"', text):
        for piece in re.findall(r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]+|\\[0-7]{1,3}|\\.|[^\\]+", body):
            if piece[0] != "\\":
                out += piece.encode()
            elif piece[1] == "u":
                out += chr(int(piece[2:], 16)).encode()
            elif piece[1] == "x":
                out.append(int(piece[2:], 16))
            elif piece[1].isdigit():
                out.append(int(piece[1:], 8))
            else:
                out += {"n": b"\n", "t": b"\t"}.get(piece[1], piece[1].encode())
    return out.decode()


def blanked(text):
    """C without its comments, lines kept."""
    return re.sub(r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/|//[^\n]*',
                  lambda m: m[0] if m[0][0] == '"' else re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)


def used(root):
    """{(context, msgid): (plural or None, place)}"""
    found = {}

    def add(context, one, many, place):
        if one and (context, one) not in found or many:
            found[context, one] = (many, place)

    for path in sorted((root / "src").rglob("*.[ch]")):
        text = blanked(path.read_text())

        def place(match):
            return f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1}"
        inside = []  # N_() of a plural or a context is no sentence of its own
        for match in PLURAL.finditer(text):
            inside.append(match.span())
            add(None, literal(match[1]), literal(match[2]), place(match))
        for match in [*CONTEXT.finditer(text), *MARKED_CONTEXT.finditer(text)]:
            inside.append(match.span())
            add(literal(match[1]), literal(match[2]), None, place(match))
        for pattern in (MARKED, CALLED, SAID):
            for match in pattern.finditer(text):
                if not any(start <= match.start() < end for start, end in inside):
                    add(None, literal(match[1]), None, place(match))
    for path in sorted((root / "src").glob("*/errors.def")):
        text = path.read_text()
        for match in ERROR.finditer(text):
            add(None, literal(match[2]), None, f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1}")
    for context, one, many, place in templates.sentences((root / "src").rglob("templates/*.html")):
        add(context, one, many, str(pathlib.Path(place).relative_to(root)))
    return found


class Entry:
    def __init__(self, place):
        self.place, self.context, self.one, self.many, self.forms, self.fuzzy = place, None, None, None, [], False


def catalogue(path, root):
    """The entries of a .po file but its header."""
    entries, entry, fuzzy = [], None, False
    lines = path.read_text().splitlines()
    at = 0
    while at < len(lines):
        line, number = lines[at].strip(), at + 1
        at += 1
        if line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        match = re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)\s+(".*")$', line)
        if not match:
            continue
        value = match[2]
        while at < len(lines) and lines[at].strip().startswith('"'):
            value += lines[at].strip()
            at += 1
        value = literal(value)
        keyword = match[1]
        if keyword == "msgctxt" or keyword == "msgid" and not (entry and entry.one is None):
            entry = Entry(f"{path.relative_to(root)}:{number}")
            entry.fuzzy, fuzzy = fuzzy, False
            entries.append(entry)
        if keyword == "msgctxt":
            entry.context = value
        elif keyword == "msgid":
            entry.one = value
        elif keyword == "msgid_plural":
            entry.many = value
        else:
            entry.forms.append(value)
    return [entry for entry in entries if entry.one]


def arguments(text):
    return set(ARGUMENT.findall(text.replace("{{", "")))


def faults_of(entry):
    if entry.fuzzy:
        yield "is marked fuzzy: read it and take the mark away"
    if not all(entry.forms) or len(entry.forms) != (2 if entry.many else 1):
        yield "is not whole"
        return
    given = arguments(entry.one) | arguments(entry.many or "")
    for form in entry.forms:
        has = arguments(form)
        if has - given:
            yield f"uses {{{'}, {'.join(sorted(has - given))}}}, which the English does not have"
        elif given - has and form == entry.forms[-1]:  # the singular may say "one" in a word
            yield f"leaves out {{{'}, {'.join(sorted(given - has))}}}"
    if entry.one[0].isspace() != entry.forms[0][:1].isspace() or entry.one[-1].isspace() != entry.forms[0][-1:].isspace():
        yield "begins or ends in a blank in one language alone"


# Where the words around a questionnaire stand, and those of the letter about it.
ANSWERING = re.compile(r"src/web/(form_view|page_code|page_form|page_class)\.c:|src/paint/(letter_words|paper)\.c:|src/web/templates/form(-[a-z]+)?\.html:")


def faults_in(root, language, needed, said, name):
    held = {}
    for path in sorted((root / "po" / language).glob("*.po")):
        for entry in catalogue(path, root):
            held.setdefault((entry.context, entry.one), entry)
            for fault in faults_of(entry):
                yield f"{entry.place}: the {name} of “{entry.one}” {fault}"
            if (entry.context, entry.one) not in said:
                yield f"{entry.place}: nothing says “{entry.one}”"
    for (context, one), (many, place) in needed.items():
        entry = held.get((context, one))
        if not entry:
            yield f"{place}: no {name} of “{one}”" + (f" (context {context})" if context else "")
        elif (entry.many or None) != many and many:
            yield f"{entry.place}: “{one}” has a plural, “{many}”, that stands otherwise here"


def faults(root):
    needed = used(root)
    yield from faults_in(root, "da", needed, needed, "Danish")
    answering = {key: value for key, value in needed.items() if ANSWERING.match(value[1])}
    for folder in sorted((root / "po").iterdir()):
        if folder.is_dir() and folder.name != "da":
            yield from faults_in(root, folder.name, answering, needed, folder.name)


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    if found:
        sys.exit("\n".join(found))
