"""laerke irt dif as a black box: table and JSON, a known difference found again, words, weights, bad input."""
import csv
import math
import random

from tap import case, check, finish, laerke, must, near, shared, workspace

random.seed(8)
COLUMNS = ("item reference focal n_reference n_focal effect_logit se slope_difference slope_difference_se "
           "unsigned_logit score_difference chi2 df p p_adjusted class anchor").split()


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def simulated(path, shifts, n=600, items=6, odd=2, weight=False):
    """Rasch answers; item `odd` stands shifts[group] higher in a group."""
    groups = sorted(shifts)
    lines = ["group," + ("w," if weight else "") + ",".join(f"i{k}" for k in range(items))]
    for p in range(n * len(groups)):
        group = groups[p % len(groups)]
        theta = random.gauss(0.4 * (p % len(groups)), 1)
        answers = []
        for k in range(items):
            b = -1 + 0.4 * k + (shifts[group] if k == odd else 0)
            answers.append(int(random.random() < 1 / (1 + math.exp(b - theta))))
        lines.append(",".join(map(str, [group, *(["2"] if weight else []), *answers])))
    path.write_text("\n".join(lines) + "\n")


@case("a known difference is found again, by name and direction, and nothing else is")
def _():
    with workspace() as folder:
        simulated(folder / "a.csv", {"boys": 0, "girls": 1.0})
        run = must("irt", "dif", folder / "a.csv", "--items", "i*", "--model", "rasch", "--by", "group", "--out",
                   folder / "dif.csv", "--json")
        rows = rows_of(folder / "dif.csv")
        check(list(rows[0]) == COLUMNS, rows[0].keys())
        check([row["item"] for row in rows] == [f"i{k}" for k in range(6)])
        found = rows[2]
        check(found["class"] == "C" and found["anchor"] == "no", found)
        check(found["reference"] == "boys" and found["focal"] == "girls")
        near(float(found["effect_logit"]), 1.0, 3.5 * float(found["se"]))
        check(float(found["p_adjusted"]) < 1e-6 and float(found["score_difference"]) < 0)
        check(all(row["class"] == "A" for k, row in enumerate(rows) if k != 2), rows)
        check("Item i2: at the same level girls answer lower than boys" in run.err, run.err)
        item = run.json["items"][2]
        check(item["class"] == "C" and item["contrasts"][0]["focal"] == "girls")
        near(item["p"], float(found["p"]), 1e-12)
        check(run.json["rounds"] == 2 and run.json["settled"] is True and run.json["persons"] == 1200)
        check(run.json["groups"][0]["mean"] == 0 and run.json["by"] == "group")
        turned = must("irt", "dif", folder / "a.csv", "--items", "i*", "--model", "rasch", "--by", "group", "--out",
                      folder / "turned.csv", "--reference", "girls")
        near(float(rows_of(folder / "turned.csv")[2]["effect_logit"]), -float(found["effect_logit"]), 1e-6)
        check("boys answer higher than girls" in turned.err, turned.err)


@case("three groups: two rows an item, one test; equal weights change nothing; models with slopes")
def _():
    with workspace() as folder:
        simulated(folder / "a.csv", {"3": 0, "5": 0, "7": -0.9}, weight=True)
        for model in ("rasch", "2pl", "grm"):
            must("irt", "dif", folder / "a.csv", "--items", "i*", "--model", model, "--by", "group", "--out",
                 folder / "dif.csv")
            rows = rows_of(folder / "dif.csv")
            check(len(rows) == 12 and rows[4]["p"] == rows[5]["p"] and rows[4]["focal"] == "5")
            check(rows[5]["class"] in "BC" and rows[4]["class"] == "A", rows[4:6])
            check(rows[0]["df"] == ("2" if model == "rasch" else "4"))
            check((rows[0]["slope_difference"] == "") == (model == "rasch"))
        must("irt", "dif", folder / "a.csv", "--items", "i*", "--model", "grm", "--by", "group", "--out",
             folder / "weighted.csv", "--weight", "w")
        for a, b in zip(rows, rows_of(folder / "weighted.csv")):
            near(float(a["chi2"]), float(b["chi2"]), 0.002)


