/*
 * children.c - what the system gives for children to be made and watched, as a
 * test would have it.
 */
#include "tests/support/children.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/types.h>

enum { VERY_MANY = 1000000 };

int children_no_fork;
bool children_no_pidfd;
atomic_int children_threads = -1;
void (*children_no_thread)(void);
atomic_int children_woken;
void (*children_begin)(const struct gyre_child *c);

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *arg), void *arg);
int __real_pthread_cond_signal(pthread_cond_t *c);
int __real_pthread_cond_broadcast(pthread_cond_t *c);

/* Ours; tests of the floors below have none. */
#define WEAK __attribute__((weak))
WEAK int __real_gyre_pidfd_open(pid_t pid);
WEAK pid_t __real_gyre_child_start(const struct gyre_child *c);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *arg), void *arg);
int __wrap_pthread_cond_signal(pthread_cond_t *c);
int __wrap_pthread_cond_broadcast(pthread_cond_t *c);
int __wrap_gyre_pidfd_open(pid_t pid);
pid_t __wrap_gyre_child_start(const struct gyre_child *c);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *arg), void *arg)
{
    if (children_threads == 0) {
        if (children_no_thread != NULL)
            children_no_thread();
        memset(thread, 0xff, sizeof *thread); /* POSIX: it is undefined */
        return EAGAIN;
    }
    if (children_threads > 0)
        children_threads--;
    return __real_pthread_create(thread, attr, run, arg);
}

int __wrap_pthread_cond_signal(pthread_cond_t *c)
{
    children_woken++;
    return __real_pthread_cond_signal(c);
}

int __wrap_pthread_cond_broadcast(pthread_cond_t *c)
{
    children_woken += VERY_MANY;
    return __real_pthread_cond_broadcast(c);
}

int __wrap_gyre_pidfd_open(pid_t pid)
{
    return children_no_pidfd ? -ENOSYS : __real_gyre_pidfd_open(pid);
}

pid_t __wrap_gyre_child_start(const struct gyre_child *c)
{
    if (children_begin != NULL)
        children_begin(c);
    return children_no_fork ? -children_no_fork : __real_gyre_child_start(c);
}
