/*
 * mailbox.h - calls on the loop's thread, asked for by another.
 *
 * The only way into a loop from outside, for threads and for signal handlers.
 * It is a queue, not a doorbell: every post is delivered once, and the posts of
 * one sender in order.  The loop is woken only if it may be asleep.
 *
 * A mailbox is reference-counted and outlives its loop, so that a thread may
 * post at any time: to a loop that is gone it is an error, no crash.  Posting
 * does not keep the loop alive; whoever may post holds the loop
 * (gyre_loop_hold) before it goes to sleep.
 */
#ifndef GYRE_LOOP_MAILBOX_H
#define GYRE_LOOP_MAILBOX_H

#include <stdbool.h>

struct gyre_loop;
struct gyre_mailbox;

/* Set `run`, zero the rest; keep in place until `run` is called. */
struct gyre_post {
    void (*run)(struct gyre_post *p); /* on the loop's thread */

    /* private */
    struct gyre_post *next; /* in gyre_mailbox.posts */
    bool posted;            /* waits in a mailbox; atomic */
};

#pragma GCC visibility push(default)

/* The loop's mailbox, borrowed: hold it before another thread gets it. */
struct gyre_mailbox *gyre_loop_mailbox(struct gyre_loop *l);

/* One more holder, or one fewer; the last one frees it.  Any thread. */
struct gyre_mailbox *gyre_mailbox_hold(struct gyre_mailbox *m);
void gyre_mailbox_release(struct gyre_mailbox *m);

/*
 * Have `p` run on the loop's thread, after its next poll.  It may be posted
 * again, or freed, from `run` on.  -EBUSY if it is still waiting from an
 * earlier post: then it will run after this call, once, and sees what was
 * written before.  -EPIPE if the loop is gone, or is the parent's: `p` is the
 * caller's again.  (If two threads post `p` while the loop goes, one may get
 * -EBUSY and the other -EPIPE.)  Lock-free; any thread, and signal handlers;
 * errno is kept.
 */
int gyre_post(struct gyre_mailbox *m, struct gyre_post *p);

#pragma GCC visibility pop

#endif
