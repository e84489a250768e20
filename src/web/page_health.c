/* /health: the process answers. /ready: it can do its work: both stores answer, and its key is there. */
#include "store/programme.h"
#include "web/page.h"
#include "web/site.h"

bool page_health(struct request *request, struct error *error) {
    (void)error;
    reply_text(request, 200, "ok\n");
    return true;
}

static bool answers(struct store *store, struct error *error) {
    struct statement *s;
    if (!store_prepare(store, &s, "SELECT 1", error)) return false;
    statement_step(s, error);
    return statement_end(s, error);
}

bool page_ready(struct request *request, struct error *error) {
    if (atomic_load(&request->site->stopping)) {
        reply_text(request, 503, "stopping\n");
        return true;
    }
    if (!answers(request->programme->study, error) || !answers(request->programme->identity, error))
        return false;
    reply_text(request, 200, "ready\n");
    return true;
}
