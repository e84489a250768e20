#!/usr/bin/env python3
"""Put files into the binary. Usage: embed.py OUT.c OUT.S NAME,NAME… FILE…"""
import os
import pathlib
import sys

table, assembly, names, files = sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4:]
if len(names) != len(files):
    sys.exit(f"embed.py: {len(names)} names for {len(files)} files")
pairs = sorted(zip(names, files))
lines = ["/* Made by tools/embed.py. */", ".section .rodata"]
declarations, rows = [], []
for i, (name, path) in enumerate(pairs):
    size = os.path.getsize(path)
    lines += [f".global embedded_{i}", ".balign 16", f"embedded_{i}:",
              f'.incbin "{pathlib.Path(path).resolve()}"', ".byte 0"]
    declarations.append(f"extern const unsigned char embedded_{i}[];")
    rows.append(f'    {{ "{name}", embedded_{i}, {size} }},')
lines.append('.section .note.GNU-stack,"",%progbits')
pathlib.Path(assembly).write_text("\n".join(lines) + "\n")
pathlib.Path(table).write_text('/* Made by tools/embed.py. */\n#include "base/embedded.h"\n\n'
    + "\n".join(declarations) + "\n\nconst struct embedded embedded_files[] = {\n"
    + "\n".join(rows) + "\n    { NULL, NULL, 0 },\n};\n")
