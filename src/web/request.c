#include "web/request.h"

#include "base/arena.h"
#include "base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

const char *field_value(const struct fields *fields, const char *name) {
    for (size_t i = 0; i < fields->n; i++)
        if (strcmp(fields->field[i].name, name) == 0) return fields->field[i].value;
    return NULL;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decodes "+" and "%xx" in place. A NUL would end the text early: refused. */
static bool decode(char *text) {
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (*in != '%') {
            *out++ = *in == '+' ? ' ' : *in;
            continue;
        }
        int high = hex_digit(in[1]), low = high < 0 ? -1 : hex_digit(in[2]);
        if (low < 0 || (high == 0 && low == 0)) return false;
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return text_is_utf8(text, (size_t)(out - text));
}

bool fields_read(char *bytes, struct fields *out) {
    out->n = 0;
    for (char *next; bytes && *bytes; bytes = next) {
        next = strchr(bytes, '&');
        if (next) *next++ = '\0';
        if (*bytes == '\0') continue;
        char *value = strchr(bytes, '=');
        if (value) *value++ = '\0';
        if (out->n == FIELDS_MAX || !decode(bytes) || (value && !decode(value))) return false;
        out->field[out->n++] = (struct field){ bytes, value ? value : "" };
    }
    return true;
}

const char *local_path(const char *path) {
    /* "//host" and "/\host" lead elsewhere in browsers; control characters have no place in a header. */
    if (!path || path[0] != '/' || path[1] == '/' || strlen(path) > 200) return "/";
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7F || *c == '\\') return "/";
    return path;
}

void token_to_hex(const unsigned char token[TOKEN_BYTES], char hex[TOKEN_HEX_MAX]) {
    sodium_bin2hex(hex, TOKEN_HEX_MAX, token, TOKEN_BYTES);
}

bool token_from_hex(const char *hex, unsigned char token[TOKEN_BYTES]) {
    size_t n;
    return hex && strlen(hex) == TOKEN_HEX_MAX - 1 &&
           sodium_hex2bin(token, TOKEN_BYTES, hex, TOKEN_HEX_MAX - 1, NULL, &n, NULL) == 0 &&
           n == TOKEN_BYTES;
}

void reply_body(struct request *request, int status, const char *type, const void *body,
                size_t length) {
    request->reply.status = status;
    request->reply.type = type;
    request->reply.body = body;
    request->reply.length = length;
}

void reply_text(struct request *request, int status, const char *text) {
    reply_body(request, status, "text/plain; charset=utf-8", text, strlen(text));
}

void reply_header(struct request *request, const char *name, const char *value) {
    struct reply *reply = &request->reply;
    if (reply->n_headers == REPLY_HEADERS_MAX || !value) return;
    /* Headers are sent after the handler's own variables are gone. */
    const char *kept = arena_copy(request->arena, value);
    if (kept) reply->headers[reply->n_headers++] = (struct field){ name, kept };
}

void reply_redirect(struct request *request, const char *path) {
    reply_text(request, 303, "");
    reply_header(request, "Location", path);
}

void reply_cookie(struct request *request, const char *name, const char *value, int seconds) {
    struct text text = text_new(request->arena, 512);
    text_addf(&text, "%s=%s; Path=/; HttpOnly; SameSite=Lax", name, value);
    if (seconds) text_addf(&text, "; Max-Age=%d", seconds < 0 ? 0 : seconds);
    if (request->secure) text_add(&text, "; Secure");
    reply_header(request, "Set-Cookie", text_ok(&text) ? text_string(&text) : NULL);
}

int request_wave(const struct request *request) {
    const char *text = field_value(&request->query, "wave");
    long long wave;
    if (!text) return 0;
    return text_to_int(text, 1, 1000000, &wave) ? (int)wave : -1;
}
