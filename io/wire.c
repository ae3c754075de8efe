/*
 * wire.c - one direction of a pair of streams in memory.
 *
 * Invariants:
 *   - `parcels` tells of all bytes under way, in order, with times that do not
 *     go back;
 *   - the timer is started exactly while something is under way and may arrive.
 */
#include "io/wire.h"

#include <errno.h>
#include <string.h>

#include "loop/list.h"
#include "loop/loop.h"

/* What one call has sent: it arrives together. */
struct parcel {
    gyre_time at;
    size_t n;
};

static bool under_way(const struct gyre_wire *w)
{
    return w->parcels.length > 0;
}

static struct parcel first_parcel(const struct gyre_wire *w)
{
    struct parcel p;

    memcpy(&p, w->parcels.at, sizeof p);
    return p;
}

/* Take in what is due by `now`; say if that was anything. */
static bool take_in(struct gyre_wire *w, gyre_time now)
{
    bool news = false;

    while (under_way(w) && first_parcel(w).at <= now) {
        w->readable += first_parcel(w).n;
        gyre_buf_take(&w->parcels, sizeof(struct parcel));
        news = true;
    }
    if (w->ending && !w->ended && !under_way(w) && w->end_at <= now)
        news = w->ended = true;
    return news;
}

static void start_timer(struct gyre_wire *w)
{
    gyre_timer_stop(w->loop, &w->timer);
    if (w->parted)
        return;
    if (under_way(w))
        gyre_timer_start(w->loop, &w->timer, first_parcel(w).at);
    else if (w->ending && !w->ended)
        gyre_timer_start(w->loop, &w->timer, w->end_at);
}

/* Something is under way, or may be due. */
static void proceed(struct gyre_wire *w)
{
    bool news = !w->parted && take_in(w, gyre_loop_in(w->loop, 0));

    start_timer(w);
    if (news)
        w->arrived(w);
}

static void fire(struct gyre_timer *t)
{
    proceed(GYRE_OWNER(t, struct gyre_wire, timer));
}

void gyre_wire_init(struct gyre_wire *w, struct gyre_loop *l,
                    const struct gyre_memory_options *how)
{
    struct gyre_allocator *a = gyre_loop_allocator(l);

    *w = (struct gyre_wire){.loop = l,
                            .how = *how,
                            .bytes.allocator = a,
                            .parcels.allocator = a,
                            .timer.fire = fire};
}

void gyre_wire_free(struct gyre_wire *w)
{
    gyre_timer_stop(w->loop, &w->timer);
    gyre_buf_free(&w->bytes);
    gyre_buf_free(&w->parcels);
}

size_t gyre_wire_room(const struct gyre_wire *w)
{
    return w->how.capacity - w->bytes.length;
}

/* When what is sent now has arrived.  The bytes leave one after the other. */
static gyre_time arrival(struct gyre_wire *w, size_t n)
{
    gyre_time now = gyre_loop_in(w->loop, 0), span = 0;

    if (w->how.bandwidth > 0)
        span = (gyre_time)((double)n * (double)GYRE_SECOND /
                           (double)w->how.bandwidth);
    if (w->free_at < now)
        w->free_at = now;
    w->free_at = gyre_time_after(w->free_at, span);
    return gyre_time_after(w->free_at, w->how.latency);
}

/* Without anything in its way what is sent is there. */
static bool is_direct(const struct gyre_wire *w)
{
    return w->how.latency == 0 && w->how.bandwidth == 0 && !w->parted &&
           !under_way(w);
}

int gyre_wire_put(struct gyre_wire *w, const void *bytes, size_t n)
{
    struct parcel p = {.n = n};
    int err = 0;

    if (is_direct(w)) {
        err = gyre_buf_append(&w->bytes, bytes, n);
        w->readable += err == 0 ? n : 0;
        if (err == 0)
            w->arrived(w);
        return err;
    }
    if (gyre_buf_reserve(&w->parcels, sizeof p) == NULL)
        return -ENOMEM;
    err = gyre_buf_append(&w->bytes, bytes, n);
    if (err)
        return err;
    p.at = arrival(w, n);
    (void)gyre_buf_append(&w->parcels, &p, sizeof p); /* there is room */
    proceed(w);
    return 0;
}

size_t gyre_wire_take(struct gyre_wire *w, void *buf, size_t n)
{
    if (n > w->readable)
        n = w->readable;
    if (n == 0)
        return 0;
    memcpy(buf, w->bytes.at, n);
    gyre_buf_take(&w->bytes, n);
    w->readable -= n;
    return n;
}

void gyre_wire_end(struct gyre_wire *w)
{
    if (w->ending)
        return;
    w->ending = true;
    w->end_at = arrival(w, 0);
    proceed(w);
}

void gyre_wire_cut(struct gyre_wire *w)
{
    gyre_timer_stop(w->loop, &w->timer);
    gyre_buf_cut(&w->parcels, 0);
    gyre_buf_cut(&w->bytes, w->readable);
    w->ending = w->ended = true;
    w->arrived(w);
}

void gyre_wire_part(struct gyre_wire *w, bool parted)
{
    w->parted = parted;
    proceed(w);
}
