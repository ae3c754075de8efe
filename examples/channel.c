/* Two loops, each on a thread of its own, and what goes from one to the other. */
#include <gyre.h>
#include <pthread.h>
#include <stdio.h>

static intptr_t put_squares(void *arg)
{
    struct gyre_channel *squares = arg;
    int err = 0;

    for (int i = 1; i <= 5 && err == 0; i++)
        err = gyre_channel_put(squares, &(int){i * i}, GYRE_FOREVER);
    gyre_channel_close(squares);
    return err;
}

static void *other_thread(void *squares)
{
    (void)gyre_run(put_squares, squares);
    return NULL;
}

static intptr_t receive(void *arg)
{
    struct gyre_channel *squares = arg;
    int square, err;

    while ((err = gyre_channel_take(squares, &square, GYRE_FOREVER)) == 0)
        printf("%d\n", square);
    return err == -EPIPE ? 0 : err;
}

int main(void)
{
    struct gyre_channel *squares;
    pthread_t thread;
    intptr_t why;

    if (gyre_channel_new(&squares, sizeof(int), 2) != 0)
        return 1;
    if (pthread_create(&thread, NULL, other_thread, squares) != 0)
        return 1;
    why = gyre_run(receive, squares);
    pthread_join(thread, NULL);
    gyre_channel_release(squares);
    return why != 0;
}
