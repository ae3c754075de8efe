/* A thread of one's own computes, and sets a future that a task awaits. */
#include <gyre.h>
#include <pthread.h>
#include <stdio.h>

static void *think(void *answer)
{
    intptr_t sum = 0;

    for (int i = 1; i <= 100; i++)
        sum += i;
    (void)gyre_remote_future_set(answer, sum);
    return NULL;
}

static intptr_t program(void *arg)
{
    struct gyre_remote_future answer;
    pthread_t thread;
    intptr_t sum;

    (void)arg;
    gyre_remote_future_init(&answer, gyre_loop_current());
    if (pthread_create(&thread, NULL, think, &answer) != 0)
        (void)gyre_remote_future_set(&answer, -EAGAIN);
    else
        pthread_detach(thread);
    sum = gyre_await(&answer.future, GYRE_FOREVER);
    printf("%d\n", (int)sum);
    return gyre_is_error(sum) ? sum : 0;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
