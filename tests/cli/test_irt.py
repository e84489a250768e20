"""laerke irt fit and irt score as a black box: files, keys and columns of the contract, options, bad input."""
import csv
import json
import random

from tap import case, check, finish, laerke, must, near, shared, workspace

random.seed(5)


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write(path, header, rows):
    path.write_text("\n".join([header, *[",".join(map(str, row)) for row in rows]]) + "\n")


def answers(n=400, items=5, top=3, shift=lambda p: 0):
    """Sums of coin tosses that share a person's luck: enough of a common trait."""
    out = []
    for p in range(n):
        theta = random.gauss(shift(p), 1)
        out.append([min(top, max(0, round(1.5 + 0.8 * theta + random.gauss(0, 0.8)))) for _ in range(items)])
    return out


MODEL_KEYS = ("model persons items loglik deviance parameters aic bic iterations converged nodes seconds groups "
              "reliability_eap reliability_wle").split()


@case("the real satisfaction of Danish parents, from CSV to the reference's numbers")
def _():
    data = shared("pisa2009_dnk_parents.csv")
    reference = json.loads(shared("reference/dnk_parents_quality.json").read_text())["pcm"]
    with workspace() as folder:
        result = must("irt", "fit", data, "--items", "quality*", "--model", "pcm", "--out", folder / "fit", "--json")
        model = json.loads((folder / "fit" / "model.json").read_text())
        check(model == result.json, "--json prints model.json")
        check(all(key in model for key in MODEL_KEYS), model.keys())
        check(model["converged"] is True and model["persons"] == 3514 and model["items"] == 7)
        near(model["deviance"], reference["deviance"], 0.01)
        near(model["groups"][0]["variance"], reference["variance"], 0.002)
        items = rows_of(folder / "fit" / "items.csv")
        check(list(items[0]) == ["item", "step", "slope", "slope_se", "location", "location_se"])
        check(len(items) == 21 and all(row["slope"] == "1" for row in items))
        for row in items:
            near(float(row["location"]), reference["steps"][row["item"]][int(row["step"]) - 1], 0.005, row["item"])
        fit = rows_of(folder / "fit" / "fit.csv")
        check(list(fit[0]) == ["item", "n", "mean", "outfit", "infit", "item_rest_correlation", "outfit_t", "infit_t",
                               "rmsd"])
        near(float(fit[0]["infit"]), reference["itemfit"][0]["Infit"], 0.002)
        must("irt", "score", data, "--fit", folder / "fit", "--method", "wle", "--out", folder / "s.csv")
        scores = rows_of(folder / "s.csv")
        check(list(scores[0]) == ["row", "n_items", "raw", "wle", "wle_se", "eap", "eap_sd"])
        check(len(scores) == 5924 and [row["row"] for row in scores[:3]] == ["1", "2", "3"])
        answered = [row for row in scores if row["n_items"] != "0"]
        check(len(answered) == 3514 and scores[2]["wle"] == "", "rows without an answer are empty")
        for row, expected in zip(answered, reference["first"]):
            for key in ("wle", "wle_se", "eap", "eap_sd"):
                near(float(row[key]), expected[key], 0.0005, key)


@case("the lowest code seen is category 0; --categories declares another and bounds what is taken")
def _():
    with workspace() as folder:
        rows = [[code + 1 for code in row] for row in answers()]
        rows[0][0] = "NA"
        rows[1][0] = ""
        rows[2][0] = "NaN"
        rows[3][0] = "2.0"
        write(folder / "d.csv", "a,b,c,d,e", rows)
        must("irt", "fit", folder / "d.csv", "--items", "a,b,c,d,e", "--model", "pcm", "--out", folder / "f")
        model = json.loads((folder / "f" / "model.json").read_text())
        check(model["categories"][0] == {"item": "a", "low": 1, "high": 4, "recode": [0, 1, 2, 3]}, model["categories"][0])
        check(model["collapsed"] == [])
        result = must("irt", "fit", folder / "d.csv", "--items", "a, b ,c,d,e", "--model", "pcm", "--out", folder / "g",
                      "--categories", "a=0..4,b=1..5")
        model = json.loads((folder / "g" / "model.json").read_text())
        check(model["collapsed"] == ["a", "b"], model["collapsed"])
        check("Item a: nobody chose some of its categories" in result.err, result.err)
        check(model["categories"][0]["recode"] == [0, 0, 1, 2, 3] and model["categories"][1]["recode"] == [0, 1, 2, 3, 3])
        same = rows_of(folder / "f" / "items.csv")[0]["location"], rows_of(folder / "g" / "items.csv")[0]["location"]
        near(float(same[0]), float(same[1]), 1e-6, "what is declared does not move the estimates")
        result = laerke("irt", "fit", folder / "d.csv", "--items", "a,b", "--model", "pcm", "--out", folder / "h",
                        "--categories", "a=2..4")
        check(result.code == 1 and "line " in result.err and "outside its categories 2 to 4" in result.err, result.err)
        check(not (folder / "h").exists())


