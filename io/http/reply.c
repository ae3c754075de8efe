/*
 * reply.c - replies: recorded, and streamed.
 *
 * A reply is recorded by copying it; only when the handler has returned is its
 * head composed, for only then is it known that it stands.  A streamed reply's
 * head is composed when it is begun.
 */
#include <errno.h>
#include <string.h>

#include "io/http/compose.h"
#include "io/http/exchange.h"
#include "io/http/request.h"
#include "task/task.h"
#include "task/wait.h"

#include <unistd.h>

static struct gyre_http_server *server_of(const struct gyre_http_request *r)
{
    return r->connection->service->server;
}

/* ---- fields ---- */

int gyre_http_set_header(struct gyre_http_request *r, const char *name,
                         const char *value)
{
    return gyre_http_fields_set(&r->reply_fields, name, value);
}

int gyre_http_add_header(struct gyre_http_request *r, const char *name,
                         const char *value)
{
    return gyre_http_fields_add(&r->reply_fields, name, value);
}

static int set_type_unless_set(struct gyre_http_request *r, const char *type)
{
    if (gyre_http_fields_get(&r->reply_fields, "Content-Type").at != NULL)
        return 0;
    return gyre_http_set_header(r, "Content-Type", type);
}

/* ---- recording ---- */

static void forget_body(struct gyre_http_request *r)
{
    if (r->file >= 0)
        close(r->file);
    r->file = -1;
    gyre_buf_take(&r->reply, r->reply.length);
    if (r->reply.size > GYRE_HTTP_KEPT)
        gyre_buf_free(&r->reply);
}

void gyre_http_reply_drop(struct gyre_http_request *r)
{
    struct gyre_buf *text = &r->reply_fields.text;

    forget_body(r);
    gyre_buf_take(text, text->length);
    r->kind = GYRE_HTTP_NO_REPLY;
    r->status = 0;
}

static bool begun(const struct gyre_http_request *r)
{
    return r->kind == GYRE_HTTP_STREAMED || r->kind == GYRE_HTTP_SENT;
}

/* May a final reply have this status, and bytes in its body? */
static bool admits(int status, bool bytes)
{
    return status >= 200 && status <= 599 &&
           !(bytes && (status == 204 || status == 304));
}

static int record(struct gyre_http_request *r, int status, bool bytes,
                  enum gyre_http_reply_kind kind)
{
    if (begun(r))
        return -EALREADY;
    if (!admits(status, bytes))
        return -EINVAL;
    forget_body(r);
    r->status = status;
    r->kind = kind;
    return 0;
}

int gyre_http_reply(struct gyre_http_request *r, int status, const void *body,
                    size_t n)
{
    int err = record(r, status, n > 0, GYRE_HTTP_BYTES);

    if (err == 0 && n > 0)
        err = gyre_buf_append(&r->reply, body, n);
    return err;
}

int gyre_http_reply_text(struct gyre_http_request *r, int status,
                         const char *text)
{
    int err = set_type_unless_set(r, "text/plain; charset=utf-8");

    return err ? err : gyre_http_reply(r, status, text, strlen(text));
}

struct gyre_json *gyre_http_reply_json(struct gyre_http_request *r, int status)
{
    int err = record(r, status, true, GYRE_HTTP_JSON);

    if (err == 0)
        err = set_type_unless_set(r, "application/json");
    gyre_json_init(&r->json, &r->reply);
    r->json.err = err;
    return &r->json;
}

int gyre_http_redirect(struct gyre_http_request *r, int status, const char *url)
{
    int err = -EINVAL;

    if (url != NULL && status >= 301 && status <= 308 && status != 304 &&
        status != 305 && status != 306)
        err = gyre_http_set_header(r, "Location", url);
    return err ? err : gyre_http_reply(r, status, NULL, 0);
}

/* ---- composing ---- */

static int compose(struct gyre_http_request *r, enum gyre_http_framing framing,
                   uint64_t length)
{
    r->keep = r->keep && !server_of(r)->stopping;
    struct gyre_http_envelope envelope = {
        .fields = &r->reply_fields,
        .framing = framing,
        .length = length,
        .keep_alive = r->keep,
        .old = r->head.minor == 0,
    };

    if (r->status == 204 || r->status == 304)
        envelope.framing = GYRE_HTTP_NO_BODY;
    return gyre_http_compose_response(&r->out, r->status, NULL,
                                      gyre_http_server_date(server_of(r)),
                                      &envelope);
}

static bool is_head(const struct gyre_http_request *r)
{
    return gyre_span_equals(r->head.method, gyre_span_of("HEAD"));
}

