/* profile.h - frozen results → a quality profile, as a document.
 *
 * Layer: profile (above publish and document). No database: one frozen unit in, one document out.
 */
#ifndef LAERKE_PROFILE_PROFILE_H
#define LAERKE_PROFILE_PROFILE_H

#include "document/document.h"
#include "i18n/i18n.h"
#include "publish/frozen.h"

struct arena;

struct profile_options {
    const struct language *language;
    bool hide_teaching;     /* a class seen by its leader: scales about teaching belong to the team, which
                             * is said; they may be left out of the frozen results already */
    bool link_children;     /* links to the units below, for those who may see them */
    const char *base_path;  /* "/unit/" before a unit's id in links */
};

/* NULL when the arena is full. */
struct document *profile_build(const struct frozen *frozen, const struct profile_options *options,
                               struct arena *arena);

#endif
