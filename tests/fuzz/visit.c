/*
 * visit.c - one connection to a whole server, in memory.
 */
#include "tests/fuzz/visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/list.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/http/body.h"
#include "io/http/date.h"
#include "io/http/server/files.h"
#include "io/http/server/request.h"
#include "io/http/websocket/websocket.h"

enum { FIELDS = 100 };

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

/* The body, in chunks.  Were they sent while it is read, it would depend on
   what has come how much of them is sent before an error. */
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

static void note_message(struct visit *v, int what, const void *bytes, size_t n)
{
    always(gyre_buf_append(&v->received, &what, sizeof what) == 0);
    always(gyre_buf_append(&v->received, &n, sizeof n) == 0);
    always(gyre_buf_append(&v->received, bytes, n) == 0);
}

/* What comes over a WebSocket goes back; once its peer has closed, in vain. */
static int echo_messages(struct gyre_http_request *r)
{
    struct gyre_websocket_options options = {.limit = 300};
    struct visit *v = gyre_http_context(r);
    struct gyre_websocket_message m;
    struct gyre_websocket *ws;
    int err = gyre_websocket_accept(r, &options, &ws, GYRE_FOREVER);

    if (err)
        return err;
    while ((err = gyre_websocket_receive(ws, &m, GYRE_FOREVER)) > 0) {
        note_message(v, (int)m.kind, m.at, m.length);
        (void)!gyre_websocket_send(ws, m.kind, m.at, m.length, GYRE_FOREVER);
    }
    note_message(v, err, "", 0);
    note_message(v, gyre_websocket_code(ws), "", 0);
    return gyre_websocket_end(ws, err, GYRE_FOREVER);
}

static int serve_file(struct gyre_http_request *r)
{
    return gyre_http_reply_file(r, VISIT_FILE);
}

static const struct gyre_http_files files = {.compressed = true,
                                             .listing = true};

static const struct gyre_http_route routes[] = {
    {"GET", "/", say_hello},
    {"GET", "/a/{name}", say_name},
    {"POST", "/", echo},
    {"PUT", "/streamed", echo_streamed},
    {"GET", "/file", serve_file},
    {"POST", "/ignored", say_hello},
    {"GET", "/socket", echo_messages},
    {"GET", "/d/{path:tail}", .directory = VISIT_DIRECTORY, .files = &files},
    {0}};

/* ---- the visit ---- */

static void note_answer(struct gyre_http_log *log,
                        const struct gyre_http_access *access)
{
    struct visit *v = GYRE_OWNER(log, struct visit, log);

    always(v->answered < VISIT_ANSWERS);
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
    always(n == 0 || n == -ECONNRESET);
    v->reset = n != 0;
}

static intptr_t visit(void *arg)
{
    struct visit *v = arg;
    struct gyre_http_options options = {
        .log = &v->log, .body_limit = 1000, .context = v};
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

/* ---- what came of it ---- */

/* Each date that a server said, to be the same whenever it was said.  What is
   echoed may look like one; it keeps its length. */
static void settle(struct gyre_buf *b)
{
    static const char field[] = "\r\nDate: ", end[] = " GMT\r\n";
    size_t n = sizeof field - 1, all = n + GYRE_HTTP_DATE_SIZE - 1 + 2;

    for (size_t at = 0; at + all <= b->length; at++) {
        char *found = b->at + at;

        if (memcmp(found, field, n) == 0 &&
            memcmp(found + all - (sizeof end - 1), end, sizeof end - 1) == 0)
            memset(found + n, '-', all - n - 2);
    }
}

void visit_make(struct visit *v, const char *data, size_t n, int way)
{
    memset(v, 0, sizeof *v);
    v->data = data;
    v->n = n;
    v->cuts = fuzz_cuts(data, n, way);
    v->log = (struct gyre_http_log){note_answer, ignore};
    always(gyre_simulate(visit, v) == 0);
    settle(&v->heard);
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

size_t visit_read_interim(const char *at, size_t n)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    size_t length = sizeof text - 1;

    return n >= length && memcmp(at, text, length) == 0 ? length : 0;
}

size_t visit_read_answer(const char *at, size_t n, bool to_head, int status,
                         struct gyre_http_head *h, struct gyre_buf *body)
{
    static struct gyre_http_field fields[FIELDS];
    size_t taken = visit_read_interim(at, n);
    ssize_t k;

    gyre_http_head_init(
        h, to_head ? GYRE_HTTP_RESPONSE_TO_HEAD : GYRE_HTTP_RESPONSE, fields,
        FIELDS, NULL);
    k = gyre_http_head_parse(h, at + taken, n - taken);
    always(k > 0);
    always(h->status == status);
    taken += (size_t)k;
    return taken + read_body(h, at + taken, n - taken, body);
}
