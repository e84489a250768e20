#include "cli/faults.h"

#include "instrument/approval.h"
#include "instrument/instrument.h"
#include "store/programme.h"

#include <unistd.h>

enum { FAULTS_MAX = 200 };

json_t *faults_json(struct cli *cli, const struct error_list *faults) {
    json_t *list = json_array();
    for (size_t i = 0; i < faults->count; i++) {
        const struct error *fault = &faults->items[i];
        struct text sentence = text_new(cli->arena, 4096);
        i18n_error(cli->language, &sentence, fault);
        const char *line = error_value(fault, "line"), *file = error_value(fault, "file");
        long long number = 0;
        if (line) text_to_int(line, 0, 1000000000, &number);
        json_array_append_new(list, json_pack("{s:s?, s:I, s:s, s:s}", "file", file, "line",
                                              (json_int_t)number, "id", fault->id, "message",
                                              text_string(&sentence)));
    }
    return list;
}

int report_faults(struct cli *cli, const struct error_list *faults) {
    if (cli->json)
        cli_print_json(cli, json_pack("{s:I, s:o}", "faults", (json_int_t)faults->total, "list",
                                      faults_json(cli, faults)));
    return cli_fail_list(cli, faults);
}

static bool loaded(struct cli *cli, const char *code, int version, struct instrument **out,
                   struct offered *offered) {
    struct programme programme;
    struct error error = { 0 };
    int64_t id;
    if (!programme_open(&programme, cli->dir, &error)) return false;
    bool ok = instrument_get(programme.study, code, version, cli->arena, &id, out, &error) &&
              (!offered || languages_offered(programme.study, id, *out, cli->arena, offered, &error));
    programme_close(&programme);
    return ok;
}

bool instrument_named(struct cli *cli, const char *name, int version, struct instrument **out,
                      struct offered *offered) {
    struct error_list faults;
    error_list_init(&faults, cli->arena, FAULTS_MAX);
    if (access(name, F_OK) != 0 && loaded(cli, name, version, out, offered)) return true;
    if (version > 0) {
        struct error error = { 0 };
        error_set(&error, "instrument.unknown", ARG_TEXT("code", name));
        cli_fail(cli, &error);
        return false;
    }
    if (!instrument_read_file(out, name, cli->arena, &faults)) {
        report_faults(cli, &faults);
        return false;
    }
    if (offered) *offered = (struct offered){ (*out)->n_languages, (*out)->languages };
    return true;
}
