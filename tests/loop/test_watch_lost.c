/*
 * test_watch_lost.c - a poller that was renewed, and refuses what it had.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <unistd.h>

#include "loop/poller.h"
#include "tests/loop/stage.h"

static uint64_t first_tag;
static int refusal; /* of all that is set, once it is not 0 */

/* The first that is unset was closed before, and goes on telling. */
static int set(struct gyre_poller *p, int fd, uint64_t tag, unsigned from,
               unsigned to)
{
    (void)p, (void)fd, (void)from;
    if (first_tag == 0)
        first_tag = tag;
    return to == 0 ? -EBADF : refusal;
}

static int tell_of_the_first(struct gyre_poller *p, struct gyre_poll_event *ev,
                             int n, gyre_time until)
{
    (void)p, (void)n, (void)until;
    *ev = (struct gyre_poll_event){.tag = first_tag, .events = GYRE_READ};
    return 1;
}

static void do_nothing(struct gyre_poller *p)
{
    (void)p;
}

static gyre_time stand_still(struct gyre_poller *p)
{
    (void)p;
    return GYRE_SECOND;
}

static int renew(struct gyre_poller *p)
{
    (void)p;
    return 0;
}

static const struct gyre_poller_ops refusing_ops = {
    .name = "refusing",
    .set = set,
    .wait = tell_of_the_first,
    .wake = do_nothing,
    .now = stand_still,
    .renew = renew,
    .free = do_nothing,
};

static int failure;

static void note_failure(struct gyre_failure_hook *h, const char *what, int err)
{
    (void)h;
    cr_expect_str_eq(what, "a watch was lost");
    failure = err;
}

/* What is told when the poller is renewed, and refuses with `err`. */
static int failure_after(int err)
{
    static struct gyre_poller refusing = {.ops = &refusing_ops};
    struct gyre_failure_hook hook = {.failed = note_failure};
    struct gyre_loop_options options = {.poller = &refusing};
    int ends[2];

    failure = 0;
    first_tag = 0;
    refusal = 0;
    a = new_actor('a');
    b = new_actor('b');
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    gyre_loop_on_failure(loop, &hook);
    start_watch(&a, ends[0], GYRE_READ);
    start_watch(&b, ends[1], GYRE_WRITE);
    gyre_watch_stop(loop, &a.watch);
    refusal = err;
    cr_expect_str_eq(turn(), "");
    close_stage();
    close(ends[0]);
    close(ends[1]);
    return failure;
}

Test(watch_lost, is_told_unless_its_descriptor_is_closed_anyhow)
{
    cr_expect_eq(failure_after(0), 0);
    cr_expect_eq(failure_after(-ENOSPC), -ENOSPC);
    cr_expect_eq(failure_after(-EBADF), 0);
}
