/*
 * test_time.c - points in time, and spans added to them.
 */
#include <criterion/criterion.h>

#include "timers/time.h"

Test(time, a_span_is_added)
{
    cr_expect_eq(gyre_time_after(0, 0), 0);
    cr_expect_eq(gyre_time_after(5 * GYRE_SECOND, 3 * GYRE_MILLISECOND),
                 INT64_C(5003000000));
    cr_expect_eq(gyre_time_after(5, -3), 2);
}

Test(time, the_ends_are_not_passed)
{
    cr_expect_eq(gyre_time_after(1, GYRE_FOREVER), GYRE_FOREVER);
    cr_expect_eq(gyre_time_after(GYRE_FOREVER, 1), GYRE_FOREVER);
    cr_expect_eq(gyre_time_after(GYRE_FOREVER - 1, 1), GYRE_FOREVER);
    cr_expect_eq(gyre_time_after(GYRE_FOREVER - 2, 1), GYRE_FOREVER - 1);
    cr_expect_eq(gyre_time_after(5, -5), GYRE_NOW);
    cr_expect_eq(gyre_time_after(5, -6), GYRE_NOW);
    cr_expect_eq(gyre_time_after(0, INT64_MIN), GYRE_NOW);
}
