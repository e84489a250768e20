"""laerke stat change: two or more waves of anybody's CSV."""
import csv
import json

from tap import case, check, finish, laerke, must, near, shared, workspace

# Schools a–f in two waves, treated d–f; persons named so that some are in both.
DATA = """wave;school;person;grade;y;t;b;w
2020;a;1;4;10;0;1;1
2020;a;2;5;14;0;2;1
2020;b;3;4;20;0;3;1
2020;b;4;5;22;0;4;1
2020;c;5;4;30;0;2;1
2020;c;6;5;31;0;5;1
2020;d;7;4;5;1;1;1
2020;d;8;5;7;1;2;1
2020;e;9;4;8;1;3;1
2020;e;10;5;9;1;2;1
2022;a;1;4;13;0;1;1
2022;a;12;5;15;0;2;1
2022;b;3;4;21;0;3;1
2022;b;14;5;24;0;5;1
2022;c;5;4;29;0;1;1
2022;c;16;5;33;0;2;1
2022;d;7;4;15;1;3;1
2022;d;18;5;16;1;2;1
2022;e;9;4;19;1;5;1
2022;e;20;5;21;1;1;1
"""
NAMES = ["--value", "y", "--wave", "wave", "--cluster", "school"]


def table(folder, text=DATA):
    path = folder / "data.csv"
    path.write_text(text, encoding="utf-8")
    return path


def by_measure(found):
    return {(row["measure"], row["wave_from"], row["wave_to"]): row for row in found["changes"]}


@case("the measures of a pair of waves")
def _():
    with workspace() as folder:
        found = must("--json", "stat", "change", table(folder), *NAMES, "--grade", "grade", "--person", "person",
                     "--background", "b", "--treated", "t", "--link-error", "2").json
        rows = by_measure(found)
        of = {name: rows[name, "2020", "2022"] for name, _, _ in rows}
        near(of["change"]["estimate"], 20.6 - 15.6, 1e-9)
        near(of["change"]["se"] ** 2, of["change"]["sampling_se"] ** 2 + 4, 1e-9, "the link")
        near(of["same_grades"]["estimate"], 5, 1e-9)  # the mix is the same
        near(of["same_persons"]["estimate"], (3 + 1 - 1 + 10 + 11) / 5, 1e-9)
        check(of["same_persons"]["persons_both"] == 5 and of["same_persons"]["n_to"] == 5, of)
        check(of["slope"]["link_error"] == 0 and of["slope"]["se"] == of["slope"]["sampling_se"], of)
        near(of["treated"]["estimate"], 17.75 - 7.25, 1e-9)
        near(of["untreated"]["estimate"], 22.5 - 127 / 6, 1e-9)
        did = of["difference_in_differences"]
        near(did["estimate"], 10.5 - (22.5 - 127 / 6), 1e-9)
        check(did["link_error"] == 0 and did["waves_before"] == 1, did)
        check((did["clusters_treated"], did["clusters_untreated"]) == (2, 3), did)
        expected = of["expected_regression"]
        x1, x2 = [12, 21, 30.5], [14, 22.5, 31]
        m1, m2 = sum(x1) / 3, sum(x2) / 3
        rho = sum((p - m1) * (q - m2) for p, q in zip(x1, x2)) / sum((p - m1) ** 2 for p in x1)
        near(expected["rho"], rho, 1e-9)
        near(expected["estimate"], (rho - 1) * (7.25 - 15.6), 1e-9)


@case("each wave with the next, the first with the last; or one pair")
def _():
    with workspace() as folder:
        third = "".join(line.replace("2022;", "1998;") + "\n" for line in DATA.splitlines() if line.startswith("2022"))
        path = table(folder, DATA + third)
        found = must("--json", "stat", "change", path, *NAMES).json
        pairs = [(row["wave_from"], row["wave_to"]) for row in found["changes"]]
        check(pairs == [("1998", "2020"), ("2020", "2022"), ("1998", "2022")], pairs)
        one = must("--json", "stat", "change", path, *NAMES, "--from", "2020", "--to", "2022").json
        check(one["changes"] == [found["changes"][1]], one)
        late = must("--json", "stat", "change", path, *NAMES, "--from", "2020").json
        check(late == one, late)
        # Numbers by value, not by their letters.
        path = table(folder, (DATA + third).replace("1998;", "9;").replace("2020;", "10;").replace("2022;", "11;"))
        found = must("--json", "stat", "change", path, *NAMES).json
        check([row["wave_from"] for row in found["changes"]] == ["9", "10", "9"], found)
        # And a number is the same wave, however it is written.
        mixed, plain = (must("--json", "stat", "change", table(folder, text), *NAMES).json
                        for text in (DATA.replace("2022;", "2022.0;", 1), DATA))
        check(mixed == plain, mixed)


