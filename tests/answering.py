"""A small programme whose wave is open to all six groups, and respondents without a browser: for the tests of
collecting. Nobody in it exists."""
import csv
import datetime
import json
import os
import re
import time

from site_for_tests import Browser
from tap import check, must

FORMS = ("pupil_young", "pupil", "class_teacher", "parent", "teacher", "pedagogue", "leader")
APPROVED = {"parent": ("en", "ar")}  # Turkish waits
NOT_SEEN, SKIPPED, DONT_KNOW, NOT_APPLICABLE = 255, 254, 253, 252

ROSTER = {
    "elever.csv": """kommune;skole;skolenavn;klasse;klassetrin;elev;fornavn;efternavn;køn
A;A1;Skole A1;2.a;2;e1;Anna;Prøve;f
A;A1;Skole A1;2.a;2;e2;Bo;Prøve;m
A;A1;Skole A1;5.a;5;e3;Ask;Prøve;m
A;A1;Skole A1;5.a;5;e4;Ida;Prøve;f
A;A1;Skole A1;5.a;5;e5;Ida;Eksempel;f
""",
    # Two who live apart, one with two children, and one without custody.
    "voksne.csv": """barn;forælder;fornavn;efternavn;forældremyndighed;adressebeskyttelse;adresse
e1;f1;Mor;Et;ja;nej;Vej 1
e1;f2;Far;To;ja;ja;Hemmelig 2
e3;f1;Mor;Et;ja;nej;Vej 1
e4;f3;Onkel;Tre;nej;nej;Vej 3
""",
    "ansatte.csv": """medarbejder;rolle;kommune;skole;klasse;fornavn;efternavn
l1;klasselærer;A;A1;2.a;Lærer;Et
l2;klasselærer;A;A1;5.a;Lærer;To
l1;lærer;A;A1;;Lærer;Et
l2;lærer;A;A1;;Lærer;To
p1;pædagog;A;A1;;Pædagog;Et
h1;leder;A;A1;;Leder;Et
""",
}


def day(offset):
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


class School:
    """The programme in a folder: roster, forms and an open wave. opens, closes: days from today. more: files of
    newer versions of forms."""

    def __init__(self, folder, database=(), opens=-1, closes=5, more=()):
        self.folder = str(folder)
        must("init", self.folder, "--name", "Prøveprogram", *database)
        os.makedirs(f"{self.folder}/roster")
        for name, text in ROSTER.items():
            with open(f"{self.folder}/roster/{name}", "w") as file:
                file.write(text)
        must("-C", self.folder, "roster", "import", f"{self.folder}/roster")
        for form in (*FORMS, *more):
            must("-C", self.folder, "instrument", "load", form)
        for form, tags in APPROVED.items():
            for tag in tags:
                must("-C", self.folder, "instrument", "approve", form, "--language", tag, "--reviewer", "Prøve Læser")
        must("-C", self.folder, "wave", "new", "--opens", day(opens), "--closes", day(closes), "--instrument", *FORMS)
        must("-C", self.folder, "wave", "open", "1")
        self.codes = self.read_codes()

    def read_codes(self):
        must("-C", self.folder, "code", "print", "--unit", "", "--out", f"{self.folder}/codes.csv")
        with open(f"{self.folder}/codes.csv", newline="") as file:
            return list(csv.DictReader(file))

    def code(self, respondent, given="", child=""):
        """The code of who has that role, and that first name or child."""
        found = [row["code"] for row in self.codes
                 if row["respondent"] == respondent and row["given_name"].startswith(given) and row["child"].startswith(child)]
        check(found, f"no code of {respondent} {given} {child}")
        return found[0]


class Respondent(Browser):
    """Somebody with a code. form is what the page with the questions says."""

    def begin(self, code, **fields):
        self.get("/a?lang=da")
        return self.post("/a", code=code, **fields)

    def open(self, code):
        reply = self.begin(code)
        check(reply.status == 303, f"{reply.status}: {reply.text[:2000]}")
        return self.read(reply.to)

    def read(self, path):
        self.page = self.get(path)
        self.grant = self.word("data-grant")
        self.pages = [(int(number), int(n)) for number, n in
                      re.findall(r'<section class="page" data-page="(\d+)" data-n="(\d+)"', self.page.text)]
        return self

    def word(self, attribute):
        found = re.search(attribute + r'="([^"]*)"', self.page.text)
        return found and found[1]

    def send(self, **fields):
        fields.setdefault("grant", self.grant)
        reply = self.post("/a/save", token=None, **{k: v for k, v in fields.items() if v is not None})
        return reply.status, json.loads(reply.text)["outcome"]

    def save(self, page, codes, revision=None, **more):
        return self.send(act="save", page=page, revision=revision or int(time.time() * 1e6), codes=bytes(codes).hex(), **more)

    def answer_all(self, code=1):
        for number, n in self.pages:
            outcome = self.save(number, [code] * n)
            check(outcome == (200, "kept"), f"page {number}: {outcome}")
        return self.send(act="submit")
