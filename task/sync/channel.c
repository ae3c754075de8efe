/*
 * channel.c - a bounded queue between loops, and threads that have none.
 *
 * Invariants, under the lock:
 *   - somebody waits to take only while the channel is empty, and to put only
 *     while it is full; nobody waits if it is closed;
 *   - who waits is in one of the lists, and whoever takes him off gives him
 *     what he came for, or says why not: that is a grant, and is final.
 *
 * What a waiter needs is in his own frame, and he leaves that only if he takes
 * himself off the list, or once he is told of the grant.  A thread is told
 * under the lock; a task by a post to its loop, after the lock is given back,
 * for a post may be a system call.
 */
#include "task/sync/channel.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "task/breach.h"
#include "task/internal.h"
#include "task/sync/items.h"
#include "task/task.h"

struct gyre_channel {
    atomic_uint holders;
    pthread_mutex_t lock; /* of what follows */
    struct gyre_items items;
    struct gyre_list waiting[2]; /* to put, and to take: waiter.link */
    bool closed;
    alignas(max_align_t) char room[]; /* for the items */
};

enum { TO_PUT, TO_TAKE };

/* Who waits: a task or a thread. */
struct waiter {
    struct gyre_list link; /* in `waiting`, or of those to be told */
    void *item;            /* what he puts, or where he takes to */
    int result;            /* once it is granted */
    bool granted;
    bool is_task;
};

struct task_waiter {
    struct waiter base;
    struct gyre_wait wait;
    struct gyre_post post;
    struct gyre_mailbox *mailbox; /* held until it is told, or has left */
};

struct thread_waiter {
    struct waiter base;
    pthread_cond_t told;
};

/* One of the two things that can be done. */
struct act {
    int side;
    int (*attempt)(struct gyre_channel *c, void *item, struct gyre_list *told);
    struct gyre_wait_kind waits;
};

static struct waiter *first(const struct gyre_list *list)
{
    if (gyre_list_empty(list))
        return NULL;
    return GYRE_OWNER(list->next, struct waiter, link);
}

/* ---- grants ---- */

/* Take `w` off its list.  Tasks are put on that of those who are to be told. */
static void grant(struct waiter *w, int result, struct gyre_list *told)
{
    gyre_list_remove(&w->link);
    w->result = result;
    w->granted = true;
    if (w->is_task)
        gyre_list_append(told, &w->link);
    else
        pthread_cond_signal(&GYRE_OWNER(w, struct thread_waiter, base)->told);
}

static void grant_all(struct gyre_list *list, int result,
                      struct gyre_list *told)
{
    for (struct waiter *w = first(list); w != NULL; w = first(list))
        grant(w, result, told);
}

/* On the loop's thread: the task goes on. */
static void arrive(struct gyre_post *p)
{
    struct task_waiter *w = GYRE_OWNER(p, struct task_waiter, post);

    gyre_wait_wake(&w->wait, w->base.result);
}

/* Once posted, the waiter may be gone at any moment, and his loop with him; the
   mailbox must not, before gyre_post is through with it. */
static void tell(struct gyre_list *told)
{
    for (struct waiter *w = first(told); w != NULL; w = first(told)) {
        struct task_waiter *t = GYRE_OWNER(w, struct task_waiter, base);
        struct gyre_mailbox *m = t->mailbox;

        gyre_list_remove(&w->link);
        (void)gyre_post(m, &t->post);
        gyre_mailbox_release(m);
    }
}

/* ---- what can be done at once, under the lock ---- */

/* 0, -EPIPE, or -EAGAIN if it has to wait. */
static int try_put(struct gyre_channel *c, void *item, struct gyre_list *told)
{
    struct waiter *taker = first(&c->waiting[TO_TAKE]);

    if (c->closed)
        return -EPIPE;
    if (taker != NULL) {
        gyre_items_copy(&c->items, taker->item, item);
        grant(taker, 0, told);
        return 0;
    }
    if (gyre_items_full(&c->items))
        return -EAGAIN;
    gyre_items_push(&c->items, item);
    return 0;
}

