/*
 * tcp.h - TCP: connecting, listening, serving.
 *
 * Connections are streams (io/stream.h), without delay of small writes
 * (TCP_NODELAY); their options are in io/tcp_options.h.  All calls are for
 * tasks unless noted.
 */
#ifndef GYRE_IO_TCP_H
#define GYRE_IO_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "io/addr.h"
#include "io/stream.h"

struct gyre_listener;
struct gyre_loop;

/* How to connect; a zeroed one gives the defaults. */
struct gyre_connect_options {
    const struct gyre_addr *from; /* connect from there, port 0 for any; what is
                                     of another family is not tried.  NULL: the
                                     system's choice */
    gyre_time delay;              /* 0: 250 ms */
};

/* How to listen; a zeroed one gives the defaults. */
struct gyre_listen_options {
    int backlog; /* how many may wait to be accepted, as far as the system
                     allows; 0: 4096 */
    bool dual;   /* at an address of IPv6: for IPv4, too */
    bool
        balance; /* with other sockets, and processes of the same user, that say
                     so: each gets some of the connections.  -ENOTSUP where the
                     system does not spread them evenly */
};

#pragma GCC visibility push(default)

/*
 * Connect to `host` (a name or an address) and `port`: to whichever address of
 * the name answers first, as by gyre_tcp_connect_any.  0, and the stream is the
 * caller's to close; or as that, or gyre_resolve.  A cancel point: nothing is
 * left open.
 */
int gyre_tcp_connect(const char *host, int port, struct gyre_stream **out,
                     gyre_time deadline) __attribute__((warn_unused_result));

/* The same for an address.  A connection with itself, where the system had
   chosen the very port for it at which nobody listens, is refused:
   -ECONNREFUSED. */
int gyre_tcp_connect_to(const struct gyre_addr *a, struct gyre_stream **out,
                        gyre_time deadline) __attribute__((warn_unused_result));

/*
 * The same for one of `n` addresses, in order of preference, with families
 * alternating (RFC 8305): the next attempt is begun when the one before has
 * failed, or has not been answered within the delay; the first that connects is
 * returned, and the others are closed.  `options` may be NULL.  When all have
 * failed: why the last did, of those whose host could be reached if there are
 * any.
 */
int gyre_tcp_connect_any(const struct gyre_addr *addrs, int n,
                         const struct gyre_connect_options *options,
                         struct gyre_stream **out, gyre_time deadline)
    __attribute__((warn_unused_result));

/* ---- listening and accepting ---- */

/*
 * Listen on `host` and `port`, 0 for one that is free.  `host` is an address,
 * or a name, of which the first address that this machine has is taken; NULL
 * for every address of both families ("0.0.0.0" and "::" are every address of
 * one).  It waits only to resolve a name.  The caller closes the listener.  A
 * port whose last connections linger can be listened on at once, one that is
 * listened on cannot: -EADDRINUSE.  As socket, bind and listen; gyre_resolve.
 */
int gyre_tcp_listen(const char *host, int port, struct gyre_listener **out,
                    gyre_time deadline) __attribute__((warn_unused_result));

/* Listen at the address `a`: by tasks and callbacks.  It may be that of a local
   socket, whose path is the caller's to take away then; gyre_unix_listen does
   so (io/unix.h).  `options` may be NULL. */
int gyre_tcp_listen_at(struct gyre_loop *l, const struct gyre_addr *a,
                       const struct gyre_listen_options *options,
                       struct gyre_listener **out);

/*
 * Listen on all addresses of a name, at most `n`, on the same port, that of the
 * first if `port` is 0.  Addresses that this machine does not have are left
 * out, as those of IPv6 where there is none: -EADDRNOTAVAIL or -EAFNOSUPPORT if
 * all are.  Returns how many; or an error, and then on none.  One server on
 * several listeners has a task for each, which calls gyre_serve (io/server.h).
 */
int gyre_tcp_listen_all(const char *host, int port,
                        const struct gyre_listen_options *options,
                        struct gyre_listener **out, int n, gyre_time deadline)
    __attribute__((warn_unused_result));

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
 * was closed, by the hook perhaps; -EBUSY while an accepting (io/accepting.h)
 * is started on it.  A cancel point: a connection that was not returned is
 * still waiting.
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

/* Stop listening, and free the listener; calls that accept return -EBADF.  NULL
   is left alone.  Never parks. */
void gyre_listener_close(struct gyre_listener *l);

/*
 * Accept connections and call handler(stream, arg) for each in a task of its
 * own, until `deadline`, a cancellation or an error: the shortest server there
 * is (io/server.h), which says what becomes of the stream, and of what the
 * handler returns.  Returns when all handlers have ended: -ETIMEDOUT,
 * -ECANCELED (they were cancelled, too), -EBADF when the listener was closed
 * (they were not), or another error of gyre_accept.
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
