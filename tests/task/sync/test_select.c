/*
 * test_select.c - the claims of select.h.
 */
#include <errno.h>
#include <string.h>

#include "loop/job.h"
#include "task/internal.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/sync/queue.h"
#include "task/sync/select.h"
#include "task/task.h"
#include "tests/task/world.h"

/* Everything there is a case of. */
struct things {
    struct gyre_queue in, out;
    struct gyre_future future;
    struct gyre_event event;
    int room[2], taken, mine;
};

enum { IN, OUT, FUTURE, EVENT, CASES };

/* Nothing of it is ready: `in` is empty, and `out` is full. */
static void prepare(struct things *t)
{
    *t = (struct things){.mine = 5};
    t->in.items = (struct gyre_items){
        .room = &t->room[0], .size = sizeof(int), .capacity = 1};
    t->out.items = (struct gyre_items){
        .room = &t->room[1], .size = sizeof(int), .capacity = 1};
    cr_expect_eq(gyre_queue_put(&t->out, &(int){1}, GYRE_NOW), 0);
}

static void make_ready(struct things *t, int which)
{
    int item = 9;

    if (which == IN)
        must(gyre_queue_put(&t->in, &item, GYRE_NOW) == 0);
    else if (which == OUT)
        must(gyre_queue_take(&t->out, &item, GYRE_NOW) == 0);
    else if (which == FUTURE)
        gyre_future_set(&t->future, 42);
    else
        gyre_event_set(&t->event);
}

static int choose(struct things *t, gyre_time deadline, intptr_t *result)
{
    struct gyre_case cases[CASES] = {
        gyre_case_take(&t->in, &t->taken),
        gyre_case_put(&t->out, &t->mine),
        gyre_case_future(&t->future),
        gyre_case_event(&t->event),
    };
    int chosen = gyre_select(cases, CASES, deadline);

    if (chosen >= 0)
        *result = cases[chosen].result;
    return chosen;
}

/* `which` has happened, and nothing else has. */
static void expect_only(struct things *t, int which)
{
    int item = 0;

    cr_expect_eq(t->taken, which == IN ? 9 : 0);
    cr_expect_eq(gyre_queue_length(&t->in), 0);
    cr_expect_eq(gyre_queue_length(&t->out), 1);
    cr_expect_eq(gyre_queue_take(&t->out, &item, GYRE_NOW), 0);
    cr_expect_eq(item, which == OUT ? 5 : 1);
    cr_expect_eq(gyre_queue_taking(&t->in), 0);
    cr_expect_eq(gyre_queue_putting(&t->out), 0);
    cr_expect_eq(gyre_event_waiting(&t->event), 0);
    cr_expect_eq(gyre_waiters_count(&t->future.waiters), 0);
}

/* ---- what happens ---- */

CLAIM(select, takes_what_is_ready_and_leaves_the_rest)
{
    for (int which = 0; which < CASES; which++) {
        struct things t;
        intptr_t result;

        prepare(&t);
        make_ready(&t, which);
        cr_expect_eq(choose(&t, GYRE_NOW, &result), which);
        cr_expect_eq(result, which == FUTURE ? 42 : 0);
        expect_only(&t, which);
    }
}

struct later {
    struct things *things;
    int first, second;
};

static intptr_t make_ready_later(void *arg)
{
    struct later *l = arg;

    let_others_run();
    make_ready(l->things, l->first);
    if (l->second != l->first)
        make_ready(l->things, l->second);
    return 0;
}

CLAIM(select, waits_for_the_first_and_leaves_the_rest)
{
    for (int which = 0; which < CASES; which++) {
        struct things t;
        struct later l = {&t, which, which};
        struct gyre_scope s;
        intptr_t result;

        prepare(&t);
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, make_ready_later, &l);
        cr_expect_eq(choose(&t, GYRE_FOREVER, &result), which);
        cr_expect_eq(result, which == FUTURE ? 42 : 0);
        expect_only(&t, which);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
    }
}

