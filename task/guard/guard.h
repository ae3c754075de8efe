/*
 * guard.h - what a function needs that stands before one of libc's.
 *
 * Private to task/guard/, installed nowhere.
 */
#ifndef GYRE_TASK_GUARD_GUARD_H
#define GYRE_TASK_GUARD_GUARD_H

#include <dlfcn.h>
#include <stdbool.h>
#include <time.h>

#include "task/task.h"

/* The place that this call returns to is about to wait in `call`, for the
   descriptor `fd`; or for none, if that is negative. */
void gyre_guard_tell(const char *call, int fd, const void *place);

/* Is `fd` ready for none of `events`?  What cannot be polled always is. */
bool gyre_guard_idle(int fd, short events);

/* Would a call for `events` wait?  Files do not, as far as anybody can tell. */
bool gyre_guard_waits(int fd, short events);

/* Does it block?  Not if there is no such descriptor. */
bool gyre_guard_blocks(int fd);

/* Is it a span that takes time; or none, which takes for ever? */
static inline bool gyre_guard_lasts(const struct timespec *span)
{
    return span == NULL || span->tv_sec > 0 || span->tv_nsec > 0;
}

/* The function that stands behind this one. */
#define REAL(name)                                                             \
    static __typeof__(&(name)) real;                                           \
    if (real == NULL)                                                          \
    real = (__typeof__(&(name)))dlsym(RTLD_NEXT, #name)

/* Tell of a call on `fd`, or on none if it is -1, if it is one of a task's and
   would wait. */
#define BEFORE_CALL(name, fd, condition)                                       \
    REAL(name);                                                                \
    if (gyre_in_task() && (condition))                                         \
    gyre_guard_tell(#name, fd, __builtin_return_address(0))

#define BEFORE(name, condition) BEFORE_CALL(name, -1, condition)
#define BEFORE_DESCRIPTOR(name, fd, events)                                    \
    BEFORE_CALL(name, fd, gyre_guard_waits(fd, events))

#endif
