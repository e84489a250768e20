#include "scale/latent.h"

#include "base/arena.h"
#include "base/error.h"
#include "num/linear.h"
#include "num/pool.h"
#include "num/random.h"
#include "num/special.h"
#include "scale/latent_effects.h"
#include "scale/likelihood.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { DRAWS = 10, BURN_IN = 60, THIN = 10, THIN_MOST = 30, PERSONS_A_PIECE = 1024 };

/* Persons with an answer, in the order of their cells; what is by person is in that order. */
struct sampler {
    const struct latent_input *input;
    struct answer_patterns patterns;
    struct theta_grid grid;
    const struct likelihood *likelihood; /* one a pattern */
    uint32_t *pattern; /* of a person; numbered anew, so that patterns.of is out of date */
    size_t n, pieces;
    uint32_t *order; /* the person's number in the input: names his random numbers */
    uint32_t *part;
    double *x; /* columns scaled to a mean square of 1 */
    double *scale;
    struct effects effects;
    /* The pass at hand. */
    struct kernel *kernel; /* one a variance group */
    uint64_t iteration;
    double *kept;       /* where plausible values go, NULL between them */
    double *theta_sums; /* a run: Σθ */
    struct run *runs;
    size_t *first_run;  /* one a piece and one more */
    double *piece_sums; /* a piece and variance group: Σxθ for each column, Σθ² */
};

/* Neighbours of one part within one piece. */
struct run {
    uint32_t part;
    size_t from, to;
};

/* ---- laying out the persons ---- */

static int cluster_of(const int *of, size_t n, size_t person) {
    if (!of || n == 0) return -1;
    assert(of[person] >= -1 && of[person] < (int)n);
    return of[person];
}

/* A stable counting sort of order by key, -1 first. */
static bool sort_by(uint32_t *order, size_t n, const int *of, size_t n_keys, struct arena *arena) {
    if (!of || n_keys == 0) return true;
    size_t *start = arena_array(arena, n_keys + 2, sizeof *start);
    uint32_t *sorted = arena_array(arena, n, sizeof *sorted);
    if (!start || !sorted) return false;
    for (size_t i = 0; i < n; i++) start[cluster_of(of, n_keys, order[i]) + 2]++;
    for (size_t k = 1; k < n_keys + 2; k++) start[k] += start[k - 1];
    for (size_t i = 0; i < n; i++) sorted[start[cluster_of(of, n_keys, order[i]) + 1]++] = order[i];
    memcpy(order, sorted, n * sizeof *order);
    return true;
}

static bool order_persons(struct sampler *s, struct arena *arena) {
    const struct latent_input *input = s->input;
    size_t all = input->responses->n_persons;
    s->order = arena_array(arena, all, sizeof *s->order);
    s->part = arena_array(arena, all, sizeof *s->part);
    if (!s->order || !s->part) return false;
    for (size_t person = 0; person < all; person++)
        if (s->patterns.of[person] != PATTERN_NONE) s->order[s->n++] = (uint32_t)person;
    return sort_by(s->order, s->n, input->variance_of, input->n_variances, arena) &&
           sort_by(s->order, s->n, input->class_of, input->n_classes, arena) &&
           sort_by(s->order, s->n, input->school_of, input->n_schools, arena);
}

/* Numbers the patterns by the order of the persons, so that a pass reads their likelihoods nearly
 * as they stand in memory. */
static bool order_patterns(struct sampler *s, struct arena *arena) {
    struct answer_patterns *patterns = &s->patterns;
    uint32_t *number = arena_array(arena, patterns->n, sizeof *number); /* + 1; 0: none yet */
    uint32_t *example = arena_array(arena, patterns->n, sizeof *example);
    s->pattern = arena_array(arena, s->n, sizeof *s->pattern);
    if (!number || !example || !s->pattern) return false;
    uint32_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        uint32_t *own = &number[patterns->of[s->order[i]]];
        if (*own == 0) {
            example[n] = s->order[i];
            *own = ++n;
        }
        s->pattern[i] = *own - 1;
    }
    patterns->example = example;
    return true;
}

