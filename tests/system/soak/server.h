/*
 * server.h - the soak's server: what becomes of its connections.
 */
#ifndef TESTS_SYSTEM_SOAK_SERVER_H
#define TESTS_SYSTEM_SOAK_SERVER_H

#include <stdint.h>
#include <sys/types.h>

struct gyre_listener;
struct gyre_loop;

enum {
    SOAK_PIECE = 4096,  /* bytes that are read at once */
    SOAK_BUFFER = 16384 /* that the system keeps, of those written */
};

/* What was echoed so far over a connection. */
struct tally {
    uint64_t in, out;
};

/* Connections that have come to their end in one way. */
struct ending {
    uint64_t connections;
    struct tally bytes;
};

struct server {
    struct gyre_loop *loop;
    struct gyre_listener *listener;
    uint64_t accepted, now, most; /* connections; the last at a time */
    uint64_t blocked;             /* writes that had to wait */
    struct ending ended, reset, failed;
};

/* A connection has begun. */
void server_begins(struct server *s);

/* It is over: the peer has ended, 0; or an error. */
void server_ends(struct server *s, ssize_t result, struct tally bytes);

/* Echo until the listener is closed and all connections are over: with a task
   for each, or by callbacks.  0, or an error. */
int serve_by_tasks(struct server *s);
int serve_by_callbacks(struct server *s);

#endif
