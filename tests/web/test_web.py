"""Every route for every role, and what a browser or somebody worse may send, against the real server."""
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import postgres
from site_for_tests import ACCOUNTS, OTHER, PASSWORD, TEACHING, UNITS, Browser, Programme, Server
from tap import Skip, case, check, finish, laerke, must

stack = contextlib.ExitStack()
made = {}


def site(kind):
    """The programme and its server, made at first use."""
    if kind not in made:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="laerke-web-"))
        server = None
        if kind == "PostgreSQL":
            server = stack.enter_context(postgres.Server())
            if not server.url:
                raise Skip("PostgreSQL is absent")
        programme = Programme(f"{folder}/p", server)
        programme.publish(1, 490, 1)
        programme.publish(2, 510, 2, without=("A2x",))
        programme.add_accounts()
        made[kind] = programme, stack.enter_context(Server(programme.folder))
    return made[kind]


def both(name):
    """A case on each database."""
    def register(function):
        for kind in ("SQLite", "PostgreSQL"):
            case(f"{name} ({kind})")(lambda kind=kind: function(*site(kind)))
        return function
    return register


def text_of_pdf(data):
    if not shutil.which("pdftotext"):
        raise Skip("pdftotext is absent")
    return subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()


def holds(text, name):
    """PDF text may break a line anywhere between words."""
    return name in re.sub(r"\s+", " ", text)


@both("every unit's page, PDF and JSON for every role")
def _(programme, server):
    for login, (_, sees) in ACCOUNTS.items():
        browser = Browser(server)
        check(browser.log_in(login).status == 303, f"{login} cannot log in")
        for code, unit in programme.ids.items():
            for ending in ("", "/profile.pdf", "/profile.json"):
                reply = browser.get(f"/unit/{unit}{ending}")
                what = f"{login} at {code}{ending}: {reply.status}"
                if code not in sees:
                    check(reply.status == 403, what)
                    check(OTHER not in reply.text and UNITS.get(code, ("", "", "Prøveprogram"))[2] not in reply.text
                          or code == "P", f"{what}, and it tells of the unit")
                    continue
                check(reply.status == 200, what)
                text = text_of_pdf(reply.bytes) if ending.endswith("pdf") else reply.text
                check(holds(text, OTHER), f"{what}, without its results")
                check(holds(text, TEACHING) == (sees[code] == "all"), f"{what}: scales about teaching are wrong")
                # Not even under their codes, or as counts.
                if ending.endswith("json"):
                    check(len(json.loads(text)["scales"]) == (2 if sees[code] == "all" else 1), what)


@both("who is not signed in is sent to the login, and back afterwards")
def _(programme, server):
    for unit in programme.ids.values():
        for path in (f"/unit/{unit}", f"/unit/{unit}/profile.pdf", f"/unit/{unit}/profile.json", "/unit/999999"):
            reply = Browser(server).get(path)
            check(reply.status == 303 and reply.to == f"/login?next={path}", f"{path}: {reply.status} {reply.to}")
    browser = Browser(server)
    reply = browser.get(f"/unit/{programme.ids['A1']}?wave=1")
    reply = browser.get(reply.to)
    there = re.search(r'<input type="hidden" name="next" value="([^"]*)">\n<p class="field">', reply.text)[1]
    check(there == f"/unit/{programme.ids['A1']}?wave=1", there)
    reply = browser.post("/login", login="leder", password=PASSWORD, next=there)
    check(reply.status == 303 and reply.to == there, f"{reply.status} {reply.to}")


ROUTES = [  # path, nobody, signed in
    ("GET", "/", 200, 200), ("GET", "/login", 200, 303), ("GET", "/help/points", 200, 200),
    ("GET", "/health", 200, 200), ("GET", "/ready", 200, 200),
    ("GET", "/static/style.css", 200, 200), ("GET", "/static/lark.svg", 200, 200),
    ("GET", "/logout", 405, 405), ("GET", "/language", 405, 405), ("POST", "/help/points", 405, 405),
    ("DELETE", "/", 405, 405), ("PUT", "/login", 405, 405), ("HEAD", "/", 200, 200),
    ("GET", "/unit/999999", 303, 404), ("GET", "/unit/0", 404, 404), ("GET", "/unit/-1", 404, 404),
    ("GET", "/unit/1e3", 404, 404), ("GET", "/unit/", 404, 404), ("GET", "/unit/99999999999999999999", 404, 404),
    ("GET", "/nowhere", 404, 404), ("GET", "/static/", 404, 404), ("GET", "/static/nothing.css", 404, 404),
    ("GET", "//", 404, 404), ("GET", "/%00", 404, 404), ("GET", "/%ff%fe", 404, 404), ("GET", "/login/", 404, 404),
    ("POST", "/logout", 403, 403), ("POST", "/language", 403, 403), ("POST", "/login", 403, 403),  # no token
]


