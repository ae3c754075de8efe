/*
 * proxy.c - whom a session asks through another: the list, and the tunnel.
 *
 * What is not secret is asked of the proxy itself, by the whole URL (send.c).
 * For https it joins us to the host, and then sees nothing but bytes.
 */
#include "io/http/client/proxy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loop/loop.h"
#include "io/stream.h"
#include "io/http/compose.h"
#include "io/http/head.h"
#include "io/http/client/base.h"
#include "io/http/client/course.h"

enum {
    FIELDS = 100,     /* in the head of an answer, at most */
    PROVISIONAL = 16, /* answers of 1xx, at most */
    READ = 2048       /* bytes of room for a read */
};

/* ---- whom it serves ---- */

/* Is `host` what `name` says: itself, or below it?  ".x" is "x". */
static bool is_at(struct gyre_span host, struct gyre_span name)
{
    if (name.length > 0 && name.at[0] == '.')
        name = gyre_span_from(name.at + 1, name.length - 1);
    if (name.length == 0 || host.length < name.length)
        return false;
    if (host.length > name.length &&
        host.at[host.length - name.length - 1] != '.')
        return false;
    return gyre_span_equals_nocase(
        gyre_span_from(host.at + host.length - name.length, name.length), name);
}

bool gyre_http_proxy_serves(const struct gyre_http_proxy *p,
                            struct gyre_span host)
{
    struct gyre_span list = gyre_span_from(p->direct.at, p->direct.length);
    struct gyre_span name;

    if (p->text.length == 0)
        return false;
    while (gyre_span_next(&list, &name)) {
        if (gyre_span_equals(name, gyre_span_of("*")) || is_at(host, name))
            return false;
    }
    return true;
}

/* ---- making one ---- */

static int init_url(struct gyre_http_proxy *p, const char *text)
{
    struct gyre_url url;
    int err = gyre_http_part_user(gyre_span_of(text), &p->text, &p->fields,
                                  "Proxy-Authorization");

    if (!err)
        err = gyre_url_parse(gyre_span_from(p->text.at, p->text.length), &url);
    if (!err && url.secure)
        err = -EINVAL;
    if (!err)
        err = gyre_buf_append(&p->host, url.host.at, url.host.length);
    if (!err)
        err = gyre_buf_append(&p->host, "", 1);
    p->port = err ? 0 : url.port;
    return err;
}

int gyre_http_proxy_init(struct gyre_http_proxy *p, struct gyre_allocator *a,
                         const struct gyre_http_session_options *options)
{
    int err = 0;

    p->text.allocator = p->host.allocator = p->direct.allocator = a;
    p->fields.text.allocator = a;
    if (options->proxy != NULL)
        err = init_url(p, options->proxy);
    if (!err && options->no_proxy != NULL)
        err = gyre_buf_append_string(&p->direct, options->no_proxy);
    return err;
}

void gyre_http_proxy_free(struct gyre_http_proxy *p)
{
    gyre_buf_free(&p->text);
    gyre_buf_free(&p->host);
    gyre_buf_free(&p->direct);
    gyre_http_fields_free(&p->fields);
}

/* ---- the tunnel ---- */

static int ask(const struct gyre_http_proxy *p, struct gyre_stream *s,
               const char *host, int port, gyre_time deadline)
{
    const struct gyre_http_envelope e = {.fields = &p->fields,
                                         .keep_alive = true};
    struct gyre_buf out = {.allocator = gyre_loop_allocator(s->loop)};
    bool v6 = strchr(host, ':') != NULL;
    struct gyre_span target;
    char to[300];
    int n = snprintf(to, sizeof to, v6 ? "[%s]:%d" : "%s:%d", host, port), err;

    target = gyre_span_from(to, (size_t)n);
    err = gyre_http_compose_request(&out, "CONNECT", target, target, &e);
    if (!err)
        err = gyre_write(s, out.at, out.length, deadline);
    gyre_buf_free(&out);
    return err;
}

/* Read up to the end of a head.  Nobody speaks behind it before we do. */
static int hear_head(struct gyre_stream *s, struct gyre_buf *in,
                     struct gyre_http_head *h, gyre_time deadline)
{
    ssize_t n;

    while ((n = gyre_http_head_parse(h, in->at, in->length)) == 0) {
        char *room = gyre_buf_reserve(in, READ);

        if (room == NULL)
            return -ENOMEM;
        n = gyre_read(s, room, READ, deadline);
        if (n <= 0)
            return n < 0 ? (int)n : -EPIPE;
        gyre_buf_grow(in, (size_t)n);
    }
    if (n > 0)
        gyre_buf_take(in, (size_t)n);
    return n < 0 ? (int)n : 0;
}

/* Hear what the proxy answers: a status. */
static int hear(struct gyre_stream *s, struct gyre_buf *in, gyre_time deadline)
{
    struct gyre_http_field fields[FIELDS];
    struct gyre_http_head h;
    int err, heard = 0;

    do {
        gyre_http_head_init(&h, GYRE_HTTP_RESPONSE_TO_HEAD, fields, FIELDS,
                            NULL);
        err = hear_head(s, in, &h, deadline);
        if (!err && h.status < 200 && ++heard > PROVISIONAL)
            err = -EPROTO;
    } while (!err && h.status < 200);
    return err ? err : h.status;
}

int gyre_http_proxy_tunnel(const struct gyre_http_proxy *p,
                           struct gyre_stream *s, const char *host, int port,
                           struct gyre_http_course *c, gyre_time deadline)
{
    struct gyre_buf in = {.allocator = gyre_loop_allocator(s->loop)};
    int r = ask(p, s, host, port, deadline);

    if (r == 0)
        r = hear(s, &in, deadline);
    if (r > 0) {
        bool refused = r >= 300;

        c->proxy_status = refused ? r : 0;
        if (refused)
            r = r == 407 ? -EACCES : -EHOSTUNREACH;
        else
            r = in.length > 0 ? -EPROTO : 0;
    }
    gyre_buf_free(&in);
    return r;
}
