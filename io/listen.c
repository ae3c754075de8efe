/*
 * listen.c - listening.
 */
#include "io/tcp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/task.h"
#include "task/wait.h"
#include "io/internal.h"
#include "io/option.h"
#include "io/sys.h"

#define BACKLOG   4096 /* the system cuts it to what it allows */
#define ADDRESSES 16   /* of one name, at most */

static const struct gyre_listen_options defaults;

/* A server started anew must not wait for its predecessor's connections.  An
   address of IPv6 is that alone, on all systems alike. */
static int prepare(int fd, const struct gyre_addr *a,
                   const struct gyre_listen_options *o)
{
    int err = 0;

    if (a->is.any.sa_family != AF_UNIX)
        err = gyre_option_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (err == 0 && a->is.any.sa_family == AF_INET6)
        err = gyre_option_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, !o->dual);
    if (err == 0 && o->balance)
        err = gyre_sys_balance(fd);
    return err;
}

static int bind_to(int fd, const struct gyre_addr *a,
                   const struct gyre_listen_options *o)
{
    int err = prepare(fd, a, o);

    if (err == 0 && bind(fd, &a->is.any, a->length) < 0)
        err = -errno;
    return err;
}

/* Being bound.  What comes of it when that fails must not stay in the file
   system, where nobody would know of it. */
static int listen_on(struct gyre_loop *l, int fd, const struct gyre_addr *a,
                     const struct gyre_listen_options *o,
                     struct gyre_listener **out)
{
    int err =
        listen(fd, o->backlog > 0 ? o->backlog : BACKLOG) < 0 ? -errno : 0;

    if (err == 0)
        err = gyre_listener_adopt(l, fd, out);
    if (err && a->is.any.sa_family == AF_UNIX &&
        a->is.local.sun_path[0] != '\0')
        unlink(a->is.local.sun_path);
    return err;
}

int gyre_tcp_listen_at(struct gyre_loop *l, const struct gyre_addr *a,
                       const struct gyre_listen_options *options,
                       struct gyre_listener **out)
{
    int fd = gyre_socket_open(l, a->is.any.sa_family, SOCK_STREAM), err;

    if (fd < 0)
        return fd;
    if (options == NULL)
        options = &defaults;
    err = bind_to(fd, a, options);
    if (err == 0)
        err = listen_on(l, fd, a, options, out);
    if (err)
        close(fd);
    return err;
}

/* A name may have addresses for others, and of families that are not to be had
   here, as localhost has where there is no IPv6. */
static bool is_elsewhere(int err)
{
    return err == -EAFNOSUPPORT || err == -EADDRNOTAVAIL;
}

/* At every address there is, of both families; where there is but one, of
   that. */
static int listen_everywhere(int port,
                             const struct gyre_listen_options *options,
                             struct gyre_listener **out)
{
    struct gyre_listen_options o = *options;
    struct gyre_addr a;
    int err = gyre_addr_parse(&a, "::", port);

    if (err)
        return err;
    o.dual = true;
    err = gyre_tcp_listen_at(gyre_loop_current(), &a, &o, out);
    if (!is_elsewhere(err))
        return err;
    (void)gyre_addr_parse(&a, NULL, port);
    return gyre_tcp_listen_at(gyre_loop_current(), &a, &o, out);
}

/* At the first address; and at the next, on the same port. */
static int listen_next(struct gyre_addr *a, struct gyre_listener **first,
                       int done, const struct gyre_listen_options *o)
{
    struct gyre_addr b;

    if (done > 0 && gyre_addr_port(a) == 0 &&
        gyre_listener_addr(*first, &b) == 0)
        gyre_addr_set_port(a, gyre_addr_port(&b));
    return gyre_tcp_listen_at(gyre_loop_current(), a, o, &first[done]);
}

/* Each once: names may have an address twice, and nobody listens there twice.
   How many that are. */
static int thin_out(struct gyre_addr *addrs, int n)
{
    int kept = 0;

    for (int i = 0; i < n; i++) {
        int j = 0;

        while (j < kept &&
               (addrs[j].length != addrs[i].length ||
                memcmp(&addrs[j].is, &addrs[i].is, addrs[i].length) != 0))
            j++;
        if (j == kept)
            addrs[kept++] = addrs[i];
    }
    return kept;
}

static void close_all(struct gyre_listener **l, int n)
{
    while (n > 0)
        gyre_listener_close(l[--n]);
}

/* At the first `n` of the `found` that are here. */
static int listen_on_each(struct gyre_addr *addrs, int found,
                          const struct gyre_listen_options *o,
                          struct gyre_listener **out, int n)
{
    int done = 0, why = 0;

    for (int i = 0; i < found && done < n; i++) {
        int err = listen_next(&addrs[i], out, done, o);

        if (err == 0) {
            done++;
        } else if (is_elsewhere(err)) {
            why = err;
        } else {
            close_all(out, done);
            return err;
        }
    }
    return done > 0 ? done : why;
}

/* Apart from what checks that no scope was left: there is much on its frame. */
static __attribute__((noinline)) int
listen_on_name(const char *host, int port, const struct gyre_listen_options *o,
               struct gyre_listener **out, int n, gyre_time deadline)
{
    struct gyre_addr addrs[ADDRESSES];
    int found = gyre_resolve(host, port, addrs, ADDRESSES, deadline);

    if (found < 0)
        return found;
    return listen_on_each(addrs, thin_out(addrs, found), o, out, n);
}

int gyre_tcp_listen_all(const char *host, int port,
                        const struct gyre_listen_options *options,
                        struct gyre_listener **out, int n, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (options == NULL)
        options = &defaults;
    if (host != NULL && host[0] != '\0')
        return listen_on_name(host, port, options, out, n, deadline);
    err = listen_everywhere(port, options, out);
    return err ? err : 1;
}

int gyre_tcp_listen(const char *host, int port, struct gyre_listener **out,
                    gyre_time deadline)
{
    int n = gyre_tcp_listen_all(host, port, NULL, out, 1, deadline);

    return n < 0 ? n : 0;
}
