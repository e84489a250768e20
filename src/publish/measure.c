#include "publish/measure.h"

#include "base/arena.h"
#include "num/pool.h"
#include "scale/latent.h"
#include "scale/score.h"
#include "store/store.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

/* Grade −1 (none) to GRADE_MAX, as an index from 0. */
enum { GRADES = GRADE_MAX + 2 };

/* The category as the scale counts it, or CODE_MISSING. */
static int8_t answer_code(const struct item *item, uint8_t answer) {
    if (answer >= item->n_categories) return CODE_MISSING;
    return (int8_t)(item->reversed ? item->n_categories - 1 - answer : answer);
}

/* Items of which at least two categories are in use; the others say nothing about anybody. */
static bool choose_items(const struct survey *survey, const struct scale *scale,
                         struct arena *arena, struct measure *out, struct error *error) {
    out->items = arena_array(arena, scale->n_items + 1, sizeof *out->items);
    if (!out->items) return error_plain(error, "publish.memory");
    for (size_t i = 0; i < scale->n_items; i++) {
        int8_t seen = CODE_MISSING;
        for (size_t r = 0; r < survey->answers.n; r++) {
            uint8_t answer = survey->answers.vectors[r * survey->answers.n_items + scale->items[i]];
            int8_t code = answer_code(&survey->instrument->items[scale->items[i]], answer);
            if (code == CODE_MISSING || code == seen) continue;
            if (seen != CODE_MISSING) {
                out->items[out->n_items++] = scale->items[i];
                break;
            }
            seen = code;
        }
    }
    return true;
}

/* Persons with at least one answer to a chosen item, and whether they answered half of what they saw. */
static bool choose_persons(const struct survey *survey, const struct scale *scale,
                           struct arena *arena, struct measure *out, int8_t **codes,
                           struct error *error) {
    size_t n = survey->answers.n;
    out->row = arena_array(arena, n + 1, sizeof *out->row);
    out->valid = arena_array(arena, n + 1, sizeof *out->valid);
    *codes = arena_array(arena, n * out->n_items + 1, 1);
    if (!out->row || !out->valid || !*codes) return error_plain(error, "publish.memory");
    for (size_t r = 0; r < n; r++) {
        const uint8_t *vector = survey->answers.vectors + r * survey->answers.n_items;
        size_t seen = 0, answered = 0, used = 0;
        for (size_t i = 0; i < scale->n_items; i++) {
            size_t item = scale->items[i];
            seen += vector[item] != ANSWER_NOT_SEEN;
            answered += vector[item] < survey->instrument->items[item].n_categories;
        }
        int8_t *code = *codes + out->n * out->n_items;
        for (size_t i = 0; i < out->n_items; i++) {
            code[i] = answer_code(&survey->instrument->items[out->items[i]], vector[out->items[i]]);
            used += code[i] != CODE_MISSING;
        }
        if (used == 0) continue;
        out->row[out->n] = r;
        out->valid[out->n++] = 2 * answered >= seen;
    }
    return true;
}

/* invited / answered within municipality × grade × gender, with mean 1 (methods.md §1). NULL when
 * everybody weighs the same. */
static bool response_weights(const struct survey *survey, const struct units *units,
                             const struct measure *measure, struct arena *arena, double **out,
                             struct error *error) {
    static const char genders[] = "fmx";
    enum { GENDERS = 4 };
    size_t strata = (units->n + 1) * GRADES * GENDERS;
    double *invited = arena_array(arena, strata, sizeof *invited);
    double *answered = arena_array(arena, strata, sizeof *answered);
    size_t *stratum = arena_array(arena, survey->answers.n + 1, sizeof *stratum);
    double *weights = arena_array(arena, measure->n + 1, sizeof *weights);
    if (!invited || !answered || !stratum || !weights) return error_plain(error, "publish.memory");
    for (size_t r = 0; r < survey->answers.n; r++) {
        const struct respondent_row *row = &survey->answers.rows[r];
        const char *gender = row->gender ? strchr(genders, row->gender) : NULL;
        size_t g = gender ? (size_t)(gender - genders) : GENDERS - 1;
        stratum[r] = ((size_t)(survey->municipality_of[r] + 1) * GRADES + (size_t)(row->grade + 1)) *
                         GENDERS + g;
        invited[stratum[r]] += 1;
    }
    for (size_t p = 0; p < measure->n; p++) answered[stratum[measure->row[p]]] += 1;
    double total = 0;
    bool equal = true;
    for (size_t p = 0; p < measure->n; p++) {
        size_t s = stratum[measure->row[p]];
        weights[p] = invited[s] / answered[s];
        total += weights[p];
        equal = equal && weights[p] == weights[0];
    }
    for (size_t p = 0; p < measure->n; p++) weights[p] *= (double)measure->n / total;
    *out = equal ? NULL : weights;
    return true;
}

