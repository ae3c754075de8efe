/*
 * start.h - a task that says when it is ready.
 *
 * What must be set up before others may rely on it, a server that is to listen,
 * say, is spawned with gyre_spawn_start, which returns when the task has called
 * gyre_started, or has failed to get that far:
 *
 *     intptr_t serve(void *arg)
 *     {
 *         ... bind, listen ...
 *         gyre_started(port);
 *         ... serve ...
 *     }
 *
 *     port = gyre_spawn_start(&scope, NULL, serve, &server, gyre_in(second));
 *
 * Nothing is left half started: if it is an error that comes back, the task has
 * ended.  It is Trio's nursery.start.
 */
#ifndef GYRE_TASK_START_H
#define GYRE_TASK_START_H

#include <stdint.h>

#include "timers/time.h"

struct gyre_future;
struct gyre_scope;

#pragma GCC visibility push(default)

/*
 * Spawn as gyre_spawn, and wait until the task calls gyre_started: then return
 * the value it gave, and it goes on as any task of `s`.
 *
 * If it ends before that, return the error it ended with, or -ECHILD if that is
 * none.  When `deadline` passes or the caller is cancelled first, the task is
 * cancelled and waited for, and then it is -ETIMEDOUT or -ECANCELED.  A task
 * that has not started fails nobody but the caller: not its scope, and no hook
 * is told; `done`, which may be NULL, has its result as ever, and counts as
 * read.  With GYRE_NOW, or in a cancelled scope, it is not spawned, and `done`
 * has the error; if there is no stack it is as with gyre_spawn.  A cancel
 * point.
 *
 * The task is in `s` from the beginning, whose limit and cancellation hold for
 * it, beside those of the caller until it has started.
 */
intptr_t gyre_spawn_start(struct gyre_scope *s, struct gyre_future *done,
                          intptr_t (*fn)(void *arg), void *arg,
                          gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Say that the current task is ready, with a value for who spawned it, which is
 * no error.  Without effect, and harmless, if nobody waits for that: if it was
 * spawned otherwise, has said so before, or is being cancelled for having taken
 * too long.  Does not park; cannot fail.
 */
void gyre_started(intptr_t value);

#pragma GCC visibility pop

#endif
