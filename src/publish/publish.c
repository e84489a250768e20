#include "publish/publish.h"

#include "base/arena.h"
#include "base/text.h"
#include "i18n/i18n.h"
#include "num/pool.h"
#include "publish/release.h"
#include "store/programme.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Bumped when the same inputs would give other results. */
#define METHOD_VERSION "8"

struct job {
    struct programme *programme;
    const struct publish_options *options;
    struct arena *arena;
    struct panel panel;
    struct release release;
    struct pool *pool;
    char inputs[65], results[65], settings[128];
};

static void report(const struct job *job, const char *step, double fraction) {
    if (job->options->progress) job->options->progress(job->options->context, step, fraction);
}

static void hash_text(crypto_hash_sha256_state *state, const char *text) {
    crypto_hash_sha256_update(state, (const unsigned char *)text, strlen(text) + 1);
}

static void hash_number(crypto_hash_sha256_state *state, int64_t number) {
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)number >> 8 * i);
    crypto_hash_sha256_update(state, bytes, sizeof bytes);
}

static void hash_end(crypto_hash_sha256_state *state, char out[65]) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(state, hash);
    sodium_bin2hex(out, 65, hash, sizeof hash);
}

/* The publication that later waves are linked to is an input too. */
static bool hash_bases(struct job *job, crypto_hash_sha256_state *state, struct error *error) {
    struct statement *s;
    if (!store_prepare(job->programme->study, &s,
                       "SELECT wave, sha256 FROM publication WHERE wave < ?1 ORDER BY wave, id",
                       error))
        return false;
    bind_int(s, 1, job->panel.wave.number);
    while (statement_step(s, error)) {
        hash_number(state, column_int(s, 0));
        hash_text(state, column_text(s, 1));
    }
    return statement_end(s, error);
}

/* Everything that the results depend on. */
static bool hash_inputs(struct job *job, struct error *error) {
    const struct panel *panel = &job->panel;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    hash_text(&state, LAERKE_VERSION "/" METHOD_VERSION);
    hash_text(&state, job->settings);
    hash_text(&state, job->programme->settings.name);
    hash_number(&state, panel->wave.number);
    hash_text(&state, panel->wave.name);
    hash_text(&state, panel->wave.opens);
    hash_text(&state, panel->wave.closes);
    for (size_t u = 0; u < panel->units.n; u++) {
        const struct unit *unit = &panel->units.unit[u];
        if (!panel->takes_part[u]) continue;
        hash_number(&state, unit->id);
        hash_number(&state, unit->kind);
        hash_number(&state, unit->parent < 0 ? 0 : panel->units.unit[unit->parent].id);
        hash_text(&state, unit->code);
        hash_text(&state, unit->name);
        hash_number(&state, unit->grade);
    }
    for (size_t i = 0; i < panel->n_surveys; i++) {
        const struct survey *survey = &panel->surveys[i];
        hash_text(&state, survey->sha256);
        hash_number(&state, (int64_t)survey->answers.n);
        for (size_t r = 0; r < survey->answers.n; r++) {
            const struct respondent_row *row = &survey->answers.rows[r];
            hash_number(&state, row->unit);
            hash_number(&state, row->grade * 512 + (unsigned char)row->gender * 2 + row->answered);
        }
        crypto_hash_sha256_update(&state, survey->answers.vectors,
                                  survey->answers.n * survey->answers.n_items);
    }
    if (!hash_bases(job, &state, error)) return false;
    hash_end(&state, job->inputs);
    return true;
}

static void put_float(unsigned char *out, double value) {
    float single = (float)value;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    for (int i = 0; i < 4; i++) out[i] = (unsigned char)(bits >> 8 * i);
}

