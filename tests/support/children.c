/*
 * children.c - what the system gives for children to be made and watched, as a
 * test would have it.
 */
#include "tests/support/children.h"

#include <errno.h>
#include <pthread.h>
#include <sys/types.h>

int children_no_fork;
bool children_no_pidfd;
bool children_no_thread;

pid_t __real_fork(void);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *arg), void *arg);

/* Ours; tests of the floors below have none. */
__attribute__((weak)) int __real_gyre_pidfd_open(pid_t pid);

pid_t __wrap_fork(void);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *arg), void *arg);
int __wrap_gyre_pidfd_open(pid_t pid);

pid_t __wrap_fork(void)
{
    if (children_no_fork == 0)
        return __real_fork();
    errno = children_no_fork;
    return -1;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *arg), void *arg)
{
    return children_no_thread ? EAGAIN
                              : __real_pthread_create(thread, attr, run, arg);
}

int __wrap_gyre_pidfd_open(pid_t pid)
{
    return children_no_pidfd ? -ENOSYS : __real_gyre_pidfd_open(pid);
}
