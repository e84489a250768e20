"""laerke profile: one unit or all, as pages that parse, drawings that parse, JSON as it is stored, and PDF."""
import html.parser
import json
import os
import re
import sys
import xml.etree.ElementTree as xml

from tap import case, check, finish, laerke, must, workspace

sys.path.insert(0, os.environ["LAERKE_ROOT"] + "/tools")
import pdfcheck

PUPILS = 1500


class Page(html.parser.HTMLParser):
    """Every element closed in its turn; texts, ids and links gathered."""
    EMPTY = {"meta", "br", "img", "link", "input", "path", "rect", "line", "circle"}

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.tags, self.texts = [], [], [], [], []
        self.feed(source)
        self.close()
        check(not self.open, f"left open: {self.open}")

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        self.links += [value for name, value in attributes if name == "href"]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        check(self.open and self.open.pop() == tag, f"</{tag}> closes {self.open[-3:]}")

    def handle_data(self, data):
        self.texts.append(data)


def demo(folder):
    programme = folder / "p"
    must("demo", programme, "--pupils", PUPILS)
    return programme


def units(programme, folder):
    """Paths of a municipality, a school and a class that were published."""
    must("-C", programme, "profile", "--all", "--format", "json", "--out", folder / "all")
    found = {}
    for path in sorted((folder / "all").iterdir()):
        unit = json.loads(path.read_text())
        codes = [step["code"] for step in unit["path"][1:]] + [unit["unit"]["code"]]
        found.setdefault(unit["unit"]["kind"], "/".join(codes) if unit["path"] else "")
    return found


@case("one demo: pages and drawings parse, JSON keeps the contract, all files are there")
def _():
    with workspace() as folder:
        programme = demo(folder)
        paths = units(programme, folder)
        check(set(paths) >= {"programme", "municipality", "school", "class"}, paths)
        for kind, unit in paths.items():
            for language in ("da", "en"):
                out = folder / f"{kind}-{language}.html"
                must("-C", programme, "profile", "--unit", unit, "--language", language, "--out", out)
                source = out.read_text()
                page = Page(source)
                check(f'<html lang="{language}">' in source)
                check(len(page.ids) == len(set(page.ids)), "an id twice")
                check(all(link[1:] in page.ids for link in page.links if link.startswith("#")), page.links)
                check([tag for tag, _ in page.tags].count("h1") == 1)
                check(not any("style" in attributes or tag == "script" for tag, attributes in page.tags))
                for drawing in re.findall(r"<svg.*?</svg>", source, re.S):
                    xml.fromstring(drawing)
                labels = [a["aria-labelledby"] for _, a in page.tags if a.get("role") == "img"]
                check(labels and all(name in page.ids for label in labels for name in label.split()))

        one = folder / "one.json"
        must("-C", programme, "profile", "--unit", paths["school"], "--wave", 1, "--format", "json", "--out", one)
        school = json.loads(one.read_text())
        check(set(school["unit"]) >= {"id", "kind", "code", "name", "parent"})
        check(school["wave"] == 1 and school["publication"])
        for scale in school["scales"]:
            check(set(scale) >= {"scale", "respondent", "parts", "comparisons"})
            for part in scale["parts"]:
                if not part["shown"]:
                    check(set(part) == {"part", "shown", "why"}, part)
                elif not scale["shares_only"]:
                    check(set(part) >= {"n", "invited", "mean", "se", "low", "high", "sd", "categories"}, part)
                    check(part["low"] <= part["mean"] <= part["high"])
        same = folder / "all" / (paths["school"].replace("/", "_") + ".json")
        check(same.read_bytes() == one.read_bytes(), "--all and --unit differ")
        check(not list((folder / "all").glob("*.part")), "a file was left unfinished")

        made = must("-C", programme, "--json", "profile", "--all", "--format", "pdf", "--out", folder / "pdf").json
        files = list((folder / "pdf").iterdir())
        check(made["files"] == len(files) == len(list((folder / "all").iterdir())))
        check(all(file.read_bytes().startswith(b"%PDF-") for file in files))
        for path in paths.values():
            file = folder / "pdf" / f"{path.replace('/', '_') or 'programme'}.pdf"
            check(not pdfcheck.check(file), (path, pdfcheck.check(file)))


@case("what cannot be done is said, and nothing is left behind")
def _():
    with workspace() as folder:
        programme = folder / "p"
        must("init", programme)
        out = folder / "x.html"
        for arguments, code, words in [
            (("--unit", "", "--out", out), 1, "No wave has been published"),
            (("--unit", "", "--wave", 7, "--out", out), 1, "Wave 7 has not been published"),
            (("--all", "--out", folder / "all"), 1, "No wave has been published"),
            (("--unit", "nowhere", "--out", out), 1, "nowhere"),
            (("--unit", ""), 2, "--out"),
            (("--out", out), 2, "--unit or --all"),
            (("--unit", "", "--all", "--out", out), 2, "--unit or --all"),
            (("--unit", "", "--format", "docx", "--out", out), 2, "docx"),
            (("--unit", "", "--language", "xx", "--out", out), 2, "xx"),
            (("--unit", "", "--wave", "x", "--out", out), 2, "--wave"),
        ]:
            result = laerke("-C", programme, "profile", *arguments)
            check(result.code == code, f"{arguments}: {result.code} {result.err}")
            check(words in result.err, f"{arguments}: {result.err}")
            check(not out.exists())


@case("a file that cannot be written is an error that names it, and the old one stands")
def _():
    with workspace() as folder:
        programme = demo(folder)
        result = laerke("-C", programme, "profile", "--unit", "", "--out", folder / "no" / "such" / "p.html")
        check(result.code == 1 and "such/p.html cannot be written" in result.err, result.err)
        (folder / "p.html").mkdir()
        result = laerke("-C", programme, "profile", "--unit", "", "--out", folder / "p.html")
        check(result.code == 1 and "cannot be written" in result.err, result.err)
        check(sorted(path.name for path in folder.iterdir()) == ["p", "p.html"])


finish()
