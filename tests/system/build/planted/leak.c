/* Loses a block of memory, and passes as far as Criterion can tell. */
#include <criterion/criterion.h>

#include <stdlib.h>

static void *volatile held;

Test(planted, leak)
{
    held = malloc(100);
    cr_assert_not_null(held);
    held = NULL;
}
