#!/usr/bin/env python3
"""Cut Debian's fonts to the letters that Lærke writes. Usage: fonts.py IN OUT.woff2 | OUT.ttf

A .woff2 is Inter for browsers: Latin with its accents (æøå, Turkish, Polish, Somali names), punctuation, arrows
and the shapes ▲ ▼ ✓; kerning, tabular figures and the arrows of contextual alternates. A .ttf is the Arabic of
DejaVu Sans for PDFs, with all that shapes it.
"""
import subprocess
import sys

source, out = sys.argv[1:]
LETTERS = ("U+0020-007E,U+00A0-017F,U+0218-021B,U+1E9E,U+2010-2015,U+2018-201E,U+2022,U+2026,U+2030,U+2032,U+2033,"
           "U+2039,U+203A,U+20AC,U+2190-2193,U+2212,U+2215,U+2264,U+2265,U+25B2,U+25B6,U+25BC,U+2713")
ARABIC = "U+0600-06FF,U+FB50-FDFF,U+FE70-FEFC"
wanted = {
    "woff2": [f"--unicodes={LETTERS}", "--flavor=woff2", "--desubroutinize",
              "--layout-features=ccmp,locl,kern,mark,mkmk,calt,tnum,case"],
    "ttf": [f"--unicodes={ARABIC}", "--layout-features=*"],
}[out.rpartition(".")[2]]
subprocess.run([sys.executable, "-m", "fontTools.subset", source, *wanted, "--no-hinting", f"--output-file={out}"], check=True)
