/*
 * client.c - a whole client, in memory, and what a server may answer it.
 *
 * However the answer was divided, what becomes of the call is the same; and if
 * that is a response, it has the status and the body that the readers of heads
 * and of bodies find in the same bytes.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/list.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/http/body.h"
#include "io/http/head.h"
#include "io/http/client/client.h"
#include "tests/fuzz/fuzz.h"

enum { FIELDS = 100 };

static const char *const methods[] = {"GET", "HEAD", "POST"};

/* One call, and what came of it. */
struct ask {
    const char *data;
    size_t n;
    struct fuzz_cuts cuts;
    const char *method;
    struct gyre_http_connector connector;
    struct gyre_scope scope; /* that the peer lives in */
    struct gyre_stream *peer;
    int connected;

    int err;
    int status;
    struct gyre_buf body;
};

/* ---- the peer ---- */

/* Hear the request, which is one write, say what there is to say, and close. */
static intptr_t answer(void *arg)
{
    struct ask *a = arg;
    char heard[1000];
    int err = 0;

    if (gyre_read(a->peer, heard, sizeof heard, GYRE_FOREVER) < 0)
        err = -EPIPE;
    for (size_t at = 0; at < a->n && err == 0;) {
        size_t end = fuzz_cut(&a->cuts, at, a->n);

        err = gyre_write(a->peer, a->data + at, end - at, GYRE_FOREVER);
        if (err == 0)
            err = gyre_sleep(gyre_in(0));
        at = end;
    }
    gyre_close(a->peer);
    return 0;
}

static int connect_to(struct gyre_http_connector *c, const char *host, int port,
                      bool secure, struct gyre_stream **out, gyre_time deadline)
{
    struct ask *a = GYRE_OWNER(c, struct ask, connector);
    struct gyre_stream *ends[2];

    (void)host, (void)port, (void)secure, (void)deadline;
    if (a->connected++ > 0)
        return -ECONNREFUSED;
    always(gyre_memory_pair(gyre_loop_current(), 1 << 20, ends) == 0);
    *out = ends[0];
    a->peer = ends[1];
    always(gyre_spawn(&a->scope, NULL, answer, a) == 0);
    return 0;
}

/* ---- the call ---- */

static intptr_t ask(void *arg)
{
    struct ask *a = arg;
    struct gyre_http_session_options options = {.connector = &a->connector,
                                                .redirects = -1};
    struct gyre_http_call call = {.method = a->method, .url = "http://a/"};
    struct gyre_http_session *session;
    struct gyre_http_response *r = NULL;
    const char *text;
    size_t n;

    gyre_scope_open(&a->scope, GYRE_FOREVER);
    always(gyre_http_session_new_with(&session, &options) == 0);
    if (strcmp(a->method, "POST") == 0) {
        call.body = "body";
        call.length = 4;
    }
    a->err = gyre_http_call(session, &call, &r, GYRE_FOREVER);
    if (a->err == 0) {
        a->status = gyre_http_status(r);
        a->err = gyre_http_text(r, &text, &n, GYRE_FOREVER);
    }
    if (a->err == 0)
        always(gyre_buf_append(&a->body, text, n) == 0);
    gyre_http_response_free(r);
    gyre_http_session_free(session);
    always(gyre_scope_close(&a->scope, 0) == 0);
    return 0;
}

static void begin(struct ask *a, const char *data, size_t n, int way)
{
    *a = (struct ask){.data = data,
                      .n = n,
                      .cuts = fuzz_cuts(data, n, way),
                      .method = methods[fuzz_number(data, n) % 3],
                      .connector.connect = connect_to};
    always(gyre_simulate(ask, a) == 0);
}

/* ---- what is there to be found ---- */

/* Read a head at `at`, past those that come before the answer.  Returns where
   it ends, or NULL. */
static const char *find_head(const struct ask *a, struct gyre_http_head *h,
                             struct gyre_http_field *fields)
{
    const char *at = a->data, *end = a->data + a->n;
    ssize_t n;

    do {
        gyre_http_head_init(h,
                            strcmp(a->method, "HEAD") == 0
                                ? GYRE_HTTP_RESPONSE_TO_HEAD
                                : GYRE_HTTP_RESPONSE,
                            fields, FIELDS, NULL);
        n = gyre_http_head_parse(h, at, (size_t)(end - at));
        if (n <= 0)
            return NULL;
        at += n;
    } while (h->status < 200 && h->status != 101);
    return at;
}

static void check_found(const struct ask *a)
{
    struct gyre_http_field fields[FIELDS];
    struct gyre_http_head h;
    struct gyre_http_body b;
    const char *at = find_head(a, &h, fields), *end = a->data + a->n;
    size_t read = 0;

    always(at != NULL && h.status == a->status);
    always(gyre_http_body_expect(&b, h.framing, h.length, UINT64_MAX) == 0);
    while (at < end && !gyre_http_body_ended(&b)) {
        struct gyre_span piece;
        ssize_t n = gyre_http_body_read(&b, at, (size_t)(end - at), &piece);

        always(n > 0 && piece.length <= a->body.length - read);
        always(piece.length == 0 ||
               memcmp(a->body.at + read, piece.at, piece.length) == 0);
        read += piece.length;
        at += n;
    }
    always(gyre_http_body_close(&b) == 0 && read == a->body.length);
}

void fuzz_client(const char *data, size_t n)
{
    struct ask whole, parts;

    begin(&whole, data, n, 0);
    if (whole.err == 0)
        check_found(&whole);
    for (int way = 1; way < FUZZ_WAYS; way++) {
        begin(&parts, data, n, way);
        always(parts.err == whole.err && parts.status == whole.status);
        always(
            gyre_span_equals(gyre_span_from(parts.body.at, parts.body.length),
                             gyre_span_from(whole.body.at, whole.body.length)));
        gyre_buf_free(&parts.body);
    }
    gyre_buf_free(&whole.body);
}
