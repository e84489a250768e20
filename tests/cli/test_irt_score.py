"""laerke irt score as a black box: who is scored, what is refused, and the same bytes by any number of threads."""
import csv
import json
import math
import random

from tap import case, check, finish, laerke, workspace

random.seed(11)
ITEMS = 5


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write(path, header, rows):
    path.write_text("\n".join([header, *[",".join(map(str, row)) for row in rows]]) + "\n")


def folder_of(path, model, steps, slope=1.0, items=ITEMS):
    """A calibration by hand: items a, b, … with the same steps."""
    path.mkdir()
    names = [chr(ord("a") + i) for i in range(items)]
    (path / "model.json").write_text(json.dumps({
        "model": model, "groups": [{"name": "all", "n": 100, "mean": 0, "variance": 1}],
        "categories": [{"item": name, "low": 0, "high": len(steps), "recode": list(range(len(steps) + 1))}
                       for name in names]}))
    lines = [f"{name},{h + 1},{slope},0,{b},0" for name in names for h, b in enumerate(steps)]
    (path / "items.csv").write_text("\n".join(["item,step,slope,slope_se,location,location_se", *lines]) + "\n")
    return path


def score(folder, fit, *options):
    out = folder / "s.csv"
    result = laerke("irt", "score", folder / "d.csv", "--fit", fit, "--out", out, *options)
    return result, rows_of(out) if result.code == 0 else None


def pupils(n=600, classes=30):
    """Answers, class, school, gender and a number that is the same for all."""
    out = []
    for p in range(n):
        theta = random.gauss(0, 1)
        cells = [min(2, max(0, round(1 + theta + random.gauss(0, 0.8)))) for _ in range(ITEMS)]
        out.append([*cells, f"c{p % classes}", f"s{p % classes % 6}", random.choice("bg"), 7])
    return out


HEADER = "a,b,c,d,e,class,school,gender,same"


@case("zero and perfect scores are finite in every model, with one item too")
def _():
    with workspace() as folder:
        for number, (model, steps) in enumerate([("rasch", [0.5]), ("2pl", [0.5]), ("pcm", [-1, 1]), ("gpcm", [-1, 1]),
                                                 ("grm", [-1, 1])]):
            for items in (1, ITEMS):
                fit = folder_of(folder / f"f{number}{items}", model, steps, 1 if model in ("rasch", "pcm") else 1.7, items)
                top = len(steps)
                write(folder / "d.csv", ",".join("abcde"[:items]), [[0] * items, [top] * items])
                result, rows = score(folder, fit, "--method", "pv", "--draws", 2)
                check(result.code == 0, result.err)
                for row in rows:
                    check(all(math.isfinite(float(cell)) for cell in row.values()), (model, row))
                check(float(rows[0]["wle"]) < float(rows[1]["wle"]) and float(rows[0]["eap"]) < float(rows[1]["eap"]))
                if items == 1 and top == 1:
                    # the root where p = 3/4: b + log(3)/a
                    slope = 1 if model == "rasch" else 1.7
                    check(abs(float(rows[1]["wle"]) - (0.5 + math.log(3) / slope)) < 1e-7, rows[1])


@case("who has too few answers is counted, and has no scores")
def _():
    with workspace() as folder:
        fit = folder_of(folder / "f", "pcm", [-1, 1])
        write(folder / "d.csv", "a,b,c,d,e", [[1, 2, "", "", ""], [1, 2, 0, "", ""], ["", "", "", "", ""], [2, "", "", "", ""]])
        for options, scored in (((), [0, 1, 3]), (("--least", "2"), [0, 1]), (("--least", "half"), [1]), (("--least", "5"), [])):
            result, rows = score(folder, fit, "--method", "pv", "--draws", 1, *options, "--json")
            check(result.code == 0, result.err)
            check([row["n_items"] for row in rows] == ["2", "3", "0", "1"], rows)
            for number, row in enumerate(rows):
                cells = [row[key] for key in ("raw", "wle", "wle_se", "eap", "eap_sd", "pv1")]
                check(all(cells) if number in scored else not any(cells), (options, row))
            check(result.json["too_few_answers"] == 3 - len(scored) and result.json["persons"] == len(scored), result.json)
        check("3 rows have fewer than 5 answers" in result.err, result.err)
        for wrong in ("0", "most", "-1", "2.5"):
            result, _ = score(folder, fit, "--method", "wle", "--least", wrong)
            check(result.code == 2 and wrong in result.err, result.err)
        result, _ = score(folder, fit, "--method", "wle", "--least", 6)
        check(result.code == 1 and "6 answers" in result.err and "5 items" in result.err, result.err)


