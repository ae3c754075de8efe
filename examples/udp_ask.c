/* Asks a port or a path, and waits a second for each answer: whole, or cut, or not at all. */
#include "number.h"

#include <gyre.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void ask(struct gyre_datagrams *d, const char *text)
{
    char buf[16];
    ssize_t n = gyre_send(d, text, strlen(text), NULL, gyre_in(GYRE_SECOND));

    if (n == 0)
        n = gyre_receive(d, buf, sizeof buf, NULL, gyre_in(GYRE_SECOND));
    if (n < 0)
        printf("\"%s\": %s\n", text, gyre_strerror((int)n));
    else if ((size_t)n > sizeof buf)
        printf("\"%.16s...\", cut from %zd bytes\n", buf, n);
    else
        printf("\"%.*s\", %zd bytes\n", (int)n, buf, n);
}

/* At a path of its own, for who is nowhere gets no answer; or at whatever port is free. */
static int open_for(struct gyre_datagrams *d, const char *where, struct gyre_addr *there)
{
    char path[100];
    struct gyre_addr here;
    int err;

    if (strpbrk(where, "/@") != NULL) {
        snprintf(path, sizeof path, "%s.%d", where, (int)getpid());
        err = gyre_addr_unix(there, where);
        return err ? err : gyre_unix_datagrams(d, gyre_loop_current(), path, 0600);
    }
    err = gyre_addr_parse(&here, "127.0.0.1", 0);
    if (err == 0)
        err = gyre_addr_parse(there, "127.0.0.1", port_in(where));
    return err ? err : gyre_datagrams_open(d, gyre_loop_current(), &here, NULL);
}

static intptr_t program(void *words)
{
    char **word = words;
    struct gyre_datagrams d;
    struct gyre_addr there;
    int err = open_for(&d, word[1], &there);

    if (err)
        return err;
    err = gyre_datagrams_connect(&d, &there);
    for (int i = 2; word[i] != NULL && err == 0; i++)
        ask(&d, word[i]);
    gyre_datagrams_close(&d);
    return err;
}

int main(int argc, char **argv)
{
    int err = argc > 1 ? (int)gyre_run(program, argv) : -EINVAL;

    if (err)
        fprintf(stderr, "udp_ask: %s\n", gyre_strerror(err));
    return err != 0;
}
