/* A computation that gives way when it is due, and a heartbeat that is not
   delayed. */
#include <gyre.h>
#include <stdio.h>

static uint64_t primes;

static intptr_t count_primes(void *below)
{
    for (uint64_t n = 2; n < (uint64_t)(intptr_t)below; n++) {
        uint64_t d = 2;
        int err = gyre_yield_if_due();

        if (err)
            return err;
        while (d * d <= n && n % d != 0)
            d++;
        primes += d * d > n;
    }
    return 0;
}

static intptr_t beat(void *arg)
{
    uint64_t beats = 0;
    int err;

    while ((err = gyre_yield()) == 0)
        beats++;
    printf("the heart has %s\n", beats > 3 ? "beaten" : "stood still");
    (void)arg;
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    struct gyre_future counted;
    intptr_t r;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &counted, count_primes, (void *)100000);
    gyre_spawn(&scope, NULL, beat, NULL);
    r = gyre_await(&counted, GYRE_FOREVER);
    printf("%d primes\n", (int)primes);
    gyre_scope_cancel(&scope);
    return gyre_scope_close(&scope, r);
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
