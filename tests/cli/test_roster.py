"""`laerke roster import` as the person at the municipality meets it, on SQLite and on PostgreSQL."""
import pathlib
import re
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import postgres
from tap import Skip, case, check, finish, laerke, must, shared, workspace

SERVER = postgres.Server()
_databases = 0


class Programme:
    """A new programme on one of the two databases, and what stands in it."""

    def __init__(self, folder, kind):
        global _databases
        self.dir, self.kind = folder / f"programme-{kind}", kind
        self.folder = folder
        if kind == "sqlite":
            must("init", self.dir)
            return
        if not SERVER.url:
            raise Skip("PostgreSQL is absent")
        _databases += 1
        self.database = f"roster{_databases}"
        must("init", self.dir, "--database", SERVER.database(self.database))

    def write(self, name, text, encoding="utf-8"):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    def roster(self, *arguments):
        return laerke("-C", self.dir, "roster", "import", *arguments)

    def imports(self, *arguments):
        result = self.roster(*arguments, "--json")
        check(result.code == 0, result.err)
        return result.json

    def refuses(self, *arguments):
        before = self.dump()
        result = self.roster(*arguments)
        check(result.code == 1, f"exit {result.code}\n{result.err}")
        check(self.dump() == before, "something was changed")
        return result.err

    def rows(self, store, sql):
        if self.kind == "sqlite":
            connection = sqlite3.connect(self.dir / f"{store}.db")
            try:
                return ["|".join("" if v is None else str(v) for v in row) for row in connection.execute(sql)]
            finally:
                connection.close()
        return SERVER.sql(f"SET search_path TO {store}; {sql}", self.database).splitlines()

    def units(self):
        return self.rows("study", "SELECT u.kind, COALESCE(p.code, ''), u.code, u.name, u.grade FROM unit u"
                                  " LEFT JOIN unit p ON p.id = u.parent ORDER BY u.kind, p.code, u.code")

    def pupils(self):
        """key, class, grade, gender"""
        subjects = dict(row.split("|") for row in self.rows(
            "identity", "SELECT s.subject, p.source_key FROM person p JOIN pseudonym s ON s.person = p.id"))
        return sorted(f"{subjects[row.split('|')[0]]}|{row.split('|', 1)[1]}" for row in self.rows(
            "study", "SELECT e.subject, u.code, e.grade, e.gender FROM enrolment e JOIN unit u ON u.id = e.unit"
                     " WHERE e.wave = 0 AND e.role = 'pupil'"))

    def dump(self):
        return [self.rows(store, f"SELECT * FROM {table} ORDER BY {order}") for store, table, order in (
            ("identity", "person", "id"), ("identity", "pseudonym", "person"), ("identity", "guardian", "child, person"),
            ("identity", "staff", "person, unit, role"), ("study", "unit", "id"),
            ("study", "enrolment", "subject, unit, role"))]


def both(name):
    """A case for each database."""
    def register(function):
        for kind in ("sqlite", "postgres"):
            @case(f"{name} ({kind})")
            def _(kind=kind):
                with workspace() as folder:
                    function(Programme(folder, kind))
        return function
    return register


PUPILS = "school;class;pupil;gender\n751234;4A;e1;K\n751234;4A;e2;dreng\n751234;5.b;e3;\n751299;4A;e4;x\n"


@both("one file of pupils makes its units")
def _(p):
    path = p.write("pupils.csv", PUPILS)
    summary = p.imports(path)
    check((summary["units_added"], summary["people_added"]) == (5, 4), summary)
    check(p.units() == ["class|751234|4A|4A|4", "class|751234|5.b|5.b|5", "class|751299|4A|4A|4", "programme|||Our schools|",
                        "school||751234|751234|", "school||751299|751299|"], p.units())
    check(p.pupils() == ["e1|4A|4|f", "e2|4A|4|m", "e3|5.b|5|", "e4|4A|4|x"], p.pupils())