/* Cells are the pairs of a school and a class that occur: so a class that lies in two schools has
 * an effect in each, and classes are nested in schools as the model wants them. */
static bool make_cells(struct sampler *s, struct arena *arena) {
    const struct latent_input *in = s->input;
    struct effects *e = &s->effects;
    e->cells = arena_array(arena, s->n, sizeof *e->cells);
    e->parts = arena_array(arena, s->n, sizeof *e->parts);
    if (!e->cells || !e->parts) return false;
    /* The last group is for those that are in none. */
    e->n_variances = in->variance_of ? in->n_variances + 1 : 1;
    for (size_t i = 0; i < s->n; i++) {
        int class = cluster_of(in->class_of, in->n_classes, s->order[i]);
        int school = cluster_of(in->school_of, in->n_schools, s->order[i]);
        int group = cluster_of(in->variance_of, in->n_variances, s->order[i]);
        size_t variance = group < 0 ? e->n_variances - 1 : (size_t)group;
        struct cell *cell = e->cells + e->n_cells;
        bool same_cell = e->n_cells && cell[-1].class == class && cell[-1].school == school;
        if (!same_cell)
            e->cells[e->n_cells++] =
                (struct cell){ .class = class, .school = school, .first_part = e->n_parts };
        cell = e->cells + e->n_cells - 1;
        if (!same_cell || e->parts[e->n_parts - 1].variance != variance) {
            e->parts[e->n_parts++] = (struct part){ .cell = e->n_cells - 1, .variance = variance };
            cell->parts++;
        }
        cell->n++;
        e->parts[e->n_parts - 1].n++;
        s->part[i] = (uint32_t)(e->n_parts - 1);
    }
    return true;
}

static bool make_runs(struct sampler *s, struct arena *arena) {
    s->pieces = pool_pieces(s->n, PERSONS_A_PIECE);
    size_t sums = s->effects.n_variances * (s->input->n_columns + 1);
    s->runs = arena_array(arena, s->effects.n_parts + s->pieces, sizeof *s->runs);
    s->theta_sums = arena_array(arena, s->effects.n_parts + s->pieces, sizeof *s->theta_sums);
    s->first_run = arena_array(arena, s->pieces + 1, sizeof *s->first_run);
    s->piece_sums = arena_array(arena, s->pieces, sums * sizeof(double));
    s->kernel = arena_array(arena, s->effects.n_variances, sizeof *s->kernel);
    if (!s->runs || !s->theta_sums || !s->first_run || !s->piece_sums || !s->kernel) return false;
    size_t n = 0;
    for (size_t piece = 0; piece < s->pieces; piece++) {
        size_t from, to;
        pool_piece(s->n, PERSONS_A_PIECE, piece, &from, &to);
        s->first_run[piece] = n;
        for (size_t i = from; i < to; i++) {
            if (i == from || s->part[i] != s->part[i - 1])
                s->runs[n++] = (struct run){ s->part[i], i, i };
            s->runs[n - 1].to = i + 1;
        }
    }
    s->first_run[s->pieces] = n;
    return true;
}

/* Copies x in order, with its columns scaled, and adds up what never changes: the parts' Σx and
 * X′X. */
