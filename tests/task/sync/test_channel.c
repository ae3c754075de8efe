/*
 * test_channel.c - the claims of channel.h; every order of events on one loop
 * is in test_channel_model.c.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#include "loop/job.h"
#include "task/scope.h"
#include "task/sync/channel.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

static struct gyre_channel *ints(size_t capacity)
{
    struct gyre_channel *c = NULL;

    cr_assert_eq(gyre_channel_new(&c, sizeof(int), capacity), 0);
    return c;
}

/* ---- making ---- */

static int make(void)
{
    struct gyre_channel *c;
    int err = gyre_channel_new(&c, 3, 5);

    if (err == 0)
        gyre_channel_release(c);
    return err;
}

Test(channel, is_made_or_is_not)
{
    struct gyre_channel *c;

    cr_expect_eq(faults_in_memory(make), 1);
    cr_expect_eq(gyre_channel_new(&c, SIZE_MAX / 2, 3), -ENOMEM);
    cr_expect_eq(gyre_channel_new(&c, 16, SIZE_MAX / 16), -ENOMEM);
}

Test(channel, lives_until_the_last_holder_lets_go)
{
    long blocks = faults_blocks();
    struct gyre_channel *c = ints(1);

    cr_expect_eq(gyre_channel_hold(c), c);
    gyre_channel_release(c);
    cr_expect_eq(gyre_channel_put(c, &(int){1}, GYRE_NOW), 0);
    gyre_channel_release(c);
    cr_expect_eq(faults_blocks(), blocks);
}

/* ---- without waiting ---- */

Test(channel, gives_items_in_order_to_whoever_does_not_wait)
{
    struct gyre_channel *c = ints(3);
    int in = 0, out = 0, item;

    for (int round = 0; round < 50; round++) {
        while (gyre_channel_put(c, &in, GYRE_NOW) == 0)
            in++;
        cr_expect_eq(gyre_channel_length(c), 3);
        for (int i = 0; i < 1 + round % 3; i++, out++) {
            cr_expect_eq(gyre_channel_take(c, &item, GYRE_NOW), 0);
            cr_expect_eq(item, out);
        }
    }
    cr_expect_eq(gyre_channel_put(c, &in, GYRE_NOW), 0);
    gyre_channel_close(c);
    cr_expect_eq(gyre_channel_put_blocking(c, &in), -EPIPE);
    while (gyre_channel_take_blocking(c, &item) == 0)
        cr_expect_eq(item, out++);
    cr_expect_eq(gyre_channel_take(c, &item, GYRE_NOW), -EPIPE);
    gyre_channel_release(c);
}

static int released;

static void release(void *item)
{
    released = released * 10 + *(int *)item;
}

Test(channel, closed_now_hands_each_item_to_be_released)
{
    struct gyre_channel *c = ints(3);

    for (int i = 1; i <= 3; i++)
        cr_expect_eq(gyre_channel_put(c, &i, GYRE_NOW), 0);
    gyre_channel_close_now(c, release);
    cr_expect_eq(released, 123);
    cr_expect_eq(gyre_channel_length(c), 0);
    gyre_channel_close_now(c, release);
    cr_expect_eq(released, 123);
    gyre_channel_release(c);
}

static intptr_t wait_to_take(void *channel)
{
    int item;

    return gyre_channel_take(channel, &item, GYRE_FOREVER);
}

static intptr_t wait_to_put(void *channel)
{
    return gyre_channel_put(channel, &(int){1}, GYRE_FOREVER);
}

CLAIM(channel, tells_who_waits)
{
    struct gyre_channel *c = ints(0);
    struct gyre_scope s;

    for (int i = 0; i < 2; i++) {
        gyre_scope_open_tolerant(&s, GYRE_FOREVER);
        for (int n = 0; n < 3; n++)
            gyre_spawn(&s, NULL, i == 0 ? wait_to_take : wait_to_put, c);
        let_others_run();
        cr_expect_eq(gyre_channel_taking(c), i == 0 ? 3 : 0);
        cr_expect_eq(gyre_channel_putting(c), i == 0 ? 0 : 3);
        gyre_scope_cancel(&s);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        cr_expect_eq(gyre_channel_taking(c) + gyre_channel_putting(c), 0);
    }
    cr_expect_not(gyre_channel_closed(c));
    gyre_channel_close(c);
    cr_expect(gyre_channel_closed(c));
    gyre_channel_release(c);
}

#ifndef NDEBUG

static void block_in_callback(struct gyre_job *j)
{
    struct gyre_channel *c = ints(0);

    (void)j;
    (void)gyre_channel_take_blocking(c, &(int){0});
}

