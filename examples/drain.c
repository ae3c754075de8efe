/* Two workers: wait until all items are done; then close, and get back what is
   left. */
#include <gyre.h>
#include <stdio.h>

static const char *room[8];
static struct gyre_queue jobs = {.items = {room, sizeof room[0], 8}};

static intptr_t work(void *arg)
{
    const char *job;
    int err;

    (void)arg;
    while ((err = gyre_queue_take(&jobs, &job, GYRE_FOREVER)) == 0) {
        err = gyre_sleep(gyre_in(GYRE_SECOND));
        printf("%s is %s\n", job, err ? "left" : "done");
        gyre_queue_done(&jobs);
    }
    return err == -EPIPE ? 0 : err;
}

static int put(const char *first, const char *second, const char *third)
{
    const char *all[] = {first, second, third};
    int err = 0;

    for (int i = 0; i < 3 && err == 0; i++)
        err = gyre_queue_put(&jobs, &all[i], GYRE_FOREVER);
    return err;
}

static void refuse(void *job)
{
    printf("nobody does %s\n", *(const char **)job);
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    int err;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, work, NULL);
    gyre_spawn(&scope, NULL, work, NULL);
    err = put("washing", "ironing", "folding");
    if (err == 0)
        err = gyre_queue_join(&jobs, GYRE_FOREVER);
    printf("that was all\n");
    if (err == 0)
        err = put("cooking", "baking", "eating");
    gyre_queue_close_now(&jobs, refuse); /* the workers have the first two in hand */
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
