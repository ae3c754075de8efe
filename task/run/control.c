/*
 * control.c - a socket at which a run answers questions.
 *
 *      accepted -> ASKING    [accept_all]   until the end of a line is read
 *      ASKING -> ANSWERING   [ask]          until all is sent
 *      ASKING -> WAITING     [ask]          for as long as the line says
 *      WAITING -> ANSWERING  [be_due]
 *      any -> gone           [hang_up]      done, failed, late, or the run
 *                                           ends; or the client has gone itself
 *
 * The listener is watched by edges: where descriptors have run out a level
 * would keep the loop busy, with nothing it could do about it.
 */
#include "task/run/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "loop/result.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "task/internal.h"
#include "task/run/commands.h"
#include "task/run/endpoint.h"
#include "task/show/out.h"

#define PATIENCE (10 * GYRE_SECOND)
#define LONGEST  (60 * GYRE_SECOND) /* that a line may have its answer wait */

enum { CLIENTS = 4, LINE = 128, MOST = 64 * 1024 * 1024 };

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SO_NOSIGPIPE does it */
#endif

struct gyre_control {
    struct gyre_runtime *runtime;
    struct gyre_watch watch;
    struct gyre_endpoint endpoint;
    struct gyre_list clients;
    int n;
};

/* An answer, in memory until it is sent. */
struct answer {
    struct gyre_out out;
    struct gyre_allocator *allocator;
    char *bytes;
    size_t n, size, sent;
};

struct client {
    struct gyre_control *control;
    struct gyre_list link; /* in gyre_control.clients */
    struct gyre_watch watch;
    struct gyre_timer timer;
    int fd;
    bool waiting; /* for what it has asked for to be due */
    size_t n;     /* of the line */
    char line[LINE];
    struct answer answer;
};

static struct gyre_loop *loop_of(const struct gyre_control *c)
{
    return c->runtime->loop;
}

/* ---- clients ---- */

/* The client's waiting is over, if it was; it has been answered, or will
   not. */
static void end_span(struct client *client)
{
    if (client->waiting)
        gyre_command_end(client->control->runtime, client->line);
    client->waiting = false;
}

/* Close a client's connection, and forget it. */
static void hang_up(struct client *client)
{
    struct gyre_control *c = client->control;
    struct answer *a = &client->answer;

    end_span(client);
    gyre_watch_stop(loop_of(c), &client->watch);
    gyre_timer_stop(loop_of(c), &client->timer);
    gyre_list_remove(&client->link);
    c->n--;
    close(client->fd);
    if (a->bytes != NULL)
        gyre_resize(a->allocator, a->bytes, a->size, 0);
    gyre_resize(a->allocator, client, sizeof *client, 0);
}

static void be_late(struct gyre_timer *t)
{
    hang_up(GYRE_OWNER(t, struct client, timer));
}

/* Make room for `n` more bytes. */
static int grow(struct answer *a, size_t n)
{
    size_t size = a->size > 0 ? a->size : 4096;
    char *bytes;

    while (size - a->n < n)
        size *= 2;
    if (size > MOST)
        return -EMSGSIZE;
    if (size == a->size)
        return 0;
    bytes = gyre_resize(a->allocator, a->bytes, a->size, size);
    if (bytes == NULL)
        return -ENOMEM;
    a->bytes = bytes;
    a->size = size;
    return 0;
}

static int keep(struct gyre_out *o, const char *bytes, size_t n)
{
    struct answer *a = GYRE_OWNER(o, struct answer, out);
    int err = grow(a, n);

    if (err)
        return err;
    memcpy(a->bytes + a->n, bytes, n);
    a->n += n;
    return 0;
}

/* Say instead of an answer why there is none. */
static int apologize(struct answer *a, int err)
{
    a->n = 0;
    a->out.err = 0;
    gyre_put_format(&a->out, "%s\n", gyre_strerror(err));
    return gyre_out_end(&a->out);
}

/* Answer, and begin to send that. */
static void answer(struct client *client)
{
    struct answer *a = &client->answer;
    int err;

    gyre_command(&a->out, client->control->runtime, client->line);
    end_span(client);
    err = gyre_out_end(&a->out);
    if ((err && apologize(a, err) != 0) ||
        gyre_watch_start(loop_of(client->control), &client->watch, client->fd,
                         GYRE_WRITE) != 0)
        hang_up(client);
}

static void be_due(struct gyre_timer *t)
{
    struct client *client = GYRE_OWNER(t, struct client, timer);
    struct gyre_loop *l = loop_of(client->control);

    t->fire = be_late;
    gyre_timer_start(l, t, gyre_loop_in(l, PATIENCE));
    answer(client);
}

/* Take "5s" or "200ms" off the end of the line; 0 if there is no such. */
static gyre_time take_span(char *line)
{
    char *last = strrchr(line, ' '), *unit;
    gyre_time span = 0;
    long n;

    if (last == NULL)
        return 0;
    n = strtol(last, &unit, 10);
    if (n > 0 && n <= LONGEST / GYRE_MILLISECOND && strcmp(unit, "ms") == 0)
        span = n * GYRE_MILLISECOND;
    if (n > 0 && n <= LONGEST / GYRE_SECOND && strcmp(unit, "s") == 0)
        span = n * GYRE_SECOND;
    if (span > 0)
        *last = '\0';
    return span;
}

