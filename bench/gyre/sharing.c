/*
 * sharing free OPS            one task locks and unlocks, alone
 * sharing handed OPS TASKS    that many do, and give way while they hold it
 * sharing queue OPS ROOM      items from one to another, by a queue with room
 *                             for so many, the one that is being taken too
 * sharing select OPS          items of two, taken from whichever has one
 */
#include <string.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "task/sync/mutex.h"
#include "task/sync/queue.h"
#include "task/sync/select.h"
#include "task/task.h"
#include "bench/bench.h"

enum { ROOM = 1024 };

struct plan {
    const char *what;
    uint64_t ops, n;
    struct gyre_mutex mutex;
    struct gyre_queue one, two;
};

/* ---- a mutex ---- */

static intptr_t lock(void *arg)
{
    struct plan *plan = arg;
    int err = 0;

    for (uint64_t i = 0; i < plan->ops && err == 0; i++) {
        err = gyre_mutex_lock(&plan->mutex, GYRE_FOREVER);
        if (err == 0)
            gyre_mutex_unlock(&plan->mutex);
    }
    return err;
}

static intptr_t hold(void *arg)
{
    struct plan *plan = arg;
    int err = 0;

    for (uint64_t i = 0; i < plan->ops / plan->n && err == 0; i++) {
        err = gyre_mutex_lock(&plan->mutex, GYRE_FOREVER);
        if (err)
            return err;
        err = gyre_yield();
        gyre_mutex_unlock(&plan->mutex);
    }
    return err;
}

/* ---- queues ---- */

static int put(struct gyre_queue *q, uint64_t n)
{
    int err = 0;

    for (uint64_t i = 0; i < n && err == 0; i++)
        err = gyre_queue_put(q, &i, GYRE_FOREVER);
    return err;
}

static intptr_t send_all(void *arg)
{
    struct plan *plan = arg;

    return put(&plan->one, plan->ops);
}

static intptr_t send_half(void *arg)
{
    struct plan *plan = arg;

    return put(&plan->one, plan->ops / 2);
}

static intptr_t send_the_other_half(void *arg)
{
    struct plan *plan = arg;

    return put(&plan->two, plan->ops / 2);
}

static intptr_t take(void *arg)
{
    struct plan *plan = arg;
    uint64_t item;
    int err = 0;

    for (uint64_t i = 0; i < plan->ops && err == 0; i++)
        err = gyre_queue_take(&plan->one, &item, GYRE_FOREVER);
    return err;
}

static intptr_t choose(void *arg)
{
    struct plan *plan = arg;
    int chosen = 0;

    for (uint64_t i = 0; i < plan->ops / 2 * 2 && chosen >= 0; i++) {
        uint64_t item;
        struct gyre_case cases[] = {gyre_case_take(&plan->one, &item),
                                    gyre_case_take(&plan->two, &item)};

        chosen = gyre_select(cases, 2, GYRE_FOREVER);
    }
    return chosen < 0 ? chosen : 0;
}

/* ---- all of them ---- */

static void spawn(struct gyre_scope *s, struct plan *plan)
{
    if (strcmp(plan->what, "free") == 0) {
        gyre_spawn(s, NULL, lock, plan);
    } else if (strcmp(plan->what, "handed") == 0) {
        for (uint64_t i = 0; i < plan->n; i++)
            gyre_spawn(s, NULL, hold, plan);
    } else if (strcmp(plan->what, "queue") == 0) {
        gyre_spawn(s, NULL, send_all, plan);
        gyre_spawn(s, NULL, take, plan);
    } else {
        gyre_spawn(s, NULL, send_half, plan);
        gyre_spawn(s, NULL, send_the_other_half, plan);
        gyre_spawn(s, NULL, choose, plan);
    }
}

static intptr_t measure(void *arg)
{
    struct plan *plan = arg;
    struct gyre_scope scope;
    struct bench b;
    intptr_t r;

    bench_start(&b);
    gyre_scope_open(&scope, GYRE_FOREVER);
    spawn(&scope, plan);
    r = gyre_scope_close(&scope, 0);
    bench_stop(&b);
    bench_print(&b, plan->ops);
    return r;
}

int main(int argc, char **argv)
{
    static uint64_t room[ROOM];
    struct plan plan = {.what = argc > 1 ? argv[1] : "",
                        .ops = bench_number(argc, argv, 2),
                        .n = argc > 3 ? bench_number(argc, argv, 3) : 1};

    bench_require(plan.n <= ROOM, "so much room");
    plan.one.items = plan.two.items =
        (struct gyre_items){.room = room, .size = sizeof room[0]};
    if (strcmp(plan.what, "queue") == 0)
        plan.one.items.capacity = plan.n - 1;
    return gyre_run(measure, &plan) != 0;
}
