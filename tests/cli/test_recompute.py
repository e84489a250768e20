"""Every frozen number, computed again from answers, units and plausible values by tests/recompute.py."""
import collections
import math

import recompute
from tap import case, check, finish, must, near, workspace

HALF, NEARLY = .5, .005  # what rounding takes, and what float32 scores and solved components may be off


def rounded(found, exact, what, more=0.0):
    near(found, exact, HALF + NEARLY + more, what)


def rounded_bound(found, exact, what):
    """A bound beyond 0 is never shown as 0."""
    if not (abs(found) == 1 and 0 < found * exact < HALF):
        rounded(found, exact, what, .3)


def solve_components(study, key, scale):
    """The variance components that explain the frozen model errors, and the largest misfit in tenths of a point."""
    components = None
    for _ in range(30):  # what plausible values add hangs on the components a little
        rows = []
        for u, (_, part) in study.parts(key).items():
            cell = scale.cells[u]
            if part["shown"] and study.units.kind[u] != "class" and cell.model:
                weight = 1 / part["se"]
                rows.append(([c * weight for c in cell.model], (part["se"] ** 2 - cell.added(components)) * weight))
        components = recompute.solve(rows)
    scale.complete(components)


def check_responses(study):
    for u, frozen in study.frozen.items():
        for survey, response in zip([s for s in study.surveys if s.invited[u]], frozen["responses"]):
            enough = survey.answered[u] >= frozen["minimum_group"]
            check(response["shown"] == enough, f"{u}: response {response}")
            check(not enough or (response["invited"], response["n"]) == (survey.invited[u], survey.answered[u]), f"{u}: {response}")


def check_shown(study, key, scale):
    survey, definition = study.definitions[key]
    n = collections.Counter({u: len(persons) for u, persons in scale.of.items()})
    expected = recompute.shown_cells(study.units, n, study.frozen[study.units.order[0]]["minimum_group"])
    for u, (frozen, part) in study.parts(key).items():
        check(part["shown"] == expected[u], f"{key} {u}: shown {part['shown']}")
        if not part["shown"]:
            check(part.get("n") is None and part.get("mean") is None and not frozen["comparisons"], f"{key} {u}: hidden, with numbers")


def check_cells(study, key, scale):
    """Numbers of one scale; returns how many were compared."""
    solve_components(study, key, scale)
    shown = collections.defaultdict(list)
    for u, (frozen, part) in study.parts(key).items():
        if not part["shown"]:
            continue
        cell, what = scale.cells[u], f"{key[1]}, unit {u} ({study.units.kind[u]})"
        check(part["n"] == cell.n and part["invited"] == scale.survey.invited[u], f"{what}: n")
        rounded(part["raw_mean"], cell.mean, f"{what}: raw mean")
        check((part["sd"] is None) == (cell.n < recompute.MINIMUM_SD), f"{what}: SD with n = {cell.n}")
        if part["sd"] is not None:
            rounded(part["sd"], cell.sd, f"{what}: SD")
        if study.units.kind[u] == "class":  # the posterior is not stored
            cell.mean, cell.se, cell.df = part["mean"], part["se"], math.inf
            rounded(part["low"], cell.mean - 1.96 * cell.se, f"{what}: low", HALF + .1)
            rounded(part["high"], cell.mean + 1.96 * cell.se, f"{what}: high", HALF + .1)
            near(part["mean"], part["raw_mean"], 80, f"{what}: shrunken mean")
        else:
            # Components solved from errors with one decimal are near, not exact.
            near(part["se"], cell.se, .05 + (.05 if cell.model else NEARLY), f"{what}: SE")
            half = recompute.t_quantile(.95, cell.df) * cell.se
            rounded(part["mean"], cell.mean, f"{what}: mean")
            rounded(part["low"], cell.mean - half, f"{what}: low", .2 if cell.model else 0)
            rounded(part["high"], cell.mean + half, f"{what}: high", .2 if cell.model else 0)
        shown[study.units.kind[u]].append((frozen, cell.mean))
        check([c["with"] for c in frozen["comparisons"]] == list(cell.references), f"{what}: compared with {frozen['comparisons']}")
    for kind, cells in shown.items():
        low, high = recompute.quartiles([value for _, value in cells]) if len(cells) >= recompute.BAND_UNITS else (0, 0)
        for frozen, _ in cells:
            band = frozen["band"] or [0, 0]
            off = .5 if kind == "class" else 0
            rounded(band[0], low, f"{key[1]} {kind}: band", off)
            rounded(band[1], high, f"{key[1]} {kind}: band", off)
    return sum(map(len, shown.values()))