/* What outlives the measuring: item parameters and persons' scores, copied from the scale's arena. */
static bool keep_measure(const struct measure *measure, struct released_scale *scale,
                         struct arena *arena, struct error *error) {
    scale->calibrated = measure->calibrated;
    scale->failed = measure->failed;
    if (!measure->calibrated) return true;
    scale->mean = measure->mean;
    scale->sd = measure->sd;
    scale->reliability = measure->fit.reliability_eap;
    scale->link = measure->link;
    scale->n_parameters = measure->n_items;
    scale->parameter_item = arena_array(arena, measure->n_items, sizeof *scale->parameter_item);
    scale->parameters = arena_array(arena, measure->n_items, sizeof *scale->parameters);
    scale->n_persons = measure->n;
    size_t columns = 1 + PLAUSIBLE_VALUES;
    scale->blob_length = measure->n * columns * 4;
    scale->blob = arena_alloc(arena, scale->blob_length);
    if (!scale->parameter_item || !scale->parameters || !scale->blob)
        return error_plain(error, "publish.memory");
    memcpy(scale->parameter_item, measure->items, measure->n_items * sizeof *measure->items);
    memcpy(scale->parameters, measure->fit.model.items,
           measure->n_items * sizeof *scale->parameters);
    for (size_t p = 0; p < measure->n; p++) {
        unsigned char *line = scale->blob + p * columns * 4;
        put_float(line, measure->wle[p]);
        for (size_t d = 0; d < PLAUSIBLE_VALUES; d++)
            put_float(line + 4 * (d + 1), measure->pv[d * measure->n + p]);
    }
    return true;
}

static bool measure_one(struct job *job, struct released_scale *scale, struct error *error) {
    const struct units *units = &job->panel.units;
    scale->cells = arena_array(job->arena, units->n, sizeof *scale->cells);
    if (!scale->cells) return error_plain(error, "publish.memory");
    if (scale->scale->use == USE_SHARES)
        return release_count(&job->panel, scale, job->arena, error);
    struct arena *scratch = arena_create(ARENA_JOB_MAX);
    if (!scratch) return error_plain(error, "publish.memory");
    struct base_scale base;
    struct measure measure;
    int wave = job->panel.wave.number;
    bool ok =
        base_read(job->programme->study, wave, scale->scale->code,
                  respondent_name(scale->survey->instrument->respondent), scratch, &base, error) &&
        measure_scale(scale->survey, units, scale->scale, wave, &base, job->pool, scratch, &measure,
                      error) &&
        aggregate_scale(scale->survey, units, &measure, job->pool, scratch, scale->cells,
                        error) &&
        keep_measure(&measure, scale, job->arena, error);
    arena_destroy(scratch);
    return ok;
}

static size_t count_published(const struct instrument *instrument) {
    size_t n = 0;
    for (size_t s = 0; s < instrument->n_scales; s++)
        n += instrument->scales[s].use != USE_BACKGROUND;
    return n;
}

static bool measure_all(struct job *job, struct error *error) {
    struct release *release = &job->release;
    release->panel = &job->panel;
    release->minimum = job->programme->settings.minimum_group;
    for (size_t i = 0; i < job->panel.n_surveys; i++)
        release->n_scales += count_published(job->panel.surveys[i].instrument);
    release->scales = arena_array(job->arena, release->n_scales + 1, sizeof *release->scales);
    if (!release->scales) return error_plain(error, "publish.memory");
    size_t at = 0;
    for (size_t i = 0; i < job->panel.n_surveys; i++) {
        const struct survey *survey = &job->panel.surveys[i];
        for (size_t s = 0; s < survey->instrument->n_scales; s++) {
            if (survey->instrument->scales[s].use == USE_BACKGROUND) continue;
            report(job, N_("Measuring"), (double)at / (double)release->n_scales);
            release->scales[at].survey = survey;
            release->scales[at].scale = &survey->instrument->scales[s];
            if (!measure_one(job, &release->scales[at++], error)) return false;
        }
    }
    return release_link(release, job->arena, error) &&
           release_suppress(release, job->arena, error);
}

static bool write_scales(const struct job *job, int64_t publication, struct error *error) {
    struct store *study = job->programme->study;
    struct statement *s;
    for (size_t i = 0; i < job->release.n_scales; i++) {
        const struct released_scale *scale = &job->release.scales[i];
        if (!scale->calibrated) continue;
        if (!store_prepare(study, &s,
                           "INSERT INTO score(publication, instrument, scale, mean, sd, reliability, "
                           "persons, scores) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", error))
            return false;
        bind_int(s, 1, publication);
        bind_int(s, 2, scale->survey->instrument_id);
        bind_text(s, 3, scale->scale->code);
        bind_real(s, 4, scale->mean);
        bind_real(s, 5, scale->sd);
        bind_real(s, 6, scale->reliability);
        bind_int(s, 7, (int64_t)scale->n_persons);
        bind_blob(s, 8, scale->blob, scale->blob_length);
        if (!statement_run(s, error)) return false;
        for (size_t j = 0; j < scale->n_parameters; j++) {
            const struct item_parameters *item = &scale->parameters[j];
            for (int h = 0; h < item->steps; h++) {
                if (!store_prepare(study, &s,
                                   "INSERT INTO item_parameter(publication, instrument, scale, item, "
                                   "step, slope, location, location_se) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", error))
                    return false;
                bind_int(s, 1, publication);
                bind_int(s, 2, scale->survey->instrument_id);
                bind_text(s, 3, scale->scale->code);
                bind_text(s, 4, scale->survey->instrument->items[scale->parameter_item[j]].id);
                bind_int(s, 5, h + 1);
                bind_real(s, 6, item->slope);
                bind_real(s, 7, item->location[h]);
                bind_real(s, 8, item->location_se[h]);
                if (!statement_run(s, error)) return false;
            }
        }
    }
    return true;
}