/* The line is to be answered after `span`. */
static void put_off(struct client *client, gyre_time span)
{
    struct gyre_loop *l = loop_of(client->control);

    gyre_command_begin(client->control->runtime, client->line);
    client->waiting = true;
    client->timer.fire = be_due;
    gyre_timer_start(l, &client->timer, gyre_loop_in(l, span));
    if (gyre_watch_start(l, &client->watch, client->fd,
                         GYRE_HANGUP | GYRE_EDGE) != 0)
        hang_up(client);
}

/* The line is read, or can be no command. */
static void ask(struct client *client)
{
    gyre_time span;

    client->line[client->n] = '\0';
    client->line[strcspn(client->line, "\r\n")] = '\0';
    span = take_span(client->line);
    if (span == 0)
        answer(client);
    else
        put_off(client, span);
}

/* Who has ended his half may want to hear; who has gone does not, and refuses
   even to be sent nothing. */
static void listen_for_end(struct client *client)
{
    if (send(client->fd, "", 0, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
        hang_up(client);
}

static void send_more(struct client *client)
{
    struct answer *a = &client->answer;
    ssize_t n =
        send(client->fd, a->bytes + a->sent, a->n - a->sent, MSG_NOSIGNAL);
    int err = n < 0 ? -errno : 0;

    if (n > 0)
        a->sent += (size_t)n;
    if (a->sent == a->n || (err && err != -EAGAIN && err != -EINTR))
        hang_up(client);
}

static void read_more(struct client *client)
{
    size_t room = LINE - 1 - client->n;
    ssize_t n = recv(client->fd, client->line + client->n, room, 0);
    int err = n < 0 ? -errno : 0;

    if (n > 0)
        client->n += (size_t)n;
    if (memchr(client->line, '\n', client->n) != NULL || client->n == LINE - 1)
        ask(client);
    else if (n == 0 || (err && err != -EAGAIN && err != -EINTR))
        hang_up(client);
}

static void ready(struct gyre_watch *w, unsigned events)
{
    struct client *client = GYRE_OWNER(w, struct client, watch);

    (void)events;
    if (client->waiting)
        listen_for_end(client);
    else if (client->answer.n > 0)
        send_more(client);
    else
        read_more(client);
}

/* ---- the listener ---- */

/* Serve who is connected by `fd`, or hang up. */
static int serve(struct gyre_control *c, int fd)
{
    struct gyre_allocator *a = gyre_loop_allocator(loop_of(c));
    struct client *client = gyre_resize(a, NULL, 0, sizeof *client);

    if (client == NULL)
        return -ENOMEM;
    *client = (struct client){.control = c,
                              .watch = {.ready = ready, .background = true},
                              .timer = {.fire = be_late, .background = true},
                              .fd = fd,
                              .answer = {.out.write = keep, .allocator = a}};
    gyre_list_append(&c->clients, &client->link);
    c->n++;
    gyre_timer_start(loop_of(c), &client->timer,
                     gyre_loop_in(loop_of(c), PATIENCE));
    if (gyre_watch_start(loop_of(c), &client->watch, fd, GYRE_READ) != 0)
        hang_up(client);
    return 0;
}

static void accept_all(struct gyre_watch *w, unsigned events)
{
    struct gyre_control *c = GYRE_OWNER(w, struct gyre_control, watch);
    int fd;

    (void)events;
    while ((fd = gyre_endpoint_accept(&c->endpoint)) >= 0) {
        if (c->n == CLIENTS || serve(c, fd) != 0)
            close(fd);
    }
}

static int open_at(struct gyre_control *c, const char *path)
{
    int err = gyre_endpoint_open(&c->endpoint, path);

    if (err)
        return err;
    err = gyre_watch_start(loop_of(c), &c->watch, c->endpoint.fd,
                           GYRE_READ | GYRE_EDGE);
    if (err)
        gyre_endpoint_close(&c->endpoint);
    return err;
}

static void dispose(struct gyre_control *c)
{
    gyre_resize(gyre_loop_allocator(loop_of(c)), c, sizeof *c, 0);
}

int gyre_control_new(struct gyre_control **out, struct gyre_runtime *rt,
                     const char *path)
{
    struct gyre_control *c =
        gyre_resize(gyre_loop_allocator(rt->loop), NULL, 0, sizeof *c);
    int err;

    if (c == NULL)
        return -ENOMEM;
    c->runtime = rt;
    c->watch = (struct gyre_watch){.ready = accept_all, .background = true};
    c->n = 0;
    gyre_list_init(&c->clients);
    err = open_at(c, path);
    if (err)
        dispose(c);
    else
        *out = c;
    return err;
}

void gyre_control_free(struct gyre_control *c)
{
    if (c == NULL)
        return;
    while (!gyre_list_empty(&c->clients))
        hang_up(GYRE_OWNER(c->clients.next, struct client, link));
    gyre_watch_stop(loop_of(c), &c->watch);
    gyre_endpoint_close(&c->endpoint);
    dispose(c);
}

void gyre_control_forget(struct gyre_control *c)
{
    if (c == NULL)
        return;

    /* Not freed, for the loop is yet to leave the watches in it idle. */
    for (struct gyre_list *i = c->clients.next; i != &c->clients; i = i->next)
        close(GYRE_OWNER(i, struct client, link)->fd);
    gyre_endpoint_forget(&c->endpoint);
}