@case("a word among numbers to condition on is named, since as categories each number would be a column")
def _():
    with workspace() as folder:
        fit = folder_of(folder / "f", "pcm", [-1, 1])
        rows = [[*row[:8], number / 10] for number, row in enumerate(pupils(60))]
        rows[7][8] = "1o.7"
        write(folder / "d.csv", HEADER, rows)
        result, _ = score(folder, fit, "--method", "pv", "--draws", 1, "--condition", "gender,same")
        check(result.code == 1 and "line 9: “1o.7” in column same is not a number" in result.err, result.err)
        for number, row in enumerate(rows):  # grades, one of them a word, are categories
            row[8] = (0, 1, 2, "BK")[number % 4]
        write(folder / "d.csv", HEADER, rows)
        check(score(folder, fit, "--method", "pv", "--draws", 1, "--condition", "same")[0].code == 0)


@case("nobody has answered: no scores, and no draws from classes")
def _():
    with workspace() as folder:
        fit = folder_of(folder / "f", "gpcm", [-1, 1], 1.3)
        write(folder / "d.csv", "a,b,c,d,e,class", [["", "", "", "", "", "c1"]] * 3)
        result, rows = score(folder, fit, "--method", "pv")
        check(result.code == 0 and len(rows) == 3 and not any(row["eap"] or row["pv10"] for row in rows), result.err)
        result, _ = score(folder, fit, "--method", "pv", "--cluster", "class")
        check(result.code == 1 and "Nobody has answered" in result.err, result.err)


@case("one person, a class of one, a class in two schools, pupils without a class: all drawn")
def _():
    with workspace() as folder:
        fit = folder_of(folder / "f", "pcm", [-1, 1])
        write(folder / "d.csv", HEADER, pupils(1))
        for options in ((), ("--cluster", "class,school")):
            result, rows = score(folder, fit, "--method", "pv", *options)
            check(result.code == 0 and math.isfinite(float(rows[0]["pv10"])), result.err)
        rows = pupils(61)
        rows[-1][5] = "alone"
        rows[3][6] = "elsewhere"
        rows[4][5] = rows[5][6] = ""
        write(folder / "d.csv", HEADER, rows)
        result, rows = score(folder, fit, "--method", "pv", "--cluster", "class,school", "--condition", "gender")
        check(result.code == 0 and all(math.isfinite(float(row["pv10"])) for row in rows), result.err)


@case("columns that say nothing stop the run with their name")
def _():
    with workspace() as folder:
        fit = folder_of(folder / "f", "pcm", [-1, 1])
        rows = [[*row, {"b": 1, "g": 0}[row[7]]] for row in pupils(200)]
        write(folder / "d.csv", HEADER + ",boy", rows)
        for columns, name in (("same", "same"), ("gender,boy", "boy"), ("gender,gender", "gender=g")):
            result, _ = score(folder, fit, "--method", "pv", "--condition", columns)
            check(result.code == 1 and f"Column {name} " in result.err, result.err)
        check(not (folder / "s.csv").exists(), "nothing is left behind")


