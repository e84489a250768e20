"""What `publish` freezes, computed a second time from the study store: scores, answers and units in, numbers
out. Nothing of the program is used. `points` below are unrounded; what is frozen is rounded from them.

What the store does not hold is the variance components of each draw and the posteriors of classes. A
model error is Rubin's between part + τ²_class Σ(n_c/n)² + σ²/n (+ τ²_school Σ(n_s/n)²), linear in two (three)
numbers of the scale: solve() finds them from all units' frozen errors, which then have to fit every one.
"""
import collections
import json
import math
import sqlite3
import struct

DRAWS, MINIMUM_SD, BAND_UNITS, REFERENCE_SCHOOLS = 10, 30, 8, 5
JACKKNIFE_SCHOOLS, JACKKNIFE_CLASSES = 10, 30


# ---- Student's t ----

def beta_fraction(a, b, x):
    """Continued fraction of the incomplete beta (Lentz)."""
    tiny, c, d = 1e-300, 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    h = d
    for m in range(1, 2000):
        for top in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                    -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d, c = 1 + top * d, 1 + top / c
            d, c = 1 / (d if abs(d) > tiny else tiny), c if abs(c) > tiny else tiny
            h *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return h


def two_sided(t, df):
    """P(|T| > t)."""
    if df > 1e7:
        return math.erfc(t / math.sqrt(2))
    x, a, b = df / (df + t * t), df / 2, .5
    if t == 0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    return front * beta_fraction(a, b, x) / a if x < (a + 1) / (a + b + 2) else 1 - front * beta_fraction(b, a, 1 - x) / b


def t_quantile(confidence, df):
    low, high = 0.0, 1e4
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided(middle, df) > 1 - confidence else (low, middle)
    return (low + high) / 2


# ---- what was collected ----

class Survey:
    """One instrument of a wave: its rows in canonical order, and the units they stand in."""

    def __init__(self, db, wave, instrument, units):
        _, self.code, self.respondent, definition = instrument
        self.definition = json.loads(definition)
        sets = self.definition.get("category_sets", {})
        size = lambda given: len(sets[given]) if isinstance(given, str) else given if isinstance(given, int) else len(given)
        self.items = [item["id"] for item in self.definition["items"]]
        self.categories = [size(item.get("categories", self.definition.get("categories")))
                           for item in self.definition["items"]]
        role = self.respondent if self.respondent in ("teacher", "pedagogue", "leader") else "pupil"
        rows = db.execute(
            "SELECT a.unit, COALESCE(e.grade, -1), COALESCE(e.gender, ''), a.state <> 'submitted', w.vector FROM assignment a "
            "LEFT JOIN enrolment e ON e.subject = a.subject AND e.unit = a.unit AND e.wave = a.wave AND e.role = ? "
            "LEFT JOIN answer w ON w.assignment = a.id WHERE a.wave = ? AND a.instrument = ?", (role, wave, instrument[0]))
        nothing = b"\xff" * len(self.items)
        self.rows = sorted((unit, grade, gender, silent, nothing if silent or vector is None else bytes(vector))
                           for unit, grade, gender, silent, vector in rows)
        self.invited, self.answered = collections.Counter(), collections.Counter()
        for unit, _, _, silent, _ in self.rows:
            for above in units.upwards(unit):
                self.invited[above] += 1
                self.answered[above] += not silent

    def persons(self, scale):
        """(row, counts in results) of those with an answer to the scale, in the order of its scores."""
        of = [self.items.index(item) for item in scale["items"]]
        used = {i for i in of if len({v[i] for *_, v in self.rows if v[i] < self.categories[i]}) > 1}
        for row in self.rows:
            vector = row[4]
            if any(vector[i] < self.categories[i] for i in used):
                yield row, 2 * sum(vector[i] < self.categories[i] for i in of) >= sum(vector[i] != 255 for i in of)


