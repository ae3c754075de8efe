/*
 * guard.c - calls that block are named, if a task makes them.
 *
 *     LD_PRELOAD=libgyre-guard.so program
 *
 * A task that blocks its thread blocks all others.  So calls that may are
 * watched here: read, recv, accept and connect on a descriptor that blocks,
 * poll with a timeout, sleep, usleep, nanosleep, and getaddrinfo.  The first of
 * each place in the program is reported on standard error, with the stack of
 * the call, whether it blocked this time or not; and is made all the same.
 * Regular files, which block for as long as a disk takes, are let pass.
 *
 * For Linux, and for programs that are linked with libgyre.so, or export what
 * they have of it (-rdynamic): this object asks them if they are in a task.  It
 * is no part of the library, and has its own copy of what gives names to
 * addresses.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loop/symbol.h"

/* The program's, if it has them. */
#define WEAK __attribute__((weak))
extern WEAK bool gyre_in_task(void);
extern WEAK uint64_t gyre_task_id(void);
extern WEAK const char *gyre_task_name(void);

#define OURS __attribute__((visibility("default")))

/* ---- reports ---- */

enum { PLACES = 256, FRAMES = 32 };

/* Where calls were made that have been reported. */
static struct {
    pthread_mutex_t lock;
    const void *places[PLACES];
    int n;
} reported = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* To find a name files are read, which is no fault of the task. */
static _Thread_local bool busy;

/* Is this the first from there?  When there are too many, none is. */
static bool is_first(const void *place)
{
    bool first = true;

    pthread_mutex_lock(&reported.lock);
    for (int i = 0; first && i < reported.n; i++)
        first = reported.places[i] != place;
    first = first && reported.n < PLACES;
    if (first)
        reported.places[reported.n++] = place;
    pthread_mutex_unlock(&reported.lock);
    return first;
}

/* The frames from `place` on: what is before it is ours. */
static void print_stack(const void *place)
{
    void *frames[FRAMES];
    int n = backtrace(frames, FRAMES), i = 0;

    while (i < n && frames[i] != place)
        i++;
    for (; i < n; i++)
        dprintf(STDERR_FILENO, "    %s\n", gyre_name_site(frames[i]).text);
}

static void print(const char *call, const void *place)
{
    const char *name = gyre_task_name != NULL ? gyre_task_name() : NULL;
    unsigned long long id = gyre_task_id != NULL ? gyre_task_id() : 0;

    dprintf(STDERR_FILENO,
            "gyre: task #%llu%s%s calls %s, which may block, in\n", id,
            name != NULL ? " " : "", name != NULL ? name : "", call);
    print_stack(place);
}

static void report(const char *call, const void *place)
{
    int err = errno;

    busy = true;
    if (is_first(place))
        print(call, place);
    busy = false;
    errno = err;
}

static bool in_task(void)
{
    return !busy && gyre_in_task != NULL && gyre_in_task();
}

/* A pipe, a socket or a terminal that makes its readers wait. */
static bool blocks(int fd)
{
    int err = errno, flags = fcntl(fd, F_GETFL);
    struct stat s;
    bool yes = flags >= 0 && !(flags & O_NONBLOCK) && fstat(fd, &s) == 0 &&
               !S_ISREG(s.st_mode);

    errno = err;
    return yes;
}

/* ---- the calls ---- */

#define PLACE __builtin_return_address(0)

/* What would be called without us. */
#define NEXT(call) ((__typeof__(&(call)))(uintptr_t)dlsym(RTLD_NEXT, #call))

OURS ssize_t read(int fd, void *buf, size_t n)
{
    if (in_task() && blocks(fd))
        report("read", PLACE);
    return NEXT(read)(fd, buf, n);
}

OURS ssize_t recv(int fd, void *buf, size_t n, int flags)
{
    if (in_task() && !(flags & MSG_DONTWAIT) && blocks(fd))
        report("recv", PLACE);
    return NEXT(recv)(fd, buf, n, flags);
}

OURS int accept(int fd, struct sockaddr *addr, socklen_t *n)
{
    if (in_task() && blocks(fd))
        report("accept", PLACE);
    return NEXT(accept)(fd, addr, n);
}

OURS int accept4(int fd, struct sockaddr *addr, socklen_t *n, int flags)
{
    if (in_task() && blocks(fd))
        report("accept4", PLACE);
    return NEXT(accept4)(fd, addr, n, flags);
}

OURS int connect(int fd, const struct sockaddr *addr, socklen_t n)
{
    if (in_task() && blocks(fd))
        report("connect", PLACE);
    return NEXT(connect)(fd, addr, n);
}

OURS int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    if (in_task() && timeout != 0)
        report("poll", PLACE);
    return NEXT(poll)(fds, n, timeout);
}

OURS unsigned sleep(unsigned seconds)
{
    if (in_task())
        report("sleep", PLACE);
    return NEXT(sleep)(seconds);
}

OURS int usleep(useconds_t span)
{
    if (in_task())
        report("usleep", PLACE);
    return NEXT(usleep)(span);
}

OURS int nanosleep(const struct timespec *span, struct timespec *left)
{
    if (in_task())
        report("nanosleep", PLACE);
    return NEXT(nanosleep)(span, left);
}

OURS int getaddrinfo(const char *node, const char *service,
                     const struct addrinfo *hints, struct addrinfo **found)
{
    if (in_task())
        report("getaddrinfo", PLACE);
    return NEXT(getaddrinfo)(node, service, hints, found);
}