@case("Danish reading 2000 to 2003 is the published way's, link error and all")
def _():
    with shared("reference/statistics.json").open() as file:
        expected = json.load(file)["dnk_change_2000_2003"]
    with workspace() as folder:
        lines = ["wave,school,read,escs,w"]
        for year in ("2000", "2003"):
            with shared(f"pisa{year}_dnk_pupils.csv").open(encoding="utf-8") as file:
                lines += [f"{year},{year}-{row['school_id']},{row['read']},{row['escs']},{row['stu_wgt']}"
                          for row in csv.DictReader(file) if row["escs"] not in ("", "NA")]
        path = table(folder, "\n".join(lines) + "\n")
        names = ["--value", "read", "--wave", "wave", "--cluster", "school", "--weight", "w", "--background", "escs"]
        mean, slope = must("--json", "stat", "change", path, *names, "--link-error", "5").json["changes"]
        near(mean["estimate"], expected["mean"], 1e-8)
        near(mean["sampling_se"], expected["mean_se"], 1e-8)
        near(mean["se"], 6.308, 1e-3)  # README.md of the data
        near(slope["estimate"], expected["slope"], 1e-8)
        near(slope["se"], expected["slope_se"], 1e-8)
        check((mean["n_from"], mean["n_to"], mean["clusters_from"], mean["clusters_to"]) == (4174, 4178, 224, 206), mean)
        # The waves as strata are the same independent samples.
        strata = must("--json", "stat", "change", path, *names, "--strata", "wave").json["changes"]
        near(strata[0]["se"], expected["mean_se"], 1e-8)


# R, survey 4.1: d has a row a pupil and occasion with all twenty items, y their sum, k = idstud % 7 % 3;
#   rep <- as.svrepdesign(svydesign(ids = ~idclass, data = d, weights = ~1), type = "JK1")
#   withReplicates(rep, function(w, d) weighted.mean(d$y[d$w == 2], w[d$w == 2]) - weighted.mean(d$y[d$w == 1], w[d$w == 1]))
# same grades: Σ p_k (ȳ_2k − ȳ_1k) likewise; same persons: svymean(~I(y2 - y1)) of those on both occasions.
CTEST = {"change": (1.8877736895, .176573609789, 1e-9), "same_persons": (1.902346227013, .178989629499, 1e-9),
         # in which R leaves a class out of both occasions at once: the same to first order
         "same_grades": (1.88837052515, .176599356499, 1e-6)}


@case("two occasions of the same classes are R's survey's")
def _():
    with workspace() as folder, shared("ctest_two_occasions.csv").open(encoding="utf-8") as file:
        lines = ["occasion,class,person,y,k"]
        for row in csv.DictReader(file):
            for occasion in ("1", "2"):
                answers = [row[name] for name in row if name.endswith("T" + occasion)]
                if not any(answer in ("", "NA") for answer in answers):
                    lines.append(f"{occasion},{row['idclass']},{row['idstud']},{sum(map(int, answers))},"
                                 f"{int(row['idstud']) % 7 % 3}")
        found = must("--json", "stat", "change", table(folder, "\n".join(lines) + "\n"), "--value", "y", "--wave",
                     "occasion", "--cluster", "class", "--person", "person", "--grade", "k").json
        for row in found["changes"]:
            value, se, tolerance = CTEST[row["measure"]]
            near(row["estimate"], value, 1e-9, row["measure"])
            near(row["se"], se, tolerance, row["measure"])
            near(row["df"], 49, 1e-6, row["measure"])


@case("lines for a spreadsheet, words for a threshold")
def _():
    with workspace() as folder:
        found = must("stat", "change", table(folder), *NAMES, "--threshold", "1")
        lines = found.out.splitlines()
        check(lines[0] == "measure,wave_from,wave_to,n_from,n_to,clusters_from,clusters_to,from,to,estimate,se,df,low,"
              "high,detectable,verdict", found.out)
        check(lines[1].startswith("change,2020,2022,10,10,5,5,15.6,20.6,5,"), found.out)
        check(lines[1].endswith(",compatible"), found.out)
        check("the mean changed by 5.0" in found.err and "compatible with an effect" in found.err, found.err)
        danish = laerke("--lang", "da", "stat", "change", folder / "data.csv", *NAMES, "--threshold", "1")
        check("foreneligt med en effekt" in danish.err, danish.err)


