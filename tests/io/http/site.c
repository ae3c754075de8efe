/*
 * site.c - a server on memory, in a simulated world, to ask things of.
 */
#include "tests/io/http/site.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/task.h"
#include "io/memory.h"

static intptr_t serve(void *arg)
{
    struct site *s = arg;

    return gyre_http_serve_stream(s->server, s->peer, GYRE_FOREVER);
}

void site_open(struct site *s, const struct gyre_http_route *routes,
               const struct gyre_http_options *options, size_t capacity)
{
    struct gyre_stream *ends[2];

    cr_expect_eq(gyre_http_server_new(&s->server, routes, options), 0);
    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), capacity, ends), 0);
    s->client = ends[0];
    s->peer = ends[1];
    gyre_scope_open(&s->scope, GYRE_FOREVER);
    gyre_spawn(&s->scope, &s->served, serve, s);
    let_others_run();
}

void site_close(struct site *s)
{
    gyre_close(s->client);
    cr_expect_eq(gyre_scope_close(&s->scope, 0), 0);
    gyre_http_server_free(s->server);
}

const char *site_ask_for(struct site *s, const char *text, gyre_time span)
{
    static char answer[200000];
    gyre_time until = gyre_in(span);
    size_t used = 0;
    ssize_t n = 1;

    if (text[0] != '\0')
        cr_expect_eq(gyre_write(s->client, text, strlen(text), until), 0);
    while (n > 0 && used < sizeof answer - 1) {
        n = gyre_read(s->client, answer + used, sizeof answer - 1 - used,
                      until);
        used += n > 0 ? (size_t)n : 0;
    }
    answer[used] = '\0';
    return answer;
}

const char *site_ask(struct site *s, const char *text)
{
    return site_ask_for(s, text, MS);
}

const char *site_get(struct site *s, const char *target, const char *fields)
{
    char text[1000];

    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", target,
             fields);
    return site_ask(s, text);
}

bool site_ended(struct site *s)
{
    char byte;

    return gyre_read(s->client, &byte, 1, gyre_in(MS)) == 0;
}

/* The length announced in the head that ends at `end`, or 0. */
static size_t length_of(const char *head, const char *end)
{
    const char *field = strstr(head, "Content-Length: ");

    return field != NULL && field < end ? (size_t)atoi(field + 16) : 0;
}

const char *site_brief(const char *text)
{
    static char brief[4096];
    size_t used = 0;

    brief[0] = '\0';
    while (strncmp(text, "HTTP/1.1 ", 9) == 0) {
        const char *end = strstr(text, "\r\n\r\n");
        size_t length = end != NULL ? length_of(text, end) : 0;

        if (end == NULL || used + length + 8 > sizeof brief)
            break;
        used += (size_t)sprintf(brief + used, "%s%.3s %.*s", used ? "; " : "",
                                text + 9, (int)length, end + 4);
        text = end + 4 + length;
    }
    return brief;
}
