#include "base/markup.h"

#include <string.h>

void markup_add(struct text *out, const char *string) {
    static const char special[] = "&<>\"'";
    static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
    while (string && *string) {
        size_t plain = strcspn(string, special);
        text_add_bytes(out, string, plain);
        string += plain;
        if (*string) text_add(out, entities[strchr(special, *string++) - special]);
    }
}

static bool is_unreserved(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("-._~", c));
}

void markup_add_url_part(struct text *out, const char *string) {
    for (; string && *string; string++) {
        if (is_unreserved(*string))
            text_add_char(out, *string);
        else
            text_addf(out, "%%%02X", (unsigned char)*string);
    }
}

void markup_add_url(struct text *out, const char *url) {
    static const char *const beginnings[] = { "#", "?", "https://", "http://", "mailto:" };
    if (!url) return;
    /* "//host" would be another site under the name of ours. */
    bool safe = url[0] == '/' && url[1] != '/' && url[1] != '\\';
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        safe |= strncmp(url, beginnings[i], strlen(beginnings[i])) == 0;
    markup_add(out, safe || *url == '\0' ? url : "#");
}
