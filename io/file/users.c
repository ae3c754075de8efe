/*
 * users.c - which descriptors are in use by threads.
 *
 * Descriptors are the process's, and so is this list of who uses them: there is
 * nothing smaller that could have it.  In the child of a fork, which has no
 * other thread, nobody uses any.
 *
 * Invariant: `closes` is set in one user of a descriptor at most.
 */
#include "io/file/users.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static struct gyre_list users = {&users, &users};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void hold(void)
{
    pthread_mutex_lock(&lock);
}

static void let_go(void)
{
    pthread_mutex_unlock(&lock);
}

static void begin_afresh(void)
{
    gyre_list_init(&users);
    let_go();
}

static void see_forks(void)
{
    (void)pthread_atfork(hold, let_go, begin_afresh);
}

void gyre_file_use(struct gyre_file_user *u, int fd, bool closes)
{
    pthread_once(&once, see_forks);
    u->fd = fd;
    u->closes = closes;
    hold();
    gyre_list_append(&users, &u->link);
    let_go();
}

/* Some user of `fd`, or NULL. */
static struct gyre_file_user *user_of(int fd)
{
    for (struct gyre_list *i = users.next; i != &users; i = i->next) {
        struct gyre_file_user *u = GYRE_OWNER(i, struct gyre_file_user, link);

        if (u->fd == fd)
            return u;
    }
    return NULL;
}

int gyre_file_unuse(struct gyre_file_user *u)
{
    struct gyre_file_user *other = NULL;

    hold();
    gyre_list_remove(&u->link);
    if (u->closes)
        other = user_of(u->fd);
    if (other != NULL)
        other->closes = true;
    let_go();
    if (!u->closes || other != NULL || close(u->fd) == 0 || errno == EINTR)
        return 0;
    return -errno;
}
