"""laerke stat means: SDs, percentiles, percentages and their errors, against R and the definitions."""
import math
import random

from tap import case, check, finish, laerke, must, near, workspace

# In R: n <- c(3,5,4,6,2,7); g <- rep(1:6, n); i <- seq_along(g); h <- c(1,1,2,2,3,3)[g]
#       x <- ((i*7) %% 11) + g/2; y <- 10 + 2*x + 3*(g <= 2) + ((i*5) %% 13) - g; w <- 1 + (i*3) %% 5; k <- (i*4) %% 3
#       d <- svydesign(ids = ~g, strata = ~h, weights = ~w)
SMALL = "g,h,w,y,k\n"
for i, g in enumerate((c for c, n in enumerate((3, 5, 4, 6, 2, 7), 1) for _ in range(n)), 1):
    SMALL += f"{g},{(g + 1) // 2},{1 + i * 3 % 5},{10 + 2 * (i * 7 % 11 + g / 2) + 3 * (g <= 2) + i * 5 % 13 - g},{i * 4 % 3}\n"
DESIGN = ["--cluster", "g", "--strata", "h", "--weight", "w"]


def table(folder, text):
    path = folder / "data.csv"
    path.write_text(text, encoding="utf-8")
    return path


def means(path, *more):
    return must("--json", "stat", "means", path, *more).json


@case("linearised means and shares are survey's")
def _():
    with workspace() as folder:
        path = table(folder, SMALL)
        result = means(path, "--value", "y", *DESIGN, "--linearised")  # svymean(~y, d)
        check(result["error"] == "linearised", result)
        near(result["groups"][0]["estimate"], 26.037037037037, 1e-12)
        near(result["groups"][0]["se"], 0.752295191025878, 1e-12)
        check(result["groups"][0]["df"] == 3, result)
        shares = means(path, "--percent", "k", *DESIGN, "--linearised")["groups"][0]  # svymean(~factor(k), d)
        for found, share, se in zip(shares["categories"], (0.358024691358025, 0.308641975308642, 0.333333333333333),
                                    (0.056658097196333, 0.0887931540887915, 0.0523782800878924)):
            near(found["estimate"], 100 * share, 1e-10)
            near(found["se"], 100 * se, 1e-10)
        # confint(svyciprop(~I(k == 0), d, method = "logit", df = degf(d)))
        for found, low, high in zip(shares["categories"], (0.202871074321, 0.10614246055), (0.549970121955, 0.626636118144)):
            near(found["low"], 100 * low, 1e-9)
            near(found["high"], 100 * high, 1e-9)


@case("jackknife of shares, SD and percentiles is survey's, about each stratum's mean")
def _():
    with workspace() as folder:
        path = table(folder, SMALL)
        group = means(path, "--value", "y", *DESIGN, "--percentiles", "10,50,75")["groups"][0]
        near(group["se"], 0.758593304620553, 1e-12)
        near(group["sd_se"], 4.90059730525581 / 2 / math.sqrt(72.4021704436642), 1e-12)
        for found, (number, value, se) in zip(group["percentiles"], ((10, 16, 1.5), (50, 32, 2.59807621135332), (75, 35, 2.25))):
            check(found["percentile"] == number, group)
            near(found["estimate"], value, 1e-12)
            near(found["se"], se, 1e-12)
        shares = means(path, "--percent", "k", *DESIGN)["groups"][0]
        check([c["value"] for c in shares["categories"]] == ["0", "1", "2"], shares)
        for found, se in zip(shares["categories"], (0.0580361096576885, 0.0916223289906445, 0.0534126392203271)):
            near(found["se"], 100 * se, 1e-10)


