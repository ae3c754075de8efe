/*
 * test_head.c - heads are read alike however they arrive, and doubtful ones
 * are refused.
 */
#include <criterion/criterion.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/http/head.h"
#include "io/http/internal.h"
#include "tests/io/http/vectors.h"

enum { FIELDS = 100 };

static const char *const framings[] = {"no body", "length", "chunked",
                                       "until close"};

/* `s` as text; its length, if that is more than is good to read. */
static const char *shown(struct gyre_span s, char text[128])
{
    if (s.length > 100)
        snprintf(text, 128, "(%zu bytes)", s.length);
    else
        snprintf(text, 128, "%.*s", (int)s.length, s.at);
    return text;
}

static void say_outcome(struct gyre_buf *out, const struct gyre_http_head *h)
{
    char framing[40], text[128];

    snprintf(framing, sizeof framing, "%s", framings[h->framing]);
    if (h->framing == GYRE_HTTP_LENGTH)
        snprintf(framing, sizeof framing, "length %llu",
                 (unsigned long long)h->length);
    if (h->kind == GYRE_HTTP_REQUEST)
        vectors_say(out, "%.*s %s HTTP/1.%d; %s; %s%s%s", (int)h->method.length,
                    h->method.at, shown(h->target, text), h->minor, framing,
                    h->keep_alive ? "keep" : "close",
                    h->expect_continue ? "; continue" : "",
                    h->upgrade ? "; upgrade" : "");
    else
        vectors_say(out, "HTTP/1.%d %d %.*s; %s; %s%s", h->minor, h->status,
                    (int)h->reason.length, h->reason.at, framing,
                    h->keep_alive ? "keep" : "close",
                    h->upgrade ? "; upgrade" : "");
}

static void say_span(struct gyre_buf *out, const char *name, struct gyre_span s)
{
    char text[128];

    if (s.at != NULL)
        vectors_say(out, "%s%s%s", name, s.length > 0 ? " " : "",
                    shown(s, text));
}

static void say_all(struct gyre_buf *out, const struct gyre_http_head *h,
                    size_t rest)
{
    say_outcome(out, h);
    say_span(out, "path", h->path);
    say_span(out, "query", h->query);
    say_span(out, "host", h->host);
    for (size_t i = 0; i < h->field_count; i++) {
        char name[256];

        snprintf(name, sizeof name, "%.*s:", (int)h->fields[i].name.length,
                 h->fields[i].name.at);
        say_span(out, name, h->fields[i].value);
    }
    vectors_say(out, "fields %zu", h->field_count);
    vectors_say(out, "rest %zu", rest);
}

/* Let `h` read another head, which says all that can be said, and be ready
   again: nothing of that may be left. */
static void use(struct gyre_http_head *h)
{
    static const char request[] = "\r\nPUT /a?b HTTP/1.1\r\nHost: a:1\r\n"
                                  "Content-Length: 5\r\nUpgrade: a\r\n"
                                  "Connection: upgrade, close\r\n"
                                  "Expect: 100-continue\r\n\r\n",
                      response[] = "HTTP/1.1 101 Other\r\nUpgrade: a\r\n"
                                   "Connection: upgrade\r\n\r\n";

    if (h->kind == GYRE_HTTP_REQUEST)
        cr_expect_gt(gyre_http_head_parse(h, request, sizeof request - 1), 0);
    else
        cr_expect_gt(gyre_http_head_parse(h, response, sizeof response - 1), 0);
    gyre_http_head_again(h);
}

/* What there is in the other kind of message alone is absent. */
static void check_absent(const struct gyre_http_head *h)
{
    if (h->kind == GYRE_HTTP_REQUEST)
        cr_expect(h->status == 0 && h->reason.at == NULL);
    else
        cr_expect(h->method.at == NULL && h->target.at == NULL &&
                  h->path.at == NULL && h->query.at == NULL &&
                  h->host.at == NULL && !h->expect_continue);
}

/*
 * Parse `message` as its pieces come, each time in a buffer of exactly the
 * bytes so far, elsewhere than the one before.
 */
