/*
 * session.c - a client's session: its limits, and the connections it keeps.
 */
#include "io/http/client/session.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/task.h"

static void fill_in_times(struct gyre_http_session_options *o)
{
    if (o->turn_time == 0)
        o->turn_time = GYRE_FOREVER;
    if (o->total_time == 0)
        o->total_time = GYRE_FOREVER;
    if (o->connect_time == 0)
        o->connect_time = 30 * GYRE_SECOND;
    if (o->send_time == 0)
        o->send_time = 30 * GYRE_SECOND;
    if (o->answer_time == 0)
        o->answer_time = 30 * GYRE_SECOND;
    if (o->stall_time == 0)
        o->stall_time = 30 * GYRE_SECOND;
    if (o->idle_time == 0)
        o->idle_time = 15 * GYRE_SECOND;
}

static void fill_in(struct gyre_http_session_options *o)
{
    if (o->connections == 0)
        o->connections = 100;
    if (o->text_limit == 0)
        o->text_limit = 64 * 1024 * 1024;
    if (o->redirects == 0)
        o->redirects = 10;
    fill_in_times(o);
}

/* What is text among the options is copied; the address as well. */
static int init(struct gyre_http_session *s,
                const struct gyre_http_session_options *options)
{
    struct gyre_allocator *a = gyre_loop_allocator(s->loop);
    int err = gyre_http_base_init(&s->base, a, options);

    s->unix_path.allocator = a;
    if (err == 0)
        err = gyre_http_proxy_init(&s->proxy, a, options);
    if (err == 0 && options->unix_path != NULL)
        err = options->proxy != NULL
                  ? -EINVAL
                  : gyre_buf_append(&s->unix_path, options->unix_path,
                                    strlen(options->unix_path) + 1);
    s->options.unix_path = s->unix_path.at;
    if (options->from != NULL) {
        s->from = *options->from;
        s->options.from = &s->from;
    }
    return err;
}

int gyre_http_session_new_with(struct gyre_http_session **out,
                               const struct gyre_http_session_options *options)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_http_session *s =
        gyre_resize(gyre_loop_allocator(l), NULL, 0, sizeof *s);
    int err;

    if (s == NULL)
        return -ENOMEM;
    *s = (struct gyre_http_session){.loop = l, .options = *options};
    fill_in(&s->options);
    gyre_list_init(&s->idle);
    gyre_list_init(&s->waiting);
    for (int i = 0; i < GYRE_HTTP_ORIGIN_LISTS; i++)
        gyre_list_init(&s->origins[i]);
    err = init(s, options);
    if (err)
        gyre_http_session_free(s);
    else
        *out = s;
    return err;
}

int gyre_http_session_new(struct gyre_http_session **out)
{
    static const struct gyre_http_session_options defaults;

    return gyre_http_session_new_with(out, &defaults);
}

void gyre_http_session_free(struct gyre_http_session *s)
{
    if (s == NULL)
        return;
    assert(s->responses == 0);
    while (!gyre_list_empty(&s->idle))
        gyre_http_link_discard(
            GYRE_OWNER(s->idle.next, struct gyre_http_link, link));
    assert(gyre_list_empty(&s->waiting) && s->links == 0);
    gyre_http_base_free(&s->base);
    gyre_http_proxy_free(&s->proxy);
    gyre_buf_free(&s->unix_path);
    gyre_resize(gyre_loop_allocator(s->loop), s, sizeof *s, 0);
}
