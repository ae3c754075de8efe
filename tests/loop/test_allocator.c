/*
 * test_allocator.c - the claims of allocator.h, and memory and descriptors that
 * run out.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "tests/loop/pollers.h"
#include "tests/loop/stage.h"
#include "tests/support/faults.h"

static struct ledger ledger = {.base = FAULTS_LEDGER};
static struct gyre_allocator *const allocators[] = {NULL, &ledger.base};

Test(allocator, a_resize_keeps_what_fits)
{
    for (int i = 0; i < 2; i++) {
        struct gyre_allocator *al = allocators[i];
        char *p = gyre_resize(al, NULL, 0, 10);

        strcpy(p, "precious");
        p = gyre_resize(al, p, 10, 10000);
        cr_expect_str_eq(p, "precious");
        p = gyre_resize(al, p, 10000, 9);
        cr_expect_str_eq(p, "precious");
        cr_expect_eq((uintptr_t)p % _Alignof(max_align_t), 0);
        cr_expect_eq(gyre_resize(al, p, 9, 0), NULL);
    }
    cr_expect_eq(ledger.blocks, 0);
    cr_expect_eq(ledger.calls, 4);
}

Test(allocator, to_free_nothing_is_to_do_nothing)
{
    cr_expect_eq(gyre_resize(NULL, NULL, 0, 0), NULL);
    cr_expect_eq(gyre_resize(&ledger.base, NULL, 0, 0), NULL);
    cr_expect_eq(ledger.calls, 0);
}

/* Numbers for a pipe that make the loop's table grow. */
static int to[2] = {200, 900};

static int spread(int ends[2])
{
    if (pipe(ends) < 0)
        return -errno;
    for (int i = 0; i < 2; i++) {
        int fd = dup2(ends[i], to[i]);

        if (fd < 0)
            return -EMFILE;
        close(ends[i]);
        ends[i] = fd;
    }
    return 0;
}

static void close_both(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

static void stop_both(struct actor *x)
{
    gyre_watch_stop(loop, &x->watch);
    gyre_watch_stop(loop, &x->other->watch);
}

/* On `loop`: watch both ends, and let each kind of callback be called. */
static int use_loop(const int ends[2])
{
    int err;

    a = new_actor('a');
    b = new_actor('b');
    c = new_actor('c');
    b.act = stop_both;
    b.other = &a;
    start_job(&c);
    start_timer(&c, GYRE_NOW);
    start_post(&c);
    err = gyre_signal_start(loop, &c.signal, SIGUSR1);
    if (err == 0)
        err = gyre_watch_start(loop, &a.watch, ends[0], GYRE_READ);
    if (err == 0)
        err = gyre_watch_start(loop, &b.watch, ends[1], GYRE_WRITE);
    if (err == 0)
        err = gyre_loop_run(loop);
    gyre_signal_stop(loop, &c.signal);
    heard();
    return err;
}

static struct gyre_allocator *books;

static int live_on_the_system(void)
{
    struct gyre_loop_options options = {.allocator = books};
    int ends[2] = {-1, -1}, err = spread(ends);

    if (err == 0)
        err = gyre_loop_new_with(&loop, &options);
    if (err == 0) {
        err = gyre_loop_fd(loop);
        if (err >= 0)
            err = use_loop(ends);
        gyre_loop_free(loop);
    }
    close_both(ends);
    return err;
}

static int live_in_simulation(void)
{
    struct gyre_loop_options options = {.allocator = books};
    struct actor x = new_actor('x');
    int fd, err = gyre_sim_new(&sim);

    if (err)
        return err;
    options.poller = gyre_sim_poller(sim);
    err = gyre_loop_new_with(&loop, &options);
    if (err) {
        options.poller->ops->free(options.poller);
        return err;
    }
    fd = gyre_sim_open(sim);
    err = fd < 0 ? fd : gyre_watch_start(loop, &x.watch, fd, GYRE_READ);
    gyre_loop_free(loop);
    return err;
}

static int (*const lives[])(void) = {live_on_the_system, live_in_simulation};

Test(allocator, the_loops_memory_comes_from_it_and_goes_back)
{
    books = &ledger.base;
    for (int i = 0; i < 2; i++) {
        size_t calls = ledger.calls;

        cr_expect_eq(lives[i](), 0);
        cr_expect_gt(ledger.calls, calls + 2);
        cr_expect_eq(ledger.blocks, 0);
        cr_expect_eq(ledger.bytes, 0);
        cr_expect(!ledger.wrong);
    }
}

Test(allocator, a_loop_knows_its_allocator)
{
    struct gyre_loop_options options = {.allocator = &ledger.base};

    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    cr_expect_eq(gyre_loop_allocator(loop), &ledger.base);
    gyre_loop_free(loop);
    cr_assert_eq(gyre_loop_new(&loop), 0);
    cr_expect_eq(gyre_loop_allocator(loop), NULL);
    gyre_loop_free(loop);
}

Test(allocator, any_allocation_may_fail)
{
    for (int i = 0; i < 4; i++) {
        books = allocators[i / 2];
        cr_expect_geq(faults_in_memory(lives[i % 2]), 4);
        cr_expect_eq(ledger.blocks, 0);
    }
}

Test(allocator, descriptors_may_run_out)
{
    books = NULL;
    to[0] = 20;
    to[1] = 40;
    for (int i = 0; i < 2; i++)
        cr_expect_geq(faults_in_descriptors(lives[i]), 3);
}

/* No room in the table: the loop and its other watches go on. */
static int fail_to_watch(void)
{
    struct gyre_loop *l = NULL;
    struct actor low = new_actor('l'), high = new_actor('h');
    int ends[2], err;

    if (pipe(ends) < 0 || dup2(ends[0], 900) < 0)
        return -1;
    err = gyre_loop_new(&l);
    loop = l;
    if (err == 0)
        err = gyre_watch_start(l, &low.watch, ends[1], GYRE_WRITE);
    if (err == 0) {
        err = gyre_watch_start(l, &high.watch, 900, GYRE_READ);
        cr_expect_eq(gyre_watch_started(&high.watch), err == 0);
        cr_expect_eq(gyre_loop_watch_of(l, 900), err ? NULL : &high.watch);
        cr_expect_str_eq(turn(), "l");
    }
    gyre_loop_free(l);
    close_both(ends);
    close(900);
    return err;
}

Test(allocator, a_watch_without_room_leaves_the_others)
{
    cr_expect_geq(faults_in_memory(fail_to_watch), 4);
}

/* What a started loop does all day asks for no memory at all. */
Test(allocator, a_loop_that_goes_on_allocates_nothing)
{
    struct gyre_loop_options options = {.allocator = &ledger.base};
    int pair[2];
    long asked;

    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    open_unix(pair);
    a = new_actor('a');
    start_watch(&a, pair[0], GYRE_READ);
    gyre_watch_stop(loop, &a.watch);
    asked = faults_asked();
    for (int i = 0; i < 1000; i++) {
        start_watch(&a, pair[0], GYRE_READ | GYRE_WRITE);
        start_job(&a);
        start_timer(&a, GYRE_NOW);
        start_post(&a);
        cr_expect_str_eq(turn(), "aaaa");
        gyre_watch_stop(loop, &a.watch);
    }
    cr_expect_eq(faults_asked(), asked);
    gyre_loop_free(loop);
    close_pair(pair);
}
