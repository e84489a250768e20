/* recording.h - questions and options read aloud.
 *
 * Layer: collect. A recording belongs to a sentence in a language, by its words: "Altid" is
 * recorded once, and heard at every question that has it; where the words of a question change, the
 * old recording is not heard any more. The sound is a file of the programme, files/sound-SHA256, so
 * that the same sound is kept once; the study store says which sentence it is of.
 *
 *     struct recordings all;
 *     if (!recordings_read(study, "da", arena, &all, &error)) return false;
 *     const char *sha256 = recording_of(&all, "Er du glad for at gå i skole?"); // NULL: not
 * recorded
 */
#ifndef LAERKE_COLLECT_RECORDING_H
#define LAERKE_COLLECT_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct programme;
struct store;

enum { RECORDING_MAX = 1024 * 1024, RECORDING_TEXT_MAX = 4000, SHA256_HEX = 65 };

struct recording {
    const char *text, *sha256;
};
struct recordings {
    size_t n;
    struct recording *all; /* by text */
};

/* Every recording of a language. */
bool recordings_read(struct store *study, const char *language, struct arena *arena,
                     struct recordings *out, struct error *error);

/* The sound of that sentence, or NULL. */
const char *recording_of(const struct recordings *recordings, const char *text);

/* Keeps a sound as that of a sentence; one that was there before is replaced. sha256 gets its name.
 * Errors: recording.kind (neither WebM nor MP4), recording.size, recording.text, recording.file
 * {reason}, store.*. */
bool recording_keep(struct programme *programme, const char *language, const char *text,
                    const void *bytes, size_t n, int64_t now, char sha256[SHA256_HEX],
                    struct error *error);

/* The bytes of a sound and their media type ("audio/webm", "audio/mp4"); *bytes NULL: there is none
 * of that name. Errors: recording.file, recording.memory. */
bool recording_sound(const struct programme *programme, const char *sha256, struct arena *arena,
                     const void **bytes, size_t *n, const char **type, struct error *error);

#endif
