/*
 * portal.c - tasks that other threads ask for.
 *
 * Invariants:
 *   - who has entered, and nobody else, may touch the portal from another
 *     thread; it leaves on the loop's thread, when its task has ended, or been
 *     spawned;
 *   - the portal is closed when it is not OPEN and the last has left, and the
 *     loop is held until then.
 */
#include "task/portal.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "loop/mailbox.h"
#include "task/internal.h"

enum {
    OPEN = 1,
    ENTRY = 2, /* each who has entered adds one */
};

/* ---- in and out ---- */

static bool enter(struct gyre_portal *p)
{
    size_t state = __atomic_load_n(&p->state, __ATOMIC_ACQUIRE);

    do {
        if (!(state & OPEN))
            return false;
    } while (!__atomic_compare_exchange_n(&p->state, &state, state + ENTRY,
                                          true, __ATOMIC_ACQUIRE,
                                          __ATOMIC_ACQUIRE));
    return true;
}

/* On the loop's thread. */
static void leave(struct gyre_portal *p)
{
    if (__atomic_fetch_sub(&p->state, ENTRY, __ATOMIC_ACQ_REL) == ENTRY)
        (void)gyre_waiters_wake_all(&p->closing, 0);
}

/* What was posted may be over before the mailbox is through with it, and the
   portal, the loop and its own hold with it. */
static void post(struct gyre_portal *p, struct gyre_post *what)
{
    struct gyre_mailbox *m = gyre_mailbox_hold(p->mailbox);
    int err = gyre_post(m, what);

    assert(err == 0); /* the loop is held, and so it lives */
    (void)err;
    gyre_mailbox_release(m);
}

/* ---- waited for ---- */

/* In the frame of the thread that calls. */
struct call {
    struct gyre_post post;
    struct gyre_portal *portal;
    intptr_t (*fn)(void *arg);
    void *arg;
    intptr_t result;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t end;
    bool over;
};

/* The thread goes on, and the call is no more. */
static void finish(struct call *c, intptr_t result)
{
    struct gyre_portal *p = c->portal;

    pthread_mutex_lock(&c->lock);
    c->result = result;
    c->over = true;
    pthread_cond_signal(&c->end);
    pthread_mutex_unlock(&c->lock);
    leave(p);
}

/* What was deferred belongs to the call, so it comes before the end of that. */
static intptr_t run(void *arg)
{
    struct call *c = arg;
    intptr_t result;

    gyre_current->fn = c->fn; /* what reports are to name */
    result = c->fn(c->arg);
    gyre_defers_run(gyre_current);
    finish(c, result);
    return 0;
}

static void begin(struct gyre_post *post)
{
    struct call *c = GYRE_OWNER(post, struct call, post);
    struct gyre_future begun;

    if (gyre_spawn(c->portal->scope, &begun, run, c) == 0)
        gyre_future_drop(&begun);
    else
        finish(c, gyre_future_result(&begun));
}

static void await(struct call *c)
{
    pthread_mutex_lock(&c->lock);
    while (!c->over)
        pthread_cond_wait(&c->end, &c->lock);
    pthread_mutex_unlock(&c->lock);
    pthread_cond_destroy(&c->end);
    pthread_mutex_destroy(&c->lock);
}

intptr_t gyre_portal_call(struct gyre_portal *p, intptr_t (*fn)(void *arg),
                          void *arg)
{
    struct call c = {.post.run = begin,
                     .portal = p,
                     .fn = fn,
                     .arg = arg,
                     .lock = PTHREAD_MUTEX_INITIALIZER,
                     .end = PTHREAD_COND_INITIALIZER};

    if (!enter(p))
        return -EPIPE;
    assert(!pthread_equal(pthread_self(), p->thread));
    post(p, &c.post);
    await(&c);
    return c.result;
}

/* ---- not waited for ---- */

struct request {
    struct gyre_post post;
    struct gyre_portal *portal;
    intptr_t (*fn)(void *arg);
    void *arg;
};

static void spawn(struct gyre_post *post)
{
    struct request *r = GYRE_OWNER(post, struct request, post);
    struct request copy = *r;

    free(r);
    (void)gyre_spawn(copy.portal->scope, NULL, copy.fn, copy.arg);
    leave(copy.portal);
}

int gyre_portal_spawn(struct gyre_portal *p, intptr_t (*fn)(void *arg),
                      void *arg)
{
    struct request *r = malloc(sizeof *r);

    if (r == NULL)
        return -ENOMEM;
    if (!enter(p)) {
        free(r);
        return -EPIPE;
    }
    *r = (struct request){{.run = spawn}, p, fn, arg};
    post(p, &r->post);
    return 0;
}

/* ---- opening and closing ---- */

void gyre_portal_open(struct gyre_portal *p, struct gyre_scope *s)
{
    assert(gyre_current != NULL && s->runtime != NULL);
    assert(__atomic_load_n(&p->state, __ATOMIC_ACQUIRE) == 0);
    p->loop = s->runtime->loop;
    p->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(p->loop));
    p->scope = s;
    p->thread = pthread_self();
    p->closing = (struct gyre_waiters){0};
    gyre_loop_hold(p->loop);
    __atomic_store_n(&p->state, OPEN, __ATOMIC_RELEASE);
}

static const struct gyre_wait_kind closes = {
    .name = "for calls from other threads",
    .abandon = gyre_wait_refuse,
};

void gyre_portal_close(struct gyre_portal *p)
{
    struct gyre_wait w = {.kind = &closes, .on = p};

    assert(gyre_current != NULL);
    if (__atomic_fetch_sub(&p->state, OPEN, __ATOMIC_ACQ_REL) != OPEN)
        (void)!gyre_waiters_park(&p->closing, &w, GYRE_FOREVER);
    gyre_loop_release(p->loop);
    gyre_mailbox_release(p->mailbox);
}
