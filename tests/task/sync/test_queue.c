/*
 * test_queue.c - the claims of queue.h; every order of events is in
 * test_queue_model.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/job.h"
#include "task/internal.h"
#include "task/scope.h"
#include "task/sync/queue.h"
#include "task/task.h"
#include "tests/task/world.h"

/* A queue of ints, with room for the largest of these tests. */
struct ints {
    struct gyre_queue queue;
    int room[100];
};

static struct gyre_queue *ints(struct ints *q, size_t capacity)
{
    q->queue = (struct gyre_queue){.items = {.room = q->room,
                                             .size = sizeof q->room[0],
                                             .capacity = capacity}};
    return &q->queue;
}

/* One call on a queue, by a task, and what came of it. */
struct call {
    struct gyre_queue *queue;
    char name;
    int item;
    int result;
    struct gyre_future done;
};

static intptr_t put(void *arg)
{
    struct call *c = arg;

    c->result = gyre_queue_put(c->queue, &c->item, GYRE_FOREVER);
    note(c->result ? '!' : c->name);
    return 0;
}

static intptr_t take(void *arg)
{
    struct call *c = arg;

    c->result = gyre_queue_take(c->queue, &c->item, GYRE_FOREVER);
    note(c->result ? '!' : c->name);
    return 0;
}

/* ---- order ---- */

CLAIM(queue, gives_items_in_order_of_coming_however_often_it_goes_round)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 3);
    int in = 0, out = 0, item;

    storage.room[3] = -1;
    for (int round = 0; round < 50; round++) {
        while (gyre_queue_put(q, &in, GYRE_NOW) == 0)
            in++;
        cr_expect_eq(gyre_queue_length(q), 3);
        for (int i = 0; i < 1 + round % 3; i++, out++) {
            cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), 0);
            cr_expect_eq(item, out);
        }
    }
    cr_expect_eq(storage.room[3], -1, "it stays in its room");
}

CLAIM(queue, gives_the_latest_first_if_it_is_asked_to)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 3);
    int item;

    q->items.lifo = true;
    for (int i = 1; i <= 3; i++)
        cr_expect_eq(gyre_queue_put(q, &i, GYRE_NOW), 0);
    for (int i = 3; i >= 2; i--) {
        cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), 0);
        cr_expect_eq(item, i);
    }
    item = 7;
    cr_expect_eq(gyre_queue_put(q, &item, GYRE_NOW), 0);
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), 0);
    cr_expect_eq(item, 7);
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), 0);
    cr_expect_eq(item, 1);
}

static bool less(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b;
}

/* Take the next, which is to be the least of those that `inside` counts. */
static bool take_least(struct gyre_queue *q, int inside[50])
{
    int item, least = 0;

    if (gyre_queue_take(q, &item, GYRE_NOW) != 0)
        return false;
    while (least < 50 && inside[least] == 0)
        least++;
    must(item == least);
    inside[item]--;
    return true;
}

CLAIM(queue, gives_what_goes_before_the_others_if_it_can_compare_them)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 100);
    int inside[50] = {0};
    unsigned dice = 1;

    q->items.before = less;
    for (int i = 0; i < 20000; i++) {
        int item;

        dice = dice * 1103515245 + 12345;
        item = (int)(dice >> 16) % 50;
        if (dice >> 30 == 0)
            (void)take_least(q, inside);
        else if (gyre_queue_put(q, &item, GYRE_NOW) == 0)
            inside[item]++;
        while (i % 500 == 499 && take_least(q, inside))
            continue;
    }
    for (int i = 0; i < 50; i++)
        must(inside[i] == 0);
}

struct large {
    char text[100];
};

CLAIM(queue, takes_items_of_any_size)
{
    struct large room[2], item = {"first"}, out;
    struct gyre_queue q = {
        .items = {.room = room, .size = sizeof room[0], .capacity = 2},
    };

    cr_expect_eq(gyre_queue_put(&q, &item, GYRE_NOW), 0);
    strcpy(item.text, "second");
    cr_expect_eq(gyre_queue_put(&q, &item, GYRE_NOW), 0);
    cr_expect_eq(gyre_queue_take(&q, &out, GYRE_NOW), 0);
    cr_expect_str_eq(out.text, "first");
    cr_expect_eq(gyre_queue_take(&q, &out, GYRE_NOW), 0);
    cr_expect_str_eq(out.text, "second");
}

