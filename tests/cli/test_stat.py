"""laerke stat: means, multilevel models and reliability of anybody's CSV."""
import json
import math

from tap import case, check, finish, laerke, must, near, shared, workspace

DATA = """school;zone;half;w;PV1;PV2;a;b;c;sex
s1;1;0;1;10;12;0;1;NA;girl
s1;1;0;1;12;10;1;1;2;boy
s2;1;1;2;20;20;2;2;1;girl
s2;1;1;1;22;24;3;4;3;boy
s3;2;0;1;30;31;NA;2;2;girl
s3;2;0;1;31;30;1;0;1;
s4;2;1;1;NA;40;2;3;0;boy
"""


def table(folder, text=DATA):
    path = folder / "data.csv"
    path.write_text(text, encoding="utf-8")
    return path


@case("means by group, with what a cell needs")
def _():
    with workspace() as folder:
        result = must("--json", "stat", "means", table(folder), "--value", "PV*", "--by", "sex", "--cluster", "school",
                      "--weight", "w").json
        check(result["draws"] == 2 and result["left_out"] == 2, result)
        boy, girl = result["groups"]
        check((girl["group"], girl["n"], girl["clusters"], boy["n"]) == ("girl", 3, 3, 2), result)
        # girls: draw 1 (10 + 2·20 + 30)/4, draw 2 (12 + 40 + 31)/4
        near(girl["estimate"], (80 / 4 + 83 / 4) / 2, 1e-9, "mean")
        u = 0
        for y in ((10, 20, 30), (12, 20, 31)):
            replicates = [(2 * y[1] + y[2]) / 3, (y[0] + y[2]) / 2, (y[0] + 2 * y[1]) / 3]
            centre = sum(replicates) / 3
            u += 2 / 3 * sum((r - centre) ** 2 for r in replicates) / 2
        between = 1.5 * (80 / 4 - 83 / 4) ** 2 / 2
        near(girl["se"], math.sqrt(u + between), 1e-9, "se")
        near(girl["high"] - girl["estimate"], girl["estimate"] - girl["low"], 1e-9, "interval")


@case("lines for a spreadsheet; a group of one cluster has no error")
def _():
    with workspace() as folder:
        result = must("stat", "means", table(folder), "--value", "PV1", "--by", "school", "--cluster", "school")
        lines = result.out.splitlines()
        check(lines[0] == "group,n,clusters,estimate,se,df,low,high,sd,sd_se", result.out)
        check(lines[1] == "s1,2,1,11,,,,,1.414213562,", result.out)
        check(len(lines) == 4, result.out)  # s4 has no value
        alone = json.loads(must("--json", "stat", "means", table(folder), "--value", "PV1", "--by", "school", "--cluster",
                                "school").out)
        check(alone["groups"][0]["se"] is None and alone["groups"][0]["low"] is None, alone)


@case("TIMSS by gender and Danish reading are the published way's")
def _():
    with shared("reference/statistics.json").open() as file:
        expected = json.load(file)
    timss = must("--json", "stat", "means", shared("timss2011_aut_pupils.csv"), "--value", "ASMMAT*", "--by", "gender",
                 "--jk2", "jkzone,jkrep", "--weight", "weight").json
    for group in timss["groups"]:
        near(group["estimate"], expected["timss_maths_by_gender"]["mean"][group["group"]], 1e-6)
        near(group["se"], expected["timss_maths_by_gender"]["se"][group["group"]], 1e-6)


@case("London's schools are lme4's")
def _():
    with shared("reference/statistics.json").open() as file:
        expected = json.load(file)["exam_london"]["within_between"]
    found = must("--json", "stat", "multilevel", shared("exam_london.csv"), "--outcome", "normexam", "--group", "school",
                 "--predictor", "standLRT", "--centre", "within").json
    check([row["term"] for row in found["fixed"]] == ["(Intercept)", "standLRT.within", "standLRT.between"], found)
    for mine, theirs in zip(found["fixed"], expected["fixed"]):
        near(mine["estimate"], theirs["estimate"], 1e-5, mine["term"])
        near(mine["se"], theirs["se"], 1e-4, mine["term"])
    for key in ("tau2", "sigma2", "icc"):
        near(found[key], expected[key], 1e-3 * expected[key], key)


