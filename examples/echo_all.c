/* Echo to whoever asks, and however: over TCP, over UDP, and through a local socket. */
#include "number.h"

#include <gyre.h>
#include <signal.h>
#include <stdio.h>

static struct gyre_scope scope;

static void terminate(struct gyre_signal *s, unsigned times)
{
    (void)s;
    (void)times;
    gyre_scope_cancel(&scope);
}

/* A connection, of whichever kind: both are streams. */
static intptr_t echo(struct gyre_stream *peer, void *arg)
{
    char buf[4096];
    ssize_t n;
    int err = 0;

    (void)arg;
    while (err == 0 && (n = gyre_read(peer, buf, sizeof buf, gyre_in(60 * GYRE_SECOND))) > 0)
        err = gyre_write(peer, buf, (size_t)n, gyre_in(10 * GYRE_SECOND));
    return err;
}

static intptr_t serve(void *listener)
{
    intptr_t result = gyre_tcp_serve(listener, echo, NULL, GYRE_FOREVER);

    gyre_listener_close(listener);
    return result;
}

/* Datagrams, up to 64 at a time; one that cannot be sent is lost, as any may be. */
static intptr_t echo_datagrams(void *arg)
{
    static char bytes[64][2048];
    struct gyre_datagrams *d = arg;
    struct gyre_datagram m[64];
    int n;

    for (int i = 0; i < 64; i++)
        m[i] = (struct gyre_datagram){.bytes = bytes[i], .size = sizeof bytes[i]};
    while ((n = gyre_receive_many(d, m, 64, GYRE_FOREVER)) != -ECANCELED)
        for (int i = 0; i < n; i++)
            if (m[i].length <= m[i].size) /* or it was cut */
                (void)!gyre_send(d, m[i].bytes, m[i].length, &m[i].addr, GYRE_NOW);
    gyre_datagrams_close(d);
    return n;
}

static int open_all(int port, const char *path, struct gyre_listener *l[2],
                    struct gyre_datagrams *d)
{
    struct gyre_addr a;
    int err = gyre_tcp_listen("127.0.0.1", port, &l[0], GYRE_NOW);

    if (err == 0)
        err = gyre_listener_addr(l[0], &a);
    if (err == 0)
        err = gyre_datagrams_open(d, gyre_loop_current(), &a, NULL);
    if (err == 0)
        err = gyre_unix_listen(gyre_loop_current(), path, 0600, &l[1]);
    if (err == 0)
        printf("listening on 127.0.0.1:%d\n", gyre_addr_port(&a));
    fflush(stdout);
    return err;
}

static intptr_t program(void *words)
{
    struct gyre_signal terminated = {.caught = terminate};
    const char *path = ((char **)words)[1];
    struct gyre_listener *listeners[2];
    struct gyre_datagrams datagrams;
    int err = open_all(port_in(((char **)words)[2]), path, listeners, &datagrams);

    if (err)
        return err;
    gyre_scope_open(&scope, GYRE_FOREVER);
    err = gyre_signal_start(gyre_loop_current(), &terminated, SIGTERM);
    gyre_spawn(&scope, NULL, serve, listeners[0]);
    gyre_spawn(&scope, NULL, serve, listeners[1]);
    gyre_spawn(&scope, NULL, echo_datagrams, &datagrams);
    err = (int)gyre_scope_close(&scope, err);
    gyre_signal_stop(gyre_loop_current(), &terminated);
    return err;
}

int main(int argc, char **argv)
{
    int err = argc == 3 ? (int)gyre_run(program, argv) : -EINVAL;

    if (err)
        fprintf(stderr, "echo_all: %s\n", gyre_strerror(err));
    return err != 0;
}