/* ---- waiting ---- */

CLAIM(queue, has_those_wait_who_find_no_room_and_lets_them_in_by_turns)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 1);
    struct call calls[3];
    struct gyre_scope s;
    int item, late = 9;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++) {
        calls[i] = (struct call){q, (char)('a' + i), .item = i};
        gyre_spawn(&s, NULL, put, &calls[i]);
        let_others_run();
    }
    expect_notes("a");
    cr_expect_eq(gyre_queue_putting(q), 2);
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_queue_put(q, &late, GYRE_NOW), -ETIMEDOUT,
                 "nobody is overtaken");
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_FOREVER), 0);
    cr_expect_eq(item, 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes_in_any_order("bc");
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_FOREVER), 0);
    cr_expect_eq(item, 2);
    cr_expect_eq(gyre_queue_length(q), 0);
}

CLAIM(queue, hands_items_to_those_who_wait_in_order_of_arrival)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 5);
    struct call calls[3];
    struct gyre_scope s;
    int item;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++) {
        calls[i] = (struct call){q, (char)('a' + i), 0};
        gyre_spawn(&s, NULL, take, &calls[i]);
        let_others_run();
    }
    cr_expect_eq(gyre_queue_taking(q), 3);
    for (int i = 1; i <= 3; i++)
        cr_expect_eq(gyre_queue_put(q, &i, GYRE_NOW), 0);
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), -ETIMEDOUT,
                 "they are spoken for");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes_in_any_order("abc");
    for (int i = 0; i < 3; i++)
        cr_expect_eq(calls[i].item, i + 1);
}

CLAIM(queue, without_room_is_a_rendezvous)
{
    struct gyre_queue q = {.items.size = sizeof(int)};
    struct call puts[2] = {{&q, 'p', .item = 5}, {&q, 'q', .item = 6}};
    struct call takes = {&q, 't', 0};
    struct gyre_scope s;
    int item = 1;

    cr_expect_eq(gyre_queue_put(&q, &item, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_queue_take(&q, &item, GYRE_NOW), -ETIMEDOUT);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, put, &puts[0]);
    let_others_run();
    gyre_spawn(&s, NULL, put, &puts[1]);
    let_others_run();
    expect_notes("");
    cr_expect_eq(gyre_queue_take(&q, &item, GYRE_NOW), 0);
    cr_expect_eq(item, 5);
    gyre_spawn(&s, NULL, take, &takes);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(takes.item, 6);
    expect_notes_in_any_order("pqt");
    cr_expect_eq(gyre_queue_length(&q), 0);
}

CLAIM(queue, is_a_cancel_point_even_when_there_is_no_need_to_wait)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 1);
    struct gyre_scope s;
    int item = 4;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_queue_put(q, &item, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_queue_length(q), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_queue_put(q, &item, GYRE_NOW), 0);
    cr_expect_eq(gyre_queue_put(q, &item, gyre_in(MS)), -ETIMEDOUT);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_queue_join(q, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_queue_length(q), 1);
}

/* ---- where others lose items ---- */

/*
 * asyncio: a getter that has been woken and is then cancelled, by wait_for()
 * say, leaves with CancelledError, and before 3.12 the item went with it
 * (cpython#86296); or nobody woke the next getter in its place, and a queue
 * with an item in it had tasks waiting for one (bpo-27585, of locks as well).
 */
CLAIM(queue, item_that_was_handed_to_a_task_is_not_lost_when_it_is_cancelled)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 1);
    struct call first = {q, 'a', 0}, second = {q, 'b', 0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &first.done, take, &first);
    let_others_run();
    gyre_spawn(&s, NULL, take, &second);
    let_others_run();
    cr_expect_eq(gyre_queue_put(q, &(int){7}, GYRE_NOW), 0);
    gyre_future_cancel(&first.done);
    cr_expect_eq(gyre_queue_put(q, &(int){8}, GYRE_NOW), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(first.result, 0);
    cr_expect_eq(first.item, 7);
    cr_expect_eq(second.item, 8);
}

