/*
 * takeover.c - a handler that speaks another protocol on the connection.
 */
#include <errno.h>
#include <string.h>

#include "loop/loop.h"
#include "task/wait.h"
#include "io/read.h"
#include "io/http/compose.h"
#include "io/http/internal.h"
#include "io/http/server/exchange.h"

/* Is `protocol` among those that the client would rather speak? */
static bool is_asked_for(const struct gyre_http_request *r,
                         const char *protocol)
{
    const struct gyre_http_head *h = &r->head;
    struct gyre_span upgrade = gyre_span_of("Upgrade");

    for (size_t i = 0; h->upgrade && i < h->field_count; i++) {
        if (gyre_span_equals_nocase(h->fields[i].name, upgrade) &&
            gyre_span_lists(h->fields[i].value, protocol))
            return true;
    }
    return false;
}

static int check(const struct gyre_http_request *r, const char *protocol)
{
    if (gyre_http_reply_begun(r))
        return -EALREADY;
    if (!gyre_http_body_ended(&r->came.body))
        return -EINVAL;
    if (protocol != NULL && !is_asked_for(r, protocol))
        return -EPROTO;
    return r->connection->stream != NULL ? 0 : -EBADF;
}

/* What has come behind the request is not ours to read. */
static int give_back(struct gyre_http_request *r)
{
    struct gyre_http_incoming *m = &r->came;
    struct gyre_span rest = gyre_http_incoming_unread(m);
    int err = gyre_stream_unread(r->connection->stream, rest.at, rest.length);

    if (err)
        return err;
    gyre_buf_cut(&m->in, m->taken);
    gyre_buf_cut(&m->more, 0);
    return 0;
}

static int compose(struct gyre_http_request *r, const char *protocol)
{
    struct gyre_http_envelope envelope = {
        .fields = &r->reply_fields,
        .framing = GYRE_HTTP_NO_BODY,
        .upgrade_to = protocol,
        .keep_alive = true,
    };

    return gyre_http_compose_response(
        &r->out, 101, NULL, gyre_http_server_date(gyre_http_server_of(r)),
        &envelope);
}

/* Send that the protocol changes, and what is before it.  If none of that is
   sent, nothing was said; if a part is, nothing else may be behind that. */
static int announce(struct gyre_http_request *r, const char *protocol,
                    gyre_time deadline)
{
    int err = protocol != NULL ? compose(r, protocol) : 0;

    if (err == 0)
        err = gyre_http_flush(r, deadline);
    if (err && !r->left)
        gyre_buf_cut(&r->out, r->settled);
    else if (err)
        r->cut = true;
    return err;
}

/* It may be for long: nothing is sent by the request any more, and what no
   handler was given is not needed. */
static void give_memory_back(struct gyre_http_request *r)
{
    gyre_http_reply_clear(r);
    gyre_http_fields_free(&r->reply_fields);
    gyre_buf_free(&r->out);
    gyre_buf_free(&r->reply);
    gyre_buf_free(&r->came.more);
    if (r->whole.length == 0)
        gyre_buf_free(&r->whole);
    if (r->parsed == NULL)
        gyre_json_free(&r->document);
    if (r->form.text.length == 0)
        gyre_form_free(&r->form);
}

int gyre_http_take_over(struct gyre_http_request *r, const char *protocol,
                        struct gyre_stream **out, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err == 0)
        err = check(r, protocol);
    if (err == 0)
        err = give_back(r);
    if (err == 0)
        err = announce(r, protocol, deadline);
    if (err)
        return err;
    gyre_timer_stop(gyre_http_server_of(r)->loop, &r->overdue);
    gyre_http_vigil_end(r);
    give_memory_back(r);
    r->kind = GYRE_HTTP_TAKEN;
    r->status = protocol != NULL ? 101 : 0;
    *out = r->connection->stream;
    return 0;
}

int gyre_http_reply_upgrade(struct gyre_http_request *r, const char *protocol)
{
    struct gyre_span name = gyre_span_of(protocol);
    char *copy;
    int err;

    if (name.length == 0 || !gyre_http_all(name, GYRE_HTTP_TOKEN))
        return -EINVAL;
    copy = gyre_arena_take(&r->arena, name.length);
    if (copy == NULL)
        return -ENOMEM;
    err = gyre_http_reply(r, 426, NULL, 0);
    if (err == 0)
        r->upgrade =
            gyre_span_from(memcpy(copy, name.at, name.length), name.length);
    return err;
}