static int try_take(struct gyre_channel *c, void *item, struct gyre_list *told)
{
    struct waiter *putter = first(&c->waiting[TO_PUT]);

    if (c->items.length == 0 && putter == NULL)
        return c->closed ? -EPIPE : -EAGAIN;
    if (c->items.length == 0) {
        gyre_items_copy(&c->items, item, putter->item);
    } else {
        gyre_items_pop(&c->items, item);
        if (putter != NULL)
            gyre_items_push(&c->items, putter->item);
    }
    if (putter != NULL)
        grant(putter, 0, told);
    return 0;
}

/* ---- waiting ---- */

/* He was granted nothing yet, and so may leave; or it is too late. */
static bool leave(struct gyre_wait *w)
{
    struct task_waiter *t = GYRE_OWNER(w, struct task_waiter, wait);
    struct gyre_channel *c = w->on;
    bool granted;

    pthread_mutex_lock(&c->lock);
    granted = t->base.granted;
    if (!granted)
        gyre_list_remove(&t->base.link);
    pthread_mutex_unlock(&c->lock);
    if (!granted)
        gyre_mailbox_release(t->mailbox);
    return !granted;
}

/* With the lock held. */
static void enlist(struct gyre_channel *c, const struct act *act,
                   struct task_waiter *w)
{
    w->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(gyre_loop_current()));
    gyre_list_append(&c->waiting[act->side], &w->base.link);
}

/* Whoever ends this may be another thread, so the loop lives on for it. */
static int park(struct gyre_wait *w, gyre_time deadline)
{
    struct gyre_loop *l = gyre_loop_current();
    int err;

    gyre_loop_hold(l);
    err = (int)gyre_wait_park(w, deadline);
    gyre_loop_release(l);
    return err;
}

/* After the checkpoint. */
static GYRE_NOT_INLINED int do_or_park(struct gyre_channel *c,
                                       const struct act *act, void *item,
                                       gyre_time deadline)
{
    struct task_waiter w = {
        .base = {.item = item, .is_task = true},
        .wait = {.kind = &act->waits, .on = c},
        .post.run = arrive,
    };
    struct gyre_list told;
    int err;

    gyre_list_init(&told);
    pthread_mutex_lock(&c->lock);
    err = act->attempt(c, item, &told);
    if (err == -EAGAIN && deadline != GYRE_NOW)
        enlist(c, act, &w);
    pthread_mutex_unlock(&c->lock);
    tell(&told);
    if (err != -EAGAIN)
        return err;
    return deadline != GYRE_NOW ? park(&w.wait, deadline) : -ETIMEDOUT;
}

/* With the lock held, but while it waits. */
static int block(struct gyre_channel *c, const struct act *act, void *item)
{
    struct thread_waiter w = {.base.item = item};

    pthread_cond_init(&w.told, NULL);
    gyre_list_append(&c->waiting[act->side], &w.base.link);
    while (!w.base.granted)
        pthread_cond_wait(&w.told, &c->lock);
    pthread_cond_destroy(&w.told);
    return w.base.result;
}

static int do_or_block(struct gyre_channel *c, const struct act *act,
                       void *item)
{
    struct gyre_list told;
    int err;

    assert(gyre_running == NULL); /* or the loop would stand still */
    gyre_list_init(&told);
    pthread_mutex_lock(&c->lock);
    err = act->attempt(c, item, &told);
    if (err == -EAGAIN)
        err = block(c, act, item);
    pthread_mutex_unlock(&c->lock);
    tell(&told);
    return err;
}

static const struct act putting = {
    .side = TO_PUT,
    .attempt = try_put,
    .waits = {.name = "to put into a channel", .abandon = leave},
};

static const struct act taking = {
    .side = TO_TAKE,
    .attempt = try_take,
    .waits = {.name = "to take from a channel", .abandon = leave},
};

