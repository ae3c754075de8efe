/*
 * communicate.c - a conversation with a child, from beginning to end.
 *
 * Three tasks in a scope, of which the body waits for the child's end: so the
 * first failure ends them all.  That nobody knows how it ended is none: what it
 * says is heard all the same.
 */
#include "io/process/communicate.h"

#include <errno.h>

#include "task/scope.h"
#include "io/process/process.h"
#include "io/stream.h"

#define ROOM 8192 /* bytes to read at a time, at least */

struct speech {
    struct gyre_stream **to;
    const struct gyre_conversation *c;
};

struct hearing {
    struct gyre_stream **from;
    struct gyre_buf *into;
    size_t most; /* or 0 */
};

static void hang_up(struct gyre_stream **s)
{
    gyre_close(*s);
    *s = NULL;
}

static intptr_t speak(void *arg)
{
    struct speech *s = arg;
    int err = gyre_write(*s->to, s->c->input, s->c->n, GYRE_FOREVER);

    if (err == -EBADF)
        return err;
    hang_up(s->to);
    return err == -EPIPE ? 0 : err;
}

/* Some of it: as gyre_read. */
static ssize_t hear_some(struct hearing *h)
{
    char *room = gyre_buf_reserve(h->into, ROOM);
    ssize_t n;

    if (room == NULL)
        return -ENOMEM;
    n = gyre_read(*h->from, room, ROOM, GYRE_FOREVER);
    if (n > 0)
        gyre_buf_grow(h->into, (size_t)n);
    return n;
}

static intptr_t hear(void *arg)
{
    struct hearing *h = arg;
    ssize_t n = 1;

    while (n > 0) {
        n = hear_some(h);
        if (h->most > 0 && h->into->length > h->most) {
            gyre_buf_cut(h->into, h->most);
            return -EMSGSIZE;
        }
    }
    if (n == 0)
        hang_up(h->from);
    return n;
}

static void spawn(struct gyre_scope *s, struct gyre_stream *stream,
                  intptr_t (*fn)(void *arg), void *arg)
{
    if (stream != NULL)
        gyre_spawn(s, NULL, fn, arg);
}

static intptr_t converse(struct gyre_process *p, struct gyre_conversation *c,
                         gyre_time deadline)
{
    struct speech speech = {&p->in, c};
    struct hearing output = {&p->out, &c->output, c->most};
    struct hearing error = {&p->err, &c->error, c->most};
    struct gyre_scope s;
    intptr_t ended, heard;

    gyre_scope_open(&s, deadline);
    spawn(&s, p->in, speak, &speech);
    spawn(&s, p->out, hear, &output);
    spawn(&s, p->err, hear, &error);
    ended = gyre_process_wait(p, GYRE_FOREVER);
    heard = gyre_scope_close(&s, ended == -ECHILD ? 0 : ended);
    return heard ? heard : ended;
}

int gyre_process_communicate(struct gyre_process *p,
                             struct gyre_conversation *c, gyre_time deadline)
{
    int err = (int)converse(p, c, deadline);

    if (err == 0 || err == -EBADF)
        return err;
    (void)gyre_process_stop(p, c->grace);
    hang_up(&p->in);
    hang_up(&p->out);
    hang_up(&p->err);
    return err;
}