static void read_head(enum gyre_http_kind kind, const struct gyre_buf *message,
                      const size_t *ends, size_t n, struct gyre_buf *out)
{
    struct gyre_http_field fields[FIELDS];
    struct gyre_http_head h;
    char *old = NULL;
    ssize_t result = 0;

    memset(&h, 0xff, sizeof h);
    gyre_http_head_init(&h, kind, fields, FIELDS, NULL);
    if (n > 1)
        use(&h);
    for (size_t i = 0; i < n && result == 0; i++) {
        char *data = malloc(ends[i]);

        memcpy(data, message->at, ends[i]);
        free(old);
        old = data;
        result = gyre_http_head_parse(&h, data, ends[i]);
    }
    if (result > 0)
        check_absent(&h);
    if (result > 0)
        say_all(out, &h, message->length - (size_t)result);
    else if (result == 0)
        vectors_say(out, "more");
    else
        vectors_say(out, "%d %s", h.answer, h.why);
    if (result < 0) {
        cr_expect_eq(result,
                     h.answer == 414 || h.answer == 431 ? -EMSGSIZE : -EPROTO);
        cr_expect_eq(gyre_http_head_parse(&h, old, ends[n - 1]), result);
    }
    free(old);
}

static void read_request(const struct gyre_buf *message, const size_t *ends,
                         size_t n, struct gyre_buf *out)
{
    read_head(GYRE_HTTP_REQUEST, message, ends, n, out);
}

static void read_response(const struct gyre_buf *message, const size_t *ends,
                          size_t n, struct gyre_buf *out)
{
    read_head(GYRE_HTTP_RESPONSE, message, ends, n, out);
}

static void read_response_to_head(const struct gyre_buf *message,
                                  const size_t *ends, size_t n,
                                  struct gyre_buf *out)
{
    read_head(GYRE_HTTP_RESPONSE_TO_HEAD, message, ends, n, out);
}

Test(head, requests_are_read_alike_however_they_arrive)
{
    vectors_run("request.txt", read_request);
}

Test(head, responses_are_read_alike_however_they_arrive)
{
    vectors_run("response.txt", read_response);
}

Test(head, a_response_to_head_has_no_body_whatever_it_says)
{
    vectors_run("response_to_head.txt", read_response_to_head);
}

Test(head, damaged_messages_are_read_alike_however_they_arrive)
{
    vectors_mutate("request.txt", read_request, 300);
    vectors_mutate("response.txt", read_response, 300);
}

/* Only these may come through a name of a field or a method, a value or a
   reason, a target. */
static bool may_stand(const char *where, int byte)
{
    bool visible = byte > 0x20 && byte < 0x7f;

    if (*where == 'v' || *where == 'r')
        return visible || byte == ' ' || byte == '\t' || byte >= 0x80;
    if (*where == 't')
        return visible && byte != '#';
    return visible && strchr("\"(),/:;<=>?@[\\]{}", byte) == NULL;
}

static void check_byte(const char *where, const char *before, int byte,
                       const char *after)
{
    struct gyre_http_field fields[4];
    struct gyre_http_head h;
    char text[128];
    int n = snprintf(text, sizeof text, "%s@%s", before, after);

    text[strlen(before)] = (char)byte;
    gyre_http_head_init(&h,
                        *where == 'r' ? GYRE_HTTP_RESPONSE : GYRE_HTTP_REQUEST,
                        fields, 4, NULL);
    cr_expect_eq(gyre_http_head_parse(&h, text, (size_t)n),
                 may_stand(where, byte) ? n : -EPROTO,
                 "byte 0x%02x in %s is not treated as it should be", byte,
                 where);
}

static void check_framing(const char *field, int byte, const char *after,
                          bool taken)
{
    struct gyre_http_field fields[4];
    struct gyre_http_head h;
    char text[128];
    int n = snprintf(text, sizeof text, "POST / HTTP/1.1\r\nHost: a\r\n%s@%s",
                     field, after);

    *strchr(text, '@') = (char)byte;
    gyre_http_head_init(&h, GYRE_HTTP_REQUEST, fields, 4, NULL);
    cr_expect_eq(gyre_http_head_parse(&h, text, (size_t)n), taken ? n : -EPROTO,
                 "byte 0x%02x behind %s", byte, field);
}

Test(head, every_byte_is_refused_where_it_may_not_stand)
{
    for (int byte = 0; byte < 256; byte++) {
        /* These two would end the thing and not stand in it. */
        if (byte != ' ')
            check_byte("target", "GET /a", byte,
                       "b HTTP/1.1\r\nHost: a\r\n\r\n");
        if (byte != ':')
            check_byte("name", "GET / HTTP/1.1\r\nHost: a\r\nX", byte,
                       "y: z\r\n\r\n");
        check_byte("value", "GET / HTTP/1.1\r\nHost: a\r\nX: a", byte,
                   "b\r\n\r\n");
        if (byte != ' ')
            check_byte("method", "GE", byte, "T / HTTP/1.1\r\nHost: a\r\n\r\n");
        check_byte("reason", "HTTP/1.1 200 a", byte, "b\r\n\r\n");
    }
}

