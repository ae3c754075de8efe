/*
 * relay.c - from one stream to another.
 */
#include "io/relay.h"

#include <errno.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/scope.h"
#include "task/wait.h"
#include "io/stream.h"

#define ROOM 16384

/* Read once, and write it: how many bytes, or as gyre_copy. */
static ssize_t pass(struct gyre_stream *from, struct gyre_stream *to,
                    char *room, gyre_time deadline)
{
    ssize_t got = gyre_read(from, room, ROOM, deadline);
    int err = got > 0 ? gyre_write(to, room, (size_t)got, deadline) : 0;

    return err ? err : got;
}

static int64_t pass_all(struct gyre_stream *from, struct gyre_stream *to,
                        gyre_time deadline)
{
    struct gyre_allocator *a = gyre_loop_allocator(from->loop);
    char *room = gyre_resize(a, NULL, 0, ROOM);
    int64_t total = 0;
    ssize_t n;

    if (room == NULL)
        return -ENOMEM;
    while ((n = pass(from, to, room, deadline)) > 0)
        total += n;
    gyre_resize(a, room, ROOM, 0);
    return n < 0 ? n : total;
}

int64_t gyre_copy(struct gyre_stream *from, struct gyre_stream *to,
                  gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : pass_all(from, to, deadline);
}

/* One way of two. */
struct way {
    struct gyre_stream *from, *to;
    gyre_time deadline;
};

static intptr_t go(void *arg)
{
    struct way *w = arg;
    int64_t n = gyre_copy(w->from, w->to, w->deadline);
    int err = n < 0 ? (int)n : gyre_shutdown(w->to, w->deadline);

    return err;
}

int gyre_relay(struct gyre_stream *a, struct gyre_stream *b, gyre_time deadline)
{
    struct way there = {a, b, deadline}, back = {b, a, deadline};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, go, &there);
    return (int)gyre_scope_close(&s, go(&back));
}