@both("a second import changes nothing, and says so")
def _(p):
    path = p.write("pupils.csv", PUPILS)
    p.imports(path)
    before = p.dump()
    summary = p.imports(path)
    check(not summary["changed"] and summary["unchanged"] == 4, summary)
    result = p.roster(path)
    check("Nothing changed" in result.err, result.err)
    check(p.dump() == before)


@both("a changed file: the dry run tells, the import does")
def _(p):
    p.imports(p.write("pupils.csv", PUPILS))
    path = p.write("pupils.csv", "school;class;pupil;gender;first name\n751234;5.b;e1;K;Ida\n751234;4A;e2;pige;\n"
                                 "751234;5.b;e3;;\n751299;4A;e4;x;\n751299;4A;e5;x;Åge\n")
    before = p.dump()
    result = p.roster(path, "--dry-run")
    check(result.code == 0 and p.dump() == before, result.err)
    lines = result.out.splitlines()
    check(sorted(lines) == sorted(["~ pupil e1: given name \"\" → \"Ida\"", "~ pupil e1: class 751234/4A → 751234/5.b",
                                   "~ pupil e1: grade 4 → 5", "~ pupil e2: gender m → f", "+ pupil e5 in 751299/4A"]), lines)
    check("dry run" in result.err, result.err)
    check(sorted(p.imports(path, "--dry-run")["changes"]) == sorted(lines))
    summary = p.imports(path)
    check((summary["people_added"], summary["people_moved"], summary["people_changed"], summary["unchanged"]) == (1, 1, 1, 2), summary)
    check(p.pupils() == ["e1|5.b|5|f", "e2|4A|4|f", "e3|5.b|5|", "e4|4A|4|x", "e5|4A|4|x"], p.pupils())
    check(p.roster(path, "--dry-run").out == "")
    # Who stands in no file stays, with the pseudonym of before.
    check(not p.imports(p.write("less.csv", "school;class;pupil\n751299;4A;e4\n"))["changed"])
    check(len(p.pupils()) == 5)


FILES = {
    "units.csv": "type;kode;overordnet;navn;klassetrin\nklasse;0B;horsens/751234;0. b;0\nkommune;horsens;;Horsens Kommune;\n"
                 "skole;751234;horsens;Bygholm Skole;\nklasse;M1;751234;Modtageklassen;\n",
    "elever.csv": "skole,klasse,elev-id,navn,klassetrin\n751234,0B,e1,Ida Sofie Åkær,\n751234,M1,e2,Ole,3\n751234,M1,e3,,4\n",
    "voksne.csv": "barn\tforælder\tfornavn\tefternavn\tforældremyndighed\tadressebeskyttelse\tadresse\n"
                  "e1\tf1\tBo\tÅkær\tja\tnej\tVej 1\ne1\tf2\tAnja\tLy\tja\tja\t\ne2\tf1\tBo\tÅkær\tnej\tnej\tVej 1\n",
    "ansatte.csv": "medarbejder;rolle;skole;klasse;mail\ns1;Lærer;751234;;a@b.dk\ns1;klasselærer;751234;0B;a@b.dk\ns2;LEDER;751234;;\n",
}


