"""laerke irt link as a black box: the reference's shift and link error, known transforms, dropping, bad input."""
import csv
import json

from tap import case, check, finish, laerke, must, near, shared, workspace

KEYS = ("method model slope slope_se intercept link_error link_error_jackknife drift_sd items dropped left_out trend "
        "fits_model drift").split()
METHODS = ["mean-mean", "mean-sigma", "haebara", "stocking-lord"]


def occasions(folder):
    """The two occasions as files of their own with the same item names, and one below the other."""
    with open(shared("ctest_two_occasions.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    items = [name[:-2] for name in rows[0] if name.endswith("T1")]
    both = ["wave," + ",".join(items)]
    for wave in "12":
        lines = [",".join(row[item + "T" + wave] for item in items) for row in rows]
        (folder / f"wave{wave}.csv").write_text("\n".join([",".join(items), *lines]) + "\n")
        both += [f"{wave},{line}" for line in lines]
    (folder / "both.csv").write_text("\n".join(both) + "\n")
    return items


def folder_of(path, model, items):
    """A calibration written by hand: items {name: (slope, [locations])}."""
    path.mkdir()
    lines = ["item,step,slope,slope_se,location,location_se"]
    for name, (slope, locations) in items.items():
        lines += [f"{name},{h},{slope!r},0,{b!r},0" for h, b in enumerate(locations, 1)]
    (path / "items.csv").write_text("\n".join(lines) + "\n")
    coding = [{"item": name, "low": 0, "high": len(b), "recode": list(range(len(b) + 1))}
              for name, (_, b) in items.items()]
    (path / "model.json").write_text(json.dumps({
        "model": model, "categories": coding,
        "groups": [{"name": "all", "n": 500, "mean": 0, "variance": 1}]}))
    return path


GPCM = {"a": (0.8, [-1.2, 0.1]), "b": (1.1, [-0.6, 0.9]), "c": (1.5, [-0.3, 0.4, 1.2]), "d": (0.7, [0.2, 1.5]),
        "e": (1.3, [-1.8])}


def moved(items, slope, intercept):
    return {name: (a / slope, [slope * b + intercept for b in steps]) for name, (a, steps) in items.items()}


@case("two occasions of a test: the reference's shift and link error, and concurrent calibration beside it")
def _():
    reference = json.loads(shared("reference/ctest_linking.json").read_text())
    with workspace() as folder:
        items = ",".join(occasions(folder))
        for wave in "12":
            must("irt", "fit", folder / f"wave{wave}.csv", "--items", items, "--model", "rasch", "--out",
                 folder / f"fit{wave}")
        link = must("irt", "link", "--from", folder / "fit2", "--to", folder / "fit1", "--method", "mean-mean",
                    "--json")
        check(list(link.json) == KEYS, link.json.keys())
        near(link.json["intercept"], reference["mean_mean_shift"], 1e-5)
        near(link.json["link_error"], reference["link_error_sd_over_sqrt_items"], 1e-6)
        near(link.json["link_error_jackknife"], reference["link_error_jackknife"], 1e-6)
        check(link.json["slope"] == 1 and link.json["slope_se"] == 0 and link.json["items"] == 20)
        check(link.json["trend"] is True and link.json["dropped"] == [])
        check("B01" in link.err, link.err)
        back = must("irt", "link", "--from", folder / "fit1", "--to", folder / "fit2", "--method", "mean-mean",
                    "--json")
        near(back.json["intercept"], -link.json["intercept"], 1e-12)
        without = must("irt", "link", "--from", folder / "fit2", "--to", folder / "fit1", "--method", "mean-mean",
                       "--drop", "--json").json
        check(without["dropped"] == ["B01"] and without["items"] == 19)
        shifts = [b - a for a, b in zip(reference["time2"]["locations"], reference["time1"]["locations"])]
        del shifts[reference["items"].index("B01")]
        near(without["intercept"], sum(shifts) / 19, 1e-5)
        must("irt", "fit", folder / "both.csv", "--items", items, "--model", "rasch", "--group", "wave", "--out",
             folder / "both")
        groups = json.loads((folder / "both" / "model.json").read_text())["groups"]
        check(abs(groups[1]["mean"] - link.json["intercept"]) < link.json["link_error"] / 2,
              "one calibration with two groups gives the same change, but for the drift of items")
        curves = must("irt", "link", "--from", folder / "fit2", "--to", folder / "fit1", "--method", "stocking-lord",
                      "--json").json
        near(groups[1]["mean"], curves["intercept"], 0.02)


@case("a known transform is found again by every method")
def _():
    for model in ("gpcm", "grm"):
        with workspace() as folder:
            start = folder_of(folder / "from", model, GPCM)
            end = folder_of(folder / "to", model, moved(GPCM, 1.37, -0.82))
            for method in METHODS:
                link = must("irt", "link", "--from", start, "--to", end, "--method", method, "--json").json
                near(link["slope"], 1.37, 1e-8)
                near(link["intercept"], -0.82, 1e-8)
                near(link["link_error"], 0, 1e-8)
                check(link["trend"] and link["fits_model"])


@case("without --json one row; items with other categories are named and left out; few items show no trend")
def _():
    with workspace() as folder:
        other = moved(GPCM, 1, 0.5)
        other["c"] = (1.5, other["c"][1][:2])
        start, end = folder_of(folder / "from", "gpcm", GPCM), folder_of(folder / "to", "gpcm", other)
        out = must("irt", "link", "--from", start, "--to", end, "--method", "mean-mean")
        row = next(csv.DictReader(out.out.splitlines()))
        check(row["left_out"] == "c" and row["items"] == "4" and row["trend"] == "no", row)
        near(float(row["intercept"]), 0.5, 1e-9)
        check("Item c" in out.err and "Only 4 link items" in out.err, out.err)


@case("mean-sigma is said not to fit rasch and pcm; one item has no link error")
def _():
    with workspace() as folder:
        items = {name: (1, steps) for name, (_, steps) in GPCM.items()}
        start, end = folder_of(folder / "from", "pcm", items), folder_of(folder / "to", "pcm", moved(items, 1, 0.3))
        out = must("irt", "link", "--from", start, "--to", end, "--method", "mean-sigma", "--json")
        check(out.json["fits_model"] is False and "does not fit" in out.err, out.err)
        one = folder_of(folder / "one", "pcm", {"a": (1, [-0.7, 0.6])})
        out = must("irt", "link", "--from", start, "--to", one, "--method", "haebara", "--json")
        check(out.json["link_error"] is None and out.json["link_error_jackknife"] is None and out.json["trend"] is True)


@case("wrong usage and folders that do not go together")
def _():
    with workspace() as folder:
        start, end = folder_of(folder / "from", "gpcm", GPCM), folder_of(folder / "to", "grm", GPCM)
        stranger = folder_of(folder / "stranger", "gpcm", {"z": (1, [0.1])})
        check(laerke("irt", "link", "--from", start, "--to", end).code == 2)
        check(laerke("irt", "link", "--from", start, "--to", end, "--method", "mean").code == 2)
        failed = laerke("irt", "link", "--from", start, "--to", end, "--method", "haebara")
        check(failed.code == 1 and "gpcm" in failed.err and "grm" in failed.err, failed.err)
        failed = laerke("irt", "link", "--from", start, "--to", stranger, "--method", "haebara")
        check(failed.code == 1 and "no item in common" in failed.err, failed.err)
        failed = laerke("irt", "link", "--from", folder / "nowhere", "--to", end, "--method", "haebara")
        check(failed.code == 1 and "nowhere" in failed.err, failed.err)
        check("nan" not in failed.out.lower())


finish()
