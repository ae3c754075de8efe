/*
 * reply.c - replies: recorded, and streamed.
 *
 * A reply is recorded by copying it; only when the handler has returned is its
 * head composed, for only then is it known that it stands.  A streamed reply's
 * head is composed when it is begun.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "task/task.h"
#include "task/wait.h"
#include "io/http/compose.h"
#include "io/http/internal.h"
#include "io/http/server/exchange.h"
#include "io/http/server/request.h"

/* ---- fields ---- */

int gyre_http_set_header(struct gyre_http_request *r, const char *name,
                         const char *value)
{
    if (gyre_http_reply_begun(r))
        return -EALREADY;
    return gyre_http_fields_set(&r->reply_fields, name, value);
}

int gyre_http_add_header(struct gyre_http_request *r, const char *name,
                         const char *value)
{
    if (gyre_http_reply_begun(r))
        return -EALREADY;
    return gyre_http_fields_add(&r->reply_fields, name, value);
}

/* ---- recording ---- */

static void close_file(struct gyre_http_request *r)
{
    if (r->file >= 0)
        close(r->file);
    r->file = -1;
}

/* What belongs to a reply, and not to any that may take its place. */
static void forget(struct gyre_http_request *r)
{
    close_file(r);
    gyre_buf_cut(&r->reply, 0);
    if (r->reply.size > GYRE_HTTP_KEPT)
        gyre_buf_free(&r->reply);
    gyre_http_fields_clear(&r->own_fields);
    r->kind = GYRE_HTTP_NO_REPLY;
    r->status = 0;
    r->type = gyre_span_of(NULL);
    r->upgrade = gyre_span_of(NULL);
}

void gyre_http_reply_drop(struct gyre_http_request *r)
{
    forget(r);
    gyre_http_fields_undo(&r->reply_fields);
}

void gyre_http_reply_clear(struct gyre_http_request *r)
{
    forget(r);
    gyre_http_fields_clear(&r->reply_fields);
}

/* May a final reply have this status, and bytes in its body? */
static bool admits(int status, bool bytes)
{
    return status >= 200 && status <= 599 &&
           !(bytes && (status == 204 || status == 205 || status == 304));
}

/* Take down what kind of reply there will be, in place of any before. */
static int note(struct gyre_http_request *r, int status, bool bytes,
                enum gyre_http_reply_kind kind)
{
    if (gyre_http_reply_begun(r))
        return -EALREADY;
    if (!admits(status, bytes))
        return -EINVAL;
    if (r->kind != GYRE_HTTP_NO_REPLY)
        forget(r);
    r->status = status;
    r->kind = kind;
    return 0;
}

int gyre_http_reply(struct gyre_http_request *r, int status, const void *body,
                    size_t n)
{
    int err = note(r, status, n > 0, GYRE_HTTP_BYTES);

    if (err == 0 && n > 0)
        err = gyre_buf_append(&r->reply, body, n);
    if (err == -ENOMEM)
        forget(r);
    return err;
}

int gyre_http_reply_field(struct gyre_http_request *r, const char *name,
                          const char *value)
{
    int err = gyre_http_fields_set(&r->own_fields, name, value);

    if (err)
        forget(r);
    return err;
}

int gyre_http_reply_text(struct gyre_http_request *r, int status,
                         const char *text)
{
    int err = gyre_http_reply(r, status, text, strlen(text));

    if (err == 0)
        r->type = gyre_span_of("text/plain; charset=utf-8");
    return err;
}

struct gyre_json *gyre_http_reply_json(struct gyre_http_request *r, int status)
{
    int err = note(r, status, true, GYRE_HTTP_JSON);

    if (err == 0)
        r->type = gyre_span_of("application/json");
    gyre_json_init(&r->json, &r->reply);
    r->json.err = err;
    return &r->json;
}

int gyre_http_redirect(struct gyre_http_request *r, int status, const char *url)
{
    int err;

    if (url == NULL || status < 301 || status > 308 || status == 304 ||
        status == 305 || status == 306)
        return -EINVAL;
    err = gyre_http_reply(r, status, NULL, 0);
    return err ? err : gyre_http_reply_field(r, "Location", url);
}

/* ---- composing ---- */

/* Put a head in `out`, and `body` right behind it. */
static int compose(struct gyre_http_request *r, enum gyre_http_framing framing,
                   uint64_t length, struct gyre_span body)
{
    bool silent = r->status == 204 || r->status == 304;

    r->keep = r->keep && !r->connection->service->ending;
    struct gyre_http_outline outline = {
        .fields = &r->reply_fields,
        .defaults = &r->own_fields,
        .framing = silent ? GYRE_HTTP_NO_BODY : framing,
        .keep_alive = r->keep,
        .old = r->head.minor == 0,
        .length = length,
        .upgrade_to = r->upgrade,
        .type = silent ? gyre_span_of(NULL) : r->type,
        .body = body,
    };

    return gyre_http_put_response(&r->out, r->status,
                                  gyre_http_server_date(gyre_http_server_of(r)),
                                  &outline);
}

