/* postgres.h - a PostgreSQL for a C test, by tests/postgres.py: postgres_start() in main before the
 * tests, postgres_url() in each. It ends with the test, however that ends. */
#ifndef LAERKE_TESTS_POSTGRES_H
#define LAERKE_TESTS_POSTGRES_H

#include "check.h"

#include <libpq-fe.h>

#include <sys/wait.h>
#include <unistd.h>

static struct {
    pid_t pid;
    int input; /* its end is what stops the server */
    char url[1024];
} postgres;

static inline void postgres_start(void) {
    const char *root = getenv("LAERKE_ROOT");
    char script[4096];
    snprintf(script, sizeof script, "%s/tests/postgres.py", root ? root : ".");
    int in[2], out[2];
    if (pipe(in) != 0 || pipe(out) != 0) return;
    postgres.pid = fork();
    if (postgres.pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[0]), close(in[1]), close(out[0]), close(out[1]);
        execl("/usr/bin/python3", "python3", script, (char *)NULL);
        _exit(127);
    }
    close(in[0]), close(out[1]);
    postgres.input = in[1];
    FILE *answer = fdopen(out[0], "r");
    if (!answer || !fgets(postgres.url, sizeof postgres.url, answer)) postgres.url[0] = '\0';
    postgres.url[strcspn(postgres.url, "\n")] = '\0';
    if (answer) fclose(answer);
}

static inline void postgres_stop(void) {
    close(postgres.input);
    if (postgres.pid > 0) waitpid(postgres.pid, NULL, 0);
}

/* The URL of a new, empty database (static buffer), or a skipped test where PostgreSQL is absent.
 */
static inline const char *postgres_url(void) {
    static char url[1024];
    static int n;
    if (strcmp(postgres.url, "absent") == 0) {
        print_message("# skipped: PostgreSQL is absent\n");
        skip();
    }
    if (!*postgres.url) fail_msg("PostgreSQL did not start");
    PGconn *conn = PQconnectdb(postgres.url);
    char sql[64];
    snprintf(sql, sizeof sql, "CREATE DATABASE test%d", ++n);
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) fail_msg("%s", PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
    const char *host = strchr(postgres.url, '?');
    snprintf(url, sizeof url, "postgresql://laerke@/test%d%s", n, host ? host : "");
    return url;
}

#endif
