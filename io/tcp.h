/*
 * tcp.h - TCP: connecting, listening, serving.
 *
 * Connections are streams (io/stream.h), without delay of small writes
 * (TCP_NODELAY).  All calls are for tasks unless noted.
 */
#ifndef GYRE_IO_TCP_H
#define GYRE_IO_TCP_H

#include <stdint.h>

#include "timers/time.h"
#include "io/addr.h"
#include "io/stream.h"

struct gyre_listener;
struct gyre_loop;

#pragma GCC visibility push(default)

/*
 * Connect to `host` (a name or an address) and `port`, trying the addresses of
 * the name one after the other.  0, and the stream is the caller's to close;
 * the error of the last address tried, or of gyre_resolve.  A cancel point:
 * nothing is left open.
 */
int gyre_tcp_connect(const char *host, int port, struct gyre_stream **out,
                     gyre_time deadline) __attribute__((warn_unused_result));

/* The same for an address. */
int gyre_tcp_connect_to(const struct gyre_addr *a, struct gyre_stream **out,
                        gyre_time deadline) __attribute__((warn_unused_result));

/* Whose end of a TCP stream this is, and the other's.  -ENOTSUP for a stream
   that is no TCP; or as getsockname and getpeername. */
int gyre_tcp_local(struct gyre_stream *s, struct gyre_addr *out);
int gyre_tcp_peer(struct gyre_stream *s, struct gyre_addr *out);

/* Have gyre_close reset the connection instead of ending it.  -ENOTSUP as
   above; or as setsockopt. */
int gyre_tcp_reset_on_close(struct gyre_stream *s);

/*
 * Listen on `host` and `port`, 0 for one that is free.  `host` is an address,
 * or a name of which the first address counts; NULL for every address there is,
 * of both families ("0.0.0.0" and "::" are every address of one).  Does not
 * block but for a name.  The caller closes the listener.  As socket, bind and
 * listen; gyre_resolve.
 */
int gyre_tcp_listen(const char *host, int port, struct gyre_listener **out,
                    gyre_time deadline) __attribute__((warn_unused_result));

/* Accept from a socket that listens already, inherited say.  Takes `fd` over,
   if it returns 0.  Callbacks may call it too.  -EINVAL if it does not listen,
   or for something else than streams; -ENOMEM; or as getsockopt and fcntl. */
int gyre_listener_adopt(struct gyre_loop *l, int fd,
                        struct gyre_listener **out);

/* The address listened on: what port, say. */
int gyre_listener_addr(const struct gyre_listener *l, struct gyre_addr *out);

/*
 * Accept one connection; several tasks may, in turn.  When the process is out
 * of descriptors, or of memory, the oldest waiting connection is reset, and the
 * next is waited for a little longer, so that it never spins; the failure hook
 * is told when that begins, and it ends by itself.  -EBADF when the listener
 * was closed, by the hook perhaps; -EBUSY while an accepting (io/accepting.h) is
 * started on it.  A cancel point: a connection that was not
 * returned is still waiting.
 */
int gyre_accept(struct gyre_listener *l, struct gyre_stream **out,
                gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Accept connections, one after the other, and call take(stream, arg) for each,
 * which makes the stream its own; until it returns an error, or gyre_accept
 * does, and return that.  But -ENOMEM of `take` means that it had to close this
 * one: the next is waited for a little longer.  `take` may park, and may close
 * the listener.  A cancel point.
 */
int gyre_accept_each(struct gyre_listener *l,
                     int (*take)(struct gyre_stream *s, void *arg), void *arg,
                     gyre_time deadline) __attribute__((warn_unused_result));

/* Stop listening; who accepts gets -EBADF.  NULL is left alone.  Never
   parks. */
void gyre_listener_close(struct gyre_listener *l);

/*
 * Accept connections and call handler(stream, arg) for each in a task of its
 * own, until `deadline`, a cancellation or an error.  The stream is closed when
 * the handler returns; what the handler returns is its own business, but an
 * error that is no peer's doing goes to the loop's failure hook.  Returns when
 * all handlers have ended: -ETIMEDOUT, -ECANCELED (they were cancelled, too),
 * -EBADF when the listener was closed (they were not), or another error of
 * gyre_accept.
 */
intptr_t gyre_tcp_serve(struct gyre_listener *l,
                        intptr_t (*handler)(struct gyre_stream *s, void *arg),
                        void *arg, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * A whole program: make a loop, listen, print the address to standard output,
 * and serve until SIGINT or SIGTERM; then handlers are cancelled, and it
 * returns 0 when they have ended.  A second signal ends the process.  For
 * callers that are no tasks.  As gyre_tcp_listen and gyre_run.
 */
int gyre_tcp_run(const char *host, int port,
                 intptr_t (*handler)(struct gyre_stream *s, void *arg),
                 void *arg);

#pragma GCC visibility pop

#endif
