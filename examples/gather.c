/* Three questions at once, and the answers in the order of asking. */
#include <gyre.h>
#include <stdio.h>

static intptr_t ask(void *seconds)
{
    int err = gyre_sleep(gyre_in((intptr_t)seconds * GYRE_SECOND));

    return err ? err : (intptr_t)seconds * 10;
}

static intptr_t fail(void *arg)
{
    (void)arg;
    return -EACCES;
}

static intptr_t program(void *arg)
{
    struct gyre_call all[] = {{ask, (void *)3}, {ask, (void *)1}, {ask, (void *)2}};
    struct gyre_call some[] = {{ask, (void *)1}, {fail, NULL}};
    intptr_t r = gyre_gather(all, 3, GYRE_GATHER_ALL, GYRE_FOREVER);

    (void)arg;
    printf("all: %d %d %d\n", (int)all[0].result, (int)all[1].result, (int)all[2].result);
    if (r == 0)
        r = gyre_gather(all, 3, GYRE_GATHER_RACE, GYRE_FOREVER);
    printf("first to end: number %d\n", (int)r);
    r = gyre_gather(some, 2, GYRE_GATHER_SETTLED, GYRE_FOREVER);
    printf("failures: %d, the other said %d\n", (int)r, (int)some[0].result);
    r = gyre_gather(some, 2, GYRE_GATHER_ALL, GYRE_FOREVER);
    printf("all or nothing: %s\n", gyre_strerror((int)r));
    return 0;
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
