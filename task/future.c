/*
 * future.c - one result, some day.
 */
#include "task/future.h"

#include <assert.h>
#include <errno.h>

#include "task/internal.h"

void gyre_future_init(struct gyre_future *f)
{
    *f = (struct gyre_future){0};
}

bool gyre_future_finish(struct gyre_future *f, intptr_t result)
{
    assert(!f->done);
    f->result = result;
    f->done = true;
    return gyre_waiters_first(&f->waiters) != NULL &&
           gyre_waiters_wake_all(&f->waiters, result) > 0;
}

void gyre_future_set(struct gyre_future *f, intptr_t result)
{
    assert(f->task == NULL);
    (void)gyre_future_finish(f, result);
}

static struct gyre_task *owner(const struct gyre_wait *w,
                               const struct gyre_task *last)
{
    const struct gyre_future *f = w->on;

    return last == NULL ? f->task : NULL;
}

const struct gyre_wait_kind gyre_future_waits = {
    .name = "for a future",
    .owner = owner,
};

/*
 * Who gave way at the beginning might come back to a future that is gone, for
 * it was done, and its scope closed.  But who parks need not give way, and who
 * finds a result does so with that in hand.
 */
intptr_t gyre_await(struct gyre_future *f, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &gyre_future_waits, .on = f};
    int err = gyre_checkpoint(GYRE_NOW); /* which does not give way */
    intptr_t result;

    if (err)
        return err;
    if (!f->done)
        return gyre_waiters_park(&f->waiters, &w, deadline);
    result = gyre_future_result(f);
    gyre_checkpoint_passed(deadline);
    return result;
}

bool gyre_future_done(const struct gyre_future *f)
{
    return f->done;
}

/* Who has read the result may let the future go, so its scope must forget
   it. */
intptr_t gyre_future_result(struct gyre_future *f)
{
    assert(f->done);
    gyre_list_remove(&f->link);
    return f->result;
}

void gyre_future_cancel(struct gyre_future *f)
{
    if (f->task != NULL && f->task->base.cause == 0)
        gyre_branch_cancel(&f->task->base, ASKED);
}

/* ---- set by another thread ---- */

static void arrive(struct gyre_post *p)
{
    struct gyre_remote_future *r =
        GYRE_OWNER(p, struct gyre_remote_future, post);

    gyre_loop_release(r->loop);
    (void)gyre_future_finish(&r->future, r->result);
}

void gyre_remote_future_init(struct gyre_remote_future *r, struct gyre_loop *l)
{
    *r = (struct gyre_remote_future){.post.run = arrive, .loop = l};
    gyre_future_init(&r->future);
    r->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(l));
    gyre_loop_hold(l);
}

/* Once posted `r` may be gone at any moment, and the loop with it; the mailbox
   must not, before gyre_post is through with it. */
int gyre_remote_future_set(struct gyre_remote_future *r, intptr_t result)
{
    struct gyre_mailbox *m = r->mailbox;
    int err;

    r->result = result;
    err = gyre_post(m, &r->post);
    gyre_mailbox_release(m);
    return err;
}