static bool lay_out_x(struct sampler *s, struct arena *arena, struct error *error) {
    size_t p = s->input->n_columns;
    struct effects *e = &s->effects;
    s->x = arena_array(arena, s->n, p * sizeof(double));
    s->scale = arena_array(arena, p, sizeof(double));
    if (!s->x || !s->scale || !effects_make(e, p, s->input->n_classes, s->input->n_schools, arena))
        return error_plain(error, "latent.memory");
    for (size_t i = 0; i < s->n; i++) {
        const double *row = s->input->x + s->order[i] * p;
        for (size_t c = 0; c < p; c++) s->scale[c] += row[c] * row[c];
    }
    for (size_t c = 0; c < p; c++)
        s->scale[c] = s->scale[c] > 0 ? sqrt(s->scale[c] / (double)s->n) : 1;
    for (size_t i = 0; i < s->n; i++) {
        const double *row = s->input->x + s->order[i] * p;
        double *x = s->x + i * p, *sum = e->x_sum + s->part[i] * p;
        double *xx = e->xx + e->parts[s->part[i]].variance * p * p;
        for (size_t c = 0; c < p; c++) {
            x[c] = row[c] / s->scale[c];
            sum[c] += x[c];
            for (size_t d = 0; d <= c; d++) xx[c * p + d] += x[c] * x[d];
        }
    }
    double *factor = arena_array(arena, p, p * sizeof(double));
    if (!factor) return error_plain(error, "latent.memory");
    for (size_t i = 0; i < e->n_variances * p * p; i++) factor[i % (p * p)] += e->xx[i];
    size_t column = 0;
    if (!cholesky(p, factor, 1e-10, &column))
        return error_set(error, "latent.collinear", ARG_INT("column", column));
    return true;
}

/* ---- one pass over the persons ---- */

/* Draws the persons from..to-1 (DRAWS_A_CALL at most). */
static void draw_some(const struct sampler *s, size_t from, size_t to, double *theta) {
    size_t p = s->input->n_columns, n = to - from;
    const double *beta = s->effects.beta, *x = s->x + from * p;
    const struct likelihood *likelihood[DRAWS_A_CALL];
    const struct kernel *kernel[DRAWS_A_CALL];
    double mean[DRAWS_A_CALL];
    uint64_t bits[DRAWS_A_CALL];
    random_bits_array(s->input->seed, n, s->order + from, s->iteration, bits);
    for (size_t i = 0; i < n; i++) {
        const struct part *part = &s->effects.parts[s->part[from + i]];
        mean[i] = s->effects.cells[part->cell].effect;
        for (size_t c = 0; c < p; c++) mean[i] += x[i * p + c] * beta[c];
        kernel[i] = &s->kernel[part->variance];
        likelihood[i] = &s->likelihood[s->pattern[from + i]];
    }
    draw_on_grid(&s->grid, n, kernel, likelihood, mean, bits,
                 s->kept ? OFFSETS : s->iteration % OFFSETS, theta);
    if (!s->kept) return;
    for (size_t i = 0; i < n; i++)
        s->kept[s->order[from + i]] = theta[i] + draw_jitter(&s->grid, bits[i]);
}

static void draw_piece(void *context, size_t piece) {
    struct sampler *s = context;
    size_t p = s->input->n_columns, size = s->effects.n_variances * (p + 1), from, to;
    double *sums = s->piece_sums + piece * size, theta[PERSONS_A_PIECE];
    pool_piece(s->n, PERSONS_A_PIECE, piece, &from, &to);
    for (size_t at = from; at < to; at += DRAWS_A_CALL)
        draw_some(s, at, to - at < DRAWS_A_CALL ? to : at + DRAWS_A_CALL, theta + (at - from));
    for (size_t c = 0; c < size; c++) sums[c] = 0;
    for (size_t r = s->first_run[piece]; r < s->first_run[piece + 1]; r++) {
        const struct run *run = &s->runs[r];
        double *xt = sums + s->effects.parts[run->part].variance * (p + 1), sum = 0;
        for (size_t i = run->from; i < run->to; i++) {
            double own = theta[i - from];
            sum += own;
            for (size_t c = 0; c < p; c++) xt[c] += s->x[i * p + c] * own;
            xt[p] += own * own;
        }
        s->theta_sums[r] = sum;
    }
}

static void draw_theta(struct sampler *s, struct pool *pool) {
    struct effects *e = &s->effects;
    size_t p = e->p, groups = e->n_variances;
    for (size_t g = 0; g < groups; g++) kernel_make(&s->grid, sqrt(e->sigma2[g]), &s->kernel[g]);
    pool_run(pool, s->pieces, draw_piece, s);
    for (size_t k = 0; k < e->n_parts; k++) e->parts[k].sum = 0;
    for (size_t r = 0; r < s->first_run[s->pieces]; r++)
        e->parts[s->runs[r].part].sum += s->theta_sums[r];
    for (size_t i = 0; i < groups * p; i++) e->xt[i] = 0;
    for (size_t g = 0; g < groups; g++) e->tt[g] = 0;
    for (size_t piece = 0; piece < s->pieces; piece++) {
        for (size_t g = 0; g < groups; g++) {
            const double *sums = s->piece_sums + (piece * groups + g) * (p + 1);
            for (size_t c = 0; c < p; c++) e->xt[g * p + c] += sums[c];
            e->tt[g] += sums[p];
        }
    }
}

