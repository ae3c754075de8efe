/*
 * session.c - a client's connections: made, kept, shared out.
 *
 * Invariants:
 *   - `open` counts the connections in `idle` and `taken`, and the leaves given
 *     to make one; it never exceeds the limit;
 *   - somebody waits only while nothing kept would do, and there is no leave.
 *
 * Who has waited is given a connection, or the leave to make one, with the
 * wake: nobody can come between.
 */
#include "io/http/session.h"

#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/result.h"
#include "task/task.h"
#include "task/wait.h"
#include "io/tcp.h"

/* Somebody waits for a connection to this origin. */
struct link_wait {
    struct gyre_wait wait; /* its result: a link, or 0, the leave to make one */
    const struct gyre_url *url;
};

/* ---- origins ---- */

static bool leads_to(const struct gyre_http_link *k, const struct gyre_url *url)
{
    return k->port == url->port && k->secure == url->secure &&
           gyre_span_equals_nocase(gyre_span_from(k->host, k->host_length),
                                   url->host);
}

static struct gyre_http_link *link_at(struct gyre_list *i)
{
    return GYRE_OWNER(i, struct gyre_http_link, link);
}

static size_t count_to(struct gyre_list *links, const struct gyre_url *url)
{
    size_t n = 0;

    for (struct gyre_list *i = links->next; i != links; i = i->next)
        n += leads_to(link_at(i), url);
    return n;
}

/* ---- ending ---- */

static void rest(struct gyre_http_link *k)
{
    struct gyre_loop *l = k->session->loop;

    gyre_timer_stop(l, &k->timer);
    gyre_stream_forget(k->stream);
    gyre_job_stop(l, &k->readable);
}

/* Close the connection; its leave is somebody else's, or the session's. */
static void discard(struct gyre_http_link *k)
{
    struct gyre_loop *l = k->session->loop;

    if (k->stream != NULL)
        rest(k);
    gyre_close(k->stream);
    gyre_list_remove(&k->link);
    gyre_resize(gyre_loop_allocator(l), k, sizeof *k + k->host_length + 1, 0);
}

static bool may_open(struct gyre_http_session *s, const struct gyre_url *url)
{
    size_t most = s->options.per_host;

    if (s->open >= s->options.connections)
        return false;
    return most == 0 ||
           count_to(&s->idle, url) + count_to(&s->taken, url) < most;
}

/* A connection less: the first who may make one now, may. */
static void give_leave(struct gyre_http_session *s)
{
    struct gyre_list *i;

    s->open--;
    for (i = s->waiting.next; i != &s->waiting; i = i->next) {
        struct link_wait *w = GYRE_OWNER(i, struct link_wait, wait.link);

        if (!may_open(s, w->url))
            continue;
        s->open++;
        gyre_list_remove(i);
        gyre_wait_wake(&w->wait, 0);
        return;
    }
}

static void drop(struct gyre_http_link *k)
{
    struct gyre_http_session *s = k->session;

    discard(k);
    give_leave(s);
}

/* ---- keeping ---- */

/* Nothing is owed to us: what comes is the end, or nothing we could trust. */
static void spoke(struct gyre_job *j)
{
    struct gyre_http_link *k = GYRE_OWNER(j, struct gyre_http_link, readable);
    char byte;

    if (gyre_read(k->stream, &byte, 1, GYRE_NOW) != -ETIMEDOUT ||
        gyre_stream_when_readable(k->stream, j) != 0)
        drop(k);
}

static void grew_old(struct gyre_timer *t)
{
    drop(GYRE_OWNER(t, struct gyre_http_link, timer));
}

static struct link_wait *first_waiting(struct gyre_http_link *k)
{
    struct gyre_list *waiting = &k->session->waiting;

    for (struct gyre_list *i = waiting->next; i != waiting; i = i->next) {
        struct link_wait *w = GYRE_OWNER(i, struct link_wait, wait.link);

        if (leads_to(k, w->url))
            return w;
    }
    return NULL;
}

static void hand(struct gyre_http_link *k, struct link_wait *w)
{
    gyre_list_remove(&w->wait.link);
    gyre_wait_wake(&w->wait, (intptr_t)k);
}

void gyre_http_link_give(struct gyre_http_link *k, bool keep)
{
    struct gyre_http_session *s = k->session;
    struct link_wait *w = keep ? first_waiting(k) : NULL;

    if (w != NULL) {
        k->used = true;
        hand(k, w);
        return;
    }

    /* Others wait, for other origins: they need the room. */
    if (!keep || !gyre_list_empty(&s->waiting) ||
        gyre_stream_when_readable(k->stream, &k->readable) != 0) {
        drop(k);
        return;
    }
    k->used = true;
    gyre_list_remove(&k->link);
    gyre_list_append(&s->idle, &k->link);
    gyre_timer_start(s->loop, &k->timer,
                     gyre_loop_in(s->loop, s->options.idle_time));
}

/* The kept connection to use: the last used is the least likely to be
   closed. */
