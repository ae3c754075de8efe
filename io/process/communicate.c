/*
 * communicate.c - a conversation with a child, from beginning to end.
 *
 * Three tasks in a scope, of which the body waits for the child's end: so the
 * first failure ends them all.  That nobody knows how it ended is none: what it
 * says is heard all the same.
 *
 * Pipes end with the last who has them, and not with the child.  So once it has
 * ended the tasks have a limit; what it said before is in the pipes by then,
 * and is read without waiting if they were too late for it.  But no more than
 * is there at that moment: others may go on to fill them as fast as they are
 * read.
 */
#include "io/process/communicate.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/process/process.h"
#include "io/read.h"
#include "io/stream.h"
#include "io/stream_fd.h"

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

/* Some of it, `limit` bytes at most: as gyre_read; or -EMSGSIZE. */
static ssize_t hear_some(struct hearing *h, size_t limit, gyre_time deadline)
{
    char *room = gyre_buf_reserve(h->into, ROOM);
    ssize_t n;

    if (room == NULL)
        return -ENOMEM;
    n = gyre_read(*h->from, room, limit < ROOM ? limit : ROOM, deadline);
    if (n > 0)
        gyre_buf_grow(h->into, (size_t)n);
    if (h->most == 0 || h->into->length <= h->most)
        return n;
    gyre_buf_cut(h->into, h->most);
    return -EMSGSIZE;
}

static intptr_t hear(void *arg)
{
    struct hearing *h = arg;
    ssize_t n;

    do
        n = hear_some(h, ROOM, GYRE_FOREVER);
    while (n > 0);
    if (n == 0)
        hang_up(h->from);
    return n;
}

/* How many bytes can be read of it at once. */
static size_t waiting_in(struct gyre_stream *s)
{
    int n = 0;

    (void)ioctl(gyre_stream_fd_of(s)->fd, FIONREAD, &n);
    return gyre_stream_ahead(s) + (n > 0 ? (size_t)n : 0);
}

/* What is there already. */
static ssize_t hear_rest(struct hearing *h)
{
    size_t left = *h->from != NULL ? waiting_in(*h->from) : 0;

    while (left > 0) {
        ssize_t n = hear_some(h, left, GYRE_NOW);

        if (n <= 0)
            return n == -ETIMEDOUT ? 0 : n;
        left -= (size_t)n;
    }
    return 0;
}

static void spawn(struct gyre_scope *s, struct gyre_stream *stream,
                  intptr_t (*fn)(void *arg), void *arg)
{
    if (stream != NULL)
        gyre_spawn(s, NULL, fn, arg);
}

struct conversing {
    struct gyre_process *process;
    struct speech speech;
    struct hearing heard[2];
    intptr_t ended; /* as gyre_process_wait */
};

/* As long as the child runs, and for `linger` then: -ETIMEDOUT if others had
   more to say.  A limit that is now is noticed by the next poll, and a flood is
   megabytes by then; one that is past, at once. */
static intptr_t talk(struct conversing *v, gyre_time linger)
{
    struct gyre_process *p = v->process;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    spawn(&s, p->in, speak, &v->speech);
    spawn(&s, p->out, hear, &v->heard[0]);
    spawn(&s, p->err, hear, &v->heard[1]);
    v->ended = gyre_process_wait(p, GYRE_FOREVER);
    if (v->ended == 0 || v->ended == -ECHILD)
        gyre_scope_limit(&s, linger > 0 ? gyre_in(linger) : GYRE_NOW);
    return gyre_scope_close(&s, v->ended == -ECHILD ? 0 : v->ended);
}

/* All of it, which the deadline may cut short. */
static intptr_t converse(struct conversing *v, gyre_time linger,
                         gyre_time deadline)
{
    struct gyre_scope s;
    intptr_t err;

    gyre_scope_open(&s, deadline);
    err = talk(v, linger);
    if (err == -ETIMEDOUT) {
        err = hear_rest(&v->heard[0]);
        if (err == 0)
            err = hear_rest(&v->heard[1]);
    }
    err = gyre_scope_close(&s, err);
    return err ? err : v->ended;
}

int gyre_process_communicate(struct gyre_process *p,
                             struct gyre_conversation *c, gyre_time deadline)
{
    struct conversing v = {
        .process = p,
        .speech = {&p->in, c},
        .heard = {{&p->out, &c->output, c->most},
                  {&p->err, &c->error, c->most}},
    };
    int err = (int)converse(&v, c->linger, deadline);

    if (err == -EBADF)
        return err;
    if (err)
        (void)gyre_process_stop(p, c->grace);
    hang_up(&p->in);
    hang_up(&p->out);
    hang_up(&p->err);
    return err;
}
