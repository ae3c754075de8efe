/* A server that says when it is ready; and one that never gets that far. */
#include <gyre.h>
#include <stdio.h>

static intptr_t serve(void *port)
{
    int err = gyre_sleep(gyre_in(GYRE_SECOND)); /* to bind and to listen */

    if (err)
        return err;
    gyre_started((intptr_t)port);
    return gyre_sleep(gyre_in(60 * GYRE_SECOND));
}

static intptr_t fail_to_bind(void *arg)
{
    (void)arg;
    return -EACCES;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    intptr_t port;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    port = gyre_spawn_start(&scope, NULL, serve, (void *)8080, gyre_in(5 * GYRE_SECOND));
    printf("listening on %d\n", (int)port);
    port = gyre_spawn_start(&scope, NULL, fail_to_bind, NULL, gyre_in(5 * GYRE_SECOND));
    printf("the other: %s\n", gyre_strerror((int)port));
    port = gyre_spawn_start(&scope, NULL, serve, (void *)8081, gyre_in(GYRE_MILLISECOND));
    printf("in a hurry: %s\n", gyre_strerror((int)port));
    printf("running: %zu\n", gyre_scope_children(&scope));
    gyre_scope_cancel(&scope);
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
