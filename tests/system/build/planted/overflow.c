/* Reads one element past the end of a block. */
#include <criterion/criterion.h>

#include <stdlib.h>

Test(planted, overflow)
{
    volatile int beyond = 4;
    int *volatile four = calloc(4, sizeof *four);
    volatile int got = four[beyond];

    (void)got;
    free(four);
}
