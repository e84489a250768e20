/* serving.h - what commands that open a server share. Layer: cli. */
#ifndef LAERKE_CLI_SERVING_H
#define LAERKE_CLI_SERVING_H

#include "cli/cli.h"

enum { ADDRESS_MAX = 64 };

struct programme;
struct web_options;

/* "127.0.0.1:8080" or "[::1]:8080"; false when it is neither. */
bool serve_address(const char *given, char address[ADDRESS_MAX], int *port);

/* Serves until SIGTERM or SIGINT; says where, with path behind the address. Returns an exit code. */
int serve_until_told(struct cli *cli, const struct programme *programme,
                     const struct web_options *options, const char *path);

#endif
