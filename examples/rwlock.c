/* Many read at once; a writer is alone, and does not wait for ever. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_rwlock lock;

static intptr_t look(void *name)
{
    int err = gyre_rwlock_read(&lock, GYRE_FOREVER);

    if (err)
        return err;
    printf("%s looks, with %zu others\n", (const char *)name, gyre_rwlock_readers(&lock) - 1);
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    gyre_rwlock_unlock(&lock);
    return err;
}

static intptr_t change(void *name)
{
    int err = gyre_rwlock_write(&lock, GYRE_FOREVER);

    if (err)
        return err;
    printf("%s changes it\n", (const char *)name);
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    gyre_rwlock_unlock(&lock);
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, look, "ann");
    gyre_spawn(&scope, NULL, look, "bob");
    gyre_spawn(&scope, NULL, change, "eve");
    gyre_spawn(&scope, NULL, look, "joe");
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
