/*
 * server.c - a whole server, in memory, and what a peer may send to it.
 *
 * However what is sent was divided, the answers are the same; there is one for
 * each request that the log is told of, with that status, in that order, each a
 * whole message that our own reader takes; and then the connection ends.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/http/body.h"
#include "io/http/server/request.h"
#include "io/http/server/server.h"
#include "tests/fuzz/fuzz.h"

enum { ANSWERS = 4096, FIELDS = 100 };

/* What is served at /file. */
#define FILE_SERVED "tests/io/http/vectors/chunked.txt"

/* One connection, from the first byte to the end. */
struct visit {
    const char *data;
    size_t n;
    struct fuzz_cuts cuts;
    struct gyre_http_log log;
    struct gyre_http_server *server;
    struct gyre_stream *ends[2];
    struct gyre_buf heard;

    /* as told to the log */
    struct {
        int status;
        bool head;
    } answers[ANSWERS];
    size_t answered;
};

/* ---- what is served ---- */

static int say_hello(struct gyre_http_request *r)
{
    const char *name = gyre_http_query(r, "name");

    return gyre_http_reply_text(r, 200, name != NULL ? name : "hello");
}

static int say_name(struct gyre_http_request *r)
{
    return gyre_http_reply_text(r, 200, gyre_http_param(r, "name"));
}

static int echo(struct gyre_http_request *r)
{
    struct gyre_span body;
    int err = gyre_http_body_whole(r, &body, GYRE_FOREVER);

    return err ? err : gyre_http_reply(r, 200, body.at, body.length);
}

/* Read the body a few bytes at a time. */
static int read_in_pieces(struct gyre_http_request *r, struct gyre_buf *body)
{
    char some[7];
    ssize_t n;

    while ((n = gyre_http_read_body(r, some, sizeof some, GYRE_FOREVER)) > 0)
        always(gyre_buf_append(body, some, (size_t)n) == 0);
    return (int)n;
}

/* The body, in chunks.  Were they sent while it is read, it would depend on what
   has come how much of them is sent before an error. */
static int echo_streamed(struct gyre_http_request *r)
{
    struct gyre_buf body = {0};
    int err = read_in_pieces(r, &body);

    if (err == 0)
        err = gyre_http_reply_begin(r, 200, -1);
    while (err == 0 && body.length > 0) {
        size_t n = body.length < 7 ? body.length : 7;

        err = gyre_http_reply_write(r, body.at, n, GYRE_FOREVER);
        gyre_buf_take(&body, n);
    }
    gyre_buf_free(&body);
    return err;
}

static int serve_file(struct gyre_http_request *r)
{
    return gyre_http_reply_file(r, FILE_SERVED);
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", say_hello},
    {"GET", "/a/{name}", say_name},
    {"POST", "/", echo},
    {"PUT", "/streamed", echo_streamed},
    {"GET", "/file", serve_file},
    {"POST", "/ignored", say_hello},
    {0}};

/* ---- the visit ---- */

static void note_answer(struct gyre_http_log *log,
                        const struct gyre_http_access *access)
{
    struct visit *v = GYRE_OWNER(log, struct visit, log);

    always(v->answered < ANSWERS);
    v->answers[v->answered].status = access->status;
    v->answers[v->answered++].head =
        gyre_span_equals(access->method, gyre_span_of("HEAD"));
}

static void ignore(struct gyre_http_log *log, const char *peer,
                   const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
}

static intptr_t serve(void *visit)
{
    struct visit *v = visit;

    return gyre_http_serve_stream(v->server, v->ends[1], GYRE_FOREVER);
}

/* Send it all, each piece when the one before has been taken. */
static void send_all(struct visit *v)
{
    int err = 0;

    for (size_t at = 0; at < v->n && err == 0;) {
        size_t end = fuzz_cut(&v->cuts, at, v->n);

        err = gyre_write(v->ends[0], v->data + at, end - at, GYRE_FOREVER);
        if (err == 0)
            err = gyre_sleep(gyre_in(0));
        at = end;
    }
    always(err == 0 || err == -EPIPE);
    (void)!gyre_shutdown(v->ends[0], GYRE_FOREVER);
}

