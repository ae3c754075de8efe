/*
 * race.h - attempts to connect, one after the other and side by side.
 *
 * Private to io/, installed nowhere.  Happy Eyeballs, version 2 (RFC 8305, 4
 * and 5), for attempts of any kind, so that it can be raced where no network
 * is.
 */
#ifndef GYRE_IO_RACE_H
#define GYRE_IO_RACE_H

#include "timers/time.h"

struct gyre_addr;
struct gyre_stream;

/* Set all but the private. */
struct gyre_race {
    /* As gyre_tcp_connect_to. */
    int (*connect)(struct gyre_race *r, const struct gyre_addr *to,
                   struct gyre_stream **out, gyre_time deadline);
    const struct gyre_addr *addrs; /* in order of preference */
    int n;
    gyre_time delay; /* until the next is begun */

    /* private */
    struct attempt *attempts; /* in the order in which they are begun */
    int begun;
    int err;                    /* of those that failed, that says most */
    struct gyre_stream *winner; /* the first that was connected, or NULL */
};

/* Run it: as gyre_tcp_connect_any.  In a task. */
int gyre_race_run(struct gyre_race *r, struct gyre_stream **out,
                  gyre_time deadline);

#endif