static void have_callback_block(void)
{
    struct gyre_job j = {.run = block_in_callback};

    gyre_job_start(world->loop, &j);
    let_others_run();
}

Test(channel, does_not_block_a_loop, .signal = SIGABRT)
{
    hold_in_task(have_callback_block);
}

#endif

CLAIM(channel, is_a_cancel_point_even_when_there_is_no_need_to_wait)
{
    struct gyre_channel *c = ints(2);
    struct gyre_scope s;
    int item = 1;

    cr_expect_eq(gyre_channel_put(c, &item, GYRE_FOREVER), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_channel_put(c, &item, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_channel_take(c, &item, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_channel_length(c), 1);
    gyre_channel_release(c);
}

/* ---- between loops ---- */

enum { PRODUCERS = 3, CONSUMERS = 3, EACH = 300 };

/* What all of them share. */
struct market {
    struct gyre_channel *channel;
    pthread_mutex_t lock;
    int latest[CONSUMERS][PRODUCERS]; /* each consumer has seen of each */
    int seen[PRODUCERS][EACH];
    bool disorder;
};

/* A loop, or a thread without one, and what is done in it. */
struct party {
    struct market *market;
    int number;
    bool blocking; /* no loop */
    bool fickle;   /* gives up and tries again, all the time */
    pthread_t thread;
};

static void see(struct party *p, int item)
{
    struct market *m = p->market;
    int from = item / EACH, n = item % EACH;

    pthread_mutex_lock(&m->lock);
    m->seen[from][n]++;
    m->disorder |= m->latest[p->number][from] > n;
    m->latest[p->number][from] = n;
    pthread_mutex_unlock(&m->lock);
}

/* Give up after next to no time: by a deadline, or by a limit around. */
static int fickly(struct party *p, bool puts, int *item, int i)
{
    struct gyre_channel *c = p->market->channel;
    gyre_time soon = gyre_in(i % 3 * 10 * GYRE_MICROSECOND);
    struct gyre_scope s;
    int err, closed;

    gyre_scope_open(&s, i % 2 ? soon : GYRE_FOREVER);
    soon = i % 2 ? GYRE_FOREVER : soon;
    err = puts ? gyre_channel_put(c, item, soon)
               : gyre_channel_take(c, item, soon);
    closed = (int)gyre_scope_close(&s, 0);
    must(closed == 0 || err == -ECANCELED || err == 0);
    return err;
}

static int act(struct party *p, bool puts, int *item, int i)
{
    struct gyre_channel *c = p->market->channel;
    int err;

    if (p->blocking)
        return puts ? gyre_channel_put_blocking(c, item)
                    : gyre_channel_take_blocking(c, item);
    if (!p->fickle)
        return puts ? gyre_channel_put(c, item, GYRE_FOREVER)
                    : gyre_channel_take(c, item, GYRE_FOREVER);
    do
        err = fickly(p, puts, item, i++);
    while (err == -ETIMEDOUT || err == -ECANCELED);
    return err;
}

static intptr_t produce(void *arg)
{
    struct party *p = arg;

    for (int i = 0; i < EACH; i++) {
        int item = p->number * EACH + i;

        must(act(p, true, &item, i) == 0);
    }
    return 0;
}

static intptr_t consume(void *arg)
{
    struct party *p = arg;
    int item, err;

    for (int i = 0; (err = act(p, false, &item, i)) == 0; i++)
        see(p, item);
    must(err == -EPIPE);
    return 0;
}

static void *run_producer(void *arg)
{
    struct party *p = arg;

    must((p->blocking ? produce(p) : gyre_run(produce, p)) == 0);
    return NULL;
}

static void *run_consumer(void *arg)
{
    struct party *p = arg;

    must((p->blocking ? consume(p) : gyre_run(consume, p)) == 0);
    return NULL;
}

/* Bit 0 of `kinds`: the first producer and the last consumer have no loop; bit
   1: the others are fickle. */
static void hold_market(struct market *m, int kinds)
{
    struct party producers[PRODUCERS], consumers[CONSUMERS];

    for (int i = 0; i < CONSUMERS; i++) {
        consumers[i] =
            (struct party){m, i, kinds & 1 && i == CONSUMERS - 1, kinds & 2, 0};
        cr_assert_eq(pthread_create(&consumers[i].thread, NULL, run_consumer,
                                    &consumers[i]),
                     0);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct party){m, i, kinds & 1 && i == 0, kinds & 2, 0};
        cr_assert_eq(pthread_create(&producers[i].thread, NULL, run_producer,
                                    &producers[i]),
                     0);
    }
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i].thread, NULL);
    gyre_channel_close(m->channel);
    for (int i = 0; i < CONSUMERS; i++)
        pthread_join(consumers[i].thread, NULL);
}

