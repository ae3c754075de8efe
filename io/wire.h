/*
 * wire.h - one direction of a pair of streams in memory: bytes that have been
 * sent, and have arrived, or will.
 *
 * Private to io/, installed nowhere.  It belongs to the end that reads.  What
 * the sender has put in is held here all the time, and becomes readable when it
 * has arrived; so what is under way counts towards the capacity.
 */
#ifndef GYRE_IO_WIRE_H
#define GYRE_IO_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "loop/timer.h"
#include "io/buf.h"
#include "io/memory.h"

struct gyre_loop;

struct gyre_wire {
    struct gyre_loop *loop;
    struct gyre_memory_options how;
    void (*arrived)(struct gyre_wire *w); /* something has: bytes, the end */

    struct gyre_buf bytes;   /* readable, and then those under way */
    size_t readable;         /* how many are */
    struct gyre_buf parcels; /* of those under way, in order */
    gyre_time free_at;       /* the sender's latest byte has left */
    gyre_time end_at;        /* when the end arrives, if `ending` */
    bool ending;             /* the sender sends no more */
    bool ended;              /* and that has arrived */
    bool parted;             /* nothing arrives */
    struct gyre_timer timer; /* of the next arrival */
};

void gyre_wire_init(struct gyre_wire *w, struct gyre_loop *l,
                    const struct gyre_memory_options *how);
void gyre_wire_free(struct gyre_wire *w);

/* Bytes that may still be put in. */
size_t gyre_wire_room(const struct gyre_wire *w);

/* Send `n` bytes, for which there is room.  -ENOMEM, and nothing was. */
int gyre_wire_put(struct gyre_wire *w, const void *bytes, size_t n);

/* Take up to `n` of the bytes that have arrived; how many. */
size_t gyre_wire_take(struct gyre_wire *w, void *buf, size_t n);

/* Send the end, behind all. */
void gyre_wire_end(struct gyre_wire *w);

/* Lose what is under way; nothing more will be. */
void gyre_wire_cut(struct gyre_wire *w);

/* Let nothing arrive, or let it again. */
void gyre_wire_part(struct gyre_wire *w, bool parted);

#endif
