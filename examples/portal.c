/* A thread that has no loop asks for something that waits, and for a task to be run. */
#include <gyre.h>
#include <pthread.h>
#include <stdio.h>

struct desk {
    struct gyre_portal portal;
    struct gyre_event done;
};

static intptr_t look_up(void *number)
{
    int err = gyre_sleep(gyre_in(GYRE_MILLISECOND));

    return err ? err : (intptr_t)number * 2;
}

static intptr_t finish(void *arg)
{
    struct desk *desk = arg;

    gyre_event_set(&desk->done);
    return 0;
}

static void *thread(void *arg)
{
    struct desk *desk = arg;
    intptr_t answer = gyre_portal_call(&desk->portal, look_up, (void *)21);

    printf("the thread was told %d\n", (int)answer);
    if (gyre_portal_spawn(&desk->portal, finish, desk) != 0)
        printf("too late\n");
    return NULL;
}

static intptr_t program(void *arg)
{
    struct desk desk = {0};
    struct gyre_scope scope;
    pthread_t t;
    int err;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_portal_open(&desk.portal, &scope);
    err = -pthread_create(&t, NULL, thread, &desk);
    if (err == 0) {
        err = gyre_event_wait(&desk.done, GYRE_FOREVER);
        pthread_join(t, NULL);
    }
    gyre_portal_close(&desk.portal);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
