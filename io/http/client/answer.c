/*
 * answer.c - an answer as it comes, from its first byte to the end of its head;
 * and what is looked for while the request is still being sent.
 */
#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "io/http/client/session.h"

enum { PROVISIONAL = 16 /* answers of 1xx before the final one, at most */ };

/* The answer, or one before it, is about to begin. */
static void expect_head(struct gyre_http_response *r)
{
    enum gyre_http_kind kind =
        r->to_head ? GYRE_HTTP_RESPONSE_TO_HEAD : GYRE_HTTP_RESPONSE;

    gyre_http_head_init(&r->head, kind, r->fields, GYRE_HTTP_ANSWER_FIELDS,
                        &r->session->options.limits);
}

struct gyre_http_response *
gyre_http_response_new(struct gyre_http_session *s, const struct gyre_buf *url,
                       bool to_head, const struct gyre_http_course *course)
{
    struct gyre_allocator *a = gyre_loop_allocator(s->loop);
    struct gyre_http_response *r = gyre_resize(a, NULL, 0, sizeof *r);

    if (r == NULL)
        return NULL;
    memset(r, 0, sizeof *r);
    r->session = s;
    s->responses++;
    r->to_head = to_head;
    r->course = *course;
    r->url.allocator = r->whole.allocator = a;
    gyre_http_incoming_init(&r->came, a);
    expect_head(r);
    if (gyre_buf_append(&r->url, url->at, url->length) == 0) {
        r->course.url = r->url.at;
        return r;
    }
    gyre_http_response_free(r);
    return NULL;
}

/* That a connection was reset is said but once, to who writes, it may be; from
   then on it seems to have ended well. */
ssize_t gyre_http_response_hear(struct gyre_http_response *r,
                                struct gyre_buf *b, gyre_time deadline)
{
    char *room = gyre_buf_reserve(b, GYRE_HTTP_ANSWER_READ);
    ssize_t n;

    if (room == NULL)
        return -ENOMEM;
    n = gyre_read(r->link->stream, room, GYRE_HTTP_ANSWER_READ, deadline);
    r->reset |= n == -ECONNRESET;
    if (n <= 0)
        return r->reset && n == 0 ? -ECONNRESET : n;
    if (!r->heard)
        gyre_http_course_tell(&r->course, GYRE_HTTP_STEP_HEARD, 0);
    r->heard = true;
    gyre_buf_grow(b, (size_t)n);
    return n;
}

/* Does 101 lead to the protocol that was asked for? */
static bool is_agreed(const struct gyre_http_response *r)
{
    struct gyre_span to = gyre_http_response_header(r, "Upgrade");

    return r->upgrade != NULL &&
           gyre_span_equals_nocase(to, gyre_span_of(r->upgrade));
}

/* Look for the final head among what is in `in`: as `found`.  Those before it
   are dropped. */
static int find_head(struct gyre_http_response *r)
{
    ssize_t n;

    while ((n = gyre_http_head_parse(&r->head, r->came.in.at,
                                     r->came.in.length)) > 0) {
        if (r->head.status == 101 && !is_agreed(r))
            return -EPROTO;
        if (r->head.status >= 200 || r->head.status == 101) {
            r->came.taken = (size_t)n;
            return 1;
        }
        if (++r->provisional > PROVISIONAL)
            return -EPROTO;
        r->wanted |= r->head.status == 100;
        gyre_buf_take(&r->came.in, (size_t)n);
        expect_head(r);
    }
    return (int)n;
}

void gyre_http_response_complete(struct gyre_http_response *r)
{
    bool rest = gyre_http_incoming_unread(&r->came).length > 0;
    struct gyre_http_link *k = r->link;

    if (r->head.upgrade)
        return;
    r->link = NULL;
    if (k == NULL)
        return;
    gyre_http_course_tell(&r->course, GYRE_HTTP_STEP_ENDED, 0);
    gyre_http_link_heed(k, gyre_http_response_header(r, "Keep-Alive"));
    gyre_http_link_give(k, r->head.keep_alive && !rest && !r->partial);
}

/* Is the rest of the request of no use?  Who succeeds may still read it. */
static bool is_enough(const struct gyre_http_response *r)
{
    return r->found < 0 || (r->found == 1 && r->head.status / 100 != 2);
}

bool gyre_http_response_is_full(const struct gyre_http_response *r)
{
    return r->came.more.length >= r->session->options.text_limit;
}

int gyre_http_response_look(struct gyre_http_response *r, gyre_time until)
{
    bool found = r->found != 0;
    ssize_t n;

    if (gyre_http_response_is_full(r))
        return 0;
    n = gyre_http_response_hear(r, found ? &r->came.more : &r->came.in, until);
    if (n == -ETIMEDOUT)
        return 0;
    if (n == -ECANCELED || n == -ENOMEM)
        return (int)n;
    if (n > 0 && !found)
        r->found = find_head(r);
    return n <= 0 || is_enough(r);
}

int gyre_http_response_begin(struct gyre_http_response *r, gyre_time deadline)
{
    gyre_time until =
        gyre_http_course_step(&r->course, GYRE_HTTP_ANSWER_TIME,
                              r->session->options.answer_time, deadline);
    int err;

    while (r->found == 0) {
        ssize_t n = gyre_http_response_hear(r, &r->came.in, until);

        if (n <= 0)
            return n < 0 ? (int)n : -EPIPE;
        r->found = find_head(r);
    }
    if (r->found < 0)
        return r->found;
    if (r->head.upgrade && r->partial) /* of which protocol is the rest? */
        return -EPROTO;
    err = gyre_http_body_expect(&r->came.body, r->head.framing, r->head.length,
                                UINT64_MAX);
    if (err)
        return err;
    gyre_http_course_tell(&r->course, GYRE_HTTP_STEP_ANSWERED, r->head.status);
    if (gyre_http_body_ended(&r->came.body))
        gyre_http_response_complete(r);
    return 0;
}