/* Freezes a unit into blob; its hash goes into the publication's. */
static bool freeze_unit(const struct job *job, size_t unit, struct arena *arena, struct text *blob,
                        char sha256[65], struct error *error) {
    char publication[17];
    snprintf(publication, sizeof publication, "%.16s", job->inputs);
    *blob = text_new(arena, 16 * MIB);
    if (!release_freeze(&job->release, unit, publication, job->programme->settings.name, arena, blob,
                        error))
        return false;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)text_string(blob), blob->length);
    hash_end(&state, sha256);
    return true;
}

static bool write_units(struct job *job, int64_t publication, size_t *written, struct error *error) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t u = 0; u < job->panel.units.n; u++) {
        if (!job->panel.takes_part[u]) continue;
        report(job, N_("Freezing results"), (double)u / (double)job->panel.units.n);
        struct arena *scratch = arena_create(ARENA_REQUEST_MAX);
        if (!scratch) return error_plain(error, "publish.memory");
        struct text blob;
        struct statement *s;
        char sha256[65];
        bool ok = freeze_unit(job, u, scratch, &blob, sha256, error) &&
                  (publication == 0 ||
                   store_prepare(job->programme->study, &s,
                                 "INSERT INTO result(publication, unit, frozen, sha256) "
                                 "VALUES (?1, ?2, ?3, ?4)", error));
        if (ok && publication) {
            bind_int(s, 1, publication);
            bind_int(s, 2, job->panel.units.unit[u].id);
            bind_text(s, 3, text_string(&blob));
            bind_text(s, 4, sha256);
            ok = statement_run(s, error);
        }
        arena_destroy(scratch);
        if (!ok) return false;
        hash_number(&state, job->panel.units.unit[u].id);
        hash_text(&state, sha256);
        ++*written;
    }
    hash_end(&state, job->results);
    return true;
}

static bool newest_inputs(struct job *job, char inputs[65], char results[65], struct error *error) {
    struct statement *s;
    inputs[0] = results[0] = '\0';
    if (!store_prepare(job->programme->study, &s,
                       "SELECT inputs_sha256, sha256 FROM publication WHERE wave = ?1 "
                       "ORDER BY id DESC", error))
        return false;
    bind_int(s, 1, job->panel.wave.number);
    if (statement_step(s, error)) {
        snprintf(inputs, 65, "%s", column_text(s, 0));
        snprintf(results, 65, "%s", column_text(s, 1));
    }
    return statement_end(s, error);
}

static bool next_publication(struct store *study, int64_t *id, struct error *error) {
    struct statement *s;
    if (!store_prepare(study, &s, "SELECT COALESCE(MAX(id), 0) + 1 FROM publication", error))
        return false;
    if (statement_step(s, error)) *id = column_int(s, 0);
    return statement_end(s, error);
}

static bool write_publication(struct job *job, int64_t id, size_t units, struct error *error) {
    struct statement *s;
    if (!store_prepare(job->programme->study, &s,
                       "INSERT INTO publication(id, wave, sha256, inputs_sha256, version, settings, "
                       "units, published_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", error))
        return false;
    bind_int(s, 1, id);
    bind_int(s, 2, job->panel.wave.number);
    bind_text(s, 3, job->results);
    bind_text(s, 4, job->inputs);
    bind_text(s, 5, LAERKE_VERSION);
    bind_text(s, 6, job->settings);
    bind_int(s, 7, (int64_t)units);
    bind_int(s, 8, (int64_t)time(NULL));
    return statement_run(s, error);
}