FAULTS = [  # arguments, exit code, what the message says
    (["means"], 2, "Usage: laerke stat means"),
    (["means", "FILE"], 2, "--value"),
    (["means", "FILE", "--value", "nothing"], 1, "nothing"),
    (["means", "FILE", "--value", "sex"], 1, "sex"),
    (["means", "FILE", "--value", "PV1", "--by", "a,b"], 1, "--by takes one column"),
    (["means", "FILE", "--value", "PV1", "--jk2", "zone"], 2, "ZONE,REP"),
    (["means", "FILE", "--value", "PV1", "--jk2", "zone,half", "--cluster", "school"], 2, "ZONE,REP"),
    (["means", "FILE", "--value", "PV1", "--jk2", "school,zone"], 1, "must hold 0 or 1"),
    (["means", "FILE", "--value", "PV1", "--weight", "minus"], 1, "no column"),
    (["means", "absent.csv", "--value", "PV1"], 1, "absent.csv does not exist"),
    (["multilevel", "FILE", "--outcome", "PV1"], 2, "--group"),
    (["multilevel", "FILE", "--outcome", "PV1", "--group", "school", "--centre", "grand"], 2, "grand"),
    (["multilevel", "FILE", "--outcome", "PV1", "--group", "school", "--predictor", "PV1"], 1, "exactly"),
    (["multilevel", "FILE", "--outcome", "PV2", "--group", "school", "--predictor", "zone,zone"], 0, ""),
    (["reliability", "FILE", "--items", "a"], 1, "two items"),
    (["reliability", "FILE"], 2, "--items"),
]


def fault(arguments, code, message):
    @case(f"stat {' '.join(arguments)}")
    def _():
        with workspace() as folder:
            path = str(table(folder))
            result = laerke("stat", *[path if a == "FILE" else a for a in arguments])
            check(result.code == code, f"exit {result.code}: {result.err}")
            check(message in result.err, result.err)
            check(code == 0 or result.out.count("\n") <= 1, result.out)


for row in FAULTS:
    fault(*row)


@case("what cannot be estimated is told with its column")
def _():
    with workspace() as folder:
        path = table(folder, "g,y,x,z,k\n" + "".join(f"{i % 4},{i * i % 7},{i},{3 * i - 1},1\n" for i in range(20)))
        result = laerke("stat", "multilevel", path, "--outcome", "y", "--group", "g", "--predictor", "x,z")
        check(result.code == 1 and "Column z " in result.err, result.err)
        result = laerke("stat", "multilevel", path, "--outcome", "y", "--group", "k")
        check(result.code == 1 and "one group" in result.err, result.err)
        result = laerke("stat", "multilevel", path, "--outcome", "y", "--group", "g", "--predictor", "k")
        check(result.code == 1 and "Column k is constant" in result.err, result.err)
        result = laerke("stat", "multilevel", path, "--outcome", "y", "--group", "g", "--predictor", "x,k", "--centre",
                        "within")
        check(result.code == 1 and "Column k is constant" in result.err, result.err)
        wide = table(folder, ",".join(f"v{i}" for i in range(257)) + "\n" + ",".join("1" * 257) + "\n")
        result = laerke("stat", "means", wide, "--value", "v*")
        check(result.code == 1 and "--value takes 256 columns at most, but 257" in result.err, result.err)
        path = table(folder, "g,y,x,z,k\n" + "".join(f"{i % 4},{i * i % 7},{i},{3 * i - 1},1\n" for i in range(20)))
        result = laerke("stat", "multilevel", path, "--outcome", "y", "--group", "x")
        check(result.code == 1 and "cannot be told apart" in result.err, result.err)
        result = laerke("stat", "multilevel", path, "--outcome", "g", "--group", "g")
        check(result.code == 1 and "same outcome" in result.err, result.err)
        result = laerke("stat", "multilevel", path, "--outcome", "y", "--group", "g", "--units", folder / "no" / "units.csv")
        check(result.code == 1 and "units.csv could not be written" in result.err and not result.out, result.err)
        result = laerke("stat", "reliability", path, "--items", "y,k")
        check(result.code == 1 and "item k " in result.err, result.err)
        path = table(folder, "y,w\n1,-1\n2,1\n3,1\n")
        result = laerke("stat", "means", path, "--value", "y", "--weight", "w")
        check(result.code == 1 and "line 2: the weight -1 in column w" in result.err, result.err)


finish()
