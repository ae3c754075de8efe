/*
 * test_environment.c - the claims of environment.h.  Of rights there is one in
 * tests/system/programs/rights.sh.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "loop/environment.h"
#include "loop/list.h"
#include "loop/look.h"
#include "loop/loop.h"

#define NAME "GYRE_OF_THIS_TEST"

struct listener {
    struct gyre_failure_hook hook;
    int heard;
};

static void listen_to(struct gyre_failure_hook *h, const char *what, int err)
{
    struct listener *l = GYRE_OWNER(h, struct listener, hook);

    l->heard++;
    cr_expect_str_eq(what, NAME);
    cr_expect_eq(err, -EINVAL);
}

static long number(struct gyre_loop *l, const char *value, long most)
{
    setenv(NAME, value, 1);
    return gyre_environment_number(l, NAME, most);
}

Test(environment, has_what_is_set)
{
    unsetenv(NAME);
    cr_expect_null(gyre_environment(NAME));
    setenv(NAME, "", 1);
    cr_expect_str_eq(gyre_environment(NAME), "");
    setenv(NAME, "a file", 1);
    cr_expect_str_eq(gyre_environment(NAME), "a file");
}

Test(environment, asks_for_nothing_with_nothing_or_0)
{
    unsetenv(NAME);
    cr_expect_null(gyre_environment_asks(NAME));
    cr_expect_eq(gyre_environment_number(NULL, NAME, 9), 0);
    setenv(NAME, "", 1);
    cr_expect_null(gyre_environment_asks(NAME));
    setenv(NAME, "0", 1);
    cr_expect_null(gyre_environment_asks(NAME));
    setenv(NAME, "00", 1);
    cr_expect_str_eq(gyre_environment_asks(NAME), "00");
    cr_expect_eq(number(NULL, "", 9), 0);
    cr_expect_eq(number(NULL, "0", 9), 0);
    cr_expect_eq(number(NULL, "00", 9), 0);
}

Test(environment, has_numbers_up_to_a_limit)
{
    cr_expect_eq(number(NULL, "1", 1), 1);
    cr_expect_eq(number(NULL, "1024", 1024), 1024);
    cr_expect_eq(number(NULL, "007", 9), 7);
    cr_expect_eq(number(NULL, "2147483647", LONG_MAX), 2147483647);
}

Test(environment, has_nonsense_told_of)
{
    static const char *const nonsense[] = {
        "-1", "+3",  " 3",   "3 ",   "3x",  "x",
        "=3", "0x1", "1025", "1030", "yes", "99999999999999999999"};
    struct listener ear = {.hook.failed = listen_to};
    struct gyre_loop *l;
    int n = sizeof nonsense / sizeof nonsense[0];

    cr_assert_eq(gyre_loop_new(&l), 0);
    gyre_loop_on_failure(l, &ear.hook);
    for (int i = 0; i < n; i++) {
        cr_expect_eq(number(l, nonsense[i], 1024), -EINVAL, "%s", nonsense[i]);
        cr_expect_eq(number(NULL, nonsense[i], 1024), -EINVAL);
    }
    cr_expect_eq(ear.heard, n);
    cr_expect_eq(number(l, "2", 1), -EINVAL);
    gyre_loop_free(l);
}
