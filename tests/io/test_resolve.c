/*
 * test_resolve.c - the claims of addr.h about finding the addresses of names.
 */
#include <errno.h>
#include <string.h>

#include "task/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/addr.h"
#include "tests/io/loopback.h"

TestSuite(resolve, .timeout = 60);

CLAIM_ON_LOOPBACK(resolve, looks_nothing_up_that_is_an_address)
{
    struct gyre_addr a[4];
    char text[GYRE_ADDR_TEXT];

    cr_expect_eq(gyre_resolve("127.0.0.9", 80, a, 4, GYRE_NOW), 1);
    cr_expect_str_eq(gyre_addr_format(a, text, sizeof text), "127.0.0.9:80");
    cr_expect_eq(gyre_resolve(NULL, 80, a, 4, GYRE_NOW), 1);
    cr_expect_str_eq(gyre_addr_format(a, text, sizeof text), "0.0.0.0:80");
}

CLAIM_ON_LOOPBACK(resolve, finds_this_machine)
{
    struct gyre_addr a[4];
    int n = gyre_resolve("localhost", 80, a, 4, gyre_in(20 * GYRE_SECOND));

    cr_expect_geq(n, 1);
    for (int i = 0; i < n; i++)
        cr_expect_eq(gyre_addr_port(&a[i]), 80);
}

CLAIM_ON_LOOPBACK(resolve, refuses_what_can_be_no_name)
{
    char longest[300], label[80];
    struct gyre_addr a;
    const char *names[] = {".",    "a..b",  ".a",    "a b",
                           "a\nb", "a\x7f", longest, label};

    memset(longest, 'a', sizeof longest);
    for (size_t i = 10; i < sizeof longest; i += 10)
        longest[i] = '.';
    longest[254] = '\0';
    memset(label, 'b', 64);
    label[64] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        cr_expect_eq(gyre_resolve(names[i], 1, &a, 1, GYRE_FOREVER), -EINVAL,
                     "name %zu", i);
    cr_expect_eq(gyre_resolve("localhost", 65536, &a, 1, GYRE_FOREVER),
                 -EINVAL);
}

CLAIM_ON_LOOPBACK(resolve, is_a_cancel_point_even_for_an_address)
{
    struct gyre_scope s;
    struct gyre_addr a;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_resolve("127.0.0.1", 1, &a, 1, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_resolve("localhost", 1, &a, 1, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* However long libc asks around, nobody waits for it longer than he said.  Its
   thread may be at it still when the run has ended, so no books are kept
   here. */
static intptr_t walk_away(void *arg)
{
    struct gyre_addr a;
    int n = gyre_resolve("a-name-that-is-not.invalid", 1, &a, 1,
                         gyre_in(20 * GYRE_MILLISECOND));

    (void)arg;
    cr_expect(n == -ETIMEDOUT || n == -ENOENT || n == -EHOSTUNREACH, "%d", n);
    cr_expect_eq(gyre_resolve("localhost", 1, &a, 1, GYRE_NOW), -ETIMEDOUT);
    return 0;
}

Test(resolve, walks_away_when_time_is_up)
{
    cr_expect_eq(gyre_run(walk_away, NULL), 0);
}
