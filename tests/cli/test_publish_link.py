"""Two published waves: the second stands on the first's metric, with its link error. Answers of a test on two occasions."""
import csv
import json
import math
import statistics

from tap import case, check, finish, must, near, shared, workspace


def published(folder, items):
    """Both waves with these items, published; the programme's frozen scale in each."""
    with open(shared("ctest_two_occasions.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    programme = folder / "programme"
    (folder / "roster.csv").write_text("school,class,pupil\n" + "".join(
        f"{int(row['idclass']) // 3},{row['idclass']},p{row['idstud']}\n" for row in rows))
    form = {"code": "ctest", "respondent": "pupil", "languages": ["en"], "title": {"en": "C-test"},
            "items": [{"id": item.lower(), "categories": 2} for item in items],
            "scales": [{"code": "words", "name": {"en": "Words"}, "meaning": {"en": "Words that were left out"},
                        "items": [item.lower() for item in items]}]}
    (folder / "form.json").write_text(json.dumps(form))
    must("init", programme, "--name", "C-test")
    must("-C", programme, "roster", "import", folder / "roster.csv")
    must("-C", programme, "instrument", "load", folder / "form.json")
    found = []
    for wave in "12":
        answers = [",".join(["p" + row["idstud"], *(row[item + "T" + wave] for item in items)]) for row in rows]
        path = folder / f"wave{wave}.csv"
        path.write_text("\n".join(["subject," + ",".join(items).lower(), *answers]) + "\n")
        must("-C", programme, "wave", "new", "--opens", f"202{wave}-03-01", "--closes", f"202{wave}-05-31",
             "--instrument", "ctest")
        must("-C", programme, "wave", "open", wave)
        must("-C", programme, "answer", "import", path, "--wave", wave, "--instrument", "ctest")
        must("-C", programme, "wave", "close", wave)
        must("-C", programme, "publish", "--wave", wave)
        out = folder / f"profile{wave}.json"
        must("-C", programme, "profile", "--unit", "", "--wave", wave, "--format", "json", "--out", out)
        found.append(json.loads(out.read_text())["scales"][0])
    return found


@case("twenty items: one has drifted and is dropped; mean and link error follow from the reference's locations")
def _():
    reference = json.loads(shared("reference/ctest_linking.json").read_text())
    with workspace() as folder:
        first, second = published(folder, reference["items"])
        check("link" not in first, "the first wave is the base")
        shifts = [b - a for a, b in zip(reference["time2"]["locations"], reference["time1"]["locations"])]
        del shifts[reference["items"].index("B01")]
        sd = math.sqrt(reference["time1"]["variance"])
        error = 100 * statistics.stdev(shifts) / math.sqrt(19) / sd
        link = second["link"]
        check({key: link[key] for key in ("base", "trend", "items", "dropped")} ==
              {"base": 1, "trend": True, "items": 19, "dropped": "b01"}, link)
        near(link["error"], error, 0.051)
        # the latent mean of a wave is 0 in its own calibration; plausible values add what ten draws do
        near(second["parts"][0]["mean"] - first["parts"][0]["mean"], 100 * statistics.mean(shifts) / sd, 2.5)


@case("a scale of four items links by all of them: none is dropped, and the drift is in the link error")
def _():
    reference = json.loads(shared("reference/ctest_linking.json").read_text())
    with workspace() as folder:
        four = [item for item in reference["items"] if item in ("A01", "B01", "C01", "D01")]
        link = published(folder, four)[1]["link"]
        check(link["trend"] is True and link["items"] == 4 and link["dropped"] is None, link)
        check(link["error"] > 10, link)


finish()