@both("every other route, signed in and not")
def _(programme, server):
    inside = Browser(server)
    inside.log_in("leder")
    for method, path, nobody, signed_in in ROUTES:
        for browser, expected in ((Browser(server), nobody), (inside, signed_in)):
            reply = browser.ask(method, path)
            check(reply.status == expected, f"{method} {path}: {reply.status}, not {expected}")
            if reply.status in (403, 404) and "html" in reply.headers["Content-Type"]:
                check("<h1>" in reply.text and 'class="button"' in reply.text, f"{path}: no way on")


@both("paths that climb out of the folder find nothing")
def _(programme, server):
    for path in ("/static/../programme.ini", "/static/..%2f..%2fprogramme.ini", "/static/%2e%2e/programme.ini",
                 "/static//etc/passwd", "/static/..\\programme.ini", "/../../etc/passwd", "/static/style.css%00.png",
                 "/static/./style.css"):
        reply = server.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        status = reply.split(b" ", 2)[1] if reply else b"400"
        check(status in (b"404", b"400"), f"{path}: {reply[:80]}")
        check(b"root:" not in reply and b"[programme]" not in reply, path)


@both("a POST without the session's own token changes nothing")
def _(programme, server):
    browser, other = Browser(server), Browser(server)
    other.log_in("leder")
    for token in (None, "", "0" * 64, "x", other.csrf):
        browser.get("/login")
        fields = {"login": "leder", "password": PASSWORD, "next": "/"}
        reply = browser.post("/login", token=False, **fields, **({} if token is None else {"csrf": token}))
        check(reply.status == 403 and "laerke_session" not in browser.cookies, f"{token}: {reply.status}")
    browser.log_in("leder")
    browser.get("/")
    other.get("/")
    check(browser.csrf != other.csrf, "two sessions share a token")
    check(browser.post("/logout", token=other.csrf).status == 403, "another session's token logs out")
    check(browser.post("/logout", token=False).status == 403, "no token logs out")
    check(browser.get(f"/unit/{programme.ids['A1']}").status == 200, "the session ended")


@both("a login makes a new session, whatever the browser came with")
def _(programme, server):
    browser = Browser(server)
    planted = "ab" * 32
    browser.cookies["laerke_session"] = planted
    check(browser.get(f"/unit/{programme.ids['A1']}").status == 303, "an invented token is a session")
    browser.log_in("leder")
    first = browser.cookies["laerke_session"]
    check(first != planted and len(first) == 64, first)
    check("laerke_visit" not in browser.cookies, "the visitor's cookie stays")
    # Logging in as another ends the former session.
    browser.get("/")
    browser.post("/login", login="kontor", password=PASSWORD, next="/")
    check(browser.cookies["laerke_session"] != first, "the token stays")
    old = Browser(server)
    old.cookies["laerke_session"] = first
    check(old.get(f"/unit/{programme.ids['A1']}").status == 303, "the former session lives")
    # Logout ends it in the store, not only in the browser.
    second = browser.cookies["laerke_session"]
    browser.get("/")
    reply = browser.post("/logout")
    check(reply.status == 303 and "laerke_session" not in browser.cookies, "logout left the cookie")
    old.cookies["laerke_session"] = second
    check(old.get(f"/unit/{programme.ids['P']}").status == 303, "the session outlives the logout")


@both("the store's copy of a session opens nothing")
def _(programme, server):
    browser = Browser(server)
    browser.log_in("leder")
    hashed = hashlib.sha256(bytes.fromhex(browser.cookies["laerke_session"])).hexdigest()
    thief = Browser(server)
    thief.cookies["laerke_session"] = hashed
    check(thief.get(f"/unit/{programme.ids['A1']}").status == 303, "the hash is as good as the token")


