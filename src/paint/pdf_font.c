#define _GNU_SOURCE /* memfd_create */
#include "paint/pdf_font.h"

#include "base/embedded.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>

#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct {
    const char *file, *family;
    PangoWeight weight;
} faces[PDF_FACES] = {
    [PDF_REGULAR] = { "fonts/Inter-Regular.otf", "Inter", PANGO_WEIGHT_NORMAL },
    [PDF_SEMIBOLD] = { "fonts/Inter-SemiBold.otf", "Inter", PANGO_WEIGHT_SEMIBOLD },
    [PDF_DISPLAY] = { "fonts/InterDisplay-Bold.otf", "Inter Display", PANGO_WEIGHT_BOLD },
};

/* What Inter has no letters for: pango takes it from these by itself. */
static const char *const more_faces[] = { "fonts/Arabic-Regular.ttf", "fonts/Arabic-Bold.ttf" };
enum { MORE_FACES = sizeof more_faces / sizeof *more_faces };

/* Made once and shared: fontconfig's configurations may be read by many threads. */
static struct {
    pthread_once_t once;
    pthread_key_t map;
    FcConfig *config;
    FcCharSet *letters, *arabic;
    PangoFontDescription *descriptions[PDF_FACES];
    bool ready;
} fonts = { .once = PTHREAD_ONCE_INIT };

/* The file stays open as long as the process: its name is the descriptor. */
static bool add_face(FcConfig *config, const struct embedded *file) {
    int fd = memfd_create(file->name, MFD_CLOEXEC);
    if (fd < 0) return false;
    for (size_t done = 0; done < file->length;) {
        ssize_t n = write(fd, file->bytes + done, file->length - done);
        if (n <= 0) {
            close(fd);
            return false;
        }
        done += (size_t)n;
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return FcConfigAppFontAddFile(config, (const FcChar8 *)path);
}

static void drop_map(void *map) { g_object_unref(map); }

static void set_up(void) {
    if (pthread_key_create(&fonts.map, drop_map) != 0) return;
    fonts.config = FcConfigCreate();
    if (!fonts.config) return;
    for (size_t i = 0; i < PDF_FACES; i++) {
        const struct embedded *file = embedded_find(faces[i].file);
        if (!file || !add_face(fonts.config, file)) return;
        fonts.descriptions[i] = pango_font_description_new();
        pango_font_description_set_family_static(fonts.descriptions[i], faces[i].family);
        pango_font_description_set_weight(fonts.descriptions[i], faces[i].weight);
    }
    for (size_t i = 0; i < MORE_FACES; i++) {
        const struct embedded *file = embedded_find(more_faces[i]);
        if (!file || !add_face(fonts.config, file)) return;
    }
    FcFontSet *set = FcConfigGetFonts(fonts.config, FcSetApplication);
    if (!set || set->nfont < PDF_FACES + MORE_FACES) return;
    fonts.ready =
        FcPatternGetCharSet(set->fonts[0], FC_CHARSET, 0, &fonts.letters) == FcResultMatch &&
        FcPatternGetCharSet(set->fonts[PDF_FACES], FC_CHARSET, 0, &fonts.arabic) == FcResultMatch;
}

static bool ready(void) { return pthread_once(&fonts.once, set_up) == 0 && fonts.ready; }

static PangoFontMap *thread_map(void) {
    PangoFontMap *map = pthread_getspecific(fonts.map);
    if (map) return map;
    map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    if (!map) return NULL;
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), fonts.config);
    if (pthread_setspecific(fonts.map, map) == 0) return map;
    g_object_unref(map);
    return NULL;
}

PangoContext *pdf_font_context(const char *language, bool right_to_left) {
    PangoFontMap *map = ready() ? thread_map() : NULL;
    if (!map) return NULL;
    PangoContext *context = pango_font_map_create_context(map);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(context, 72);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_base_dir(context,
                               right_to_left ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
    pango_context_set_language(context,
                               pango_language_from_string(language)); /* not the locale's */
    return context;
}

const PangoFontDescription *pdf_font_face(enum pdf_face face) {
    return ready() ? fonts.descriptions[face] : NULL;
}

bool pdf_font_covers(uint32_t code_point) {
    return ready() && (FcCharSetHasChar(fonts.letters, code_point) ||
                       FcCharSetHasChar(fonts.arabic, code_point));
}
