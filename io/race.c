/*
 * race.c - attempts to connect, one after the other and side by side.
 *
 * Each is a task in one scope, which says nothing of how it ended: a failure is
 * none of the scope's, and is judged here.  Of the attempts that are left when
 * one has won some may have connected as well: they are closed when all have
 * ended.
 */
#include "io/race.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/wait.h"
#include "io/internal.h"
#include "io/tcp.h"

#define DELAY (250 * GYRE_MILLISECOND) /* RFC 8305, 8 */

struct attempt {
    struct gyre_race *race;
    const struct gyre_addr *to;
    struct gyre_stream *stream; /* connected, or NULL */
    int err;
    struct gyre_future done;
};

/* ---- the order ---- */

/* The first address from `i` on that is, or is not, of this family; or n. */
static int next_of(const struct gyre_race *r, int i, int family, bool is)
{
    while (i < r->n && (r->addrs[i].is.any.sa_family == family) != is)
        i++;
    return i;
}

/* That of the first, and the others, by turns as long as there are both. */
static void line_up(struct gyre_race *r)
{
    int family = r->addrs[0].is.any.sa_family;
    int same = 0, other = next_of(r, 0, family, false);

    for (int i = 0; i < r->n; i++) {
        bool is = (i % 2 == 0 && same < r->n) || other == r->n;
        int *next = is ? &same : &other;

        r->attempts[i] = (struct attempt){.race = r, .to = &r->addrs[*next]};
        *next = next_of(r, *next + 1, family, is);
    }
}

/* ---- the race ---- */

static intptr_t run(void *arg)
{
    struct attempt *a = arg;

    a->err = a->race->connect(a->race, a->to, &a->stream, GYRE_FOREVER);
    return 0;
}

/* Does it say of the way, rather than of who was to be reached? */
static bool is_of_the_way(int err)
{
    return err == -ENETUNREACH || err == -EHOSTUNREACH || err == -ENETDOWN ||
           err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT;
}

/* Keep what says most of why nobody could be reached. */
static void fail(struct gyre_race *r, int err)
{
    if (r->err == 0 || is_of_the_way(r->err) || !is_of_the_way(err))
        r->err = err;
}

/* Begin the next, or those after it for which there is a stack. */
static void begin_next(struct gyre_race *r, struct gyre_scope *s)
{
    struct attempt *a;
    int err;

    do {
        a = &r->attempts[r->begun++];
        err = gyre_spawn(s, &a->done, run, a);
        if (err)
            fail(r, (int)gyre_future_result(&a->done));
    } while (err && r->begun < r->n);
}

/* An attempt has ended: is it over? */
static bool end_attempt(struct gyre_race *r, struct attempt *a)
{
    (void)gyre_future_result(&a->done);
    if (a->err) {
        fail(r, a->err);
        return false;
    }
    r->winner = a->stream;
    a->stream = NULL;
    return true;
}

/* Until the next is due; that is never if there is none. */
static gyre_time patience(const struct gyre_race *r)
{
    return r->begun < r->n ? gyre_in(r->delay) : GYRE_FOREVER;
}

/* Race in `s` until somebody has won, 0, or nobody can. */
static int race_in(struct gyre_race *r, struct gyre_scope *s,
                   gyre_time deadline)
{
    struct gyre_future *done;

    for (;;) {
        gyre_time due;
        int err;

        if (r->begun < r->n)
            begin_next(r, s);
        due = patience(r);
        err = gyre_scope_next(s, &done, due < deadline ? due : deadline);
        if (err == 0 && end_attempt(r, GYRE_OWNER(done, struct attempt, done)))
            return 0;
        if (err == -ECHILD && r->begun == r->n)
            return r->err;
        if (err == -ECANCELED || (err == -ETIMEDOUT && deadline <= due))
            return err;
    }
}

static int race(struct gyre_race *r, gyre_time deadline)
{
    struct gyre_scope s;
    int err;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    err = race_in(r, &s, deadline);
    gyre_scope_cancel(&s);
    (void)gyre_scope_close(&s, 0);
    for (int i = 0; i < r->begun; i++)
        gyre_close(r->attempts[i].stream);
    return err;
}

int gyre_race_run(struct gyre_race *r, struct gyre_stream **out,
                  gyre_time deadline)
{
    struct gyre_allocator *a = gyre_loop_allocator(gyre_loop_current());
    size_t size = (size_t)r->n * sizeof *r->attempts;
    int err;

    r->attempts = gyre_resize(a, NULL, 0, size);
    if (r->attempts == NULL)
        return -ENOMEM;
    line_up(r);
    err = race(r, deadline);
    gyre_resize(a, r->attempts, size, 0);
    if (err == 0)
        *out = r->winner;
    return err;
}

/* ---- over TCP ---- */

/* What is to be connected, from where. */
struct tcp_race {
    struct gyre_race base;
    const struct gyre_addr *from;
};

static int connect_one(struct gyre_race *base, const struct gyre_addr *to,
                       struct gyre_stream **out, gyre_time deadline)
{
    const struct gyre_addr *from =
        GYRE_OWNER(base, struct tcp_race, base)->from;

    if (from != NULL && from->is.any.sa_family != to->is.any.sa_family)
        return -EAFNOSUPPORT;
    return gyre_connect_from(from, to, out, deadline);
}

/* Who will not wait tries each once. */
static int try_each(struct gyre_race *r, struct gyre_stream **out)
{
    int err = -EINVAL;

    for (int i = 0; i < r->n; i++) {
        err = r->connect(r, &r->addrs[i], out, GYRE_NOW);
        if (err == 0)
            break;
    }
    return err;
}

int gyre_tcp_connect_any(const struct gyre_addr *addrs, int n,
                         const struct gyre_connect_options *options,
                         struct gyre_stream **out, gyre_time deadline)
{
    static const struct gyre_connect_options defaults;
    const struct gyre_connect_options *o = options ? options : &defaults;
    struct tcp_race r = {.base = {.connect = connect_one,
                                  .addrs = addrs,
                                  .n = n,
                                  .delay = o->delay > 0 ? o->delay : DELAY},
                         .from = o->from};
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (n == 1)
        return connect_one(&r.base, addrs, out, deadline);
    if (deadline == GYRE_NOW || n <= 0)
        return try_each(&r.base, out);
    return gyre_race_run(&r.base, out, deadline);
}
