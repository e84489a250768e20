"""For tests of answers: a programme of simulated people with an open wave, and files that answer it."""
import sqlite3

from tap import must

ITEMS = ["a", "b", "c"]
FORM = ('{"code": "x", "respondent": "pupil", "grades": [4, 5], "categories": 3, "scales": [{"code": "s"}],\n'
        ' "items": ["a", "b", {"id": "c", "categories": [1, 2, 4]}]}\n')


class Programme:
    """A small demo in folder/p, with wave 2 open and asking FORM of grades 4 and 5 (url: its PostgreSQL)."""

    def __init__(self, folder, server=None, pupils=400, form=FORM):
        self.path, self.server, self.at = folder / "p", server, ["-C", folder / "p"]
        where = ["--database", server.database("answers")] if server else []
        must("demo", self.path, "--pupils", pupils, "--seed", 1, *where)
        (folder / "form.json").write_text(form)
        must(*self.at, "instrument", "load", folder / "form.json")
        must(*self.at, "wave", "new", "--opens", "2027-11-01", "--closes", "2027-11-20", "--instrument", "x")
        self.asked = must(*self.at, "--json", "wave", "open", 2).json["assignments"]

    def query(self, store, sql):
        if self.server:
            lines = self.server.sql(f"SET search_path = {store}; {sql}", "answers").split("\n")[:-1]
            return [tuple(line.split("|")) for line in lines]
        with sqlite3.connect(self.path / f"{store}.db") as database:
            return [tuple(map(str, row)) for row in database.execute(sql)]

    def keys(self):
        """The source keys of those who are asked in wave 2, in order of number."""
        asked = {row[0] for row in self.query("study", "SELECT subject FROM assignment WHERE wave = 2")}
        people = self.query("identity", "SELECT p.source_key, s.subject FROM person p JOIN pseudonym s ON s.person = p.id")
        return sorted((key for key, subject in people if subject in asked), key=lambda key: int(key.split("-")[1]))

    def state(self):
        """Everything that an import may change."""
        blob = "encode(w.vector, 'hex')" if self.server else "lower(hex(w.vector))"
        return self.query("study", f"SELECT a.id, a.state, a.revision, COALESCE({blob}, '') FROM assignment a "
                                   "LEFT JOIN answer w ON w.assignment = a.id WHERE a.wave = 2 ORDER BY a.id")


def write(path, keys, rows, header=("subject", *ITEMS), separator=";"):
    lines = [separator.join(header)] + [separator.join([key, *map(str, row)]) for key, row in zip(keys, rows)]
    path.write_text("\n".join(lines) + "\n")
    return path
