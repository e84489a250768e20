"""The tagged PDFs, looked at from inside by tools/pdfcheck.py; and pdfcheck, given PDFs that are broken."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["LAERKE_ROOT"])
sys.path.insert(0, str(ROOT / "tools"))
import pdfcheck

cases, failures = 0, 0


def case(name, problem):
    global cases, failures
    cases += 1
    failures += bool(problem)
    print(f"{'not ok' if problem else 'ok'} {cases} - {name}")
    for line in str(problem or "").splitlines():
        print(f"# {line}")


def words(path):
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()


# Changes of the same length, so that the file stays whole: what is broken → what must be said about it.
BREAKS = [
    (b"/Lang (", b"/Gnal (", "no /Lang"),
    (b"/Alt (", b"/Tla (", "without /Alt"),
    (b"/Scope /Column", b"/Epocs /Column", "without /Scope"),
    (b"/DisplayDocTitle true", b"/DisplayDocTitle null", "DisplayDocTitle"),
    (b"/Artifact BMC", b"/Artefact BMC", "outside every mark"),
    (b"<pdfuaid:part>1", b"<pdfuaid:part>9", "pdfuaid"),
    (b"/Tabs /S", b"/Tabs /R", "/Tabs"),
    (b"/S /H2", b"/S /H3", "H3 after H1"),
    (b"/S /LBody", b"/S /LBone", "LBone"),
    (b"/MCID 3>>", b"/MCID 2>>", "twice"),
    (b"/Contents (", b"/Stnetnoc (", "does not say what it is"),
    (b"/FontFile3", b"/EliftnoF3", "not embedded"),
    (b"/Outlines", b"/Seniltuo", "no bookmarks"),
]

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    program = pathlib.Path(os.environ["LAERKE"]).parent / "tests" / "test_pdf"
    run = subprocess.run([program], capture_output=True, env=os.environ | {"LAERKE_PDF_OUT": str(folder)})
    case("the documents are made", run.returncode and run.stdout.decode())
    files = sorted(folder.glob("*.pdf"))
    case("five of them", len(files) != 5 and str(files))
    for path in files:
        case(f"{path.stem}: tagged as it should be", "\n".join(pdfcheck.check(path)))
        case(f"{path.stem}: qpdf finds nothing to mend",
             subprocess.run(["qpdf", "--check", path], capture_output=True).returncode)
    said = words(folder / "short.pdf")
    for sentence in ("Søndervangskolen", "Tydeligt over programmet", "mindre ro", "Tallene bag figurerne",
                     "Side 1 af", "Fra tal til handling"):
        case(f"short: one can search for “{sentence}”", sentence not in said and said)
    case("short: a link that leads nowhere is not shown", "Se alle skalaer" in said)
    links = subprocess.run(["qpdf", "--qdf", "--object-streams=disable", folder / "short.pdf", "-"],
                           capture_output=True, check=True).stdout.count(b"/Subtype /Link")
    case("short: two findings and a sentence lead to their places", links != 3 and links)
    case("english: in English", "The numbers behind the figures" not in words(folder / "english.pdf"))
    case("long: the table's header on each of its pages", words(folder / "long.pdf").count("Interval") < 5)
    plain = folder / "plain"
    subprocess.run(["qpdf", "--qdf", "--object-streams=disable", folder / "short.pdf", plain], check=True)
    whole = plain.read_bytes()
    case("plain: nothing to say", "\n".join(pdfcheck.check(plain)))
    for before, after, complaint in BREAKS:
        broken = folder / "broken"
        broken.write_bytes(whole.replace(before, after))
        problems = pdfcheck.check(broken)
        case(f"broken: {before.decode()} → {after.decode()}",
             before not in whole and "it is not there" or not any(complaint in p for p in problems) and f"{problems}")
print(f"1..{cases}")
sys.exit(1 if failures else 0)
