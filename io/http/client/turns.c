/*
 * turns.c - who gets a connection, when there may be no more.
 *
 * There are two lines.  Who asks needs a place at the host, as many as it may
 * have connections, and waits in the line of its origin until there is one.
 * With a place, one waits in the line of the session for a link: one that is
 * kept, or the leave to make one.  Who has got a link has the place until it is
 * given back.  Kept links are in nobody's way: one of them is closed, where
 * that makes room for what is asked.
 *
 * So whoever is first in the session's line can have the next link, wherever it
 * leads, and nobody is looked at in vain.
 *
 * Invariants:
 *   - nobody waits who could have something at once: with an origin's line
 *     there are no places left, and with the session's no links, kept ones
 *     included.  So whoever comes and can, takes nothing from those who wait;
 *   - an origin has no more links than it may have places.
 */
#include <errno.h>

#include "loop/result.h"
#include "task/wait.h"
#include "io/http/client/session.h"

/* Somebody asks for a connection. */
struct link_wait {
    struct gyre_wait wait; /* in origin->waiting, or with a place in that of
                              the session; its result: a link, or why */
    struct gyre_http_origin *origin; /* which stays, while one has a place */
    bool fresh;
    bool placed;
};

/* ---- links ---- */

/* Are `n` as many as `o` may have? */
static bool is_full(const struct gyre_http_origin *o, size_t n)
{
    size_t most = o->session->options.per_host;

    return most > 0 && n >= most;
}

/* The kept one to close, so that one to `o` may be made: another to the same
   place, if that has all it may; or any, if the session has.  Those used
   longest ago are the likeliest to be closed.  NULL if there is none. */
static struct gyre_http_link *in_the_way(struct gyre_http_origin *o)
{
    struct gyre_list *idle = &o->session->idle;

    if (is_full(o, o->links))
        return GYRE_OWNER(o->idle.next, struct gyre_http_link, near);
    return gyre_list_empty(idle)
               ? NULL
               : GYRE_OWNER(idle->next, struct gyre_http_link, link);
}

/* A link for one who has a place at `o`.  -EBUSY if there is none; -ENOMEM. */
static int obtain(struct gyre_http_origin *o, bool fresh,
                  struct gyre_http_link **out)
{
    struct gyre_http_session *s = o->session;

    if (!fresh && !gyre_list_empty(&o->idle)) {
        *out = GYRE_OWNER(o->idle.prev, struct gyre_http_link, near);
        gyre_http_link_reuse(*out);
        return 0;
    }
    if (s->links >= s->options.connections || is_full(o, o->links)) {
        struct gyre_http_link *k = in_the_way(o);

        if (k == NULL)
            return -EBUSY;
        gyre_http_link_discard(k);
    }
    *out = gyre_http_link_new(o);
    return *out != NULL ? 0 : -ENOMEM;
}

/* ---- turns ---- */

static struct link_wait *first_in(const struct gyre_list *line)
{
    return GYRE_OWNER(line->next, struct link_wait, wait.link);
}

static void place(struct link_wait *w)
{
    w->origin->places++;
    w->placed = true;
}

/* There is a place: the first who waits for it goes on to wait for a link. */
static void admit_first(struct gyre_http_origin *o)
{
    struct link_wait *w;

    if (gyre_list_empty(&o->waiting))
        return;
    w = first_in(&o->waiting);
    place(w);
    gyre_list_remove(&w->wait.link);
    gyre_list_append(&o->session->waiting, &w->wait.link);
}

/* There may be links, one more than before. */
static void serve_first(struct gyre_http_session *s)
{
    while (!gyre_list_empty(&s->waiting)) {
        struct link_wait *w = first_in(&s->waiting);
        struct gyre_http_link *k;
        int err = obtain(w->origin, w->fresh, &k);

        if (err == -EBUSY)
            return;
        gyre_list_remove(&w->wait.link);
        gyre_wait_wake(&w->wait, err ? err : (intptr_t)k);
    }
}

/* Give a place back. */
static void leave(struct gyre_http_origin *o)
{
    struct gyre_http_session *s = o->session;

    o->places--;
    admit_first(o);
    gyre_http_origin_drop(o);
    serve_first(s);
}

static const struct gyre_wait_kind links = {.name = "for a connection"};

/* Wait for a place, or with one for a link.  Nothing may switch between finding
   none and this. */
static int wait_for_turn(struct link_wait *w, struct gyre_http_link **out,
                         gyre_time deadline)
{
    struct gyre_http_origin *o = w->origin;
    intptr_t r;

    gyre_list_append(w->placed ? &o->session->waiting : &o->waiting,
                     &w->wait.link);
    r = gyre_wait_park(&w->wait, deadline);
    if (gyre_is_error(r))
        return (int)r;
    *out = (struct gyre_http_link *)r;
    return 0;
}

/* Take a link, and a place with it. */
static int take(struct gyre_http_origin *o, bool fresh,
                struct gyre_http_course *c, struct gyre_http_link **out,
                gyre_time deadline)
{
    struct link_wait w = {
        .wait = {.kind = &links, .on = o}, .origin = o, .fresh = fresh};
    int err = -EBUSY;

    if (!is_full(o, o->places)) {
        place(&w);
        err = obtain(o, fresh, out);
    }
    if (err == -EBUSY) {
        gyre_http_course_tell(c, GYRE_HTTP_STEP_QUEUED, 0);
        err = wait_for_turn(&w, out, deadline);
        if (err == 0)
            gyre_http_course_tell(c, GYRE_HTTP_STEP_TURN, 0);
    }
    if (err && w.placed)
        leave(o);
    return err;
}

int gyre_http_link_take(struct gyre_http_session *s, const struct gyre_url *url,
                        bool fresh, struct gyre_http_course *c,
                        struct gyre_http_link **out, gyre_time deadline)
{
    struct gyre_http_origin *o;
    struct gyre_http_link *k;
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    o = gyre_http_origin_of(s, url);
    if (o == NULL)
        return -ENOMEM;
    err = take(o, fresh, c, &k,
               gyre_http_course_step(c, GYRE_HTTP_TURN_TIME,
                                     s->options.turn_time, deadline));
    if (err)
        return err;
    err = gyre_http_link_ready(k, c, deadline);
    if (err)
        gyre_http_link_give(k, k->stream != NULL);
    else
        *out = k;
    return err;
}

void gyre_http_link_give(struct gyre_http_link *k, bool keep)
{
    struct gyre_http_origin *o = k->origin;

    if (!keep || gyre_http_link_keep(k) != 0)
        gyre_http_link_discard(k);
    leave(o);
}
