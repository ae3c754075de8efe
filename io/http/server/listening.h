/*
 * listening.h - where a program that is a web server listens.
 *
 * Private to io/http/.
 */
#ifndef GYRE_IO_HTTP_LISTENING_H
#define GYRE_IO_HTTP_LISTENING_H

#include "timers/time.h"
#include "io/http/server/server.h"

enum {
    GYRE_HTTP_LISTENERS = 64 /* of a program, at most */
};

struct gyre_http_listening {
    struct gyre_listener *l[GYRE_HTTP_LISTENERS];
    int n;
};

/* Descriptors of the same sockets, for loops of other threads. */
struct gyre_http_sockets {
    int fd[GYRE_HTTP_LISTENERS];
    int n;
};

/*
 * How many sockets a service manager has passed, if the options ask: they are
 * for this process alone, and once, so the environment says so no more.  While
 * there are no other threads, which might read that.
 */
int gyre_http_count_passed(const struct gyre_http_options *o);

/* Close the sockets that were given to the program, passed or by the options:
   what listens there, has copies. */
void gyre_http_close_given(const struct gyre_http_options *o, int passed);

/*
 * Listen at `host` and `port`, unless that is negative, and where the options
 * say; or, if there are any, at the `passed` ones.  After an error it listens
 * nowhere: -EINVAL if that is nowhere at all, -E2BIG, or as the listeners'
 * calls.
 */
int gyre_http_listening_open(struct gyre_http_listening *x, const char *host,
                             int port, const struct gyre_http_options *o,
                             int passed, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Copies of the sockets, to be closed; and listening at copies of these.  After
   an error there are none. */
int gyre_http_listening_copy(const struct gyre_http_listening *x,
                             struct gyre_http_sockets *out);
int gyre_http_listening_join(struct gyre_http_listening *x,
                             const struct gyre_http_sockets *sockets);

void gyre_http_listening_close(struct gyre_http_listening *x);
void gyre_http_sockets_close(struct gyre_http_sockets *x);

#endif