/* ---- results ---- */

/* Running mean and sum of squared deviations (Welford 1962). */
struct running {
    double mean, squares, inner; /* inner: mean of the variance that is known given the rest */
};

static void running_add(struct running *r, double value, double variance, double count) {
    double d = value - r->mean;
    r->mean += d / count;
    r->squares += d * (value - r->mean);
    r->inner += (variance - r->inner) / count;
}

struct record {
    struct running *beta, *class, *school, *variance;
    struct running tau2_class, tau2_school, sigma2;
};

static bool results_make(const struct latent_input *input, int draws, struct arena *arena,
                         struct latent_result *out, struct record *record) {
    size_t n = input->responses->n_persons, classes = input->n_classes, schools = input->n_schools;
    size_t count = (size_t)draws, groups = input->variance_of ? input->n_variances : 0;
    *out = (struct latent_result){
        .draws = draws,
        .pv = arena_array(arena, n, count * sizeof(double)),
        .beta = arena_array(arena, input->n_columns, sizeof(double)),
        .beta_sd = arena_array(arena, input->n_columns, sizeof(double)),
        .tau2_class_draw = arena_array(arena, count, sizeof(double)),
        .tau2_school_draw = arena_array(arena, count, sizeof(double)),
        .sigma2_draw = arena_array(arena, count, sizeof(double)),
        .class_mean = arena_array(arena, classes, sizeof(double)),
        .class_sd = arena_array(arena, classes, sizeof(double)),
        .school_mean = arena_array(arena, schools, sizeof(double)),
        .school_sd = arena_array(arena, schools, sizeof(double)),
        .sigma2_group = groups ? arena_array(arena, groups, sizeof(double)) : NULL,
    };
    *record =
        (struct record){ .beta = arena_array(arena, input->n_columns, sizeof *record->beta),
                         .class = arena_array(arena, classes, sizeof *record->class),
                         .school = arena_array(arena, schools, sizeof *record->school),
                         .variance = arena_array(arena, groups + 1, sizeof *record->variance) };
    if (!out->pv || !out->beta || !out->beta_sd || !out->tau2_class_draw ||
        !out->tau2_school_draw || !out->sigma2_draw || !out->class_mean || !out->class_sd ||
        !out->school_mean || !out->school_sd || !record->beta || !record->class ||
        !record->school || !record->variance || (groups && !out->sigma2_group))
        return false;
    for (size_t i = 0; i < n * count; i++) out->pv[i] = NAN;
    return true;
}

static void record_state(const struct effects *e, double count, struct record *record) {
    for (size_t c = 0; c < e->p; c++) running_add(&record->beta[c], e->beta[c], 0, count);
    for (size_t c = 0; c < e->n_classes; c++)
        running_add(&record->class[c], e -> class[c].mean, e->class[c].variance, count);
    for (size_t c = 0; c < e->n_schools; c++)
        running_add(&record->school[c], e->school[c].mean, e->school[c].variance, count);
    running_add(&record->tau2_class, e->class_level.tau2, 0, count);
    running_add(&record->tau2_school, e->school_level.tau2, 0, count);
    running_add(&record->sigma2, effects_sigma2(e), 0, count);
    for (size_t g = 0; g < e->n_variances; g++)
        running_add(&record->variance[g], e->sigma2[g], 0, count);
}

static void clusters_out(const struct running *record, const struct cluster *cluster, size_t n,
                         double count, double *mean, double *sd) {
    for (size_t c = 0; c < n; c++) {
        bool known = cluster[c].n > 0;
        mean[c] = known ? record[c].mean : NAN;
        sd[c] = known ? sqrt(record[c].squares / count + record[c].inner) : NAN;
    }
}

