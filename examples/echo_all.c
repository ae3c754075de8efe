/* Echo over TCP, and through a local socket: connections of both are streams.  ^C to stop. */
#include "number.h"

#include <gyre.h>
#include <stdio.h>

static intptr_t echo(struct gyre_stream *peer, void *arg)
{
    int64_t n;

    (void)arg;
    peer->patience = 60 * GYRE_SECOND;
    n = gyre_copy(peer, peer, GYRE_FOREVER);
    return n < 0 ? (intptr_t)n : 0;
}

static intptr_t serve(void *listener)
{
    return gyre_tcp_serve(listener, echo, NULL, GYRE_FOREVER);
}

static int listen_at(int port, const char *path, struct gyre_listener *l[2])
{
    struct gyre_addr a;
    int err = gyre_tcp_listen("127.0.0.1", port, &l[0], GYRE_NOW);

    if (err == 0)
        err = gyre_listener_addr(l[0], &a);
    if (err == 0)
        err = gyre_unix_listen(gyre_loop_current(), path, 0600, &l[1]);
    if (err == 0)
        printf("listening on 127.0.0.1:%d\n", gyre_addr_port(&a));
    fflush(stdout);
    return err;
}

static intptr_t program(void *words)
{
    const char *path = ((char **)words)[1], *port = ((char **)words)[2];
    struct gyre_listener *l[2] = {NULL, NULL};
    struct gyre_scope scope;
    intptr_t result = listen_at(port_in(port), path, l);

    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < 2 && result == 0; i++)
        result = gyre_spawn(&scope, NULL, serve, l[i]);
    result = gyre_scope_close(&scope, result);
    gyre_listener_close(l[0]);
    gyre_listener_close(l[1]);
    return result;
}

int main(int argc, char **argv)
{
    int err = argc == 3 ? (int)gyre_run(program, argv) : -EINVAL;

    if (err == 0 || err == -ECANCELED)
        return 0;
    fprintf(stderr, "echo_all: %s\n", gyre_strerror(err));
    return 1;
}
