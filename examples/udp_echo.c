/* Datagrams, to a port or a path, are sent back to their senders, many at a
   time. ^C to stop. */
#include "number.h"

#include <gyre.h>
#include <stdio.h>
#include <string.h>

enum { MANY = 64 };

/* One that was cut is not sent back; one that cannot be sent is lost, as any may be. */
static int echo(struct gyre_datagrams *d)
{
    static char bytes[MANY][2048];
    struct gyre_datagram m[MANY];
    int n;

    for (int i = 0; i < MANY; i++)
        m[i] = (struct gyre_datagram){.bytes = bytes[i], .size = sizeof bytes[i]};
    while ((n = gyre_receive_many(d, m, MANY, GYRE_FOREVER)) > 0)
        for (int i = 0; i < n; i++)
            if (m[i].length <= m[i].size)
                (void)!gyre_send(d, m[i].bytes, m[i].length, &m[i].addr, GYRE_NOW);
    return n;
}

static int open_at(struct gyre_datagrams *d, const char *where)
{
    struct gyre_addr a;
    int err;

    if (strpbrk(where, "/@") != NULL)
        return gyre_unix_datagrams(d, gyre_loop_current(), where, 0600);
    err = gyre_addr_parse(&a, "127.0.0.1", port_in(where));
    return err ? err : gyre_datagrams_open(d, gyre_loop_current(), &a, NULL);
}

static intptr_t program(void *where)
{
    struct gyre_datagrams d;
    struct gyre_addr a;
    char text[GYRE_ADDR_TEXT];
    int err = open_at(&d, where);

    if (err)
        return err;
    err = gyre_datagrams_local(&d, &a);
    if (err == 0) {
        printf("listening on %s\n", gyre_addr_format(&a, text, sizeof text));
        fflush(stdout);
        err = echo(&d);
    }
    gyre_datagrams_close(&d);
    return err;
}

int main(int argc, char **argv)
{
    int err = (int)gyre_run(program, argc > 1 ? argv[1] : "7000");

    if (err == 0 || err == -ECANCELED)
        return 0;
    fprintf(stderr, "udp_echo: %s\n", gyre_strerror(err));
    return 1;
}
