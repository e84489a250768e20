#include "stat/change.h"

#include "base/arena.h"
#include "base/error.h"
#include "stat/change_jackknife.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A statistic is made from sums over rows, kept by wave and cluster. Means: two sums a cell (Σw,
 * Σwy), cells the grades or one for everybody. Slopes: five (Σw, Σwx, Σwy, Σwxx, Σwxy). Values are
 * taken from their mean over all rows, so that nothing is lost in the sums. */
enum { SLOPE_SUMS = 5 };

struct work {
    const struct change_input *input;
    const int *cell;          /* of a row; NULL: one cell */
    const double *background; /* NULL: means */
    size_t n_cells, n_sums;
    const int *wave;       /* of a row: 0, 1 or −1 */
    const double *weights; /* may be NULL */
    unsigned char *present;
    struct two_waves waves;
    double centre, x_centre;
    double *sums[2];      /* [cluster * n_sums + k] */
    double *total[2];     /* [n_sums] */
    double *of_stratum;   /* [n_sums] */
    double *reduced;      /* [n_sums] */
    double *replicate[2]; /* [cluster] */
    double *pieces;       /* [4 * stratum + pattern], means over draws */
    double *values, *variances;
    size_t (*row_of)[2]; /* a person's row in each wave, plus 1; NULL: persons unknown */
};

static double weight_of(const struct work *s, size_t row) {
    return s->weights ? s->weights[row] : 1;
}

/* ---- the statistic ---- */

static double slope_of(const double *sums) {
    double xx = sums[3] - sums[1] * sums[1] / sums[0];
    return xx > 1e-12 * sums[3] ? (sums[4] - sums[1] * sums[2] / sums[0]) / xx : NAN;
}

/* One wave's own number: the mean of its cells with the first wave's shares, over the cells that
 * both waves have. */
static double level_of(const struct work *s, int wave) {
    const double *first = s->total[0], *second = s->total[1], *own = s->total[wave];
    double weight = 0, sum = 0;
    if (s->background) return slope_of(own);
    for (size_t g = 0; g < s->n_cells; g++) {
        if (!(first[2 * g] > 0) || !(second[2 * g] > 0)) continue;
        weight += first[2 * g];
        sum += first[2 * g] * own[2 * g + 1] / own[2 * g];
    }
    return sum / weight + s->centre;
}

/* The change: over the cells that both waves have. */
static double change_of(const struct work *s, const double *first, const double *second) {
    double weight = 0, sum = 0;
    if (s->background) return slope_of(second) - slope_of(first);
    for (size_t g = 0; g < s->n_cells; g++) {
        if (!(first[2 * g] > 0) || !(second[2 * g] > 0)) continue;
        weight += first[2 * g];
        sum += first[2 * g] * (second[2 * g + 1] / second[2 * g] - first[2 * g + 1] / first[2 * g]);
    }
    return weight > 0 ? sum / weight : NAN;
}

static void add_row(const struct work *s, size_t row, double y, double *sums) {
    double w = weight_of(s, row);
    if (s->background) {
        double x = s->background[row] - s->x_centre;
        sums[0] += w;
        sums[1] += w * x;
        sums[2] += w * y;
        sums[3] += w * x * x;
        sums[4] += w * x * y;
        return;
    }
    double *cell = sums + (s->cell ? 2 * (size_t)s->cell[row] : 0);
    cell[0] += w;
    cell[1] += w * y;
}

/* What one row adds to the change, to first order. */
static double influence(const struct work *s, size_t row, double y) {
    int wave = s->wave[row];
    const double *own = s->total[wave];
    double w = weight_of(s, row), sign = wave ? 1 : -1;
    if (s->background) {
        double x = s->background[row] - s->x_centre - own[1] / own[0];
        double residual = y - own[2] / own[0] - slope_of(own) * x;
        return sign * w * x * residual / (own[3] - own[1] * own[1] / own[0]);
    }
    size_t g = s->cell ? 2 * (size_t)s->cell[row] : 0;
    const double *first = s->total[0], *second = s->total[1];
    double weight = 0;
    if (!(first[g] > 0) || !(second[g] > 0)) return 0;
    for (size_t k = 0; k < s->n_cells; k++)
        if (second[2 * k] > 0) weight += first[2 * k];
    double effect = sign * w * first[g] / weight * (y - own[g + 1] / own[g]) / own[g];
    if (wave == 0)
        effect +=
            w / weight *
            (second[g + 1] / second[g] - first[g + 1] / first[g] - change_of(s, first, second));
    return effect;
}

