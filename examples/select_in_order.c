/* To be stopped comes before all else, however much there is to do. */
#include <gyre.h>
#include <stdio.h>

static int room[8];
static struct gyre_queue jobs = {.items = {room, sizeof room[0], 8}};
static struct gyre_event stopping;

static intptr_t work(void *arg)
{
    int job, chosen;
    struct gyre_case cases[] = {gyre_case_event(&stopping), gyre_case_take(&jobs, &job)};

    (void)arg;
    while ((chosen = gyre_select_in_order(cases, 2, GYRE_FOREVER)) == 1) {
        int err = gyre_sleep(gyre_in(GYRE_SECOND));

        if (err)
            return err;
        printf("job %d is done\n", job);
    }
    printf("stopped, with %zu to do\n", gyre_queue_length(&jobs));
    return chosen;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    int err = 0;

    (void)arg;
    for (int i = 1; i <= 5 && err == 0; i++)
        err = gyre_queue_put(&jobs, &i, GYRE_NOW);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, work, NULL);
    if (err == 0)
        err = gyre_sleep(gyre_in(GYRE_SECOND + GYRE_SECOND / 2));
    gyre_event_set(&stopping);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