static void results_out(const struct sampler *s, const struct record *record, double count,
                        struct latent_result *out) {
    const struct effects *e = &s->effects;
    for (size_t c = 0; c < e->p; c++) {
        out->beta[c] = record->beta[c].mean / s->scale[c];
        out->beta_sd[c] = sqrt(record->beta[c].squares / count) / s->scale[c];
    }
    clusters_out(record->class, e->class, e->n_classes, count, out->class_mean, out->class_sd);
    clusters_out(record->school, e->school, e->n_schools, count, out->school_mean, out->school_sd);
    out->tau2_class = record->tau2_class.mean;
    out->tau2_school = record->tau2_school.mean;
    out->sigma2 = record->sigma2.mean;
    for (size_t g = 0; out->sigma2_group && g + 1 < e->n_variances; g++)
        out->sigma2_group[g] = e->count[g] > 0 ? record->variance[g].mean : NAN;
}

/* ---- the sampler ---- */

static bool sampler_make(struct sampler *s, const struct latent_input *input, struct pool *pool,
                         struct arena *arena, struct error *error) {
    *s = (struct sampler){ .input = input, .grid = grid_for(input->model) };
    if (!answer_patterns_make(input->responses, input->model->model, arena, &s->patterns))
        return error_plain(error, "latent.memory");
    if (s->patterns.n == 0) return error_plain(error, "latent.no_answers");
    if (!order_persons(s, arena) || !order_patterns(s, arena) || !make_cells(s, arena) ||
        !make_runs(s, arena))
        return error_plain(error, "latent.memory");
    if (!lay_out_x(s, arena, error)) return false;
    s->likelihood =
        likelihoods_make(input->responses, input->model, &s->patterns, &s->grid, pool, arena);
    if (!s->likelihood) return error_plain(error, "latent.memory");
    double least = grid_least_sd(&s->grid);
    effects_start(&s->effects, input->model, least * least);
    return true;
}

/* With few persons the variances of schools and classes are uncertain, which a short chain does not
 * see; and there a longer one costs nothing. */
static int default_thin(size_t persons) {
    enum { PASSES = 300000 }; /* persons × iterations between two plausible values */
    return (int)fmin(fmax(PASSES / (double)(persons + 1), THIN), THIN_MOST);
}

static int or_default(int value, int otherwise) { return value > 0 ? value : otherwise; }

bool latent_draw(const struct latent_input *input, struct pool *pool, struct arena *arena,
                 struct latent_result *out, struct error *error) {
    int draws = or_default(input->draws, DRAWS), burn_in = or_default(input->burn_in, BURN_IN);
    struct sampler s;
    struct record record;
    if (!sampler_make(&s, input, pool, arena, error)) return false;
    int thin = or_default(input->thin, default_thin(s.n)), iterations = burn_in + draws * thin;
    if (!results_make(input, draws, arena, out, &record))
        return error_plain(error, "latent.memory");
    for (int it = 0; it < iterations; it++) {
        int since = it - burn_in;
        s.iteration = (uint64_t)it;
        s.kept = NULL;
        if (since >= 0 && since % thin == thin - 1) {
            int draw = since / thin;
            s.kept = out->pv + (size_t)draw * input->responses->n_persons;
            out->tau2_class_draw[draw] = s.effects.class_level.tau2;
            out->tau2_school_draw[draw] = s.effects.school_level.tau2;
            out->sigma2_draw[draw] = effects_sigma2(&s.effects);
        }
        draw_theta(&s, pool);
        size_t column = 0;
        if (!effects_draw(&s.effects, input->seed, s.iteration, &column))
            return error_set(error, "latent.collinear", ARG_INT("column", column));
        if (since >= 0) record_state(&s.effects, since + 1, &record);
        if (input->progress) input->progress(input->progress_context, (it + 1.0) / iterations);
    }
    results_out(&s, &record, draws * thin, out);
    return true;
}