@both("a folder: units, pupils, guardians, staff, in Danish")
def _(p):
    for name, text in FILES.items():
        p.write(f"roster/{name}", text)
    p.write("roster/README.txt", "not a roster")
    folder = p.folder / "roster"
    summary = p.imports(folder)
    check([summary[k] for k in ("units_added", "people_added", "guardians_added", "staff_added")] == [4, 7, 3, 3], summary)
    check(p.units() == ["class|751234|0B|0. b|0", "class|751234|M1|Modtageklassen|", "municipality||horsens|Horsens Kommune|",
                        "programme|||Our schools|", "school|horsens|751234|Bygholm Skole|"], p.units())
    check(p.pupils() == ["e1|0B|0|", "e2|M1|3|", "e3|M1|4|"], p.pupils())
    check(p.rows("identity", "SELECT source_key, given_name, family_name FROM person WHERE kind = 'pupil' ORDER BY 1")
          == ["e1|Ida Sofie|Åkær", "e2||Ole", "e3||"])
    links = ("SELECT c.source_key, g.source_key, l.custody, l.protected FROM guardian l JOIN person c ON c.id = l.child"
             " JOIN person g ON g.id = l.person ORDER BY 1, 2")
    check(p.rows("identity", links) == ["e1|f1|1|0", "e1|f2|1|1", "e2|f1|0|0"])
    check(not p.imports(folder)["changed"])
    # One file of it later: the children it lists have the guardians it lists.
    later = p.write("later.csv", "child,guardian,custody\ne1,f1,no\n")
    summary = p.imports(later)
    check((summary["guardians_changed"], summary["guardians_removed"]) == (1, 1), summary)
    check(p.rows("identity", links) == ["e1|f1|0|0", "e2|f1|0|0"])
    summary = p.imports(p.write("staff.csv", "staff,role,school\ns1,teacher,751234\n"))
    check((summary["staff_added"], summary["staff_removed"]) == (0, 1), summary)
    roles = "SELECT role, COUNT(*) FROM {} WHERE role <> 'pupil' GROUP BY role ORDER BY role"
    check(p.rows("identity", roles.format("staff")) == p.rows("study", roles.format("enrolment")) == ["leader|1", "teacher|1"])


@both("Windows-1252, a BOM, CRLF and quotes come through alike")
def _(p):
    text = "skole;klasse;elev;fornavn;efternavn\r\n\"Sct. Knuds; Skole\";4.æ;e1;Åse;\"Bjørn \"\"Ø\"\"\"\r\n"
    p.imports(p.write("a.csv", text, "cp1252"))
    for encoding in ("utf-8", "utf-8-sig"):
        check(not p.imports(p.write("a.csv", text, encoding))["changed"], encoding)
    check(p.rows("identity", "SELECT given_name, family_name FROM person") == ["Åse|Bjørn \"Ø\""])
    check("class|Sct. Knuds; Skole|4.æ|4.æ|4" in p.units(), p.units())


@both("the real TIMSS file, as it is")
def _(p):
    summary = p.imports(shared("timss2011_aut_pupils.csv"))
    check((summary["units_added"], summary["people_added"]) == (158 + 276, 4668), summary)
    check(summary["ignored"].startswith("jkzone, jkrep, weight") and summary["ignored"].endswith("… (200)"), summary)
    check(p.rows("study", "SELECT gender, COUNT(*) FROM enrolment GROUP BY gender ORDER BY gender") == ["f|2280", "m|2388"])
    check(not p.imports(shared("timss2011_aut_pupils.csv"))["changed"])


