/*
 * mailbox.c - posts: a stack that senders push on, and the loop takes whole.
 *
 * Senders push with one compare-and-swap; the loop takes everything with one
 * exchange and turns it round, which gives each sender's posts in their order.
 *
 * A wake-up is a system call, so it is made only when the loop may be asleep.
 * Before it waits, the loop sets `asleep` and then looks at the stack once
 * more; a sender pushes and then looks at `asleep`.  Both are sequentially
 * consistent, so at least one of the two sees the other.  Outside of a run or a
 * round the loop counts as asleep: whoever embeds it may be waiting on its
 * descriptor.
 *
 * The mailbox owns the poller: a sender that has pushed may still be on its way
 * to `wake` when the loop is freed, and must find a poller there.
 */
#include "loop/mailbox.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "loop/internal.h"

struct gyre_mailbox {
    _Atomic(struct gyre_post *) posts; /* latest first; or `closed` */
    atomic_bool asleep;                /* the loop waits, or may be about to */
    atomic_uint holders;
    struct gyre_poller *poller; /* NULL once it is forgotten */
    unsigned forks;             /* gyre_forks, when it was made */
    struct gyre_post closed;    /* its address marks a closed mailbox */
};

int gyre_mailbox_new(struct gyre_mailbox **out, struct gyre_poller *p)
{
    struct gyre_mailbox *m = calloc(1, sizeof *m);

    if (m == NULL)
        return -ENOMEM;
    atomic_init(&m->posts, NULL);
    atomic_init(&m->asleep, true);
    atomic_init(&m->holders, 1);
    m->poller = p;
    m->forks = gyre_forks;
    *out = m;
    return 0;
}

struct gyre_mailbox *gyre_loop_mailbox(struct gyre_loop *l)
{
    return l->mailbox;
}

struct gyre_mailbox *gyre_mailbox_hold(struct gyre_mailbox *m)
{
    atomic_fetch_add_explicit(&m->holders, 1, memory_order_relaxed);
    return m;
}

void gyre_mailbox_release(struct gyre_mailbox *m)
{
    if (atomic_fetch_sub_explicit(&m->holders, 1, memory_order_acq_rel) != 1)
        return;
    if (m->poller != NULL)
        m->poller->ops->free(m->poller);
    free(m);
}

/* Note whether `p` waits; return what stood there before.  An atomic type in
   the header would not be C++. */
static bool mark(struct gyre_post *p, bool posted)
{
    return __atomic_exchange_n(&p->posted, posted, __ATOMIC_SEQ_CST);
}

int gyre_post(struct gyre_mailbox *m, struct gyre_post *p)
{
    struct gyre_post *head;

    if (m->forks != gyre_forks)
        return -EPIPE;

    /* The exchange also publishes the sender's writes when it finds the post
       waiting: gyre_posts_run takes the mark down with one of its own. */
    if (mark(p, true))
        return -EBUSY;
    head = atomic_load(&m->posts);
    do {
        if (head == &m->closed) {
            mark(p, false);
            return -EPIPE;
        }
        p->next = head;
    } while (!atomic_compare_exchange_weak(&m->posts, &head, p));

    if (atomic_load(&m->asleep) && atomic_exchange(&m->asleep, false))
        m->poller->ops->wake(m->poller);
    return 0;
}

/* A store would do, and is an exchange on x86-64 anyway.  But there an emulated
   AArch64 lets the load overtake it (QEMU does), and a wake-up is lost. */
bool gyre_mailbox_sleep(struct gyre_mailbox *m)
{
    (void)atomic_exchange(&m->asleep, true);
    return atomic_load(&m->posts) == NULL;
}

void gyre_mailbox_awake(struct gyre_mailbox *m)
{
    atomic_store_explicit(&m->asleep, false, memory_order_relaxed);
}

bool gyre_mailbox_asleep(const struct gyre_mailbox *m)
{
    return atomic_load_explicit(&m->asleep, memory_order_relaxed);
}

/* The stack turned round: in the order of posting. */
static struct gyre_post *in_order(struct gyre_post *p)
{
    struct gyre_post *first = NULL;

    while (p != NULL) {
        struct gyre_post *next = p->next;

        p->next = first;
        first = p;
        p = next;
    }
    return first;
}

static void note(struct gyre_loop *l, struct gyre_post *p)
{
    l->stats.posts++;
    if (l->probes != NULL)
        gyre_probe_post_runs(l, p);
}

static void run(struct gyre_loop *l, struct gyre_post *p)
{
    while (p != NULL) {
        struct gyre_post *next = p->next;

        p->next = NULL;
        if (!is_for_signals(l, p))
            note(l, p);
        mark(p, false);
        p->run(p);
        p = next;
    }
}

void gyre_posts_run(struct gyre_loop *l)
{
    struct gyre_mailbox *m = l->mailbox;

    if (atomic_load_explicit(&m->posts, memory_order_acquire) != NULL)
        run(l, in_order(atomic_exchange(&m->posts, NULL)));
}

void gyre_mailbox_close(struct gyre_loop *l)
{
    struct gyre_mailbox *m = l->mailbox;

    run(l, in_order(atomic_exchange(&m->posts, &m->closed)));
}

void gyre_mailbox_forget(struct gyre_mailbox *m)
{
    atomic_store(&m->posts, &m->closed);
    m->poller->ops->free(m->poller);
    m->poller = NULL;
}