/* ---- one draw ---- */

static void add_up(struct work *s, const double *y) {
    const struct change_input *input = s->input;
    size_t k = s->n_sums, rows = 0;
    s->centre = s->x_centre = 0;
    for (size_t i = 0; i < input->n; i++) {
        if (s->wave[i] < 0) continue;
        s->centre += y[i];
        if (s->background) s->x_centre += s->background[i];
        rows++;
    }
    s->centre /= (double)rows;
    s->x_centre /= (double)rows;
    for (int w = 0; w < 2; w++) {
        memset(s->sums[w], 0, input->n_clusters * k * sizeof *s->sums[w]);
        memset(s->total[w], 0, k * sizeof *s->total[w]);
    }
    for (size_t i = 0; i < input->n; i++)
        if (s->wave[i] >= 0)
            add_row(s, i, y[i] - s->centre, s->sums[s->wave[i]] + (size_t)input->cluster[i] * k);
    for (int w = 0; w < 2; w++)
        for (size_t c = 0; c < input->n_clusters; c++)
            for (size_t j = 0; j < k; j++) s->total[w][j] += s->sums[w][c * k + j];
}

/* The replicates of wave w in a stratum: the change without each of its clusters there. */
static void replicate(struct work *s, size_t stratum, int w) {
    size_t k = s->n_sums, from = stratum ? s->waves.ends[stratum - 1] : 0;
    size_t end = s->waves.ends[stratum];
    double n = (double)s->waves.count[stratum][w], grow = n / (n - 1);
    memset(s->of_stratum, 0, k * sizeof *s->of_stratum);
    for (size_t i = from; i < end; i++)
        for (size_t j = 0; j < k; j++) s->of_stratum[j] += s->sums[w][s->waves.order[i] * k + j];
    for (size_t i = from; i < end; i++) {
        size_t cluster = s->waves.order[i];
        const double *sums = s->sums[w] + cluster * k;
        if (!(s->present[cluster] >> w & 1)) continue;
        for (size_t j = 0; j < k; j++)
            s->reduced[j] = s->total[w][j] - s->of_stratum[j] + (s->of_stratum[j] - sums[j]) * grow;
        /* Where the cluster is all there is of a cell, rounding must not leave a trace. */
        for (size_t g = 0; g < s->n_cells; g++)
            if (s->reduced[2 * g] <= 1e-12 * s->total[w][2 * g]) s->reduced[2 * g] = 0;
        s->replicate[w][i - from] = w ? change_of(s, s->total[0], s->reduced)
                                      : change_of(s, s->reduced, s->total[1]);
    }
}

/* Twice the products of the persons who are in different clusters in the two waves: the clusters'
 * squares hold the others. */
static double moved(const struct work *s, const double *y) {
    double sum = 0, both = 0;
    for (size_t p = 0; s->row_of && p < s->input->n_persons; p++) {
        const size_t *row = s->row_of[p];
        if (!row[0] || !row[1]) continue;
        both++;
        if (s->input->cluster[row[0] - 1] == s->input->cluster[row[1] - 1]) continue;
        sum += 2 * influence(s, row[0] - 1, y[row[0] - 1] - s->centre) *
               influence(s, row[1] - 1, y[row[1] - 1] - s->centre);
    }
    return both > 1 ? sum * both / (both - 1) : 0;
}

