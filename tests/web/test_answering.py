"""Codes, questionnaires and answers through the server, as all six groups meet them, and as somebody worse might."""
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request

import postgres
from answering import DONT_KNOW, FORMS, SKIPPED, Respondent, School, day
from site_for_tests import PASSWORD, Server
from tap import LAERKE, Skip, case, check, finish, laerke, must

stack = contextlib.ExitStack()
shared = {}  # the one PostgreSQL


def made(kind, case_stack, **options):
    """A school of its own, its server, and a way to ask its study store."""
    folder = case_stack.enter_context(tempfile.TemporaryDirectory(prefix="laerke-answering-"))
    if kind == "SQLite":
        school = School(f"{folder}/p", **options)
        school.sql = lambda sql: sqlite3.connect(f"{school.folder}/study.db", timeout=20).execute(sql).fetchall()
    else:
        if "server" not in shared:
            shared["server"] = stack.enter_context(postgres.Server())
        server, name = shared["server"], f"study{len(shared)}"
        if not server.url:
            raise Skip("PostgreSQL is absent")
        shared[name] = True
        school = School(f"{folder}/p", ["--database", server.database(name), "--identity-database", server.database(name + "i")],
                        **options)
        school.sql = lambda sql: [tuple(line.split("|")) for line in
                                  server.sql("SET search_path TO study;" + sql, name).splitlines() if line and line != "SET"]
    return school, case_stack.enter_context(Server(school.folder))


def both(name, **options):
    def register(function):
        def run(kind):
            with contextlib.ExitStack() as case_stack:
                function(*made(kind, case_stack, **options))
        for kind in ("SQLite", "PostgreSQL"):
            case(f"{name} ({kind})")(lambda kind=kind: run(kind))
        return function
    return register


def count(school, where):
    return int(school.sql(f"SELECT COUNT(*) FROM {where}")[0][0])


@both("who gets which code")
def _(school, server):
    by = {form: [row for row in school.codes if row["respondent"] == form] for form in FORMS}
    check({form: len(rows) for form, rows in by.items()} ==
          {"pupil_young": 2, "pupil": 3, "class_teacher": 2, "parent": 3, "teacher": 2, "pedagogue": 1, "leader": 1}, str(by))
    for row in school.codes:
        length = len(row["code"].replace("-", ""))
        check(length == (9 if row["respondent"].startswith("pupil") else 11), str(row))
    # One a holder of custody and child; a protected address stands nowhere, and nobody without custody.
    parents = sorted((row["given_name"], row["child"], row["address"]) for row in by["parent"])
    check(parents == [("Far", "Anna", ""), ("Mor", "Anna", "Vej 1"), ("Mor", "Ask", "Vej 1")], str(parents))
    # Opening again gives nobody another code.
    must("-C", school.folder, "wave", "open", "1")
    check(school.read_codes() == school.codes, "codes moved")


@both("all six groups answer, hand in, and are folded")
def _(school, server):
    for row in school.codes:
        somebody = Respondent(server).open(row["code"])
        if row["respondent"] == "class_teacher":
            paths = re.findall(r'href="(/a/form\?about=\d+[^"]*)"', somebody.page.text)
            check(paths, somebody.page.text[:3000])
            for path in paths:
                check(somebody.read(path.replace("&amp;", "&")).answer_all() == (200, "kept"), path)
        else:
            check(somebody.answer_all() == (200, "kept"), str(row))
    check(count(school, "assignment WHERE state <> 'submitted'") == 0, "somebody is left")
    check(count(school, "answer_page") == 0, "pages are left")
    # English is asked from grade 2 on, questions for grades 2–3 in grade 2; a class of grade 5 is asked all.
    check(count(school, "answer") == count(school, "assignment"), "answers")


@both("a parent is asked about the child, once about the school and once about the family")
def _(school, server):
    first = Respondent(server).open(school.code("parent", "Mor", "Anna"))
    second = Respondent(server).open(school.code("parent", "Mor", "Ask"))
    other = Respondent(server).open(school.code("parent", "Far"))
    check("Er Anna glad for at gå i skole?" in first.page.text and "Ask" not in first.page.text, first.page.text[:3000])
    check("Er Ask glad for at gå i skole?" in second.page.text and "Anna" not in second.page.text, "the other child")
    pages = sorted(len(somebody.pages) for somebody in (first, second))
    check(pages == [3, 7], str(pages))
    check(len(other.pages) == 7 and "Mor" not in other.page.text and "Vej" not in other.page.text, "another parent shows")
    arabic = Respondent(server)
    arabic.get("/a?lang=ar")
    reply = arabic.post("/a", code=school.code("parent", "Far"), lang="ar")
    arabic.read(reply.to)
    check('<html lang="ar" dir="rtl">' in arabic.page.text and "التالي" in arabic.page.text, arabic.page.text[:500])


