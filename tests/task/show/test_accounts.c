/*
 * test_accounts.c - the claims of accounts.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loop/timer.h"
#include "task/scope.h"
#include "task/show/accounts.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "tests/task/show/paper.h"
#include "tests/task/world.h"

static struct gyre_accounts books;

/* Be busy for so many nanoseconds. */
static void toil(gyre_time span)
{
    gyre_sim_advance(world->sim, span);
}

static intptr_t toil_twice(void *arg)
{
    gyre_time span = (gyre_time)(intptr_t)arg;

    toil(span);
    if (gyre_yield() != 0)
        return -1;
    toil(2 * span);
    return 0;
}

static void spawn_named(struct gyre_scope *s, const char *name,
                        intptr_t (*fn)(void *arg), void *arg)
{
    struct gyre_spawn_options options = {.name = name};

    cr_expect_eq(gyre_spawn_with(s, NULL, fn, arg, &options), 0);
}

/* A visitor that keeps the account of one task. */
struct clerk {
    struct gyre_account_visitor base;
    uint64_t id;
    struct gyre_task_account account;
};

static void copy(struct gyre_account_visitor *v,
                 const struct gyre_task_info *info,
                 const struct gyre_task_account *account)
{
    struct clerk *c = GYRE_OWNER(v, struct clerk, base);

    if (info->id == c->id)
        c->account = *account;
}

static struct gyre_task_account account_of(uint64_t id)
{
    struct clerk c = {.base.task = copy, .id = id};

    cr_expect_geq(gyre_accounts_walk(&books, &c.base), 1);
    return c.account;
}

static void expect(struct gyre_task_account a, uint64_t turns, gyre_time ran,
                   gyre_time longest, gyre_time queued,
                   gyre_time longest_queued)
{
    cr_expect_eq(a.turns, turns, "%d turns", (int)a.turns);
    cr_expect_eq(a.ran, ran, "ran %d", (int)a.ran);
    cr_expect_eq(a.longest_turn, longest, "turn %d", (int)a.longest_turn);
    cr_expect_eq(a.queued, queued, "queued %d", (int)a.queued);
    cr_expect_eq(a.longest_queued, longest_queued, "queued %d",
                 (int)a.longest_queued);
}

/*
 *  main    a       b       main    a       b       main    stop
 *   | 7 |  | 10 |  | 100 |  | 1 |  | 20 |  | 200 |  |
 */
CLAIM(accounts, count_turns_and_what_is_waited_for_them, .init = in_order)
{
    struct gyre_scope s;

    cr_expect_eq(gyre_accounts_start(&books), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_named(&s, "a", toil_twice, (void *)10);
    spawn_named(&s, "b", toil_twice, (void *)100);
    toil(7);
    cr_expect_eq(gyre_yield(), 0);
    toil(1);
    expect(account_of(1), 2, 8, 7, 110, 110);
    expect(account_of(2), 1, 10, 10, 7, 7);
    expect(account_of(3), 1, 100, 100, 17, 17);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect(account_of(1), 3, 8, 7, 110, 110);
    cr_expect_eq(books.ended, 2);
    expect(books.spent, 4, 330, 200, 7 + 101 + 17 + 21, 101);
    gyre_accounts_stop(&books);
}

static intptr_t wait_for(void *event)
{
    int err = gyre_event_wait(event, GYRE_FOREVER);

    toil(3);
    return err;
}

CLAIM(accounts, begin_when_they_are_kept_whoever_there_is_already,
      .init = in_order)
{
    struct gyre_event e = {0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_named(&s, "parked", wait_for, &e);
    toil(50);
    cr_expect_eq(gyre_yield(), 0);
    spawn_named(&s, "ready", wait_for, &e);
    toil(50);
    for (int i = 0; i < 2; i++) {
        gyre_accounts_stop(&books);
        cr_expect_eq(gyre_accounts_start(&books), 0);
        expect(account_of(1), 1, 0, 0, 0, 0);
        expect(account_of(2), 0, 0, 0, 0, 0);
        toil(5);
    }
    gyre_event_set(&e);
    toil(1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect(books.spent, 2, 6, 3, 6 + 4, 6);
    gyre_accounts_stop(&books);
    gyre_accounts_stop(&books);
}

CLAIM(accounts, are_kept_once_at_a_time)
{
    struct gyre_accounts others = {0};

    cr_expect_eq(gyre_accounts_start(&books), 0);
    cr_expect_eq(gyre_accounts_start(&others), -EBUSY);
    gyre_accounts_stop(&others);
    toil(5);
    expect(account_of(1), 1, 5, 5, 0, 0);
    gyre_accounts_stop(&books);
    cr_expect_eq(gyre_accounts_start(&others), 0);
    gyre_accounts_stop(&others);
}

static void toil_late(struct gyre_timer *t)
{
    (void)t;
    toil(3000);
}

/* Two timers for the same time, of which the first keeps the second. */
CLAIM(accounts, tell_how_long_rounds_are_and_how_late_timers)
{
    struct gyre_timer timers[2] = {{.fire = toil_late}, {.fire = toil_late}};
    gyre_time due = gyre_in(MS);

    cr_expect_eq(gyre_accounts_start(&books), 0);
    for (int i = 0; i < 2; i++)
        gyre_timer_start(world->loop, &timers[i], due);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(books.late.n, 3);
    cr_expect_eq(books.late.longest, 6000);
    cr_expect_eq(books.late.count[0], 1);
    cr_expect_eq(books.late.count[12], 1, "3000 ns");
    cr_expect_eq(books.late.count[13], 1, "6000 ns");
    toil(70000);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(books.rounds.n, 1);
    cr_expect_eq(books.rounds.longest, 76000);
    gyre_accounts_stop(&books);
}

CLAIM(accounts, are_printed_the_longest_first, .init = in_order)
{
    struct gyre_scope s;

    cr_expect_eq(gyre_accounts_start(&books), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_named(&s, "a", toil_twice, (void *)2000);
    spawn_named(&s, NULL, toil_twice, (void *)3000000);
    toil(2000);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_accounts_print(&books, paper()), 0);
    cr_expect_str_eq(
        read_paper(),
        "        ran     turns    longest     queued    longest  task\n"
        "   3.000 ms         1   3.000 ms   4.000 us   4.000 us  #3 "
        "toil_twice\n"
        "   2.000 us         2   2.000 us   3.002 ms   3.002 ms  #1 main\n"
        "   2.000 us         1   2.000 us   2.000 us   2.000 us  #2 a\n"
        "   0.000 us         0   0.000 us   0.000 us   0.000 us"
        "  0 that ended\n"
        "rounds of the loop: 0\n"
        "delays of timers: 0\n");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_accounts_print(&books, -1), -EBADF);
    gyre_accounts_stop(&books);
}

CLAIM(accounts, of_a_crowd_are_cut_off, .init = in_order)
{
    struct gyre_scope s;
    const char *text;

    cr_expect_eq(gyre_accounts_start(&books), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    for (intptr_t i = 1; i <= 40; i++)
        spawn_named(&s, "kid", toil_twice, (void *)(i * 1000));
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_accounts_print(&books, paper()), 0);
    text = read_paper();
    cr_expect_neq(strstr(text, "#41 kid\n"), NULL);
    cr_expect_neq(strstr(text, "#10 kid\nand 9 more\n"), NULL, "%s", text);
    cr_expect_eq(strstr(text, "#9 kid"), NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_accounts_stop(&books);
}