class Units:
    def __init__(self, db):
        rows = db.execute("SELECT id, kind, COALESCE(parent, 0), code, COALESCE(grade, -1) FROM unit").fetchall()
        self.kind = {row[0]: row[1] for row in rows}
        self.parent = {row[0]: row[2] for row in rows}
        below = collections.defaultdict(list)
        for row in sorted(rows, key=lambda row: row[3]):
            below[row[2]].append(row[0])
        self.order, open_ = [], [below[0][0]]
        while open_:
            self.order.append(open_.pop())
            open_ += reversed(below[self.order[-1]])
        self.children = below

    def upwards(self, unit):
        while unit:
            yield unit
            unit = self.parent[unit]

    def above(self, unit, kind):
        return next((u for u in self.upwards(unit) if self.kind[u] == kind), 0)


# ---- numbers ----

def mean(values):
    return math.fsum(values) / len(values)


def variance(values):
    middle = mean(values)
    return math.fsum((v - middle) ** 2 for v in values) / (len(values) - 1)


def rubin(within, between, complete_df):
    """SE and degrees of freedom (Johnson and Rust 1992)."""
    added = (1 + 1 / DRAWS) * between
    total = within + added
    share = added / total
    df = 1 / ((1 - share) ** 2 / complete_df + share ** 2 / (DRAWS - 1))
    return math.sqrt(total), df


def jackknife(groups, strata):
    """Mean over draws of the JKn variance by leaving each cluster out by hand; groups: cluster → persons' draws."""
    joined, waiting = [], []
    for stratum in sorted(strata):
        waiting += strata[stratum]
        if len(waiting) > 1:
            joined.append(waiting)
            waiting = []
    if waiting and joined:
        joined[-1] += waiting
    sums = {c: [math.fsum(p[d] for p in persons) for d in range(DRAWS)] for c, persons in groups.items()}
    total = 0
    for d in range(DRAWS):
        for members in joined:
            n, replicates = len(members), []
            for out in members:
                weight = {c: n / (n - 1) if c in members else 1 for c in groups}
                weight[out] = 0
                replicates.append(math.fsum(weight[c] * sums[c][d] for c in groups) /
                                  math.fsum(weight[c] * len(groups[c]) for c in groups))
            total += (n - 1) / n * math.fsum((r - mean(replicates)) ** 2 for r in replicates)
    return total / DRAWS, len(groups) - len(joined)


def squares(groups, n):
    return math.fsum((len(persons) / n) ** 2 for persons in groups.values())


def solve(rows):
    """Least squares of (coefficients, value); the coefficients' number is small."""
    k = len(rows[0][0])
    a = [[math.fsum(r[i] * r[j] for r, _ in rows) for j in range(k)] + [math.fsum(r[i] * v for r, v in rows)] for i in range(k)]
    for i in range(k):
        pivot = max(range(i, k), key=lambda r: abs(a[r][i]))
        a[i], a[pivot] = a[pivot], a[i]
        if abs(a[i][i]) < 1e-12:
            continue
        for r in range(k):
            if r != i:
                a[r] = [x - a[r][i] / a[i][i] * y for x, y in zip(a[r], a[i])]
    return [a[i][k] / a[i][i] if abs(a[i][i]) >= 1e-12 else 0 for i in range(k)]


def shown_cells(units, n, minimum):
    """disclosure: under the minimum; alone (or too few together) among hidden siblings; below what is hidden."""
    shown = {u: n[u] >= minimum for u in units.order}
    for u in units.order:
        if units.parent[u] and not shown[units.parent[u]]:
            shown[u] = False
        while shown[u]:
            hidden = [c for c in units.children[u] if not shown[c] and n[c]]
            left = [c for c in sorted(units.children[u], key=units.order.index) if shown[c]]
            if not hidden or not left or (len(hidden) > 1 and sum(n[c] for c in hidden) >= minimum):
                break
            shown[min(left, key=lambda c: n[c])] = False
    return shown


class Cell:
    """One unit × scale, unrounded."""
    mean = raw = sd = se = df = between = None
    model = None   # coefficients of τ²_class, σ² and τ²_school in the variance, where that is the model's
    references = ()
    is_school = False

    def added(self, components):
        """What plausible values add to a model error; a school's have been drawn towards the others'."""
        added = (1 + 1 / DRAWS) * self.between
        if self.is_school and components and components[2] > 0:
            within = self.model[0] * components[0] + self.model[1] * components[1]
            added -= 2 * min(added / (within + components[2]), .5) * within
        return added


