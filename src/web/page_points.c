/* /help/points: how the numbers are made, for who reads a profile. */
#include "base/text.h"
#include "web/page.h"
#include "web/site.h"
#include "templates.h"

/* The words of methods.md §3, as profiles use them. */
static const struct {
    const char *word, *meaning;
} words[] = {
    { N_("no real difference"),
      N_("The whole interval of the difference lies within 10 points: what difference there may be is too "
         "small to matter.") },
    { N_("cannot be told apart"),
      N_("The interval holds 0: there may be a difference, but it may as well be chance.") },
    { N_("very slightly above or below"), N_("There is a difference, of less than 10 points.") },
    { N_("slightly above or below"), N_("There is a difference, of 10 to 20 points.") },
    { N_("clearly above or below"), N_("There is a difference, of 20 to 40 points.") },
    { N_("far above or below"), N_("There is a difference, of 40 points or more.") },
};
enum { WORDS = sizeof words / sizeof *words };

bool page_points(struct request *request, struct error *error) {
    struct points_word rows[WORDS];
    for (size_t i = 0; i < WORDS; i++)
        rows[i] = (struct points_word){ .word = i18n_text(request->language, words[i].word),
                                        .meaning = i18n_text(request->language, words[i].meaning) };
    struct points_view view = { .minimum = request->site->programme->settings.minimum_group,
                                .words = rows,
                                .n_words = WORDS };
    struct text main = text_new(request->arena, 256 * KIB);
    request->narrow = true;
    render_points(&main, request->language, &view);
    return page_send(request, 200, i18n_text(request->language, N_("How the numbers are made")), &main,
                     error);
}
