/*
 * test_posting.c - the claims of mailbox.h that take several threads.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/loop/stage.h"

TestSuite(posting, .init = open_real, .fini = close_stage);

enum { SENDERS = 4, POSTS = 50000, LIVES = 20, POSTS_IN_A_LIFE = 5000 };

struct letter {
    struct gyre_post post;
    struct sender *sender;
    int number; /* in the order of sending; written unlocked */
};

struct sender {
    pthread_t thread;
    struct gyre_mailbox *to;
    struct letter *letters;
    int posts; /* to send */
    int accepted;
    int arrived;
    bool disorder;
};

static struct sender senders[SENDERS];
static int awaited; /* letters, until the loop is let go */

static void arrive(struct gyre_post *p)
{
    struct letter *l = GYRE_OWNER(p, struct letter, post);

    if (l->number != l->sender->arrived)
        l->sender->disorder = true;
    l->sender->arrived++;
    if (--awaited == 0)
        gyre_loop_release(loop);
}

/* Send all, or until it is refused. */
static void *send_all(void *arg)
{
    struct sender *s = arg;

    for (int i = 0; i < s->posts; i++) {
        struct letter *l = &s->letters[i];

        l->post.run = arrive;
        l->sender = s;
        l->number = i;
        if (gyre_post(s->to, &l->post) != 0)
            break;
        s->accepted++;
    }
    gyre_mailbox_release(s->to);
    return NULL;
}

static void start_senders(int posts)
{
    for (int i = 0; i < SENDERS; i++) {
        struct sender *s = &senders[i];

        *s = (struct sender){.posts = posts};
        s->letters = calloc((size_t)posts, sizeof *s->letters);
        cr_assert_neq(s->letters, NULL);
        s->to = gyre_mailbox_hold(gyre_loop_mailbox(loop));
        pthread_create(&s->thread, NULL, send_all, s);
    }
}

/* Each accepted letter must have arrived, once and in its order. */
static void join_senders(void)
{
    for (int i = 0; i < SENDERS; i++) {
        pthread_join(senders[i].thread, NULL);
        cr_expect_eq(senders[i].arrived, senders[i].accepted);
        cr_expect(!senders[i].disorder);
        free(senders[i].letters);
    }
}

Test(posting, each_post_of_each_sender_arrives_once_and_in_order)
{
    awaited = SENDERS * POSTS;
    gyre_loop_hold(loop);
    start_senders(POSTS);
    cr_expect_eq(gyre_loop_run(loop), 0);
    join_senders();
    cr_expect_eq(awaited, 0);
    cr_expect_eq(gyre_loop_stats(loop).posts, SENDERS * POSTS);
}

/* The senders outlive the loop, and some the mailbox's other holders. */
Test(posting, while_a_loop_is_freed_posts_are_delivered_or_refused)
{
    for (int i = 0; i < LIVES; i++) {
        awaited = -1;
        start_senders(POSTS_IN_A_LIFE);
        for (int k = 0; k < i % 4; k++)
            cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
        gyre_loop_free(loop);
        join_senders();
        open_real();
    }
}

/* Who waits for a loop that may fall asleep at any point is always answered. */
static atomic_int rounds;

static void *play_ball(void *m)
{
    for (int i = 0; i < 2000; i++) {
        while (atomic_load(&rounds) != i)
            sched_yield();
        if (gyre_post(m, &a.post) != 0)
            break;
    }
    return NULL;
}

static void hit_back(struct actor *x)
{
    (void)x;
    if (atomic_fetch_add(&rounds, 1) + 1 == 2000)
        gyre_loop_release(loop);
    heard();
}

Test(posting, no_wake_is_ever_lost)
{
    pthread_t thread;

    a.act = hit_back;
    gyre_loop_hold(loop);
    pthread_create(&thread, NULL, play_ball, gyre_loop_mailbox(loop));
    cr_expect_eq(gyre_loop_run(loop), 0);
    pthread_join(thread, NULL);
}

/*
 * Told -EBUSY, a sender may rely on the run to come: it sees what was written
 * before.  The flags are relaxed, so that the posts alone give the order, which
 * ThreadSanitizer then checks.
 */
static struct gyre_post doorbell;
static atomic_bool posted_twice;
static int written, seen, second_result;

static void look(struct gyre_post *p)
{
    (void)p;
    seen = written;
    gyre_loop_release(loop);
}

static void *post_twice(void *m)
{
    gyre_post(m, &doorbell);
    written = 7;
    second_result = gyre_post(m, &doorbell);
    atomic_store_explicit(&posted_twice, true, memory_order_relaxed);
    return NULL;
}

static void wait_for_both(struct actor *x)
{
    (void)x;
    while (!atomic_load_explicit(&posted_twice, memory_order_relaxed))
        sched_yield();
}

Test(posting, a_busy_post_publishes_what_was_written_before)
{
    pthread_t thread;

    doorbell.run = look;
    a.act = wait_for_both;
    gyre_loop_hold(loop);
    start_job(&a);
    pthread_create(&thread, NULL, post_twice, gyre_loop_mailbox(loop));
    cr_expect_eq(gyre_loop_run(loop), 0);
    cr_expect_eq(seen, 7);
    pthread_join(thread, NULL);
    cr_expect_eq(second_result, -EBUSY);
}
