/*
 * pace.c - streams that write no faster than they may: a stream over a stream, as TLS is, that
 * lets a piece through and then waits for as long as that should have taken.
 *
 * It offers no send_file, so files come through here as well.
 */
#include "serve.h"

struct paced {
    struct gyre_stream base;
    struct gyre_stream *beneath;
    struct gyre_line writing;  /* who is inside, to be sent home when it is closed */
    gyre_time due;             /* when the next piece may go */
    struct gyre_timer timer;   /* then */
    struct gyre_job *to_write; /* starts this, of who writes without a task */
    int rate;
};

static struct paced *of(struct gyre_stream *s)
{
    return GYRE_OWNER(s, struct paced, base);
}

static const struct gyre_wait_kind pace = {
    .name = "to write no faster",
    .abandon = gyre_line_give_up,
};

/* Wait until the next piece may go.  Nobody calls: it is the deadline that comes. */
static int wait_due(struct paced *p, struct gyre_caller *c, gyre_time deadline)
{
    gyre_time until = p->due < deadline ? p->due : deadline;
    int err = 0;

    if (p->due <= gyre_loop_in(p->base.loop, 0))
        return 0;
    if (deadline == GYRE_NOW)
        return -ETIMEDOUT;
    err = gyre_line_park(c, &pace, &p->base, until);
    return err == -ETIMEDOUT && until < deadline ? 0 : err;
}

/* A tenth of a second's worth, at most. */
static ssize_t write_piece(struct paced *p, struct gyre_caller *c, const struct iovec *iov,
                           gyre_time deadline)
{
    size_t most = (size_t)p->rate / 10 + 1;
    size_t n = iov->iov_len < most ? iov->iov_len : most;
    ssize_t put = gyre_write_some(p->beneath, iov->iov_base, n, deadline);
    gyre_time now = gyre_loop_in(p->base.loop, 0);

    if (put > 0 && !c->sent_home)
        p->due = (p->due > now ? p->due : now) + put * GYRE_SECOND / p->rate;
    return put;
}

static ssize_t paced_write(struct gyre_stream *s, const struct iovec *iov, int n,
                           gyre_time deadline)
{
    struct paced *p = of(s);
    struct gyre_caller c;
    ssize_t put;

    for (; n > 1 && iov->iov_len == 0; n--)
        iov++;
    gyre_line_join(&p->writing, &c);
    put = gyre_checkpoint(deadline);
    if (put == 0 && !c.sent_home)
        put = wait_due(p, &c, deadline);
    if (put == 0 && !c.sent_home)
        put = write_piece(p, &c, iov, deadline);
    gyre_line_leave(&p->writing, &c);
    return c.sent_home ? c.sent_home : put;
}

/* ---- the rest is that of the stream beneath ---- */

static ssize_t paced_read(struct gyre_stream *s, void *buf, size_t n, gyre_time deadline)
{
    return gyre_read(of(s)->beneath, buf, n, deadline);
}

static int paced_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    return gyre_shutdown(of(s)->beneath, deadline);
}

static void paced_close(struct gyre_stream *s)
{
    struct gyre_stream *beneath = of(s)->beneath;

    gyre_line_send_home(&of(s)->writing, -EBADF);
    gyre_timer_stop(s->loop, &of(s)->timer);
    gyre_resize(gyre_loop_allocator(s->loop), of(s), sizeof(struct paced), 0);
    gyre_close(beneath);
}

static void come_due(struct gyre_timer *t)
{
    struct paced *p = GYRE_OWNER(t, struct paced, timer);

    gyre_job_start(p->base.loop, p->to_write);
}

/* Whose piece is due waits for the stream beneath. */
static int paced_when(struct gyre_stream *s, unsigned event, struct gyre_job *j)
{
    struct paced *p = of(s);

    if (event == GYRE_READ)
        return gyre_stream_when_readable(p->beneath, j);
    if (p->due <= gyre_loop_in(s->loop, 0))
        return p->beneath->ops->when(p->beneath, event, j);
    p->to_write = j;
    gyre_timer_start(s->loop, &p->timer, p->due);
    return 0;
}

static void paced_forget(struct gyre_stream *s, unsigned event)
{
    struct paced *p = of(s);

    if (event == GYRE_READ) {
        gyre_stream_forget(p->beneath);
        return;
    }
    gyre_timer_stop(s->loop, &p->timer);
    p->beneath->ops->forget(p->beneath, event);
}

static void paced_cut(struct gyre_stream *s)
{
    struct gyre_stream *beneath = of(s)->beneath;

    if (beneath->ops->cut != NULL)
        beneath->ops->cut(beneath);
}

static const struct gyre_stream_ops paced_ops = {
    .name = "paced",
    .read = paced_read,
    .write = paced_write,
    .shutdown = paced_shutdown,
    .close = paced_close,
    .when = paced_when,
    .forget = paced_forget,
    .cut = paced_cut,
};

int pace_wrap(struct gyre_wrapper *w, struct gyre_stream *beneath, struct gyre_stream **out,
              gyre_time deadline)
{
    struct paced *p =
        gyre_resize(gyre_loop_allocator(beneath->loop), NULL, 0, sizeof(struct paced));

    (void)deadline;
    if (p == NULL)
        return -ENOMEM;
    *p = (struct paced){
        .beneath = beneath, .timer.fire = come_due, .rate = GYRE_OWNER(w, struct pace, base)->rate};
    gyre_stream_init(&p->base, &paced_ops, beneath->loop);
    *out = &p->base;
    return 0;
}
