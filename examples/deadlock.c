/*
 * deadlock.c - three clerks, each of whom waits for the next.
 *
 * A deadlock on purpose: nothing that is awaited can happen any more, so the
 * run says who waits for whom, and where, and is cancelled.  A heartbeat beside
 * them, which would beat for ever, is in the background, and does not hide it.
 */
#include <gyre.h>

#include <stdio.h>

enum { CLERKS = 3 };

/* What each of them will have decided. */
static struct gyre_future decision[CLERKS];

static __attribute__((noinline)) intptr_t ask(int clerk)
{
    intptr_t answer = gyre_await(&decision[clerk], GYRE_FOREVER);

    return gyre_is_error(answer) ? answer : answer + 1;
}

static intptr_t decide(void *next)
{
    intptr_t answer = ask((int)(intptr_t)next);

    return gyre_is_error(answer) ? answer : 2 * answer;
}

static intptr_t beat(void *arg)
{
    (void)arg;
    while (gyre_sleep(gyre_in(GYRE_SECOND)) == 0)
        continue;
    return -ECANCELED;
}

static intptr_t office(void *arg)
{
    struct gyre_spawn_options options = {.background = true};
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, beat, NULL, &options);
    for (int i = 0; i < CLERKS; i++)
        gyre_spawn(&s, &decision[i], decide,
                   (void *)(intptr_t)((i + 1) % CLERKS));
    return gyre_scope_close(&s, 0);
}

int main(void)
{
    intptr_t result = gyre_run(office, NULL);

    printf("deadlock: %s\n", gyre_strerror((int)result));
    return result == -EDEADLK ? 0 : 1;
}