@both("cookies are out of reach of scripts and of other sites")
def _(programme, server):
    browser = Browser(server)
    browser.get("/login")
    for secure in (False, True):
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"X-Forwarded-Proto": "https"} if secure else {})
        reply = browser.ask("POST", "/login", f"login=leder&password=en+god+adgangskode&next=/&csrf={browser.csrf}", headers)
        cookie = next(c for c in reply.headers.get_all("Set-Cookie") if c.startswith("laerke_session="))
        check("HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie, cookie)
        check(("Secure" in cookie) == secure, cookie)
        browser = Browser(server)
        browser.get("/login")


@both("the headers that keep a browser to ourselves are on every reply")
def _(programme, server):
    browser = Browser(server)
    browser.log_in("leder")
    a1 = programme.ids["A1"]
    for path in ("/", f"/unit/{a1}", f"/unit/{a1}/profile.pdf", f"/unit/{a1}/profile.json", "/nowhere", "/health",
                 "/static/style.css", "/login", f"/unit/{programme.ids['B']}"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "style-src 'self'", "font-src 'self'", "img-src 'self'", "form-action 'self'",
                     "frame-ancestors 'none'", "base-uri 'none'"):
            check(part in policy, f"{path}: {policy}")
        check("unsafe" not in policy and "script-src" not in policy, f"{path}: {policy}")
        check(headers["X-Content-Type-Options"] == "nosniff", path)
        check(headers["Referrer-Policy"], path)
        check(("no-store" in headers["Cache-Control"]) == (not path.startswith("/static")), f"{path}: {headers['Cache-Control']}")
    page = browser.get(f"/unit/{a1}").text
    check("<script" not in page and " style=" not in page and "<style" not in page, "inline style or script")
    check("Skole A1 &lt;&amp;&gt;" in page and "<&>" not in page, "a name is not escaped")
    check(browser.get(f"/unit/{a1}/profile.pdf").headers["Content-Type"] == "application/pdf", "PDF's type")


@both("files are kept by the browser until they change")
def _(programme, server):
    browser = Browser(server)
    href = re.search(r'href="(/static/style.css\?v=[0-9a-f]+)"', browser.get("/").text)[1]
    reply = browser.get(href)
    check("immutable" in reply.headers["Cache-Control"], reply.headers["Cache-Control"])
    check("immutable" not in browser.get(href[:-1] + "x").headers["Cache-Control"], "a wrong version is kept for a year")
    again = browser.get(href, If_None_Match=reply.headers["ETag"])
    check(again.status == 304 and again.bytes == b"", f"{again.status}")
    check(browser.get(href, If_None_Match='"other"').status == 200, "304 for another")


@both("an address to go to afterwards stays on this site")
def _(programme, server):
    for there in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)",
                  "/a\r\nSet-Cookie: x=1", ""):
        check(Browser(server).log_in("leder", next=there).to == "/", there)
        browser = Browser(server)
        browser.get("/")
        reply = browser.post("/language", language="en", next=there)
        check(reply.to == "/" and "x=1" not in str(reply.headers), there)


@both("the language is chosen by the reader, then the account, then the browser")
def _(programme, server):
    for headers, language in (({}, "da"), ({"Accept_Language": "en-GB,en;q=0.9"}, "en"), ({"Accept_Language": "de,da;q=0.8"}, "da"),
                              ({"Accept_Language": "sv;q=0.9, en;q=0.4"}, "en"), ({"Accept_Language": ",,;;q=" + "x" * 2000}, "da")):
        page = Browser(server).get("/", **headers).text
        check(f'<html lang="{language}">' in page, f"{headers}")
    browser = Browser(server)
    browser.get("/")
    reply = browser.post("/language", language="en", next=f"/unit/{programme.ids['A1']}")
    check(reply.status == 303 and browser.cookies["laerke_language"] == "en", "no cookie")
    browser.log_in("leder")
    page = browser.get(f"/unit/{programme.ids['A1']}").text
    check('<html lang="en">' in page and OTHER + " (en)" in page, "the profile is not in English")
    browser.post("/language", language="xx\r\nx", next="/")
    check(browser.cookies["laerke_language"] == "en", "an unknown language is kept")
    browser.cookies["laerke_language"] = "xx"
    check('<html lang="da">' in browser.get("/").text, "an unknown language is not Danish")


@both("waves: the newest, an earlier one, none")
def _(programme, server):
    browser = Browser(server)
    browser.log_in("kommune")
    at = f"/unit/{programme.ids['A1']}"
    waves = {"": 2, "?wave=2": 2, "?wave=1": 1}
    for query, wave in waves.items():
        found = json.loads(browser.get(f"{at}/profile.json{query}").text)
        check(found["wave"] == wave, f"{query}: {found['wave']}")
        check(browser.get(at + query).status == 200, query)
    for query in ("?wave=3", "?wave=0", "?wave=-1", "?wave=x", "?wave=", "?wave=99999999999999999999"):
        for ending in ("", "/profile.pdf", "/profile.json"):
            check(browser.get(at + ending + query).status == 404, ending + query)
    page = browser.get(at).text
    check(f'href="{at}?wave=1"' in page, "no way to the earlier wave")
    # A unit that has no results in the newest wave, for somebody who may see it.
    must("-C", programme.folder, "account", "add", "ny", "--role", "teacher", "--unit", programme.ids["A2x"],
         "--password-stdin", input=PASSWORD + "\n") if "ny" not in made else None
    made["ny"] = True
    newcomer = Browser(server)
    if newcomer.log_in("ny").status == 303:
        check(newcomer.get(f"/unit/{programme.ids['A2x']}").status == 404, "a page without results")
        check(newcomer.get("/").status == 200, "no front page without results")