def check_verdicts(study):
    """A unit's contrasts over all scales are one family."""
    words, strays = collections.Counter(), 0
    for u, frozen in study.frozen.items():
        family, found = [], []
        for scale in frozen["scales"]:
            key = scale["instrument"], scale["scale"]
            for comparison in scale["comparisons"]:
                cell = study.scales[key].cells[u]
                reference = cell.references[comparison["with"]]
                rounded(comparison["reference"], reference[0], f"{u} {key}: reference")
                family.append(recompute.difference(cell.mean, cell.se, cell.df, reference, study.units.kind[u] == "class"))
                found.append(comparison)
        # What is known of a class is rounded, and at the edge of .05 or of being flagged its interval is another.
        is_class = study.units.kind[u] == "class"
        for (low, high, word), (d, se, df), comparison in zip(recompute.judge(family), family, found):
            what = f"unit {u} ({study.units.kind[u]}), {comparison}: {d} in {low}–{high}"
            words[study.units.kind[u], comparison["verdict"]] += 1
            rounded(comparison["difference"], d, what, HALF if is_class else 0)
            edge = min(abs(low), abs(high), abs(10 + low), abs(10 - high), *(abs(abs(d) - bound) for bound in (10, 20, 40)))
            if comparison["verdict"] != word and edge < (1.5 if is_class else .3):
                continue
            if is_class:
                widths = [2 * se * recompute.t_quantile(1 - q, df) for q in (.05, .05 / len(family))]
                near(comparison["low"] + comparison["high"], 2 * d, 2.1, what)
                check(widths[0] - 2 < comparison["high"] - comparison["low"] < widths[1] + 2, what)
                strays += comparison["verdict"] != word
                continue
            check(comparison["verdict"] == word, f"{what} is {word}")
            rounded_bound(comparison["low"], low, what)
            rounded_bound(comparison["high"], high, what)
    check(strays <= sum(words.values()) / 500, f"{strays} of {sum(words.values())} words on classes are others")
    return words


def check_answers(study):
    """Shares of items: whole per cents of the counts, from 30 answers that are not all alike."""
    compared = 0
    for key, (survey, definition) in study.definitions.items():
        if definition.get("use") != "shares":
            continue
        for item in definition["items"]:
            at = survey.items.index(item)
            counts = collections.defaultdict(lambda: [0] * survey.categories[at])
            for unit, _, _, _, vector in survey.rows:
                for u in study.units.upwards(unit) if vector[at] < survey.categories[at] else ():
                    counts[u][vector[at]] += 1
            for u, (_, part) in study.parts(key).items():
                for answers in part["categories"] if part["shown"] else ():
                    if answers["item"] != item or not answers["shown"]:
                        continue
                    n = sum(counts[u])
                    check(answers["n"] == n >= 30 and max(counts[u]) < n, f"{u} {item}: {answers} of {counts[u]}")
                    check(sum(answers["shares"]) == 100, f"{u} {item}: {answers}")
                    for share, count in zip(answers["shares"], counts[u]):
                        check(abs(share - 100 * count / n) < 1, f"{u} {item}: {answers} of {counts[u]}")
                    compared += 1
    return compared


@case("frozen results are what answers and plausible values give")
def _():
    with workspace() as folder:
        must("demo", folder / "p", "--pupils", 3600, "--schools", 18, "--seed", 7)
        study = recompute.Study(folder / "p")
        check_responses(study)
        check(len(study.scales) == 9, study.scales.keys())
        compared = 0
        for key, scale in study.scales.items():
            check(scale.fits, f"{key}: scores of other persons than answered ({scale.persons})")
            check_shown(study, key, scale)
            compared += check_cells(study, key, scale)
        words = check_verdicts(study)
        check(compared > 800 and check_answers(study) > 100, compared)
        check(sum(words.values()) > 900 and sum(n for (_, word), n in words.items() if word != "unclear") > 10, words)


@case("two schools of one municipality: nothing to compare with, and no interval without end")
def _():
    with workspace() as folder:
        must("demo", folder / "p", "--pupils", 300, "--schools", 2)
        study = recompute.Study(folder / "p")
        check_responses(study)
        for key, scale in study.scales.items():
            check_shown(study, key, scale)
            check_cells(study, key, scale)


finish()