@both("a language that nobody has approved is not offered, also not to who asks for it")
def _(school, server):
    parent = Respondent(server).open(school.code("parent", "Far"))
    links = set(re.findall(r'/a/form\?lang=(\w+)', parent.page.text))
    check(links == {"en", "ar"}, str(links))  # and Danish, which it is in
    turkish = parent.get("/a/form?lang=tr").text
    check('<html lang="da"' in turkish and "okul" not in turkish.lower(), turkish[:500])
    teacher = Respondent(server).open(school.code("class_teacher", "Lærer"))
    check("lang=en" not in teacher.page.text and "How is" not in teacher.get("/a/form?question=1&lang=en").text, "English to a class teacher")
    preview = [href for href in re.findall(r'href="(/forms/\d+)"', teacher.get("/forms").text)]
    check(any("lang=tr" in teacher.get(href).text for href in preview), "a preview shows every language")
    must("-C", school.folder, "instrument", "approve", "parent", "--language", "tr", "--reviewer", "Prøve Læser")
    check('<html lang="tr"' in parent.get("/a/form?lang=tr").text, "an approved one, at once")


@both("parents' answers come by code, not in a file that cannot tell them apart")
def _(school, server):
    with open(f"{school.folder}/a.csv", "w") as file:
        file.write("subject;trust1\ne1;3\n")
    result = laerke("-C", school.folder, "answer", "import", f"{school.folder}/a.csv", "--wave", "1", "--instrument", "parent")
    check(result.code == 1 and "a child may have several" in result.err, result.err)
    check(count(school, "answer") == 0, "something was saved")
    # A class has one rater, so a file of ratings can.
    with open(f"{school.folder}/b.csv", "w") as file:
        file.write("subject;attainment1\ne1;3\ne3;1\n")
    must("-C", school.folder, "answer", "import", f"{school.folder}/b.csv", "--wave", "1", "--instrument", "class_teacher")
    check(count(school, "answer") == 2, "ratings")


@both("a code: slips, strangers, replaced ones")
def _(school, server):
    code = school.code("pupil")
    somebody = Respondent(server)
    for typed, word in (("", "ikke helt rigtig"), ("K7QM", "ikke helt rigtig"), (code[:-1] + ("2" if code[-1] != "2" else "3"), "ikke helt rigtig"),
                        ("<script>", "ikke helt rigtig"), ("X" * 5000, "ikke helt rigtig")):
        reply = somebody.begin(typed)
        check(reply.status == 403 and word in reply.text and "<script>" not in reply.text, f"{typed[:20]}: {reply.status}")
    check(somebody.begin(code.lower().replace("-", " ")).status == 303, "small letters")
    check(somebody.get("/a/form").status == 200, "the form")
    check(Respondent(server).get("/a/form").to == "/a", "a form without a code")


@both("nothing is saved but with a grant, for its own form, as the form allows")
def _(school, server):
    somebody = Respondent(server).open(school.code("pupil", "Ida"))
    number, n = somebody.pages[0]
    check(somebody.save(number, [1] * n) == (200, "kept"))
    tampered = somebody.grant[:-1] + ("0" if somebody.grant[-1] != "0" else "1")
    for outcome, fields in (
            ((400, "refused"), {"grant": tampered}), ((400, "refused"), {"grant": ""}), ((400, "refused"), {"act": "delete"}),
            ((400, "refused"), {"page": "-1"}), ((400, "refused"), {"page": "1e3"}), ((400, "refused"), {"codes": "0g"}),
            ((422, "refused"), {"page": 200}), ((422, "refused"), {"codes": "01"}), ((422, "refused"), {"codes": "09" * n}),
            ((422, "refused"), {"codes": f"{DONT_KNOW:02x}" * n}), ((422, "refused"), {"text.enjoyment1": "hej"})):
        sent = dict({"act": "save", "page": number, "revision": 9, "codes": "01" * n}, **fields)
        check(somebody.send(**sent) == outcome, f"{fields}: {somebody.send(**sent)}")
    huge = somebody.post("/a/save", token=None, grant=somebody.grant, act="save", codes="0" * 40000)
    check(huge.status == 413, str(huge.status))
    check(count(school, "answer_page") == 1, "something else was saved")


