/*
 * queue.c - a bounded queue between the tasks of one loop.
 *
 * Invariants:
 *   - somebody waits to take only while the queue is empty, and to put only
 *     while it is full; none of them if it is closed;
 *   - somebody waits to put and somebody to take, at a rendezvous, only if both
 *     are one and the same: a select on both sides.
 * So who comes and finds room, or an item, overtakes nobody.
 */
#include "task/sync/queue.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "task/sync/items.h"

/* ---- what waits ---- */

static void describe(const struct gyre_wait *w, char *text, size_t n)
{
    const struct gyre_queue *q = w->on;

    snprintf(text, n, "%zu of %zu in it", q->items.length, q->items.capacity);
}

static const struct gyre_wait_kind putting = {
    .name = "to put into a queue",
    .describe = describe,
};

static const struct gyre_wait_kind taking = {
    .name = "to take from a queue",
    .describe = describe,
};

static void describe_unfinished(const struct gyre_wait *w, char *text, size_t n)
{
    const struct gyre_queue *q = w->on;

    snprintf(text, n, "%zu unfinished", q->unfinished);
}

static const struct gyre_wait_kind joining = {
    .name = "for a queue to be done",
    .describe = describe_unfinished,
};

/* What the first in line puts, or where he takes to; NULL if nobody waits. */
static void *first_item(const struct gyre_waiters *line)
{
    struct gyre_wait *w = gyre_waiters_first(line);

    return w != NULL ? GYRE_OWNER(w, struct gyre_case, wait)->item : NULL;
}

/* ---- putting and taking ---- */

static bool put(struct gyre_case *c)
{
    struct gyre_queue *q = c->wait.on;
    void *to = first_item(&q->takers);

    c->result = q->closed ? -EPIPE : 0;
    if (q->closed)
        return true;
    if (to == NULL && gyre_items_full(&q->items))
        return false;
    q->unfinished++;
    if (to == NULL) {
        gyre_items_push(&q->items, c->item);
    } else {
        gyre_items_copy(&q->items, to, c->item);
        (void)gyre_waiters_wake(&q->takers, 0);
    }
    return true;
}

/* There is room for what the first in line puts, if somebody does. */
static void let_in(struct gyre_queue *q)
{
    const void *from = first_item(&q->putters);

    if (from == NULL)
        return;
    q->unfinished++;
    gyre_items_push(&q->items, from);
    (void)gyre_waiters_wake(&q->putters, 0);
}

/* Take from whoever waits to put, at a rendezvous.  Did somebody? */
static bool meet(struct gyre_queue *q, void *to)
{
    const void *from = first_item(&q->putters);

    if (from == NULL)
        return false;
    q->unfinished++;
    gyre_items_copy(&q->items, to, from);
    return gyre_waiters_wake(&q->putters, 0);
}

static bool take(struct gyre_case *c)
{
    struct gyre_queue *q = c->wait.on;

    c->result = 0;
    if (q->items.length > 0) {
        gyre_items_pop(&q->items, c->item);
        let_in(q);
        return true;
    }
    if (meet(q, c->item))
        return true;
    c->result = -EPIPE;
    return q->closed;
}

struct gyre_case gyre_case_put(struct gyre_queue *q, const void *item)
{
    return (struct gyre_case){
        .attempt = put,
        .line = &q->putters,
        .wait = {.kind = &putting, .on = q},
        .item = (void *)(uintptr_t)item, /* which is only read */
    };
}

struct gyre_case gyre_case_take(struct gyre_queue *q, void *item)
{
    return (struct gyre_case){
        .attempt = take,
        .line = &q->takers,
        .wait = {.kind = &taking, .on = q},
        .item = item,
    };
}

int gyre_queue_put(struct gyre_queue *q, const void *item, gyre_time deadline)
{
    struct gyre_case c = gyre_case_put(q, item);

    return (int)gyre_case_await(&c, deadline);
}

int gyre_queue_take(struct gyre_queue *q, void *item, gyre_time deadline)
{
    struct gyre_case c = gyre_case_take(q, item);

    return (int)gyre_case_await(&c, deadline);
}

/* ---- the end of it ---- */

static void finish(struct gyre_queue *q, size_t n)
{
    assert(q->unfinished >= n);
    q->unfinished -= n;
    if (q->unfinished == 0)
        (void)gyre_waiters_wake_all(&q->joiners, 0);
}

void gyre_queue_close(struct gyre_queue *q)
{
    q->closed = true;
    (void)gyre_waiters_wake_all(&q->putters, -EPIPE);
    (void)gyre_waiters_wake_all(&q->takers, -EPIPE);
}

void gyre_queue_close_now(struct gyre_queue *q, void (*release)(void *item))
{
    gyre_queue_close(q);
    finish(q, gyre_items_clear(&q->items, release));
}

void gyre_queue_done(struct gyre_queue *q)
{
    finish(q, 1);
}

int gyre_queue_join(struct gyre_queue *q, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &joining, .on = q};
    int err = gyre_checkpoint(deadline);

    if (err || q->unfinished == 0)
        return err;
    return (int)gyre_waiters_park(&q->joiners, &w, deadline);
}

bool gyre_queue_closed(const struct gyre_queue *q)
{
    return q->closed;
}

size_t gyre_queue_length(const struct gyre_queue *q)
{
    return q->items.length;
}

size_t gyre_queue_putting(const struct gyre_queue *q)
{
    return gyre_waiters_count(&q->putters);
}

size_t gyre_queue_taking(const struct gyre_queue *q)
{
    return gyre_waiters_count(&q->takers);
}
