/* Two unusual queues: a stack (last in, first out), and a rendezvous (capacity
   0). */
#include <gyre.h>
#include <stdio.h>

static int room[3];
static struct gyre_queue plates = {.items = {room, sizeof room[0], 3, .lifo = true}};
static struct gyre_queue hand = {.items = {.size = sizeof(int)}}; /* room for none */

static intptr_t give(void *arg)
{
    gyre_time start = gyre_in(0);
    int err;

    (void)arg;
    err = gyre_queue_put(&hand, &(int){42}, GYRE_FOREVER);
    printf("it was taken after %d seconds\n", (int)((gyre_in(0) - start) / GYRE_SECOND));
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    int n, err = 0;

    (void)arg;
    for (int i = 1; i <= 3 && err == 0; i++)
        err = gyre_queue_put(&plates, &i, GYRE_NOW);
    while (err == 0 && gyre_queue_length(&plates) > 0) {
        err = gyre_queue_take(&plates, &n, GYRE_NOW);
        if (err == 0)
            printf("plate %d\n", n);
    }

    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, give, NULL);
    if (err == 0)
        err = gyre_sleep(gyre_in(2 * GYRE_SECOND));
    if (err == 0)
        err = gyre_queue_take(&hand, &n, GYRE_FOREVER);
    if (err == 0)
        printf("%d, from hand to hand\n", n);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
