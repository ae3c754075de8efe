/* Adds one to the greatest int. */
#include <criterion/criterion.h>

#include <limits.h>

Test(planted, undefined)
{
    volatile int most = INT_MAX;
    volatile int more = most + 1;

    (void)more;
}
