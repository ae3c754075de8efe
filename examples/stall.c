/* Misbehaves on purpose: one task computes for seconds, and keeps all others waiting. */
#include <gyre.h>
#include <stdio.h>
#include <stdlib.h>

/* The slow way.  It never gives way; gyre_offload would have a thread do it. */
static intptr_t fibonacci(intptr_t n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static intptr_t compute(void *arg)
{
    return fibonacci((intptr_t)arg);
}

static intptr_t tick(void *arg)
{
    int err = 0;

    (void)arg;
    while (err == 0)
        err = gyre_sleep(gyre_in(100 * GYRE_MILLISECOND));
    return err;
}

static intptr_t both(void *n)
{
    struct gyre_scope scope;
    struct gyre_future number;
    intptr_t why;

    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, tick, NULL);
    gyre_spawn(&scope, &number, compute, n);
    why = gyre_await(&number, GYRE_FOREVER);
    gyre_scope_cancel(&scope);
    return gyre_scope_close(&scope, why);
}

int main(int argc, char **argv)
{
    intptr_t n = argc > 1 ? atoi(argv[1]) : 44;
    intptr_t number = gyre_run(both, (void *)n);

    printf("fibonacci(%jd) = %jd\n", (intmax_t)n, (intmax_t)number);
    return gyre_is_error(number);
}
