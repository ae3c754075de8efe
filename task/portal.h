/*
 * portal.h - tasks that other threads ask for.
 *
 * A task opens a portal on a scope; from then on any thread may have functions
 * run as tasks in it, and wait for what they return: asyncio's
 * run_coroutine_threadsafe, Trio's from_thread.  It is the way for threads that
 * the program has of its own, and for offloaded work that needs something of
 * the loop.
 *
 *     gyre_portal_open(&portal, &scope);          in a task
 *     r = gyre_portal_call(&portal, ask, arg);    in a thread
 *     gyre_portal_close(&portal);                 in the task, at the end
 *
 * An open portal holds the loop (gyre_loop_hold), for somebody may come at any
 * time.  A zeroed one is closed; it must stay in place for as long as any
 * thread might use it, also when it is closed.
 */
#ifndef GYRE_TASK_PORTAL_H
#define GYRE_TASK_PORTAL_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "task/waiters.h"

struct gyre_loop;
struct gyre_mailbox;
struct gyre_scope;

struct gyre_portal {
    /* private */
    size_t state;     /* whether it is open, and who is in; atomic */
    pthread_t thread; /* the loop's */
    struct gyre_mailbox *mailbox; /* of the loop, held */
    struct gyre_loop *loop;       /* held */
    struct gyre_scope *scope;     /* where the calls run */
    struct gyre_waiters closing;  /* who waits for the last of them */
};

#pragma GCC visibility push(default)

/* Let other threads in.  `p` is closed; `s` stays open until it is so again.
   By a task; cannot fail. */
void gyre_portal_open(struct gyre_portal *p, struct gyre_scope *s);

/*
 * Let nobody in any more, and wait until those who are have their results: all
 * that was called is done, and all that was asked for is spawned.  To have that
 * soon, cancel the scope.  Parks, but is no cancel point.  By a task; nobody
 * else closes it meanwhile.
 */
void gyre_portal_close(struct gyre_portal *p);

/*
 * Run fn(arg) as a task in the portal's scope, wait for it to end, and return
 * its result: a failure is the caller's, and not the scope's.  -EPIPE if the
 * portal is closed; -ENOMEM if there is no stack for the task, and then it is
 * as with gyre_spawn.  This blocks the thread: any but the loop's own, which
 * would wait for itself.
 */
intptr_t gyre_portal_call(struct gyre_portal *p, intptr_t (*fn)(void *arg),
                          void *arg) __attribute__((warn_unused_result));

/*
 * The same without waiting: the task is spawned soon, in order of asking, and
 * is like any other of its scope.  0; -EPIPE if the portal is closed, or
 * -ENOMEM: then `arg` is still the caller's.  If there is no stack later, it is
 * as with gyre_spawn, but that nobody is left to free `arg`: so what must not
 * be lost is called.  Any thread.
 */
int gyre_portal_spawn(struct gyre_portal *p, intptr_t (*fn)(void *arg),
                      void *arg) __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