/* x of the latent regression: a constant, each grade but the first that occurs, girls, and those of
 * no or another stated gender, each where it varies. */
static bool design_matrix(const struct survey *survey, const struct measure *measure,
                          struct arena *arena, double **x, size_t *n_columns,
                          struct error *error) {
    enum { COLUMNS = 1 + GRADES + 2 };
    size_t count[COLUMNS] = { 0 }, column[COLUMNS], n = 1;
    for (size_t p = 0; p < measure->n; p++) {
        const struct respondent_row *row = &survey->answers.rows[measure->row[p]];
        count[1 + row->grade + 1]++;
        count[1 + GRADES] += row->gender == 'f';
        count[2 + GRADES] += row->gender != 'f' && row->gender != 'm';
    }
    size_t first_grade = 1;
    while (first_grade <= GRADES && count[first_grade] == 0) first_grade++;
    for (size_t c = 1; c < COLUMNS; c++) {
        bool used = count[c] > 0 && count[c] < measure->n && c != first_grade;
        /* With no boy at all, "girl" and "other" add up to the constant. */
        if (c == 2 + GRADES && count[1 + GRADES] + count[2 + GRADES] == measure->n) used = false;
        column[c] = used ? n++ : 0;
    }
    *x = arena_array(arena, measure->n * n, sizeof **x);
    if (!*x) return error_plain(error, "publish.memory");
    for (size_t p = 0; p < measure->n; p++) {
        const struct respondent_row *row = &survey->answers.rows[measure->row[p]];
        double *line = *x + p * n;
        line[0] = 1;
        size_t grade = (size_t)(1 + row->grade + 1);
        if (column[grade]) line[column[grade]] = 1;
        size_t girls = 1 + GRADES, others = 2 + GRADES;
        if (row->gender == 'f' && column[girls]) line[column[girls]] = 1;
        if (row->gender != 'f' && row->gender != 'm' && column[others]) line[column[others]] = 1;
    }
    *n_columns = n;
    return true;
}

/* A residual variance for each gender of each grade with enough persons, as results are shown by them. */
static bool variance_groups(const struct survey *survey, const struct measure *measure,
                            struct arena *arena, struct latent_input *input, struct error *error) {
    enum { PERSONS_LEAST = 200 };
    int *grade = arena_array(arena, measure->n, sizeof *grade);
    int *gender = arena_array(arena, measure->n, sizeof *gender);
    const int *factors[] = { grade, gender };
    if (!grade || !gender) return error_plain(error, "publish.memory");
    for (size_t p = 0; p < measure->n; p++) {
        const struct respondent_row *row = &survey->answers.rows[measure->row[p]];
        grade[p] = (int)row->grade; /* NOLINT(bugprone-signed-char-misuse): −1 is no grade */
        gender[p] = row->gender == 'f' ? 0 : row->gender == 'm' ? 1 : -1;
    }
    return latent_variance_groups(input->responses, factors, 2, PERSONS_LEAST, arena,
                                  &input->variance_of, &input->n_variances) ||
           error_plain(error, "publish.memory");
}

