/*
 * request.c - what a handler may ask of its request.
 */
#include "io/http/server/request.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/addr.h"
#include "io/http/escape.h"
#include "io/http/server/exchange.h"
#include "io/http/server/internal.h"

enum { DRAINED = 65536 /* bytes of a body nobody read */ };

/* ---- strings ---- */

const char *gyre_http_copy(struct gyre_http_request *r, struct gyre_span s)
{
    char *out = gyre_arena_take(&r->arena, s.length + 1);

    if (out == NULL)
        return NULL;
    memcpy(out, s.at, s.length);
    out[s.length] = '\0';
    return out;
}

static const char *unescape(struct gyre_http_request *r, struct gyre_span s,
                            bool form)
{
    char *out = gyre_arena_take(&r->arena, s.length + 1);

    if (out == NULL || gyre_url_unescape(out, s, form) < 0)
        return NULL;
    return out;
}

const char *gyre_http_method(struct gyre_http_request *r)
{
    return gyre_http_copy(r, r->head.method);
}

const char *gyre_http_path(struct gyre_http_request *r)
{
    return unescape(r, r->head.path, false);
}

const char *gyre_http_param(struct gyre_http_request *r, const char *name)
{
    struct gyre_span value = gyre_http_match_param(&r->match, name);

    return value.at != NULL ? unescape(r, value, false) : NULL;
}

const char *gyre_http_query(struct gyre_http_request *r, const char *name)
{
    struct gyre_span value = {0};

    if (r->head.query.at != NULL)
        value = gyre_url_find_pair(r->head.query, name);
    return value.at != NULL ? unescape(r, value, true) : NULL;
}

/* Escapes are undone on the way. */
static int read_int(struct gyre_span value, int64_t *out)
{
    if (value.at == NULL)
        return -ENOENT;
    return gyre_http_read_int(value, out) ? 0 : -EINVAL;
}

int gyre_http_param_int(struct gyre_http_request *r, const char *name,
                        int64_t *out)
{
    return read_int(gyre_http_match_param(&r->match, name), out);
}

int gyre_http_query_int(struct gyre_http_request *r, const char *name,
                        int64_t *out)
{
    struct gyre_span value = {0};

    if (r->head.query.at != NULL)
        value = gyre_url_find_pair(r->head.query, name);
    return read_int(value, out);
}

const char *gyre_http_header(struct gyre_http_request *r, const char *name)
{
    struct gyre_span value =
        gyre_http_field_find(r->head.fields, r->head.field_count, name);

    return value.at != NULL ? gyre_http_copy(r, value) : NULL;
}

const struct gyre_http_head *
gyre_http_request_head(const struct gyre_http_request *r)
{
    return &r->head;
}

const char *gyre_http_peer(struct gyre_http_request *r)
{
    const struct gyre_addr *peer = &r->connection->peer;
    char *text = NULL;

    if (peer->length > 0)
        text = gyre_arena_take(&r->arena, GYRE_ADDR_TEXT);
    return text != NULL ? gyre_addr_format(peer, text, GYRE_ADDR_TEXT) : "";
}

void *gyre_http_context(const struct gyre_http_request *r)
{
    return gyre_http_server_of(r)->options.context;
}

/* ---- URLs of routes ---- */

static const char *url_with(struct gyre_http_request *r, const char *name,
                            const struct gyre_http_param *params, size_t n)
{
    struct gyre_buf url = {.allocator = r->arena.allocator};
    const char *text = NULL;

    if (gyre_http_router_url(gyre_http_server_of(r)->router, name, params, n,
                             &url) == 0)
        text = gyre_http_copy(r, gyre_span_from(url.at, url.length));
    gyre_buf_free(&url);
    return text;
}

const char *gyre_http_url_for(struct gyre_http_request *r, const char *name)
{
    return url_with(r, name, NULL, 0);
}

const char *gyre_http_url_for_params(struct gyre_http_request *r,
                                     const char *name, ...)
{
    struct gyre_http_param params[GYRE_HTTP_PARAMS];
    const char *given;
    size_t n = 0;
    va_list args;

    va_start(args, name);
    while (n < GYRE_HTTP_PARAMS &&
           (given = va_arg(args, const char *)) != NULL) {
        params[n].name = gyre_span_of(given);
        params[n++].value = gyre_span_of(va_arg(args, const char *));
    }
    va_end(args);
    return url_with(r, name, params, n);
}

/* ---- the body ---- */

/* Put `text` into `out` before the reply in hand, to be sent whatever becomes
   of that. */
static int put_before(struct gyre_http_request *r, const char *text, size_t n)
{
    size_t behind = r->out.length - r->settled;
    char *at;

    if (gyre_buf_reserve(&r->out, n) == NULL)
        return -ENOMEM;
    at = r->out.at + r->settled;
    memmove(at + n, at, behind);
    memcpy(at, text, n);
    gyre_buf_grow(&r->out, n);
    r->settled += n;
    return 0;
}

/* Does the client wait to be asked for the body?  Not once some has come. */
static bool waits(const struct gyre_http_request *r)
{
    return !r->continued && r->body_bytes == 0;
}

/* Ask for it, if so; but once the client has the head of a final reply, or
   somebody writes that, it is too late to ask. */