/* The same the other way round: who was let in and is cancelled is in, and the
   next in line has not lost his wake-up. */
CLAIM(queue, room_that_was_given_to_a_task_is_not_lost_when_it_is_cancelled)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 1);
    struct call first = {q, 'a', .item = 1}, second = {q, 'b', .item = 2};
    struct gyre_scope s;
    int item = 0;

    cr_expect_eq(gyre_queue_put(q, &item, GYRE_NOW), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &first.done, put, &first);
    let_others_run();
    gyre_spawn(&s, NULL, put, &second);
    let_others_run();
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), 0);
        cr_expect_eq(item, i);
        gyre_future_cancel(&first.done);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(first.result, 0);
    expect_notes_in_any_order("ab");
}

/*
 * tokio: mpsc's send() takes the value before it waits, so a send that select!
 * or a timeout drops takes the value with it (tokio#5947).
 */
CLAIM(queue, item_whose_putting_was_cancelled_is_still_the_callers)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 1);
    struct call c = {q, 'a', .item = 2};
    struct gyre_scope s;
    int item = 1;

    cr_expect_eq(gyre_queue_put(q, &item, GYRE_NOW), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &c.done, put, &c);
    let_others_run();
    gyre_future_cancel(&c.done);
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(c.result, -ECANCELED);
    cr_expect_eq(c.item, 2);
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(item, 1, "an error leaves it alone");
}

/* ---- the end of it ---- */

CLAIM(queue, closed_gives_what_is_in_it_and_takes_no_more)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 2);
    struct call waiting = {q, 'w', .item = 3};
    struct gyre_scope s;
    int item;

    for (int i = 1; i <= 2; i++)
        cr_expect_eq(gyre_queue_put(q, &i, GYRE_NOW), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, put, &waiting);
    let_others_run();
    cr_expect_not(gyre_queue_closed(q));
    gyre_queue_close(q);
    gyre_queue_close(q);
    cr_expect(gyre_queue_closed(q));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(waiting.result, -EPIPE);
    cr_expect_eq(gyre_queue_put(q, &item, GYRE_FOREVER), -EPIPE);
    for (int i = 1; i <= 2; i++) {
        cr_expect_eq(gyre_queue_take(q, &item, GYRE_FOREVER), 0);
        cr_expect_eq(item, i);
    }
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_FOREVER), -EPIPE);
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), -EPIPE);
}

CLAIM(queue, closed_sends_home_who_waits_for_items)
{
    struct gyre_queue q = {.items.size = sizeof(int)};
    struct call calls[2] = {{&q, 'a', 0}, {&q, 'b', 0}};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 2; i++)
        gyre_spawn(&s, NULL, take, &calls[i]);
    let_others_run();
    gyre_queue_close(&q);
    cr_expect_eq(gyre_queue_taking(&q), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(calls[0].result, -EPIPE);
    cr_expect_eq(calls[1].result, -EPIPE);
}

static char *letter(char c)
{
    char *text = malloc(1);

    *text = c;
    return text;
}

/* Frees a letter, and looks whether the queue is as it should be. */
static struct gyre_queue *closing;

static void release(void *item)
{
    char *text;

    cr_expect_eq(gyre_queue_take(closing, &text, GYRE_NOW), -EPIPE);
    note(**(char **)item);
    free(*(char **)item);
}

CLAIM(queue, closed_now_hands_each_item_to_be_released)
{
    char *room[3];
    struct gyre_queue q = {
        .items = {.room = room, .size = sizeof room[0], .capacity = 3},
    };
    char *text;

    closing = &q;
    for (const char *c = "-abc"; *c != '\0'; c++) {
        text = letter(*c);
        cr_expect_eq(gyre_queue_put(&q, &text, GYRE_NOW), 0);
        if (*c != '-')
            continue;
        cr_expect_eq(gyre_queue_take(&q, &text, GYRE_NOW), 0);
        free(text);
        gyre_queue_done(&q);
    }
    gyre_queue_close_now(&q, release);
    expect_notes("abc");
    cr_expect_eq(gyre_queue_length(&q), 0);
    cr_expect_eq(gyre_queue_join(&q, GYRE_NOW), 0, "they count as done");
    gyre_queue_close_now(&q, release);
    expect_notes("");
}