HEAD = "school;class;pupil;gender;grade\n"
# name, text, what the message must hold (a line number, and what it is about)
BAD = [
    ("a pupil twice", HEAD + "1;4A;e1;;\n1;4B;e1;;\n", ["line 3", "e1", "line 2"]),
    ("a pupil twice, alike", HEAD + "1;4A;e1;;\n1;4A;e1;;\n", ["line 3", "e1"]),
    ("no key", HEAD + "1;4A;;;\n", ["line 2", "pupil"]),
    ("no class", HEAD + "1;;e1;;\n", ["line 2", "class"]),
    ("no school", HEAD + ";4A;e1;;\n", ["line 2", "school"]),
    ("bad gender", HEAD + "1;4A;e1;q;\n", ["line 2", "gender", "“q”", "pige"]),
    ("bad grade", HEAD + "1;4A;e1;;11\n", ["line 2", "grade", "“11”", "0–10"]),
    ("negative grade", HEAD + "1;4A;e1;;-1\n", ["line 2", "“-1”"]),
    ("a ragged line", HEAD + "1;4A;e1;;\n1;4A;e2\n1;4A;e3;;\n", ["line 3"]),
    ("too long a key", HEAD + f"1;4A;{'e' * 64};;\n", ["line 2", "pupil", "63"]),
    ("too long a name", f"school;class;pupil;fornavn\n1;4A;e1;{'æ' * 100}\n", ["line 2", "fornavn", "199"]),
    ("a CPR number as key", HEAD + "1;4A;010203-1234;;\n", ["line 2", "pupil", "CPR", "--drop"]),
    ("a CPR number among others", "school;class;pupil;note\n1;4A;e1;ring 0102031234\n", ["line 2", "note", "CPR", "--drop \"note\""]),
    ("a CPR number where a gender belongs", HEAD + "1;4A;e1;010203-1234;\n", ["line 2", "gender", "CPR"]),
    ("no line of names", "1;4A;010203-1234;f\n", ["line 1", "column 3", "CPR"]),
    ("an empty file", "", ["is empty"]),
    ("a header alone", HEAD, ["no lines"]),
    ("no known columns", "a;b;c\n1;2;3\n", ["columns", "pupil and class"]),
    ("two columns of one meaning", "school;skole;class;pupil\n1;2;3;4\n", ["skole"]),
    ("two of one name", "school;class;class;pupil\n1;2;3;4\n", ["class"]),
    ("an open quote", HEAD + "1;4A;\"e1;;\n", ["line 2"]),
    ("a PDF", "%PDF-1.7\n%\xe2\xe3\x00\x01\n1 0 obj\n", ["CSV"]),
    ("two names for one school", "school;school name;class;pupil\n1;A;4A;e1\n1;B;4A;e2\n", ["line 3", "“B”", "“A”"]),
]


@both("every kind of bad file is named by line, and changes nothing")
def _(p):
    p.imports(p.write("good.csv", PUPILS))
    for name, text, parts in BAD:
        message = p.refuses(p.write("bad.csv", text, "latin-1" if "PDF" in name else "utf-8"))
        for part in [*parts, "bad.csv"]:
            check(part in message, f"{name}: no “{part}” in: {message}")
        check("010203" not in message, f"{name}: the number is repeated: {message}")


@both("every bad line is named, not the first alone")
def _(p):
    lines = [f"1;4A;e{i};{'q' if i % 3 == 0 else 'f'};{'99' if i % 5 == 0 else ''}\n" for i in range(60)]
    message = p.refuses(p.write("bad.csv", HEAD + "".join(lines)))
    named = {int(n) for n in re.findall(r"line (\d+)", message)}
    check(named == {i + 2 for i in range(60) if i % 3 == 0 or i % 5 == 0}, named)
    message = p.refuses(p.write("bad.csv", HEAD + "1;4A;e1;q;\n" * 500))
    check("450 more" in message, message[-300:])


@both("what a folder's files say must hold together")
def _(p):
    faults = [
        ("elever.csv", FILES["elever.csv"] + "751234,9Z,e9,,\n", ["elever.csv", "line 5", "9Z"]),
        ("elever.csv", FILES["elever.csv"] + "751299,0B,e9,,\n", ["line 5", "751299"]),
        ("units.csv", FILES["units.csv"] + "klasse;4A;nowhere;;\n", ["units.csv", "line 6", "nowhere"]),
        ("units.csv", FILES["units.csv"] + "skole;7;751234;;\n", ["line 6", "7", "parent"]),
        ("units.csv", FILES["units.csv"] + "skole;751234;horsens;Igen;\n", ["line 6", "751234", "line 4"]),
        ("units.csv", FILES["units.csv"] + "slot;x;;;\n", ["line 6", "“slot”"]),
        ("units.csv", FILES["units.csv"] + "klasse;horsens;;;\n", ["line 6", "horsens", "another kind"]),
        ("voksne.csv", FILES["voksne.csv"] + "e77\tf9\tBo\tB\tja\tnej\t\n", ["voksne.csv", "line 5", "e77"]),
        ("voksne.csv", FILES["voksne.csv"] + "e3\tf1\tBo\tAnden\tja\tnej\tVej 1\n", ["line 5", "f1", "efternavn", "line 2"]),
        ("voksne.csv", FILES["voksne.csv"] + "e1\tf1\tBo\tÅkær\tja\tnej\tVej 1\n", ["line 5", "f1", "line 2"]),
        ("voksne.csv", FILES["voksne.csv"] + "e3\tf1\tBo\tÅkær\tmåske\tnej\tVej 1\n", ["line 5", "“måske”"]),
        ("ansatte.csv", FILES["ansatte.csv"] + "s3;vicevært;751234;;\n", ["ansatte.csv", "line 5", "“vicevært”"]),
        ("ansatte.csv", FILES["ansatte.csv"] + "s3;lærer;;;\n", ["line 5", "no school"]),
        ("mere.csv", "skole;klasse;elev\n751234;0B;e1\n", ["mere.csv", "line 2", "e1", "elever.csv"]),
    ]
    for name, text, parts in faults:
        for other in (p.folder / "roster").glob("*") if (p.folder / "roster").exists() else []:
            other.unlink()
        for file, good in FILES.items():
            p.write(f"roster/{file}", good)
        p.write(f"roster/{name}", text)
        message = p.refuses(p.folder / "roster")
        for part in parts:
            check(part in message, f"{name}: no “{part}” in: {message}")


