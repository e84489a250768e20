/* What stands around the numbers: what they mean, what to do with them, what they are not for. */
#include "profile/builder.h"

#include "base/text.h"

#include <string.h>

enum { POINTS_MAX = 8 };

static void set_points(const struct builder *b, struct block *block, const char *const *texts,
                       size_t n) {
    if (!block) return;
    block->points = document_array(b->document, n, sizeof *block->points);
    if (!block->points) return;
    block->n_points = n;
    for (size_t i = 0; i < n; i++) block->points[i] = document_runs(b->document, texts[i]);
}

void add_meaning_of_numbers(const struct builder *b) {
    const char *unit = unit_the(b, b->frozen->unit.kind);
    const char *texts[POINTS_MAX];
    size_t n = 0;
    texts[n++] = plain(b, N_("**500 points** is the programme’s mean at the first survey. About "
                             "two in three of those who "
                             "answer lie between 400 and 600. The scale is the same ever after, so "
                             "that surveys can be "
                             "compared."));
    texts[n++] =
        plain(b, N_("**The interval** (“between 523 and 545”) says how sure the number is: it "
                    "holds the true "
                    "number in 95 of 100 cases. The more who answer, the narrower it is."));
    texts[n++] = SAY(b,
                     N_("**The comparison** is with others in the same grades, so that {unit} is "
                        "not judged by the age "
                        "of its pupils."),
                     ARG_TEXT("unit", unit));
    texts[n++] = plain(b, N_("**The words** follow the interval. A difference under 10 points is "
                             "very small, under 20 "
                             "small, under 40 clear, and from 40 large."));
    texts[n++] =
        plain(b, N_("**Cannot be told apart** means that the difference may be chance. **No real "
                    "difference** "
                    "means that it is almost surely under 10 points. Both are normal findings."));
    texts[n++] = plain(b, N_("**Many comparisons** are made at once, and some would stand out by "
                             "chance alone. A difference is therefore named only when it is sure "
                             "enough among them all, and its interval is wider than the number’s "
                             "own."));
    if (strcmp(b->frozen->unit.kind, "class") == 0)
        texts[n++] = plain(b, N_("**A class is few pupils.** Its number is therefore drawn towards "
                                 "what is to be expected "
                                 "at its school; how far depends on how many answered. The raw "
                                 "mean stands in the table."));
    struct block *block = add_block(b->document, BLOCK_EXPLAIN);
    if (!block) return;
    block->title = plain(b, N_("What does the number mean?"));
    set_points(b, block, texts, n);
}

void add_next_step(const struct builder *b) {
    static const struct {
        const char *kind, *body;
    } bodies[] = {
        { "class", N_("Set aside half an hour in the team. Choose one finding, let the four "
                      "questions guide you, and agree "
                      "on one action and one sign to look for.") },
        { "school", N_("Set aside half an hour in each team. Choose one finding, let the four "
                       "questions guide you, and "
                       "agree on one action and one sign to look for.") },
        { "municipality", N_("Bring one finding to the schools as a question, not as an answer. "
                             "Let the four questions guide "
                             "the talk, and agree on what you will look for next time.") },
        { NULL, N_("Choose one finding and ask those who know it from their everyday work. Let the "
                   "four questions guide the "
                   "talk.") },
    };
    const char *const questions[] = {
        plain(b,
              N_("What do we want our pupils to know and be able to do as a result of our work?")),
        plain(b, N_("How can we see whether they have learned it?")),
        plain(b,
              N_("How do we step in for pupils who struggle, and challenge those who are ahead?")),
        plain(b, N_("How can we improve our own practice?")),
    };
    size_t i = 0;
    while (bodies[i].kind && strcmp(bodies[i].kind, b->frozen->unit.kind) != 0) i++;
    struct block *block = add_paragraph(b->document, BLOCK_NEXT, plain(b, bodies[i].body));
    if (!block) return;
    block->title = plain(b, N_("From numbers to action"));
    set_points(b, block, questions, sizeof questions / sizeof *questions);
}

void add_footer(const struct builder *b) {
    const struct frozen *f = b->frozen;
    char opens[NUMBER_MAX], closes[NUMBER_MAX];
    b->document->footer = SAY(
        b,
        N_("The numbers are for development, not for control. Schools are not ranked. Groups with "
           "fewer than {minimum} "
           "answers are not shown. Answered between {opens} and {closes}; result {publication}."),
        ARG_INT("minimum", f->minimum_group),
        ARG_TEXT("opens", i18n_date(b->language, f->opens, true, opens)),
        ARG_TEXT("closes", i18n_date(b->language, f->closes, true, closes)),
        ARG_TEXT("publication", f->publication));
}
