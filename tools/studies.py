#!/usr/bin/env python3
"""Put what the studies of bench/ printed into docs/methods/simulation.md. Usage: studies.py PAGE REPLICATIONS OUTPUT…

Each OUTPUT is what study_publish or study_items printed (of one cell or of all); rows of cells that the page has are
replaced, in its compact form: coverage ± its Monte Carlo error (standard error over spread).
"""
import pathlib
import re
import sys

TABLES = {
    "PUBLISH": ["class (average over classes)", "school, model", "municipality, model", "municipality, jackknife", "programme, jackknife"],
    "CONTRAST": ["class less programme", "class less municipality", "school less programme", "school less municipality",
                 "municipality less programme"],
    "ITEMS": ["step location", "slope", "latent variance", "EAP ± SD, average over persons", "WLE ± SE, average over persons"],
}
INSTEAD = {"programme, jackknife": "programme, model"}  # where there are too few schools to leave any out


def cells(text):
    """{cell: {interval: "94.5 ± 0.1 (0.99)"}}"""
    found, cell = {}, None
    for line in text.splitlines():
        columns = [column.strip() for column in line.strip("|").split(" | ")]
        if not line.startswith("|") or columns[0] in ("Cell", "---") or line.startswith("|---"):
            continue
        cell = columns[0] or cell
        found.setdefault(cell, {})[columns[1]] = f"{columns[5]} ({float(columns[4]):.2f})"
    return found


def main():
    page, replications = pathlib.Path(sys.argv[1]), f"{int(sys.argv[2]):,}"
    text = page.read_text()
    for path in sys.argv[3:]:
        for cell, intervals in cells(pathlib.Path(path).read_text()).items():
            for name, columns in TABLES.items():
                if not any(column in intervals for column in columns):
                    continue
                row = [intervals.get(column) or intervals.get(INSTEAD.get(column), "") for column in columns]
                row += [] if name == "CONTRAST" else [replications]
                table = re.compile(rf"(<!-- {name} -->\n)(.*?)(<!-- / -->)", re.S)
                body = table.search(text)[2]
                new = re.sub(rf"(?m)^\| {re.escape(cell)} \|.*$", lambda _: f"| {cell} | " + " | ".join(row) + " |", body)
                if new == body:
                    print(f"{name}: no row “{cell}” in {page}, or nothing new", file=sys.stderr)
                text = table.sub(lambda found: found[1] + new + found[3], text, count=1)
    page.write_text(text)


if __name__ == "__main__":
    main()
