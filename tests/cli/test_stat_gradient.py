"""laerke stat gradient: against R's values, and against everything computed anew without each cluster."""
import json
import math
import random

from tap import case, check, finish, laerke, must, near, shared, workspace


def weighted(rows, value):
    total = sum(w for w, *_ in rows)
    return sum(w * value(*rest) for w, *rest in rows) / total


def cut(values, share):
    """The quantile of type 7 in Hyndman and Fan, R's own."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * share
    low = math.floor(at)
    return ordered[low] + (at - low) * (ordered[math.ceil(at)] - ordered[low])


def naive(rows):
    """Every statistic from rows (weight, background, outcome, cluster), as its definition says."""
    found = {}
    pupils = [(w, x, y) for w, x, y, _ in rows]
    mx, my = weighted(pupils, lambda x, y: x), weighted(pupils, lambda x, y: y)

    def part(points):
        return [sum(w * a * b for w, a, b in points) for points in (
            [(w, x, x) for w, x, y in points], [(w, x, y) for w, x, y in points], [(w, y, y) for w, x, y in points])]

    mean = {}
    for c in {row[3] for row in rows}:
        own = [(w, x, y) for w, x, y, k in rows if k == c]
        mean[c] = weighted(own, lambda x, y: x), weighted(own, lambda x, y: y)
    xx, xy, yy = part([(w, x - mx, y - my) for w, x, y in pupils])
    within = part([(w, x - mean[c][0], y - mean[c][1]) for w, x, y, c in rows])
    between = part([(w, mean[c][0] - mx, mean[c][1] - my) for w, x, y, c in rows])
    found["mean"], found["slope"], found["r2"] = my, xy / xx, xy * xy / xx / yy
    found["intercept"] = my - xy / xx * mx
    found["background_sd"] = math.sqrt(xx / sum(w for w, *_ in rows))
    found["slope_sd"] = found["slope"] * found["background_sd"]
    for name, (a, b, d) in (("within", within), ("between", between)):
        found[f"slope_{name}"], found[f"r2_{name}"] = b / a, b * b / a / d
    found["contextual"] = found["slope_between"] - found["slope_within"]
    found["outcome_between"], found["background_between"] = between[2] / yy, between[0] / xx
    cuts = [cut([x for _, x, _ in pupils], q / 4) for q in (1, 2, 3)]
    top = cut([y for _, _, y in pupils], 0.75)
    quarters = [[], [], [], []]
    for w, x, y in pupils:
        quarters[sum(x > c for c in cuts)].append((w, y))
    for number, quarter in enumerate(quarters, 1):
        found[f"quarter_{number}"] = weighted(quarter, lambda y: y)
    found["gap"] = found["quarter_4"] - found["quarter_1"]
    found["resilient"] = weighted(quarters[0], lambda y: y > top)
    return found


def naive_errors(draws, strata):
    """Rubin's rules over the draws' delete-one-cluster jackknife; draws: a list of rows each."""
    found, variances = [], []
    for rows in draws:
        found.append(naive(rows))
        variance = dict.fromkeys(found[0], 0)
        for stratum in strata:
            grow = len(stratum) / (len(stratum) - 1)
            replicates = [naive([(w * grow if k in stratum else w, x, y, k) for w, x, y, k in rows if k != left])
                          for left in stratum]
            for key in variance:
                centre = sum(r[key] for r in replicates) / len(stratum)
                variance[key] += sum((r[key] - centre) ** 2 for r in replicates) / grow
        variances.append(variance)
    m, out = len(draws), {}
    for key in found[0]:
        q = [f[key] for f in found]
        mean = sum(q) / m
        between = sum((v - mean) ** 2 for v in q) / (m - 1) if m > 1 else 0
        out[key] = mean, math.sqrt(sum(v[key] for v in variances) / m + (1 + 1 / m) * between)
    return out


def invented(clusters, seed, step=0.01):
    """Rows (stratum, cluster, weight, x, y1, y2) with ties in x and clusters of many sizes."""
    dice = random.Random(seed)
    rows = []
    for c in range(clusters):
        school = dice.gauss(0, 0.5)
        for _ in range(dice.randint(1, 12)):
            x = round((school + dice.gauss(0, 1)) / step) * step
            y = 500 + 30 * x + 20 * school + dice.gauss(0, 80)
            rows.append((c % 3, f"s{c}", round(dice.uniform(0.5, 3), 3), round(x, 6), round(y, 3),
                         round(y + dice.gauss(0, 30), 3)))
    return rows


def write(folder, rows):
    path = folder / "data.csv"
    path.write_text("h,s,w,x,PV1,PV2\n" + "".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return path


def flat(result):
    found = {key: value for key, value in result.items() if isinstance(value, dict) and "estimate" in value}
    for quarter in result["quarters"]:
        found[f"quarter_{quarter['quarter']}"] = quarter
    return found


def compare(result, expected, tolerance=1e-8):
    found = flat(result)
    check(set(found) == set(expected), f"{set(found) ^ set(expected)}")
    for key, (estimate, se) in expected.items():
        near(found[key]["estimate"], estimate, tolerance, key)
        near(found[key]["se"], se, tolerance, f"{key} se")


@case("everything is what is computed anew without each cluster: weights, strata, two plausible values")
def _():
    with workspace() as folder:
        rows = invented(26, 1)
        result = must("--json", "stat", "gradient", write(folder, rows), "--outcome", "PV*", "--background", "x",
                      "--cluster", "s", "--strata", "h", "--weight", "w").json
        strata = [{r[1] for r in rows if r[0] == h} for h in range(3)]
        compare(result, naive_errors([[(r[2], r[3], r[d], r[1]) for r in rows] for d in (4, 5)], strata))
        check((result["clusters"], result["strata"], result["n"], result["draws"]) == (26, 3, len(rows), 2), result)
        check(result["slope"]["df"] <= 23 + 1 and result["quarters_by"] == "value", result)  # of clusters and of draws


@case("the same with few values of background, one stratum and no weights")
def _():
    with workspace() as folder:
        rows = invented(15, 2, step=0.5)
        result = must("--json", "stat", "gradient", write(folder, rows), "--outcome", "PV1", "--background", "x",
                      "--cluster", "s").json
        compare(result, naive_errors([[(1, r[3], r[4], r[1]) for r in rows]], [{r[1] for r in rows}]))
        check(result["slope"]["df"] == 14, result)


@case("Danish reading in 2000 and 2003 is R's")
def _():
    with shared("reference/statistics.json").open() as file:
        reference = json.load(file)
    for year in (2000, 2003):
        expected = reference[f"dnk{year}_read_on_escs"]
        result = must("--json", "stat", "gradient", shared(f"pisa{year}_dnk_pupils.csv"), "--outcome", "read",
                      "--background", "escs", "--cluster", "school_id", "--weight", "stu_wgt").json
        check((result["n"], result["clusters"]) == (expected["n"], expected["clusters"]), result)
        for key, value in expected["estimate"].items():
            near(result[key]["estimate"], value, 1e-8, key)
            near(result[key]["se"], expected["se_jackknife"][key], 1e-8, f"{key} se")
        for key, value in expected["se_linearised"].items():
            near(result["linearised"][key]["se"], value, 1e-8, key)
        for quarter in result["quarters"]:
            near(quarter["estimate"], expected["quarter_means_unweighted_cuts"][str(quarter["quarter"])], 1e-8)


@case("by lot: quarters of one size, the same for the same seed, and what they are without ties")
def _():
    with workspace() as folder:
        rows = [(r[0], r[1], r[2], i % 2, r[4], r[5]) for i, r in enumerate(invented(20, 3))]
        arguments = ["--json", "stat", "gradient", write(folder, rows), "--outcome", "PV1", "--background", "x",
                     "--cluster", "s"]
        plain = laerke(*arguments)
        check(plain.code == 0 and "Quarter 2 of background has no rows" in plain.err and "--seed" in plain.err, plain.err)
        check(plain.json["quarters"][1]["estimate"] is None and plain.json["quarters"][1]["n"] == 0, plain.out)
        check(plain.json["slope"]["se"] > 0, plain.out)
        lots = [must(*arguments, "--seed", seed).json for seed in (7, 7, 8)]
        check(lots[0] == lots[1] and lots[0]["quarters"] != lots[2]["quarters"], "seeds")
        sizes = [q["n"] for q in lots[0]["quarters"]]
        check(max(sizes) - min(sizes) <= 1 and sum(sizes) == len(rows), sizes)
        check(lots[0]["gap"]["se"] > 0 and lots[0]["slope"] == plain.json["slope"], lots[0])
        # 4k + 1 rows without ties: type 7 cuts at the very rows where the lot's quarters begin
        rows = [(0, f"s{i % 7}", 1, i * 37 % 101, i * i % 103, 0) for i in range(41)]
        arguments[3] = write(folder, rows)
        one, other = must(*arguments).json, must(*arguments, "--seed", "1").json
        near(one["quarters"][3]["estimate"], other["quarters"][3]["estimate"], 1e-9)


def linearised(rows, strata):
    """Variances of quarters' means, gap and resilient share from rows (weight, background, outcome, cluster), by docs/methods/
    gradient.md: what rows add to their quarter's mean, and what moving its ends by a rank would."""
    n = len(rows)
    order = sorted(range(n), key=lambda i: (rows[i][1], i))
    position = {row: at for at, row in enumerate(order)}
    by_outcome = sorted(range(n), key=lambda i: (rows[i][2], i))
    height = {row: at for at, row in enumerate(by_outcome)}
    values = [rows[i][1] for i in order]
    cuts = [0] + [sum(x <= cut(values, q / 4) for x in values) for q in (1, 2, 3)] + [n]
    top = sum(row[2] <= cut([r[2] for r in rows], 0.75) for row in rows)
    reach = min(int(2 * math.sqrt(n)), n // 8)

    def around(at, ranks, value, add):
        low, high = max(at - reach, 0), min(at + reach, n)
        if at in (0, n) or value(ranks[low]) == value(ranks[at - 1]):
            return 0
        return sum(add(i) for i in ranks[low:high]) / (high - low)

    def influence(q, f):
        inside = order[cuts[q]:cuts[q + 1]]
        total = sum(rows[i][0] for i in inside)
        mean = sum(rows[i][0] * f(i) for i in inside) / total
        add = lambda i: rows[i][0] * (f(i) - mean) / total
        z = [add(i) if i in set(inside) else 0 for i in range(n)]
        for end, sign in ((cuts[q], -1), (cuts[q + 1], 1)):
            slope = sign * around(end, order, lambda i: rows[i][1], add)
            z = [v + slope * (end / n - (position[i] < end)) for i, v in enumerate(z)]
        return z, total

    z = [influence(q, lambda i: rows[i][2])[0] for q in range(4)]
    resilient, total = influence(0, lambda i: height[i] >= top)
    slope = around(top, by_outcome, lambda i: rows[i][2], lambda i: rows[i][0] / total if position[i] < cuts[1] else 0)
    resilient = [v - slope * (top / n - (height[i] < top)) for i, v in enumerate(resilient)]
    z += [[b - a for a, b in zip(z[0], z[3])], resilient]
    out = {}
    for name, own in zip(("quarter_1", "quarter_2", "quarter_3", "quarter_4", "gap", "resilient"), z):
        out[name] = 0
        for stratum in strata:
            sums = [sum(v for v, row in zip(own, rows) if row[3] == s) for s in stratum]
            out[name] += len(sums) / (len(sums) - 1) * sum((v - sum(sums) / len(sums)) ** 2 for v in sums)
    return out


@case("linearised errors of quarters, gap and resilient share are what their formula says, two plausible values")
def _():
    with workspace() as folder:
        rows = invented(24, 5, step=0.25)
        result = must("--json", "stat", "gradient", write(folder, rows), "--outcome", "PV*", "--background", "x",
                      "--cluster", "s", "--strata", "h", "--weight", "w").json
        strata = [sorted({r[1] for r in rows if r[0] == h}) for h in range(3)]
        draws = [[(r[2], r[3], r[d], r[1]) for r in rows] for d in (4, 5)]
        variances = [linearised(draw, strata) for draw in draws]
        values = [naive(draw) for draw in draws]
        check(set(result["linearised"]) == set(variances[0]) | {"slope", "intercept"}, result["linearised"].keys())
        for key in variances[0]:
            between = (values[0][key] - values[1][key]) ** 2 / 2
            se = math.sqrt((variances[0][key] + variances[1][key]) / 2 + 1.5 * between)
            near(result["linearised"][key]["se"], se, 1e-8, key)


@case("lines for a spreadsheet; shares stay within 0 and 1")
def _():
    with workspace() as folder:
        rows = [(0, f"s{i // 4}", 1, i, i * 7 % 12, 0) for i in range(20)]
        lines = must("stat", "gradient", write(folder, rows), "--outcome", "PV1", "--background", "x", "--cluster",
                     "s").out.splitlines()
        check(lines[0] == "statistic,n,estimate,se,df,low,high" and len(lines) == 28, lines)
        values = {line.split(",")[0]: line.split(",") for line in lines[1:]}
        check(float(values["r2_within"][5]) == 0 and 0.2 < float(values["r2_within"][6]) < 0.8, values)
        p, se, t = float(values["outcome_between"][2]), float(values["outcome_between"][3]), 2.7764451052  # qt(.975, 4)
        high = 1 / (1 + (1 - p) / p * math.exp(-t * se / (p * (1 - p))))
        near(float(values["outcome_between"][6]), high, 1e-8)
        r, se = math.sqrt(float(values["r2"][2])), float(values["r2"][3])
        near(float(values["r2"][6]), math.tanh(math.atanh(r) + t * se / (2 * r * (1 - r * r))) ** 2, 1e-8)
        check([values[f"quarter_{q}"][1] for q in (1, 2, 3, 4)] == ["5"] * 4, values)


def fault(name, text, more, code, message, null=()):
    @case(name)
    def _():
        with workspace() as folder:
            path = folder / "data.csv"
            path.write_text(text, encoding="utf-8")
            result = laerke("--json", "stat", "gradient", path, "--outcome", "y", "--background", "x", "--cluster", "s",
                            *more)
            check(result.code == code, f"exit {result.code}: {result.err}")
            check(message in result.err, result.err)
            check("nan" not in result.out.lower() and "inf" not in result.out.lower(), result.out)
            for key in null:
                check(result.json[key]["estimate"] is None and result.json[key]["se"] is None, result.out)


def lines(*rows):
    return "s,x,y,w,h\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


GOOD = [(i // 3, i * 5 % 11, i * 7 % 13, 1, 0) for i in range(15)]
fault("all outcomes alike", lines(*[(s, x, 4, w, h) for s, x, y, w, h in GOOD]), [], 0, "not defined", ["r2", "r2_within"])
fault("constant background", lines(*[(s, 2.1, y, w, h) for s, x, y, w, h in GOOD]), [], 1, "same background in column x")
fault("one cluster", lines(*[(1, x, y, w, h) for s, x, y, w, h in GOOD]), [], 1, "two clusters")
fault("a cluster of one row", lines(*GOOD, (9, 3, 3, 1, 0)), [], 0, "")
fault("clusters of one row all", lines(*[(i, *row[1:]) for i, row in enumerate(GOOD)]), [], 0, "within clusters",
      ["slope_within", "r2_within", "contextual"])
fault("background differs in one cluster only", lines(*[(s, x if s == 0 else 5, y, w, h) for s, x, y, w, h in GOOD]), [], 0,
      "slope has no standard error")
fault("a word among numbers", lines(*GOOD, (9, "much", 3, 1, 0)), [], 1, "line 17: “much” in column x is not a number")
fault("a weight below 0", lines(*GOOD, (9, 3, 3, -1, 0)), ["--weight", "w"], 1, "line 17: the weight -1 in column w")
fault("a weight beyond reason", lines(*GOOD, (9, 3, 3, "1e308", 0)), ["--weight", "w"], 1, "line 17: 1e308 in column w")
fault("a weight that is no number", lines(*GOOD, (9, 3, 3, "NaN", 0)), ["--weight", "w"], 0, "left out because a value is missing or the weight is 0: 1")
fault("weights of 0 all", lines(*[(s, x, y, 0, h) for s, x, y, w, h in GOOD]), ["--weight", "w"], 1, "the weights in column w are all 0")
fault("a cluster in two strata", lines(*GOOD, (0, 3, 3, 1, 1)), ["--strata", "h"], 1, "two strata")
fault("header alone", "s,x,y\n", [], 1, "no rows")
fault("empty file", "", [], 1, "empty")
fault("two rows", lines(*GOOD[:2]), [], 1, "Too few rows (2) for 2 columns")
fault("huge and tiny numbers", lines(*[(s, x * 1e-50, y * 1e50, w, h) for s, x, y, w, h in GOOD]), [], 0, "")


@case("where background stands on the line does not matter")
def _():
    with workspace() as folder:
        found = []
        for offset in (0, 2 ** 30):
            rows = [(0, r[1], r[2], round(r[3] * 64) / 64 + offset, r[4], r[5]) for r in invented(12, 4)]
            found.append(must("--json", "stat", "gradient", write(folder, rows), "--outcome", "PV*", "--background", "x",
                              "--cluster", "s", "--weight", "w").json)
        one, other = flat(found[0]), flat(found[1])
        for key in set(one) - {"intercept"}:
            near(other[key]["estimate"], one[key]["estimate"], 1e-6 * abs(one[key]["estimate"]), key)
            near(other[key]["se"], one[key]["se"], 1e-6 * one[key]["se"], key)
        near(found[1]["linearised"]["slope"]["se"], found[0]["linearised"]["slope"]["se"], 1e-6)

finish()