class Scale:
    """A scale with points."""

    def __init__(self, survey, scale, scores, units):
        self.units, self.survey = units, survey
        persons = list(survey.persons(scale))
        self.persons = len(persons)
        line = struct.Struct("<11f")
        self.fits = len(scores) == len(persons) * line.size
        scored = [(row, line.unpack_from(scores, i * line.size)) for i, (row, counts) in enumerate(persons) if counts]
        self.of = collections.defaultdict(list)
        for row, values in scored:
            for u in units.upwards(row[0]):
                self.of[u].append((row[0], row[1], values[1:]))
        self.grades = sorted({grade for _, grade, _ in self.of[units.order[0]]})
        self.standards = {}
        self.cells = {u: self.cell(u) for u in units.order if len(self.of[u]) > 1}
        for u, cell in self.cells.items():
            cell.references = dict(self.references(u))

    def by(self, unit, kind):
        groups = collections.defaultdict(list)
        for at, _, values in self.of[unit]:
            groups[self.units.above(at, kind)].append(values)
        return groups

    def cell(self, u):
        cell, persons, kind = Cell(), self.of[u], self.units.kind[u]
        n = cell.n = len(persons)
        cell.is_school = kind == "school"
        draws = [[values[d] for *_, values in persons] for d in range(DRAWS)]
        cell.draws = [mean(each) for each in draws]
        cell.mean, cell.between = mean(cell.draws), variance(cell.draws)
        cell.sd = math.sqrt(mean([variance(each) for each in draws]))
        schools, classes = self.by(u, "school"), self.by(u, "class")
        if kind in ("programme", "municipality") and len(schools) >= JACKKNIFE_SCHOOLS:
            strata = collections.defaultdict(list)
            for school in schools:
                strata[self.units.order.index(self.units.above(school, "municipality")) if kind == "programme" else 0].append(school)
            cell.se, cell.df = self.total(jackknife(schools, strata), cell)
        elif kind == "school" and len(classes) >= JACKKNIFE_CLASSES:
            cell.se, cell.df = self.total(jackknife(classes, {0: list(classes)}), cell)
        else:
            cell.model = [squares(classes, n), 1 / n, squares(schools, n) if kind in ("programme", "municipality") else 0]
        return cell

    @staticmethod
    def total(found, cell):
        return rubin(found[0], cell.between, found[1])

    def complete(self, components):
        """Gives model errors the variance components."""
        for cell in self.cells.values():
            if cell.model:
                parts = [c * v for c, v in zip(cell.model, components)]
                cell.se, cell.df = rubin(parts[0] + parts[1], cell.between, math.inf)
                cell.se = math.sqrt(cell.se ** 2 + parts[2])
                if cell.is_school and components[2] > 0:
                    within, added = parts[0] + parts[1], cell.added(components)
                    cell.se = math.sqrt(within + added)
                    cell.df = (DRAWS - 1) / (added / (within + added)) ** 2

    def standard(self, unit):
        """Grades' sizes, their means in each draw, and the delete-one-school covariance of the means."""
        if unit in self.standards:
            return self.standards[unit]
        groups = collections.defaultdict(lambda: collections.defaultdict(list))
        for at, grade, values in self.of[unit]:
            school = self.units.above(at, "school")
            if school:
                groups[school][grade].append(values)
        n = {g: sum(len(s[g]) for s in groups.values()) for g in self.grades}
        sums = {s: {g: [math.fsum(p[d] for p in of[g]) for d in range(DRAWS)] for g in self.grades} for s, of in groups.items()}
        means = [{g: math.fsum(s[g][d] for s in sums.values()) / n[g] if n[g] else 0 for g in self.grades} for d in range(DRAWS)]
        k, moves = len(groups), []
        for d in range(DRAWS):
            for s in groups:
                rest = {g: n[g] - len(groups[s][g]) for g in self.grades}
                moves.append({g: (means[d][g] * n[g] - sums[s][g][d]) / rest[g] - means[d][g] if rest[g] else 0 for g in self.grades})
        self.standards[unit] = n, means, moves, k
        return self.standards[unit]

    def references(self, u):
        if self.units.kind[u] == "programme":
            return
        grades = collections.Counter(grade for _, grade, _ in self.of[u])
        share = {g: grades[g] / len(self.of[u]) for g in self.grades}
        municipality = self.units.above(u, "municipality")
        for name, unit in (("programme", self.units.order[0]), ("municipality", municipality if municipality != u else 0)):
            if not unit:
                continue
            n, means, moves, schools = self.standard(unit)
            overlap = math.fsum(share[g] * grades[g] / n[g] for g in self.grades if n[g])
            if schools < REFERENCE_SCHOOLS or overlap > .95:
                continue
            draws = [math.fsum(share[g] * m[g] for g in self.grades) for m in means]
            spread = (schools - 1) / schools / DRAWS * math.fsum(
                math.fsum(share[g] * move[g] for g in self.grades) ** 2 for move in moves)
            yield name, (mean(draws), spread, overlap, variance(draws), schools)


