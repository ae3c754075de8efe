/*
 * send.c - a request on its way out, and an ear for what comes meanwhile.
 *
 * A server need not read what it refuses: it may answer early, and read no
 * more, and whoever only writes then waits for ever.  So while a write waits, a
 * job waits for the peer to speak, and takes us off the write; then we look
 * whether that was the answer.  What is looked at stays in the response, where
 * the answer is read from.  One that is a success is no reason to stop (RFC
 * 9112, 9.5): the server may answer while it reads.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "io/http/compose.h"
#include "io/http/client/session.h"

/* How long a server has to say whether it wants a body. */
#define PATIENCE GYRE_SECOND

enum {
    FIRST = 16384, /* bytes of a body that go out with the head */
    PIECE = 8192   /* bytes of one that is sent in chunks, at a time */
};

/* ---- writing, with an ear open ---- */

/* The peer may have spoken while we wrote. */
struct ear {
    struct gyre_job heard;
    struct gyre_scope scope; /* around the write */
};

static void hear(struct gyre_job *j)
{
    gyre_scope_cancel(&GYRE_OWNER(j, struct ear, heard)->scope);
}

/* The peer has left: it may have answered before, so that is no error yet.  Or
   it has, and reads no more. */
static int unless_left(struct gyre_http_response *r, int err)
{
    bool stalled = err == -ETIMEDOUT && r->course.next == GYRE_HTTP_SEND_TIME;

    r->reset |= err == -ECONNRESET;
    if (stalled && r->found == 1)
        return 1;
    return err == -EPIPE || err == -ECONNRESET ? 1 : err;
}

/* Until when some is to be taken.  What is heard meanwhile gives no more time:
   who trickles an answer and reads nothing would hold us up with it. */
static gyre_time patience(struct gyre_http_response *r, gyre_time deadline)
{
    return gyre_http_course_step(&r->course, GYRE_HTTP_SEND_TIME,
                                 r->session->options.send_time, deadline);
}

/* Write some: how many bytes; 0 if there is something to hear; or an error. */
static ssize_t write_some(struct gyre_http_response *r, const char *at,
                          size_t n, gyre_time until)
{
    struct gyre_stream *s = r->link->stream;
    struct ear ear = {.heard.run = hear};
    ssize_t sent = 0;

    if (gyre_http_course_over(&r->course))
        return -ETIMEDOUT;
    gyre_scope_open(&ear.scope, GYRE_FOREVER);
    if (!gyre_http_response_is_full(r))
        sent = gyre_stream_when_readable(s, &ear.heard);
    if (sent == 0)
        sent = gyre_write_some(s, at, n, until);
    gyre_stream_forget(s);
    return gyre_scope_close(&ear.scope, sent);
}

/* Write all, and look for an answer whenever there is more to write; as
   gyre_http_send. */
static int write_all(struct gyre_http_response *r, const char *at, size_t n,
                     gyre_time deadline)
{
    gyre_time until = patience(r, deadline);
    int answered = 0;

    while (answered == 0) {
        ssize_t sent = write_some(r, at, n, until);

        if (sent < 0)
            return unless_left(r, (int)sent);
        if (sent > 0)
            until = patience(r, deadline);
        at += sent;
        n -= (size_t)sent;
        if (n == 0)
            return 0;
        answered = gyre_http_response_look(r, GYRE_NOW);
    }
    return answered;
}

/* Write some more, if there is no answer yet. */
static int write_more(struct gyre_http_response *r, const char *at, size_t n,
                      gyre_time deadline)
{
    int answered = gyre_http_response_look(r, GYRE_NOW);

    return answered ? answered : write_all(r, at, n, deadline);
}

/* ---- the head ---- */

static struct gyre_http_envelope envelope(const struct gyre_http_outgoing *o)
{
    struct gyre_http_envelope e = {
        .fields = o->fields,
        .defaults = o->defaults,
        .framing = GYRE_HTTP_NO_BODY,
        .keep_alive = true,
        .upgrade_to = o->upgrade,
    };

    if (o->body != NULL && o->body->more != NULL && o->body->length == 0) {
        e.framing = GYRE_HTTP_CHUNKED;
    } else if (o->body != NULL) {
        e.framing = GYRE_HTTP_LENGTH;
        e.length = o->body->length;
    } else if (strcmp(o->method, "POST") == 0 ||
               strcmp(o->method, "PUT") == 0) {
        e.framing = GYRE_HTTP_LENGTH;
    }
    return e;
}

