/*
 * guard.c - stands before the calls that may block.
 *
 * No part of the library, but one of its own, for looking for mistakes: link
 * libgyre_guard.a before libgyre, or have LD_PRELOAD name libgyre_guard.so, if
 * the program has libgyre.so.  Calls made inside libc are not seen.
 *
 * Each function of descriptors.c and waits.c, and on Linux of waits_linux.c,
 * has the name of one of libc's, tells of a call that is about to wait, and
 * makes it.  Only what would wait now is told of: a descriptor that blocks and
 * has nothing to give, a sleep that is not over.  Looking up a name is told of
 * always, since it asks others, as a rule; and so is connecting to another
 * machine.  What only files take, as pread, never is.
 *
 * A place that blocks is told of once.
 */
#include "task/guard/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>

#include "task/show/blocks.h"

enum { PLACES = 256 };

/* Has the place been told of?  From now on it has.  It may be forgotten, if
   there are very many. */
static bool is_new(const void *place)
{
    static const void *_Atomic told[PLACES];
    const void *_Atomic *slot = &told[((uintptr_t)place >> 2) % PLACES];
    bool new = *slot != place;

    *slot = place;
    return new;
}

void gyre_guard_tell(const char *call, int fd, const void *place)
{
    int err = errno;
    char text[64];

    if (is_new(place)) {
        if (fd >= 0)
            snprintf(text, sizeof text, "%s(%d)", call, fd);
        else
            snprintf(text, sizeof text, "%s", call);
        gyre_blocks(text, place);
    }
    errno = err;
}

bool gyre_guard_idle(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    int err = errno;
    bool idle;

    REAL(poll);
    idle = real(&p, 1, 0) == 0;
    errno = err;
    return idle;
}

bool gyre_guard_blocks(int fd)
{
    int err = errno, flags = fcntl(fd, F_GETFL);

    errno = err;
    return flags >= 0 && !(flags & O_NONBLOCK);
}

bool gyre_guard_waits(int fd, short events)
{
    return gyre_guard_blocks(fd) && gyre_guard_idle(fd, events);
}
