/* An echo server, by callbacks: a connection is a struct, freed when closed. */
#include "../number.h"

#include <gyre.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct connection {
    struct gyre_stream *stream;
    struct gyre_reading reading;
    struct gyre_writing writing;
    struct iovec echo;     /* of what was read */
    struct gyre_list link; /* in connections */
    char buf[4096];
};

static struct gyre_loop *loop;
static struct gyre_listener *listener;
static struct gyre_list connections = {&connections, &connections};
static int failed;

static void hang_up(struct connection *c)
{
    gyre_list_remove(&c->link);
    gyre_close(c->stream);
    free(c);
}

/* Who does not read what is written is not read from, either. */
static void written(struct gyre_writing *w, int err)
{
    struct connection *c = GYRE_OWNER(w, struct connection, writing);

    if (err == 0)
        err = gyre_reading_start(&c->reading, c->stream);
    if (err)
        hang_up(c);
}

static void has_read(struct gyre_reading *r, ssize_t n)
{
    struct connection *c = GYRE_OWNER(r, struct connection, reading);

    gyre_reading_stop(r);
    if (n <= 0) {
        hang_up(c);
        return;
    }
    c->echo = (struct iovec){c->buf, (size_t)n};
    gyre_writing_start(&c->writing, c->stream, &c->echo, 1);
}

static void accepted(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    struct connection *c;

    (void)a;
    if (err) { /* there will be no more */
        failed = err;
        gyre_loop_stop(loop);
        return;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        gyre_close(s);
        return;
    }
    c->stream = s;
    c->reading = (struct gyre_reading){has_read, c->buf, sizeof c->buf};
    c->writing.written = written;
    gyre_list_append(&connections, &c->link);
    written(&c->writing, 0);
}

static void stop(struct gyre_signal *s, unsigned times)
{
    (void)s;
    (void)times;
    gyre_loop_stop(loop);
}

static struct gyre_accepting accepting = {accepted};
static struct gyre_signal interrupt = {stop}, terminate = {stop};

static int start(int port)
{
    char text[GYRE_ADDR_TEXT];
    struct gyre_addr a;
    int err = gyre_addr_parse(&a, "127.0.0.1", port);

    if (err == 0)
        err = gyre_tcp_listen_at(loop, &a, NULL, &listener);
    if (err == 0)
        err = gyre_accepting_start(&accepting, listener);
    if (err == 0)
        err = gyre_signal_start(loop, &interrupt, SIGINT);
    if (err == 0)
        err = gyre_signal_start(loop, &terminate, SIGTERM);
    if (err == 0)
        err = gyre_listener_addr(listener, &a);
    if (err == 0)
        printf("listening on %s\n", gyre_addr_format(&a, text, sizeof text));
    fflush(stdout);
    return err;
}

int main(int argc, char **argv)
{
    int err = gyre_loop_new(&loop);

    if (err == 0)
        err = start(argc > 1 ? port_in(argv[1]) : 7000);
    if (err == 0)
        err = gyre_loop_run(loop);
    while (!gyre_list_empty(&connections))
        hang_up(GYRE_OWNER(connections.next, struct connection, link));
    gyre_listener_close(listener);
    gyre_loop_free(loop);
    if (err || failed)
        fprintf(stderr, "echo: %s\n", gyre_strerror(err ? err : failed));
    return err || failed;
}
