/*
 * pool.c - the requests that a server keeps ready.
 *
 * What a request and its reply need is had once and used again, so that in the
 * long run a request costs no allocation.  The pool is bounded, in number and
 * in what each keeps, or a busy minute would be paid for ever after.
 */
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "io/http/internal.h"
#include "io/http/server/exchange.h"

enum { POOLED = 256 /* requests a server keeps, at most */ };

static struct gyre_http_request *make(struct gyre_http_server *s)
{
    struct gyre_allocator *a = gyre_loop_allocator(s->loop);
    struct gyre_http_request *r = gyre_resize(a, NULL, 0, sizeof *r);

    if (r == NULL)
        return NULL;
    memset(r, 0, sizeof *r);
    gyre_http_incoming_init(&r->came, a);
    gyre_http_head_init(&r->head, GYRE_HTTP_REQUEST, r->fields,
                        GYRE_HTTP_FIELDS, &s->options.limits);
    r->arena.allocator = a;
    r->whole.allocator = r->out.allocator = r->reply.allocator = a;
    r->document.text.allocator = r->document.nodes.allocator = a;
    r->form.text.allocator = r->form.table.allocator = a;
    r->reply_fields.text.allocator = r->own_fields.text.allocator = a;
    r->writers = (struct gyre_waiters){0};
    r->overdue =
        (struct gyre_timer){.fire = gyre_http_send_overdue, .background = true};
    r->file = -1;
    return r;
}

static void destroy(struct gyre_http_request *r)
{
    struct gyre_allocator *a = r->arena.allocator;

    gyre_http_incoming_free(&r->came);
    gyre_http_content_free(r);
    gyre_buf_free(&r->out);
    gyre_buf_free(&r->reply);
    gyre_http_fields_free(&r->reply_fields);
    gyre_http_fields_free(&r->own_fields);
    gyre_resize(a, r, sizeof *r, 0);
}

struct gyre_http_request *gyre_http_request_take(struct gyre_http_server *s)
{
    struct gyre_http_request *r = s->pool;

    if (r == NULL)
        return make(s);
    s->pool = r->next;
    s->pooled--;
    return r;
}

void gyre_http_request_empty(struct gyre_http_request *r)
{
    gyre_http_head_again(&r->head);
    gyre_http_reply_clear(r);
    gyre_arena_empty(&r->arena);
    r->kept = NULL;
    if (r->opened)
        gyre_http_content_drop(r);
    r->body_bytes = 0;
    r->body_err = 0;
    r->body_waited = 0;
    r->body_sent = 0;
    r->send_err = 0;
    r->left = false;
}

void gyre_http_request_give(struct gyre_http_server *s,
                            struct gyre_http_request *r)
{
    gyre_http_request_empty(r);
    if (s->pooled >= POOLED) {
        destroy(r);
        return;
    }
    gyre_http_keep_little(&r->came.in);
    gyre_http_keep_little(&r->came.more);
    gyre_http_keep_little(&r->out);
    r->came.taken = 0;
    r->settled = 0;
    r->cut = false;
    r->next = s->pool;
    s->pool = r;
    s->pooled++;
}

void gyre_http_pool_free(struct gyre_http_server *s)
{
    while (s->pool != NULL) {
        struct gyre_http_request *r = s->pool;

        s->pool = r->next;
        destroy(r);
    }
}
