/* Wait, with a mutex, until another task has changed what it guards. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_mutex mutex;
static struct gyre_condition changed;
static int eggs;

static bool is_enough(void *wanted)
{
    return eggs >= (int)(intptr_t)wanted;
}

static intptr_t cook(void *wanted)
{
    int err = gyre_mutex_lock(&mutex, GYRE_FOREVER);

    if (err)
        return err;
    err = gyre_condition_wait_for(&changed, &mutex, is_enough, wanted, GYRE_FOREVER);
    if (err == 0) {
        eggs -= (int)(intptr_t)wanted;
        printf("an omelette of %d, leaving %d\n", (int)(intptr_t)wanted, eggs);
    }
    gyre_mutex_unlock(&mutex);
    return err;
}

static intptr_t lay(void *arg)
{
    int err = 0;

    (void)arg;
    for (int i = 0; i < 5 && err == 0; i++) {
        err = gyre_sleep(gyre_in(GYRE_SECOND));
        eggs++; /* nothing is waited for while it is done, so it needs no lock */
        gyre_condition_notify_all(&changed);
    }
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, cook, (void *)3);
    gyre_spawn(&scope, NULL, cook, (void *)2);
    gyre_spawn(&scope, NULL, lay, NULL);
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
