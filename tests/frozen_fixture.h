/* frozen_fixture.h - invented results of invented units, for the tests of publish, profile and paint. */
#ifndef LAERKE_TESTS_FROZEN_FIXTURE_H
#define LAERKE_TESTS_FROZEN_FIXTURE_H

#include "base/arena.h"
#include "publish/frozen.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct fixture_scale {
    const char *code, *name, *english, *meaning, *above, *below;
    bool teaching;
    int mean, half, reference;
    enum verdict verdict;
};

/* As a school might have them: two above, one below, the rest not apart. */
static const struct fixture_scale fixture_scales[] = {
    { "enjoyment", "Skoleglæde", "School enjoyment",
      "Hvor glade eleverne er for at gå i skole, og om de føler, at de hører til.", "er gladere for at gå i skole",
      "er mindre glade for at gå i skole", false, 512, 13, 501, VERDICT_UNCLEAR },
    { "peers", "Klassefællesskab", "Peer relations",
      "Om eleverne har nogen at være sammen med, hjælper hinanden og holder sammen i klassen.",
      "oplever et stærkere fællesskab i klassen", "oplever et svagere fællesskab i klassen", false, 521, 12, 500,
      VERDICT_CLEAR },
    { "safety", "Tryghed", "Safety",
      "Hvor trygge eleverne føler sig i timerne, i frikvartererne og på vej til og fra skole.",
      "føler sig tryggere i skolen", "føler sig mindre trygge i skolen", false, 498, 7, 499, VERDICT_NO_DIFFERENCE },
    { "support", "Lærernes støtte", "Teacher support",
      "Om lærerne hjælper eleverne, interesserer sig for dem og er retfærdige.", "oplever mere støtte fra deres lærere",
      "oplever mindre støtte fra deres lærere", true, 534, 11, 502, VERDICT_CLEAR },
    { "order", "Ro og struktur", "Order", "Om timerne begynder tydeligt, og om der er ro til at arbejde.",
      "oplever mere ro og struktur i timerne", "oplever mindre ro og struktur i timerne", true, 471, 12, 498,
      VERDICT_CLEAR },
    { "feedback", "Feedback og mål", "Feedback",
      "Om eleverne ved, hvad de skal lære, hvad de er gode til, og hvad de skal øve sig på.",
      "får mere feedback og klarere mål", "får mindre feedback og mindre klare mål", true, 506, 13, 500,
      VERDICT_UNCLEAR },
    { "motivation", "Motivation og indsats", "Motivation",
      "Om eleverne har lyst til at lære, gør sig umage og bliver ved, når det er svært.",
      "er mere motiverede for at lære", "er mindre motiverede for at lære", false, 509, 13, 501, VERDICT_UNCLEAR },
    { "efficacy", "Faglig selvtillid", "Self-efficacy",
      "Hvor sikre eleverne er på, at de kan lære det, de skal, og komme videre, når det er svært.",
      "har større faglig selvtillid", "har mindre faglig selvtillid", false, 503, 7, 502, VERDICT_NO_DIFFERENCE },
    { "voice", "Medbestemmelse", "Voice", "Om eleverne bliver hørt og er med til at bestemme i undervisningen.",
      "oplever mere medbestemmelse", "oplever mindre medbestemmelse", false, 517, 14, 500, VERDICT_SMALL },
};
enum { FIXTURE_SCALES = sizeof fixture_scales / sizeof *fixture_scales };

static inline struct frozen_text fixture_text(const char *da, const char *en) {
    struct frozen_text text = { 0 };
    if (da) {
        text.tag[0] = "da";
        text.text[0] = da;
    }
    if (en) {
        text.tag[da ? 1 : 0] = "en";
        text.text[da ? 1 : 0] = en;
    }
    return text;
}

static inline struct frozen_unit fixture_unit(int id, int parent, const char *kind, const char *name, int grade) {
    return (struct frozen_unit){ .id = id, .parent = parent, .kind = kind, .code = name, .name = name, .grade = grade };
}

