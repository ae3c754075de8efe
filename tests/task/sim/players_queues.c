/*
 * players_queues.c - those who hand on what they have.
 *
 * What was put in is taken out, or dropped with a word, or still there.
 */
#include "tests/task/sim/players.h"

#include <errno.h>
#include <string.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/sync/channel.h"
#include "task/sync/queue.h"
#include "task/sync/select.h"

enum { ROOM = 3, KINDS = 4, FEW = 3 };

/* In order of coming, the latest first, the least first, and hand to hand. */
static struct {
    struct gyre_queue queue[KINDS];
    int room[KINDS][ROOM];
    int put, taken; /* sums of items */
} shop;

static int put_into(struct gyre_queue *q)
{
    int item = 1 + any_of(9);
    int err = gyre_queue_put(q, &item, SOON);

    shop.put += err == 0 ? item : 0;
    return err;
}

static int take_from(struct gyre_queue *q)
{
    int item;
    int err = gyre_queue_take(q, &item, SOON);

    shop.taken += err == 0 ? item : 0;
    return err;
}

static int put_first(void)
{
    return put_into(&shop.queue[0]);
}

static int take_first(void)
{
    return take_from(&shop.queue[0]);
}

static int put_latest(void)
{
    return put_into(&shop.queue[1]);
}

static int take_latest(void)
{
    return take_from(&shop.queue[1]);
}

static int put_least(void)
{
    return put_into(&shop.queue[2]);
}

static int take_least(void)
{
    return take_from(&shop.queue[2]);
}

static int put_into_a_hand(void)
{
    return put_into(&shop.queue[3]);
}

static int take_from_a_hand(void)
{
    return take_from(&shop.queue[3]);
}

/* An item that is taken, or one that is put into another queue, or a future,
   whichever comes first. */
static int select_one(void)
{
    struct gyre_future f;
    struct gyre_case cases[3];
    struct gyre_scope s;
    int taken, put = 1 + any_of(9), n;

    gyre_scope_open(&s, SOON);
    gyre_spawn(&s, &f, sleep_a_while, NULL);
    cases[0] = gyre_case_take(&shop.queue[0], &taken);
    cases[1] = gyre_case_put(&shop.queue[3], &put);
    cases[2] = gyre_case_future(&f);
    n = gyre_select(cases, 3, SOON);
    if (n == 0 && cases[0].result == 0)
        shop.taken += taken;
    if (n == 1 && cases[1].result == 0)
        shop.put += put;
    gyre_scope_cancel(&s);
    return (int)gyre_scope_close(&s, n < 0 ? n : 0);
}

/* ---- a queue that is closed ---- */

static void drop(void *item)
{
    shop.taken += *(int *)item;
}

/* A worker, until there is nothing more to come. */
static intptr_t work(void *queue)
{
    int item, err;

    while ((err = gyre_queue_take(queue, &item, SOON)) == 0) {
        shop.taken += item;
        err = gyre_sleep(a_while());
        gyre_queue_done(queue);
        if (err)
            break;
    }
    return 0;
}

static int put_few(struct gyre_queue *q)
{
    int err = 0;

    for (int i = 0; i < FEW && err == 0; i++)
        err = put_into(q);
    return err;
}

/* Work is handed out and waited for; or, in the end, called off. */
static int hand_out_and_join(void)
{
    int room[2], err;
    struct gyre_queue q = {
        .items = {.room = room, .size = sizeof room[0], .capacity = 2}};
    struct gyre_future done[2];
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    for (int i = 0; i < 2; i++)
        gyre_spawn(&s, &done[i], work, &q);
    err = put_few(&q);
    if (err == 0)
        err = gyre_queue_join(&q, SOON);
    want(err != 0 || gyre_queue_length(&q) == 0);
    if (err)
        gyre_queue_close_now(&q, drop);
    else
        gyre_queue_close(&q);
    return (int)gyre_scope_close(&s, err);
}

/* ---- a channel ---- */

/* While somebody waits in a channel no time passes.  So who is at one end does
   not sleep, and closes it when he goes, whatever has become of him. */
static intptr_t send_few(void *channel)
{
    int err = 0;

    for (int i = 0; i < FEW && err == 0; i++) {
        int item = 1 + any_of(9);

        err = gyre_channel_put(channel, &item, SOON);
        shop.put += err == 0 ? item : 0;
        if (err == 0)
            err = gyre_yield();
    }
    gyre_channel_close(channel);
    return 0;
}

static intptr_t receive_all(void *channel)
{
    int item;

    while (gyre_channel_take(channel, &item, SOON) == 0)
        shop.taken += item;
    gyre_channel_close_now(channel, drop);
    return 0;
}

static int send_and_receive(void)
{
    struct gyre_channel *c;
    struct gyre_future done[2];
    struct gyre_scope s;
    int err = gyre_channel_new(&c, sizeof(int), (size_t)any_of(2));

    if (err)
        return err;
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done[0], send_few, c);
    gyre_spawn(&s, &done[1], receive_all, c);
    err = (int)gyre_scope_close(&s, 0);
    want(gyre_channel_putting(c) + gyre_channel_taking(c) == 0);
    want(gyre_channel_length(c) == 0);
    gyre_channel_release(c);
    return err;
}

/* ---- the family ---- */

static int (*const players[])(void) = {
    put_first,  take_first,        put_latest,       take_latest, put_least,
    take_least, put_into_a_hand,   take_from_a_hand, select_one,  put_first,
    put_latest, hand_out_and_join, send_and_receive};

static bool is_less(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

static void open_shop(void)
{
    memset(&shop, 0, sizeof shop);
    for (int i = 0; i < KINDS; i++)
        shop.queue[i].items =
            (struct gyre_items){.room = shop.room[i],
                                .size = sizeof shop.room[i][0],
                                .capacity = ROOM};
    shop.queue[1].items.lifo = true;
    shop.queue[2].items.before = is_less;
    shop.queue[3].items.capacity = 0;
}

static void balance(void)
{
    for (int i = 0; i < KINDS; i++) {
        want(gyre_queue_putting(&shop.queue[i]) == 0);
        want(gyre_queue_taking(&shop.queue[i]) == 0);
        gyre_queue_close_now(&shop.queue[i], drop);
    }
    want(shop.put == shop.taken);
}

const struct family queues_family = {players, sizeof players / sizeof *players,
                                     open_shop, balance};