@case("other items, other codes, other numbers of draws")
def _():
    with workspace() as folder:
        fit = folder_of(folder / "f", "pcm", [-1, 1])
        write(folder / "d.csv", "x,y,z", [[1, 1, 1]])
        result, _ = score(folder, fit, "--method", "wle")
        check(result.code == 1 and "“a”" in result.err, result.err)
        write(folder / "d.csv", "a,b,c,d,e", [[1, 1, 1, 1, 1], [1, 1, 3, 1, 1]])
        result, _ = score(folder, fit, "--method", "wle")
        check(result.code == 1 and "line 3" in result.err and "0 to 2" in result.err, result.err)
        write(folder / "d.csv", "a,b,c,d,e", [[1, 1, 1, 1, 1], [1, 1, 2, 1, 1]])
        for draws in ("0", "1001", "many"):
            result, _ = score(folder, fit, "--method", "pv", "--draws", draws)
            check(result.code == 2 and "--draws" in result.err, result.err)
        result, rows = score(folder, fit, "--method", "pv", "--draws", 1000)
        check(result.code == 0 and len(rows[0]) == 1007 and rows[1]["pv1000"], result.err)
        values = [float(rows[1][f"pv{d}"]) for d in range(1, 1001)]
        mean = sum(values) / 1000
        sd = math.sqrt(sum((value - mean) ** 2 for value in values) / 999)
        check(abs(mean - float(rows[1]["eap"])) < 4 * float(rows[1]["eap_sd"]) / math.sqrt(1000), mean)
        check(abs(sd / float(rows[1]["eap_sd"]) - 1) < 4 / math.sqrt(2000), sd)


@case("a file is read alike by any number of threads: blank lines, quotes, line ends, letters, and the line of a fault")
def _():
    with workspace() as folder:
        fit = folder_of(folder / "f", "pcm", [-1, 1])
        rows = [",".join(map(str, row)) for row in pupils(300, 12)]
        names = ["Ærø", "Øster", "Åby"]
        rows = [row.replace(",s", f",{names[n % 3]}", 1) for n, row in enumerate(rows)]
        blank = [part for n, row in enumerate(rows) for part in ([row, "", ""] if n % 7 == 0 else [row])]
        quoted = [row if n % 50 else row.replace(",c", ',"c', 1).replace(f",{names[n % 3]}", f'\nx",{names[n % 3]}', 1)
                  for n, row in enumerate(rows)]
        texts = {"plain": "\n".join([HEADER, *rows]), "blank": "\n".join([HEADER, *blank, "", ""]),
                 "crlf": "\r\n".join([HEADER, *rows, ""]), "quoted": "\n".join([HEADER, *quoted, ""]), "one": f"{HEADER}\n{rows[0]}",
                 "header": HEADER + "\n"}
        for what, text in texts.items():
            for encoding in ("utf-8", "cp1252"):
                (folder / "d.csv").write_bytes(text.encode(encoding))
                options = ("--method", "pv", "--draws", 1, "--condition", "gender", "--cluster", "class,school", "--json")
                if what in ("header", "one"):
                    options = ("--method", "wle", "--json")
                one, first = score(folder, fit, *options, "--threads", 1)
                many, second = score(folder, fit, *options, "--threads", 5)
                check(one.code == many.code == 0 and one.json == many.json and first == second, (what, encoding, one.err, many.err))
                check(len(first) == {"header": 0, "one": 1}.get(what, 300), (what, len(first)))
        for line in (2, 40, 299, 300):
            bad = list(blank)
            bad[line - 2] = "9,1,1,1,1,c1,s1,g,7"
            bad.append("9,1,1,1,1,c1,s1,g,7")
            (folder / "d.csv").write_text("\n".join([HEADER, *bad]))
            for threads in (1, 2, 7):
                result, _ = score(folder, fit, "--method", "wle", "--threads", threads)
                check(result.code == 1 and f"line {line}:" in result.err, (line, threads, result.err))


@case("one thread and three give the same bytes; a seed its own")
def _():
    with workspace() as folder:
        for model, slope in (("pcm", 1), ("grm", 1.4)):
            fit = folder_of(folder / model, model, [-1, 1], slope)
            write(folder / "d.csv", HEADER, pupils(2500, 120))
            for options in (("--method", "wle"), ("--method", "pv"),
                            ("--method", "pv", "--draws", "3", "--condition", "gender", "--cluster", "class,school")):
                _, one = score(folder, fit, *options, "--threads", 1)
                _, three = score(folder, fit, *options, "--threads", 3)
                check(one == three, (model, options))
            _, other = score(folder, fit, *options, "--seed", 2)
            check([row["pv1"] for row in other] != [row["pv1"] for row in one])


finish()