@case("groups in the order of their labels, weights, and scores by the group's own distribution")
def _():
    with workspace() as folder:
        rows = [[*row, "b" if p % 2 else "a", 1 + p % 3] for p, row in enumerate(answers(1200, shift=lambda p: p % 2))]
        rows[5][5] = ""
        write(folder / "d.csv", "i1,i2,i3,i4,i5,sex,w", rows)
        result = must("irt", "fit", folder / "d.csv", "--items", "i*", "--model", "gpcm", "--group", "sex",
                      "--weight", "w", "--out", folder / "f", "--json")
        groups = result.json["groups"]
        check([group["name"] for group in groups] == ["a", "b"] and [group["n"] for group in groups] == [600, 599])
        check(groups[0]["mean"] == 0 and groups[0]["variance"] == 1 and groups[0]["mean_se"] == 0)
        near(groups[1]["mean"], 1, 0.4)
        check("1 row has no group" in result.err, result.err)
        must("irt", "score", folder / "d.csv", "--fit", folder / "f", "--method", "eap", "--out", folder / "s.csv")
        scores = rows_of(folder / "s.csv")
        check(scores[5]["eap"] == "" and scores[5]["n_items"] == "0", scores[5])
        rows[7][5] = "c"
        write(folder / "e.csv", "i1,i2,i3,i4,i5,sex,w", rows)
        result = laerke("irt", "score", folder / "e.csv", "--fit", folder / "f", "--method", "eap", "--out", folder / "t.csv")
        check(result.code == 1 and "row 8" in result.err and "“c”" in result.err, result.err)


@case("anchors: the second wave on the first one's scale")
def _():
    with workspace() as folder:
        write(folder / "one.csv", "a,b,c,d,e", answers(1500))
        write(folder / "two.csv", "x,b,c,d,e", answers(1500, shift=lambda p: 0.5))
        must("irt", "fit", folder / "one.csv", "--items", "a,b,c,d,e", "--model", "pcm", "--out", folder / "f1")
        result = must("irt", "fit", folder / "two.csv", "--items", "x,b,c,d,e", "--model", "pcm", "--out", folder / "f2",
                      "--anchor", folder / "f1" / "items.csv", "--json")
        check(result.json["groups"][0]["mean"] > 5 * result.json["groups"][0]["mean_se"] > 0)
        one = {(row["item"], row["step"]): row for row in rows_of(folder / "f1" / "items.csv")}
        for row in rows_of(folder / "f2" / "items.csv"):
            if row["item"] == "x":
                check(float(row["location_se"]) > 0)
            else:
                check(row["location"] == one[row["item"], row["step"]]["location"] and row["location_se"] == "0", row)


@case("anchors keep the meaning of codes, also where the lowest is not seen again")
def _():
    with workspace() as folder:
        one = [[code + 1 for code in row] for row in answers(800)]
        two = [[max(code, 2) for code in row] for row in one]
        write(folder / "one.csv", "a,b,c,d,e", one)
        write(folder / "two.csv", "a,b,c,d,e", two)
        must("irt", "fit", folder / "one.csv", "--items", "a,b,c,d,e", "--model", "pcm", "--out", folder / "f1",
             "--categories", "a=1..5")
        result = must("irt", "fit", folder / "two.csv", "--items", "a,b,c,d,e", "--model", "pcm", "--out", folder / "f2",
                      "--anchor", folder / "f1" / "items.csv", "--json")
        first = json.loads((folder / "f1" / "model.json").read_text())
        check(result.json["categories"] == first["categories"], result.json["categories"])
        check(result.json["groups"][0]["mean"] > 0, "those who answer higher stand higher")
        (folder / "alone").mkdir()
        (folder / "alone" / "items.csv").write_bytes((folder / "f1" / "items.csv").read_bytes())
        result = must("irt", "fit", folder / "two.csv", "--items", "a,b,c,d,e", "--model", "pcm", "--out", folder / "f3",
                      "--anchor", folder / "alone" / "items.csv", "--json")
        check(result.json["categories"][0]["low"] == 2, "without the calibration's model.json codes begin at the lowest seen")


