/* Three clerks, each waiting for the next; a heartbeat in the background does
   not hide that. */
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

/* Apart, so that all are hired in one place. */
static __attribute__((noinline)) void hire(struct gyre_scope *s, int clerk)
{
    intptr_t next = (clerk + 1) % CLERKS;

    if (gyre_spawn(s, &decision[clerk], decide, (void *)next) != 0)
        printf("no room for clerk %d\n", clerk);
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
        hire(&s, i);
    return gyre_scope_close(&s, 0);
}

int main(void)
{
    intptr_t result = gyre_run(office, NULL);

    printf("deadlock: %s\n", gyre_strerror((int)result));
    return result == -EDEADLK ? 0 : 1;
}