static bool is_ready(struct things *t, int which)
{
    if (which == IN)
        return gyre_queue_length(&t->in) == 1;
    if (which == OUT)
        return gyre_queue_length(&t->out) == 0;
    if (which == FUTURE)
        return gyre_future_done(&t->future);
    return gyre_event_is_set(&t->event);
}

/* Both come before the task has run again: the first counts, the second finds
   nobody, and is still to be had. */
CLAIM(select, is_not_chosen_for_twice)
{
    for (int i = 0; i < CASES * CASES; i++) {
        struct things t;
        struct later l = {&t, i % CASES, i / CASES};
        struct gyre_scope s;
        intptr_t result;

        if (l.first == l.second)
            continue;
        prepare(&t);
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, make_ready_later, &l);
        cr_expect_eq(choose(&t, GYRE_FOREVER, &result), l.first);
        cr_expect_eq(is_ready(&t, l.first), l.first >= FUTURE);
        cr_expect(is_ready(&t, l.second));
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
    }
}

CLAIM(select, that_ends_in_vain_leaves_everything_as_it_was)
{
    struct things t;
    struct gyre_scope s;
    intptr_t result;

    prepare(&t);
    cr_expect_eq(choose(&t, GYRE_NOW, &result), -ETIMEDOUT);
    cr_expect_eq(choose(&t, gyre_in(MS), &result), -ETIMEDOUT);
    cr_expect_eq(elapsed(), MS);
    gyre_scope_open(&s, gyre_in(MS));
    cr_expect_eq(choose(&t, GYRE_FOREVER, &result), -ECANCELED);
    make_ready(&t, EVENT);
    cr_expect_eq(choose(&t, GYRE_FOREVER, &result), -ECANCELED,
                 "it is a cancel point even when something is ready");
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    expect_only(&t, CASES);
}

