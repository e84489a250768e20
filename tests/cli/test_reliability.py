"""laerke stat reliability: TAM's, lavaan's and psych's numbers on real scales, groups, and what cannot be estimated."""
import json

from tap import case, check, finish, laerke, must, near, shared, workspace

# R 4.2.2. chi2 and the interval of RMSEA: lavaan 0.6-14, fitMeasures(cfa(m, x, std.lv = TRUE)); omega_se the same with
# estimator = "MLM" (omega a defined parameter). alpha_se: sqrt(sum(IF^2))/n, IF = k/(k-1)(-rowSums(X^2)/T + tr(C) rowSums(X)^2/T^2),
# X the deviations from the means, C their covariances with divisor n, T = sum(C). omega_polychoric: P = lavCor(x, ordered = names(x)),
# loadings of cfa(m, x, ordered = names(x), estimator = "ULS"), Green and Yang's sums by pbivnorm. eigenvalue:
# eigen(cor(x))$values, polychoric_eigenvalue: eigen(P)$values[1].
SCALES = {
    "dnk_parents_quality": ("pisa2009_dnk_parents.csv", dict(
        chi2=731.855654587, rmsea_low=0.115741606862, rmsea_high=0.130944145167, alpha_se=0.00288201310335656,
        omega_se=0.0028662788664475, omega_polychoric=0.904592947116122, eigenvalue=[4.53713339763557, 0.668555385432742],
        polychoric_eigenvalue=5.25184599384661)),
    "dnk_parents_involved": ("pisa2009_dnk_parents.csv", dict(
        chi2=69.937620969, rmsea_low=0.0202017762866, rmsea_high=0.0338957018209, alpha_se=0.0201917362528841,
        omega_se=0.0194349089034181, omega_polychoric=0.424739838860002, eigenvalue=[1.77627538044337, 1.0127214326754],
        polychoric_eigenvalue=3.36317975897823)),
    "science": ("science.csv", dict(
        chi2=18.4563700369, rmsea_low=0.0892208933457, rmsea_high=0.208600685926, alpha_se=0.0407904077393244,
        omega_se=0.0382930093431096, omega_polychoric=0.614988799129226, eigenvalue=[1.83437575982607, 0.939494099734848],
        polychoric_eigenvalue=2.01883516045603)),
    "timss_like": ("timss2011_aut_pupils.csv", dict(
        chi2=502.005941341, rmsea_low=0.139057378308, rmsea_high=0.161235914505, alpha_se=0.00314514461111239,
        omega_se=0.00314221152469118, omega_polychoric=0.90170184419844, eigenvalue=[3.5360374151899, 0.56095722484658],
        polychoric_eigenvalue=3.96174401796707)),
    "timss_engaged": ("timss2011_aut_pupils.csv", dict(
        chi2=273.877218528, rmsea_low=0.0985426753122, rmsea_high=0.120563076501, alpha_se=0.00966365044741586,
        omega_se=0.00879337860430697, omega_polychoric=0.704487272707312, eigenvalue=[2.34928993588199, 0.981953287144731],
        polychoric_eigenvalue=2.71243434046039)),
    "timss_confident": ("timss2011_aut_pupils.csv", dict(
        chi2=1463.2057197, rmsea_low=0.147362797666, rmsea_high=0.160698741892, alpha_se=0.00357138250709524,
        omega_se=0.00360258745968739, omega_polychoric=0.880393361934778, eigenvalue=[4.01622855364801, 0.926504178714436],
        polychoric_eigenvalue=4.73168448750054)),
    "verbagg": ("verbagg.csv", dict(
        chi2=1546.88710484, rmsea_low=0.121451943882, rmsea_high=0.133662002527, alpha_se=0.0106103371846528,
        omega_se=0.0103776897295584, omega_polychoric=0.872993963809838, eigenvalue=[6.78308715523993, 2.27092207054773],
        polychoric_eigenvalue=8.97333639177151)),
}


def scale(name):
    file, from_r = SCALES[name]

    @case(f"{name}: coefficients, fit, polychoric omega and eigenvalues are the references'")
    def _():
        with shared(f"reference/{name}.json").open() as text:
            reference = json.load(text)
        classical, items = reference["classical"], reference["items"]
        found = must("--json", "stat", "reliability", shared(file), "--items", ",".join(items), "--parallel", "100").json
        check(found["n"] == classical["n_listwise"], found)
        for mine, theirs in (("alpha", "alpha"), ("lambda2", "lambda2"), ("omega", "omega_cov_ml")):
            near(found[mine], classical[theirs], 1e-6, mine)
        for key in ("cfi", "rmsea", "srmr"):
            near(found["fit"][key], classical[key], 1e-7, key)
        for row, expected in zip(found["items"], classical["item_rest"]):
            near(row["item_rest_correlation"], expected, 1e-8, row["item"])
        near(found["fit"]["chi2"], from_r["chi2"], 1e-6, "chi2")
        for key in ("rmsea_low", "rmsea_high"):
            near(found["fit"][key], from_r[key], 1e-5, key)
        for key in ("alpha_se", "omega_se"):
            near(found[key], from_r[key], 1e-4 * from_r[key], key)
        near(found["polychoric"]["omega"], from_r["omega_polychoric"], 1e-6, "polychoric omega")
        components = found["parallel"]["components"]
        for row, expected in zip(components, from_r["eigenvalue"]):
            near(row["eigenvalue"], expected, 1e-9, "eigenvalue")
        near(components[0]["polychoric_eigenvalue"], from_r["polychoric_eigenvalue"], 1e-6, "polychoric eigenvalue")
        near(sum(row["eigenvalue"] for row in components), len(items), 1e-9, "trace")
        near(sum(row["random_mean"] for row in components), len(items), 1e-9, "trace of the random ones")
        near(sum(row["polychoric_random_mean"] for row in components), len(items), 1e-9, "trace of the shuffled ones")
        check(found["parallel"]["suggested"] == (6 if name == "verbagg" else 1), found["parallel"])
        check(found["parallel"]["polychoric_suggested"] == (5 if name == "verbagg" else 1), found["parallel"])
        check(found["alpha_low"] < found["alpha"] < found["alpha_high"], found)


