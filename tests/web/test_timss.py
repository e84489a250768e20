"""Real answers, end to end: TIMSS 2011, Austria, grade 4, as a wave. 4,668 pupils in 276 classes of 158 schools met
some of 174 mathematics items each. The reference values beside the data come from other programs."""
import csv
import json
import re
import sqlite3
import statistics

import postgres
from site_for_tests import PASSWORD, Browser, Server
from tap import Skip, case, check, finish, must, near, shared, workspace


def instrument(rows):
    items = [name for name in rows[0] if re.fullmatch(r"M0.*", name)]
    return {
        "code": "timss-maths", "respondent": "pupil", "languages": ["en"],
        "title": {"en": "TIMSS 2011 mathematics"},
        "items": [{"id": name, "categories": 2} for name in items],
        "scales": [{"code": "maths", "name": {"en": "Mathematics"}, "meaning": {"en": "Mathematics in grade 4"},
                    "items": items}],
    }


def publish(folder, urls):
    source = shared("timss2011_aut_pupils.csv")
    programme = folder / "programme"
    with open(source, newline="") as file:
        rows = list(csv.DictReader(file))
    form = folder / "timss.json"
    form.write_text(json.dumps(instrument(rows), indent=1))
    must("init", programme, "--name", "TIMSS 2011", *urls)
    must("-C", programme, "roster", "import", source)
    must("instrument", "check", form)
    must("-C", programme, "instrument", "load", form)
    must("-C", programme, "wave", "new", "--opens", "2011-03-01", "--closes", "2011-05-31",
         "--instrument", "timss-maths")
    must("-C", programme, "wave", "open", "1")
    must("-C", programme, "answer", "import", source, "--wave", "1", "--instrument", "timss-maths",
         "--id", "pupil")
    must("-C", programme, "wave", "close", "1")
    published = must("-C", programme, "publish", "--wave", "1", "--threads", "1", "--json").json
    return programme, rows, published


def class_means(programme, rows):
    """Every class's frozen part, by its number."""
    schools = {row["class"]: row["school"] for row in rows}
    found = {}
    must("-C", programme, "profile", "--all", "--wave", "1", "--format", "json", "--out", programme / "out" / "json")
    for path in (programme / "out" / "json").rglob("*.json"):
        profile = json.loads(path.read_text())
        if profile["unit"]["kind"] == "class":
            found[int(profile["unit"]["code"])] = profile["scales"][0]["parts"][0]
    check(len(found) == len(schools), f"{len(found)} class profiles of {len(schools)}")
    return found


LOCATIONS = "SELECT item, location FROM item_parameter WHERE scale = 'maths'"


def check_against_reference(programme, rows, locations):
    reference = json.loads(shared("reference/timss_maths.json").read_text())
    check(len(locations) == 174, f"{len(locations)} items")
    for item, expected in reference["rasch"]["steps"].items():
        near(locations[item], expected, 0.02, item)
    # Classes: as far from 500 as the reference's mean WLEs are from its latent mean, but for what a plausible
    # value and a WLE do not share.
    found = class_means(programme, rows)
    sd = reference["rasch"]["variance"] ** 0.5
    pairs = [(500 + 100 * row["wle"] / sd, found[row["class"]])
             for row in reference["class_means"] if found[row["class"]]["shown"]]
    check(len(pairs) > 230, f"{len(pairs)} classes are shown")
    wle, raw, shrunken = zip(*[(w, part["raw_mean"], part["mean"]) for w, part in pairs])
    correlation = statistics.correlation(wle, raw)
    check(correlation > 0.98, f"raw class means correlate {correlation:.3f} with the mean WLEs")
    near(statistics.mean(raw) - statistics.mean(wle), 0, 2, "mean over classes")
    spread = statistics.stdev(shrunken) / statistics.stdev(raw)
    check(0.7 < spread < 1, f"shrunken means spread {spread:.2f} of the raw ones")
    # TIMSS's own plausible values were conditioned on much more, and made by others.
    own = {row["class"]: row["published"] for row in reference["class_means"]}
    correlation = statistics.correlation(*zip(*[(own[c], p["raw_mean"]) for c, p in found.items() if p["shown"]]))
    check(correlation > 0.9, f"correlation {correlation:.3f} with TIMSS's own class means")


