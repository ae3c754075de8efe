/*
 * calls.h - system calls that fail, as a test would have them.
 *
 * The test binaries are linked so that their own objects' calls of these, the
 * library's among them, come through here.  One of them may be made to fail,
 * for the n-th time it is made.  What the kernel does in place of the call is
 * nothing, but that a connect which is interrupted, or in progress, goes on.
 */
#ifndef TESTS_SUPPORT_CALLS_H
#define TESTS_SUPPORT_CALLS_H

#include <stdbool.h>

/* Each by its name; what differs by flags alone, or takes longer to say, goes by
   the shorter one: accept4, pipe2, inotify_init1, epoll_pwait2, and kevent, when
   it waits and is asked for nothing else. */
#define CALLS_EACH(X)                                                          \
    X(accept)                                                                  \
    X(connect) X(read) X(write) X(writev) X(pread) X(pwrite) X(recv)           \
        X(recvfrom) X(recvmsg) X(recvmmsg) X(send) X(sendto) X(sendmsg)        \
            X(sendmmsg) X(sendfile) X(epoll_ctl) X(epoll_create) X(epoll_wait) \
                X(timerfd_create) X(timerfd_settime) X(eventfd) X(kqueue)      \
                    X(kevent) X(kevent_wait) X(pidfd_open) X(waitid)           \
                        X(socketpair) X(socket) X(bind) X(listen) X(shutdown)  \
                            X(getsockname) X(getpeername) X(getsockopt)        \
                                X(setsockopt) X(mmap) X(pipe) X(fcntl) X(open) \
                                    X(fstat) X(lstat) X(poll) X(fsync)         \
                                        X(rename) X(inotify_init)              \
                                            X(inotify_add_watch)

#define CALLS_NAME(name) CALL_##name,
enum call { CALLS_EACH(CALLS_NAME) CALLS };
#undef CALLS_NAME

const char *calls_name(enum call c);

/* The errors that its page in section 2 of the manual lists, up to a 0.  Where
   pages refer to others, as writev's does to write's, those of both. */
const int *calls_page(enum call c);

/* Have `c` fail with `err`: after `before` calls that are made, once, or from
   then on for good.  Calls are counted anew. */
void calls_begin(enum call c, int before, int err, bool for_good);

/* No more; how many were made to fail since. */
int calls_end(void);

/* How many of all kinds were made since calls_begin. */
long calls_made(void);

/* For what stands in for a call: must this one fail?  Then errno says why. */
bool calls_fails(enum call c);

#endif