bool gyre_http_is_head(const struct gyre_http_request *r)
{
    return gyre_span_equals(r->head.method, gyre_span_from("HEAD", 4));
}

/* ---- what was recorded ---- */

/* What is in hand of the body. */
static struct gyre_span recorded(const struct gyre_http_request *r)
{
    if (r->kind == GYRE_HTTP_FILE || gyre_http_is_head(r))
        return gyre_span_of(NULL);
    return gyre_span_from(r->reply.at, r->reply.length);
}

/* Put the head in `out`, and the body behind it; if it is large, send it from
   where it is. */
static int commit_bytes(struct gyre_http_request *r, uint64_t announced)
{
    struct gyre_span body = recorded(r);
    bool large = body.length > GYRE_HTTP_KEPT;
    int err = compose(r, GYRE_HTTP_LENGTH, announced,
                      large ? gyre_span_of(NULL) : body);

    r->chunked = false;
    if (err == 0 && large)
        return gyre_http_send_body(r, body.at, body.length, GYRE_FOREVER);
    if (err == 0)
        r->body_sent = body.length;
    return err;
}

int gyre_http_reply_commit(struct gyre_http_request *r)
{
    bool file = r->kind == GYRE_HTTP_FILE;
    int err = commit_bytes(r, file ? (uint64_t)r->file_left : r->reply.length);

    if (err || (file && r->file_left > 0 && !gyre_http_is_head(r)))
        return err;
    /* Of one whose head alone is asked for, or that is empty. */
    close_file(r);
    r->kind = GYRE_HTTP_SENT;
    return 0;
}

/* ---- streaming ---- */

int gyre_http_reply_begin(struct gyre_http_request *r, int status,
                          int64_t length)
{
    enum gyre_http_framing framing = GYRE_HTTP_LENGTH;
    int err = length < -1 ? -EINVAL
                          : note(r, status, length != 0, GYRE_HTTP_STREAMED);

    if (err)
        return err;
    if (length < 0)
        framing = r->head.minor > 0 ? GYRE_HTTP_CHUNKED : GYRE_HTTP_UNTIL_CLOSE;
    if (framing == GYRE_HTTP_UNTIL_CLOSE)
        r->keep = false;
    r->chunked = framing == GYRE_HTTP_CHUNKED;
    r->length = length;
    err = compose(r, framing, length < 0 ? 0 : (uint64_t)length,
                  gyre_span_of(NULL));
    if (err)
        forget(r);
    return err;
}

/* ---- by several tasks ---- */

static const struct gyre_wait_kind turns = {.name = "for its turn to write"};

/* Wait for our turn to write: it comes with the wake, so nobody overtakes. */
static int take_turn(struct gyre_http_request *r, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &turns, .on = r};

    if (r->writing)
        return (int)gyre_waiters_park(&r->writers, &w, deadline);
    r->writing = true;
    return 0;
}

/* Our turn is over: it passes to the next. */
static void end_turn(struct gyre_http_request *r)
{
    r->writing = gyre_waiters_wake(&r->writers, 0);
}

static int write_in_turn(struct gyre_http_request *r, const void *buf, size_t n,
                         gyre_time deadline)
{
    if (r->kind != GYRE_HTTP_STREAMED)
        return -EINVAL;
    if (r->length >= 0 && n > (uint64_t)r->length - r->body_sent)
        return -EMSGSIZE;
    if (n == 0 || gyre_http_is_head(r))
        return gyre_checkpoint(deadline);
    return gyre_http_send_body(r, buf, n, deadline);
}

int gyre_http_reply_write(struct gyre_http_request *r, const void *buf,
                          size_t n, gyre_time deadline)
{
    int err = take_turn(r, deadline);

    if (err)
        return err;
    err = write_in_turn(r, buf, n, deadline);
    end_turn(r);
    return err;
}

int gyre_http_reply_finish(struct gyre_http_request *r)
{
    int err = 0;

    if (r->kind != GYRE_HTTP_STREAMED)
        return -EINVAL;
    if (!gyre_http_is_head(r) && r->length >= 0 &&
        r->body_sent < (uint64_t)r->length)
        return -EPIPE;
    if (r->cut)
        return -EPIPE;
    if (r->chunked && !gyre_http_is_head(r))
        err = gyre_buf_append_string(&r->out, GYRE_HTTP_LAST_CHUNK);
    if (err == 0)
        r->kind = GYRE_HTTP_SENT;
    return err;
}

int gyre_http_reply_end(struct gyre_http_request *r, gyre_time deadline)
{
    int err = take_turn(r, deadline);

    if (err)
        return err;
    err = gyre_checkpoint(deadline);
    if (err == 0)
        err = gyre_http_reply_finish(r);
    end_turn(r);
    return err;
}
