/* laerke profile: a unit's quality profile, or those of all, as a web page, a PDF or JSON. */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "num/pool.h"
#include "paint/paint.h"
#include "profile/profile.h"
#include "publish/frozen.h"
#include "roster/unit.h"
#include "store/programme.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum format { FORMAT_HTML, FORMAT_PDF, FORMAT_JSON, FORMATS };
static const char *const format_names[FORMATS] = { "html", "pdf", "json" };

enum { PAGE_MAX = 32 * 1024 * 1024, BATCH = 64, FILE_NAME_MAX = 4096, WAVE_MAX = 1000000 };

/* One file to be made. The pieces of a batch run in threads of their own: each has its arena. */
struct task {
    const char *json;
    size_t length;
    char path[FILE_NAME_MAX];
    bool ok;
    struct error error;
};
struct batch {
    enum format format;
    const struct language *language;
    struct task *tasks;
    size_t n;
};

/* Written beside its name and renamed: what stands under a name is whole. */
static bool write_file(const char *path, const void *bytes, size_t length, struct error *error) {
    char made[FILE_NAME_MAX + 8];
    snprintf(made, sizeof made, "%s.part", path);
    FILE *file = fopen(made, "wb");
    bool ok = file && fwrite(bytes, 1, length, file) == length;
    int failure = errno;
    if (file && fclose(file) != 0 && ok) {
        ok = false;
        failure = errno;
    }
    if (ok && rename(made, path) == 0) return true;
    if (ok) failure = errno;
    if (file) unlink(made);
    return error_set(error, "profile.write", ARG_TEXT("file", path),
                     ARG_TEXT("why", strerror(failure)));
}

static bool paint(enum format format, const struct document *document, struct arena *arena,
                  const char *path, struct error *error) {
    if (format == FORMAT_PDF) {
        struct pdf pdf;
        return paint_pdf(document, arena, &pdf, error) &&
               write_file(path, pdf.bytes, pdf.length, error);
    }
    struct text page = text_new(arena, PAGE_MAX);
    paint_html_page(document, &page);
    if (!text_ok(&page)) return error_plain(error, "profile.too_large");
    return write_file(path, text_string(&page), page.length, error);
}

static bool make_file(const struct batch *batch, const struct task *task, struct error *error) {
    if (batch->format == FORMAT_JSON)
        return write_file(task->path, task->json, task->length, error);
    struct arena *arena = arena_create(ARENA_REQUEST_MAX);
    if (!arena) return error_plain(error, "profile.too_large");
    const struct profile_options options = { .language = batch->language };
    struct frozen *frozen;
    bool ok = frozen_read(task->json, task->length, arena, &frozen, error);
    if (ok) {
        struct document *document = profile_build(frozen, &options, arena);
        ok = document ? paint(batch->format, document, arena, task->path, error)
                      : error_plain(error, "profile.too_large");
    }
    arena_destroy(arena);
    return ok;
}

static void run_task(void *context, size_t piece) {
    struct batch *batch = context;
    struct task *task = &batch->tasks[piece];
    task->ok = make_file(batch, task, &task->error);
}

static bool read_format(struct cli *cli, const struct arguments *arguments, enum format *out,
                        int *usage) {
    const char *name = option_text(arguments, "--format");
    if (!name) name = "html";
    for (int i = 0; i < FORMATS; i++) {
        if (strcmp(format_names[i], name) != 0) continue;
        *out = (enum format)i;
        return true;
    }
    *usage = cli_usage(cli, N_("A profile is html, pdf or json, not “{detail}”."), name);
    return false;
}

/* The profile is in --language, else in the programme's first: its readers are not the one at the
 * keyboard. */
static bool read_language(struct cli *cli, const struct arguments *arguments,
                          const struct programme *programme, const struct language **out,
                          int *usage) {
    const char *tag = option_text(arguments, "--language");
    *out = language_get(tag ? tag : programme->settings.languages);
    if (!tag || strcmp(language_tag(*out), tag) == 0) return true;
    *usage = cli_usage(cli, N_("There is no language “{detail}”; choose da or en."), tag);
    return false;
}

static int say_done(struct cli *cli, size_t files, const char *out) {
    if (cli->json)
        return cli_print_json(cli, json_pack("{s:I, s:s}", "files", (json_int_t)files, "out", out));
    if (files == 1)
        cli_say(cli, N_("Written: {file}"), ARG_TEXT("file", out));
    else
        cli_say(cli, N_("{n} profiles written to {file}"), ARG_INT("n", files),
                ARG_TEXT("file", out));
    return EXIT_DONE;
}

static int make_one(struct cli *cli, struct programme *programme, const char *unit, int wave,
                    struct batch *batch, const char *out) {
    struct error error = { 0 };
    struct units units;
    struct frozen *frozen;
    struct task task = { 0 };
    long at;
    if (strlen(out) >= sizeof task.path)
        return cli_usage(cli, N_("The name of the file is too long: “{detail}”."), out);
    snprintf(task.path, sizeof task.path, "%s", out);
    if (!units_read(programme->study, cli->arena, &units, &error) ||
        !units_find(&units, unit, &at, &error) ||
        !frozen_get(programme->study, wave, units.unit[at].id, cli->arena, &frozen, &task.json,
                    &task.length, &error) ||
        !make_file(batch, &task, &error))
        return cli_fail(cli, &error);
    return say_done(cli, 1, out);
}

/* "programme", "horsens", "horsens_751234_3A". Codes come from rosters: what is neither a letter, a
 * digit, a point nor a hyphen becomes "-", and the unit's number then keeps two names apart. */