static void hear_all(struct visit *v)
{
    char some[4096];
    ssize_t n;

    while ((n = gyre_read(v->ends[0], some, sizeof some,
                          gyre_in(1000 * GYRE_SECOND))) > 0)
        always(gyre_buf_append(&v->heard, some, (size_t)n) == 0);
    always(n == 0);
}

static intptr_t visit(void *arg)
{
    struct visit *v = arg;
    struct gyre_http_options options = {.log = &v->log, .body_limit = 1000};
    struct gyre_scope s;

    always(gyre_http_server_new(&v->server, routes, &options) == 0);
    always(gyre_memory_pair(gyre_loop_current(), 1 << 20, v->ends) == 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    always(gyre_spawn(&s, NULL, serve, v) == 0);
    (void)!gyre_sleep(gyre_in(0));
    send_all(v);
    hear_all(v);
    gyre_close(v->ends[0]);
    always(gyre_scope_close(&s, 0) == 0);
    always(gyre_http_server_counts(v->server).open == 0);
    gyre_http_server_free(v->server);
    return 0;
}

static void begin(struct visit *v, const char *data, size_t n, int way)
{
    memset(v, 0, sizeof *v);
    v->data = data;
    v->n = n;
    v->cuts = fuzz_cuts(data, n, way);
    v->log = (struct gyre_http_log){note_answer, ignore};
    always(gyre_simulate(visit, v) == 0);
}

/* ---- what came of it ---- */

/* Take `text` out of `b` wherever it is, with `more` bytes behind it. */
static void take_out(struct gyre_buf *b, const char *text, size_t more)
{
    size_t n = strlen(text), at = 0;
    char *found;

    while (b->length - at >= n + more &&
           (found = memmem(b->at + at, b->length - at, text, n)) != NULL) {
        at = (size_t)(found - b->at);
        if (b->length - at < n + more)
            return;
        memmove(found, found + n + more, b->length - at - n - more);
        gyre_buf_cut(b, b->length - n - more);
    }
}

/* Does a client wait to be asked for its body?  Then what comes at once is the
   body, and what comes later may not be, if it was not asked for. */
static bool waits(const char *data, size_t n)
{
    static const char word[] = "100-continue";
    size_t length = sizeof word - 1;

    for (size_t i = 0; i + length <= n; i++)
        if (gyre_span_equals_nocase(gyre_span_from(data + i, length),
                                    gyre_span_from(word, length)))
            return true;
    return false;
}

/* Without what depends on when it was said. */
static void settle(struct gyre_buf *b)
{
    take_out(b, "HTTP/1.1 100 Continue\r\n\r\n", 0);
    take_out(b, "Date: ", strlen("Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
}

/* The body of an answer: `n` bytes at `at` and on.  Returns how many it is. */
static size_t read_body(const struct gyre_http_head *h, const char *at,
                        size_t n, struct gyre_buf *body)
{
    struct gyre_http_body b;
    size_t taken = 0;

    always(gyre_http_body_expect(&b, h->framing, h->length, UINT64_MAX) == 0);
    while (taken < n && !gyre_http_body_ended(&b)) {
        struct gyre_span piece;
        ssize_t k = gyre_http_body_read(&b, at + taken, n - taken, &piece);

        always(k > 0);
        always(gyre_buf_append(body, piece.at, piece.length) == 0);
        taken += (size_t)k;
    }
    if (taken == n)
        (void)gyre_http_body_close(&b);
    return taken;
}

/* Read the next answer at `at`.  Returns its bytes. */
static size_t read_answer(const char *at, size_t n, bool head, int status,
                          struct gyre_http_head *h, struct gyre_buf *body)
{
    static struct gyre_http_field fields[FIELDS];
    ssize_t k;

    gyre_http_head_init(h,
                        head ? GYRE_HTTP_RESPONSE_TO_HEAD : GYRE_HTTP_RESPONSE,
                        fields, FIELDS, NULL);
    k = gyre_http_head_parse(h, at, n);
    always(k > 0);
    always(h->status == status);
    return (size_t)k + read_body(h, at + k, n - (size_t)k, body);
}

static void check_answers(struct visit *v)
{
    size_t at = 0;

    for (size_t i = 0; i < v->answered; i++) {
        struct gyre_buf body = {0};
        struct gyre_http_head h;

        at += read_answer(v->heard.at + at, v->heard.length - at,
                          v->answers[i].head, v->answers[i].status, &h, &body);
        gyre_buf_free(&body);
    }
    always(at == v->heard.length);
}

static bool same_text(const struct gyre_buf *a, const struct gyre_buf *b)
{
    return gyre_span_equals(gyre_span_from(a->at, a->length),
                            gyre_span_from(b->at, b->length));
}

void fuzz_server(const char *data, size_t n)
{
    static struct visit whole, parts;

    begin(&whole, data, n, 0);
    settle(&whole.heard);
    check_answers(&whole);
    for (int way = 1; way < FUZZ_WAYS; way++) {
        begin(&parts, data, n, way);
        settle(&parts.heard);
        check_answers(&parts);
        always(waits(data, n) || same_text(&parts.heard, &whole.heard));
        gyre_buf_free(&parts.heard);
    }
    gyre_buf_free(&whole.heard);
}

/* ---- ranges ---- */

/* The bytes of the file at FILE_SERVED, read once. */
static struct gyre_span served(void)
{
    static char bytes[100000];
    static size_t n;

    if (n == 0) {
        FILE *f = fopen(FILE_SERVED, "rb");

        always(f != NULL);
        n = fread(bytes, 1, sizeof bytes, f);
        always(n > 0 && n < sizeof bytes);
        fclose(f);
    }
    return gyre_span_from(bytes, n);
}

static const char *value(const struct gyre_http_head *h, const char *name,
                         char out[100])
{
    struct gyre_span s = gyre_http_field_find(h->fields, h->field_count, name);

    always(s.at != NULL && s.length < 100);
    memcpy(out, s.at, s.length);
    out[s.length] = '\0';
    return out;
}

/* What is said to be a part of the file is, and no empty one. */
static void check_part(const struct gyre_http_head *h,
                       const struct gyre_buf *body)
{
    struct gyre_span file = served();
    unsigned long long from, to, size;
    char text[100], again[100];

    always(sscanf(value(h, "Content-Range", text), "bytes %llu-%llu/%llu",
                  &from, &to, &size) == 3);
    snprintf(again, sizeof again, "bytes %llu-%llu/%llu", from, to, size);
    always(strcmp(text, again) == 0);
    always(size == file.length && from <= to && to < size);
    always(h->framing == GYRE_HTTP_LENGTH && h->length == to - from + 1);
    always(gyre_span_equals(gyre_span_from(body->at, body->length),
                            gyre_span_from(file.at + from, to - from + 1)));
}

static void check_ranged(struct visit *v)
{
    struct gyre_span file = served();
    struct gyre_buf body = {0};
    struct gyre_http_head h;
    char text[100], all[40];

    read_answer(v->heard.at, v->heard.length, false, v->answers[0].status, &h,
                &body);
    snprintf(all, sizeof all, "bytes */%zu", file.length);
    if (h.status == 206)
        check_part(&h, &body);
    else if (h.status == 416)
        always(strcmp(value(&h, "Content-Range", text), all) == 0);
    else if (h.status == 200)
        always(gyre_span_equals(gyre_span_from(body.at, body.length), file));
    else
        always(h.status == 304 || h.status == 412 || h.status == 400 ||
               h.status == 417 || h.status == 431 || h.status == 413 ||
               h.status == 501);
    gyre_buf_free(&body);
}

/* The bytes are the value of a Range, and fields behind it. */
void fuzz_range(const char *data, size_t n)
{
    static struct visit v;
    struct gyre_buf text = {0};

    gyre_buf_append_string(&text, "GET /file HTTP/1.1\r\nHost: a\r\nRange: ");
    always(gyre_buf_append(&text, data, n) == 0);
    gyre_buf_append_string(&text, "\r\n\r\n");
    begin(&v, text.at, text.length, 0);
    settle(&v.heard);
    if (v.answered > 0)
        check_ranged(&v);
    gyre_buf_free(&v.heard);
    gyre_buf_free(&text);
}
