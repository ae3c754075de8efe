/* Nothing is wrong here: what the others differ from. */
#include <criterion/criterion.h>

Test(planted, clean)
{
    cr_assert_eq(1 + 1, 2);
}
