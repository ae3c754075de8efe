/*
 * graceful [PORT]: sends lines back, after a second of thought.  At SIGTERM who is idle has to go,
 * and the others may finish, within five seconds; at a second SIGTERM they may not.
 */
#include "number.h"

#include <gyre.h>
#include <signal.h>
#include <stdio.h>

#define GRACE (5 * GYRE_SECOND)
#define SOON  gyre_in(10 * GYRE_SECOND)

static intptr_t answer(struct gyre_connection *c)
{
    char line[256];
    int err;

    while ((err = gyre_connection_wait(c, gyre_in(60 * GYRE_SECOND))) > 0) {
        ssize_t n = gyre_read_until(c->stream, '\n', line, sizeof line, SOON);

        err = n > 0 ? gyre_sleep(gyre_in(GYRE_SECOND)) : (int)n;
        if (n > 0 && err == 0)
            err = gyre_write(c->stream, line, (size_t)n, SOON);
        if (n <= 0 || err)
            break;
    }
    return err;
}

struct program {
    struct gyre_server server;
    struct gyre_signal terminate;
    struct gyre_loop *loop;
    int port;
    unsigned asked; /* to terminate, so often */
};

static void terminated(struct gyre_signal *s, unsigned times)
{
    struct program *p = GYRE_OWNER(s, struct program, terminate);

    p->asked += times;
    gyre_server_stop(&p->server, p->asked > 1 ? GYRE_NOW : gyre_loop_in(p->loop, GRACE));
}

static int serve(struct program *p)
{
    const struct gyre_server_counts *n = &p->server.counts;
    struct gyre_listener *l;
    struct gyre_addr a;
    int err = gyre_tcp_listen("127.0.0.1", p->port, &l, GYRE_FOREVER);

    if (err)
        return err;
    err = gyre_listener_addr(l, &a);
    if (err == 0)
        printf("listening on 127.0.0.1:%d\n", gyre_addr_port(&a));
    fflush(stdout);
    if (err == 0)
        err = gyre_serve(&p->server, l, GYRE_FOREVER);
    gyre_listener_close(l);
    printf("%d accepted: %d finished, %d idle, %d cancelled, %d reset\n", (int)n->accepted,
           (int)n->finished, (int)n->idle, (int)n->cancelled, (int)n->aborted);
    return err;
}

static intptr_t program(void *arg)
{
    struct program *p = arg;
    int err;

    p->loop = gyre_loop_current();
    err = gyre_signal_start(p->loop, &p->terminate, SIGTERM);
    if (err == 0)
        err = serve(p);
    gyre_signal_stop(p->loop, &p->terminate);
    return err;
}

int main(int argc, char **argv)
{
    struct program p = {.server.handle = answer, .terminate.caught = terminated};
    intptr_t err;

    p.port = argc > 1 ? port_in(argv[1]) : 7000;
    err = gyre_run(program, &p);
    if (err)
        fprintf(stderr, "graceful: %s\n", gyre_strerror((int)err));
    return err != 0;
}
