/* laerke instrument preview: a questionnaire in the browser as its respondents will see it. It is served out
 * of a programme of its own, in a temporary folder that goes away again; nothing is saved. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "base/log.h"
#include "cli/serving.h"
#include "instrument/instrument.h"
#include "store/programme.h"
#include "web/server.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAULTS_MAX = 200, DEPTH_MAX = 16, FOLDER_MAX = 4096 };

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *ftw) {
    (void)stat;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static bool make_folder(char folder[FOLDER_MAX], struct error *error) {
    const char *where = getenv("TMPDIR");
    snprintf(folder, FOLDER_MAX, "%.3900s/laerke-preview-XXXXXX", where && *where ? where : "/tmp");
    return mkdtemp(folder) || error_set(error, "instrument.preview", ARG_TEXT("folder", folder));
}

static int serve_form(struct cli *cli, struct programme *programme, const struct arguments *arguments,
                      struct web_options *options) {
    struct error_list faults;
    int64_t id;
    int version;
    bool existed;
    char path[64];
    const char *tag = option_text(arguments, "--form-language");
    error_list_init(&faults, cli->arena, FAULTS_MAX);
    if (!instrument_load(programme->study, arguments_at(arguments, 0), cli->arena, &id, &version,
                         &existed, &faults))
        return cli_fail_list(cli, &faults);
    snprintf(path, sizeof path, "/forms/%lld%s%.8s", (long long)id, tag ? "?lang=" : "", tag ? tag : "");
    return serve_until_told(cli, programme, options, path);
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct error error = { 0 };
    char folder[FOLDER_MAX], inside[FOLDER_MAX + 8], address[ADDRESS_MAX] = "127.0.0.1";
    struct web_options options = { .address = address, .port = 0 };
    const char *listen = option_text(arguments, "--listen");
    if (listen && !serve_address(listen, address, &options.port))
        return cli_usage(cli, N_("“{detail}” is no ADDRESS:PORT, such as 127.0.0.1:8080"), listen);
    log_set_level(LOG_WARN);
    if (!make_folder(folder, &error)) return cli_fail(cli, &error);
    snprintf(inside, sizeof inside, "%s/p", folder);
    int result = EXIT_FAILED;
    if (programme_init(inside, arguments_at(arguments, 0), NULL, NULL, &error) && programme_open(&programme, inside, &error)) {
        result = serve_form(cli, &programme, arguments, &options);
        programme_close(&programme);
    } else {
        result = cli_fail(cli, &error);
    }
    nftw(folder, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS);
    return result;
}

static const struct option options[] = {
    { "--form-language", "TAG", N_("the language to begin in: da, en, ar, tr, where the questionnaire has it"), false },
    { "--listen", "ADDRESS:PORT", N_("where to listen; any free port of this machine unless given"), false },
    { NULL, NULL, NULL, false },
};
const struct command command_instrument_preview = {
    .words = "instrument preview",
    .summary = N_("Show a questionnaire in the browser as its respondents will see it"),
    .arguments = "FILE [--form-language TAG]", .options = options,
    .min_positional = 1, .max_positional = 1, .run = run,
};
