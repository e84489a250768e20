#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 16 * 1024, REQUEST_MAX = 32 * 1024 };

static bool dial(struct client *client) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)client->port) };
    int on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (client->socket >= 0) close(client->socket);
    client->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->socket < 0) return false;
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(client->socket, (struct sockaddr *)&to, sizeof to) == 0) return true;
    close(client->socket);
    client->socket = -1;
    return false;
}

bool client_start(struct client *client, int port) {
    *client = (struct client){ .socket = -1, .port = port };
    client->reply = malloc(LOAD_REPLY_MAX + HEAD_MAX);
    return client->reply != NULL;
}

void client_stop(struct client *client) {
    if (client->socket >= 0) close(client->socket);
    free(client->reply);
}

static bool send_all(int socket, const char *bytes, size_t n) {
    while (n) {
        ssize_t sent = send(socket, bytes, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* "name=value" into the cookie header, in place of one of that name. */
static void keep_cookie(struct client *client, const char *set, size_t n) {
    char pair[1024];
    size_t name = 0;
    if (n >= sizeof pair) return;
    memcpy(pair, set, n);
    pair[n] = '\0';
    while (pair[name] && pair[name] != '=') name++;
    char *old = strstr(client->cookie, pair), whole[2048] = "";
    for (char *at = client->cookie; *at;) {
        size_t length = strcspn(at, ";");
        if (strncmp(at, pair, name + 1) != 0) snprintf(whole + strlen(whole), sizeof whole - strlen(whole), "%s%.*s", *whole ? "; " : "", (int)length, at);
        at += length;
        at += strspn(at, "; ");
    }
    (void)old;
    snprintf(whole + strlen(whole), sizeof whole - strlen(whole), "%s%s", *whole ? "; " : "", pair);
    memcpy(client->cookie, whole, sizeof whole);
}

/* Reads the headers that we need; the length of the body, −1 when the head is no reply. */
static long read_head(struct client *client, const char *head) {
    long length = 0;
    client->location[0] = '\0';
    if (sscanf(head, "HTTP/1.1 %d", &client->status) != 1) return -1;
    for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
        const char *at = line + 2, *end = strstr(at, "\r\n");
        if (!end) break;
        if (strncasecmp(at, "Content-Length:", 15) == 0) length = strtol(at + 15, NULL, 10);
        if (strncasecmp(at, "Set-Cookie: ", 12) == 0) keep_cookie(client, at + 12, strcspn(at + 12, ";\r"));
        if (strncasecmp(at, "Location: ", 10) == 0)
            snprintf(client->location, sizeof client->location, "%.*s", (int)(end - at - 10), at + 10);
    }
    return length;
}

static bool receive(struct client *client) {
    size_t have = 0, room = LOAD_REPLY_MAX + HEAD_MAX - 1;
    char *end = NULL;
    long length = 0;
    while (!end) {
        ssize_t n = have < room ? recv(client->socket, client->reply + have, room - have, 0) : 0;
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        have += (size_t)n;
        client->reply[have] = '\0';
        end = strstr(client->reply, "\r\n\r\n");
    }
    end += 4;
    length = read_head(client, client->reply);
    size_t head = (size_t)(end - client->reply);
    if (length < 0 || head + (size_t)length > room) return false;
    while (have < head + (size_t)length) {
        ssize_t n = recv(client->socket, client->reply + have, room - have, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        have += (size_t)n;
    }
    memmove(client->reply, end, (size_t)length);
    client->length = (size_t)length;
    client->reply[length] = '\0';
    return true;
}

bool client_ask(struct client *client, const char *method, const char *path, const char *body) {
    char request[REQUEST_MAX];
    int n = snprintf(request, sizeof request,
                     "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s%s%s%zu\r\n\r\n%s", method, path,
                     client->port, *client->cookie ? "Cookie: " : "", client->cookie,
                     *client->cookie ? "\r\n" : "",
                     body ? "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " : "Content-Length: ",
                     body ? strlen(body) : 0, body ? body : "");
    if (n < 0 || (size_t)n >= sizeof request) return false;
    for (int i = 0; i < 2; i++) {
        bool fresh = client->socket < 0;
        if (fresh && !dial(client)) return false;
        if (send_all(client->socket, request, (size_t)n) && receive(client)) return true;
        close(client->socket);
        client->socket = -1;
        if (fresh) return false;
    }
    return false;
}

bool client_find(const struct client *client, const char *before, char *out, size_t size) {
    const char *at = strstr(client->reply, before);
    if (!at) return false;
    at += strlen(before);
    size_t n = strcspn(at, "\"");
    if (n >= size) return false;
    memcpy(out, at, n);
    out[n] = '\0';
    return true;
}
