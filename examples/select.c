/* Whichever comes first: an item, another's answer, or the end of patience. */
#include <gyre.h>
#include <stdio.h>

static int room[4];
static struct gyre_queue orders = {.items = {room, sizeof room[0], 4}};

static intptr_t order(void *arg)
{
    int err = 0;

    (void)arg;
    for (int i = 1; i <= 3 && err == 0; i++) {
        err = gyre_sleep(gyre_in(GYRE_SECOND));
        if (err == 0)
            err = gyre_queue_put(&orders, &i, GYRE_FOREVER);
    }
    return err;
}

static intptr_t answer(void *arg)
{
    int err = gyre_sleep(gyre_in(2500 * GYRE_MILLISECOND));

    (void)arg;
    return err ? err : 42;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    struct gyre_future answered;
    int item, chosen = 0;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, order, NULL);
    gyre_spawn(&scope, &answered, answer, NULL);
    while (chosen >= 0) {
        struct gyre_case cases[] = {gyre_case_take(&orders, &item), gyre_case_future(&answered)};

        chosen = gyre_select(cases, gyre_future_done(&answered) ? 1 : 2,
                             gyre_in(1500 * GYRE_MILLISECOND));
        if (chosen == 0)
            printf("an order: %d\n", item);
        else if (chosen == 1)
            printf("the answer: %d\n", (int)cases[1].result);
    }
    printf("nothing more: %s\n", gyre_strerror(chosen));
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