/* The same inputs are published already: the results have to be the same too, and nothing is written. */
static bool compare_results(struct job *job, const char *before, struct publish_summary *summary,
                            struct error *error) {
    summary->unchanged = true;
    if (!write_units(job, 0, &summary->units, error)) return false;
    if (strcmp(before, job->results) == 0) return true;
    return error_set(error, "publish.not_reproduced", ARG_TEXT("before", before),
                     ARG_TEXT("now", job->results));
}

/* All of it in one transaction: what is half written is never seen, and a killed run leaves nothing. */
static bool write_all(struct job *job, struct publish_summary *summary, struct error *error) {
    int64_t id = 0;
    return next_publication(job->programme->study, &id, error) && write_scales(job, id, error) &&
           write_units(job, id, &summary->units, error) &&
           write_publication(job, id, summary->units, error) &&
           store_commit(job->programme->study, error);
}

/* Asked under the write lock, since another run may have published the same while this one measured. */
static bool freeze_all(struct job *job, struct publish_summary *summary, struct error *error) {
    char inputs[65], results[65];
    struct store *study = job->programme->study;
    if (!store_begin(study, error)) return false;
    bool known = newest_inputs(job, inputs, results, error);
    if (known && strcmp(inputs, job->inputs) != 0 && write_all(job, summary, error)) return true;
    store_rollback(study);
    return known && strcmp(inputs, job->inputs) == 0 &&
           compare_results(job, results, summary, error);
}

/* "pupil order, teacher inclusion" */
static void name_failed(const struct job *job, struct publish_summary *summary) {
    struct text text = text_new(job->arena, 4096);
    for (size_t s = 0; s < job->release.n_scales; s++) {
        const struct released_scale *scale = &job->release.scales[s];
        if (!scale->failed) continue;
        text_addf(&text, "%s%s %s", text.length ? ", " : "", scale->survey->instrument->code,
                  scale->scale->code);
    }
    if (text.length) summary->failed = text_string(&text);
}

static void summarise(const struct job *job, struct publish_summary *summary) {
    name_failed(job, summary);
    snprintf(summary->sha256, sizeof summary->sha256, "%s", job->results);
    snprintf(summary->inputs_sha256, sizeof summary->inputs_sha256, "%s", job->inputs);
    for (size_t i = 0; i < job->panel.n_surveys; i++)
        summary->persons += job->panel.surveys[i].answered[0];
    for (size_t s = 0; s < job->release.n_scales; s++) {
        const struct released_scale *scale = &job->release.scales[s];
        summary->scales += scale->calibrated || scale->items;
        for (size_t u = 0; u < job->panel.units.n; u++) {
            if (scale->survey->invited[u] == 0 ||
                !release_reaches(scale->scale, job->panel.units.unit[u].kind))
                continue;
            if (scale->cells[u].shown)
                summary->cells_shown++;
            else
                summary->cells_hidden++;
        }
    }
}

static bool publish_job(struct job *job, struct publish_summary *summary, struct error *error) {
    report(job, N_("Reading answers"), 0);
    if (!panel_read(job->programme->study, job->options->wave, job->arena, &job->panel, error))
        return false;
    if (strcmp(job->panel.wave.state, "closed") != 0)
        return error_set(error, "publish.not_closed", ARG_INT("wave", job->options->wave));
    size_t answered = 0;
    for (size_t i = 0; i < job->panel.n_surveys; i++)
        answered += job->panel.surveys[i].answered[0];
    if (answered == 0)
        return error_set(error, "publish.no_answers", ARG_INT("wave", job->options->wave));
    if (!hash_inputs(job, error) || !measure_all(job, error) || !freeze_all(job, summary, error))
        return false;
    summarise(job, summary);
    report(job, N_("Freezing results"), 1);
    return true;
}

bool publish_wave(struct programme *programme, const struct publish_options *options,
                  struct arena *arena, struct publish_summary *summary, struct error *error) {
    struct job job = { .programme = programme, .options = options, .arena = arena };
    *summary = (struct publish_summary){ 0 };
    if (sodium_init() < 0) return error_plain(error, "publish.memory");
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = options->threads > 0 ? options->threads : processors > 0 ? (int)processors : 1;
    job.pool = pool_create(threads);
    if (!job.pool) return error_plain(error, "publish.memory");
    snprintf(job.settings, sizeof job.settings, "minimum_group=%d draws=%d",
             programme->settings.minimum_group, PLAUSIBLE_VALUES);
    bool ok = publish_job(&job, summary, error);
    pool_destroy(job.pool);
    return ok;
}
