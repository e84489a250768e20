#!/usr/bin/env python3
"""Hold every #include of our own against layers.txt. Usage: layers.py ROOT

A module includes itself and what layers.txt allows; what it allows must stand below it (no cycles);
a folder that layers.txt does not name, or a name without a folder of code, is a fault too.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
allowed, pure, problems = {}, set(), []
for number, line in enumerate((root / "layers.txt").read_text().splitlines(), 1):
    line = line.split("#")[0].strip()
    if not line:
        continue
    name, _, rest = line.partition(":")
    words = rest.split()
    name = name.strip()
    if "pure" in words:
        pure.add(name)
        words.remove("pure")
    for word in words:
        if word != "*" and word not in allowed:
            problems.append(f"layers.txt:{number}: {name} stands on {word}, which is not below it")
    allowed[name] = set(allowed) if words == ["*"] else set(words)
    if name in pure and not allowed[name] <= pure:
        problems.append(f"layers.txt:{number}: {name} is pure but stands on {allowed[name] - pure}")

IMPURE = {"stdio.h", "time.h", "sys/time.h", "sys/stat.h", "fcntl.h", "unistd.h", "sqlite3.h", "libpq-fe.h",
          "dirent.h", "sys/socket.h", "sys/mman.h"}
# base/log.c is the one door to standard error; snprintf needs stdio.h, so that one is checked by name.
CALLS = re.compile(r"\b(fopen|open|read|write|printf|fprintf|puts|time|clock_gettime|getenv)\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
for folder in sorted(path for path in (root / "src").iterdir() if path.is_dir()):
    module = folder.name
    if module not in allowed:
        problems.append(f"src/{module}: layers.txt does not name this module")
        continue
    for path in sorted(folder.rglob("*.[ch]")):
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(2)) + 1
            where = f"{path.relative_to(root)}:{line}"
            target = match[2].split("/")[0]
            if match[1] == '"' and target in allowed and target != module and target not in allowed[module]:
                problems.append(f"{where}: {module} may not include {match[2]}")
            if match[1] == "<" and module in pure and match[2] in IMPURE - {"stdio.h"} and path.name != "log.c":
                problems.append(f"{where}: {module} is pure and may not include <{match[2]}>")
        if module in pure and path.name != "log.c":
            bare = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
            for match in CALLS.finditer(bare):
                problems.append(f"{path.relative_to(root)}: {module} is pure and may not call {match[1]}()")
for module in allowed:
    if not any((root / "src" / module).glob("*.c")) and "--all" in sys.argv:
        problems.append(f"layers.txt: {module} has no code")
if problems:
    sys.exit("\n".join(problems))