@both("the same page again, late and in parallel: one answer")
def _(school, server):
    somebody = Respondent(server).open(school.code("pupil", "Ask"))
    number, n = somebody.pages[0]
    check(somebody.save(number, [2] * n, revision=20) == (200, "kept"))
    check(somebody.save(number, [0] * n, revision=10) == (200, "kept"))
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(somebody.save(number, [3] * n, revision=30))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(outcomes == [(200, "kept")] * 5, str(outcomes))
    rows = school.sql("SELECT revision, COUNT(*) FROM answer_page GROUP BY revision")
    check(len(rows) == 1 and int(rows[0][0]) == 30, str(rows))


@both("two devices: whoever came first has it, until the other says so")
def _(school, server):
    code = school.code("teacher")
    here, there = Respondent(server).open(code), Respondent(server)
    number, n = here.pages[0]
    check(here.save(number, [SKIPPED] * n) == (200, "kept"))
    reply = there.begin(code)
    page = there.get(reply.to)
    check("data-grant" not in page.text and "anden enhed" in page.text, page.text[:1500])
    grant = re.search(r'name="grant" value="([^"]+)"', page.text)[1]
    there.grant = grant
    check(there.save(number, [1] * n) == (200, "elsewhere"), "a save without taking over")
    there.read(there.post("/a/take", token=None, grant=grant, lang="da").to)
    check(there.save(number, [1] * n) == (200, "kept"))
    check(here.save(number, [2] * n) == (200, "elsewhere"))
    check('data-whole="0"' in there.page.text and "checked" not in there.page.text, "answers shown on another device")


@both("a thousand races of two devices end in one answer each")
def _(school, server):
    code = school.code("pedagogue")
    for turn in range(50):
        devices = [Respondent(server), Respondent(server)]
        outcomes = []

        def race(device):
            path = device.begin(code).to
            device.page = device.get(path)
            grant = re.search(r'(?:name="grant" value|data-grant)="([^"]+)"', device.page.text)
            device.grant = grant and grant[1]
            outcomes.append(device.save(0, [turn % 5] * 6) if device.grant else None)
        threads = [threading.Thread(target=race, args=(device,)) for device in devices]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check(outcomes.count((200, "kept")) <= 1 and all(o in ((200, "kept"), (200, "elsewhere")) for o in outcomes), str(outcomes))
    check(count(school, "answer_page") == 1, "pages")


@both("declining forgets everything, and a closed wave takes nothing more")
def _(school, server):
    somebody = Respondent(server).open(school.code("pupil", "Ask"))
    late = Respondent(server).open(school.code("pupil", "Ida"))
    number, n = somebody.pages[0]
    check(somebody.save(number, [1] * n) == (200, "kept"))
    check(late.save(number, [1] * n) == (200, "kept"))
    check(somebody.send(act="decline") == (200, "kept"))
    check(somebody.save(number, [1] * n) == (200, "withdrawn"))
    check("deltager ikke" in somebody.get("/a/form?lang=da").text)
    must("-C", school.folder, "wave", "close", "1")
    check(late.save(number, [2] * n) == (200, "closed"))
    check("forbi" in late.get("/a/form?lang=da").text or "ikke svares i dag" in late.get("/a/form?lang=da").text)
    check(count(school, "assignment WHERE state = 'partial'") == 1 and count(school, "answer") == 1, "drafts")


@both("before its first day a wave shows no form", opens=2, closes=9)
def _(school, server):
    somebody = Respondent(server)
    reply = somebody.begin(school.code("pupil"))
    page = somebody.get(reply.to)
    check("ikke svares i dag" in page.text and "data-grant" not in page.text, page.text[:1500])


@both("many wrong codes: slowed, then the school is asked for, and a right code is let in")
def _(school, server):
    stranger = Respondent(server)
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

    def check_letter(values):
        total = 0
        for value in values:
            total = (total ^ value) << 1
            total = total ^ 0b100101 if total & 32 else total
        return total
    for i in range(200):
        values = [(i * 7 + k * 3) % 32 for k in range(8)]
        code = "".join(alphabet[v] for v in values + [check_letter(values)])
        fresh = Respondent(server)
        reply = fresh.begin(code)
        check(reply.status == 403 and "findes ikke" in reply.text, f"{code}: {reply.status} {reply.text[:600]}")
    page = stranger.get("/a?lang=da").text
    check('name="school"' in page, "the school is not asked for")
    code = school.code("pupil")
    check(stranger.begin(code).status == 403, "a code without its school")
    check(stranger.begin(code, school="skole a1").status == 303, "a code with its school")
    check("web.guessing" in server.log(), "no alarm")


