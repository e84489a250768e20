#!/usr/bin/env python3
"""Join .po files into one .mo. Usage: catalogue.py OUT.mo PART.po…

The same sentence may stand in two parts; it must then have the same translation, since a reader
who meets two words for one thing takes them for two things.
"""
import subprocess
import sys

out, parts = sys.argv[1], sys.argv[2:]
joined = subprocess.run(["msgcat", "--force-po", *parts], check=True, capture_output=True).stdout
if b"#-#-#-#-#" in joined:
    # The headers differ (each part has its own name); anything past them is a real conflict.
    body = joined.split(b"\n\n", 1)[1] if b"\n\n" in joined else b""
    if b"#-#-#-#-#" in body:
        sys.exit("catalogue.py: two translations of one sentence:\n" + body[body.index(b"#-#-#-#-#") - 300:][:600].decode())
joined = subprocess.run(["msgcat", "--force-po", "--use-first", *parts], check=True, capture_output=True).stdout
subprocess.run(["msgfmt", "--check-format", "--check-header", "-o", out, "-"], input=joined, check=True)
