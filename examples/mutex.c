/* What must stay whole across a wait; and a lock whose owner went away. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_mutex line;

/* Ask, and wait for the answer, on a line that all share. */
static intptr_t talk(void *name)
{
    int err = gyre_mutex_lock(&line, GYRE_FOREVER);

    if (err) {
        printf("%s: %s\n", (const char *)name, gyre_strerror(err));
        return 0;
    }
    printf("%s asks\n", (const char *)name);
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    printf("%s is answered\n", (const char *)name);
    gyre_mutex_unlock(&line);
    return err;
}

static intptr_t hang_up(void *name)
{
    int err = gyre_mutex_lock(&line, GYRE_FOREVER);

    printf("%s takes the line, and never gives it back\n", (const char *)name);
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, talk, "ann");
    gyre_spawn(&scope, NULL, talk, "bob");
    gyre_spawn(&scope, NULL, hang_up, "eve");
    gyre_spawn(&scope, NULL, talk, "joe");
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