Test(head, limits_are_the_callers)
{
    static const char text[] = "GET /0123456789 HTTP/1.1\r\nHost: a\r\n\r\n";
    const size_t n = sizeof text - 1, line = strlen("GET /0123456789 HTTP/1.1");
    struct gyre_http_field fields[1];
    struct gyre_http_head h;

    for (size_t limit = 1; limit <= n; limit++) {
        gyre_http_head_init(&h, GYRE_HTTP_REQUEST, fields, 1,
                            &(struct gyre_http_limits){.head = limit});
        cr_expect_eq(gyre_http_head_parse(&h, text, n),
                     limit < n ? -EMSGSIZE : (ssize_t)n, "head %zu", limit);
        gyre_http_head_init(&h, GYRE_HTTP_REQUEST, fields, 1,
                            &(struct gyre_http_limits){.line = limit});
        cr_expect_eq(gyre_http_head_parse(&h, text, n),
                     limit < line ? -EMSGSIZE : (ssize_t)n, "line %zu", limit);
    }
    gyre_http_head_init(&h, GYRE_HTTP_REQUEST, fields, 1,
                        &(struct gyre_http_limits){SIZE_MAX, SIZE_MAX});
    cr_expect_eq(gyre_http_head_parse(&h, text, n), (ssize_t)n, "no limits");
    gyre_http_head_init(&h, GYRE_HTTP_REQUEST, fields, 0, NULL);
    cr_expect_eq(gyre_http_head_parse(&h, text, n), -EMSGSIZE);
    cr_expect_eq(h.answer, 431);
}

static ssize_t ask(struct gyre_http_head *h, const char *host)
{
    char text[256];
    int n =
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);

    return gyre_http_head_parse(h, text, (size_t)n);
}

/* A Host is known again, but for nothing that it is not. */
Test(head, a_host_is_refused_whichever_was_asked_for_before)
{
    static const char digits[] = "0123456789012345678901234567890123456789"
                                 "01234567890123456789012345678901234567890";
    const char *hosts[] = {
        "a", "b",  "a:1",   "a:12", "",     "a:",        "a:1:",      "a:0",
        "A", "a,", "[::1]", "[::1", digits, digits + 17, digits + 16, "a/"};
    const size_t n = sizeof hosts / sizeof *hosts;
    struct gyre_http_field fields[1];
    struct gyre_http_head fresh, used;

    for (size_t i = 0; i < n * n; i++) {
        gyre_http_head_init(&fresh, GYRE_HTTP_REQUEST, fields, 1, NULL);
        gyre_http_head_init(&used, GYRE_HTTP_REQUEST, fields, 1, NULL);
        (void)ask(&used, hosts[i / n]);
        gyre_http_head_again(&used);
        cr_expect_eq(ask(&used, hosts[i % n]), ask(&fresh, hosts[i % n]),
                     "\"%s\" behind \"%s\"", hosts[i % n], hosts[i / n]);
    }
}

/* Nothing but digits is a length, and nothing but its letters "chunked". */
Test(head, every_byte_is_refused_in_what_frames)
{
    for (int byte = 0; byte < 256; byte++) {
        bool blank = byte == ' ' || byte == '\t', digit = isdigit(byte);

        check_framing("Content-Length: ", byte, "5\r\n\r\n", digit || blank);
        check_framing("Content-Length: 5", byte, "\r\n\r\n", digit || blank);
        check_framing("Content-Length: 5", byte, "5\r\n\r\n", digit);
        check_framing("Transfer-Encoding: ", byte, "chunked\r\n\r\n", blank);
        check_framing("Transfer-Encoding: chunked", byte, "\r\n\r\n", blank);
        check_framing("Transfer-Encoding: chun", byte, "ked\r\n\r\n", false);
    }
}

/* The longest head allowed, a byte at a time, in a time that no reader which
   begins again with each byte could keep. */
Test(head, a_head_that_trickles_in_is_looked_at_once)
{
    enum { LINE = 1 << 20 };
    struct gyre_http_limits limits = {LINE + 100, LINE + 1000};
    struct gyre_http_field fields[2];
    struct gyre_http_head h;
    struct gyre_buf text = {0};
    ssize_t n = 0;

    gyre_buf_append_string(&text, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    for (int i = 0; i < LINE; i++)
        gyre_buf_append(&text, "x", 1);
    gyre_buf_append_string(&text, "\r\n\r\n");
    gyre_http_head_init(&h, GYRE_HTTP_REQUEST, fields, 2, &limits);
    for (size_t i = 0; i <= text.length && n == 0; i++)
        n = gyre_http_head_parse(&h, text.at, i);
    cr_expect_eq(n, (ssize_t)text.length);
    cr_expect_eq(fields[1].value.length, LINE);
    gyre_buf_free(&text);
}
