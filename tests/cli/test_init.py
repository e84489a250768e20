"""`laerke init` and `laerke migrate`, and what is said of a programme folder that is not right."""
import os
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import postgres
from tap import Skip, case, check, finish, laerke, must, workspace

SERVER = postgres.Server()


def refused(result, *parts):
    check(result.code == 1, f"exit {result.code}\n{result.err}")
    for part in parts:
        check(part in result.err, f"no “{part}” in: {result.err}")


@case("a programme in a new folder, in an empty one and in the current one")
def _():
    with workspace() as folder:
        check(must("init", folder / "new", "--name", "Skolerne på Ærø", "--json").json["name"] == "Skolerne på Ærø")
        (folder / "empty").mkdir()
        must("init", folder / "empty")
        (folder / "here").mkdir()
        must("init", ".", cwd=folder / "here")
        for name in ("new", "empty", "here"):
            check(sorted(os.listdir(folder / name)) == ["files", "identity.db", "keys", "out", "programme.ini", "study.db"])
            check(must("-C", folder / name, "migrate", "--json").json == {"applied": 0})
        check("name = Skolerne på Ærø\n" in (folder / "new" / "programme.ini").read_text())


@case("init leaves what is there alone, and nothing half made")
def _():
    with workspace() as folder:
        must("init", folder / "p")
        before = (folder / "p" / "programme.ini").read_bytes()
        refused(laerke("init", folder / "p"), "not empty")
        check((folder / "p" / "programme.ini").read_bytes() == before)
        refused(laerke("init", folder / "no" / "where"), "cannot be made")
        refused(laerke("init", folder / "q", "--database", "mysql://x"), "sqlite:", "postgresql://")
        refused(laerke("init", folder / "q", "--database", "postgresql://user:hidden@/x?host=/nowhere"), "cannot be opened")
        check("hidden" not in laerke("init", folder / "q", "--database", "postgresql://u:hidden@/x?host=/nowhere").err)
        check(os.listdir(folder) == ["p"], os.listdir(folder))
        check(laerke("init").code == 2)


@case("both stores in one PostgreSQL database")
def _():
    if not SERVER.url:
        raise Skip("PostgreSQL is absent")
    with workspace() as folder:
        must("init", folder / "p", "--database", SERVER.database("init"))
        check(sorted(os.listdir(folder / "p")) == ["files", "keys", "out", "programme.ini"])
        check(SERVER.sql("SELECT kind FROM study.unit", "init") == "programme\n")
        check(SERVER.sql("SELECT COUNT(*) FROM identity.person", "init") == "0\n")
        must("-C", folder / "p", "migrate")
        SERVER.sql("INSERT INTO identity.migration VALUES ('999_tomorrow', 'x', 1)", "init")
        refused(laerke("-C", folder / "p", "migrate"), "newer", "999_tomorrow", "Update")


@case("a slip in programme.ini is named by line")
def _():
    with workspace() as folder:
        must("init", folder / "p")
        ini = folder / "p" / "programme.ini"
        good = ini.read_text()
        lines = good.splitlines()
        at = lines.index("minimum_group = 7") + 1
        for wrong, parts in (("minimum_grup = 7", ["minimum_grup", "[publish]"]), ("minimum_group = 4", ["never under 5"]),
                             ("minimum_group = seven", ["minimum_group"]), ("seven", ["comment"])):
            ini.write_text(good.replace("minimum_group = 7", wrong))
            refused(laerke("-C", folder / "p", "migrate"), f"programme.ini, line {at}", *parts)
        ini.write_text(good)
        refused(laerke("-C", folder, "migrate"), "programme.ini", "laerke init")


@case("a database that lacks migrations, was changed, or is from the future")
def _():
    with workspace() as folder:
        must("init", folder / "p")
        study = folder / "p" / "study.db"
        (folder / "roster.csv").write_text("school;class;pupil\n1;4A;e1\n")

        def change(sql):
            connection = sqlite3.connect(study)
            connection.execute(sql)
            connection.commit()
            connection.close()

        roster = ("-C", folder / "p", "roster", "import", folder / "roster.csv")
        change("UPDATE migration SET sha256 = 'x'")
        refused(laerke(*roster), "001_study", "not the one")
        study.unlink()
        refused(laerke(*roster), "laerke migrate")
        study.write_bytes(b"This is a letter. " * 500)
        refused(laerke(*roster), "study.db", "cannot be opened")


with SERVER:
    finish()
