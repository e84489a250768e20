#!/usr/bin/env python3
"""Print the files of a folder that match a pattern, one a line, in order. Usage: list_files.py DIR GLOB

Meson asks at configure time: a new test or catalogue is found after `make` has configured again
(which the Makefile does when the list changes).
"""
import pathlib
import sys

for path in sorted(pathlib.Path(sys.argv[1]).glob(sys.argv[2])):
    print(path)