@case("TIMSS 2011 Austria is imported and published, and agrees with the reference values")
def _():
    with workspace() as folder:
        programme, rows, published = publish(folder, [])
        check(published["persons"] == 4668, f"{published['persons']} persons")
        locations = dict(sqlite3.connect(programme / "study.db").execute(LOCATIONS))
        check_against_reference(programme, rows, locations)


@case("the same on PostgreSQL, with the same bytes as on SQLite")
def _():
    with workspace() as folder, workspace() as other, postgres.Server() as server:
        if not server.url:
            raise Skip("PostgreSQL is absent")
        url = server.database("timss")
        programme, rows, published = publish(folder, ["--database", url, "--identity-database", url])
        found = server.sql(LOCATIONS.replace("item_parameter", "study.item_parameter"), "timss").split()
        check_against_reference(programme, rows, {i: float(b) for i, b in (line.split("|") for line in found)})
        check(publish(other, [])[2]["sha256"] == published["sha256"], "the databases published different results")


@case("the same wave at two threads gives the same bytes, and publishing again changes nothing")
def _():
    with workspace() as folder:
        programme, _, first = publish(folder, [])
        again = must("-C", programme, "publish", "--wave", "1", "--threads", "2", "--json").json
        check(again["unchanged"], "the second publication says that something changed")
        check(again["sha256"] == first["sha256"], "other bytes at two threads")


@case("small classes are hidden without a number, and so is the sibling that would give them away")
def _():
    with workspace() as folder:
        programme, rows, _ = publish(folder, [])
        found = class_means(programme, rows)
        sizes = {}
        for row in rows:
            sizes.setdefault(row["school"], {}).setdefault(int(row["class"]), []).append(row)
        for school, classes in sizes.items():
            for number, pupils in classes.items():
                part = found[number]
                if len(pupils) < 7:
                    check(not part["shown"], f"class {number} of {len(pupils)} is shown")
                if not part["shown"]:
                    numbers = [key for key, value in part.items() if isinstance(value, (int, float))
                               and not isinstance(value, bool)]
                    check(not numbers, f"class {number} is hidden but holds {numbers}")
            hidden = [n for n in classes if not found[n]["shown"]]
            check(len(hidden) != 1 or len(classes) == 1, f"school {school}: {hidden} can be found by subtraction")


@case("class and school profiles of the TIMSS wave open in the server, as pages and as PDF, with the frozen numbers")
def _():
    with workspace() as folder:
        programme, rows, _ = publish(folder, [])
        school = next(row["school"] for row in rows)
        must("-C", programme, "account", "add", "leder", "--name", "Leder", "--role", "leader", "--unit", school,
             "--password-stdin", input=PASSWORD + "\n")
        out = folder / "school.json"
        must("-C", programme, "profile", "--unit", school, "--wave", "1", "--format", "json", "--out", out)
        profile = json.loads(out.read_text())
        with Server(programme) as server:
            leader = Browser(server)
            leader.log_in("leder")
            for unit in [profile["unit"], *profile["children"]]:
                frozen = leader.get(f"/unit/{unit['id']}/profile.json")
                check(frozen.status == 200, f"{unit['name']} as JSON: {frozen.status}")
                page = leader.get(f"/unit/{unit['id']}")
                check(page.status == 200, f"{unit['name']}: {page.status}")
                part = json.loads(frozen.text)["scales"][0]["parts"][0]
                check(part["shown"] == (str(part.get("mean")) in page.text), f"{unit['name']}: page and numbers differ")
                pdf = leader.get(f"/unit/{unit['id']}/profile.pdf")
                check(pdf.status == 200 and pdf.bytes.startswith(b"%PDF-"), f"{unit['name']} as PDF: {pdf.status}")
            stranger = Browser(server)
            check(stranger.get(f"/unit/{profile['unit']['id']}").status in (302, 303), "a stranger sees a profile")


finish()