@case("verbal aggression by gender: as conditional likelihood has it")
def _():
    # R: library(eRm); Waldtest(RM(1 * (X >= 1)), splitcr = as.character(d$Gender))$coef.table: z by item
    conditional = {"S1WantCurse": 1.402, "S2WantCurse": 2.028, "S2WantShout": 3.260, "S3WantScold": -1.304,
                   "S4WantShout": 2.038, "S1DoScold": -1.963, "S2DoCurse": -2.610, "S2DoScold": -2.898,
                   "S3DoCurse": -2.645, "S3DoScold": -2.218, "S4DoShout": 1.046, "S4WantScold": -0.146}
    with workspace() as folder:
        rows = rows_of(shared("verbagg.csv"))
        items = [name for name in rows[0] if name.startswith("S")]
        lines = ["Gender," + ",".join(items)]
        lines += [",".join([row["Gender"], *(str(int(row[item] != "0")) for item in items)]) for row in rows]
        (folder / "yes.csv").write_text("\n".join(lines) + "\n")
        must("irt", "dif", folder / "yes.csv", "--items", "S*", "--model", "rasch", "--by", "Gender", "--rounds", "1",
             "--out", folder / "dif.csv")
        for row in rows_of(folder / "dif.csv"):
            z = float(row["effect_logit"]) / float(row["se"])
            near(z * z, float(row["chi2"]), 0.1 + 0.1 * z * z)
            if row["item"] in conditional:
                near(z, conditional[row["item"]], 0.12, row["item"])


@case("items and rows that cannot be compared are named, and nothing is invented for them")
def _():
    with workspace() as folder:
        simulated(folder / "a.csv", {"a": 0, "b": 0}, n=300)
        rows = rows_of(folder / "a.csv")
        for p, row in enumerate(rows):
            if row["group"] == "a":
                row["i1"] = ""
            if p < 5:
                row["group"] = "NA"
            if 5 <= p < 10:
                row["group"] = "x"
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        (folder / "b.csv").write_text("\n".join(lines) + "\n")
        run = must("irt", "dif", folder / "b.csv", "--items", "i*", "--model", "rasch", "--by", "group", "--out",
                   folder / "dif.csv", "--json")
        check("Item i1 cannot be compared" in run.err and "5 rows have no group" in run.err, run.err)
        check("Group x is left out, because too few in it have answered (5)" in run.err and len(run.json["groups"]) == 2, run.err)
        item = run.json["items"][1]
        check(item["p"] is None and item["class"] is None and item["contrasts"][0]["effect_logit"] is None)
        row = rows_of(folder / "dif.csv")[1]
        check(row["effect_logit"] == row["p"] == row["class"] == "" and "nan" not in (folder / "dif.csv").read_text())


@case("an item told in one group only is no anchor, and groups without a common item are told so")
def _():
    with workspace() as folder:
        lines, apart = ["group,q1,q2,q3,q4,q5"], ["group,q1,q2,q3,q4"]
        for p in range(800):
            group, theta = "ab"[p % 2], random.gauss(0, 1.2)
            answers = [sum(random.random() < 1 / (1 + math.exp(b - theta)) for _ in range(3))
                       for b in (-0.6, -0.2, 0.2, 0.6)]
            lines.append(",".join(map(str, [group, *answers, 1 if group == "b" else 2 + (theta > 0)])))
            apart.append(",".join([group, *(str(a) if (k < 2) == (group == "a") else "" for k, a in enumerate(answers))]))
        (folder / "a.csv").write_text("\n".join(lines) + "\n")
        (folder / "apart.csv").write_text("\n".join(apart) + "\n")
        options = ["--items", "q*", "--model", "pcm", "--by", "group", "--out", folder / "dif.csv"]
        run = must("irt", "dif", folder / "a.csv", *options)
        rows = rows_of(folder / "dif.csv")
        check([row["class"] for row in rows] == ["A"] * 4 + [""], rows)
        check([row["anchor"] for row in rows] == ["yes"] * 4 + ["no"] and rows[4]["p"] == "", rows)
        check("Item q5 cannot be compared" in run.err, run.err)
        failed = laerke("irt", "dif", folder / "apart.csv", *options)
        check(failed.code == 1 and "The groups have no item in common" in failed.err and "group b" in failed.err,
              failed.err)


@case("wrong usage and columns without groups")
def _():
    with workspace() as folder:
        simulated(folder / "a.csv", {"a": 0}, n=60)
        basic = ["irt", "dif", folder / "a.csv", "--items", "i*", "--model", "rasch"]
        check(laerke(*basic, "--by", "group").code == 2, "--out is needed")
        check(laerke(*basic, "--out", folder / "o.csv").code == 2, "--by is needed")
        check(laerke(*basic, "--by", "group", "--out", folder / "o.csv", "--rounds", "0").code == 2)
        failed = laerke(*basic, "--by", "group", "--out", folder / "o.csv")
        check(failed.code == 1 and "two groups" in failed.err, failed.err)
        failed = laerke(*basic, "--by", "nothing", "--out", folder / "o.csv")
        check(failed.code == 1 and "nothing" in failed.err, failed.err)
        simulated(folder / "a.csv", {"a": 0, "b": 0}, n=60)
        failed = laerke(*basic, "--by", "group", "--out", folder / "o.csv", "--reference", "c")
        check(failed.code == 1 and "“c”" in failed.err, failed.err)
        check(not (folder / "o.csv").exists())


finish()
