/*
 * waits.c - before calls that wait for time, for several descriptors, for
 * children, or for who knows names.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task/guard/guard.h"

#pragma GCC visibility push(default)

/* ---- for descriptors ---- */

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    BEFORE(poll, timeout != 0 && real(fds, n, 0) == 0);
    return real(fds, n, timeout);
}

/* Would a select wait?  It is asked about copies, which it overwrites; sets of
   more than a fd_set has are not understood. */
static bool none_ready(int n, const fd_set *const sets[3])
{
    struct timeval now = {0};
    fd_set copies[3], *copied[3];
    int err = errno;
    bool result;

    REAL(select);
    if (n > FD_SETSIZE)
        return false;
    for (int i = 0; i < 3; i++) {
        copied[i] = sets[i] != NULL ? &copies[i] : NULL;
        if (sets[i] != NULL)
            copies[i] = *sets[i];
    }
    result = real(n, copied[0], copied[1], copied[2], &now) == 0;
    errno = err;
    return result;
}

int select(int n, fd_set *reading, fd_set *writing, fd_set *failing,
           struct timeval *timeout)
{
    const fd_set *sets[] = {reading, writing, failing};

    BEFORE(select,
           (timeout == NULL || timeout->tv_sec > 0 || timeout->tv_usec > 0) &&
               none_ready(n, sets));
    return real(n, reading, writing, failing, timeout);
}

int pselect(int n, fd_set *reading, fd_set *writing, fd_set *failing,
            const struct timespec *timeout, const sigset_t *mask)
{
    const fd_set *sets[] = {reading, writing, failing};

    BEFORE(pselect, gyre_guard_lasts(timeout) && none_ready(n, sets));
    return real(n, reading, writing, failing, timeout, mask);
}

/* ---- for time ---- */

unsigned sleep(unsigned seconds)
{
    BEFORE(sleep, seconds > 0);
    return real(seconds);
}

int usleep(useconds_t span)
{
    BEFORE(usleep, span > 0);
    return real(span);
}

int nanosleep(const struct timespec *span, struct timespec *left)
{
    BEFORE(nanosleep, gyre_guard_lasts(span));
    return real(span, left);
}

/* ---- for names ---- */

int getaddrinfo(const char *name, const char *service,
                const struct addrinfo *hints, struct addrinfo **found)
{
    BEFORE(getaddrinfo, name != NULL && !(hints != NULL &&
                                          hints->ai_flags & AI_NUMERICHOST));
    return real(name, service, hints, found);
}

/* ---- for children ---- */

/* Are there such children, and has none of them anything to tell? */
static bool none_has_ended(idtype_t kind, id_t id, int options)
{
    siginfo_t info = {.si_pid = 0};
    int err = errno;
    bool result;

    REAL(waitid);
    if (options & WNOHANG)
        return false;
    options |= WNOHANG | WNOWAIT;
    result = real(kind, id, &info, options) == 0 && info.si_pid == 0;
    errno = err;
    return result;
}

/* The same as waitpid has it. */
static bool waits_for(pid_t pid, int options)
{
    int same = WEXITED | (options & (WNOHANG | WCONTINUED)) |
               (options & WUNTRACED ? WSTOPPED : 0);

    if (pid == -1)
        return none_has_ended(P_ALL, 0, same);
    if (pid > 0)
        return none_has_ended(P_PID, (id_t)pid, same);
    return none_has_ended(P_PGID, (id_t)(pid == 0 ? getpgrp() : -pid), same);
}

pid_t wait(int *status)
{
    BEFORE(wait, waits_for(-1, 0));
    return real(status);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    BEFORE(waitpid, waits_for(pid, options));
    return real(pid, status, options);
}

pid_t wait3(int *status, int options, struct rusage *usage)
{
    BEFORE(wait3, waits_for(-1, options));
    return real(status, options, usage);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    BEFORE(wait4, waits_for(pid, options));
    return real(pid, status, options, usage);
}

int waitid(idtype_t kind, id_t id, siginfo_t *info, int options)
{
    BEFORE(waitid, none_has_ended(kind, id, options));
    return real(kind, id, info, options);
}

#pragma GCC visibility pop
