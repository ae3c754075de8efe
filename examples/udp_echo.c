/* Datagrams there and back: what is sent comes back whole, and who asks where nobody is, is told. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_datagrams server, client;
static struct gyre_addr there;

static int open_both(void)
{
    struct gyre_addr any;
    int err = gyre_addr_parse(&any, "127.0.0.1", 0);

    if (err == 0)
        err = gyre_datagrams_open(&server, gyre_loop_current(), &any, NULL);
    if (err == 0)
        err = gyre_datagrams_open(&client, gyre_loop_current(), &any, NULL);
    if (err == 0)
        err = gyre_datagrams_local(&server, &there);
    if (err == 0)
        err = gyre_datagrams_connect(&client, &there);
    return err;
}

static intptr_t echo(void *arg)
{
    struct gyre_addr from;
    char buf[1500];
    ssize_t n;

    (void)arg;
    while ((n = gyre_receive(&server, buf, sizeof buf, &from, GYRE_FOREVER)) >= 0) {
        int err = gyre_send(&server, buf, (size_t)n, &from, GYRE_FOREVER);

        if (err)
            return err;
    }
    return n == -EBADF ? 0 : n; /* it was closed */
}

static int ask(const char *text, size_t n)
{
    char buf[16];
    ssize_t got;
    int err = gyre_send(&client, text, n, NULL, gyre_in(GYRE_SECOND));

    if (err)
        return err;
    got = gyre_receive(&client, buf, sizeof buf, NULL, gyre_in(GYRE_SECOND));
    if (got < 0)
        printf("\"%s\": %s\n", text, gyre_strerror((int)got));
    else if ((size_t)got > sizeof buf)
        printf("\"%.16s...\", cut from %zd bytes\n", buf, got);
    else
        printf("\"%.*s\", %zd bytes\n", (int)got, buf, got);
    return 0;
}

static intptr_t talk(void *arg)
{
    int err = ask("hello", 5);

    (void)arg;
    if (err == 0)
        err = ask("", 0);
    if (err == 0)
        err = ask("longer than there is room", 25);
    gyre_datagrams_close(&server);
    if (err == 0)
        err = ask("anybody?", 8);
    gyre_datagrams_close(&client);
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    int err = open_both();

    (void)arg;
    if (err)
        return err;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, echo, NULL);
    gyre_spawn(&scope, NULL, talk, NULL);
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
