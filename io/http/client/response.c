/*
 * response.c - what was answered: what its head says, and its body as it comes.
 */
#include <assert.h>
#include <errno.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/wait.h"
#include "io/read.h"
#include "io/http/client/session.h"

enum { PASSED = 65536 /* bytes of a body nobody wants */ };

/* How long we wait for those bytes, and so for keeping the connection. */
#define PATIENCE (100 * GYRE_MILLISECOND)

void gyre_http_response_free(struct gyre_http_response *r)
{
    if (r == NULL)
        return;
    assert(!r->reading);
    if (r->link != NULL)
        gyre_http_link_give(r->link, false);
    gyre_buf_free(&r->url);
    gyre_http_incoming_free(&r->came);
    gyre_buf_free(&r->whole);
    r->session->responses--;
    gyre_resize(gyre_loop_allocator(r->session->loop), r, sizeof *r, 0);
}

/* ---- what it says ---- */

int gyre_http_status(const struct gyre_http_response *r)
{
    return r->head.status;
}

struct gyre_span gyre_http_response_header(const struct gyre_http_response *r,
                                           const char *name)
{
    return gyre_http_field_find(r->head.fields, r->head.field_count, name);
}

const struct gyre_http_head *
gyre_http_response_head(const struct gyre_http_response *r)
{
    return &r->head;
}

const char *gyre_http_response_url(const struct gyre_http_response *r)
{
    return r->url.at;
}

int64_t gyre_http_response_length(const struct gyre_http_response *r)
{
    const struct gyre_http_head *h = &r->head;

    if (h->framing == GYRE_HTTP_LENGTH ||
        gyre_http_response_header(r, "Content-Length").at != NULL)
        return (int64_t)h->length;
    return h->status == 204 ? 0 : -1;
}

enum gyre_http_timeout
gyre_http_response_timeout(const struct gyre_http_response *r)
{
    return r->course.next;
}

/* ---- the body ---- */

/* The connection is of no further use. */
static ssize_t spoil(struct gyre_http_response *r, ssize_t err)
{
    struct gyre_http_link *k = r->link;

    r->link = NULL;
    if (k != NULL) {
        gyre_http_course_tell(&r->course, GYRE_HTTP_STEP_FAILED, (int)err);
        gyre_http_link_give(k, false);
    }
    return err;
}

/* See to it that there is something unread, or the body has ended.  1 or 0, or
   an error. */
static ssize_t fill(struct gyre_http_response *r, gyre_time deadline)
{
    gyre_time until;
    ssize_t n;

    if (gyre_http_incoming_unread(&r->came).length > 0)
        return 1;
    if (r->link == NULL)
        return -EPIPE;
    until = gyre_http_course_step(&r->course, GYRE_HTTP_STALL_TIME,
                                  r->session->options.stall_time, deadline);
    n = gyre_http_course_over(&r->course)
            ? -ETIMEDOUT
            : gyre_http_response_hear(r, &r->came.more, until);
    if (n == 0)
        n = gyre_http_body_close(&r->came.body);
    if (n < 0 && n != -ECANCELED && n != -ETIMEDOUT && n != -ENOMEM)
        return spoil(r, n);
    return n;
}

/* Up to `n` bytes of the body, none only at its end. */
static ssize_t read_body(struct gyre_http_response *r, void *buf, size_t n,
                         gyre_time deadline)
{
    struct gyre_http_incoming *m = &r->came;
    ssize_t got = 0;

    while (n > 0 && got == 0 && !gyre_http_body_ended(&m->body)) {
        got = fill(r, deadline);
        if (got < 0)
            return got;
        got = gyre_http_incoming_read(m, buf, n, NULL);
        if (got < 0)
            return spoil(r, got);
    }
    if (gyre_http_body_ended(&m->body))
        gyre_http_response_complete(r);
    return got;
}

/* One task reads at a time.  Giving way comes before, so that nobody reads
   between a look at what has come and its use. */
static int start_reading(struct gyre_http_response *r, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err == 0 && r->reading)
        err = -EBUSY;
    if (err == 0)
        r->reading = true;
    return err;
}

ssize_t gyre_http_response_read(struct gyre_http_response *r, void *buf,
                                size_t n, gyre_time deadline)
{
    ssize_t got = start_reading(r, deadline);

    if (got < 0)
        return got;
    got = read_body(r, buf, n, deadline);
    r->reading = false;
    return got;
}

/* Read some more of the rest; as gyre_http_response_read. */
static ssize_t read_text(struct gyre_http_response *r, gyre_time deadline)
{
    struct gyre_buf *b = &r->whole;
    char *room;
    ssize_t n;

    if (b->length > r->session->options.text_limit)
        return -EMSGSIZE;
    room = gyre_buf_reserve(b, GYRE_HTTP_ANSWER_READ);
    if (room == NULL)
        return -ENOMEM;
    n = read_body(r, room, GYRE_HTTP_ANSWER_READ - 1, deadline);
    if (n < 0)
        return n;
    room[n] = '\0';
    gyre_buf_grow(b, (size_t)n);
    return n;
}

int gyre_http_text(struct gyre_http_response *r, const char **text,
                   size_t *length, gyre_time deadline)
{
    ssize_t n;

    do {
        n = start_reading(r, deadline);
        if (n < 0)
            return (int)n;
        n = read_text(r, deadline);
        r->reading = false;
    } while (n > 0);
    if (n < 0)
        return (int)n;
    if (text != NULL)
        *text = r->whole.at;
    if (length != NULL)
        *length = r->whole.length;
    return 0;
}

/* ---- another protocol ---- */

int gyre_http_response_stream(struct gyre_http_response *r,
                              struct gyre_stream **out)
{
    struct gyre_span rest = gyre_http_incoming_unread(&r->came);
    struct gyre_http_link *k = r->link;
    int err;

    if (!r->head.upgrade || k == NULL)
        return -EINVAL;
    err = gyre_stream_unread(k->stream, rest.at, rest.length);
    if (err)
        return err;
    *out = k->stream;
    k->stream = NULL;
    r->link = NULL;
    gyre_http_link_give(k, false);
    return 0;
}

void gyre_http_response_pass(struct gyre_http_response *r, gyre_time deadline)
{
    gyre_time until = gyre_in(PATIENCE);
    char some[2048];
    size_t passed = 0;
    ssize_t n = 1;

    if (gyre_http_response_length(r) > PASSED)
        return;
    if (deadline < until)
        until = deadline;
    while (n > 0 && passed < PASSED) {
        n = gyre_http_response_read(r, some, sizeof some, until);
        passed += n > 0 ? (size_t)n : 0;
    }
}