@case("difference-in-differences: its caveats, and a cap with one wave before")
def _():
    with workspace() as folder:
        path = table(folder)
        found = must("stat", "change", path, *NAMES, "--treated", "t", "--threshold", "2", "--link-error", "2")
        did = next(line for line in found.out.splitlines() if line.startswith("difference"))
        check(did.endswith(",compatible"), found.out)
        check("The link error moves both groups alike" in found.err and "With one wave before" in found.err, found.err)
        check("Regression to the mean alone" in found.err, found.err)
        before = DATA + "".join(line.replace("2020;", "2018;") + "\n" for line in DATA.splitlines() if "2020;" in line)
        rows = by_measure(must("--json", "stat", "change", table(folder, before), *NAMES, "--treated", "t",
                               "--threshold", "2").json)
        check(rows["difference_in_differences", "2020", "2022"]["verdict"] == "documented", rows)
        check(rows["difference_in_differences", "2020", "2022"]["waves_before"] == 2, rows)
        check(rows["difference_in_differences", "2018", "2022"]["verdict"] == "compatible", rows)
        near(rows["difference_in_differences", "2018", "2020"]["estimate"], 0, 1e-9, "before, they moved alike")
        # Too few rows for a regression: the effect is left out, the rest is there.
        few = "wave;school;y;t\n1;a;5;0\n1;b;6;1\n2;a;5;0\n2;b;9;1\n"
        found = must("--json", "stat", "change", table(folder, few), *NAMES, "--treated", "t")
        check([row["measure"] for row in found.json["changes"]] == ["change"], found.out)
        check("difference-in-differences, is left out" in found.err, found.err)
        # One treated school: an effect without an error, and no word but that.
        alone = "".join(line for line in DATA.splitlines(keepends=True) if ";e;" not in line)
        rows = by_measure(must("--json", "stat", "change", table(folder, alone), *NAMES, "--treated", "t",
                               "--threshold", "2").json)
        did = rows["difference_in_differences", "2020", "2022"]
        check(did["se"] is None and did["detectable"] is None and did["verdict"] == "undecided", did)


@case("rows with something missing are left out and counted; a measure that cannot be made is named")
def _():
    with workspace() as folder:
        path = table(folder, DATA + "2022;a;21;4;;0;1;1\n2022;;22;4;3;0;1;1\n;a;23;4;3;0;1;1\n2022;a;24;4;NaN;0;1;1\n"
                     "2022;a;25;4;3;0;1;0\n")
        found = must("--json", "stat", "change", path, *NAMES, "--weight", "w")
        check(found.json["left_out"] == 5 and found.json["changes"][0]["n_to"] == 10, found.out)
        check("left out because a value is missing or the weight is 0: 5" in found.err, found.err)
        path = table(folder, "".join(line.replace(";4;", ";6;").replace(";5;", ";6;") if line.startswith("2022") else line
                                     for line in DATA.splitlines(keepends=True)))
        found = must("--json", "stat", "change", path, *NAMES, "--grade", "grade")
        check([row["measure"] for row in found.json["changes"]] == ["change"], found.out)
        check("no grade in common" in found.err, found.err)


TWICE = DATA + "2022;a;1;4;3;0;1;1\n"
FAULTS = [  # data, arguments after the usual ones, exit code, what the message says
    (DATA, ["--link-error", "-1"], 2, "--link-error takes a number from 0 up"),
    (DATA, ["--link-error", "nan"], 2, "--link-error takes a number from 0 up"),
    (DATA, ["--threshold", "0"], 2, "--threshold takes a number above 0"),
    (DATA, ["--from", "2021"], 1, "no wave 2021 in column wave"),
    (DATA, ["--from", "2022", "--to", "2020"], 1, "Wave 2022 does not stand before wave 2020"),
    (DATA, ["--treated", "grade"], 1, "row 1: column grade must hold 0 or 1"),
    (DATA, ["--treated", "school"], 1, "line 2: “a” in column school is not a number"),
    (DATA.replace(";1\n", ";-1\n", 1), ["--weight", "w"], 1, "line 2: the weight -1 in column w is below 0"),
    (DATA.replace("2022;a;1;4;13;0", "2022;a;1;4;13;1"), ["--treated", "t"], 1, "cluster a has both 0 and 1 in column t"),
    (DATA.replace(";0;", ";1;"), ["--treated", "t"], 1, "no others to compare with"),
    ("\n".join(line.replace(";1;", ";0;") for line in DATA.splitlines()) + "\n", ["--treated", "t"], 1,
     "nothing to compare"),
    (DATA, ["--strata", "grade"], 1, "cluster a lies in two strata of column grade"),
    (TWICE, ["--person", "person"], 1, "Person 1 stands twice in wave 2022"),
    (DATA.replace("2022;", "2020;"), [], 1, "Column wave has one wave only, 2020"),
    (DATA.replace("2022;b", "2022;a").replace("2022;c", "2022;a").replace("2022;d", "2022;a").replace("2022;e", "2022;a"),
     [], 1, "Wave 2022 has one cluster only"),
    ("wave;school;y\n", [], 1, ""),
]


def fault(text, arguments, code, message):
    @case(f"stat change {' '.join(arguments)}: {message}")
    def _():
        with workspace() as folder:
            result = laerke("stat", "change", table(folder, text), *NAMES, *arguments)
            check(result.code == code, f"exit {result.code}: {result.err}")
            check(message in result.err, result.err)
            check("nan" not in result.out and "inf" not in result.out, result.out)


for row in FAULTS:
    fault(*row)


finish()
