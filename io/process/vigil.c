/*
 * vigil.c - threads that wait for one child each.
 *
 * Each is of malloc's memory, for it may outlive its loop, and holds the loop's
 * mailbox until it has posted, or is left.  Once it has posted it is the
 * loop's; a loop that is freed delivers what was posted.
 */
#include "io/process/vigil.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "loop/list.h"
#include "loop/mailbox.h"
#include "task/thread.h"

#define STACK (256 * 1024) /* bytes, most of which are never touched */

struct gyre_vigil {
    pid_t pid;
    struct gyre_post post;
    pthread_mutex_t lock;
    struct gyre_mailbox *mailbox; /* under the lock; NULL when it is left */
    void (*ended)(void *owner);   /* the loop's; NULL when it is left */
    void *owner;
};

/* Wait until `pid` has ended, and reap it, or not. */
static void wait_for(pid_t pid, int options)
{
    siginfo_t how;

    while (waitid(P_PID, (id_t)pid, &how, WEXITED | options) < 0 &&
           errno == EINTR)
        continue;
}

void gyre_vigil_keep(pid_t pid)
{
    wait_for(pid, 0);
}

static int start(void *(*run)(void *arg), void *arg)
{
    pthread_t thread;
    int err = gyre_thread_start(&thread, STACK, run, arg);

    if (err == 0)
        pthread_detach(thread);
    return err;
}

/* ---- for nobody ---- */

static void *reap(void *pid)
{
    gyre_vigil_keep((pid_t)(intptr_t)pid);
    return NULL;
}

int gyre_vigil_adopt(pid_t pid)
{
    return start(reap, (void *)(intptr_t)pid);
}

/* ---- for somebody ---- */

/* It goes before the zombie does: who sees that gone finds nothing else
   left. */
static void end(struct gyre_vigil *v)
{
    if (v->mailbox != NULL)
        gyre_mailbox_release(v->mailbox);
    pthread_mutex_destroy(&v->lock);
    free(v);
}

static void deliver(struct gyre_post *post)
{
    struct gyre_vigil *v = GYRE_OWNER(post, struct gyre_vigil, post);
    void (*ended)(void *owner) = v->ended;
    void *owner = v->owner;
    pid_t pid = v->pid;

    /* The thread may not be through with it yet. */
    pthread_mutex_lock(&v->lock);
    pthread_mutex_unlock(&v->lock);
    end(v);
    if (ended != NULL)
        ended(owner);
    else
        gyre_vigil_keep(pid);
}

/* True if the loop takes it from here. */
static bool post(struct gyre_vigil *v)
{
    bool posted;

    pthread_mutex_lock(&v->lock);
    posted = v->mailbox != NULL && gyre_post(v->mailbox, &v->post) == 0;
    pthread_mutex_unlock(&v->lock);
    return posted;
}

static void *keep(void *arg)
{
    struct gyre_vigil *v = arg;
    pid_t pid = v->pid;

    wait_for(pid, WNOWAIT);
    if (post(v))
        return NULL;
    end(v);
    gyre_vigil_keep(pid);
    return NULL;
}

int gyre_vigil_start(struct gyre_vigil **out, struct gyre_loop *l, pid_t pid,
                     void (*ended)(void *owner), void *owner)
{
    struct gyre_vigil *v = malloc(sizeof *v);
    int err;

    if (v == NULL)
        return -ENOMEM;
    *v = (struct gyre_vigil){.pid = pid,
                             .post.run = deliver,
                             .mailbox = gyre_mailbox_hold(gyre_loop_mailbox(l)),
                             .ended = ended,
                             .owner = owner};
    pthread_mutex_init(&v->lock, NULL);
    err = start(keep, v);
    if (err)
        end(v);
    else
        *out = v;
    return err;
}

/* If it has posted, it is freed when that is delivered. */
void gyre_vigil_leave(struct gyre_vigil *v)
{
    struct gyre_mailbox *mailbox;

    v->ended = NULL;
    pthread_mutex_lock(&v->lock);
    mailbox = v->mailbox;
    v->mailbox = NULL;
    pthread_mutex_unlock(&v->lock);
    gyre_mailbox_release(mailbox);
}
