"""Codes on paper: letters for those who hold custody and for staff, slips and a list for each class; and who is
asked where they live, and who must not be."""
import contextlib
import pathlib
import re
import subprocess
import sys
import tempfile

from answering import ROSTER, School
from tap import ROOT, case, check, finish, laerke, must

sys.path.insert(0, str(ROOT / "tools"))
import pdfcheck

stack = contextlib.ExitStack()
shared = {}


def school():
    """One programme for all cases; its address and contact are known."""
    if "school" not in shared:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="laerke-letters-"))
        shared["school"] = School(f"{folder}/p")
        for form, tag in (("parent", "tr"), ("teacher", "en"), ("class_teacher", "en")):
            must("-C", shared["school"].folder, "instrument", "approve", form, "--language", tag, "--reviewer", "Prøve Læser")
        settings(shared["school"], address="https://laerke.example.dk/", contact="indsigelse@example.dk")
    return shared["school"]


def settings(of, **values):
    path = pathlib.Path(of.folder) / "programme.ini"
    text = path.read_text()
    for key, value in values.items():
        text = re.sub(rf"(?m)^;? ?{key} = .*$", f"{key} = {value}" if value else f"; {key} = x", text)
    path.write_text(text)


def printed(name, *more, out=None):
    """The pages of a PDF, as text."""
    path = f"{school().folder}/{name}.pdf"
    result = must("-C", school().folder, "code", "print", "--unit", "", "--out", path, *more)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    return path, text.split("\f")[:-1], result


