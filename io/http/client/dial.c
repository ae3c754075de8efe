/*
 * dial.c - makes connections: to a host, a proxy, or a Unix socket; by TCP, or
 * as the program's connector does; and TLS over them.
 *
 * What is made beneath is closed on every way out but the last.
 */
#include <errno.h>

#include "io/tcp.h"
#include "io/unix.h"
#include "io/http/client/session.h"

enum { ADDRESSES = 16 /* of a name, tried at most */ };

static int dial_tcp(const struct gyre_http_session *s, const char *host,
                    int port, struct gyre_stream **out,
                    struct gyre_http_course *course, gyre_time deadline)
{
    struct gyre_connect_options how = {.from = s->options.from};
    struct gyre_addr addrs[ADDRESSES];
    int n = gyre_resolve(host, port, addrs, ADDRESSES, deadline);

    if (n < 0)
        return n;
    gyre_http_course_tell(course, GYRE_HTTP_STEP_RESOLVED, 0);
    return gyre_tcp_connect_any(addrs, n, &how, out, deadline);
}

/* Connect to whoever hears us first. */
static int dial_beneath(const struct gyre_http_origin *o,
                        struct gyre_stream **out,
                        struct gyre_http_course *course, gyre_time deadline)
{
    struct gyre_http_session *s = o->session;
    struct gyre_http_connector *c = s->options.connector;
    const char *host = o->proxied ? s->proxy.host.at : o->host;
    int port = o->proxied ? s->proxy.port : o->port;

    if (c != NULL && c->connect != NULL)
        return c->connect(c, host, port, false, out, deadline);
    if (s->options.unix_path != NULL)
        return gyre_unix_connect(s->options.unix_path, out, deadline);
    return dial_tcp(s, host, port, out, course, deadline);
}

/* Speak TLS over `beneath`, which is the other end's, not the proxy's. */
static int secure(const struct gyre_http_origin *o, struct gyre_stream *beneath,
                  struct gyre_stream **out, struct gyre_http_course *course,
                  gyre_time deadline)
{
    struct gyre_http_session *s = o->session;
    struct gyre_http_connector *c = s->options.connector;
    int err = 0;

    if (o->proxied)
        err = gyre_http_proxy_tunnel(&s->proxy, beneath, o->host, o->port,
                                     course, deadline);
    if (err == 0)
        err = c->secure(c, o->host, beneath, out, deadline);
    return err;
}

int gyre_http_dial(const struct gyre_http_origin *o, struct gyre_stream **out,
                   struct gyre_http_course *course, gyre_time deadline)
{
    struct gyre_http_connector *c = o->session->options.connector;
    bool knows_tls = c != NULL && c->secure != NULL;
    struct gyre_stream *beneath;
    int err;

    /* Who connects with TLS by himself does so where we cannot come between. */
    if (o->secure && !knows_tls)
        return c == NULL || c->connect == NULL || o->proxied
                   ? -ENOTSUP
                   : c->connect(c, o->host, o->port, true, out, deadline);
    err = dial_beneath(o, &beneath, course, deadline);
    if (err)
        return err;
    if (!o->secure) {
        *out = beneath;
        return 0;
    }
    err = secure(o, beneath, out, course, deadline);
    if (err)
        gyre_close(beneath);
    return err;
}