/* Units that have persons, numbered from 0 in the units' order. Fewer than two make no level. */
static size_t number_clusters(const int *unit_of_row, const struct measure *measure, int *number,
                              size_t n_units, int *cluster) {
    size_t n = 0;
    for (size_t u = 0; u < n_units; u++) number[u] = -1;
    for (size_t p = 0; p < measure->n; p++)
        if (unit_of_row[measure->row[p]] >= 0) number[unit_of_row[measure->row[p]]] = 0;
    for (size_t u = 0; u < n_units; u++)
        if (number[u] == 0) number[u] = (int)n++;
    for (size_t p = 0; p < measure->n; p++) {
        int unit = unit_of_row[measure->row[p]];
        cluster[p] = unit < 0 ? -1 : number[unit];
    }
    return n < 2 ? 0 : n;
}

/* A seed of its own for each scale and wave, from what it is called: nothing else moves its draws. */
static uint64_t scale_seed(const char *instrument, const char *scale, int wave) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)instrument, strlen(instrument) + 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)scale, strlen(scale) + 1);
    unsigned char number = (unsigned char)wave;
    crypto_hash_sha256_update(&state, &number, 1);
    crypto_hash_sha256_final(&state, hash);
    uint64_t seed = 0;
    for (int i = 0; i < 8; i++) seed = seed << 8 | hash[i];
    return seed;
}

/* The items that both waves have in the same categories, here and in the base; *place: theirs here. */
static size_t common_items(const struct survey *survey, const struct base_scale *base,
                           const struct measure *now, struct item_parameters *here,
                           struct item_parameters *there, size_t *place) {
    size_t n = 0;
    for (size_t i = 0; i < now->n_items; i++) {
        const struct item_parameters *item = &now->fit.model.items[i];
        for (size_t j = 0; j < base->n_items; j++) {
            if (strcmp(base->items[j], survey->instrument->items[now->items[i]].id) != 0 ||
                base->parameters[j].steps != item->steps)
                continue;
            place[n] = i;
            here[n] = *item;
            there[n++] = base->parameters[j];
        }
    }
    return n;
}

/* θ of the base = A θ + B, so that the base's mean and SD stand at (μ₀ − B)/A and σ₀/A here. With too
 * few common items the scale starts anew in this wave. */
static bool link_to_base(const struct survey *survey, const struct base_scale *base,
                         struct arena *arena, struct measure *out, struct error *error) {
    out->mean = 0;
    out->sd = sqrt(out->fit.model.variance[0]);
    out->link = (struct measure_link){ .base = base->wave, .dropped = LINK_NONE_DROPPED };
    if (base->wave == 0) return true;
    size_t n_most = out->n_items;
    struct item_parameters *here = arena_array(arena, n_most, sizeof *here);
    struct item_parameters *there = arena_array(arena, n_most, sizeof *there);
    size_t *place = arena_array(arena, n_most, sizeof *place);
    if (!here || !there || !place) return error_plain(error, "publish.memory");
    size_t n = common_items(survey, base, out, here, there, place);
    out->link.items = n;
    if (!link_holds_trend(n, base->n_items)) return true;
    struct link_options options = {
        .model = out->fit.model.model, .mean = base->mean, .sd = base->sd,
        .method = model_has_slopes(out->fit.model.model) ? LINK_STOCKING_LORD : LINK_MEAN_MEAN,
        .drop = link_holds_trend(n - 1, base->n_items),
    };
    struct link_result link;
    if (!scale_link(here, there, n, &options, arena, &link, error)) return false;
    out->mean = (base->mean - link.intercept) / link.slope;
    out->sd = base->sd / link.slope;
    out->link.trend = true;
    out->link.items = link.n_used;
    out->link.drift_sd = link.drift_sd;
    if (link.dropped != LINK_NONE_DROPPED)
        out->link.dropped = (int)out->items[place[link.dropped]];
    return true;
}

static void to_points(double *values, size_t n, double mean, double sd) {
    for (size_t i = 0; i < n; i++) values[i] = points_from_theta(values[i], mean, sd);
}