@case("plausible values: seed, draws, conditions and clusters")
def _():
    with workspace() as folder:
        rows = [[*row, f"k{p // 20}", f"s{p // 100}", "girl" if p % 2 else "boy", random.choice(["", 1, 2.5])]
                for p, row in enumerate(answers(600, shift=lambda p: (p // 20) % 3))]
        write(folder / "d.csv", "i1,i2,i3,i4,i5,class,school,sex,books", rows)
        must("irt", "fit", folder / "d.csv", "--items", "i*", "--model", "pcm", "--out", folder / "f")
        score = ["irt", "score", folder / "d.csv", "--fit", folder / "f", "--method", "pv"]
        files = []
        for name, more in (("a", []), ("b", []), ("c", ["--seed", "2"]), ("d", ["--threads", "1"])):
            must(*score, "--draws", "3", *more, "--out", folder / name)
            files.append((folder / name).read_bytes())
        check(files[0] == files[1] == files[3] and files[0] != files[2])
        check(files[0].startswith(b"row,n_items,raw,wle,wle_se,eap,eap_sd,pv1,pv2,pv3\n"))
        result = must(*score, "--condition", "sex,books", "--cluster", "class,school", "--out", folder / "e", "--json")
        latent = result.json["latent"]
        check([row["column"] for row in latent["beta"]] == ["1", "sex=girl", "books", "books=NA"], latent["beta"])
        check(latent["tau2_class"] > 0.1 and len(rows_of(folder / "e")[0]) == 17)
        result = laerke("irt", "score", folder / "d.csv", "--fit", folder / "f", "--method", "wle", "--cluster", "class",
                        "--out", folder / "g")
        check(result.code == 2 and "--method pv" in result.err, result.err)


@case("the same bytes at one and two threads")
def _():
    with workspace() as folder:
        write(folder / "d.csv", "a,b,c,d,e", answers(3000))
        for model in ("pcm", "gpcm", "grm"):
            for threads in ("1", "2"):
                must("irt", "fit", folder / "d.csv", "--items", "a,b,c,d,e", "--model", model, "--out",
                     folder / f"f{threads}", "--threads", threads)
            for name in ("items.csv", "fit.csv", "groups_fit.csv", "categories.csv", "pairs.csv"):
                check((folder / "f1" / name).read_bytes() == (folder / "f2" / name).read_bytes(), f"{model} {name}")


def fitted(folder, name, header, rows, *more):
    """Fits pcm to the columns i*; what was said, and the tables by name."""
    write(folder / name, header, rows)
    result = must("irt", "fit", folder / name, "--items", "i*", "--model", "pcm", "--out", folder / "o", "--json", *more)
    tables = {table: rows_of(folder / "o" / f"{table}.csv") for table in ("fit", "groups_fit", "categories", "pairs")}
    for table, lines in tables.items():
        check(not any(word in str(line.values()).lower() for line in lines for word in ("nan", "inf")), table)
    return result, tables


ITEMS = "i1,i2,i3,i4,i5,i6"


@case("what fits is not spoken of; the tables are whole")
def _():
    with workspace() as folder:
        rows = [[code + 1 for code in row] for row in answers(2000, items=6)]
        result, tables = fitted(folder, "d.csv", ITEMS, rows)
        check(len(result.err.splitlines()) == 3, result.err)
        check(list(tables["pairs"][0]) == ["item_a", "item_b", "n", "q3", "q3_adjusted"] and len(tables["pairs"]) == 15)
        near(sum(float(pair["q3_adjusted"]) for pair in tables["pairs"]), 0, 1e-8)
        near(result.json["misfit"]["q3_mean"], sum(float(pair["q3"]) for pair in tables["pairs"]) / 15, 1e-8)
        columns = ["item", "category", "codes", "n", "n_weighted", "share", "mean_eap", "disordered", "falling"]
        check(list(tables["categories"][0]) == columns and len(tables["categories"]) == 24)
        for item in "123456":
            own = [row for row in tables["categories"] if row["item"] == f"i{item}"]
            check([row["codes"] for row in own] == ["1", "2", "3", "4"], own)
            check([int(row["n"]) for row in own] == [sum(row[int(item) - 1] == code for row in rows) for code in (1, 2, 3, 4)])
            near(sum(float(row["share"]) for row in own), 1, 1e-9)
            check(all(float(a["mean_eap"]) < float(b["mean_eap"]) for a, b in zip(own, own[1:])))
        check([(row["group"], row["item"]) for row in tables["groups_fit"]] == [("all", f"i{k}") for k in range(1, 7)])
        check([row["rmsd"] for row in tables["groups_fit"]] == [row["rmsd"] for row in tables["fit"]], "one group is all")
        misfit = result.json["misfit"]
        check(all(misfit[key] == [] for key in ("rmsd", "group_rmsd", "disordered", "falling", "pairs")), misfit)
        person_fit = result.json["person_fit"]
        check(person_fit["n"] == 2000 and person_fit["careless"] < 40 and person_fit["threshold"] == -2.326, person_fit)
        check(sorted(path.name for path in (folder / "o").iterdir()) ==
              ["categories.csv", "fit.csv", "groups_fit.csv", "items.csv", "model.json", "pairs.csv"])
        check("2000" not in {row["item"] for row in tables["fit"]} and len(tables["fit"]) == 6, "never a row a person")


@case("what does not fit is named: twins, noise, steps out of order, answers that fall, careless persons, a group")
def _():
    with workspace() as folder:
        rows = answers(3000, items=6)
        for p, row in enumerate(rows):
            if p % 8 == 0:  # careless
                row[:] = [random.choice((0, 3)) for _ in row]
            row[1] = row[0]
            row[3] = [0, 2, 1, 3][row[3]]
            if row[4] == 1 and random.random() < 0.9:  # hardly anybody chooses 1
                row[4] = random.choice((0, 2))
            if p % 2:  # in group b the same answer comes from those who stand otherwise
                row[5] = min(3, row[5] + 2)
            row.append("ab"[p % 2])
        result, tables = fitted(folder, "d.csv", ITEMS + ",g", rows, "--group", "g")
        misfit = result.json["misfit"]
        named = [(pair["item_a"], pair["item_b"]) for pair in misfit["pairs"]]
        check(("i1", "i2") in named and "i1 + i2 (" in result.err, result.err)
        check("i4" in misfit["falling"] and "i4 = 2" in result.err, result.err)
        check("i5" in misfit["disordered"] and "Steps out of order: " in result.err, result.err)
        check({"group": "b", "item": "i6"}.items() <= max(misfit["group_rmsd"], key=lambda row: row["rmsd"]).items(), misfit)
        check("i6, b (" in result.err, result.err)
        check(result.json["person_fit"]["careless"] > 60 and "patterns of answers" in result.err, result.err)
        flags = {(row["item"], row["category"]): (row["disordered"], row["falling"]) for row in tables["categories"]}
        check(flags["i5", "1"][0] == "1" and flags["i4", "2"][1] == "1" and flags["i1", "0"] == ("0", "0"), flags)
        danish = must("--lang", "da", "irt", "fit", folder / "d.csv", "--items", "i*", "--model", "pcm", "--out", folder / "o")
        check("Q3 minus gennemsnittet over 0,2" in danish.err and "Trin i omvendt rækkefølge" in danish.err, danish.err)


@case("joined categories, an anchored item that nobody answered, one item, a group of one")
def _():
    with workspace() as folder:
        rows = answers(500, items=6)
        _, tables = fitted(folder, "d.csv", ITEMS, [[2 * code for code in row] for row in rows])
        check([row["codes"] for row in tables["categories"][:4]] == ["0..1", "2..3", "4..5", "6"], tables["categories"][:4])
        (folder / "o").rename(folder / "first")
        result, tables = fitted(folder, "e.csv", ITEMS, [["", *[2 * code for code in row[1:]]] for row in rows],
                                "--anchor", folder / "first" / "items.csv")
        check(tables["fit"][0]["n"] == "0" and tables["fit"][0]["rmsd"] == "" and tables["fit"][0]["outfit_t"] == "")
        check(all(row["q3"] == "" for row in tables["pairs"] if row["item_a"] == "i1"), tables["pairs"])
        result, tables = fitted(folder, "f.csv", "i1", [[2 * row[0]] for row in rows], "--anchor",
                                folder / "first" / "items.csv")
        check(tables["pairs"] == [] and result.json["misfit"]["q3_mean"] is None and result.json["person_fit"]["n"] == 0)
        check(tables["fit"][0]["item_rest_correlation"] == "" and tables["fit"][0]["rmsd"] != "")
        _, tables = fitted(folder, "g.csv", ITEMS + ",g", [[*row, "y" if p == 3 else "x"] for p, row in enumerate(rows)],
                           "--group", "g")
        check([row["n"] for row in tables["groups_fit"] if row["group"] == "y"] == ["1"] * 6)


TABLE = [
    # arguments after irt fit FILE, exit code, what is said
    (["--items", "a,b,c", "--out", "{f}/o"], 2, "--model"),
    (["--model", "pcm", "--out", "{f}/o"], 2, "--items"),
    (["--items", "a,b,c", "--model", "pcm"], 2, "--out"),
    (["--items", "", "--model", "pcm", "--out", "{f}/o"], 1, "--items names no items"),
    (["--items", "a,b,c", "--model", "4pl", "--out", "{f}/o"], 2, "4pl"),
    (["--items", "a,b,c", "--model", "pcm", "--nodes", "3", "--out", "{f}/o"], 2, "--nodes"),
    (["--items", "a,b,zz", "--model", "pcm", "--out", "{f}/o"], 1, "no column “zz”"),
    (["--items", "zz*", "--model", "pcm", "--out", "{f}/o"], 1, "begins with “zz”"),
    (["--items", "a,b,text", "--model", "pcm", "--out", "{f}/o"], 1, "line 2: “word” in column text"),
    (["--items", "a,b,same", "--model", "pcm", "--out", "{f}/o"], 1, "item same chose the same category"),
    (["--items", "a,b,empty", "--model", "pcm", "--out", "{f}/o"], 1, "answered item empty"),
    (["--items", "a,b,c", "--model", "rasch", "--out", "{f}/o"], 1, "Item a has 4 categories"),
    (["--items", "a", "--model", "pcm", "--out", "{f}/o"], 1, "at least 2"),
    (["--items", "a,b,wide", "--model", "pcm", "--out", "{f}/o"], 1, "Item wide has codes from 0 to 99"),
    (["--items", "a,b,c", "--model", "pcm", "--weight", "nan", "--out", "{f}/o"], 1, "row 2: the weight"),
    (["--items", "a,b,c", "--model", "pcm", "--group", "empty", "--out", "{f}/o"], 1, "no groups"),
    (["--items", "a,b,c", "--model", "pcm", "--group", "half", "--out", "{f}/o"], 0, "400 persons"),
    (["--items", "a,b,c", "--model", "pcm", "--categories", "a:0..3", "--out", "{f}/o"], 1, "a:0..3"),
    (["--items", "a,b,c", "--model", "pcm", "--categories", "z=0..3", "--out", "{f}/o"], 1, "“z”"),
    (["--items", "a,b,c", "--model", "pcm", "--anchor", "{f}/none.csv", "--out", "{f}/o"], 1, "none.csv"),
    (["--items", "a,b,c", "--model", "pcm", "--anchor", "{f}/wrong.csv", "--out", "{f}/o"], 1, "wrong.csv, line 2"),
    (["--items", "a,b,c", "--model", "pcm", "--anchor", "{f}/other.csv", "--out", "{f}/o"], 1, "None of the items has an anchor"),
    (["--items", "a,b,c", "--model", "pcm", "--out", "{f}/d.csv/o"], 1, "could not be written"),
]


def bad(arguments, code, said):
    @case(f"irt fit {' '.join(arguments)}")
    def _():
        with workspace() as folder:
            rows = [[*row, "word", 2, "", 99 if p == 7 else 0, "x" if p == 1 else 1, p % 2]
                    for p, row in enumerate(answers(400, items=3))]
            rows[1][7] = "NaN"
            write(folder / "d.csv", "a,b,c,text,same,empty,wide,nan,half", rows)
            write(folder / "wrong.csv", "item,step,slope,location", [["a", 2, 1, 0]])
            write(folder / "other.csv", "item,step,slope,location", [["q", 1, 1, 0]])
            result = laerke("irt", "fit", folder / "d.csv", *[text.replace("{f}", str(folder)) for text in arguments])
            check(result.code == code, f"exit {result.code}: {result.err}")
            check(said in result.err, result.err)
            check(code == 0 or (result.out == "" and not (folder / "o").exists()), "a failure leaves nothing")


for row in TABLE:
    bad(*row)


@case("a folder that is none, and scores for codes that the calibration never saw")
def _():
    with workspace() as folder:
        write(folder / "d.csv", "a,b,c", answers(300, items=3))
        score = lambda *more: laerke("irt", "score", folder / "d.csv", "--fit", folder / "f", "--method", "wle",
                                     "--out", folder / "s.csv", *more)
        result = score()
        check(result.code == 1 and "model.json" in result.err, result.err)
        must("irt", "fit", folder / "d.csv", "--items", "a,b,c", "--model", "pcm", "--out", folder / "f")
        check(score().code == 0)
        (folder / "d.csv").write_text("a,b,c\n0,1,7\n")
        result = score()
        check(result.code == 1 and "line 2" in result.err and "7 in column c" in result.err, result.err)
        for text in ("{", "[]", '{"model": "pcm"}', '{"model":"pcm","categories":[{"item":"a","low":0,"high":99,"recode":[]}]}'):
            (folder / "f" / "model.json").write_text(text)
            result = score()
            check(result.code == 1 and "model.json" in result.err, result.err)


finish()
