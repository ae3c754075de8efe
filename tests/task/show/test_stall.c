/*
 * test_stall.c - the claims of stall.h.
 */
#include "task/show/stall.h"
#include "tests/task/world.h"

static const int one, other; /* tasks */
static gyre_time lasted;

static enum gyre_verdict look(struct gyre_stall *s, uint64_t polls,
                              const void *task, gyre_time now)
{
    struct gyre_loop_pulse pulse = {.polls = polls};

    return gyre_stall_look(s, pulse, task, now, &lasted);
}

Test(stall, is_told_once_at_the_limit_and_once_at_the_end)
{
    struct gyre_stall s = {.limit = 100};

    cr_expect_eq(look(&s, 7, &one, 1000), GYRE_GOES_ON);
    cr_expect_eq(look(&s, 7, &one, 1099), GYRE_GOES_ON);
    cr_expect_eq(look(&s, 7, &one, 1100), GYRE_STALLS);
    cr_expect_eq(lasted, 100);
    cr_expect_eq(look(&s, 7, &one, 2000), GYRE_GOES_ON);
    cr_expect_eq(look(&s, 8, &one, 3000), GYRE_WENT_ON);
    cr_expect_eq(lasted, 2000);
    cr_expect_eq(look(&s, 8, &one, 3099), GYRE_GOES_ON);
    cr_expect_eq(look(&s, 8, &one, 3100), GYRE_STALLS, "another");
}

Test(stall, is_none_while_the_loop_goes_on)
{
    struct gyre_stall s = {.limit = 100};

    for (int i = 0; i < 10; i++)
        cr_expect_eq(look(&s, (uint64_t)i, &one, i * 1000), GYRE_GOES_ON,
                     "it polls");
    for (int i = 10; i < 20; i++)
        cr_expect_eq(look(&s, 7, i % 2 ? &one : &other, i * 1000), GYRE_GOES_ON,
                     "tasks have turns");
    for (int i = 20; i < 30; i++)
        cr_expect_eq(look(&s, 7, i % 2 ? &one : NULL, i * 1000), GYRE_GOES_ON,
                     "tasks and callbacks have");
}

Test(stall, is_none_while_the_loop_sleeps)
{
    struct gyre_loop_pulse asleep = {.polls = 7, .asleep = true};
    struct gyre_stall s = {.limit = 100};

    for (int i = 0; i < 10; i++)
        cr_expect_eq(gyre_stall_look(&s, asleep, NULL, i * 1000, NULL),
                     GYRE_GOES_ON);
    cr_expect_eq(look(&s, 7, NULL, 9099), GYRE_GOES_ON);
    cr_expect_eq(look(&s, 7, NULL, 9100), GYRE_STALLS, "it has woken");
    cr_expect_eq(gyre_stall_look(&s, asleep, NULL, 9200, NULL), GYRE_WENT_ON);
}

Test(stall, is_forgiven_when_the_process_did_not_run)
{
    struct gyre_stall s = {.limit = 100};

    cr_expect_eq(look(&s, 7, &one, 1000), GYRE_GOES_ON);
    gyre_stall_forgive(&s, 5000);
    cr_expect_eq(look(&s, 7, &one, 5099), GYRE_GOES_ON);
    cr_expect_eq(look(&s, 7, &one, 5100), GYRE_STALLS);
    gyre_stall_forgive(&s, 9000);
    cr_expect_eq(look(&s, 8, &one, 9100), GYRE_WENT_ON);
    cr_expect_eq(lasted, 4100, "what was told counts from its beginning");
}