static void file_name(const struct units *units, size_t unit, char *out, size_t size) {
    long chain[16] = { 0 };
    size_t depth = 0;
    bool changed = false;
    for (long u = (long)unit; units->unit[u].parent >= 0 && depth < 16; u = units->unit[u].parent)
        chain[depth++] = u;
    size_t used = (size_t)snprintf(out, size, "%s", depth ? "" : "programme");
    for (size_t i = depth; i-- > 0;) {
        for (const char *c = units->unit[chain[i]].code; *c && used + 32 < size; c++) {
            bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                         (*c >= '0' && *c <= '9') || (unsigned char)*c >= 0x80 || *c == '-' ||
                         (*c == '.' && used > 0);
            changed = changed || !plain;
            out[used++] = plain ? *c : '-';
        }
        if (i > 0) out[used++] = '_';
    }
    out[used] = '\0';
    if (changed) snprintf(out + used, size - used, "_%lld", (long long)units->unit[unit].id);
}

/* Reads the results of up to BATCH units from *next on. Units that the publication does not know
 * are passed over. */
static bool fill_batch(struct programme *programme, const struct units *units, int wave,
                       const char *dir, struct arena *arena, struct batch *batch, size_t *next,
                       struct error *error) {
    for (batch->n = 0; *next < units->n && batch->n < BATCH; ++*next) {
        struct task *task = &batch->tasks[batch->n];
        struct frozen *frozen;
        char name[256];
        *task = (struct task){ 0 };
        if (!frozen_get(programme->study, wave, units->unit[*next].id, arena, &frozen, &task->json,
                        &task->length, error)) {
            if (!error_is(error, "publish.no_unit")) return false;
            *error = (struct error){ 0 };
            continue;
        }
        file_name(units, *next, name, sizeof name);
        snprintf(task->path, sizeof task->path, "%s/%s.%s", dir, name, format_names[batch->format]);
        batch->n++;
    }
    return true;
}

static bool run_batch(struct pool *pool, struct batch *batch, struct error *error) {
    pool_run(pool, batch->n, run_task, batch);
    for (size_t i = 0; i < batch->n; i++) {
        if (batch->tasks[i].ok) continue;
        *error = batch->tasks[i].error;
        return false;
    }
    return true;
}

static bool make_all(struct cli *cli, struct programme *programme, int wave, struct batch *batch,
                     const char *dir, size_t *files, struct error *error) {
    struct units units;
    struct progress progress;
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return error_set(error, "profile.write", ARG_TEXT("file", dir),
                         ARG_TEXT("why", strerror(errno)));
    if (!units_read(programme->study, cli->arena, &units, error)) return false;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct pool *pool = pool_create(processors > 1 ? (int)processors : 1);
    progress_begin(&progress, cli, N_("Painting profiles"));
    bool ok = true;
    for (size_t next = 0; ok && next < units.n;) {
        struct arena *arena = arena_create(GIB);
        ok = arena && fill_batch(programme, &units, wave, dir, arena, batch, &next, error) &&
             run_batch(pool, batch, error);
        *files += batch->n;
        arena_destroy(arena);
        progress_set(&progress, (double)next / (double)units.n);
    }
    progress_end(&progress, ok ? NULL : i18n_text(cli->language, N_("stopped")));
    pool_destroy(pool);
    return ok;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    const char *unit = option_text(arguments, "--unit"), *out = option_text(arguments, "--out");
    bool all = option_flag(arguments, "--all");
    long long wave = 0;
    int usage = EXIT_USAGE;
    struct programme programme;
    struct error error = { 0 };
    struct batch batch = { .tasks = arena_array(cli->arena, BATCH, sizeof *batch.tasks) };
    if (!out) return cli_usage(cli, N_("An option is missing: {detail}"), "--out");
    if (all == (unit != NULL)) return cli_usage(cli, N_("Give either --unit or --all."), NULL);
    if (!read_format(cli, arguments, &batch.format, &usage)) return usage;
    if (!option_int(cli, arguments, "--wave", 1, WAVE_MAX, &wave)) return EXIT_USAGE;
    if (strlen(out) > FILE_NAME_MAX - 300 || !batch.tasks)
        return cli_usage(cli, N_("The name of the file is too long: “{detail}”."), out);
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    if (!read_language(cli, arguments, &programme, &batch.language, &usage)) {
        programme_close(&programme);
        return usage;
    }
    size_t files = 0;
    int code = all ? make_all(cli, &programme, (int)wave, &batch, out, &files, &error)
                         ? say_done(cli, files, out)
                         : cli_fail(cli, &error)
                   : make_one(cli, &programme, unit, (int)wave, &batch, out);
    programme_close(&programme);
    return code;
}

static const struct option options[] = {
    { "--unit", "UNIT", N_("whose profile: a path of codes or an id; empty for the programme"),
      false },
    { "--all", NULL, N_("the profiles of all units, named by their codes"), false },
    { "--wave", "N", N_("of which wave (the newest published when not given)"), false },
    { "--format", "FORMAT", N_("html (when not given), pdf or json"), false },
    { "--language", "LANG",
      N_("the profile's language: da or en (the programme's first when not given)"), false },
    { "--out", "FILE", N_("the file, or with --all the folder, to write"), false },
    { NULL, NULL, NULL, false },
};

const struct command command_profile = {
    .words = "profile",
    .summary = N_("Make a unit’s quality profile, or everybody’s, as a page, a PDF or JSON"),
    .arguments = "--unit UNIT|--all --out FILE",
    .options = options,
    .run = run,
};
