#!/usr/bin/env python3
"""Gather every src/*/errors.def into one table, and hold the code against it.

Usage: gather_errors.py ROOT OUT.c DEPFILE

errors.def has lines   ERROR("csv.ragged", "{file}, line {line}: … what to do")
Fails for an id declared twice, set in the code but not declared, or declared but never set.
"""
import pathlib
import re
import sys

root, out, depfile = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
LITERAL = r'"((?:[^"\\]|\\.)*)"'
ENTRY = re.compile(r'ERROR\(\s*' + LITERAL + r'\s*,\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)')
SET = re.compile(r'error_(?:set|plain|set_args)\s*\(\s*[^,;"]+,\s*' + LITERAL)
# An id chosen by a condition or kept in a table is marked where it stands: ERROR_ID("…").
MARKED = re.compile(r'ERROR_ID\(\s*' + LITERAL)

declared, problems, read = {}, [], []
for path in sorted(root.glob("src/*/errors.def")):
    read.append(path)
    for match in ENTRY.finditer(path.read_text()):
        if match[1] in declared:
            problems.append(f"{path}: {match[1]} is declared twice")
        declared[match[1]] = match[2].strip()
used = {}
for path in sorted(root.glob("src/*/*.[ch]")):
    read.append(path)
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    for match in [*SET.finditer(text), *MARKED.finditer(text)]:
        used.setdefault(match[1], path)
for name, path in used.items():
    if name not in declared:
        problems.append(f"{path}: {name} is set but stands in no errors.def")
for name in declared:
    if name not in used:
        problems.append(f"{name} is declared but never set")
if problems:
    sys.exit("\n".join(problems))
rows = "".join(f'    {{ "{name}", {declared[name]} }},\n' for name in sorted(declared))
pathlib.Path(out).write_text(
    '/* Made by tools/gather_errors.py from the errors.def of each module. */\n#include "i18n/error_texts.h"\n\n'
    f"const struct error_text error_texts[] = {{\n{rows}    {{ NULL, NULL }},\n}};\n")
pathlib.Path(depfile).write_text(f"{out}: " + " ".join(str(path) for path in read) + "\n")
