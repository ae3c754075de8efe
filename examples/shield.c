/* A cancelled task says goodbye first, which takes time, in a shield with a
   limit. */
#include <gyre.h>
#include <stdio.h>

/* The peer takes so many seconds; in a shield, so that being cancelled does not matter. */
static intptr_t say_goodbye(int seconds)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield, gyre_in(2 * GYRE_SECOND));
    return gyre_scope_close(&shield, gyre_sleep(gyre_in(seconds * GYRE_SECOND)));
}

static intptr_t talk(void *seconds)
{
    int err = gyre_sleep(gyre_in(60 * GYRE_SECOND));
    intptr_t bye = say_goodbye((int)(intptr_t)seconds);

    printf("talk: %s; goodbye: %s\n", err ? gyre_strerror(err) : "done",
           bye ? gyre_strerror((int)bye) : "said");
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    int err;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, talk, (void *)1);
    gyre_spawn(&scope, NULL, talk, (void *)5);
    err = gyre_sleep(gyre_in(3 * GYRE_SECOND));
    gyre_scope_cancel(&scope);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