for each in SCALES:
    scale(each)


@case("p and degrees of freedom are lavaan's")
def _():
    found = must("--json", "stat", "reliability", shared("science.csv"), "--items", "Comfort,Work,Future,Benefit").json
    check(found["fit"]["df"] == 2 and "parallel" not in found, found)
    near(found["fit"]["p"], 9.82313626395e-05, 1e-12, "p")


@case("by group each is what its rows give alone; one that cannot be keeps its count")
def _():
    with workspace() as folder:
        rows = [(i % 4, (i + i // 4) % 4, (i * i) % 3, "a" if i % 2 else "b") for i in range(80)] + [(1, 2, 1, "c")]
        header = "x,y,z,g\n"
        def line(row): return ",".join(map(str, row)) + "\n"
        (folder / "all.csv").write_text(header + "".join(map(line, rows)) + "1,1,1,\n")
        (folder / "a.csv").write_text(header + "".join(line(r) for r in rows if r[3] == "a"))
        both = must("--json", "stat", "reliability", folder / "all.csv", "--items", "x,y,z", "--by", "g")
        alone = must("--json", "stat", "reliability", folder / "a.csv", "--items", "x,y,z").json
        a, b, c = both.json["groups"]
        check(both.json["left_out"] == 1, both.out)
        check(a.pop("group") == "a" and a == alone, both.out)
        check((b["group"], b["n"], c["group"], c["n"]) == ("b", 40, "c", 1) and "alpha" not in c, both.out)
        check("c: Too few answered every item (1)" in both.err, both.err)
        lines = must("stat", "reliability", folder / "all.csv", "--items", "x,y,z", "--by", "g").out.splitlines()
        check(lines[0] == "group,statistic,value" and "a,n,40" in lines and "c,n,1" in lines, lines[:4])


@case("the same seed gives the same random eigenvalues, another gives others")
def _():
    def random(*seed):
        return must("--json", "stat", "reliability", shared("science.csv"), "--items", "Comfort,Work,Future,Benefit",
                    "--parallel", "20", *seed).json["parallel"]["components"]
    check(random() == random("--seed", "1"), "default seed")
    check(random() == random("--threads", "1"), "threads")
    check(random() != random("--seed", "2"), "another seed")


def table(folder, columns):
    path = folder / "data.csv"
    rows = zip(*columns.values())
    path.write_text(",".join(columns) + "\n" + "".join(",".join(map(str, r)) + "\n" for r in rows))
    return path


X = [0, 1, 2, 3] * 10
Y = [0, 2, 1, 3, 1] * 8
ODD = [  # columns, exit code, what is said, what is not there
    ("two items", dict(x=X, y=Y), 0, "", ["omega"]),
    ("identical items", dict(x=X, y=X, z=X), 0, "lower bound", []),
    ("identical items beside others", dict(x=X, y=X, z=Y), 0, "held at .999", []),
    ("an item all answer alike", dict(x=X, y=Y, one=[1] * 40), 1, "item one ", None),
    ("an item nobody answered", dict(x=X, y=Y, none=[""] * 40), 1, "Nobody has answered item none", None),
    ("two persons", dict(x=[0, 1], y=[1, 0], z=[0, 1]), 1, "Too few answered every item (2)", None),
    ("three persons", dict(x=[0, 1, 2], y=[1, 0, 2], z=[0, 1, 1]), 0, "", []),
    ("items against each other", dict(x=X, y=[3 - v for v in X]), 0, "", ["alpha"]),
    ("25 categories", dict(x=list(range(25)) * 2, y=Y[:25] * 2, z=[0, 1] * 25), 0, "x has more than 20 categories", []),
    ("no rows", dict(x=[], y=[], z=[]), 1, "Too few answered every item (0)", None),
]


def odd(name, columns, code, message, absent):
    @case(f"{name}: a number or nothing, never NaN")
    def _():
        with workspace() as folder:
            path = table(folder, columns)
            result = laerke("--json", "stat", "reliability", path, "--items", ",".join(columns), "--parallel", "10")
            check(result.code == code and message in result.err, f"{result.code}: {result.err}")
            check("nan" not in result.out.lower() and "inf" not in result.out.lower(), result.out)
            if absent is not None:
                check([key for key in ("alpha", "lambda2", "omega") if result.json[key] is None] == absent
                      or name == "items against each other" and result.json["alpha"] is None, result.out)
            lines = laerke("stat", "reliability", path, "--items", ",".join(columns))
            check(lines.code == code and "nan" not in lines.out.lower(), lines.out)


for row in ODD:
    odd(*row)


@case("parallel analysis needs more persons than items; the rest is still there")
def _():
    with workspace() as folder:
        path = table(folder, dict(x=[0, 1, 2, 1], y=[1, 0, 2, 1], z=[0, 1, 1, 0], v=[0, 0, 1, 1]))
        result = must("--json", "stat", "reliability", path, "--items", "x,y,z,v", "--parallel", "10")
        check("more persons than items" in result.err and "parallel" not in result.json, result.err)
        for arguments in (["--parallel", "0"], ["--parallel", "many"], ["--seed", "-1"]):
            check(laerke("stat", "reliability", path, "--items", "x,y", *arguments).code == 2, arguments)
        check(laerke("stat", "reliability", path, "--items", "x,y", "--by", "nothing").code == 1, "--by nothing")


finish()
