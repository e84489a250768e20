#!/usr/bin/env python3
"""Find banned functions and habits in the sources. Usage: banned.py ROOT"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
# function -> what to use instead
BANNED = {
    "strcpy": "snprintf or arena_copy", "strcat": "struct text", "sprintf": "snprintf",
    "vsprintf": "vsnprintf", "gets": "fgets", "strncpy": "text_cut", "strncat": "struct text",
    "strtok": "an explicit scan", "atoi": "text_to_int", "atol": "text_to_int", "atof": "text_to_double",
    "sscanf": "text_to_int or text_to_double", "rand": "num/random.h", "srand": "num/random.h",
    "system": "a child process with arguments", "popen": "a child process with arguments",
    "tmpnam": "mkstemp", "mktemp": "mkstemp", "alloca": "the arena", "localtime": "localtime_r",
    "gmtime": "gmtime_r", "ctime": "strftime", "asctime": "strftime", "setlocale": "i18n",
}
# These only at the doors: a library neither prints nor exits.
DOORS = {"exit": ("cli", "main.c"), "abort": (), "printf": ("cli", "main.c"), "puts": ("cli", "main.c")}
# Identity is opened by these modules alone (names never meet answers elsewhere).
# simulate fills it with people who do not exist, and refuses a programme that has any.
IDENTITY = ("store", "roster", "access", "collect", "simulate")
problems = []
for path in sorted((root / "src").rglob("*.[ch]")):
    text = path.read_text()
    bare = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"', lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)
    module = path.relative_to(root / "src").parts[0]
    for number, line in enumerate(bare.splitlines(), 1):
        where = f"{path.relative_to(root)}:{number}"
        for match in re.finditer(r"(?<![\w.>])(\w+)\s*\(", line):
            name = match[1]
            if name in BANNED:
                problems.append(f"{where}: {name}() is banned; use {BANNED[name]}")
            if name in DOORS and module not in DOORS[name]:
                problems.append(f"{where}: {name}() only at the doors {DOORS[name]}")
            if name == "programme_open_identity" and module not in IDENTITY:
                problems.append(f"{where}: only {', '.join(IDENTITY)} open the identity store")
        if "\t" in line or line.rstrip() != line and text.splitlines()[number - 1].rstrip() != text.splitlines()[number - 1]:
            problems.append(f"{where}: tab or trailing blank")
if problems:
    sys.exit("\n".join(problems))