CLAIM(queue, closed_now_forgets_its_items_if_nobody_releases_them)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 2);
    int item = 1;

    cr_expect_eq(gyre_queue_put(q, &item, GYRE_NOW), 0);
    gyre_queue_close(q);
    gyre_queue_close_now(q, NULL);
    cr_expect_eq(gyre_queue_take(q, &item, GYRE_NOW), -EPIPE);
}

/* ---- joining ---- */

static intptr_t work(void *arg)
{
    struct call *c = arg;

    while (gyre_queue_take(c->queue, &c->item, GYRE_FOREVER) == 0) {
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
        gyre_queue_done(c->queue);
    }
    return 0;
}

CLAIM(queue, is_joined_when_all_that_was_put_is_done)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 2);
    struct call worker = {q, 'w', 0};
    struct gyre_scope s;

    cr_expect_eq(gyre_queue_join(q, GYRE_FOREVER), 0, "there is nothing");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, work, &worker);
    for (int i = 0; i < 5; i++)
        cr_expect_eq(gyre_queue_put(q, &i, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_queue_join(q, gyre_in(MS / 2)), -ETIMEDOUT);
    cr_expect_eq(gyre_queue_join(q, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), 5 * MS);
    cr_expect_eq(worker.item, 4);
    gyre_queue_close(q);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* A rendezvous, and who was let in late, count as well. */
CLAIM(queue, counts_what_was_handed_over_as_yet_to_be_done)
{
    struct gyre_queue q = {.items.size = sizeof(int)};
    struct call c = {&q, 'p', .item = 1};
    struct gyre_scope s;
    int item;

    for (int i = 0; i < 2; i++) {
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, i == 0 ? put : take, &c);
        let_others_run();
        if (i == 0)
            cr_expect_eq(gyre_queue_take(&q, &item, GYRE_NOW), 0);
        else
            cr_expect_eq(gyre_queue_put(&q, &item, GYRE_NOW), 0);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        cr_expect_eq(gyre_queue_join(&q, GYRE_NOW), -ETIMEDOUT);
        gyre_queue_done(&q);
        cr_expect_eq(gyre_queue_join(&q, GYRE_NOW), 0);
    }
}

/* ---- what others see of it ---- */

static intptr_t join(void *arg)
{
    return gyre_queue_join(arg, GYRE_FOREVER);
}

static void expect_described(const struct gyre_future *f, const char *what)
{
    const struct gyre_wait *w = f->task->wait;
    char text[64];

    w->kind->describe(w, text, sizeof text);
    cr_expect_str_eq(text, what);
}

CLAIM(queue, tells_how_full_it_is_and_what_is_to_be_done)
{
    struct ints storage;
    struct gyre_queue *q = ints(&storage, 2);
    struct call c = {q, 'p', 0};
    struct gyre_future joined;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_queue_put(q, &i, GYRE_NOW), 0);
    gyre_spawn(&s, &c.done, put, &c);
    gyre_spawn(&s, &joined, join, q);
    let_others_run();
    expect_described(&c.done, "2 of 2 in it");
    expect_described(&joined, "2 unfinished");
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- callbacks ---- */

struct callback {
    struct gyre_job job;
    struct gyre_queue *in, *out;
};

static void pass_on(struct gyre_job *j)
{
    struct callback *c = GYRE_OWNER(j, struct callback, job);
    int item;

    cr_expect_eq(gyre_queue_take(c->in, &item, GYRE_NOW), 0);
    cr_expect_eq(gyre_queue_put(c->out, &item, GYRE_NOW), 0);
    cr_expect_eq(gyre_queue_take(c->in, &item, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_queue_taking(c->in), 0, "nobody is left in line");
}

CLAIM(queue, is_for_callbacks_too_if_they_do_not_wait)
{
    struct ints in, out;
    struct callback c = {{pass_on}, ints(&in, 1), ints(&out, 1)};
    int item = 3;

    cr_expect_eq(gyre_queue_put(c.in, &item, GYRE_NOW), 0);
    gyre_job_start(world->loop, &c.job);
    item = 0;
    cr_expect_eq(gyre_queue_take(c.out, &item, GYRE_FOREVER), 0);
    cr_expect_eq(item, 3);
}
