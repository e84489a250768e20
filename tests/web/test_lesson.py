"""A class while its wave is open: who sees whom, how far each pupil is, new codes, paper and the wall."""
import contextlib
import re
import sqlite3
import subprocess
import tempfile

import postgres
from answering import Respondent, School
from site_for_tests import PASSWORD, Browser, Server
from tap import Skip, case, check, finish, must

stack = contextlib.ExitStack()
shared = {}  # the one PostgreSQL
ROLES = {"lærer": ("teacher", "A/A1/5.a"), "pædagog": ("pedagogue", "A/A1/2.a"), "leder": ("leader", "A/A1"),
         "kommune": ("municipality", "A"), "skolelærer": ("teacher", "A/A1")}


def made(kind, case_stack):
    folder = case_stack.enter_context(tempfile.TemporaryDirectory(prefix="laerke-lesson-"))
    if kind == "SQLite":
        school = School(f"{folder}/p")
        school.sql = lambda sql: sqlite3.connect(f"{school.folder}/study.db", timeout=20).execute(sql).fetchall()
    else:
        if "server" not in shared:
            shared["server"] = stack.enter_context(postgres.Server())
        server, name = shared["server"], f"study{len(shared)}"
        if not server.url:
            raise Skip("PostgreSQL is absent")
        shared[name] = True
        school = School(f"{folder}/p", ["--database", server.database(name), "--identity-database", server.database(name + "i")])
        school.sql = lambda sql: [tuple(line.split("|")) for line in
                                  server.sql("SET search_path TO study;" + sql, name).splitlines() if line and line != "SET"]
    ini = f"{school.folder}/programme.ini"
    with open(ini) as file:
        text = file.read().replace("; address = https://laerke.example.dk", "address = https://laerke.example.dk")
    with open(ini, "w") as file:
        file.write(text)
    for login, (role, unit) in ROLES.items():
        must("-C", school.folder, "account", "add", login, "--password-stdin", "--role", role, "--unit", unit, input=PASSWORD + "\n")
    school.units = {code: int(unit) for unit, code in school.sql("SELECT id, code FROM unit")}
    school.page = f"/unit/{school.units['5.a']}/lesson"
    return school, case_stack.enter_context(Server(school.folder))


def both(name):
    def register(function):
        def run(kind):
            with contextlib.ExitStack() as case_stack:
                function(*made(kind, case_stack))
        for kind in ("SQLite", "PostgreSQL"):
            case(f"{name} ({kind})")(lambda kind=kind: run(kind))
        return function
    return register


def inside(server, login):
    browser = Browser(server)
    check(browser.log_in(login).status == 303, login)
    browser.post("/language", language="da", next="/")
    return browser


def rows(text):
    """name: (state, the number in its button, or None)"""
    found = {}
    for row in re.findall(r"<tr class=.*?</tr>", text, re.S):
        name, state = re.search(r'<th scope="row">(.*?)</th>\s*<td>(.*?)</td>', row, re.S).groups()
        button = re.search(r'name="pupil" value="(\d+)"', row)
        found[name] = (re.sub(r"<.*?>", "", state).replace("✓", "").strip(), button and button[1])
    return found


@both("the team sees names, a leader counts, nobody else anything")
def _(school, server):
    expected = {"lærer": (200, True), "leder": (200, False), "pædagog": (403, False), "kommune": (403, False), "skolelærer": (403, False)}
    for login, (status, named) in expected.items():
        browser = inside(server, login)
        reply = browser.get(school.page)
        check(reply.status == status, f"{login}: {reply.status}")
        check(("Ask Prøve" in reply.text) == named, f"{login}: {reply.text[:3000]}")
        check(("<b>3</b>" in reply.text) == (status == 200), f"{login}: counts")
        for path in (".pdf", "/show", "/show?codes=1"):
            reply = browser.get(school.page + path)
            check(reply.status == (200 if named else 403), f"{login} {path}: {reply.status}")
        code = school.code("pupil", "Ask")
        assignment = school.sql("SELECT MIN(id) FROM assignment WHERE unit = %d" % school.units["5.a"])[0][0]
        if not named:
            reply = browser.post(school.page + "/code", pupil=assignment)
            check(reply.status == 403, f"{login} gives codes: {reply.status}")
        check(Respondent(server).begin(code).status == 303, "the code is dead")
    check(inside(server, "lærer").get(f"/unit/{school.units['A1']}/lesson").status == 404, "a school has no lesson")
    nobody = Browser(server)
    check(nobody.get(school.page).status == 303 and nobody.get(school.page + ".pdf").status == 303, "without a login")


@both("how far each pupil is, and not what they answered or that they take no part")
def _(school, server):
    teacher = inside(server, "lærer")
    check(set(state for state, _ in rows(teacher.get(school.page).text).values()) == {"Ikke begyndt"}, "the beginning")
    ask = Respondent(server).open(school.code("pupil", "Ask"))
    ask.save(*[(number, [1] * n) for number, n in ask.pages][0])
    ida = [row["code"] for row in school.codes if row["given_name"] == "Ida"]
    check(Respondent(server).open(ida[0]).answer_all() == (200, "kept"), "Ida")
    check(Respondent(server).open(ida[1]).send(act="decline") == (200, "kept"), "Ida too")
    text = teacher.get(school.page).text
    found = rows(text)
    check(found["Ask Prøve"][0] == "I gang" and found["Ask Prøve"][1], str(found))
    for name in ("Ida Prøve", "Ida Eksempel"):
        check(found[name] == ("Færdig", None), str(found))
    check("<b>2</b> færdige" in text and "<b>1</b> i gang" in text and "<b>0</b> ikke begyndt" in text, text[:4000])
    codes = teacher.get(school.page + "/show?codes=1").text
    check("Ask Prøve" in codes and "Ida" not in codes, "codes of those who are done")


