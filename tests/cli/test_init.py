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
        change("DELETE FROM migration")
        refused(laerke(*roster), "laerke migrate")
        study.write_bytes(b"This is a letter. " * 500)
        refused(laerke(*roster), "study.db", "is no database", "backup")


@case("a database that is lost or damaged is named, and never made anew in silence")
def _():
    with workspace() as folder:
        for name in ("study.db", "identity.db"):
            must("init", folder / name)
            (folder / "roster.csv").write_text("school;class;pupil\n1;4A;e1\n")
            database = folder / name / name
            whole = database.read_bytes()
            database.unlink()
            for command in (("roster", "import", folder / "roster.csv"), ("migrate",)):
                refused(laerke("-C", folder / name, *command), name, "is not there", "backup")
                check(not database.exists(), f"{command} made {name} anew")
            database.write_bytes(whole[:5000])
            refused(laerke("-C", folder / name, "roster", "import", folder / "roster.csv"), name, "damaged", "backup")
            for command in (("account", "list"), ("account", "end", "x")):
                refused(laerke("-C", folder / name, *command), name, "damaged")


@case("nonsense for a folder, a name or programme.ini is told as it is")
def _():
    with workspace() as folder:
        refused(laerke("init", ""), "“”", "No such file")
        for name in ("", "two\nlines", "a ; b"):
            result = laerke("init", folder / "p", "--name", name)
            refused(result, f"“{name}” cannot be used as name")
            check("making" not in result.err, result.err)
        check(os.listdir(folder) == [], os.listdir(folder))
        (folder / "p" / "programme.ini").mkdir(parents=True)
        refused(laerke("-C", folder / "p", "migrate"), "programme.ini cannot be read", "directory")


with SERVER:
    finish()