static void keep_clusters(struct measure *out, const int *number, size_t n_units,
                          const double *mean, const double *sd) {
    for (size_t u = 0; u < n_units && mean; u++) {
        if (number[u] < 0) continue;
        out->unit_mean[u] = points_from_theta(mean[number[u]], out->mean, out->sd);
        out->unit_sd[u] = 100 * sd[number[u]] / out->sd;
    }
}

static bool draw(const struct survey *survey, const struct units *units, const char *seed_name,
                 int wave, const struct responses *responses, struct pool *pool,
                 struct arena *arena, struct measure *out, struct error *error) {
    int *class_of = arena_array(arena, out->n, sizeof *class_of);
    int *school_of = arena_array(arena, out->n, sizeof *school_of);
    int *class_number = arena_array(arena, units->n, sizeof *class_number);
    int *school_number = arena_array(arena, units->n, sizeof *school_number);
    out->unit_mean = arena_array(arena, units->n, sizeof(double));
    out->unit_sd = arena_array(arena, units->n, sizeof(double));
    if (!class_of || !school_of || !class_number || !school_number || !out->unit_mean ||
        !out->unit_sd)
        return error_plain(error, "publish.memory");
    struct latent_input input = {
        .responses = responses, .model = &out->fit.model, .class_of = class_of,
        .school_of = school_of, .draws = PLAUSIBLE_VALUES,
        .seed = scale_seed(survey->instrument->code, seed_name, wave),
    };
    input.n_classes = number_clusters(survey->class_of, out, class_number, units->n, class_of);
    input.n_schools = number_clusters(survey->school_of, out, school_number, units->n, school_of);
    double *x;
    struct latent_result latent;
    if (!design_matrix(survey, out, arena, &x, &input.n_columns, error)) return false;
    input.x = x;
    if (!variance_groups(survey, out, arena, &input, error)) return false;
    if (!latent_draw(&input, pool, arena, &latent, error)) return false;
    out->pv = latent.pv;
    to_points(out->pv, PLAUSIBLE_VALUES * out->n, out->mean, out->sd);
    out->tau2_class = latent.tau2_class_draw;
    out->tau2_school = latent.tau2_school_draw;
    out->sigma2 = latent.sigma2_draw;
    double square = 100 / out->sd * (100 / out->sd);
    for (int d = 0; d < PLAUSIBLE_VALUES; d++) {
        out->tau2_class[d] *= input.n_classes ? square : 0;
        out->tau2_school[d] *= input.n_schools ? square : 0;
        out->sigma2[d] *= square;
    }
    for (size_t u = 0; u < units->n; u++) out->unit_mean[u] = out->unit_sd[u] = NAN;
    if (input.n_classes)
        keep_clusters(out, class_number, units->n, latent.class_mean, latent.class_sd);
    return true;
}

static bool keep_wle(const struct responses *responses, struct pool *pool, struct arena *arena,
                     struct measure *out, struct error *error) {
    struct person_score *scores = arena_array(arena, out->n, sizeof *scores);
    out->wle = arena_array(arena, out->n, sizeof *out->wle);
    if (!scores || !out->wle) return error_plain(error, "publish.memory");
    if (!scale_score(responses, &out->fit.model, pool, arena, scores, error)) return false;
    for (size_t p = 0; p < out->n; p++) out->wle[p] = scores[p].wle;
    to_points(out->wle, out->n, out->mean, out->sd);
    return true;
}

/* Whether it is the answers that a calibration failed for, and not memory or ourselves. */
static bool answers_at_fault(const struct error *error) {
    return error_is(error, "scale.not_identified") || error_is(error, "scale.group_not_identified") ||
           error_is(error, "scale.one_category") || error_is(error, "scale.unanswered");
}

