#!/usr/bin/env python3
"""Look at tagged PDFs as a screen reader's friend would. Usage: pdfcheck.py FILE.pdf…

Checks what PDF/UA-1 asks for and a program can see in the PDFs of Lærke: language, title, metadata, marks
around everything that is drawn, a structure tree that agrees with the marks, headings without jumps,
alternatives for figures, headers with a scope, lists, links, bookmarks, embedded fonts, and that nothing
in the file depends on the time. It is not veraPDF and proves no conformance: it knows only the part of the
format that we write. Needs the command qpdf.
"""
import base64
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

XMP = {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "dc": "http://purl.org/dc/elements/1.1/",
       "pdfuaid": "http://www.aiim.org/pdfua/ns/id/"}
# structure type → the types that may stand in it (Span and Link may hold marks only).
CHILDREN = {
    "Document": {"H1", "H2", "H3", "P", "L", "Figure", "Table"},
    "L": {"LI"}, "LI": {"Lbl", "LBody"}, "LBody": {"P", "L", "Span", "Link"},
    "Table": {"Caption", "TR"}, "TR": {"TH", "TD"},
    "P": {"Span", "Link"}, "H1": {"Span", "Link"}, "H2": {"Span", "Link"}, "H3": {"Span", "Link"},
    "Lbl": set(), "TH": {"P", "Span", "Link"}, "TD": {"P", "Span", "Link"}, "Caption": {"P", "Span", "Link"},
    "Figure": set(), "Span": set(), "Link": set(),
}
TOKEN = re.compile(rb"\s+|%[^\r\n]*|<<|>>|<[0-9A-Fa-f\s]*>|[\[\]]|/[^\s()<>\[\]{}/%]*|[^\s()<>\[\]{}/%]+")
SHOW = {"Tj", "TJ", "'", '"'}
PAINT = SHOW | {"f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "Do", "sh", "EI"}


class Pdf:
    """The objects of a file, as qpdf tells them."""

    def __init__(self, path):
        run = subprocess.run(["qpdf", "--json=2", "--json-stream-data=inline", "--decode-level=generalized",
                              "--json-key=qpdf", path], capture_output=True)
        if run.returncode not in (0, 3):
            raise ValueError(run.stderr.decode().strip() or "qpdf cannot read it")
        objects = json.loads(run.stdout)["qpdf"][1]
        self.trailer = objects.pop("trailer")["value"]
        self.objects = {name[4:]: o for name, o in objects.items() if name.startswith("obj:")}

    def get(self, value):
        """What a reference refers to; a stream gives its dictionary."""
        while isinstance(value, str) and re.fullmatch(r"\d+ \d+ R", value):
            o = self.objects.get(value, {"value": None})
            value = o["stream"]["dict"] if "stream" in o else o["value"]
        return value

    def key(self, value, *keys):
        for k in keys:
            value = self.get(value)
            value = value.get(k) if isinstance(value, dict) else None
        return self.get(value)

    def data(self, reference):
        return base64.b64decode(self.objects[reference]["stream"]["data"])


def text(value):
    """A text string; qpdf gives a short one with many accents ("Mål") as the bytes of PDFDocEncoding, near Latin-1."""
    if not isinstance(value, str):
        return ""
    if value[:2] == "b:":
        return bytes.fromhex(value[2:]).decode("latin-1")
    return value[2:] if value[:2] == "u:" else ""


def string_end(data, at):
    """The end of the literal string that begins at at."""
    depth = 0
    while at < len(data):
        c = data[at:at + 1]
        at += 2 if c == b"\\" else 1
        depth += (c == b"(") - (c == b")")
        if depth == 0:
            return at
    return at


def operations(data):
    """(operator, operands) of a content stream, operands as bytes."""
    at, operands = 0, []
    while at < len(data):
        if data[at:at + 1] == b"(":
            end = string_end(data, at)
            operands.append(data[at:end])
            at = end
            continue
        match = TOKEN.match(data, at)
        if not match:
            raise ValueError(f"content that is no PDF at byte {at}")
        token, at = match[0], match.end()
        if token.isspace() or token.startswith(b"%"):
            continue
        if re.match(rb"[A-Za-z'\"]", token) and token not in (b"true", b"false", b"null"):
            yield token.decode(), operands
            operands = []
        else:
            operands.append(token)


class Check:
    def __init__(self, path):
        self.problems, self.pdf = [], Pdf(path)
        self.root = self.pdf.key(self.pdf.trailer, "/Root")
        self.pages = list(self.page_list(self.root.get("/Pages")))

    def say(self, problem):
        self.problems.append(problem)

    def need(self, truth, problem):
        if not truth:
            self.say(problem)
        return truth

    def page_list(self, reference):
        node = self.pdf.get(reference)
        if node.get("/Type") == "/Page":
            yield reference
        for kid in node.get("/Kids", []):
            yield from self.page_list(kid)

    def document(self):
        pdf, root = self.pdf, self.root
        self.need(re.fullmatch(r"[a-z]{2,3}(-\w+)*", text(pdf.get(root.get("/Lang")))), "no /Lang")
        self.need(pdf.key(root, "/MarkInfo", "/Marked") is True, "/MarkInfo does not say /Marked true")
        self.need(pdf.key(root, "/ViewerPreferences", "/DisplayDocTitle") is True, "no /DisplayDocTitle true")
        info = pdf.get(pdf.trailer.get("/Info")) or {}
        title = text(info.get("/Title"))
        self.need(title.strip(), "no title")
        for key in ("/CreationDate", "/ModDate"):
            self.need(key not in info, f"{key} makes the bytes depend on the time")
        self.need(pdf.trailer.get("/ID"), "no /ID")
        self.metadata(title)

    def metadata(self, title):
        reference = self.root.get("/Metadata")
        if not self.need(reference in self.pdf.objects, "no XMP metadata"):
            return
        try:
            rdf = ElementTree.fromstring(self.pdf.data(reference).decode("utf-8").strip("\ufeff"))
        except (ElementTree.ParseError, UnicodeDecodeError) as error:
            self.say(f"the XMP metadata is not XML: {error}")
            return
        self.need(rdf.findtext(".//pdfuaid:part", namespaces=XMP) == "1", "XMP has no pdfuaid:part 1")
        li = rdf.findtext(".//dc:title/rdf:Alt/rdf:li", namespaces=XMP)
        self.need(li is not None and li.split() == re.sub(r"[\x00-\x1f]", " ", title).split(),
                  "XMP's dc:title is not the title")

    def fonts(self):
        for name, o in self.pdf.objects.items():
            font = self.pdf.get(name)
            if not isinstance(font, dict) or font.get("/Type") != "/Font" or font.get("/Subtype", "").startswith("/CIDFont"):
                continue
            inner = self.pdf.get(self.pdf.get(font.get("/DescendantFonts", [font]))[0]) or {}
            descriptor = self.pdf.get(inner.get("/FontDescriptor")) or {}
            self.need(any(f"/FontFile{n}" in descriptor for n in ("", "2", "3")), f"{font.get('/BaseFont')} is not embedded")
            self.need("/ToUnicode" in font or font.get("/Encoding") == "/WinAnsiEncoding",
                      f"{font.get('/BaseFont')} does not say its letters")

    def marks(self, number, page):
        """The marks of a page; everything drawn must be in a mark or an artifact."""
        found, stack, font, composite = [], [], None, self.composite_fonts(page)
        contents = page.get("/Contents")
        data = b"\n".join(self.pdf.data(c) for c in (contents if isinstance(contents, list) else [contents]))
        for operator, operands in operations(data):
            if operator in ("BDC", "BMC"):
                mcid = re.search(rb"/MCID (\d+)", b" ".join(operands))
                inside = [m for m in stack if m != "span"]
                self.need(not (mcid and inside), f"page {number}: a mark in a mark")
                if mcid:
                    found.append(int(mcid[1]))
                stack.append(int(mcid[1]) if mcid else "artifact" if operands[0] == b"/Artifact" else "span")
            elif operator == "EMC":
                if not self.need(stack, f"page {number}: EMC without a beginning"):
                    break
                stack.pop()
            elif operator == "Tf":
                font = operands[0]
            elif operator in PAINT and not [m for m in stack if m != "span"]:
                self.say(f"page {number}: {operator} draws outside every mark and artifact")
            if operator in SHOW and font in composite and re.search(rb"<(?:[0-9A-Fa-f]{4})*?0000", b"".join(operands)):
                self.say(f"page {number}: a letter that the font does not have")
        self.need(not stack, f"page {number}: a mark without an end")
        self.need(len(set(found)) == len(found), f"page {number}: a mark's number is used twice")
        return set(found)

    def composite_fonts(self, page):
        fonts = self.pdf.key(page, "/Resources", "/Font") or {}
        return {name.encode() for name, f in fonts.items() if self.pdf.key(f, "/Subtype") == "/Type0"}

    def all_marks(self):
        tree = self.pdf.key(self.root, "/StructTreeRoot", "/ParentTree", "/Nums") or []
        self.parents = dict(zip(tree[::2], map(self.pdf.get, tree[1::2])))
        self.drawn = {}
        for i, reference in enumerate(self.pages):
            page = self.pdf.get(reference)
            self.need(page.get("/Tabs") == "/S", f"page {i + 1}: no /Tabs /S")
            self.drawn[reference] = self.marks(i + 1, page)
            owners = self.parents.get(page.get("/StructParents"))
            if not self.need(isinstance(owners, list), f"page {i + 1}: nothing in the parent tree"):
                continue
            self.need(self.drawn[reference] == {n for n, o in enumerate(owners) if o},
                      f"page {i + 1}: its marks and the parent tree differ")

    def structure(self):
        tree = self.pdf.key(self.root, "/StructTreeRoot")
        if not self.need(tree, "no structure tree"):
            return
        self.seen, self.headings, self.linked = {}, [], set()
        kids = tree["/K"] if isinstance(tree["/K"], list) else [tree["/K"]]
        self.need(len(kids) == 1 and self.pdf.key(kids[0], "/S") == "/Document", "the tree is not one Document")
        for kid in kids:
            self.element(kid, self.root.get("/StructTreeRoot"), None)
        for page, numbers in self.drawn.items():
            lost = numbers - {n for p, n in self.seen if p == page}
            self.need(not lost, f"page {self.pages.index(page) + 1}: marks {sorted(lost)[:5]} are in no element")
        self.heading_order()
        self.heading_company()

    def element(self, reference, parent, parent_type):
        e = self.pdf.get(reference)
        kind = e["/S"][1:]
        self.need(kind in CHILDREN, f"unknown type {kind}")
        self.need(e.get("/P") == parent, f"{kind}: /P is not its parent")
        if parent_type is not None:
            self.need(kind in CHILDREN.get(parent_type, ()), f"{kind} in {parent_type}")
        kids = e.get("/K", [])
        kids = kids if isinstance(kids, list) else [kids]
        self.need(kids or kind in ("TD", "TH"), f"an empty {kind}")
        elements = [k for k in kids if isinstance(k, str) and self.pdf.key(k, "/S")]
        for kid in kids:
            if kid in elements:
                self.element(kid, reference, kind)
            else:
                self.mark(kid, e, reference)
        self.need(not elements or len(elements) == len(kids), f"{kind} mixes marks and elements")
        self.attributes(e, kind, [self.pdf.key(k, "/S")[1:] for k in elements], elements)
        if re.fullmatch("H[1-6]", kind):
            self.headings.append(int(kind[1]))

    def mark(self, kid, e, reference):
        kid = self.pdf.get(kid)
        if isinstance(kid, dict) and kid.get("/Type") == "/OBJR":
            return self.annotation(kid, e, reference)
        page, number = (kid["/Pg"], kid["/MCID"]) if isinstance(kid, dict) else (e.get("/Pg"), kid)
        self.need((page, number) not in self.seen, f"{e['/S']}: mark {number} is in two elements")
        self.seen[page, number] = reference
        owners = self.parents.get(self.pdf.key(page, "/StructParents")) or []
        self.need(number in self.drawn.get(page, ()), f"{e['/S']}: mark {number} is on no page")
        self.need(number < len(owners) and owners[number] == reference, f"{e['/S']}: the parent tree disagrees about mark {number}")

    def annotation(self, kid, e, reference):
        a = self.pdf.get(kid["/Obj"])
        self.linked.add(kid["/Obj"])
        self.need(e["/S"] == "/Link", f"{e['/S']} holds an annotation")
        self.need(text(a.get("/Contents")), "a link that does not say what it is")
        self.need(a.get("/Dest") or a.get("/A"), "a link that leads nowhere")
        tree = self.pdf.key(self.root, "/StructTreeRoot", "/ParentTree", "/Nums")
        raw = dict(zip(tree[::2], tree[1::2]))
        self.need(raw.get(a.get("/StructParent")) == reference, "the parent tree disagrees about a link")

    def attributes(self, e, kind, kinds, elements):
        attribute = self.pdf.get(e.get("/A")) or {}
        if kind == "Figure":
            self.need(len(text(e.get("/Alt")).strip()) > 3, "a Figure without /Alt")
            self.need(len(attribute.get("/BBox", [])) == 4, "a Figure without /BBox")
        if kind == "TH":
            self.need(attribute.get("/Scope") in ("/Column", "/Row"), "a TH without /Scope")
        if kind == "Link":
            k = self.pdf.get(e.get("/K"))
            self.need(any(self.pdf.key(x, "/Type") == "/OBJR" for x in k if isinstance(x, (str, dict))), "a Link without its annotation")
        if kind == "LI":
            self.need(kinds[-1:] == ["LBody"], "an LI without LBody")
        if kind == "Table":
            self.need("Caption" not in kinds[1:], "a Caption that is not first")
            widths = {len(self.pdf.key(r, "/K")) for r in elements if self.pdf.key(r, "/S") == "/TR"}
            self.need(len(widths) == 1, f"a Table with rows of {sorted(widths)} cells")

    def heading_order(self):
        self.need(self.headings[:1] == [1], "the first heading is not H1")
        self.need(self.headings.count(1) == 1, "not one H1")
        for before, after in zip(self.headings, self.headings[1:]):
            self.need(after <= before + 1, f"H{after} after H{before}")

    def first_page(self, reference):
        """The page that an element begins on, or None."""
        e = self.pdf.get(reference)
        if not isinstance(e, dict) or "/S" not in e:
            return None
        if "/Pg" in e:
            return e["/Pg"]
        kids = e.get("/K", [])
        pages = map(self.first_page, kids if isinstance(kids, list) else [kids])
        return next((page for page in pages if page), None)

    def heading_company(self):
        """A heading stands on the page of what it is about, and text below it."""
        kids = self.pdf.key(self.root, "/StructTreeRoot", "/K", "/K") or []
        for kid, following in zip(kids, kids[1:]):
            if re.fullmatch("/H[1-6]", self.pdf.key(kid, "/S")):
                self.need(self.first_page(kid) == self.first_page(following),
                          "a heading at the foot of a page, what it is about on the next")

    def links(self):
        for i, reference in enumerate(self.pages):
            for a in self.pdf.get(self.pdf.key(reference, "/Annots")) or []:
                self.need(a in self.linked, f"page {i + 1}: an annotation outside the structure")

    def bookmarks(self):
        outlines = self.root.get("/Outlines")
        if not self.need(outlines, "no bookmarks"):
            return
        n = self.below(outlines)
        self.need(n == len(self.headings), f"{n} bookmarks for {len(self.headings)} headings")

    def below(self, reference):
        item, n = self.pdf.get(reference), 0
        child, previous = item.get("/First"), None
        while child:
            c = self.pdf.get(child)
            self.need(c.get("/Parent") == reference and c.get("/Prev") == previous, "bookmarks out of order")
            self.need(text(c.get("/Title")).strip() and c.get("/Dest", [None])[0] in self.pages, "a bookmark without title or page")
            n += 1 + self.below(child)
            child, previous = c.get("/Next"), child
        self.need(item.get("/Last") == previous, "bookmarks out of order")
        self.need(item.get("/Count", 0) == n, "a bookmark that counts wrongly")
        return n

    def run(self):
        self.document()
        self.fonts()
        self.all_marks()
        self.structure()
        self.links()
        self.bookmarks()
        return sorted(set(self.problems))


def check(path):
    """What is wrong with the file, as a list of sentences."""
    try:
        return Check(path).run()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        return [f"not a PDF as we write them: {type(error).__name__} {error}"]


def main(paths):
    if not paths:
        sys.exit(__doc__)
    failed = False
    for path in paths:
        for problem in check(path):
            failed = True
            print(f"{path}: {problem}")
    print(f"{len(paths)} looked at (by our own check, which is not veraPDF)")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
