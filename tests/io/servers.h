/*
 * servers.h - a server, as tests have it: over memory, in a simulated time, or
 * at a listener, in a real run.
 */
#ifndef TESTS_IO_SERVERS_H
#define TESTS_IO_SERVERS_H

#include <criterion/criterion.h>

#include <stdint.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "io/server.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/task/world.h"

#define S    GYRE_SECOND
#define SOON gyre_in(20 * S)

extern struct gyre_server server;

/* What it does for who asks: it answers with the same byte.  Before that it
   sleeps so many seconds for a digit, is stopped for 's', waits for the gate
   for 'g', and does not hear that it is cancelled for 'x'. */
intptr_t answer(struct gyre_connection *c);
extern struct gyre_event gate;

/* Sleep on when cancelled, for so many seconds. */
void be_stubborn(int seconds);

/* What there is of everything; the first is the sum. */
void expect_counts(uint64_t accepted, uint64_t refused, uint64_t finished,
                   uint64_t idle, uint64_t cancelled, uint64_t aborted);

/* ---- over memory, in a simulated time ---- */

enum { VISITORS = 5 };

extern struct gyre_stream *clients[VISITORS];
extern struct gyre_future served[VISITORS];
extern int visitors;
extern struct gyre_scope scope;
extern gyre_time until;

/* Begin, with `answer`, and a second to abort. */
void open_server(void);

/* For gyre_spawn: serve this stream, until `until`. */
intptr_t serve_stream(void *stream);

/* One more connection, which asks for that. */
struct gyre_stream *visit(const char *request);

/* All were served, which ended so. */
void close_server(int result);

/* Nothing comes but `end`, which it does when the world is that old. */
void expect_end(struct gyre_stream *s, ssize_t end, gyre_time when);

/* ---- at a listener ---- */

extern struct gyre_listener *listener;
extern int port;
extern struct gyre_future serving;

/* For gyre_spawn: serve at this listener. */
intptr_t serve_listener(void *l);

/* Begin, with no time to abort; one more connection; and it ends, so. */
void start_server(intptr_t (*handle)(struct gyre_connection *c));
struct gyre_stream *connect_and_ask(const char *request);
void finish_server(int result);

#endif