/* Items with five answers, and their shares (item i is a little different from its neighbour). */
static inline void fixture_items(struct arena *arena, struct frozen_scale *s, const char *const *questions,
                                 size_t n, const char *const *labels, const int shares[5]) {
    struct frozen_part *part = &s->parts[0];
    s->n_items = n;
    s->items = arena_array(arena, n, sizeof *s->items);
    part->n_categories = n;
    part->categories = arena_array(arena, n, sizeof *part->categories);
    for (size_t i = 0; i < n; i++) {
        char code[64];
        snprintf(code, sizeof code, "%s%zu", s->scale, i + 1);
        struct frozen_item *item = &s->items[i];
        item->item = arena_copy(arena, code);
        item->text = fixture_text(questions[i], NULL);
        item->n_labels = 5;
        item->labels = arena_array(arena, 5, sizeof *item->labels);
        struct frozen_answers *a = &part->categories[i];
        *a = (struct frozen_answers){ .item = item->item, .shown = part->shown, .n = 371, .n_shares = 5,
                                      .shares = arena_array(arena, 5, sizeof *a->shares) };
        for (size_t k = 0; k < 5; k++) {
            item->labels[k] = fixture_text(labels[k], NULL);
            a->shares[k] = shares[k];
        }
        a->shares[0] += (int)i * 2 - 2;
        a->shares[1] -= (int)i * 2 - 2;
    }
}

static inline void fixture_cells(struct arena *arena, const struct fixture_scale *from, const char *kind,
                                 struct frozen_scale *s) {
    bool is_class = strcmp(kind, "class") == 0, programme = strcmp(kind, "programme") == 0;
    *s = (struct frozen_scale){
        .scale = from->code, .instrument = "pupil", .respondent = "pupil", .goal = 'T', .teaching = from->teaching,
        .name = fixture_text(from->name, from->english), .meaning = fixture_text(from->meaning, NULL),
        .above = fixture_text(from->above, NULL), .below = fixture_text(from->below, NULL), .n_items = 5,
        .reliability = .87, .axis_low = is_class ? 350 : 400, .axis_high = is_class ? 650 : 600,
        .band_low = programme ? 0 : is_class ? 474 : 485, .band_high = programme ? 0 : is_class ? 527 : 516,
        .n_parts = 1, .parts = arena_array(arena, 1, sizeof(struct frozen_part)),
    };
    int wider = is_class ? 22 : 0, mean = programme ? 500 : from->mean;
    s->parts[0] = (struct frozen_part){ .part = "all", .shown = true, .n = is_class ? 21 : 409,
                                        .invited = is_class ? 23 : 455, .mean = mean, .low = mean - from->half - wider,
                                        .high = mean + from->half + wider, .raw_mean = is_class ? mean + 9 : mean,
                                        .sd = is_class ? 0 : 94, .se = (from->half + wider) / 1.96 };
    s->parts[0].se = (double)(int)(s->parts[0].se * 10) / 10;
    if (programme) return;
    bool two = strcmp(kind, "municipality") != 0;
    int d = from->mean - from->reference;
    s->n_comparisons = two ? 2 : 1;
    s->comparisons = arena_array(arena, 2, sizeof *s->comparisons);
    s->comparisons[0] = (struct frozen_comparison){ .with = "programme", .part = "all", .reference = from->reference,
                                                    .difference = d, .low = d - from->half - 1,
                                                    .high = d + from->half + 1, .verdict = from->verdict };
    s->comparisons[1] = (struct frozen_comparison){ .with = "municipality", .part = "all",
                                                    .reference = from->reference + 4, .difference = d - 4,
                                                    .low = d - 4 - from->half, .high = d - 4 + from->half,
                                                    .verdict = d > 20 ? VERDICT_CLEAR : VERDICT_UNCLEAR };
}

