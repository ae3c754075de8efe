/*
 * listening.c - where a program that is a web server listens.
 *
 * Threads share the sockets, each by a descriptor of its own, instead of having
 * a socket each on one port: so whoever has time takes the next connection,
 * none is lost with the queue of a thread that ends before the others, it is
 * the same on all systems and for local sockets, and a port that another
 * process has is taken.
 */
#include "io/http/server/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/listener.h"
#include "io/tcp.h"
#include "io/unix.h"
#include "io/http/internal.h"

enum { FIRST_PASSED = 3 /* descriptor, of those a service manager passes */ };

/* ---- one place ---- */

static int add_tcp(struct gyre_http_listening *x, const char *host, int port,
                   gyre_time deadline)
{
    int n = gyre_tcp_listen_all(host, port, NULL, x->l + x->n,
                                GYRE_HTTP_LISTENERS - x->n, deadline);

    if (n > 0)
        x->n += n;
    return n < 0 ? n : 0;
}

static int copy(int fd)
{
    int new = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    return new < 0 ? -errno : new;
}

/* Listen at one that came from elsewhere, by a copy of it. */
static int add_descriptor(struct gyre_http_listening *x, int fd)
{
    int ours = copy(fd), err;

    if (ours < 0)
        return ours;
    err = gyre_listener_adopt(gyre_loop_current(), ours, &x->l[x->n]);
    if (err)
        close(ours);
    else
        x->n++;
    return err;
}

static int add_local(struct gyre_http_listening *x, const char *path, int mode)
{
    int err = gyre_unix_listen(gyre_loop_current(), path,
                               (mode_t)(mode > 0 ? mode : 0600), &x->l[x->n]);

    if (err == 0)
        x->n++;
    return err;
}

static bool is_descriptor(const struct gyre_http_listen *at)
{
    return at->host == NULL && at->path == NULL && at->descriptor > 0;
}

static bool is_place(const struct gyre_http_listen *at)
{
    return at->host != NULL || at->path != NULL || at->descriptor > 0;
}

static int add(struct gyre_http_listening *x, const struct gyre_http_listen *at,
               gyre_time deadline)
{
    if (x->n == GYRE_HTTP_LISTENERS)
        return -E2BIG;
    if (at->path != NULL)
        return add_local(x, at->path, at->mode);
    if (at->host != NULL)
        return add_tcp(x, at->host, at->port, deadline);
    return add_descriptor(x, at->descriptor);
}

/* ---- what a service manager has passed (sd_listen_fds) ---- */

/* The number in the environment, or 0. */
static uint64_t number_in(const char *variable)
{
    const char *text = getenv(variable);
    uint64_t n = 0;

    if (text == NULL || gyre_http_decimal(gyre_span_of(text), INT32_MAX, &n))
        return 0;
    return n;
}

int gyre_http_count_passed(const struct gyre_http_options *o)
{
    uint64_t n = 0;

    if (!o->passed)
        return 0;
    if (number_in("LISTEN_PID") == (uint64_t)getpid())
        n = number_in("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return (int)n;
}

void gyre_http_close_given(const struct gyre_http_options *o, int passed)
{
    for (int i = 0; i < passed; i++)
        close(FIRST_PASSED + i);
    for (const struct gyre_http_listen *at = o->listen;
         at != NULL && is_place(at); at++)
        if (is_descriptor(at))
            close(at->descriptor);
}

static int add_passed(struct gyre_http_listening *x, int n)
{
    int err = n > GYRE_HTTP_LISTENERS ? -E2BIG : 0;

    for (int i = 0; i < n && !err; i++)
        err = add_descriptor(x, FIRST_PASSED + i);
    return err;
}

/* ---- all of them ---- */

static int add_all(struct gyre_http_listening *x, const char *host, int port,
                   const struct gyre_http_options *o, int passed,
                   gyre_time deadline)
{
    const struct gyre_http_listen *at = o->listen;
    int err = 0;

    if (passed > 0)
        return add_passed(x, passed);
    if (port >= 0)
        err = add_tcp(x, host, port, deadline);
    while (err == 0 && at != NULL && is_place(at))
        err = add(x, at++, deadline);
    return err == 0 && x->n == 0 ? -EINVAL : err;
}

int gyre_http_listening_open(struct gyre_http_listening *x, const char *host,
                             int port, const struct gyre_http_options *o,
                             int passed, gyre_time deadline)
{
    int err;

    x->n = 0;
    err = add_all(x, host, port, o, passed, deadline);
    if (err)
        gyre_http_listening_close(x);
    return err;
}

void gyre_http_listening_close(struct gyre_http_listening *x)
{
    while (x->n > 0)
        gyre_listener_close(x->l[--x->n]);
}

/* ---- for other loops ---- */

int gyre_http_listening_copy(const struct gyre_http_listening *x,
                             struct gyre_http_sockets *out)
{
    for (out->n = 0; out->n < x->n; out->n++) {
        int fd = copy(x->l[out->n]->fd.fd);

        out->fd[out->n] = fd;
        if (fd >= 0)
            continue;
        gyre_http_sockets_close(out);
        return fd;
    }
    return 0;
}

int gyre_http_listening_join(struct gyre_http_listening *x,
                             const struct gyre_http_sockets *sockets)
{
    int err = 0;

    x->n = 0;
    for (int i = 0; i < sockets->n && !err; i++)
        err = add_descriptor(x, sockets->fd[i]);
    if (err)
        gyre_http_listening_close(x);
    return err;
}

void gyre_http_sockets_close(struct gyre_http_sockets *x)
{
    while (x->n > 0)
        close(x->fd[--x->n]);
}
