/*
 * players.c - what all of them need.
 */
#include "tests/task/sim/players.h"

#include <stdio.h>

#include "loop/random.h"

static int wrongs;

void want_that(bool it_is_so, const char *what)
{
    if (it_is_so)
        return;
    fprintf(stderr, "it is not so: %s\n", what);
    wrongs++;
}

int wrong(void)
{
    int n = wrongs;

    wrongs = 0;
    return n;
}

int any_of(int n)
{
    return (int)(gyre_loop_random(gyre_loop_current()) % (uint64_t)n);
}

gyre_time a_while(void)
{
    return gyre_in(any_of(3) * MS);
}

intptr_t sleep_a_while(void *arg)
{
    (void)arg;
    return gyre_sleep(a_while());
}
