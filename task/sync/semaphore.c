/*
 * semaphore.c - so many at once.
 *
 * Invariant: the first who waits asks for more permits than there are.  So
 * whatever adds permits, or takes the first away, serves those who wait.
 */
#include "task/sync/semaphore.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>

/* Somebody waits for `n` permits. */
struct request {
    struct gyre_wait wait;
    size_t n;
};

static void serve(struct gyre_semaphore *s)
{
    struct gyre_wait *w;

    while ((w = gyre_waiters_first(&s->waiters)) != NULL) {
        const struct request *r = GYRE_OWNER(w, struct request, wait);

        if (r->n > s->permits)
            return;
        s->permits -= r->n;
        (void)gyre_waiters_wake(&s->waiters, 0);
    }
}

/* He may have been the one whom those behind him waited for. */
static bool leave(struct gyre_wait *w)
{
    gyre_list_remove(&w->link);
    serve(w->on);
    return true;
}

static const struct gyre_wait_kind acquires = {
    .name = "for a semaphore",
    .abandon = leave,
};

int gyre_semaphore_acquire(struct gyre_semaphore *s, size_t n,
                           gyre_time deadline)
{
    struct request r = {.wait = {.kind = &acquires, .on = s}, .n = n};
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (s->limit != 0 && n > s->limit)
        return -EDEADLK;
    if (gyre_waiters_first(&s->waiters) != NULL || n > s->permits)
        return (int)gyre_waiters_park(&s->waiters, &r.wait, deadline);
    s->permits -= n;
    return 0;
}

void gyre_semaphore_release(struct gyre_semaphore *s, size_t n)
{
    assert(n <= SIZE_MAX - s->permits);
    assert(s->limit == 0 || s->permits + n <= s->limit);
    s->permits += n;
    serve(s);
}

size_t gyre_semaphore_available(const struct gyre_semaphore *s)
{
    return s->permits;
}

size_t gyre_semaphore_waiting(const struct gyre_semaphore *s)
{
    return gyre_waiters_count(&s->waiters);
}
