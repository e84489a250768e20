"""What the web's tests start with: a small programme with results, its server, and browsers of ours.

The programme's units and frozen results are written straight into the stores, on SQLite or PostgreSQL:
these tests are about who sees what and how, not about how results are made.
"""
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import urllib.parse

from tap import LAERKE, check, must

PASSWORD = "en god adgangskode"
TEACHING, OTHER = "Undervisningens ro", "Glæde ved skolen"

# code: (parent, kind, name). The programme itself, "P", is there from the start.
UNITS = {
    "A": ("P", "municipality", "Kommune A"),
    "A1": ("A", "school", "Skole A1 <&>"),
    "A1x": ("A1", "class", "4.x"),
    "A1y": ("A1", "class", "4.y"),
    "A2": ("A", "school", "Skole A2"),
    "A2x": ("A2", "class", "5.x"),
    "B": ("P", "municipality", "Kommune B"),
    "B1": ("B", "school", "Skole B1"),
    "B1x": ("B1", "class", "6.x"),
}
# login: its roles, and what it sees: all, or (a leader's classes) without the scales about teaching.
ACCOUNTS = {
    "lærer": ([("teacher", "A1x")], {"A1x": "all", "A1": "all"}),
    "pædagog": ([("pedagogue", "A1y")], {"A1y": "all", "A1": "all"}),
    "leder": ([("leader", "A1")], {"A1": "all", "A1x": "some", "A1y": "some"}),
    "begge": ([("leader", "A1"), ("teacher", "A1x")], {"A1": "all", "A1x": "all", "A1y": "some"}),
    "kommune": ([("municipality", "A")], {"A": "all", "A1": "all", "A2": "all"}),
    "kontor": ([("programme", "P")], {"P": "all", "A": "all", "B": "all"}),
}


def scale(code, name, teaching, mean):
    texts = {"da": name, "en": name + " (en)"}
    return {
        "scale": code, "instrument": "pupil", "respondent": "pupil", "goal": "T", "teaching": teaching,
        "name": texts, "meaning": {"da": "m", "en": "m"}, "above": {"da": "mere", "en": "more"},
        "below": {"da": "mindre", "en": "less"}, "shares_only": False, "n_items": 4,
        "reliability": 0.85, "axis": [350, 650], "band": [480, 520],
        "parts": [{"part": "all", "shown": True, "why": None, "n": 20, "invited": 22, "mean": mean, "se": 12.5,
                   "low": mean - 25, "high": mean + 25, "raw_mean": mean + 3, "sd": None, "categories": []}],
        "comparisons": [{"with": "programme", "part": "all", "reference": 500, "difference": mean - 500,
                         "low": mean - 525, "high": mean - 475, "verdict": "unclear"}],
    }


