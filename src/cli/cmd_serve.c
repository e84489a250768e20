/* laerke serve: the web door, until SIGTERM or SIGINT. */
#include "base/log.h"
#include "cli/serving.h"

#include "store/programme.h"
#include "web/server.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct option serve_options[] = {
    { "--listen", "ADDRESS:PORT", N_("where to listen; 127.0.0.1:8080 unless given, port 0 for any free one"), false },
    { "--threads", "N", N_("threads that answer; one a processor unless given"), false },
    { "--demo", NULL, N_("the front page says how to log in as each role of a simulated programme"), false },
    { "--quiet", NULL, N_("no line for each request on standard error"), false },
    { .name = NULL },
};

bool serve_address(const char *given, char address[ADDRESS_MAX], int *port) {
    const char *colon = strrchr(given, ':');
    long long number;
    if (!colon || !text_to_int(colon + 1, 0, 65535, &number)) return false;
    size_t n = (size_t)(colon - given);
    if (n >= 2 && given[0] == '[' && given[n - 1] == ']') {
        given++;
        n -= 2;
    }
    if (n == 0 || n >= ADDRESS_MAX) return false;
    memcpy(address, given, n);
    address[n] = '\0';
    *port = (int)number;
    return true;
}

/* Every thread but this one has the signals blocked: they are waited for, never handled in between. */
static void block_signals(sigset_t *ending) {
    sigemptyset(ending);
    sigaddset(ending, SIGTERM);
    sigaddset(ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, ending, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int say_ready(struct cli *cli, const char *address, int port, const char *path) {
    char url[ADDRESS_MAX + 160];
    bool six = strchr(address, ':') != NULL;
    snprintf(url, sizeof url, "http://%s%s%s:%d%.96s", six ? "[" : "", address, six ? "]" : "", port, path);
    if (cli->json) {
        int result = cli_print_json(cli, json_pack("{s:s, s:i}", "url", url, "port", port));
        fflush(stdout);
        return result;
    }
    cli_say(cli, N_("Lærke is open at {url}   (end with Ctrl-C)"), ARG_TEXT("url", url));
    return EXIT_DONE;
}

int serve_until_told(struct cli *cli, const struct programme *programme,
                     const struct web_options *options, const char *path) {
    struct error error = { 0 };
    struct web *web;
    sigset_t ending;
    int port, received;
    block_signals(&ending);
    if (!web_start(programme, options, &web, &port, &error)) return cli_fail(cli, &error);
    int result = say_ready(cli, options->address, port, path);
    if (result == EXIT_DONE) sigwait(&ending, &received);
    web_stop(web);
    return result;
}

static int run(struct cli *cli, const struct arguments *arguments) {
    struct programme programme;
    struct error error = { 0 };
    char address[ADDRESS_MAX] = "127.0.0.1";
    struct web_options options = { .address = address, .port = 8080 };
    const char *listen = option_text(arguments, "--listen");
    long long threads = 0;
    if (listen && !serve_address(listen, address, &options.port))
        return cli_usage(cli, N_("“{detail}” is no ADDRESS:PORT, such as 127.0.0.1:8080"), listen);
    if (!option_int(cli, arguments, "--threads", 1, 64, &threads)) return EXIT_USAGE;
    options.threads = (int)threads;
    options.demo = option_flag(arguments, "--demo");
    log_set_level(option_flag(arguments, "--quiet") ? LOG_WARN : LOG_INFO);
    if (!programme_open(&programme, cli->dir, &error)) return cli_fail(cli, &error);
    int result = serve_until_told(cli, &programme, &options, "");
    programme_close(&programme);
    return result;
}

const struct command command_serve = {
    "serve", N_("Serve the pages until it is told to end"), "", serve_options, 0, 0, run,
};
