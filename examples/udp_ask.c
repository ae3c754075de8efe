/* Asks by datagrams, and waits a second for each answer: it comes whole, or cut, or not at all. */
#include "number.h"

#include <gyre.h>
#include <stdio.h>
#include <string.h>

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

static intptr_t program(void *words)
{
    char **word = words;
    struct gyre_datagrams d;
    struct gyre_addr here, there;
    int err = gyre_addr_parse(&here, "127.0.0.1", 0);

    if (err == 0)
        err = gyre_addr_parse(&there, "127.0.0.1", port_in(word[1]));
    if (err == 0)
        err = gyre_datagrams_open(&d, gyre_loop_current(), &here, NULL);
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