static int ask_for_body(struct gyre_http_request *r)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    int err = 0;

    if (r->writing)
        return 0;
    if (waits(r) && !r->left)
        err = put_before(r, text, sizeof text - 1);
    if (err == 0)
        r->continued = true;
    return err;
}

/* A body must come at a rate, after some grace.  The time by which more must
   have come: only that counts which was spent waiting for it, and not what the
   handler spent on other things. */
static gyre_time patience(struct gyre_http_request *r)
{
    const struct gyre_http_options *o = &gyre_http_server_of(r)->options;
    gyre_time all = gyre_time_after(
        o->body_time, gyre_http_time_of(r->body_bytes, o->body_rate));

    return gyre_in(all > r->body_waited ? all - r->body_waited : 0);
}

/* The body can be read no further, nor the connection used. */
static ssize_t spoil(struct gyre_http_request *r, ssize_t err)
{
    r->keep = false;
    r->body_err = (int)err;
    return err;
}

/* Read into `more`, for as long as the client's patience and ours allow. */
static ssize_t read_more(struct gyre_http_request *r, gyre_time deadline)
{
    char *room = gyre_buf_reserve(&r->came.more, GYRE_HTTP_KEPT);
    gyre_time until = patience(r), began = gyre_in(0);
    ssize_t n;

    if (room == NULL)
        return -ENOMEM;
    if (r->connection->stream == NULL)
        return spoil(r, -EBADF);
    n = gyre_read(r->connection->stream, room, GYRE_HTTP_KEPT,
                  until < deadline ? until : deadline);
    r->body_waited += gyre_in(0) - began;
    if (n > 0) {
        gyre_buf_grow(&r->came.more, (size_t)n);
        gyre_http_server_of(r)->counts.bytes_in += (uint64_t)n;
    }
    if (n == 0)
        n = gyre_http_body_close(&r->came.body);
    /* A wait that ended for the handler's own reasons may be taken up again. */
    if (n == -ECANCELED || (n == -ETIMEDOUT && deadline <= until))
        return n;
    return n < 0 ? spoil(r, n) : n;
}

/* Ask for more of the body, and read it. */
static ssize_t demand(struct gyre_http_request *r, gyre_time deadline)
{
    int err = ask_for_body(r);

    if (err)
        return err;
    err = gyre_http_send_due(r);
    if (err == -ECANCELED)
        return err;
    return err ? spoil(r, err) : read_more(r, deadline);
}

static ssize_t fill(struct gyre_http_request *r, gyre_time deadline)
{
    ssize_t n;

    if (r->awaited)
        return -EBUSY;
    r->awaited = true;
    n = demand(r, deadline);
    r->awaited = false;
    return n;
}

ssize_t gyre_http_read_on(struct gyre_http_request *r, void *buf, size_t n,
                          gyre_time deadline)
{
    struct gyre_http_incoming *m = &r->came;
    ssize_t got = 0;

    while (n > 0 && got == 0 && !gyre_http_body_ended(&m->body)) {
        if (gyre_http_incoming_unread(m).length == 0)
            got = fill(r, deadline);
        if (got < 0)
            return got;
        got = gyre_http_incoming_read(m, buf, n, &r->body_bytes);
        if (got < 0)
            return spoil(r, got);
    }
    gyre_http_vigil_begin(r);
    return got;
}

ssize_t gyre_http_read_body(struct gyre_http_request *r, void *buf, size_t n,
                            gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : gyre_http_read_on(r, buf, n, deadline);
}

int gyre_http_body_whole(struct gyre_http_request *r, struct gyre_span *body,
                         gyre_time deadline)
{
    ssize_t n = 1;

    r->opened = true;
    while (n > 0) {
        char *room;

        n = gyre_checkpoint(deadline);
        if (n < 0)
            return (int)n;
        room = gyre_buf_reserve(&r->whole, GYRE_HTTP_READ);
        if (room == NULL)
            return -ENOMEM;
        n = gyre_http_read_on(r, room, GYRE_HTTP_READ - 1, deadline);
        if (n < 0)
            return (int)n;
        room[n] = '\0';
        gyre_buf_grow(&r->whole, (size_t)n);
    }
    /* Of nothing the memory may be given back before the handler is done. */
    *body = r->whole.length > 0 ? gyre_span_from(r->whole.at, r->whole.length)
                                : gyre_span_of("");
    return 0;
}

bool gyre_http_body_is_short(const struct gyre_http_request *r)
{
    if (gyre_http_body_ended(&r->came.body))
        return true;

    /* Who was never asked for the body will not send it, or may. */
    if (waits(r) && gyre_http_incoming_unread(&r->came).length == 0)
        return false;
    return r->head.framing != GYRE_HTTP_LENGTH ||
           r->head.length - r->body_bytes <= DRAINED;
}

bool gyre_http_body_drain(struct gyre_http_request *r)
{
    char some[4096];
    size_t drained = 0;
    ssize_t n = 1;

    if (gyre_http_body_ended(&r->came.body))
        return true;
    if (!gyre_http_body_is_short(r))
        return false;
    while (n > 0 && drained < DRAINED) {
        n = gyre_http_read_body(r, some, sizeof some, GYRE_FOREVER);
        drained += n > 0 ? (size_t)n : 0;
    }
    gyre_timer_stop(gyre_http_server_of(r)->loop, &r->overdue);
    return gyre_http_body_ended(&r->came.body);
}
