/*
 * stream_write.c - writing, in turns.
 */
#include "io/stream.h"

#include "task/wait.h"
#include "io/patience.h"
#include "io/pieces.h"
#include "io/turn.h"

/* What is rare is a function of its own, so that the rest is short. */
#define NOT_INLINED __attribute__((noinline))

static NOT_INLINED int write_nothing(struct gyre_stream *s,
                                     struct gyre_caller *c, gyre_time deadline)
{
    return gyre_turn_end(s, c, gyre_checkpoint(deadline), false);
}

/* Write what is left, in our turn, which ends with that.  A part was taken, or
   not. */
static int write_left(struct gyre_stream *s, struct gyre_caller *c,
                      struct gyre_pieces p, gyre_time deadline, bool part)
{
    ssize_t sent = 0;

    while (p.n > 0) {
        sent = gyre_pieces_write(&p, s, deadline);
        if (sent < 0 || c->sent_home)
            break;
        s->taken = true;
        part = true;
        gyre_pieces_advance(&p, (size_t)sent);
    }
    return gyre_turn_end(s, c, sent < 0 ? (int)sent : 0, part);
}

int gyre_writev(struct gyre_stream *s, const struct iovec *iov, int n,
                gyre_time deadline)
{
    struct gyre_pieces p = {.iov = iov, .n = n};
    struct gyre_caller c;
    int err = gyre_turn_take(s, &c, deadline);

    if (err)
        return err;
    gyre_pieces_advance(&p, 0);
    return p.n > 0 ? write_left(s, &c, p, deadline, false)
                   : write_nothing(s, &c, deadline);
}

/* The first call did not take all of it, but `sent`, or failed. */
static NOT_INLINED int write_on(struct gyre_stream *s, struct gyre_caller *c,
                                const struct iovec *iov, ssize_t sent,
                                gyre_time deadline)
{
    struct gyre_pieces p = {.iov = iov, .n = 1};

    if (sent < 0 || c->sent_home)
        return gyre_turn_end(s, c, (int)sent, false);
    s->taken = true;
    gyre_pieces_advance(&p, (size_t)sent);
    return write_left(s, c, p, deadline, true);
}

/* Most go whole, by one call. */
int gyre_write(struct gyre_stream *s, const void *buf, size_t n,
               gyre_time deadline)
{
    struct iovec iov = {.iov_base = (void *)buf, .iov_len = n};
    struct gyre_caller c;
    ssize_t sent = gyre_turn_take(s, &c, deadline);

    if (sent < 0)
        return (int)sent;
    if (n == 0)
        return write_nothing(s, &c, deadline);
    sent = s->ops->write(s, &iov, 1, gyre_stream_until(s, deadline));
    if (sent != (ssize_t)n || c.sent_home)
        return write_on(s, &c, &iov, sent, deadline);
    s->taken = true;
    gyre_turn_pass(s, &c);
    return 0;
}

static NOT_INLINED ssize_t write_some_in_line(struct gyre_stream *s,
                                              const void *buf, size_t n,
                                              gyre_time deadline)
{
    struct iovec iov = {.iov_base = (void *)buf, .iov_len = n};
    struct gyre_caller c;
    ssize_t sent = gyre_turn_take(s, &c, deadline);

    if (sent < 0)
        return sent;
    if (n == 0)
        return write_nothing(s, &c, deadline);
    sent = s->ops->write(s, &iov, 1, gyre_stream_until(s, deadline));
    if (c.sent_home)
        return c.sent_home;
    gyre_turn_pass(s, &c);
    return sent;
}

/* Who does not wait need not stand in line. */
ssize_t gyre_write_some(struct gyre_stream *s, const void *buf, size_t n,
                        gyre_time deadline)
{
    struct iovec iov = {.iov_base = (void *)buf, .iov_len = n};

    return deadline == GYRE_NOW && n > 0 && gyre_turn_is_free(s)
               ? s->ops->write(s, &iov, 1, GYRE_NOW)
               : write_some_in_line(s, buf, n, deadline);
}

bool gyre_stream_broken(const struct gyre_stream *s)
{
    return s->broken;
}

int gyre_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    struct gyre_caller c;
    int err = gyre_turn_wait(s, &c, deadline);

    if (err)
        return err;
    return gyre_turn_end(s, &c, s->ops->shutdown(s, deadline), false);
}
