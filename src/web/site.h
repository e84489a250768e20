/* site.h - what all requests share: the programme's settings, the tree of units, painted pages.
 *
 * Layer: web, for its own files. Everything here may be used by all threads at once.
 */
#ifndef LAERKE_WEB_SITE_H
#define LAERKE_WEB_SITE_H

#include "collect/code.h"
#include "roster/unit.h"
#include "store/programme.h"
#include "web/server.h"

#include <stdatomic.h>
#include <stdbool.h>

struct arena;
struct cache;
struct request;
struct tree_keeper;

struct site {
    const struct programme *programme; /* settings and folder; its connections are not used */
    struct web_options options;
    unsigned char key[KEY_BYTES];      /* of visitors' CSRF tokens */
    struct collect_keys collect;       /* of codes and grants */
    struct form_keeper *forms;
    struct guesses *guesses;
    struct delay *delay; /* of replies to guesses */
    struct cache *cache;
    struct tree_keeper *trees;
    atomic_bool stopping;
};

/* The tree of units as it was at most TREE_AGE seconds ago: the access matrix and the navigation ask it
 * many times a request, and reading it costs milliseconds. */
enum { TREE_AGE = 5 };
struct tree {
    struct units units;
};
struct tree_keeper *trees_create(void);
void trees_destroy(struct tree_keeper *keeper);
/* The tree, kept until the arena ends. NULL: error is set. */
const struct tree *tree_get(struct tree_keeper *keeper, struct store *study, struct arena *arena,
                            struct error *error);

#endif