static inline void fixture_shares(struct arena *arena, struct frozen *f) {
    static const char *const bullying[] = {
        "Hvor tit er du blevet drillet, så du blev ked af det, i dette skoleår?",
        "Hvor tit er du blevet holdt udenfor med vilje i dette skoleår?",
        "Hvor tit er du blevet mobbet i skolen i dette skoleår?", "Hvor tit er du blevet mobbet på nettet i dette skoleår?",
    };
    static const char *const challenge[] = { "Hvordan er opgaverne i dansk for dig?",
                                             "Hvordan er opgaverne i matematik for dig?",
                                             "Hvordan er opgaverne i de andre fag for dig?" };
    static const char *const support[] = {
        "Kan du få hjælp af dine lærere, når du har brug for det?", "Lægger dine lærere mærke til, hvordan du har det?",
        "Er dine lærere venlige mod dig?", "Er dine lærere retfærdige?",
        "Er dine lærere interesserede i det, du fortæller dem?",
    };
    static const char *const often[] = { "Aldrig", "Sjældent", "En gang imellem", "Tit", "Altid" };
    static const char *const exposure[] = { "Aldrig", "En eller to gange", "Et par gange om måneden",
                                            "Cirka en gang om ugen", "Næsten hver dag" };
    static const char *const hard[] = { "Alt for lette", "Lidt for lette", "Passende", "Lidt for svære",
                                        "Alt for svære" };
    struct frozen_scale *last = &f->scales[f->n_scales];
    for (size_t i = 0; i < 2; i++) {
        last[i] = f->scales[0];
        last[i].scale = i ? "challenge" : "bullying";
        last[i].name = i ? fixture_text("Udfordring", "Challenge") : fixture_text("Mobning", "Bullying");
        last[i].meaning = fixture_text(i ? "Om opgaverne er for lette, passende eller for svære for eleverne."
                                         : "Hvor tit eleverne er blevet drillet, holdt udenfor eller mobbet.", NULL);
        last[i].teaching = i == 1;
        last[i].shares_only = true;
        last[i].n_comparisons = 0;
        last[i].comparisons = NULL;
        last[i].parts = arena_array(arena, 1, sizeof *last[i].parts);
        last[i].parts[0] = (struct frozen_part){ .part = "all", .shown = f->scales[0].parts[0].shown, .n = 409,
                                                 .invited = 455 };
    }
    fixture_items(arena, &last[0], bullying, 4, exposure, (const int[]){ 78, 13, 5, 3, 1 });
    fixture_items(arena, &last[1], challenge, 3, hard, (const int[]){ 6, 18, 58, 15, 3 });
    f->n_scales += 2;
    fixture_items(arena, &f->scales[3], support, 5, often, (const int[]){ 4, 9, 22, 38, 27 });
}

/* kind: programme | municipality | school | class. */
static inline struct frozen *fixture_frozen(struct arena *arena, const char *kind) {
    static const struct {
        const char *kind, *name, *below_kind, *below[6];
        size_t depth;
        int invited, n;
    } units[] = {
        { "programme", "Program for læringsledelse", "municipality",
          { "Billund", "Fredericia", "Frederikssund", "Haderslev", "Aabenraa", "Ærø" }, 0, 63120, 57402 },
        { "municipality", "Horsens", "school",
          { "Bankagerskolen", "Højvangskolen", "Søndervangskolen", "Torstedskolen", "Ådalskolen", "Østerhåbskolen" }, 1,
          5310, 4876 },
        { "school", "Søndervangskolen", "class", { "4.A", "4.B", "5.A", "5.B", "6.A", "10.A" }, 2, 455, 412 },
        { "class", "4.A", NULL, { NULL }, 3, 23, 21 },
    };
    static const char *const kinds[] = { "programme", "municipality", "school", "class" };
    size_t u = 0;
    while (strcmp(units[u].kind, kind) != 0) u++;
    struct frozen *f = arena_alloc(arena, sizeof *f);
    *f = (struct frozen){
        .unit = fixture_unit((int)u + 1, (int)u, kind, units[u].name, u == 3 ? 4 : -1), .n_path = units[u].depth,
        .path = arena_array(arena, 4, sizeof *f->path), .children = arena_array(arena, 6, sizeof *f->children),
        .wave = 1, .wave_name = "Kortlægning 2026", .opens = "2026-09-01", .closes = "2026-09-30",
        .publication = "3f09c1d2a4b5e6f7", .programme = units[0].name, .minimum_group = 7, .n_responses = 1,
        .responses = arena_array(arena, 1, sizeof *f->responses), .n_scales = FIXTURE_SCALES,
        .scales = arena_array(arena, FIXTURE_SCALES + 2, sizeof *f->scales),
    };
    for (size_t i = 0; i < f->n_path; i++) f->path[i] = fixture_unit((int)i + 1, (int)i, kinds[i], units[i].name, -1);
    for (size_t i = 0; i < 6 && units[u].below[i]; i++)
        f->children[f->n_children++] =
            fixture_unit((int)(100 + i), (int)u + 1, units[u].below_kind, units[u].below[i], u == 2 ? 4 : -1);
    f->responses[0] = (struct frozen_response){ .respondent = "pupil", .shown = true, .invited = units[u].invited,
                                                .n = units[u].n };
    for (size_t i = 0; i < FIXTURE_SCALES; i++) fixture_cells(arena, &fixture_scales[i], kind, &f->scales[i]);
    if (u < 3) fixture_shares(arena, f);
    return f;
}

/* Hides the scale's results, as suppression would. */
static inline void fixture_hide(struct frozen_scale *s) {
    s->parts[0] = (struct frozen_part){ .part = "all", .shown = false, .why = "too_few" };
    s->n_comparisons = 0;
}

#endif
