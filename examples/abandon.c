/* Work that hangs is left behind; what it works on is freed when it comes back. */
#include <gyre.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

static sem_t answers; /* of a disk, say, which is stuck */

struct lookup {
    int found;
    struct gyre_remote_future *freed;
};

static void look_up(void *arg)
{
    struct lookup *lookup = arg;

    while (sem_wait(&answers) != 0)
        continue;
    lookup->found = 42;
}

/* By the thread that did the work, if the task has gone. */
static void free_lookup(void *arg)
{
    struct gyre_remote_future *freed = ((struct lookup *)arg)->freed;

    free(arg);
    (void)gyre_remote_future_set(freed, 0);
}

static intptr_t program(void *arg)
{
    struct gyre_remote_future freed;
    struct lookup *lookup = malloc(sizeof *lookup);
    int err;

    (void)arg;
    if (lookup == NULL)
        return -ENOMEM;
    lookup->freed = &freed;
    gyre_remote_future_init(&freed, gyre_loop_current());
    err = gyre_offload_abandonable(look_up, lookup, free_lookup, gyre_in(GYRE_SECOND / 5));
    printf("%s\n", err ? gyre_strerror(err) : "found");
    if (err == 0)
        free_lookup(lookup); /* it was found in time, and is ours */
    sem_post(&answers);      /* the disk comes back, too late */
    return gyre_await(&freed.future, GYRE_FOREVER);
}

int main(void)
{
    intptr_t why;

    sem_init(&answers, 0, 0);
    why = gyre_run(program, NULL);
    printf("all is freed\n");
    return why != 0;
}
