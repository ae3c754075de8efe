/*
 * events.c - a reply of events.
 *
 * A client divides lines at CR, at LF, and at both together; so does what is
 * written here, and no line of a user's can become another field.
 */
#include "io/http/server/events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/http/server/exchange.h"

/* ---- composing ---- */

/* Append `text`, each line of it behind `before`. */
static int put_lines(struct gyre_buf *out, const char *before, const char *text)
{
    int err = 0;

    for (bool more = true; more && err == 0;) {
        size_t n = strcspn(text, "\r\n");

        err = gyre_buf_append_string(out, before);
        if (err == 0)
            err = gyre_buf_append(out, text, n);
        if (err == 0)
            err = gyre_buf_append(out, "\n", 1);
        more = text[n] != '\0';
        text += n + (text[n] == '\r' && text[n + 1] == '\n') + more;
    }
    return err;
}

/* What is less than the least is not none: a client would come back at once. */
static int put_retry(struct gyre_buf *out, gyre_time retry)
{
    gyre_time least = GYRE_MILLISECOND;
    char text[40];

    snprintf(text, sizeof text, "retry: %" PRId64 "\n",
             (int64_t)(retry / least + (retry % least > 0)));
    return gyre_buf_append_string(out, text);
}

static bool is_line(const char *text)
{
    return text == NULL || strpbrk(text, "\r\n") == NULL;
}

/* The empty line at the end is what has it told. */
static int put_event(struct gyre_buf *out,
                     const struct gyre_http_server_event *e)
{
    int err = 0;

    if (e->id != NULL)
        err = put_lines(out, "id: ", e->id);
    if (err == 0 && e->type != NULL)
        err = put_lines(out, "event: ", e->type);
    if (err == 0 && e->retry > 0)
        err = put_retry(out, e->retry);
    if (err == 0 && e->data != NULL)
        err = put_lines(out, "data: ", e->data);
    return err ? err : gyre_buf_append(out, "\n", 1);
}

int gyre_http_event_compose(struct gyre_buf *out,
                            const struct gyre_http_server_event *e)
{
    size_t before = out->length;
    int err;

    if (!is_line(e->type) || !is_line(e->id) || e->retry < 0)
        return -EINVAL;
    err = put_event(out, e);
    if (err)
        gyre_buf_cut(out, before);
    return err;
}

/* ---- sending ---- */

static int pass(struct gyre_http_request *r, struct gyre_buf *text, int err,
                gyre_time deadline)
{
    if (err == 0)
        err = gyre_http_reply_write(r, text->at, text->length, deadline);
    gyre_buf_free(text);
    return err;
}

int gyre_http_event_send(struct gyre_http_request *r,
                         const struct gyre_http_server_event *e,
                         gyre_time deadline)
{
    struct gyre_buf text = {.allocator = r->arena.allocator};
    int err = gyre_http_event_compose(&text, e);

    return pass(r, &text, err, deadline);
}

int gyre_http_event_comment(struct gyre_http_request *r, const char *comment,
                            gyre_time deadline)
{
    struct gyre_buf text = {.allocator = r->arena.allocator};
    int err = put_lines(&text, ": ", comment);

    if (err == 0)
        err = gyre_buf_append(&text, "\n", 1);
    return pass(r, &text, err, deadline);
}

int gyre_http_events_begin(struct gyre_http_request *r, gyre_time deadline)
{
    struct gyre_http_fields *f = &r->reply_fields;
    bool head = gyre_http_is_head(r);
    int err = 0;

    if (gyre_http_fields_get(f, "Cache-Control").at == NULL)
        err = gyre_http_set_header(r, "Cache-Control", "no-store");
    if (err == 0)
        err = gyre_http_set_header(r, "Content-Type", "text/event-stream");
    if (err)
        return err;
    if (head) {
        err = gyre_http_reply(r, 200, NULL, 0);
        return err ? err : 200;
    }
    err = gyre_http_reply_begin(r, 200, -1);
    /* The head goes with the first bytes; and who reads events begins when it
       has come. */
    return err ? err : gyre_http_event_comment(r, "", deadline);
}
