/*
 * origin.c - the places a session has to do with.
 *
 * An origin is there while anything counts among what is its own, and found by
 * a hash, as there may be as many as there are requests that wait.  Who chose
 * the names of hosts, by redirects say, could choose some that share a list;
 * but there are never more of them than connections and calls under way, and
 * both are the program's own to bound.  So there is no seed: the worst that can
 * be had is what there was without the hash.
 */
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "io/http/internal.h"
#include "io/http/client/session.h"

/* In which list it is; the case of a host does not matter. */
static struct gyre_list *list_of(struct gyre_http_session *s,
                                 const struct gyre_url *url)
{
    unsigned hash = 2166136261u ^ (unsigned)url->port; /* FNV-1a */

    for (size_t i = 0; i < url->host.length; i++)
        hash = (hash ^ (unsigned char)gyre_http_lower(url->host.at[i])) *
               16777619u;
    return &s->origins[(hash ^ hash >> 16) % GYRE_HTTP_ORIGIN_LISTS];
}

static bool is_of(const struct gyre_http_origin *o, const struct gyre_url *url)
{
    return o->port == url->port && o->secure == url->secure &&
           gyre_span_equals_nocase(gyre_span_from(o->host, o->host_length),
                                   url->host);
}

static struct gyre_http_origin *make(struct gyre_http_session *s,
                                     const struct gyre_url *url)
{
    size_t n = url->host.length;
    struct gyre_http_origin *o =
        gyre_resize(gyre_loop_allocator(s->loop), NULL, 0, sizeof *o + n + 1);

    if (o == NULL)
        return NULL;
    *o = (struct gyre_http_origin){
        .session = s,
        .secure = url->secure,
        .proxied = gyre_http_proxy_serves(&s->proxy, url->host),
        .port = url->port,
        .host_length = n};
    memcpy(o->host, url->host.at, n);
    o->host[n] = '\0';
    gyre_list_init(&o->idle);
    gyre_list_init(&o->waiting);
    gyre_list_append(list_of(s, url), &o->link);
    return o;
}

struct gyre_http_origin *gyre_http_origin_of(struct gyre_http_session *s,
                                             const struct gyre_url *url)
{
    struct gyre_list *list = list_of(s, url);

    for (struct gyre_list *i = list->next; i != list; i = i->next) {
        struct gyre_http_origin *o =
            GYRE_OWNER(i, struct gyre_http_origin, link);

        if (is_of(o, url))
            return o;
    }
    return make(s, url);
}

void gyre_http_origin_drop(struct gyre_http_origin *o)
{
    if (o->places > 0 || o->links > 0)
        return;
    gyre_list_remove(&o->link);
    gyre_resize(gyre_loop_allocator(o->session->loop), o,
                sizeof *o + o->host_length + 1, 0);
}
