/*
 * waits_linux.c - before calls that other systems do not have, or not all.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "task/guard/guard.h"

#pragma GCC visibility push(default)

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    BEFORE_DESCRIPTOR(accept4, fd, POLLIN);
    return real(fd, address, length, flags);
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
          const sigset_t *mask)
{
    static const struct timespec now = {0};

    BEFORE(ppoll, gyre_guard_lasts(timeout) && real(fds, n, &now, NULL) == 0);
    return real(fds, n, timeout, mask);
}

/* Whether there are events is not asked of itself, as that would take them.
   The loop waits in no task, so it is not told of. */
int epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
    BEFORE_CALL(epoll_wait, fd, timeout != 0 && gyre_guard_idle(fd, POLLIN));
    return real(fd, events, n, timeout);
}

int epoll_pwait(int fd, struct epoll_event *events, int n, int timeout,
                const sigset_t *mask)
{
    BEFORE_CALL(epoll_pwait, fd, timeout != 0 && gyre_guard_idle(fd, POLLIN));
    return real(fd, events, n, timeout, mask);
}

/* Is the time yet to come? */
static bool is_ahead(clockid_t clock, const struct timespec *at)
{
    struct timespec now;

    return clock_gettime(clock, &now) == 0 &&
           (at->tv_sec > now.tv_sec ||
            (at->tv_sec == now.tv_sec && at->tv_nsec > now.tv_nsec));
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *span,
                    struct timespec *left)
{
    BEFORE(clock_nanosleep, flags & TIMER_ABSTIME ? is_ahead(clock, span)
                                                  : gyre_guard_lasts(span));
    return real(clock, flags, span, left);
}

#pragma GCC visibility pop