static bool one_draw(struct work *s, size_t draw, struct change *out, struct error *error) {
    const double *y = s->input->values + draw * s->input->n;
    double draws = (double)s->input->draws, variance = 0;
    size_t n_pieces = 4 * s->waves.n_strata;
    double *pieces = s->pieces + n_pieces;
    add_up(s, y);
    memset(pieces, 0, n_pieces * sizeof *pieces);
    for (size_t h = 0; h < s->waves.n_strata; h++) {
        for (int w = 0; w < 2; w++) replicate(s, h, w);
        two_waves_square(&s->waves, h, s->replicate, pieces);
    }
    for (size_t i = 0; i < n_pieces; i++) {
        variance += pieces[i];
        s->pieces[i] += pieces[i] / draws;
    }
    if (isnan(variance)) return error_plain(error, "stat.replicate_empty");
    /* What persons share may not use up all the error. */
    double corrected = variance + moved(s, y);
    s->variances[draw] = corrected > 0 ? corrected : variance;
    s->values[draw] = change_of(s, s->total[0], s->total[1]);
    out->from += level_of(s, 0) / draws;
    out->to += level_of(s, 1) / draws;
    return true;
}

/* ---- what goes in ---- */

static bool number_persons(struct work *s, struct change *out, struct arena *arena,
                           struct error *error) {
    const struct change_input *input = s->input;
    if (!input->person) return true;
    s->row_of = arena_array(arena, input->n_persons, sizeof *s->row_of);
    if (!s->row_of) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < input->n; i++) {
        int person = input->person[i], wave = input->wave[i];
        if ((wave != 0 && wave != 1) || person < 0) continue;
        size_t *row = &s->row_of[person][wave];
        if (*row)
            return error_set(error, "stat.person_twice", ARG_INT("person", person),
                             ARG_INT("wave", wave));
        *row = i + 1;
    }
    for (size_t p = 0; p < input->n_persons; p++)
        out->persons_both += s->row_of[p][0] && s->row_of[p][1];
    return true;
}

/* Rows and clusters of each wave; two clusters a wave at least. */
static bool count(struct work *s, struct change *out, struct error *error) {
    const struct change_input *input = s->input;
    for (size_t i = 0; i < input->n; i++) {
        int wave = s->wave[i];
        if (wave != 0 && wave != 1) continue;
        if (input->cluster[i] < 0 || (size_t)input->cluster[i] >= input->n_clusters)
            return error_plain(error, "stat.cluster");
        s->present[input->cluster[i]] |= (unsigned char)(1 << wave);
        out->rows[wave]++;
    }
    for (size_t c = 0; c < input->n_clusters; c++) {
        for (int w = 0; w < 2; w++) out->clusters[w] += s->present[c] >> w & 1;
        out->clusters_both += s->present[c] == 3;
    }
    for (int w = 0; w < 2; w++) {
        if (out->rows[w] == 0) return error_set(error, "stat.wave_empty", ARG_INT("wave", w));
        if (out->clusters[w] < 2) return error_set(error, "stat.wave_clusters", ARG_INT("wave", w));
    }
    return true;
}

static bool make_room(struct work *s, struct arena *arena) {
    size_t clusters = s->input->n_clusters, k = s->n_sums;
    for (int w = 0; w < 2; w++) {
        s->sums[w] = arena_array(arena, clusters, k * sizeof(double));
        s->total[w] = arena_array(arena, k, sizeof(double));
        s->replicate[w] = arena_array(arena, clusters, sizeof(double));
        if (!s->sums[w] || !s->total[w] || !s->replicate[w]) return false;
    }
    s->of_stratum = arena_array(arena, k, sizeof(double));
    s->reduced = arena_array(arena, k, sizeof(double));
    s->pieces = arena_array(arena, 8 * s->waves.n_strata, sizeof(double));
    s->values = arena_array(arena, s->input->draws, 2 * sizeof(double));
    s->variances = s->values ? s->values + s->input->draws : NULL;
    return s->of_stratum && s->reduced && s->pieces && s->values;
}

