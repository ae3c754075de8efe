/* An echo server, by tasks: a connection is a function that returns. */
#include "../number.h"

#include <gyre.h>
#include <stdio.h>

static intptr_t echo(struct gyre_stream *s, void *arg)
{
    char buf[4096];
    ssize_t n;
    int err = 0;

    (void)arg;
    while (err == 0 && (n = gyre_read(s, buf, sizeof buf, GYRE_FOREVER)) > 0)
        err = gyre_write(s, buf, (size_t)n, GYRE_FOREVER);
    return err ? err : n;
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? port_in(argv[1]) : 7000;
    int err = gyre_tcp_run("127.0.0.1", port, echo, NULL);

    if (err)
        fprintf(stderr, "echo: %s\n", gyre_strerror(err));
    return err != 0;
}
