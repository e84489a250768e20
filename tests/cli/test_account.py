"""laerke account: who may log in. What it prints is what scripts read."""
import contextlib
import re
import sqlite3
import tempfile

from tap import case, check, finish, laerke, must

stack = contextlib.ExitStack()
folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="laerke-account-")) + "/p"
must("init", folder, "--name", "Prøve")
with sqlite3.connect(f"{folder}/study.db") as study:
    for kind, parent, code in (("municipality", 1, "nord"), ("school", 2, "s1"), ("class", 3, "4A"), ("school", 2, "s2")):
        study.execute("INSERT INTO unit (kind, parent, code, name) VALUES (?, ?, ?, ?)", (kind, parent, code, code))
study.close()

MADE = re.compile(r"^[a-z2-9]{4}(-[a-z2-9]{4}){3}$")


def account(*words, **more):
    return laerke("-C", folder, "account", *words, **more)


@case("add prints the made password, once, and nothing else")
def _():
    result = account("add", "Leder@Skole.dk", "--name", "Lise", "--role", "leader", "--unit", "nord/s1")
    check(result.code == 0 and MADE.match(result.out.strip()) and not result.err, f"{result.out}{result.err}")
    check(result.out.strip() not in account("list").out, "the list has the password")


@case("a given password is read from standard input, never from the command line")
def _():
    result = account("add", "lærer", "--role", "teacher", "--unit", "nord/s1/4A", "--password-stdin", input="en lang kode\n")
    check(result.code == 0 and result.out == "", result.out + result.err)
    check(account("add", "x", "--role", "teacher", "--unit", "s1", "--password", "y").code == 2, "--password is taken")
    for given in ("kort\n", "", "x" * 300 + "\n"):
        result = account("add", "ny", "--role", "teacher", "--unit", "s1", "--password-stdin", input=given)
        check(result.code == 1 and "10 to 256" in result.err, f"{given[:5]}: {result.err}")


@case("several roles, and one at the programme without a unit")
def _():
    must("-C", folder, "account", "add", "begge", "--role", "leader", "--unit", "nord/s2", "--role", "teacher", "--unit", "4A")
    must("-C", folder, "account", "add", "kontor", "--role", "programme")
    listed = must("-C", folder, "--json", "account", "list").json
    check([a["login"] for a in listed] == ["begge", "kontor", "leder@skole.dk", "lærer"], f"{listed}")
    check(listed[0]["roles"] == [{"role": "teacher", "unit": 4}, {"role": "leader", "unit": 5}], f"{listed[0]}")
    check(listed[1]["roles"] == [{"role": "programme", "unit": 1}], f"{listed[1]}")
    check(all("password" not in a for a in listed), "a password in the list")


FAULTS = [  # words, exit code, what the message says
    (["add", "a b", "--role", "teacher", "--unit", "s1"], 1, "no blanks"),
    (["add", "kontor", "--role", "teacher", "--unit", "s1"], 1, "taken"),
    (["add", "KONTOR", "--role", "teacher", "--unit", "s1"], 1, "taken"),
    (["add", "ny", "--role", "teacher", "--unit", "nowhere"], 1, "nowhere"),
    (["add", "ny", "--role", "leader", "--unit", "nord"], 1, "leader"),
    (["add", "ny", "--role", "municipality", "--unit", "s1"], 1, "municipality"),
    (["add", "ny", "--role", "teacher"], 1, "teacher"),
    (["add", "ny", "--role", "head", "--unit", "s1"], 2, "head"),
    (["add", "ny"], 2, "--unit"),
    (["add", "ny", "--role", "teacher", "--role", "leader", "--unit", "s1"], 2, "--unit"),
    (["add", "--role", "teacher", "--unit", "s1"], 2, "account add"),
    (["end", "nobody"], 1, "nobody"), (["reset", "nobody"], 1, "nobody"), (["reset"], 2, "account reset"),
]


@case("every fault has its message and exit code, and changes nothing")
def _():
    before = account("list").out
    for words, code, says in FAULTS:
        result = account(*words)
        check(result.code == code and says in result.err and not result.out, f"{words}: {result.code} {result.err}")
    check(account("list").out == before, "something changed")


@case("reset makes a new password, end is for good")
def _():
    first = must("-C", folder, "--json", "account", "reset", "leder@skole.dk").json
    second = must("-C", folder, "--json", "account", "reset", "leder@skole.dk").json
    check(first["login"] == "leder@skole.dk" and MADE.match(first["password"]) and first != second, f"{first}")
    check(account("end", "leder@skole.dk").code == 0, "end")
    check(account("end", "leder@skole.dk").code == 1 and account("reset", "leder@skole.dk").code == 1, "twice")
    ended = [a for a in must("-C", folder, "--json", "account", "list").json if a["ended"]]
    check([a["login"] for a in ended] == ["leder@skole.dk"] and ended[0]["roles"] == [], f"{ended}")
    check(account("add", "leder@skole.dk", "--role", "leader", "--unit", "s1").code == 1, "an ended login is given again")


try:
    finish()
finally:
    stack.close()
