/*
 * Misbehaves on purpose: one task sleeps as a thread does, and keeps all others waiting.  That is
 * too short for the watchdog, but the guard names the call, and who makes it:
 *
 *     make guard
 *     cc -I. examples/blocking.c build/libgyre_guard.a build/libgyre.a -lpthread -ldl
 */
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

static intptr_t sleep_well(void *arg)
{
    (void)arg;
    return gyre_sleep(gyre_in(GYRE_MILLISECOND));
}

static intptr_t sleep_badly(void *arg)
{
    (void)arg;
    return usleep(1000) == 0 ? 0 : -errno;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, sleep_well, NULL);
    gyre_spawn(&scope, NULL, sleep_badly, NULL);
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    intptr_t why = gyre_run(program, NULL);

    printf("both have slept\n");
    return why != 0;
}