static void hold_market_of(size_t capacity, int kinds)
{
    struct market m = {.channel = ints(capacity),
                       .lock = PTHREAD_MUTEX_INITIALIZER};

    hold_market(&m, kinds);
    for (int i = 0; i < PRODUCERS * EACH; i++)
        must(m.seen[i / EACH][i % EACH] == 1);
    must(!m.disorder);
    must(gyre_channel_length(m.channel) == 0);
    gyre_channel_release(m.channel);
}

Test(channel, loses_and_doubles_nothing_between_loops_and_threads)
{
    static const size_t capacities[] = {0, 1, 7};
    long blocks = faults_blocks();

    for (int kinds = 0; kinds < 4; kinds++) {
        for (int i = 0; i < 3; i++)
            hold_market_of(capacities[i], kinds);
    }
    cr_expect_eq(faults_blocks(), blocks);
}

/* ---- who waits ---- */

static void *put_one(void *channel)
{
    return (void *)(intptr_t)gyre_channel_put(channel, &(int){7}, GYRE_NOW);
}

static intptr_t take_one(void *channel)
{
    int item = 0;
    int err = gyre_channel_take(channel, &item, GYRE_FOREVER);

    return err ? err : item;
}

static void *run_take_one(void *channel)
{
    return (void *)gyre_run(take_one, channel);
}

/* Nothing else keeps the loop alive; and it may be freed while whoever has put
   the item is still on his way out. */
Test(channel, keeps_the_loop_of_who_waits_alive_until_he_is_told)
{
    struct gyre_channel *c = ints(1);
    long blocks = faults_blocks();

    for (int i = 0; i < 300; i++) {
        pthread_t taker, putter;
        void *got, *err;

        cr_assert_eq(pthread_create(&taker, NULL, run_take_one, c), 0);
        cr_assert_eq(pthread_create(&putter, NULL, put_one, c), 0);
        pthread_join(putter, &err);
        pthread_join(taker, &got);
        must((intptr_t)err == 0 && (intptr_t)got == 7);
    }
    cr_expect_eq(faults_blocks(), blocks, "the mailboxes are let go");
    gyre_channel_release(c);
}

static void *block_for_one(void *channel)
{
    int item = 0;
    int err = gyre_channel_take_blocking(channel, &item);

    return (void *)(intptr_t)(err ? err : item);
}

Test(channel, closed_sends_home_whoever_waits_on_whatever_loop)
{
    struct gyre_channel *c = ints(1);
    pthread_t threads[4];
    void *got;

    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL,
                                    i % 2 ? block_for_one : run_take_one, c),
                     0);
    gyre_channel_close(c);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &got);
        cr_expect_eq((intptr_t)got, -EPIPE);
    }
    gyre_channel_release(c);
}

/* Who is told of the grant finds the deadline passed, and the scope cancelled:
   on one loop, so that it is certain. */
CLAIM(channel, item_that_was_granted_is_not_lost_when_the_task_is_cancelled,
      .init = in_order)
{
    struct gyre_channel *c = ints(1);
    struct gyre_future first, second;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &first, take_one, c);
    gyre_spawn(&s, &second, take_one, c);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_channel_put(c, &(int){7}, GYRE_NOW), 0);
    gyre_future_cancel(&first);
    cr_expect_eq(gyre_channel_put(c, &(int){8}, GYRE_NOW), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&first), 7);
    cr_expect_eq(gyre_future_result(&second), 8);
    gyre_channel_release(c);
}

/* ---- callbacks ---- */

struct callback {
    struct gyre_job job;
    struct gyre_channel *channel;
};

static void double_it(struct gyre_job *j)
{
    struct gyre_channel *c = GYRE_OWNER(j, struct callback, job)->channel;
    int item;

    cr_expect_eq(gyre_channel_take(c, &item, GYRE_NOW), 0);
    item *= 2;
    cr_expect_eq(gyre_channel_put(c, &item, GYRE_NOW), 0);
    cr_expect_eq(gyre_channel_put(c, &item, GYRE_NOW), -ETIMEDOUT);
}

CLAIM(channel, is_for_callbacks_too_if_they_do_not_wait)
{
    struct callback c = {{double_it}, ints(1)};

    cr_expect_eq(gyre_channel_put(c.channel, &(int){4}, GYRE_NOW), 0);
    gyre_job_start(world->loop, &c.job);
    let_others_run();
    cr_expect_eq(take_one(c.channel), 8);
    gyre_channel_release(c.channel);
}
