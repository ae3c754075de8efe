/*
 * runner.c - the process that runs the tests leaks, and they do not.
 */
#include <criterion/criterion.h>
#include <criterion/hooks.h>

#include <stdlib.h>

static void *volatile lost;

ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    (void)tests;
    lost = malloc(48);
    lost = NULL;
}

Test(planted, passes)
{
    cr_expect(1);
}