@both("who has answered: counts for those who may see the unit, names for nobody")
def _(school, server):
    unit = must("-C", school.folder, "account", "add", "leder", "--name", "Leder Et", "--password-stdin", "--role", "leader",
                "--unit", "A/A1", input=PASSWORD + "\n") and school.sql("SELECT id FROM unit WHERE code = 'A1'")[0][0]
    Respondent(server).open(school.code("pupil", "Ask")).answer_all()
    begun = Respondent(server).open(school.code("pupil", "Ida"))
    begun.save(begun.pages[0][0], [1] * begun.pages[0][1])
    leader = Respondent(server)
    check(leader.get(f"/unit/{unit}/response").to.startswith("/login"), "without a login")
    leader.log_in("leder")
    page = leader.get(f"/unit/{unit}/response", Accept_Language="da").text
    for words in ("1 af 3 har svaret", "33&#160;%", "2 mangler, 1 er begyndt", "0 af 5 har svaret", "Åben til"):
        check(words in page or words.replace("&#160;", "\u00a0") in page, f"{words}: {page[:6000]}")
    found = re.search(r"\b(Anna|Bo|Ask|Ida|Prøve|Eksempel)\b", page)
    check(not found, f"a name: {found and page[found.start() - 80:found.end()]}")
    # The municipality sees no class.
    other = school.sql("SELECT id FROM unit WHERE code = '5.a'")[0][0]
    must("-C", school.folder, "account", "add", "kommune", "--name", "K", "--password-stdin", "--role", "municipality", "--unit", "A",
         input=PASSWORD + "\n")
    above = Respondent(server)
    above.log_in("kommune")
    check(above.get(f"/unit/{unit}/response").status == 200 and above.get(f"/unit/{other}/response").status == 403)
    check("5.a" not in above.get(f"/unit/{unit}/response").text, "a class")


@case("a wave opens on its first day by itself, and closes when its days of grace are over")
def _():
    with contextlib.ExitStack() as case_stack:
        folder = case_stack.enter_context(tempfile.TemporaryDirectory(prefix="laerke-answering-"))
        school = School(f"{folder}/p")
        must("-C", school.folder, "wave", "new", "--opens", day(0), "--closes", day(1), "--instrument", "leader")
        must("-C", school.folder, "wave", "new", "--opens", day(-30), "--closes", day(-8), "--instrument", "teacher")
        must("-C", school.folder, "wave", "open", "3")
        case_stack.enter_context(Server(school.folder))
        for _ in range(100):
            with contextlib.closing(sqlite3.connect(f"{school.folder}/study.db", timeout=20)) as database:
                states = [row[0] for row in database.execute("SELECT state FROM wave ORDER BY number")]
            if states == ["open", "open", "closed"]:
                return
            time.sleep(.1)
        check(False, str(states))


@both("everybody may read every question beforehand")
def _(school, server):
    anybody = Respondent(server)
    page = anybody.get("/forms")
    paths = re.findall(r'href="(/forms/\d+)"', page.text)
    check(len(paths) == len(FORMS), page.text[:2000])
    for path in paths:
        shown = anybody.get(path + "?lang=da")
        check(shown.status == 200 and 'data-grant=""' in shown.text and "<fieldset" in shown.text, path)
    check(anybody.get("/forms/999").status == 404)


@case("a questionnaire is previewed in any of its languages, and nothing is left behind")
def _():
    with tempfile.TemporaryDirectory(prefix="laerke-answering-") as folder:
        process = subprocess.Popen([LAERKE, "--lang", "en", "--json", "instrument", "preview", "parent", "--form-language", "tr"],
                                   stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": folder})
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("}"):
                break
        url = json.loads("".join(lines))["url"]
        with urllib.request.urlopen(url) as reply:
            page = reply.read().decode()
        check('<html lang="tr"' in page and "Okula ne ölçüde güveniyorsunuz?" in page and 'data-grant=""' in page, page[:800])
        process.send_signal(signal.SIGINT)
        process.stdout.close()
        check(process.wait(20) == 0 and os.listdir(folder) == [], str(os.listdir(folder)))


with stack:
    finish()
