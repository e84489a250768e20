/* Three to five findings: the largest differences above, then below, then how many scales do not
 * stand out; where these are fewer than three, what was answered and by how many. */
#include "profile/builder.h"

#include <stdlib.h>
#include <string.h>

enum { EACH_WAY = 2, ONE_WAY = 3, ENOUGH = 3, FINDINGS_MAX = 5 };

struct candidates {
    size_t n;
    const struct frozen_scale *scale[FINDINGS_MAX];
};

static int size_of(const struct frozen_scale *scale) {
    return abs(main_comparison(scale)->difference);
}

/* The flagged scales of one direction, largest first, equal ones in their own order; at most max.
 */
static struct candidates largest(struct selection scales, enum tone tone, size_t max) {
    struct candidates out = { 0 };
    for (size_t i = 0; i < scales.n; i++) {
        const struct frozen_scale *s = scales.scales[i];
        const struct frozen_comparison *c = main_comparison(s);
        if (!c || !part_all(s)->shown || verdict_tone(c) != tone) continue;
        size_t at = out.n;
        while (at > 0 && size_of(out.scale[at - 1]) < size_of(s)) at--;
        if (at == max) continue;
        if (out.n < max) out.n++;
        for (size_t k = out.n - 1; k > at; k--) out.scale[k] = out.scale[k - 1];
        out.scale[at] = s;
    }
    return out;
}

struct cards {
    size_t n;
    struct finding *card;
};

static struct finding *new_card(struct cards *cards) {
    return cards->n < FINDINGS_MAX ? &cards->card[cards->n++] : NULL;
}

static void add_difference(const struct builder *b, struct cards *cards,
                           const struct frozen_scale *scale) {
    const struct frozen_part *part = part_all(scale);
    const struct frozen_comparison *c = main_comparison(scale);
    struct finding *card = new_card(cards);
    if (!card) return;
    *card = (struct finding){
        .tone = verdict_tone(c),
        .tag = verdict_tag(b, c),
        .number = whole(b, part->mean),
        .detail = SAY(b, N_("between {low} and {high}"), ARG_TEXT("low", whole(b, part->low)),
                      ARG_TEXT("high", whole(b, part->high))),
        .sentence = document_runs(b->document, verdict_finding(b, scale, c)),
        .link_text = scale_name(b, scale),
        .href = SAY(b, "#{anchor}", ARG_TEXT("anchor", scale_anchor(b, scale))),
    };
}

/* How many scales have one of the two verdicts that say: this does not stand out. */
static void add_not_apart(const struct builder *b, struct cards *cards, struct selection scales,
                          enum verdict verdict) {
    size_t n = 0, shown = 0;
    const struct frozen_scale *one = NULL;
    for (size_t i = 0; i < scales.n; i++) {
        const struct frozen_comparison *c = main_comparison(scales.scales[i]);
        if (!part_all(scales.scales[i])->shown) continue;
        shown++;
        if (!c || c->verdict != verdict) continue;
        n++;
        if (!one) one = scales.scales[i];
    }
    struct finding *card = n ? new_card(cards) : NULL;
    if (!card) return;
    const struct frozen_comparison *c = main_comparison(one);
    const struct arg args[] = {
        ARG_TEXT("n", count_word(b, n)),
        ARG_TEXT("all", count_word(b, shown)),
        ARG_TEXT("unit", unit_the(b, b->frozen->unit.kind)),
        ARG_TEXT("with", reference_the(b, c->with)),
        ARG_TEXT("scale", document_escape(b->document, lower_first(b, scale_name(b, one)))),
    };
    const char *sentence = verdict == VERDICT_UNCLEAR
                               ? n == 1 ? N_("On {scale}, {unit} is so close to {with} that **the "
                                             "difference may be chance**. That is a "
                                             "normal finding.")
                                        : N_("On {n} of {all} scales, {unit} is so close to {with} "
                                             "that **the difference may be chance**. "
                                             "That is a normal finding.")
                           : n == 1 ? N_("On {scale} there is **no real difference**: {unit} is "
                                         "almost surely within 10 points of {with}.")
                                    : N_("On {n} of {all} scales there is **no real difference**: "
                                         "{unit} is almost surely within 10 points of "
                                         "{with}.");
    *card = (struct finding){
        .tag = verdict_tag(b, c),
        .number = whole(b, (int)n),
        .detail = SAY(b, N_("of {all} scales"), ARG_INT("all", shown)),
        .sentence = document_runs(b->document, say(b, sentence, args, sizeof args / sizeof *args)),
        .link_text = plain(b, N_("See all scales")),
        .href = "#scales",
    };
}

