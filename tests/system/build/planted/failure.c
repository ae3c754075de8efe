/* Fails in the ordinary way. */
#include <criterion/criterion.h>

Test(planted, failure)
{
    cr_assert_eq(1 + 1, 3);
}