def invented():
    dice = random.Random(11)
    rows = []
    for school in range(18):
        level = dice.gauss(500, 30)
        for _ in range(dice.randint(2, 9)):
            y = dice.gauss(level, 70)
            rows.append((school, school % 4 // 2, round(dice.uniform(0.5, 2), 2), round(y, 1), round(y + dice.gauss(0, 20), 1)))
    return rows


def percentile(pairs, share):
    pairs = sorted(pairs)
    total, up_to, found = sum(w for _, w in pairs), 0, []
    for value, w in pairs:
        up_to += w
        if up_to > share * total + 1e-9 * total:
            found.append(value)
            break
        if up_to >= share * total - 1e-9 * total:
            found.append(value)
    return sum(found[-2:]) / len(found[-2:])


def rubin(values, variances):
    m = len(values)
    mean = sum(values) / m
    return mean, math.sqrt(sum(variances) / m + (1 + 1 / m) * sum((v - mean) ** 2 for v in values) / (m - 1))


@case("percentiles and levels of two plausible values, computed anew without each cluster")
def _():
    with workspace() as folder:
        rows = invented()
        text = "s,h,w,PV1,PV2,L1,L2\n" + "".join(
            f"{s},{h},{w},{a},{b},{int(a > 470) + int(a > 540)},{int(b > 470) + int(b > 540)}\n" for s, h, w, a, b in rows)
        path = table(folder, text)
        design = ["--cluster", "s", "--strata", "h", "--weight", "w"]
        strata = [{s for s, h, *_ in rows if h == k} for k in (0, 1)]

        def naive(statistic):
            values, variances = [], []
            for draw in (3, 4):
                pairs = [(row[draw], row[2], row[0]) for row in rows]
                values.append(statistic([(y, w) for y, w, _ in pairs]))
                variance = 0
                for stratum in strata:
                    grow = len(stratum) / (len(stratum) - 1)
                    replicates = [statistic([(y, w * grow if s in stratum else w) for y, w, s in pairs if s != left])
                                  for left in stratum]
                    centre = sum(replicates) / len(replicates)
                    variance += sum((r - centre) ** 2 for r in replicates) / grow
                variances.append(variance)
            return rubin(values, variances)

        group = means(path, "--value", "PV*", *design, "--percentiles", "5,25,50,90")["groups"][0]
        for found in group["percentiles"]:
            estimate, se = naive(lambda pairs: percentile(pairs, found["percentile"] / 100))
            near(found["estimate"], estimate, 1e-8, found)
            near(found["se"], se, 1e-8, found)
        levels = means(path, "--percent", "L1,L2", *design)["groups"][0]["categories"]
        bounds = (-math.inf, 470, 540, math.inf)
        for k, found in enumerate(levels):
            estimate, se = naive(lambda pairs: 100 * sum(w for y, w in pairs if bounds[k] < y <= bounds[k + 1]) /
                                 sum(w for y, w in pairs))
            near(found["estimate"], estimate, 1e-8, found)
            near(found["se"], se, 1e-8, found)
        near(sum(c["estimate"] for c in levels), 100, 1e-9)


@case("a percentile's interval is Woodruff's, from the jackknife of the share up to it or its linearisation")
def _():
    with workspace() as folder:
        rows = [(i % 9, i * 37 % 101 + 0.5) for i in range(101)]
        path = table(folder, "s,y\n" + "".join(f"{s},{y}\n" for s, y in rows))
        group = means(path, "--value", "y", "--cluster", "s", "--percentiles", "50")["groups"][0]
        found, pairs = group["percentiles"][0], [(y, 1) for _, y in rows]
        replicates = []
        for left in range(9):
            rest = [y <= found["estimate"] for s, y in rows if s != left]
            replicates.append(sum(rest) / len(rest))
        half = 2.306004135033371 * math.sqrt(8 / 9 * sum((r - sum(replicates) / 9) ** 2 for r in replicates))  # qt(.975, 8)
        near(found["low"], percentile(pairs, 0.5 - half), 1e-9)
        near(found["high"], percentile(pairs, 0.5 + half), 1e-9)
        group = means(path, "--value", "y", "--cluster", "s", "--linearised", "--percentiles", "50")["groups"][0]
        found, pairs = group["percentiles"][0], [(y, 1) for _, y in rows]
        below = {s: [y <= found["estimate"] for k, y in rows if k == s] for s in range(9)}
        share = sum(map(sum, below.values())) / 101
        z = [sum(b - share for b in own) / 101 for own in below.values()]
        half = 2.306004135033371 * math.sqrt(9 / 8 * sum((v - sum(z) / 9) ** 2 for v in z))  # qt(.975, 8)
        near(found["se"], (percentile(pairs, 0.5 + half) - percentile(pairs, 0.5 - half)) / 2 / 2.306004135033371, 1e-9)
        near(found["low"], percentile(pairs, 0.5 - half), 1e-9)


@case("percentages: numbers in their order, words by their letters, by group; none or all have no error")
def _():
    with workspace() as folder:
        path = table(folder, "s,by,a,b\n" + "".join(f"{i % 5},{'xy'[i % 2]},{(1, 10, 9)[i % 3]},{'no'if i % 2 else 'yes'}\n"
                                                    for i in range(30)) + "1,x,,yes\n")
        found = means(path, "--percent", "a", "--cluster", "s", "--by", "by")
        check([c["value"] for c in found["groups"][0]["categories"]] == ["1", "9", "10"] and found["left_out"] == 1, found)
        lines = must("stat", "means", path, "--percent", "b", "--cluster", "s", "--by", "by").out.splitlines()
        check(lines[0] == "group,n,clusters,estimate,se,df,low,high,sd,sd_se,value", lines)
        check(lines[1] == "x,16,5,0,,,,,,,no" and lines[2] == "x,16,5,100,,,,,,,yes" and len(lines) == 5, lines)


def fault(name, text, arguments, code, message):
    @case(name)
    def _():
        with workspace() as folder:
            result = laerke("--json", "stat", "means", table(folder, text), *arguments)
            check(result.code == code, f"exit {result.code}: {result.err}")
            check(message in result.err, result.err)
            check("nan" not in result.out.lower() and "inf" not in result.out.lower(), result.out)


FEW = "s,h,w,y,z\n0,0,1,5,a\n0,0,1,6,b\n1,0,1,7,b\n1,0,0,9,a\n2,1,1,1e3,\n"
fault("no value", FEW, [], 2, "--value, --percent")
fault("value and percent", FEW, ["--value", "y", "--percent", "z"], 2, "--value, --percent")
fault("percentiles of shares", FEW, ["--percent", "z", "--percentiles", "50"], 2, "--percentiles, --percent")
fault("linearised pairs", FEW, ["--value", "y", "--jk2", "s,h", "--linearised"], 2, "--linearised, --jk2")
for wrong in ("0", "100", "ten", "10,,20", "10;20"):
    fault(f"percentile {wrong}", FEW, ["--value", "y", "--percentiles", wrong], 2, "over 0 and under 100")
fault("a word among values", FEW, ["--value", "z"], 1, "line 2: “a” in column z is not a number")
fault("a cluster in two strata", FEW + "2,0,1,4,a\n", ["--value", "y", "--cluster", "s", "--strata", "h"], 1, "two strata")
fault("groups of one row", FEW, ["--value", "y", "--by", "y", "--percentiles", "50"], 0, "")
fault("groups of one row, linearised", FEW, ["--value", "y", "--by", "y", "--percentiles", "50", "--linearised"], 0, "")
fault("a weight of 0 is left out", FEW, ["--value", "y", "--weight", "w"], 0, "left out because a value is missing or the weight is 0: 1")
fault("a weight of NaN is left out", FEW.replace("0,0,1,6", "0,0,NaN,6"), ["--value", "y", "--weight", "w"], 0, ": 2")
fault("a weight of 1e308", FEW.replace("0,0,1,6", "0,0,1e308,6"), ["--value", "y", "--weight", "w"], 1, "line 3: 1e308 in column w")
fault("values of 1e200", FEW.replace("1e3", "1e200"), ["--value", "y"], 1, "line 6: 1e200 in column y")
fault("too many categories", "y\n" + "\n".join(map(str, range(300))), ["--percent", "y"], 1, "300 different values")
fault("all alike", "s,y\n1,0.1\n1,0.1\n2,0.1\n3,0.1\n", ["--value", "y", "--cluster", "s", "--percentiles", "1,99"], 0, "")
fault("nobody", "s,y\n1,\n2,NA\n", ["--percent", "y"], 1, "column y has no value in any row")

finish()
