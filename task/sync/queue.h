/*
 * queue.h - a bounded queue between the tasks of one loop.
 *
 * To put an item in is to wait for room, to take one out is to wait for an
 * item, each side in order of arrival: so a slow taker slows its putters down,
 * and nobody is overtaken.  Items are copied, by their size, into storage of
 * the caller's; the queue allocates nothing.
 *
 *      static struct page *room[16];
 *      static struct gyre_queue pages = {
 *          .items = {.room = room, .size = sizeof room[0], .capacity = 16},
 *      };
 *
 * A queue of capacity 0 is a rendezvous: a putter waits for a taker, and the
 * item goes from one's variable to the other's.
 *
 * Nothing is lost.  An error means that the item was not put, and is still the
 * caller's, or that none was taken.  A task to which an item was handed before
 * it was cancelled has the item, and its call returns 0.  In a cancelled scope
 * nothing can be put, not even with GYRE_NOW: what a task must give back on its
 * way out, as a connection to a pool, goes into a list, with a semaphore to
 * count it, or is put in a shield (task/scope.h).
 *
 * For tasks; callbacks may put and take with GYRE_NOW.  Between loops, and for
 * threads, there is channel.h.
 */
#ifndef GYRE_TASK_SYNC_QUEUE_H
#define GYRE_TASK_SYNC_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "timers/time.h"
#include "task/sync/select.h"
#include "task/waiters.h"

/* What is in a queue, and where. */
struct gyre_items {
    void *room;      /* for `capacity` items; NULL if that is 0 */
    size_t size;     /* of an item, in bytes; at least 1 */
    size_t capacity; /* how many there may be */

    /* Which comes out first: if NULL, in order of coming.  Does `a` go before
       `b`?  Equals come out in any order; if that matters, number them.  Then
       to put and to take is O(log n). */
    bool (*before)(const void *a, const void *b);
    bool lifo; /* without `before`: the latest comes out first */

    /* private */
    size_t length;
    size_t first; /* slot of the first, in order of coming */
};

/* Set `items`, zero the rest; keep it in place while anybody waits.  There is
   nothing to undo. */
struct gyre_queue {
    struct gyre_items items;

    /* private */
    struct gyre_waiters takers, putters; /* gyre_case.wait */
    struct gyre_waiters joiners;
    size_t unfinished; /* put, and not done */
    bool closed;
};

#pragma GCC visibility push(default)

/* Put a copy of `item` in, once there is room.  0; -EPIPE if the queue is
   closed.  A cancel point. */
int gyre_queue_put(struct gyre_queue *q, const void *item, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Take the next item out into `item`, once there is one.  0; -EPIPE if the
   queue is closed and empty.  A cancel point. */
int gyre_queue_take(struct gyre_queue *q, void *item, gyre_time deadline)
    __attribute__((warn_unused_result));

/* The same as cases of gyre_select; `item` must stay until that returns. */
struct gyre_case gyre_case_put(struct gyre_queue *q, const void *item);
struct gyre_case gyre_case_take(struct gyre_queue *q, void *item);

/*
 * There is nothing more to come: to put is -EPIPE, also for those who wait with
 * an item.  What is in the queue can still be taken, and then to take is
 * -EPIPE.  Closing it twice is harmless.
 */
void gyre_queue_close(struct gyre_queue *q);

/* The same, and drop what is in the queue: each is handed to `release`, which
   may be NULL, in no particular order.  They count as done. */
void gyre_queue_close_now(struct gyre_queue *q, void (*release)(void *item));

/* An item that was taken has been dealt with; once for each.  Only
   gyre_queue_join looks at that. */
void gyre_queue_done(struct gyre_queue *q);

/* Wait until each item that was put has been taken and is done.  0; a cancel
   point. */
int gyre_queue_join(struct gyre_queue *q, gyre_time deadline)
    __attribute__((warn_unused_result));

bool gyre_queue_closed(const struct gyre_queue *q);

/* How many items are in it. */
size_t gyre_queue_length(const struct gyre_queue *q);

/* How many wait to put, and to take.  O(n). */
size_t gyre_queue_putting(const struct gyre_queue *q);
size_t gyre_queue_taking(const struct gyre_queue *q);

#pragma GCC visibility pop

#endif