def squares(path):
    """What a telephone reads from each page."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-r", "180", "-png", path, f"{folder}/p"], check=True)
        for page in sorted(pathlib.Path(folder).iterdir()):
            run = subprocess.run(["zbarimg", "-q", "--raw", page], capture_output=True)
            found.append(sorted(run.stdout.decode().split()))
    return found


def words(page):
    return re.sub(r"\s+", " ", page)


@case("one letter a holder of custody and child, and no other parent in it")
def _():
    path, pages, _ = printed("parents", "--respondent", "parent")
    check(len(pages) == 3, str(len(pages)))
    for page in pages:
        check(("Mor Et" in page) != ("Far To" in page), page)
        check("Hemmelig" not in page and "Onkel" not in page, page)
        check(("Anna" in page) != ("Ask" in page), page)
    father = words(next(page for page in pages if "Far To" in page))
    check("Far To Udleveres af skolen" in father and "Vej" not in father, father)
    mother = words(next(page for page in pages if "Mor Et" in page))
    check("Mor Et Vej 1" in mother, mother)
    codes = {row["code"] for row in school().codes if row["respondent"] == "parent"}
    check({re.search(r"\w{4}-\w{4}-\w{3}\b", page)[0] for page in pages} == codes, str(codes))


@case("a letter says when, why, who sees what, that it is voluntary, where to object and where to read, and never “anonymous”")
def _():
    _, pages, _ = printed("parents", "--respondent", "parent", "--results", "2027-02-15")
    for page in map(words, pages):
        for said in ("Du kan svare fra", "Resultaterne er klar 15. februar 2027", "springe ethvert spørgsmål over", "Jeg deltager ikke",
                     "Fortroligt", "mindst 7 svar", "indsigelse@example.dk", "laerke.example.dk/forms", "laerke.example.dk/a"):
            check(said in page, f"{said}: {page}")
        for said in ("English", "Türkçe", "Katılım gönüllüdür", "voluntary"):
            check(said in page, f"{said}: {page}")
        check("العربية" in page and "اختيارية" in page, page)
        check("anonym" not in page.lower(), page)


@case("the square opens the code, in the address's fragment")
def _():
    for respondent in ("parent", "pupil"):
        path, _, _ = printed(respondent, "--respondent", respondent)
        codes = sorted(row["code"].replace("-", "") for row in school().codes if row["respondent"] == respondent)
        read = sorted(text for page in squares(path) for text in page)
        check(read == [f"https://laerke.example.dk/a#{code}" for code in codes], f"{read}\n{codes}")


@case("pupils: a list for the teacher, then slips, by class")
def _():
    _, pages, _ = printed("pupils", "--respondent", "pupil")
    check(len(pages) == 2 and "Koderne i 5.a" in pages[0] and "klippe ud" in pages[1], "\n".join(pages))
    for page in pages:
        for name in ("Ask Prøve", "Ida Prøve", "Ida Eksempel"):
            code = next(row["code"] for row in school().codes if f"{row['given_name']} {row['family_name']}" == name)
            check(name in page and code in page, f"{name} {code}\n{page}")
        check("Anna" not in page, page)


@case("a language that nobody has approved stands in no letter")
def _():
    with tempfile.TemporaryDirectory(prefix="laerke-letters-") as folder:
        other = School(f"{folder}/p")
        path = f"{folder}/x.pdf"
        must("-C", other.folder, "code", "print", "--unit", "", "--respondent", "parent", "--out", path)
        text = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout.decode()
        check("Türkçe" not in text and "العربية" in text, text)


@case("staff get theirs at the school, in the languages of their form")
def _():
    _, pages, _ = printed("teachers", "--respondent", "teacher")
    page = words(pages[0])
    check("Udleveres af skolen" in page and "dit arbejde på Skole A1" in page and "English" in page and "Türkçe" not in page, page)
    _, pages, _ = printed("raters", "--respondent", "class_teacher")
    check(len(pages) == 2 and "Eleverne i 2.a" in pages[0] and "en enkelt elev" not in pages[0], pages[0])


@case("everybody: tagged as it should be, and the same bytes again")
def _():
    path, pages, result = printed("all")
    check(len(pages) == 2 + 2 + 2 + 3 + 2 + 1 + 1, f"{len(pages)} pages")
    check("14 codes on 13 pages" in result.err, result.err)
    # Bo has no adult in the roster, the two Idas none who holds custody.
    check("3 pupils have nobody with custody" in result.err, result.err)
    problems = pdfcheck.check(path)
    check(not problems, "\n".join(problems))
    check(subprocess.run(["qpdf", "--check", path], capture_output=True).returncode == 0, "qpdf complains")
    first = pathlib.Path(path).read_bytes()
    printed("all")
    check(pathlib.Path(path).read_bytes() == first, "other bytes")


@case("without an address there is no square, and the letter says where to go")
def _():
    settings(school(), address="")
    try:
        path, pages, result = printed("parents", "--respondent", "parent")
        check("[web]" in result.err, result.err)
        check(squares(path) == [[], [], []], "a square")
        check("den adresse, som skolen har oplyst" in words(pages[0]), pages[0])
        check(pdfcheck.check(path) == [], "tags")
    finally:
        settings(school(), address="https://laerke.example.dk")


@case("a receiver with a hostile name or a long address keeps to the page and to the window")
def _():
    with tempfile.TemporaryDirectory(prefix="laerke-letters-") as folder:
        long = "Nordre Søndergårdsvej 117, 3. tv., c/o Poulsen, Landsbyen Lille Vester Øster, 8700 Horsens, Danmark"
        saved = ROSTER["voksne.csv"]
        ROSTER["voksne.csv"] = ("barn;forælder;fornavn;efternavn;forældremyndighed;adressebeskyttelse;adresse\n"
                                f"e1;f1;{'Ø' * 40} </P> BDC;ليلى Ærø-{'W' * 60};ja;nej;{long}\n")
        try:
            other = School(f"{folder}/p")
        finally:
            ROSTER["voksne.csv"] = saved
        path = f"{folder}/x.pdf"
        must("-C", other.folder, "code", "print", "--unit", "", "--respondent", "parent", "--out", path)
        check(pdfcheck.check(path) == [], "tags")
        boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True).stdout.decode()
        mm = 72 / 25.4
        inside = 0
        for x, y, right, bottom, word in re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', boxes):
            x, y, right, bottom = (float(v) / mm for v in (x, y, right, bottom))
            check(right < 195 and bottom < 292, f"{word} at {x:.0f}, {y:.0f} mm")
            if 38 < bottom and y < 82 and x < 125:
                inside += 1
                check(x >= 19.9 and y > 42 and bottom < 70 and right < 110, f"“{word}” stands in the window's margin: {x} {y} {right} {bottom}")
        check(inside > 5, "no address")


@case("the longest names and four languages stay on the page")
def _():
    with tempfile.TemporaryDirectory(prefix="laerke-letters-") as folder:
        saved = ROSTER["elever.csv"]
        ROSTER["elever.csv"] = saved.replace("Skole A1", "Skolen for de helt lange navne ved den store skov og søen i Vesterøsterlandet " * 2).replace("Anna", "Annabella Rosamunda " * 8)
        try:
            other = School(f"{folder}/p")
        finally:
            ROSTER["elever.csv"] = saved
        ini = pathlib.Path(other.folder) / "programme.ini"
        ini.write_text(ini.read_text().replace("name = Prøveprogram", "name = " + "Et program med et meget langt navn " * 4)
                       .replace("; address = https://laerke.example.dk", "address = https://spoergeskemaer.laerke.en-meget-lang-kommune.example.dk"))
        for tag in ("en", "tr", "ar"):
            must("-C", other.folder, "instrument", "approve", "parent", "--language", tag, "--reviewer", "Prøve Læser")
        path = f"{folder}/x.pdf"
        must("-C", other.folder, "code", "print", "--unit", "", "--out", path)
        check(pdfcheck.check(path) == [], "tags")
        boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True).stdout.decode()
        check(boxes.count("Türkçe") == 3, f"{boxes.count('Türkçe')} in Turkish")
        for right, bottom, word in re.findall(r'xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', boxes):
            check(float(right) < 200 * 72 / 25.4 and float(bottom) < 289 * 72 / 25.4, f"{word}: {right} {bottom}")


@case("what cannot be printed says so")
def _():
    for arguments, code, said in (
            (("--unit", "", "--out", "x.txt"), 2, ".pdf or .csv"), (("--unit", "", "--out", "x.pdf", "--results", "soon"), 2, "is no date"),
            (("--unit", "", "--out", "x.pdf", "--wave", "9"), 1, "no wave 9"), (("--unit", "nowhere", "--out", "x.pdf"), 1, "nowhere"),
            (("--unit", "", "--out", "/nowhere/x.pdf"), 1, "/nowhere/x.pdf")):
        result = laerke("-C", school().folder, "code", "print", *arguments)
        check(result.code == code and said in result.err, f"{arguments}: {result.code} {result.err}")
    for value in ("laerke.example.dk", "https://", "https://a b", "https://x#y", "ftp://x.dk"):
        with tempfile.TemporaryDirectory() as folder:
            must("init", f"{folder}/p", "--name", "X")
            ini = pathlib.Path(f"{folder}/p/programme.ini")
            ini.write_text(ini.read_text().replace("; address = https://laerke.example.dk", f"address = {value}"))
            result = laerke("-C", f"{folder}/p", "wave", "list")
            check(result.code == 1 and "address" in result.err, f"{value}: {result.code} {result.err}")


finish()