@both("the way to a unit links only what may be opened")
def _(programme, server):
    ids = programme.ids
    browser = Browser(server)
    browser.log_in("leder")
    page = browser.get(f"/unit/{ids['A1x']}").text
    crumbs = re.search(r'<nav class="crumbs".*?</nav>', page, re.S)[0]
    check(re.findall(r"<li>(.*?)</li>", crumbs) ==
          ["<span>Prøveprogram</span>", "<span>Kommune A</span>", f'<a href="/unit/{ids["A1"]}">Skole A1 &lt;&amp;&gt;</a>',
           '<span aria-current="page">4.x</span>'], crumbs)
    for login, children in (("leder", {"A1x", "A1y"}), ("lærer", {"A1x"}), ("kommune", set())):
        browser = Browser(server)
        browser.log_in(login)
        page = browser.get(f"/unit/{ids['A1']}").text
        found = {code for code in UNITS if f'href="/unit/{ids[code]}"' in page} - {"A", "A1"}
        check(found == children, f"{login}: {found}")


@both("a failed login says nothing of who exists, and many are slowed")
def _(programme, server):
    known, unknown = Browser(server), Browser(server)
    first, second = known.log_in("pædagog", "forkert kode"), unknown.log_in("ingen", "forkert kode")
    strip = lambda text: re.sub(r"[0-9a-f]{64}", "", text)
    check(first.status == second.status == 403, f"{first.status} {second.status}")
    check(strip(first.text) == strip(second.text), "the pages differ")
    check("laerke_session" not in known.cookies, "a session all the same")
    check(unknown.log_in("' OR 1=1 --", "x").status == 403, "injection")
    check(unknown.log_in("leder", "x" * 5000).status == 403, "a long password")
    replies = [Browser(server).log_in("mange", "forkert kode") for _ in range(6)]
    statuses = [reply.status for reply in replies]
    check(statuses == [403] * 5 + [429], f"{statuses}")
    check(int(replies[-1].headers["Retry-After"]) > 0, "no Retry-After")


@both("an ended account is out at once")
def _(programme, server):
    must("-C", programme.folder, "account", "add", f"kort", "--role", "leader", "--unit", programme.ids["A2"],
         "--password-stdin", input=PASSWORD + "\n")
    browser = Browser(server)
    reply = browser.log_in("kort")
    check(reply.status == 303, f"cannot log in: {reply.status} {reply.text[-900:]}")
    status = browser.get(f"/unit/{programme.ids['A2']}").status
    check(status == 200, f"not in: {status}")
    must("-C", programme.folder, "account", "end", "kort")
    check(browser.get(f"/unit/{programme.ids['A2']}").status == 303, "still in")
    check(browser.log_in("kort").status == 403, "in again")