int gyre_http_reply_commit(struct gyre_http_request *r)
{
    bool file = r->kind == GYRE_HTTP_FILE;
    uint64_t length = file ? (uint64_t)r->file_left : r->reply.length;
    size_t before = r->out.length;
    int err = compose(r, GYRE_HTTP_LENGTH, length);

    if (err)
        return err;
    if (is_head(r))
        length = 0;
    if (file && length > 0)
        return 0;
    if (length > 0)
        err = gyre_buf_append(&r->out, r->reply.at, r->reply.length);
    if (err)
        gyre_buf_cut(&r->out, before);
    r->body_sent = length;
    r->kind = GYRE_HTTP_SENT;
    return err;
}

/* ---- sending ---- */

gyre_time gyre_http_write_deadline(struct gyre_http_request *r, uint64_t bytes,
                                   gyre_time deadline)
{
    const struct gyre_http_options *o = &server_of(r)->options;
    gyre_time until = gyre_in(
        o->write_time + (gyre_time)(bytes / o->write_rate) * GYRE_SECOND);

    return until < deadline ? until : deadline;
}

int gyre_http_flush_with(struct gyre_http_request *r, const struct iovec *iov,
                         int n, gyre_time deadline)
{
    struct iovec all[4] = {{r->out.at, r->out.length}};
    size_t total = r->out.length;
    int used = 1, err;

    for (int i = 0; i < n; i++) {
        all[used++] = iov[i];
        total += iov[i].iov_len;
    }
    if (total == 0)
        return 0;
    if (r->connection->stream == NULL)
        return -EBADF;
    if (deadline != GYRE_NOW)
        deadline = gyre_http_write_deadline(r, total, deadline);
    err = gyre_writev(r->connection->stream, all, used, deadline);
    gyre_buf_take(&r->out, r->out.length);
    return err;
}

int gyre_http_flush(struct gyre_http_request *r, gyre_time deadline)
{
    return gyre_http_flush_with(r, NULL, 0, deadline);
}

/* ---- streaming ---- */

int gyre_http_reply_begin(struct gyre_http_request *r, int status,
                          int64_t length)
{
    enum gyre_http_framing framing = GYRE_HTTP_LENGTH;
    int err = record(r, status, length != 0, GYRE_HTTP_STREAMED);

    if (err)
        return err;
    if (length < 0)
        framing = r->head.minor > 0 ? GYRE_HTTP_CHUNKED : GYRE_HTTP_UNTIL_CLOSE;
    if (framing == GYRE_HTTP_UNTIL_CLOSE)
        r->keep = false;
    r->chunked = framing == GYRE_HTTP_CHUNKED;
    r->length = length;
    err = compose(r, framing, length < 0 ? 0 : (uint64_t)length);
    if (err)
        r->kind = GYRE_HTTP_NO_REPLY;
    return err;
}

/* Send a piece of the body, as a chunk if need be. */
static int send_piece(struct gyre_http_request *r, const void *buf, size_t n,
                      gyre_time deadline)
{
    char head[GYRE_HTTP_CHUNK_HEAD_MAX];
    struct iovec pieces[3] = {{(void *)buf, n}};

    if (!r->chunked)
        return gyre_http_flush_with(r, pieces, 1, deadline);
    pieces[0] = (struct iovec){head, gyre_http_chunk_head(head, n)};
    pieces[1] = (struct iovec){(void *)buf, n};
    pieces[2] = (struct iovec){GYRE_HTTP_CHUNK_TAIL,
                               sizeof GYRE_HTTP_CHUNK_TAIL - 1};
    return gyre_http_flush_with(r, pieces, 3, deadline);
}

int gyre_http_reply_write(struct gyre_http_request *r, const void *buf, size_t n,
                          gyre_time deadline)
{
    int err;

    if (r->kind != GYRE_HTTP_STREAMED)
        return -EINVAL;
    if (r->length >= 0 && n > (uint64_t)r->length - r->body_sent)
        return -EMSGSIZE;
    if (n == 0 || is_head(r))
        return gyre_checkpoint(deadline);
    err = send_piece(r, buf, n, deadline);
    if (err == 0)
        r->body_sent += n;
    return err;
}

int gyre_http_reply_end(struct gyre_http_request *r, gyre_time deadline)
{
    bool is_short = !is_head(r) && r->length >= 0 &&
                    r->body_sent < (uint64_t)r->length;
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (r->kind != GYRE_HTTP_STREAMED)
        return -EINVAL;
    r->kind = GYRE_HTTP_SENT;
    if (is_short)
        return -EPIPE;
    if (r->chunked && !is_head(r))
        return gyre_buf_append_string(&r->out, GYRE_HTTP_LAST_CHUNK);
    return 0;
}