def difference(value, se, df, reference, shrunken):
    """Estimate, its SE and degrees of freedom."""
    at, spread, overlap, between, schools = reference
    own = (1 - overlap) ** 2 * se * se
    rest = max(0, spread - overlap ** 2 * se * se)
    imputed = (1 + 1 / DRAWS) * between if shrunken else 0
    total = own + rest + imputed
    apart = own ** 2 / df + rest ** 2 / (schools - 1)
    return value - at, math.sqrt(total), total ** 2 / apart if apart else math.inf


def judge(family, q=.05):
    """[(d, se, df)] → [(low, high, word)]: Benjamini–Hochberg, intervals of Benjamini and Yekutieli."""
    p = [two_sided(abs(d) / se, df) for d, se, df in family]
    m = len(p)
    flagged = max([rank for rank, each in enumerate(sorted(p), 1) if each <= q * rank / m], default=0)
    out = []
    for (d, se, df), each in zip(family, p):
        half = se * t_quantile(1 - (q * max(flagged, 1) / m if each < q else q), df)
        low, high = d - half, d + half
        if -10 < low and high < 10:
            word = "no_difference"
        elif low <= 0 <= high:
            word = "unclear"
        else:
            word = next(name for name, below in (("very_small", 10), ("small", 20), ("clear", 40), ("large", math.inf)) if abs(d) < below)
        out.append((low, high, word))
    return out


def quartiles(values):
    values = sorted(values)
    at = lambda p: (p * (len(values) - 1), int(p * (len(values) - 1)))
    return [values[i] + (x - i) * (values[min(i + 1, len(values) - 1)] - values[i]) for x, i in (at(.25), at(.75))]


class Study:
    """A study store's newest publication: .units, .surveys, .frozen[unit], .scales[code] (those with points)."""

    def __init__(self, folder, wave=1):
        with sqlite3.connect(f"{folder}/study.db") as db:
            self.units = Units(db)
            publication = db.execute("SELECT MAX(id) FROM publication WHERE wave = ?", (wave,)).fetchone()[0]
            self.frozen = {u: json.loads(text) for u, text in
                           db.execute("SELECT unit, frozen FROM result WHERE publication = ?", (publication,))}
            self.surveys, self.scales, self.definitions = [], {}, {}
            for instrument in db.execute("SELECT i.id, i.code, i.respondent, i.definition FROM instrument i JOIN wave_instrument w "
                                         "ON w.instrument = i.id WHERE w.wave = ? ORDER BY i.id", (wave,)).fetchall():
                survey = Survey(db, wave, instrument, self.units)
                self.surveys.append(survey)
                for scale in survey.definition["scales"]:
                    self.definitions[survey.code, scale["code"]] = survey, scale
                    for (scores,) in db.execute("SELECT scores FROM score WHERE publication = ? AND instrument = ? AND scale = ?",
                                                (publication, instrument[0], scale["code"])):
                        self.scales[survey.code, scale["code"]] = Scale(survey, scale, scores, self.units)

    def parts(self, key):
        """unit → (the frozen scale, its part "all")."""
        out = {}
        for u, frozen in self.frozen.items():
            for scale in frozen["scales"]:
                if (scale["instrument"], scale["scale"]) == key:
                    out[u] = scale, next(part for part in scale["parts"] if part["part"] == "all")
        return out