bool measure_scale(const struct survey *survey, const struct units *units,
                   const struct scale *scale, int wave, const struct base_scale *base,
                   struct pool *pool, struct arena *arena, struct measure *out,
                   struct error *error) {
    *out = (struct measure){ 0 };
    int8_t *codes = NULL;
    double *weights = NULL;
    if (!choose_items(survey, scale, arena, out, error) ||
        !choose_persons(survey, scale, arena, out, &codes, error))
        return false;
    if (out->n_items < 2 || out->n < CALIBRATION_MIN) return true;
    if (!response_weights(survey, units, out, arena, &weights, error)) return false;
    struct responses responses = { .n_persons = out->n, .n_items = out->n_items, .codes = codes,
                                   .weights = weights, .n_groups = 1 };
    struct fit_options options = fit_defaults();
    options.model = MODEL_PCM;
    bool fitted = scale_fit(&responses, &options, pool, arena, &out->fit, error);
    if (!fitted && !answers_at_fault(error)) {
        error_add(error, ARG_TEXT("scale", scale->code));
        return false;
    }
    /* One scale that cannot be measured is no reason to hold the others back. */
    out->failed = !fitted || !out->fit.converged;
    if (out->failed) return true;
    for (size_t p = 0; p < out->n; p++)
        for (size_t i = 0; i < out->n_items; i++) {
            int8_t *code = &codes[p * out->n_items + i];
            if (*code != CODE_MISSING) *code = out->fit.recode[i * CATEGORIES_MAX + (size_t)*code];
        }
    if (!link_to_base(survey, base, arena, out, error)) return false;
    out->calibrated = true;
    return draw(survey, units, scale->code, wave, &responses, pool, arena, out, error) &&
           keep_wle(&responses, pool, arena, out, error);
}

static bool base_items(struct store *study, int64_t publication, int64_t instrument,
                       const char *scale, struct arena *arena, struct base_scale *out,
                       struct error *error) {
    out->items = arena_array(arena, ITEMS_MAX, sizeof *out->items);
    out->parameters = arena_array(arena, ITEMS_MAX, sizeof *out->parameters);
    if (!out->items || !out->parameters) return error_plain(error, "publish.memory");
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT item, slope, location FROM item_parameter WHERE publication = ?1 AND "
                       "instrument = ?2 AND scale = ?3 ORDER BY item, step", error))
        return false;
    bind_int(s, 1, publication);
    bind_int(s, 2, instrument);
    bind_text(s, 3, scale);
    while (statement_step(s, error)) {
        const char *name = column_text(s, 0);
        size_t at = out->n_items;
        if (at > 0 && strcmp(out->items[at - 1], name) == 0)
            at--;
        else if (at == ITEMS_MAX || !(out->items[at] = arena_copy(arena, name))) {
            statement_end(s, NULL);
            return error_plain(error, "publish.memory");
        } else
            out->n_items++;
        struct item_parameters *item = &out->parameters[at];
        item->slope = column_real(s, 1);
        if (item->steps < STEPS_MAX) item->location[item->steps++] = column_real(s, 2);
    }
    return statement_end(s, error);
}

bool base_read(struct store *study, int wave, const char *scale, const char *respondent,
               struct arena *arena, struct base_scale *out, struct error *error) {
    *out = (struct base_scale){ 0 };
    struct statement *s;
    if (!store_prepare(study, &s,
                       "SELECT p.wave, s.mean, s.sd, p.id, s.instrument FROM score s "
                       "JOIN publication p ON p.id = s.publication "
                       "JOIN instrument i ON i.id = s.instrument "
                       "WHERE s.scale = ?1 AND i.respondent = ?2 AND p.wave < ?3 "
                       "ORDER BY p.wave, p.id DESC", error))
        return false;
    bind_text(s, 1, scale);
    bind_text(s, 2, respondent);
    bind_int(s, 3, wave);
    int64_t publication = 0, instrument = 0;
    if (statement_step(s, error)) {
        out->wave = (int)column_int(s, 0);
        out->mean = column_real(s, 1);
        out->sd = column_real(s, 2);
        publication = column_int(s, 3);
        instrument = column_int(s, 4);
    }
    if (!statement_end(s, error)) return false;
    return out->wave == 0 || base_items(study, publication, instrument, scale, arena, out, error);
}
