/*
 * link.c - a connection to one origin: made, kept, looked at, closed.
 *
 * A link counts among those of its session from gyre_http_link_new to
 * gyre_http_link_discard.  It begins without a stream, as the leave to make
 * one, and may lose it again, and stay a leave.
 *
 *      (none) -> taken             [gyre_http_link_new]
 *      taken  -> idle              [gyre_http_link_keep]
 *      idle   -> taken             [gyre_http_link_reuse]
 *      either -> (none)            [gyre_http_link_discard]
 *
 * Invariants:
 *   - `links` of a session, and of an origin, is the number of theirs, idle and
 *     taken; the idle ones are in both their lists `idle`;
 *   - an idle link has a stream, which nobody reads, and a timer; a job waits
 *     for the peer to speak.
 */
#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "io/http/internal.h"
#include "io/http/client/session.h"

/* Kept for longer than this, the loop may not have looked at it meanwhile. */
#define GLANCE GYRE_MILLISECOND

enum { MOST_SECONDS = 1000000 /* that anybody's promise is taken for */ };

/* ---- keeping ---- */

/* Does the peer say nothing?  Nothing is owed to us, so what comes is the end,
   or nothing we could trust.  -ETIMEDOUT if so; any other error, or a count, is
   a reason not to ask over this one. */
static ssize_t listen_to(struct gyre_http_link *k)
{
    char byte;

    return gyre_read(k->stream, &byte, 1, GYRE_NOW);
}

static void spoke(struct gyre_job *j)
{
    struct gyre_http_link *k = GYRE_OWNER(j, struct gyre_http_link, readable);

    if (listen_to(k) != -ETIMEDOUT ||
        gyre_stream_when_readable(k->stream, j) != 0)
        gyre_http_link_discard(k);
}

static void grew_old(struct gyre_timer *t)
{
    gyre_http_link_discard(GYRE_OWNER(t, struct gyre_http_link, timer));
}

void gyre_http_link_heed(struct gyre_http_link *k, struct gyre_span keep_alive)
{
    static const char name[] = "timeout=";
    const size_t n = sizeof name - 1;
    struct gyre_span element;
    uint64_t seconds;

    while (gyre_span_next(&keep_alive, &element)) {
        struct gyre_span value;
        gyre_time span;

        if (element.length < n ||
            !gyre_span_equals_nocase(gyre_span_from(element.at, n),
                                     gyre_span_from(name, n)))
            continue;
        value = gyre_span_from(element.at + n, element.length - n);
        if (gyre_http_decimal(value, MOST_SECONDS, &seconds) < 0)
            continue;
        span = ((gyre_time)seconds - 1) * GYRE_SECOND;
        if (span < k->span)
            k->span = span;
    }
}

int gyre_http_link_keep(struct gyre_http_link *k)
{
    struct gyre_http_session *s = k->session;
    int err = k->span > 0 ? gyre_stream_when_readable(k->stream, &k->readable)
                          : -ETIMEDOUT;

    if (err)
        return err;
    k->used = true;
    k->kept = gyre_loop_in(s->loop, 0);
    gyre_list_append(&s->idle, &k->link);
    gyre_list_append(&k->origin->idle, &k->near);
    gyre_timer_start(s->loop, &k->timer, gyre_loop_in(s->loop, k->span));
    return 0;
}

void gyre_http_link_reuse(struct gyre_http_link *k)
{
    gyre_list_remove(&k->link);
    gyre_list_remove(&k->near);
    gyre_timer_stop(k->session->loop, &k->timer);
    if (k->stream != NULL)
        gyre_stream_forget(k->stream);
}

/* ---- making and closing ---- */

struct gyre_http_link *gyre_http_link_new(struct gyre_http_origin *o)
{
    struct gyre_http_session *s = o->session;
    struct gyre_http_link *k =
        gyre_resize(gyre_loop_allocator(s->loop), NULL, 0, sizeof *k);

    if (k == NULL)
        return NULL;
    *k = (struct gyre_http_link){.session = s,
                                 .origin = o,
                                 .span = s->options.idle_time,
                                 .readable.run = spoke,
                                 .timer.fire = grew_old,
                                 .timer.background = true};
    o->links++;
    s->links++;
    return k;
}

void gyre_http_link_discard(struct gyre_http_link *k)
{
    struct gyre_http_session *s = k->session;
    struct gyre_http_origin *o = k->origin;

    gyre_http_link_reuse(k);
    gyre_close(k->stream);
    gyre_resize(gyre_loop_allocator(s->loop), k, sizeof *k, 0);
    s->links--;
    o->links--;
    gyre_http_origin_drop(o);
}

/*
 * Is the peer as silent as when it was kept?  0; -ECANCELED; or another error,
 * or a count, if it is not.  A stream knows what the loop has seen, and the
 * loop sees nothing while a task is busy, or blocks: so it looks first.
 */
static ssize_t listen_well(struct gyre_http_link *k, gyre_time deadline)
{
    gyre_time now = gyre_in(0);
    ssize_t n;

    if (now - k->kept > GLANCE && deadline != GYRE_NOW && gyre_sleep(now) != 0)
        return -ECANCELED;
    n = listen_to(k);
    return n == -ETIMEDOUT ? 0 : n == 0 ? -EPIPE : n;
}

int gyre_http_link_ready(struct gyre_http_link *k, struct gyre_http_course *c,
                         gyre_time deadline)
{
    struct gyre_stream *stream;
    gyre_time until;
    int err;

    if (k->stream != NULL) {
        ssize_t n = listen_well(k, deadline);

        if (n == 0)
            gyre_http_course_tell(c, GYRE_HTTP_STEP_REUSED, 0);
        if (n == 0 || n == -ECANCELED)
            return (int)n;
        gyre_close(k->stream);
        k->stream = NULL;
        k->used = false;
    }
    until = gyre_http_course_step(c, GYRE_HTTP_CONNECT_TIME,
                                  k->session->options.connect_time, deadline);
    gyre_http_course_tell(c, GYRE_HTTP_STEP_CONNECTING, 0);
    err = gyre_http_dial(k->origin, &stream, c, until);
    if (err)
        return err;
    k->stream = stream;
    gyre_http_course_tell(c, GYRE_HTTP_STEP_CONNECTED, 0);
    return 0;
}