/* What is put is only read; but the two ways are one. */
static void *unconst(const void *item)
{
    return (void *)(uintptr_t)item;
}

int gyre_channel_put(struct gyre_channel *c, const void *item,
                     gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : do_or_park(c, &putting, unconst(item), deadline);
}

int gyre_channel_take(struct gyre_channel *c, void *item, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : do_or_park(c, &taking, item, deadline);
}

int gyre_channel_put_blocking(struct gyre_channel *c, const void *item)
{
    return do_or_block(c, &putting, unconst(item));
}

int gyre_channel_take_blocking(struct gyre_channel *c, void *item)
{
    return do_or_block(c, &taking, item);
}

/* ---- the end of it ---- */

void gyre_channel_close(struct gyre_channel *c)
{
    struct gyre_list told;

    gyre_list_init(&told);
    pthread_mutex_lock(&c->lock);
    c->closed = true;
    grant_all(&c->waiting[TO_PUT], -EPIPE, &told);
    grant_all(&c->waiting[TO_TAKE], -EPIPE, &told);
    pthread_mutex_unlock(&c->lock);
    tell(&told);
}

/* What is left is ours, where it is: nobody will put anything there, and
   `release` may look at the channel. */
void gyre_channel_close_now(struct gyre_channel *c, void (*release)(void *item))
{
    struct gyre_items left;

    gyre_channel_close(c);
    pthread_mutex_lock(&c->lock);
    left = c->items;
    c->items.length = 0;
    pthread_mutex_unlock(&c->lock);
    (void)gyre_items_clear(&left, release);
}

/* ---- looking ---- */

bool gyre_channel_closed(struct gyre_channel *c)
{
    bool closed;

    pthread_mutex_lock(&c->lock);
    closed = c->closed;
    pthread_mutex_unlock(&c->lock);
    return closed;
}

size_t gyre_channel_length(struct gyre_channel *c)
{
    size_t n;

    pthread_mutex_lock(&c->lock);
    n = c->items.length;
    pthread_mutex_unlock(&c->lock);
    return n;
}

static size_t count(struct gyre_channel *c, int side)
{
    struct gyre_list *all = &c->waiting[side];
    size_t n = 0;

    pthread_mutex_lock(&c->lock);
    for (struct gyre_list *i = all->next; i != all; i = i->next)
        n++;
    pthread_mutex_unlock(&c->lock);
    return n;
}

size_t gyre_channel_putting(struct gyre_channel *c)
{
    return count(c, TO_PUT);
}

size_t gyre_channel_taking(struct gyre_channel *c)
{
    return count(c, TO_TAKE);
}

/* ---- making and holding ---- */

int gyre_channel_new(struct gyre_channel **out, size_t size, size_t capacity)
{
    struct gyre_channel *c;

    if (size > 0 && capacity > (SIZE_MAX - sizeof *c) / size)
        return -ENOMEM;
    c = calloc(1, sizeof *c + size * capacity);
    if (c == NULL)
        return -ENOMEM;
    atomic_init(&c->holders, 1);
    pthread_mutex_init(&c->lock, NULL);
    c->items = (struct gyre_items){
        .room = c->room, .size = size, .capacity = capacity};
    gyre_list_init(&c->waiting[TO_PUT]);
    gyre_list_init(&c->waiting[TO_TAKE]);
    *out = c;
    return 0;
}

struct gyre_channel *gyre_channel_hold(struct gyre_channel *c)
{
    atomic_fetch_add_explicit(&c->holders, 1, memory_order_relaxed);
    return c;
}

void gyre_channel_release(struct gyre_channel *c)
{
    if (atomic_fetch_sub_explicit(&c->holders, 1, memory_order_acq_rel) != 1)
        return;
    assert(gyre_list_empty(&c->waiting[TO_PUT]));
    assert(gyre_list_empty(&c->waiting[TO_TAKE]));
    pthread_mutex_destroy(&c->lock);
    free(c);
}