/* Everything but the link: the waves must have something to compare. */
static bool estimate(struct work *s, struct arena *arena, struct change *out, struct error *error) {
    const struct change_input *input = s->input;
    s->present = arena_array(arena, input->n_clusters, 1);
    if (!s->present) return error_plain(error, "stat.memory");
    if (!(input->link_se >= 0) || !isfinite(input->link_se))
        return error_plain(error, "stat.link_error");
    if (!count(s, out, error)) return false;
    if (!two_waves_make(input->n_clusters, s->present, input->stratum, arena, &s->waves) ||
        !make_room(s, arena))
        return error_plain(error, "stat.memory");
    add_up(s, input->values);
    for (int w = 0; w < 2 && s->background; w++)
        if (isnan(slope_of(s->total[w])))
            return error_set(error, "stat.wave_constant", ARG_INT("wave", w));
    for (size_t g = 0; g < s->n_cells && !s->background; g++)
        out->cells += s->total[0][2 * g] > 0 && s->total[1][2 * g] > 0;
    if (!s->background && out->cells == 0) return error_plain(error, "stat.no_common_grade");
    for (size_t draw = 0; draw < input->draws; draw++)
        if (!one_draw(s, draw, out, error)) return false;
    out->change =
        rubin_combine(input->draws, s->values, s->variances, two_waves_df(&s->waves, s->pieces));
    out->sampling_se = out->change.se;
    return true;
}

/* The link's error, known, beside one with df degrees of freedom. */
static void add_link(struct change *out, double link_se) {
    double sampling = out->change.se * out->change.se, total = sampling + link_se * link_se;
    if (!(link_se > 0)) return;
    out->change.se = sqrt(total);
    out->change.df = sampling > 0 ? out->change.df * (total / sampling) * (total / sampling)
                                  : HUGE_VAL;
}

/* ---- the four measures ---- */

static int *clean_waves(const struct change_input *input, struct arena *arena) {
    int *wave = arena_array(arena, input->n + 1, sizeof *wave);
    for (size_t i = 0; wave && i < input->n; i++)
        wave[i] = input->wave[i] == 0 || input->wave[i] == 1 ? input->wave[i] : -1;
    return wave;
}

static bool run(struct work *s, struct arena *arena, struct change *out, struct error *error) {
    *out = (struct change){ 0 };
    s->wave = clean_waves(s->input, arena);
    s->weights = s->input->weights;
    if (!s->wave) return error_plain(error, "stat.memory");
    return number_persons(s, out, arena, error) && estimate(s, arena, out, error);
}

bool change_mean(const struct change_input *input, struct arena *arena, struct change *out,
                 struct error *error) {
    struct work s = { .input = input, .n_cells = 1, .n_sums = 2 };
    if (!run(&s, arena, out, error)) return false;
    add_link(out, input->link_se);
    return true;
}

bool change_same_grades(const struct change_input *input, const int *grade, size_t n_grades,
                        struct arena *arena, struct change *out, struct error *error) {
    struct work s = { .input = input, .cell = grade, .n_cells = n_grades, .n_sums = 2 * n_grades };
    if (!run(&s, arena, out, error)) return false;
    add_link(out, input->link_se);
    return true;
}

bool change_same_persons(const struct change_input *input, struct arena *arena, struct change *out,
                         struct error *error) {
    struct work s = { .input = input, .n_cells = 1, .n_sums = 2 };
    *out = (struct change){ 0 };
    if (!number_persons(&s, out, arena, error)) return false;
    if (!out->persons_both) return error_plain(error, "stat.no_common_person");
    int *wave = arena_array(arena, input->n + 1, sizeof *wave);
    double *weights = arena_array(arena, input->n + 1, sizeof *weights);
    if (!wave || !weights) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < input->n; i++) wave[i] = -1;
    for (size_t p = 0; p < input->n_persons; p++) {
        const size_t *row = s.row_of[p];
        if (!row[0] || !row[1]) continue;
        for (int w = 0; w < 2; w++) {
            wave[row[w] - 1] = w;
            weights[row[w] - 1] = input->weights ? input->weights[row[0] - 1] : 1;
        }
    }
    s.wave = wave;
    s.weights = weights;
    if (!estimate(&s, arena, out, error)) return false;
    add_link(out, input->link_se);
    return true;
}

bool change_slope(const struct change_input *input, const double *background, struct arena *arena,
                  struct change *out, struct error *error) {
    struct work s = { .input = input, .background = background, .n_sums = SLOPE_SUMS };
    return run(&s, arena, out, error);
}
