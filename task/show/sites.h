/*
 * sites.h - who started what is left over.
 *
 * Private to task/ and what is above it; installed nowhere.  While sites are
 * kept for a loop, each timer, watch, signal and job that is started there is
 * remembered with the calls that led to it, and gyre_loop_print adds them to
 * its lines:
 *
 *      timer 0x7ffd0c is due in 3600.000000 s in the background, calls too_late
 *          started in forget+0x52
 *          in run_main+0x16c
 *
 * That is for who looks for what was forgotten: to start something takes some
 * 2 us then, and up to 256 bytes for each address where there ever was a timer
 * or the like.  If there is no memory for one, it is not known who started it.
 */
#ifndef GYRE_TASK_SHOW_SITES_H
#define GYRE_TASK_SHOW_SITES_H

#include <stddef.h>

#include "loop/probe.h"

enum { GYRE_SITE_FRAMES = 6 };

struct gyre_site; /* in sites.c */

/* In place from start to end. */
struct gyre_sites {
    /* private */
    struct gyre_probes probes;
    struct gyre_allocator *allocator;
    struct gyre_site *table; /* hashed by object */
    size_t n, room;          /* how many it has, and has room for */
};

/* Keep them from now on, as long as the loop exists. */
void gyre_sites_start(struct gyre_sites *s, struct gyre_loop *l);

/* Let go of them, when the loop has been freed. */
void gyre_sites_end(struct gyre_sites *s);

#endif