class Programme:
    def __init__(self, folder, postgres=None):
        self.folder, self.postgres, self.ids = folder, postgres, {}
        urls = []
        if postgres:
            self.study = "study_" + os.urandom(4).hex()
            identity = "identity_" + os.urandom(4).hex()
            urls = ["--database", postgres.database(self.study), "--identity-database", postgres.database(identity)]
        must("init", folder, "--name", "Prøveprogram", *urls)
        self.ids["P"] = int(self.sql("SELECT id FROM {s}unit WHERE parent IS NULL"))
        for code, (parent, kind, name) in UNITS.items():
            grade = int(name[0]) if kind == "class" else "NULL"
            self.ids[code] = int(self.sql(
                f"INSERT INTO {{s}}unit (kind, parent, code, name, grade) VALUES ('{kind}', {self.ids[parent]}, "
                f"'{code}', '{name}', {grade}) RETURNING id"))

    def sql(self, sql):
        """Runs one statement in the study store; its first value as text."""
        if self.postgres:
            return self.postgres.sql(sql.replace("{s}", "study."), self.study).strip()
        with sqlite3.connect(f"{self.folder}/study.db", timeout=20) as database:
            row = database.execute(sql.replace("{s}", "")).fetchone()
        database.close()
        return str(row[0]) if row else ""

    def unit(self, code):
        parent, kind, name = UNITS.get(code, (None, "programme", "Prøveprogram"))
        return {"id": self.ids[code], "kind": kind, "code": "" if code == "P" else code, "name": name,
                "parent": self.ids[parent] if parent else None, "grade": int(name[0]) if kind == "class" else None}

    def frozen(self, code, wave, mean):
        path, at = [], code
        while at != "P":
            at = UNITS[at][0]
            path.insert(0, self.unit(at))
        return {
            "unit": self.unit(code), "path": path,
            "children": [self.unit(c) for c, (parent, _, _) in UNITS.items() if parent == code],
            "wave": wave, "wave_name": f"Kortlægning {wave}", "opens": "2026-09-01", "closes": "2026-10-01",
            "publication": "0123456789abcdef", "programme": "Prøveprogram", "minimum_group": 7,
            "responses": [{"respondent": "pupil", "shown": True, "invited": 22, "n": 20}],
            "scales": [scale("glad", OTHER, False, mean), scale("ro", TEACHING, True, mean - 10)],
        }

    def publish(self, wave, mean, publication, without=()):
        """A wave with a publication of every unit but those without."""
        self.sql(f"INSERT INTO {{s}}wave VALUES ({wave}, 'Kortlægning {wave}', '2026-09-01', '2026-10-01', 'closed') "
                 "ON CONFLICT DO NOTHING")
        for code, unit in self.ids.items():
            if code in without:
                continue
            text = json.dumps(self.frozen(code, wave, mean), ensure_ascii=False, separators=(",", ":"))
            text = text.replace("'", "''")
            self.sql(f"INSERT INTO {{s}}result VALUES ({publication}, {unit}, '{text}', '')")
        self.sql(f"INSERT INTO {{s}}publication VALUES ({publication}, {wave}, '', '', '0', '', {len(self.ids)}, {publication})")

    def add_accounts(self):
        for login, (roles, _) in ACCOUNTS.items():
            options = [word for role, unit in roles for word in ("--role", role, "--unit", self.ids[unit])]
            must("-C", self.folder, "account", "add", login, "--name", f"Navn {login}", "--password-stdin", *options,
                 input=PASSWORD + "\n")


class Server:
    """laerke serve on a free port. stop() returns its exit code."""

    def __init__(self, folder, *options):
        self.errors = open(f"{folder}/serve.log", "a+")
        self.process = subprocess.Popen([LAERKE, "--lang", "en", "-C", str(folder), "--json", "serve", "--listen", "127.0.0.1:0", *options],
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True)
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("}"):
                break
        check(lines, "serve ended: " + self.log())
        self.port = json.loads("".join(lines))["port"]

    def log(self):
        self.errors.seek(0)
        return self.errors.read()

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.errors.close()

    def raw(self, data, wait=10):
        """Sends bytes as they are; everything that comes back until the end or the wait."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            received = b""
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    received += part
            except OSError:
                pass
            return received


class Reply:
    def __init__(self, reply, body):
        self.status, self.headers, self.bytes = reply.status, reply.headers, body
        self.text = body.decode("utf-8", "replace")
        self.to = reply.headers.get("Location")


class Browser:
    """Keeps cookies and the last form's token, follows nothing."""

    def __init__(self, server):
        self.server, self.cookies, self.csrf = server, {}, None

    def ask(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        sent = dict(headers)
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, sent)
        reply = connection.getresponse()
        result = Reply(reply, reply.read())
        connection.close()
        for cookie in reply.headers.get_all("Set-Cookie") or ():
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
            if "Max-Age=0" in cookie:
                del self.cookies[name]
        token = re.search(r'name="csrf" value="([0-9a-f]{64})"', result.text)
        if token:
            self.csrf = token[1]
        return result

    def get(self, path, **headers):
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path, token=True, **fields):
        if token:
            fields["csrf"] = self.csrf if token is True else token
        return self.ask("POST", path, urllib.parse.urlencode(fields),
                        {"Content-Type": "application/x-www-form-urlencoded"})

    def log_in(self, login, password=PASSWORD, next="/"):
        self.get("/login")
        return self.post("/login", login=login, password=password, next=next)