/* What most answered on a scale that is shares alone. */
static void add_most_given(const struct builder *b, struct cards *cards,
                           const struct frozen_scale *scale) {
    struct most_given most;
    if (!most_given(b, scale, &most)) return;
    struct finding *card = new_card(cards);
    if (!card) return;
    *card = (struct finding){ .tag = scale_name(b, scale),
                              .number = most.number,
                              .sentence = document_runs(b->document, upper_first(b, most.sentence)),
                              .detail = most.label };
}

static void add_response(const struct builder *b, struct cards *cards) {
    const struct frozen_response *r = b->frozen->responses;
    if (b->frozen->n_responses == 0 || !r->shown || r->invited <= 0) return;
    struct finding *card = new_card(cards);
    if (!card) return;
    const struct arg args[] = {
        ARG_INT("n", r->n),
        ARG_INT("invited", r->invited),
        ARG_TEXT("respondents", respondent_plural(b, r->respondent)),
    };
    size_t n = sizeof args / sizeof *args;
    *card = (struct finding){
        .tag = plain(b, N_("Response")),
        .number = percent(b, (int)(100.0 * r->n / r->invited + .5)),
        .detail = say(b, N_("{n} of {invited}"), args, n),
        .sentence = document_runs(
            b->document, say(b,
                             N_("**{n} of {invited} {respondents} answered.** The more who "
                                "answer, the surer the numbers."),
                             args, n)),
    };
}

/* At the first survey the scale is laid so that its mean is 500: said before somebody takes it for
 * a result. */
static void add_first_wave(const struct builder *b, struct cards *cards) {
    if (strcmp(b->frozen->unit.kind, "programme") != 0 || b->frozen->wave != 1) return;
    struct finding *card = new_card(cards);
    if (!card) return;
    *card = (struct finding){
        .tag = plain(b, N_("The starting point")),
        .number = "500",
        .detail = plain(b, N_("points on every scale")),
        .sentence = document_runs(
            b->document,
            plain(b, N_("At the first survey the programme’s mean is **500 on every scale**. The "
                        "numbers mean something once they are compared: with a municipality, a "
                        "school or a later survey."))),
    };
}

void add_findings(const struct builder *b) {
    struct selection points = select_scales(b, NULL, false), shares = select_scales(b, NULL, true);
    struct cards cards = { .card =
                               document_array(b->document, FINDINGS_MAX, sizeof(struct finding)) };
    if (!cards.card) return;
    size_t above = largest(points, TONE_ABOVE, 1).n, below = largest(points, TONE_BELOW, 1).n;
    struct candidates up = largest(points, TONE_ABOVE, below ? EACH_WAY : ONE_WAY);
    struct candidates down = largest(points, TONE_BELOW, above ? EACH_WAY : ONE_WAY);
    for (size_t i = 0; i < up.n; i++) add_difference(b, &cards, up.scale[i]);
    for (size_t i = 0; i < down.n; i++) add_difference(b, &cards, down.scale[i]);
    add_not_apart(b, &cards, points, VERDICT_UNCLEAR);
    add_not_apart(b, &cards, points, VERDICT_NO_DIFFERENCE);
    add_first_wave(b, &cards);
    for (size_t i = 0; i < shares.n && cards.n < ENOUGH; i++)
        add_most_given(b, &cards, shares.scales[i]);
    if (cards.n < ENOUGH) add_response(b, &cards);
    struct block *block = cards.n ? add_block(b->document, BLOCK_FINDINGS) : NULL;
    if (!block) return;
    block->n_findings = cards.n;
    block->findings = cards.card;
}
