/* The echo server on all processors: a loop a thread, each with a listener of its own on one port. */
#include "number.h"

#include <gyre.h>
#include <stdio.h>

static intptr_t echo(struct gyre_stream *peer, void *arg)
{
    char buf[4096];
    ssize_t n;

    (void)arg;
    while ((n = gyre_read(peer, buf, sizeof buf, gyre_in(60 * GYRE_SECOND))) > 0) {
        int err = gyre_write(peer, buf, (size_t)n, gyre_in(10 * GYRE_SECOND));

        if (err)
            return err;
    }
    return n;
}

/* The system spreads connections over those who listen so.  ^C cancels us all, and is no error. */
static intptr_t serve(unsigned index, void *port)
{
    struct gyre_listen_options options = {.balance = true};
    struct gyre_listener *listener;
    struct gyre_addr a;
    intptr_t result = gyre_addr_parse(&a, "127.0.0.1", *(int *)port);

    if (result == 0)
        result = gyre_tcp_listen_at(gyre_loop_current(), &a, &options, &listener);
    if (result != 0)
        return result;
    if (index == 0)
        printf("listening on 127.0.0.1:%d\n", *(int *)port);
    fflush(stdout);
    result = gyre_tcp_serve(listener, echo, NULL, GYRE_FOREVER);
    gyre_listener_close(listener);
    return result == -ECANCELED ? 0 : result;
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? port_in(argv[1]) : 7000;
    intptr_t err = gyre_run_threads(NULL, 0, serve, &port);

    if (err)
        fprintf(stderr, "echo_threads: %s\n", gyre_strerror((int)err));
    return err != 0;
}
