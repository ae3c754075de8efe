/*
 * resolver.h - who is asked for the addresses of a name.
 *
 * libc, on a thread, unless there is a resolver: one that speaks to name
 * servers itself, keeps what it was told, or is made up for a test.  It is a
 * value that tasks inherit (task/local.h): bound in the main task it is the
 * whole run's.
 *
 *      static struct mine r = {.base.resolve = look_up};
 *      struct gyre_local GYRE_LOCAL b = {0};
 *
 *      gyre_local_bind(&b, gyre_resolver_key(), &r.base);
 *      ... gyre_resolve, gyre_tcp_connect, here and in what is spawned ...
 */
#ifndef GYRE_IO_RESOLVER_H
#define GYRE_IO_RESOLVER_H

#include "timers/time.h"
#include "io/addr.h"

struct gyre_local_key;

/* Embedded; in place while it is bound. */
struct gyre_resolver {
    /*
     * As gyre_resolve, whose results these are, of a name that could be one: at
     * most `n` addresses, with the port, and how many; or an error, which its
     * caller gets.  None is -ENOENT.  Called in the task that asks, several at
     * a time if they do; it keeps the deadline, and may wait, and ask
     * gyre_resolve in its turn, which then asks libc.
     */
    int (*resolve)(struct gyre_resolver *r, const char *host, int port,
                   struct gyre_addr *out, int n, gyre_time deadline);
};

#pragma GCC visibility push(default)

/* What a resolver is bound to; bound to NULL, libc is asked again. */
const struct gyre_local_key *gyre_resolver_key(void);

#pragma GCC visibility pop

#endif