/* Path and query as they stand in the URL; the path may not be there. */
static struct gyre_span target(const struct gyre_url *url)
{
    struct gyre_span t = url->path;

    if (url->query.at != NULL)
        t.length = (size_t)(url->query.at + url->query.length - t.at);
    return t;
}

/* The target as it cannot be pointed at: whole, for a proxy; or as in
   "http://host?query", where the path is a constant, apart from its query. */
static int put_target(struct gyre_buf *out, const struct gyre_url *url,
                      bool whole)
{
    int err = 0;

    if (whole)
        err = gyre_buf_append_string(out, "http://");
    if (err == 0 && whole)
        err = gyre_buf_append(out, url->authority.at, url->authority.length);
    if (err == 0)
        err = gyre_buf_append(out, url->path.at, url->path.length);
    if (err == 0 && url->query.at != NULL)
        err = gyre_buf_append(out, "?", 1);
    return err ? err : gyre_buf_append(out, url->query.at, url->query.length);
}

static int compose(const struct gyre_http_outgoing *o, struct gyre_buf *out,
                   bool whole)
{
    struct gyre_http_envelope e = envelope(o);
    const struct gyre_url *url = o->url;
    struct gyre_buf made = {.allocator = out->allocator};
    int err;

    if (!whole && (url->query.at == NULL ||
                   url->path.at + url->path.length + 1 == url->query.at))
        return gyre_http_compose_request(out, o->method, target(url),
                                         url->authority, &e);
    err = put_target(&made, url, whole);
    if (err == 0)
        err = gyre_http_compose_request(out, o->method,
                                        gyre_span_from(made.at, made.length),
                                        url->authority, &e);
    gyre_buf_free(&made);
    return err;
}

static bool says(const struct gyre_http_outgoing *o, const char *name)
{
    return (o->fields != NULL &&
            gyre_http_fields_get(o->fields, name).at != NULL) ||
           gyre_http_fields_get(o->defaults, name).at != NULL;
}

/* The cookies there are for it. */
static int put_cookies(const struct gyre_http_outgoing *o,
                       struct gyre_http_jar *jar, struct gyre_buf *out)
{
    size_t before = out->length, name;
    int err = gyre_buf_append_string(out, "Cookie: ");

    name = out->length;
    if (err == 0)
        err = gyre_http_jar_give(jar, o->url, (int64_t)time(NULL), out);
    if (err == 0 && out->length > name)
        return gyre_buf_append(out, "\r\n", 2);
    gyre_buf_cut(out, before);
    return err;
}

/* Add what a proxy alone is to know, what is asked of the body, and cookies, in
   front of the empty line. */
static int put_more(const struct gyre_http_outgoing *o,
                    const struct gyre_buf *for_proxy, struct gyre_http_jar *jar,
                    struct gyre_buf *out)
{
    int err = 0;

    gyre_buf_cut(out, out->length - 2);
    if (for_proxy != NULL && !says(o, "Proxy-Authorization"))
        err = gyre_buf_append(out, for_proxy->at, for_proxy->length);
    if (err == 0 && o->expect && !says(o, "Expect"))
        err = gyre_buf_append_string(out, "Expect: 100-continue\r\n");
    if (err == 0 && jar != NULL && !says(o, "Cookie"))
        err = put_cookies(o, jar, out);
    return err ? err : gyre_buf_append(out, "\r\n", 2);
}

/* The head, and the first `n` bytes of the body, in one write.  Nothing was
   asked before it, so nobody need look for an answer. */
static int send_head(const struct gyre_http_outgoing *o,
                     struct gyre_http_response *r, size_t n, gyre_time deadline)
{
    struct gyre_buf out = {.allocator = gyre_loop_allocator(r->session->loop)};
    const struct gyre_http_origin *to = r->link->origin;
    struct gyre_http_jar *jar = r->session->options.jar;
    bool whole = to->proxied && !to->secure;
    int err = compose(o, &out, whole);

    if (err == 0 && (whole || o->expect || jar != NULL))
        err = put_more(o, whole ? &r->session->proxy.fields.text : NULL, jar,
                       &out);
    if (err == 0 && n > 0)
        err = gyre_buf_append(&out, o->body->body, n);
    if (err == 0)
        err = write_all(r, out.at, out.length, deadline);
    gyre_buf_free(&out);
    return err;
}