@both("requests that are no requests leave the server well")
def _(programme, server):
    for data in (b"", b"\r\n\r\n", b"garbage\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", os.urandom(3000),
                 b"\x16\x03\x01\x02\x00\x01\x00" + os.urandom(300), b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20000 + b"\r\n",
                 b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nCookie: " + b"x=y;" * 5000 + b"\r\n\r\n",
                 b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                 b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                 b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                 b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
                 b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"):
        reply = server.raw(data)
        check(reply == b"" or reply.startswith(b"HTTP/1."), f"{data[:40]}: {reply[:80]}")
        check(b" 500 " not in reply[:20], f"{data[:40]}: {reply[:80]}")
    check(Browser(server).get("/health").status == 200, "not well")


@both("bodies: malformed, too large, too many fields")
def _(programme, server):
    browser = Browser(server)
    browser.get("/login")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body, status in ((b"csrf=%zz", 400), (b"a=\xff", 400), (b"a\0b=1", 400), (b"&".join(b"a=1" for _ in range(40)), 400),
                         (b"x" * 20000, 413), (b"x" * 5000000, 413), (b"", 403), (b"=&=&=", 403)):
        try:
            reply = browser.ask("POST", "/login", body, form)
            check(reply.status == status, f"{body[:20]}…{len(body)}: {reply.status}")
        except (BrokenPipeError, ConnectionResetError):
            check(status == 413, f"{body[:20]}: cut off")  # refused while it still sent
    # Without a length: read past for a while, then refused or cut.
    chunk = b"%x\r\n" % 8000 + b"x" * 8000 + b"\r\n"
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    check(b" 413 " in server.raw(head + chunk * 5 + b"0\r\n\r\n")[:20], "a chunked body")
    check(b" 200 " not in server.raw(head + chunk * 300 + b"0\r\n\r\n")[:20], "a huge chunked body")
    check(Browser(server).get("/health").status == 200, "not well")


@both("many at once, and slow ones beside them")
def _(programme, server):
    slow = []
    for _ in range(50):  # half a request each, never the rest
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        slow.append(connection)
    browser = Browser(server)
    browser.log_in("leder")
    failures = []

    def look():
        mine = Browser(server)
        mine.cookies = dict(browser.cookies)
        for _ in range(25):
            status = mine.get(f"/unit/{programme.ids['A1']}").status
            if status != 200:
                failures.append(status)

    def log_in():
        status = Browser(server).log_in("kontor").status
        if status != 303:
            failures.append(status)

    started = time.monotonic()
    threads = [threading.Thread(target=look) for _ in range(8)] + [threading.Thread(target=log_in) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not failures, f"{failures}")
    check(time.monotonic() - started < 30, f"{time.monotonic() - started:.1f} s")
    for connection in slow:
        connection.close()


@case("a slow client is cut off")
def _():
    programme, server = site("SQLite")
    with socket.create_connection(("127.0.0.1", server.port), timeout=40) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        started = time.monotonic()
        rest = connection.recv(1000)
        check(10 < time.monotonic() - started < 35, f"{time.monotonic() - started:.1f} s, {rest[:50]}")


@case("the log has no personal data")
def _():
    _, server = site("SQLite")
    log = server.log()
    check("web.request" in log and 'route="/unit/{id}"' in log, "no lines")
    for word in [*ACCOUNTS, PASSWORD, "Navn", "Skole", "/unit/1", "127.0.0.1"]:
        check(f'"{word}' not in log and f"={word}" not in log, f"the log has {word}")


@case("the front page of a simulated programme tells how to log in, and of another does not")
def _():
    programme, server = site("SQLite")
    check("laerke-demo" not in Browser(server).get("/").text, "told without --demo")
    with Server(programme.folder, "--demo", "--quiet") as demo:
        page = Browser(demo).get("/").text
        check("laerke-demo" in page and page.count('name="login" value="') >= 5, "not told")
        for login in ("lærer", "pædagog", "kommune", "kontor"):
            check(f'value="{login}"' in page, login)


@case("serve ends cleanly, and says what is wrong when it cannot begin")
def _():
    programme, running = site("SQLite")
    for how in (signal.SIGTERM, signal.SIGINT):
        with Server(programme.folder, "--quiet") as server:
            browser = Browser(server)
            browser.log_in("leder")
            check(server.stop(how) == 0, f"{how}")
    taken = laerke("-C", programme.folder, "serve", "--listen", f"127.0.0.1:{running.port}")
    check(taken.code == 1 and f"Port {running.port}" in taken.err and "--listen" in taken.err, taken.err)
    for listen, code in (("nonsense", 2), ("127.0.0.1:99999", 2), ("127.0.0.1:", 2), ("no.such.address:80", 1)):
        result = laerke("-C", programme.folder, "serve", "--listen", listen)
        check(result.code == code and result.err, f"{listen}: {result.code} {result.err}")
    nowhere = laerke("-C", f"{programme.folder}/nowhere", "serve")
    check(nowhere.code == 1 and nowhere.err, nowhere.err)


@case("a session outlives the server that made it")
def _():
    programme, _ = site("SQLite")
    with Server(programme.folder, "--quiet") as first:
        browser = Browser(first)
        browser.log_in("leder")
    with Server(programme.folder, "--quiet") as second:
        browser.server = second
        check(browser.get(f"/unit/{programme.ids['A1']}").status == 200, "asked to log in again")


@case("a database that comes back is met again")
def _():
    kind = "PostgreSQL"
    programme, server = site(kind)
    browser = Browser(server)
    browser.log_in("leder")
    programme.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
    statuses = [browser.get(f"/unit/{programme.ids['A1']}").status for _ in range(8)]
    check(set(statuses) <= {200, 503} and statuses[-1] == 200, f"{statuses}")


try:
    finish()
except SystemExit as end:
    if end.code and os.environ.get("WEB_LOG"):
        print("# " + made["SQLite"][1].log().replace("\n", "\n# "))
    raise
finally:
    stack.close()