CLAIM(select, of_nothing_waits_until_its_deadline)
{
    cr_expect_eq(gyre_select(NULL, 0, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_select(NULL, 0, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(elapsed(), MS);
}

/* What the wait itself may return, as a result. */
CLAIM(select, tells_an_error_of_a_case_from_its_own)
{
    static const int errors[] = {-ECANCELED, -ETIMEDOUT, -EPIPE};

    for (int i = 0; i < 3; i++) {
        for (int before = 0; before < 2; before++) {
            struct gyre_future f = {0};
            struct gyre_case c = gyre_case_future(&f);
            struct gyre_scope s;

            gyre_scope_open_tolerant(&s, GYRE_FOREVER);
            gyre_spawn(&s, &f, PLAY(0, 0, errors[i]));
            if (before)
                cr_expect_eq(gyre_yield(), 0);
            cr_expect_eq(gyre_select(&c, 1, GYRE_FOREVER), 0);
            cr_expect_eq(c.result, errors[i]);
            cr_expect_eq(gyre_scope_close(&s, 0), 0);
        }
    }
    cr_expect_eq(world->failures, 0, "they were read");
}

CLAIM(select, finds_closed_queues_ready)
{
    struct things t;
    intptr_t result = 0;

    prepare(&t);
    gyre_queue_close(&t.in);
    cr_expect_eq(choose(&t, GYRE_FOREVER, &result), IN);
    cr_expect_eq(result, -EPIPE);

    prepare(&t);
    gyre_queue_close(&t.out);
    cr_expect_eq(choose(&t, GYRE_FOREVER, &result), OUT);
    cr_expect_eq(result, -EPIPE);
    cr_expect_eq(t.mine, 5);
}

CLAIM(select, cases_can_be_waited_for_again)
{
    struct things t;
    struct gyre_case cases[2];

    prepare(&t);
    cases[0] = gyre_case_take(&t.in, &t.taken);
    cases[1] = gyre_case_put(&t.out, &t.mine);
    for (int i = 0; i < 5; i++) {
        make_ready(&t, i % 2);
        cr_expect_eq(gyre_select(cases, 2, GYRE_FOREVER), i % 2);
        cr_expect_eq(cases[i % 2].result, 0);
        cr_expect_eq(gyre_select(cases, 2, gyre_in(MS)), -ETIMEDOUT);
    }
}

CLAIM(select, may_have_one_thing_in_several_cases)
{
    struct things t;
    struct later l = {&t, IN, IN};
    struct gyre_scope s;
    int taken[2] = {0, 0};
    struct gyre_case cases[2];

    prepare(&t);
    cases[0] = gyre_case_take(&t.in, &taken[0]);
    cases[1] = gyre_case_take(&t.in, &taken[1]);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, make_ready_later, &l);
    cr_expect_eq(gyre_select(cases, 2, GYRE_FOREVER), 0);
    cr_expect_eq(taken[0], 9);
    cr_expect_eq(taken[1], 0);
    cr_expect_eq(gyre_queue_taking(&t.in), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- selects that meet ---- */

/* Gives and takes, whichever comes first. */
struct trader {
    struct gyre_queue *give, *get;
    char name;
    int mine, got;
};

static intptr_t trade(void *arg)
{
    struct trader *t = arg;
    struct gyre_case cases[] = {gyre_case_put(t->give, &t->mine),
                                gyre_case_take(t->get, &t->got)};
    int chosen = gyre_select(cases, 2, GYRE_FOREVER);

    note(chosen == 0 ? t->name : chosen == 1 ? (char)(t->name - 32) : '!');
    return 0;
}

CLAIM(select, meets_another_at_a_rendezvous)
{
    struct gyre_queue q = {.items.size = sizeof(int)};
    struct gyre_queue r = {.items.size = sizeof(int)};
    struct trader a = {&q, &r, 'a', .mine = 1};
    struct trader b = {&r, &q, 'b', .mine = 2};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, trade, &a);
    gyre_spawn(&s, NULL, trade, &b);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq((a.got == 2) + (b.got == 1), 1, "one gives, one gets");
    cr_expect_eq(gyre_queue_putting(&q) + gyre_queue_taking(&q), 0);
    cr_expect_eq(gyre_queue_putting(&r) + gyre_queue_taking(&r), 0);
}

CLAIM(select, does_not_meet_itself)
{
    struct gyre_queue q = {.items.size = sizeof(int)};
    struct trader a = {&q, &q, 'a', .mine = 1};
    struct trader b = {&q, &q, 'b', .mine = 2};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, trade, &a);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_notes("");
    cr_expect_eq(gyre_queue_putting(&q), 1);
    cr_expect_eq(gyre_queue_taking(&q), 1);
    gyre_spawn(&s, NULL, trade, &b);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq((a.got == 2) + (b.got == 1), 1);
}

/* ---- whose turn it is ---- */

/* Of the things in `mask`, which are always ready, how often each is chosen. */
static void count(int (*select)(struct gyre_case *, size_t, gyre_time),
                  struct gyre_event e[3], unsigned mask, int times,
                  int chosen[3])
{
    struct gyre_case cases[3];

    for (int i = 0; i < 3; i++) {
        cases[i] = gyre_case_event(&e[i]);
        if (mask >> i & 1)
            gyre_event_set(&e[i]);
    }
    for (int i = 0; i < times; i++)
        chosen[select(cases, 3, GYRE_NOW)]++;
}

CLAIM(select, is_fair_to_cases_that_are_always_ready)
{
    struct gyre_event e[3] = {0};
    int chosen[3] = {0};

    count(gyre_select, e, 7, 3000, chosen);
    for (int i = 0; i < 3; i++)
        cr_expect(chosen[i] > 950 && chosen[i] < 1050, "%d", chosen[i]);
}

/* So many that even by dice, which a seed's order makes of it, a half is no
   less than 45 in a hundred. */
enum { TURNS = 4000 };

/* By turns, and another task selects in between: a plain rotation would be in
   step with them. */
static intptr_t count_by_turns(void *arg)
{
    struct gyre_event e[2] = {{.set = true}, {.set = true}};
    int *chosen = arg;

    for (int i = 0; i < TURNS; i++) {
        struct gyre_case cases[] = {gyre_case_event(&e[0]),
                                    gyre_case_event(&e[1])};

        chosen[gyre_select(cases, 2, GYRE_NOW)]++;
        must(gyre_yield() == 0);
    }
    return 0;
}

CLAIM(select, is_fair_however_many_take_turns)
{
    for (int n = 1; n <= 4; n++) {
        struct gyre_scope s;
        int chosen[4][2] = {{0}};

        gyre_scope_open(&s, GYRE_FOREVER);
        for (int i = 0; i < n; i++)
            gyre_spawn(&s, NULL, count_by_turns, chosen[i]);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        for (int i = 0; i < n; i++)
            cr_expect(chosen[i][0] > TURNS * 45 / 100 &&
                          chosen[i][0] < TURNS * 55 / 100,
                      "%d of %d: %d", i, n, chosen[i][0]);
    }
}

CLAIM(select, in_order_chooses_the_first_that_is_ready)
{
    struct gyre_event e[3] = {0};
    int chosen[3] = {0};

    count(gyre_select_in_order, e, 6, 100, chosen);
    cr_expect_eq(chosen[1], 100);
    count(gyre_select_in_order, e, 7, 100, chosen);
    cr_expect_eq(chosen[0], 100);
}

/* ---- cases of one's own ---- */

/* Lets so many pass, in order of arrival; each counts for `heavy` or one. */
struct gate {
    struct gyre_waiters waiters;
    int free;
};

enum { HEAVY = 5 };

static int weight(const struct gyre_wait *w)
{
    return GYRE_OWNER(w, struct gyre_case, wait)->item != NULL ? HEAVY : 1;
}

/* Whoever is first and now may, passes. */
static void let_pass(struct gate *g)
{
    struct gyre_wait *w = gyre_waiters_first(&g->waiters);

    for (; w != NULL && weight(w) <= g->free;
         w = gyre_waiters_first(&g->waiters)) {
        g->free -= weight(w);
        (void)gyre_waiters_wake(&g->waiters, 0);
    }
}

static bool turn_back(struct gyre_wait *w)
{
    gyre_list_remove(&w->link);
    let_pass(w->on);
    return true;
}

static bool pass(struct gyre_case *c)
{
    struct gate *g = c->wait.on;

    if (gyre_waiters_first(&g->waiters) != NULL || weight(&c->wait) > g->free)
        return false;
    g->free -= weight(&c->wait);
    return true;
}

static const struct gyre_wait_kind passing = {
    .name = "at a gate",
    .abandon = turn_back,
};

static struct gyre_case case_pass(struct gate *g, bool heavy)
{
    return (struct gyre_case){.attempt = pass,
                              .line = &g->waiters,
                              .wait = {.kind = &passing, .on = g},
                              .item = heavy ? g : NULL};
}

static intptr_t pass_lightly(void *gate)
{
    struct gyre_case c = case_pass(gate, false);

    return gyre_case_await(&c, GYRE_FOREVER);
}

struct opener {
    struct gyre_job job;
    struct gate *gate;
    struct gyre_event *event; /* set as well, or NULL */
};

static void open_for_one(struct gyre_job *j)
{
    struct opener *o = GYRE_OWNER(j, struct opener, job);

    o->gate->free++;
    let_pass(o->gate);
    if (o->event != NULL)
        gyre_event_set(o->event);
}

/* In line are, in this order, a heavy and a light case of a select, and
   somebody else.  As the heavy one leaves those behind it may pass: but not the
   light one, which leaves as well. */
CLAIM(select, leaves_all_lines_before_others_go_on)
{
    for (int chosen = 0; chosen < 2; chosen++) {
        struct gate g = {.free = 0};
        struct gyre_event e = {0};
        struct gyre_case cases[] = {case_pass(&g, true), case_pass(&g, false),
                                    gyre_case_event(&e)};
        struct opener opener = {{open_for_one}, &g, chosen ? &e : NULL};
        struct gyre_future other;
        struct gyre_scope s;

        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, &other, pass_lightly, &g);
        gyre_job_start(world->loop, &opener.job);
        cr_expect_eq(gyre_select(cases, 3, gyre_in(MS)),
                     chosen ? 2 : -ETIMEDOUT);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        cr_expect_eq(gyre_future_result(&other), 0);
        cr_expect_eq(g.free, 0);
    }
}

/* ---- callbacks ---- */

struct callback {
    struct gyre_job job;
    struct things *things;
    struct gyre_future called;
};

static void call(struct gyre_job *j)
{
    struct callback *c = GYRE_OWNER(j, struct callback, job);
    struct things *t = c->things;
    intptr_t result;

    cr_expect_eq(choose(t, GYRE_NOW, &result), -ETIMEDOUT);
    make_ready(t, FUTURE);
    make_ready(t, IN);
    cr_expect_eq(choose(t, GYRE_NOW, &result), IN);
    expect_only(t, IN);
    gyre_future_set(&c->called, 0);
}

CLAIM(select, is_for_callbacks_too_if_they_do_not_wait)
{
    struct things t;
    struct callback c = {{call}, &t};

    prepare(&t);
    gyre_job_start(world->loop, &c.job);
    cr_expect_eq(gyre_await(&c.called, GYRE_FOREVER), 0);
}

/* ---- what others see of it ---- */

static intptr_t wait_for_any(void *arg)
{
    intptr_t result;

    return choose(arg, GYRE_FOREVER, &result);
}

struct selection {
    struct gyre_case *cases;
    size_t n;
};

static intptr_t wait_for_selection(void *arg)
{
    struct selection *s = arg;

    return gyre_select(s->cases, s->n, GYRE_FOREVER);
}

CLAIM(select, tells_what_it_waits_for)
{
    struct things t;
    struct gyre_future f;
    struct gyre_scope s;
    char text[100];

    prepare(&t);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, wait_for_any, &t);
    let_others_run();
    f.task->wait->kind->describe(f.task->wait, text, sizeof text);
    cr_expect_str_eq(text, "to take from a queue, to put into a queue, "
                           "for a future, for an event");
    f.task->wait->kind->describe(f.task->wait, text, 25);
    cr_expect_str_eq(text, "to take from a queue, to");
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(select, knows_who_must_act_if_it_waits_for_one_thing)
{
    struct things t;
    struct gyre_future any, one;
    struct gyre_case c = gyre_case_future(&any);
    struct selection arg = {&c, 1};
    const struct gyre_wait *w;
    struct gyre_scope s;

    prepare(&t);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &any, wait_for_any, &t);
    gyre_spawn(&s, &one, wait_for_selection, &arg);
    let_others_run();
    w = any.task->wait;
    cr_expect_null(w->kind->owner(w, NULL));
    w = one.task->wait;
    cr_expect_eq(w->kind->owner(w, NULL), any.task);
    cr_expect_null(w->kind->owner(w, any.task));
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(select, knows_nobody_if_it_waits_for_nothing_or_for_what_knows_nobody)
{
    struct gyre_event e = {0};
    struct gyre_case c = gyre_case_event(&e);

    for (size_t n = 0; n < 2; n++) {
        struct gyre_future f;
        struct gyre_scope s;
        struct selection arg = {&c, n};

        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, &f, wait_for_selection, &arg);
        let_others_run();
        cr_expect_null(f.task->wait->kind->owner(f.task->wait, NULL));
        gyre_scope_cancel(&s);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
    }
}