/* ---- the body ---- */

/* Have the next piece made.  What `more` calls knows nothing of the time for
   all of it, so that is a limit around it; what says -ETIMEDOUT by itself has
   not been ended by that. */
static ssize_t make_piece(struct gyre_http_call *body,
                          struct gyre_http_response *r, char *piece,
                          size_t most)
{
    struct gyre_scope within;
    ssize_t n;

    gyre_scope_open(&within, r->course.total);
    n = gyre_scope_close(&within, body->more(body, piece, most));
    r->course.next = GYRE_HTTP_NO_TIMEOUT;
    if (n < 0)
        (void)gyre_http_course_over(&r->course);
    return n;
}

/* What is made while it is sent, and is `length` bytes. */
static int send_made(struct gyre_http_call *body, struct gyre_http_response *r,
                     gyre_time deadline)
{
    size_t left = body->length;
    char piece[PIECE];

    while (left > 0) {
        size_t most = left < PIECE ? left : PIECE;
        ssize_t n = make_piece(body, r, piece, most);
        int err;

        if (n <= 0)
            return n < 0 ? (int)n : -ENODATA;
        assert((size_t)n <= most);
        err = write_more(r, piece, (size_t)n, deadline);
        if (err)
            return err;
        left -= (size_t)n;
    }
    return 0;
}

/* The same in chunks. */
static int send_chunks(struct gyre_http_call *body,
                       struct gyre_http_response *r, gyre_time deadline)
{
    char room[GYRE_HTTP_CHUNK_HEAD_MAX + PIECE + 2];
    char *piece = room + GYRE_HTTP_CHUNK_HEAD_MAX;
    char head[GYRE_HTTP_CHUNK_HEAD_MAX];
    ssize_t n;

    while ((n = make_piece(body, r, piece, PIECE)) > 0) {
        size_t before = gyre_http_chunk_head(head, (uint64_t)n);
        int err;

        assert(n <= PIECE);
        memcpy(piece - before, head, before);
        memcpy(piece + n, GYRE_HTTP_CHUNK_TAIL, 2);
        err = write_more(r, piece - before, before + (size_t)n + 2, deadline);
        if (err)
            return err;
    }
    if (n < 0)
        return (int)n;
    return write_more(r, GYRE_HTTP_LAST_CHUNK, sizeof GYRE_HTTP_LAST_CHUNK - 1,
                      deadline);
}

/* Send the body, but for the first bytes of it. */
static int send_body(struct gyre_http_call *body, struct gyre_http_response *r,
                     size_t first, gyre_time deadline)
{
    if (body->more != NULL)
        return body->length > 0 ? send_made(body, r, deadline)
                                : send_chunks(body, r, deadline);
    return body->length > first
               ? write_more(r, (const char *)body->body + first,
                            body->length - first, deadline)
               : 0;
}

/* Wait until the server wants the body, or says something else instead, or has
   said nothing for a while.  As gyre_http_send. */
static int wait_to_be_wanted(struct gyre_http_response *r, gyre_time deadline)
{
    gyre_time until = gyre_http_course_step(&r->course, GYRE_HTTP_NO_TIMEOUT,
                                            PATIENCE, deadline);
    int answered = 0;

    while (answered == 0 && r->found == 0 && !r->wanted && gyre_in(0) < until)
        answered = gyre_http_response_look(r, until);
    if (r->found != 0 && !r->wanted)
        answered = 1;
    r->withheld = answered == 1;
    if (answered == 0 && !r->wanted && r->course.next != GYRE_HTTP_NO_TIMEOUT)
        return -ETIMEDOUT;
    return answered;
}

int gyre_http_send(const struct gyre_http_outgoing *o,
                   struct gyre_http_response *r, gyre_time deadline)
{
    bool whole = o->body != NULL && o->body->more == NULL && !o->expect;
    size_t n = whole ? o->body->length : 0;
    size_t first = n < FIRST ? n : FIRST;
    int err = send_head(o, r, first, deadline);

    if (err == 0 && o->expect)
        err = wait_to_be_wanted(r, deadline);
    return err || o->body == NULL ? err
                                  : send_body(o->body, r, first, deadline);
}
