/*
 * channel.h - a bounded queue between loops, and threads that have none.
 *
 * What queue.h is for the tasks of one loop this is for those of many: any
 * number put, any number take, on whichever loops.  Items are copied; they come
 * out in the order they were put in, and each goes to who has waited longest.
 * A channel of capacity 0 is a rendezvous.  It costs a lock each time, and a
 * post (loop/mailbox.h) to end a wait; within one loop a queue is cheaper.
 *
 * Nothing is lost.  An error means that the item was not put, and is still the
 * caller's, or that none was taken.  To whom an item goes is decided under the
 * lock, and from then on neither deadline nor cancellation ends the wait: the
 * news is on its way, and the call returns 0.
 *
 * A channel is on the heap and reference-counted, as mailboxes are, for which
 * of several threads is the last to use it is hard to say otherwise.  Whoever
 * uses it holds it.
 *
 * While a task waits in a channel its loop is held (gyre_loop_hold): whoever
 * ends the wait may be another thread.  So no deadlock is told of, and under
 * simulation time stands still.  A channel is no case of gyre_select; a task
 * that takes from it and puts into a queue makes it one.
 */
#ifndef GYRE_TASK_SYNC_CHANNEL_H
#define GYRE_TASK_SYNC_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "timers/time.h"

struct gyre_channel;

#pragma GCC visibility push(default)

/* Make a channel for `capacity` items of `size` bytes, at least 1, which the
   caller holds.  -ENOMEM. */
int gyre_channel_new(struct gyre_channel **out, size_t size, size_t capacity);

/* One more holder, or one fewer; the last one frees it, and forgets what is
   still in it.  Any thread. */
struct gyre_channel *gyre_channel_hold(struct gyre_channel *c);
void gyre_channel_release(struct gyre_channel *c);

/*
 * Put a copy of `item` in, once there is room.  0; -EPIPE if the channel is
 * closed.  A cancel point; with GYRE_NOW for callbacks and any thread as well.
 */
int gyre_channel_put(struct gyre_channel *c, const void *item,
                     gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Take the next item out into `item`, once there is one.  0; -EPIPE if the
 * channel is closed and empty.  A cancel point; with GYRE_NOW for callbacks and
 * any thread as well.
 */
int gyre_channel_take(struct gyre_channel *c, void *item, gyre_time deadline)
    __attribute__((warn_unused_result));

/* The same for threads that run no loop: they block the thread, until the
   channel is closed at the latest. */
int gyre_channel_put_blocking(struct gyre_channel *c, const void *item);
int gyre_channel_take_blocking(struct gyre_channel *c, void *item);

/*
 * There is nothing more to come: to put is -EPIPE, also for those who wait with
 * an item.  What is in the channel can still be taken, and then to take is
 * -EPIPE.  Closing it twice is harmless.  Any thread.
 */
void gyre_channel_close(struct gyre_channel *c);

/* The same, and drop what is in the channel: each is handed to `release`, which
   may be NULL, before this returns. */
void gyre_channel_close_now(struct gyre_channel *c,
                            void (*release)(void *item));

/* What was so a moment ago: was it closed, how many items were in it, how many
   waited to put, and to take (O(n)).  Any thread. */
bool gyre_channel_closed(struct gyre_channel *c);
size_t gyre_channel_length(struct gyre_channel *c);
size_t gyre_channel_putting(struct gyre_channel *c);
size_t gyre_channel_taking(struct gyre_channel *c);

#pragma GCC visibility pop

#endif
