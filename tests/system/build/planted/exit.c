/* Leaves by the back door before the check that would fail. */
#include <criterion/criterion.h>

#include <stdlib.h>

static volatile int code;

Test(planted, exit)
{
    if (code == 0)
        exit(code);
    cr_assert_fail("never reached");
}
