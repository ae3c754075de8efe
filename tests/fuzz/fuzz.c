/*
 * fuzz.c - the targets there are, and what they share.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/targets.h"

/* Longer ones do not come byte by byte, which would take its square. */
enum { SHORT = 300 };

const struct fuzz_target fuzz_targets[] = {
    {"request", fuzz_request, "request.txt", NULL},
    {"response", fuzz_response, "response.txt", NULL},
    {"chunked", fuzz_chunked, "chunked.txt", NULL},
    {"url", fuzz_url, NULL, "url.txt"},
    {"escape", fuzz_escape, NULL, "file_name.txt"},
    {"fields", fuzz_fields, NULL, "date.txt"},
    {"form", fuzz_form, NULL, NULL},
    {"multipart", fuzz_multipart, NULL, NULL},
    {"cookie", fuzz_cookie, NULL, "set_cookie.txt"},
    {"json", fuzz_json, NULL, "json.txt"},
    {"json_written", fuzz_json_written, NULL, NULL},
    {"websocket", fuzz_websocket, NULL, NULL},
    {"range", fuzz_range, NULL, NULL},
    {"server", fuzz_server, "request.txt", NULL},
    {"socket", fuzz_socket, NULL, NULL},
    {"client", fuzz_client, "response.txt", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct fuzz_target *fuzz_find(const char *name)
{
    for (const struct fuzz_target *t = fuzz_targets; t->name != NULL; t++)
        if (strcmp(t->name, name) == 0)
            return t;
    return NULL;
}

void fuzz_fail(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

uint32_t fuzz_number(const char *data, size_t n)
{
    uint32_t sum = 2166136261u;

    for (size_t i = 0; i < n; i++)
        sum = (sum ^ (unsigned char)data[i]) * 16777619u;
    return sum ^ (sum >> 15);
}

struct fuzz_cuts fuzz_cuts(const char *data, size_t n, int way)
{
    struct fuzz_cuts c = {fuzz_number(data, n) | 1, SIZE_MAX};

    if (way == 1)
        c.most = n <= SHORT ? 1 : n / 3;
    else if (way == 2)
        c.most = c.state % 4 == 0 ? n / 2 + 2 : 12;
    return c;
}

size_t fuzz_cut(struct fuzz_cuts *c, size_t at, size_t n)
{
    size_t piece = c->most;

    if (piece != SIZE_MAX && piece > 1) {
        c->state ^= c->state << 13;
        c->state ^= c->state >> 17;
        c->state ^= c->state << 5;
        piece = 1 + c->state % piece;
    }
    return piece < n - at ? at + piece : n;
}

char *fuzz_copy(const char *at, size_t n)
{
    char *copy = malloc(n > 0 ? n : 1);

    always(copy != NULL);
    if (n > 0)
        memcpy(copy, at, n);
    return copy;
}

char *fuzz_string(struct gyre_span s)
{
    char *string = malloc(s.length + 1);

    always(string != NULL);
    if (s.length > 0)
        memcpy(string, s.at, s.length);
    string[s.length] = '\0';
    return string;
}

bool fuzz_within(struct gyre_span s, const char *data, size_t n)
{
    return s.at == NULL || (s.at >= data && (size_t)(s.at - data) <= n &&
                            s.length <= n - (size_t)(s.at - data));
}