@both("a new code: the old one is dead, what was answered stays, and the log says who but not for whom")
def _(school, server):
    teacher = inside(server, "lærer")
    old = school.code("pupil", "Ask")
    ask = Respondent(server).open(old)
    ask.save(*[(number, [1] * n) for number, n in ask.pages][0])
    number = rows(teacher.get(school.page).text)["Ask Prøve"][1]
    reply = teacher.post(school.page + "/code", pupil=number)
    check(reply.status == 303 and reply.to == f"{school.page}?new={number}", f"{reply.status} {reply.to}")
    text = teacher.get(reply.to).text
    new = re.search(r'class="big-code">([^<]*)<', text)[1]
    check(new != old and "Ny kode til Ask Prøve" in text, text[:3000])
    dead = Respondent(server).begin(old)
    check(dead.status == 403 and "afløst af en ny" in dead.text, dead.text[:3000])
    other = Respondent(server)
    check(other.begin(new).status == 303, "the new one")
    check(int(school.sql("SELECT COUNT(*) FROM answer_page")[0][0]) == 1, "the page that was kept")
    events = school.sql("SELECT event, account, detail FROM wave_event WHERE event = 'code'")
    check(len(events) == 1 and str(events[0][2]) == str(school.units["5.a"]) and int(events[0][1]) > 0, str(events))
    # Not of another class, not of nobody, not without the form's token; and never a second time by loading the page again.
    young = school.sql("SELECT MIN(a.id) FROM assignment a WHERE a.unit = %d" % school.units["2.a"])[0][0]
    for pupil in (young, 0, -1, 999999, "x", ""):
        check(teacher.post(school.page + "/code", pupil=pupil).status == 404, f"{pupil}")
    check(teacher.post(school.page + "/code", token=False, pupil=number).status == 403, "without a token")
    teacher.get(reply.to)
    check(len(school.sql("SELECT 1 FROM wave_event WHERE event = 'code'")) == 1, "the log")
    check(teacher.get(f"{school.page}?new={young}").text.count("big-code") == 0, "another's code")


@both("paper and the wall: addresses, codes and squares")
def _(school, server):
    teacher = inside(server, "lærer")
    reply = teacher.get(school.page + ".pdf")
    check(reply.headers["Content-Type"] == "application/pdf", reply.headers["Content-Type"])
    words = subprocess.run(["pdftotext", "-layout", "-", "-"], input=reply.bytes, capture_output=True, check=True).stdout.decode()
    for row in school.codes:
        if row["respondent"] == "pupil":
            check(words.count(row["code"]) == 2 and row["given_name"] in words, f"{row}\n{words}")
    check("Anna" not in words, words)
    wall = teacher.get(school.page + "/show").text
    check("<b>laerke.example.dk/a</b>" in wall and wall.count('class="qr"') == 1 and school.code("pupil", "Ask") not in wall, wall[:3000])
    codes = teacher.get(school.page + "/show?codes=1").text
    check(codes.count('class="qr"') == 3 and school.code("pupil", "Ask") in codes, codes[:3000])
    front = teacher.get("/").text
    check(f'href="{school.page}"' in front, "no way from the front page")
    check("/lesson" not in inside(server, "leder").get("/").text, "a leader's way")


@both("who joins shows without a questionnaire until the wave is opened again; who moves keeps theirs")
def _(school, server):
    teacher = inside(server, "lærer")
    with open(f"{school.folder}/roster/elever.csv") as file:
        text = file.read()
    text = text.replace("2.a;2;e2;Bo", "5.a;5;e2;Bo") + "A;A1;Skole A1;5.a;5;e9;Ny;Elev;f\n"
    with open(f"{school.folder}/roster/elever.csv", "w") as file:
        file.write(text)
    must("-C", school.folder, "roster", "import", f"{school.folder}/roster")
    page = teacher.get(school.page).text
    found = rows(page)
    check(found["Ny Elev"] == ("Har intet spørgeskema", None) and "åbne målingen igen" in page, str(found))
    check("flyttet hertil" in found["Bo Prøve"][0] and found["Bo Prøve"][1], str(found))
    before = school.codes
    must("-C", school.folder, "wave", "open", "1")
    page = teacher.get(school.page).text
    check(rows(page)["Ny Elev"][0] == "Ikke begyndt" and "åbne målingen igen" not in page, page[:4000])
    after = school.read_codes()
    check(all(row in after for row in before) and len(after) == len(before) + 1, "codes moved")
    # Another teacher takes over: the wave goes on with the account, nothing is bound to the first.
    must("-C", school.folder, "account", "add", "vikar", "--password-stdin", "--role", "teacher", "--unit", "A/A1/5.a", input=PASSWORD + "\n")
    check("Ask Prøve" in inside(server, "vikar").get(school.page).text, "a substitute")


@both("no wave is open: no lesson, no codes")
def _(school, server):
    teacher = inside(server, "lærer")
    must("-C", school.folder, "wave", "close", "1")
    for path in ("", ".pdf", "/show", "/show?codes=1"):
        reply = teacher.get(school.page + path)
        check(reply.status == 404 and "ingen åben måling" in reply.text, f"{path}: {reply.status}")
    check("/lesson" not in teacher.get("/").text, "a way on the front page")


with stack:
    finish()
