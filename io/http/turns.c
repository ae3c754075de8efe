/*
 * turns.c - who gets a connection, when there may be no more.
 *
 * What may be had is one that is kept, or the leave to make one.  Kept ones are
 * in nobody's way: one of them is closed, where that makes room for what is
 * asked.
 *
 * Invariant: nobody waits who could have something at once.  So whoever comes
 * and can, takes nothing from those who wait, and who gives up waiting leaves
 * nothing behind for them.  When a connection is given back, or closed, one
 * more of them can have something, and after that it holds again: the first in
 * line who can is given it, with the wake, and nobody comes between.
 */
#include <errno.h>

#include "loop/result.h"
#include "task/wait.h"
#include "io/http/session.h"

/* Somebody waits for a connection. */
struct link_wait {
    struct gyre_wait wait; /* in session.waiting; its result: a link, or why */
    const struct gyre_url *url;
    bool fresh;
};

static struct gyre_http_link *link_at(struct gyre_list *i)
{
    return GYRE_OWNER(i, struct gyre_http_link, link);
}

static size_t count_to(struct gyre_list *links, const struct gyre_url *url)
{
    size_t n = 0;

    for (struct gyre_list *i = links->next; i != links; i = i->next)
        n += gyre_http_link_leads_to(link_at(i), url);
    return n;
}

static bool host_is_full(struct gyre_http_session *s,
                         const struct gyre_url *url)
{
    size_t most = s->options.per_host;

    return most > 0 &&
           count_to(&s->idle, url) + count_to(&s->taken, url) >= most;
}

/* The kept one to use: the last used is the least likely to be closed. */
static struct gyre_http_link *latest_to(struct gyre_http_session *s,
                                        const struct gyre_url *url)
{
    for (struct gyre_list *i = s->idle.prev; i != &s->idle; i = i->prev) {
        if (gyre_http_link_leads_to(link_at(i), url))
            return link_at(i);
    }
    return NULL;
}

/* The kept one to close, so that one to `url` may be made: another to the same
   place, if that has all it may; else the one used longest ago.  Or NULL. */
static struct gyre_http_link *in_the_way(struct gyre_http_session *s,
                                         const struct gyre_url *url)
{
    if (host_is_full(s, url))
        return latest_to(s, url);
    return gyre_list_empty(&s->idle) ? NULL : link_at(s->idle.next);
}

/* A link that may be had at once.  -EBUSY if there is none; -ENOMEM. */
static int obtain(struct gyre_http_session *s, const struct gyre_url *url,
                  bool fresh, struct gyre_http_link **out)
{
    struct gyre_http_link *k = fresh ? NULL : latest_to(s, url);

    if (k != NULL) {
        gyre_http_link_reuse(k);
        *out = k;
        return 0;
    }
    if (s->open >= s->options.connections || host_is_full(s, url)) {
        k = in_the_way(s, url);
        if (k == NULL)
            return -EBUSY;
        gyre_http_link_discard(k);
    }
    *out = gyre_http_link_new(s, url);
    return *out != NULL ? 0 : -ENOMEM;
}

/* There is one link less, or one more that is kept. */
static void serve_first(struct gyre_http_session *s)
{
    struct gyre_list *i = s->waiting.next;
    int err = -EBUSY;

    while (err != 0 && i != &s->waiting) {
        struct link_wait *w = GYRE_OWNER(i, struct link_wait, wait.link);
        struct gyre_http_link *k;

        i = i->next;
        err = obtain(s, w->url, w->fresh, &k);
        if (err == -EBUSY)
            continue;
        gyre_list_remove(&w->wait.link);
        gyre_wait_wake(&w->wait, err ? err : (intptr_t)k);
    }
}

/* Wait for a link.  Nothing may switch between finding none and this. */
static int wait_for_turn(struct gyre_http_session *s,
                         const struct gyre_url *url, bool fresh,
                         struct gyre_http_link **out, gyre_time deadline)
{
    struct link_wait w = {.url = url, .fresh = fresh};
    intptr_t r;

    gyre_list_append(&s->waiting, &w.wait.link);
    r = gyre_wait_park(&w.wait, deadline);
    if (gyre_is_error(r))
        return (int)r;
    *out = (struct gyre_http_link *)r;
    return 0;
}

int gyre_http_link_take(struct gyre_http_session *s, const struct gyre_url *url,
                        bool fresh, struct gyre_http_link **out,
                        gyre_time deadline)
{
    struct gyre_http_link *k;
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    err = obtain(s, url, fresh, &k);
    if (err == -EBUSY)
        err = wait_for_turn(s, url, fresh, &k, deadline);
    if (err)
        return err;
    err = gyre_http_link_ready(k, deadline);
    if (err)
        gyre_http_link_give(k, k->stream != NULL);
    else
        *out = k;
    return err;
}

void gyre_http_link_give(struct gyre_http_link *k, bool keep)
{
    struct gyre_http_session *s = k->session;

    if (!keep || gyre_http_link_keep(k) != 0)
        gyre_http_link_discard(k);
    serve_first(s);
}