@both("--drop: a column never read and never checked")
def _(p):
    path = p.write("a.csv", "school;class;pupil;CPR-nr;gender;first name\n1;4A;e1;010203-1234;q;Ida\n")
    check("CPR" in p.refuses(path))
    check("gender" in p.refuses(path, "--drop", "CPR-nr"))
    summary = p.imports(path, "--drop", "cpr nr", "--drop", "gender", "--drop", "first name")
    check(summary["people_added"] == 1 and summary["ignored"] is None, summary)
    check(p.rows("identity", "SELECT given_name, family_name FROM person") == ["|"])
    check("no column nonsense" in p.refuses(path, "--drop", "nonsense"))


@both("units that stand below a municipality are found by a file that names none")
def _(p):
    p.imports(p.write("a.csv", "kommune;skole;klasse;elev\nhorsens;751234;4A;e1\nærø;1;4A;e2\n"))
    summary = p.imports(p.write("b.csv", "skole;klasse;elev\n751234;4A;e3\n751234;4B;e4\n"))
    check(summary["units_added"] == 1, summary)
    p.imports(p.write("c.csv", "kommune;skole;klasse;elev\nhorsens;1;4A;e5\n"))
    message = p.refuses(p.write("d.csv", "skole;klasse;elev\n1;4A;e6\n"))
    check("several units 1" in message, message)


@case("wrong usage, and a folder without a roster")
def _():
    with workspace() as folder:
        p = Programme(folder, "sqlite")
        path = p.write("a.csv", PUPILS)
        check(p.roster().code == 2)
        check(p.roster(path, "--format", "xml").code == 2)
        check(p.roster(path, "--frop", "x").code == 2)
        (folder / "empty").mkdir()
        check(".csv" in p.refuses(folder / "empty"))
        check("absent.csv" in p.refuses(folder / "absent.csv"))
        check(laerke("-C", folder / "empty", "roster", "import", path).code == 1)


@case("names are nowhere in the study store, and pseudonyms are not keys")
def _():
    with workspace() as folder:
        p = Programme(folder, "sqlite")
        p.imports(p.write("a.csv", "school;class;pupil;fornavn;efternavn\n1;4A;key77;Ingeborg;Rosenkilde\n"))
        for suffix in ("", "-wal"):
            path = p.dir / f"study.db{suffix}"
            data = path.read_bytes() if path.exists() else b""
            for secret in (b"Ingeborg", b"Rosenkilde", b"key77"):
                check(secret not in data, secret)
        other = Programme(folder / "x", "sqlite") if (folder / "x").mkdir() is None else None
        other.imports(p.folder / "a.csv")
        subject = "SELECT subject FROM pseudonym"
        check(p.rows("identity", subject) != other.rows("identity", subject))


with SERVER:
    finish()