static struct gyre_http_link *find_idle(struct gyre_http_session *s,
                                        const struct gyre_url *url)
{
    for (struct gyre_list *i = s->idle.prev; i != &s->idle; i = i->prev) {
        if (leads_to(link_at(i), url))
            return link_at(i);
    }
    return NULL;
}

static struct gyre_http_link *take_idle(struct gyre_http_session *s,
                                        const struct gyre_url *url)
{
    struct gyre_http_link *k = find_idle(s, url);

    if (k == NULL)
        return NULL;
    rest(k);
    gyre_list_remove(&k->link);
    gyre_list_append(&s->taken, &k->link);
    return k;
}

/* ---- making ---- */

static int connect_link(struct gyre_http_link *k, gyre_time deadline)
{
    struct gyre_http_connector *c = k->session->options.connector;

    if (c != NULL)
        return c->connect(c, k->host, k->port, k->secure, &k->stream, deadline);
    if (k->secure)
        return -ENOTSUP;
    return gyre_tcp_connect(k->host, k->port, &k->stream, deadline);
}

static struct gyre_http_link *new_link(struct gyre_http_session *s,
                                       const struct gyre_url *url)
{
    size_t n = url->host.length;
    struct gyre_http_link *k =
        gyre_resize(gyre_loop_allocator(s->loop), NULL, 0, sizeof *k + n + 1);

    if (k == NULL)
        return NULL;
    *k = (struct gyre_http_link){.session = s,
                                 .readable.run = spoke,
                                 .timer.fire = grew_old,
                                 .timer.background = true,
                                 .secure = url->secure,
                                 .port = url->port,
                                 .host_length = n};
    memcpy(k->host, url->host.at, n);
    k->host[n] = '\0';
    gyre_list_append(&s->taken, &k->link);
    return k;
}

/* Make a connection; the leave has been given, and is given back if it
   fails. */
static int make(struct gyre_http_session *s, const struct gyre_url *url,
                struct gyre_http_link **out, gyre_time deadline)
{
    gyre_time until = gyre_in(s->options.connect_time);
    struct gyre_http_link *k = new_link(s, url);
    int err;

    if (k == NULL) {
        give_leave(s);
        return -ENOMEM;
    }
    err = connect_link(k, until < deadline ? until : deadline);
    if (err)
        drop(k);
    else
        *out = k;
    return err;
}

/* ---- sharing out ---- */

static int wait_for_turn(struct gyre_http_session *s,
                         const struct gyre_url *url,
                         struct gyre_http_link **out, gyre_time deadline)
{
    struct link_wait w = {.url = url};
    intptr_t r = gyre_checkpoint(deadline);

    if (r != 0)
        return (int)r;
    gyre_list_append(&s->waiting, &w.wait.link);
    r = gyre_wait_park(&w.wait, deadline);
    if (gyre_is_error(r))
        return (int)r;
    if (r == 0)
        return make(s, url, out, deadline);
    *out = (struct gyre_http_link *)r;
    return 0;
}

/* The limit is reached, but some connections are only kept: the one that was
   used longest ago makes room. */
static bool make_room(struct gyre_http_session *s, const struct gyre_url *url)
{
    if (s->open < s->options.connections || gyre_list_empty(&s->idle))
        return may_open(s, url);
    discard(link_at(s->idle.next));
    s->open--;
    return may_open(s, url);
}

int gyre_http_link_take(struct gyre_http_session *s, const struct gyre_url *url,
                        bool fresh, struct gyre_http_link **out,
                        gyre_time deadline)
{
    if (!fresh) {
        *out = take_idle(s, url);
        if (*out != NULL)
            return 0;
    }
    if (!gyre_list_empty(&s->waiting) || !make_room(s, url))
        return wait_for_turn(s, url, out, deadline);
    s->open++;
    return make(s, url, out, deadline);
}

/* ---- sessions ---- */

static void fill_in(struct gyre_http_session_options *o)
{
    if (o->connections == 0)
        o->connections = 100;
    if (o->text_limit == 0)
        o->text_limit = 64 * 1024 * 1024;
    if (o->redirects == 0)
        o->redirects = 10;
    if (o->connect_time == 0)
        o->connect_time = 30 * GYRE_SECOND;
    if (o->idle_time == 0)
        o->idle_time = 15 * GYRE_SECOND;
}

int gyre_http_session_new_with(struct gyre_http_session **out,
                               const struct gyre_http_session_options *options)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_http_session *s =
        gyre_resize(gyre_loop_allocator(l), NULL, 0, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    *s = (struct gyre_http_session){.loop = l, .options = *options};
    fill_in(&s->options);
    gyre_list_init(&s->idle);
    gyre_list_init(&s->waiting);
    gyre_list_init(&s->taken);
    *out = s;
    return 0;
}

int gyre_http_session_new(struct gyre_http_session **out)
{
    static const struct gyre_http_session_options defaults;

    return gyre_http_session_new_with(out, &defaults);
}

void gyre_http_session_free(struct gyre_http_session *s)
{
    if (s == NULL)
        return;
    while (!gyre_list_empty(&s->idle))
        discard(link_at(s->idle.next));
    gyre_resize(gyre_loop_allocator(s->loop), s, sizeof *s, 0);
}
