/*
 * call.c - a request, and what it takes to get its answer.
 *
 * One call may take several requests: a kept connection may turn out to be
 * closed, just when we use it, and an answer may refer us to another place.
 */
#include <errno.h>
#include <string.h>

#include "loop/loop.h"
#include "task/wait.h"
#include "io/http/compose.h"
#include "io/http/session.h"

enum { PIECE = 8192 /* bytes of a body that is sent in chunks */ };

/* A call under way: what is asked for changes as we are referred. */
struct call {
    struct gyre_http_session *session;
    struct gyre_http_call *asked;
    struct gyre_buf text; /* the URL, with a NUL */
    struct gyre_url url;  /* points into `text` */
    const char *method;
    bool body;                      /* it is still to be sent */
    struct gyre_http_fields fields; /* without what must not go elsewhere */
    bool elsewhere;                 /* use `fields`, not the caller's */
    int referrals;                  /* followed so far */
    gyre_time deadline;
};

static bool is(const char *method, const char *name)
{
    return strcmp(method, name) == 0;
}

/* ---- sending ---- */

static bool has_body(const struct call *c)
{
    return c->body && (c->asked->body != NULL || c->asked->more != NULL);
}

static struct gyre_http_envelope envelope(const struct call *c)
{
    struct gyre_http_envelope e = {
        .fields = c->elsewhere ? &c->fields : c->asked->fields,
        .framing = GYRE_HTTP_NO_BODY,
        .keep_alive = true,
    };

    if (has_body(c)) {
        e.framing =
            c->asked->more != NULL ? GYRE_HTTP_CHUNKED : GYRE_HTTP_LENGTH;
        e.length = c->asked->length;
    } else if (is(c->method, "POST") || is(c->method, "PUT")) {
        e.framing = GYRE_HTTP_LENGTH;
    }
    return e;
}

/* Path and query as they stand in the URL; the path may not be there. */
static struct gyre_span target(const struct call *c)
{
    struct gyre_span t = c->url.path;

    if (c->url.query.at != NULL)
        t.length = (size_t)(c->url.query.at + c->url.query.length - t.at);
    return t;
}

static int compose(struct call *c, struct gyre_buf *out)
{
    struct gyre_http_envelope e = envelope(c);
    struct gyre_span t = target(c);
    struct gyre_buf slash = {0};
    int err;

    /* "http://host?query": the path is a constant, apart from its query. */
    if (c->url.query.at == NULL ||
        c->url.path.at + c->url.path.length + 1 == c->url.query.at)
        return gyre_http_compose_request(out, c->method, t, c->url.authority,
                                         &e);
    err = gyre_buf_append_string(&slash, "/?");
    if (err == 0)
        err = gyre_buf_append(&slash, c->url.query.at, c->url.query.length);
    if (err == 0)
        err = gyre_http_compose_request(out, c->method,
                                        gyre_span_from(slash.at, slash.length),
                                        c->url.authority, &e);
    gyre_buf_free(&slash);
    return err;
}

static int send_chunk(struct gyre_stream *s, const void *buf, size_t n,
                      gyre_time deadline)
{
    char head[GYRE_HTTP_CHUNK_HEAD_MAX];
    struct iovec pieces[3] = {
        {head, gyre_http_chunk_head(head, n)},
        {(void *)buf, n},
        {GYRE_HTTP_CHUNK_TAIL, sizeof GYRE_HTTP_CHUNK_TAIL - 1},
    };

    return gyre_writev(s, pieces, 3, deadline);
}

static int send_more(struct call *c, struct gyre_stream *s)
{
    char piece[PIECE];
    ssize_t n;

    while ((n = c->asked->more(c->asked, piece, sizeof piece)) > 0) {
        int err = send_chunk(s, piece, (size_t)n, c->deadline);

        if (err)
            return err;
    }
    if (n < 0)
        return (int)n;
    return gyre_write(s, GYRE_HTTP_LAST_CHUNK, sizeof GYRE_HTTP_LAST_CHUNK - 1,
                      c->deadline);
}

static int send_head(struct call *c, struct gyre_stream *s)
{
    struct gyre_buf out = {.allocator = gyre_loop_allocator(c->session->loop)};
    struct iovec pieces[2] = {{0}};
    int err = compose(c, &out);

    if (err == 0) {
        pieces[0] = (struct iovec){out.at, out.length};
        if (has_body(c) && c->asked->more == NULL)
            pieces[1] =
                (struct iovec){(void *)c->asked->body, c->asked->length};
        err = gyre_writev(s, pieces, 2, c->deadline);
    }
    gyre_buf_free(&out);
    return err;
}

static int send_request(struct call *c, struct gyre_stream *s)
{
    int err = send_head(c, s);

    if (err == 0 && has_body(c) && c->asked->more != NULL)
        err = send_more(c, s);
    return err;
}

/* ---- one request ---- */

static bool peer_left(int err)
{
    return err == -EPIPE || err == -ECONNRESET;
}

/* Send the request over r->link, and read the head of the answer.  A server may
   answer, and close, before it has read all: so an answer is looked for even if
   not all could be sent. */
static int ask(struct call *c, struct gyre_http_response *r)
{
    int err = send_request(c, r->link->stream);
    int answered;

    if (err && !peer_left(err))
        return err;
    answered = gyre_http_response_begin(r, c->deadline);
    return err && answered ? err : answered;
}

/* May the request be made again, if nobody knows what became of it? */
static bool repeatable(const struct call *c)
{
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "PUT",
                                          "DELETE"};

    if (has_body(c) && c->asked->more != NULL)
        return false;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (is(c->method, methods[i]))
            return true;
    }
    return false;
}

static int request_over(struct call *c, bool fresh,
                        struct gyre_http_response **out, bool *again)
{
    struct gyre_http_response *r =
        gyre_http_response_new(c->session, &c->text, is(c->method, "HEAD"));
    bool kept;
    int err;

    *again = false;
    if (r == NULL)
        return -ENOMEM;
    err =
        gyre_http_link_take(c->session, &c->url, fresh, &r->link, c->deadline);
    if (err == 0) {
        kept = r->link->used;
        err = ask(c, r);
        *again = kept && peer_left(err) && !r->heard && repeatable(c);
    }
    if (err)
        gyre_http_response_free(r);
    else
        *out = r;
    return err;
}

static int request(struct call *c, struct gyre_http_response **out)
{
    bool again;
    int err = request_over(c, false, out, &again);

    return again ? request_over(c, true, out, &again) : err;
}

/* ---- being referred ---- */

static bool refers(const struct gyre_http_response *r)
{
    int status = gyre_http_status(r);

    return (status == 301 || status == 302 || status == 303 || status == 307 ||
            status == 308) &&
           gyre_http_response_header(r, "Location").at != NULL;
}

/* Credentials are for the origin they were given for (RFC 9110, 15.4). */
static int leave_credentials(struct call *c)
{
    const struct gyre_http_fields *before = c->asked->fields;

    if (c->elsewhere || before == NULL)
        return 0;
    if (gyre_buf_append(&c->fields.text, before->text.at,
                        before->text.length) != 0)
        return -ENOMEM;
    gyre_http_fields_remove(&c->fields, "Authorization");
    gyre_http_fields_remove(&c->fields, "Proxy-Authorization");
    gyre_http_fields_remove(&c->fields, "Cookie");
    c->elsewhere = true;
    return 0;
}

static bool same_origin(const struct gyre_url *a, const struct gyre_url *b)
{
    return a->secure == b->secure && a->port == b->port &&
           gyre_span_equals_nocase(a->host, b->host);
}

/* Go on with the URL in `text`, which this takes over. */
static int go_to(struct call *c, struct gyre_buf *text)
{
    struct gyre_url url;
    int err = gyre_url_parse(gyre_span_from(text->at, text->length - 1), &url);

    if (err == 0 && !same_origin(&url, &c->url))
        err = leave_credentials(c);
    if (err)
        return err;
    gyre_buf_free(&c->text);
    c->text = *text;
    *text = (struct gyre_buf){0};
    c->url = url;
    return 0;
}

/* What the status makes of the method. */
static void change_method(struct call *c, int status)
{
    bool post = is(c->method, "POST");

    if ((status == 303 && !is(c->method, "HEAD")) ||
        ((status == 301 || status == 302) && post)) {
        c->method = "GET";
        c->body = false;
    }
}

static int follow(struct call *c, const struct gyre_http_response *r)
{
    struct gyre_buf text = {.allocator = c->text.allocator};
    int err = gyre_url_resolve(&text, &c->url,
                               gyre_http_response_header(r, "Location"));

    if (err == 0)
        err = gyre_buf_append(&text, "", 1);
    if (err == 0)
        err = go_to(c, &text);
    if (err == 0)
        change_method(c, gyre_http_status(r));
    gyre_buf_free(&text);
    return err == -EINVAL ? -EPROTO : err;
}

/* A body that was made while it was sent cannot be sent again. */
static bool can_follow(const struct call *c, const struct gyre_http_response *r)
{
    int status = gyre_http_status(r);

    return refers(r) && c->session->options.redirects > 0 &&
           !(has_body(c) && c->asked->more != NULL &&
             (status == 307 || status == 308));
}

static int run(struct call *c, struct gyre_http_response **out)
{
    struct gyre_http_response *r;
    int err;

    while ((err = request(c, &r)) == 0 && can_follow(c, r)) {
        gyre_http_response_pass(r, c->deadline);
        err = ++c->referrals <= c->session->options.redirects ? follow(c, r)
                                                              : -ELOOP;
        gyre_http_response_free(r);
        if (err)
            return err;
    }
    if (err == 0)
        *out = r;
    return err;
}

/* ---- calls ---- */

static int begin(struct call *c, const char *url)
{
    struct gyre_span text = gyre_span_of(url);
    int err = gyre_buf_append(&c->text, url, text.length + 1);

    if (err)
        return err;
    return gyre_url_parse(gyre_span_from(c->text.at, text.length), &c->url);
}

int gyre_http_call(struct gyre_http_session *s, struct gyre_http_call *call,
                   struct gyre_http_response **out, gyre_time deadline)
{
    struct gyre_allocator *a = gyre_loop_allocator(s->loop);
    struct call c = {.session = s,
                     .asked = call,
                     .text.allocator = a,
                     .method = call->method != NULL ? call->method : "GET",
                     .body = true,
                     .fields.text.allocator = a,
                     .deadline = deadline};
    int err = gyre_checkpoint(deadline);

    if (err == 0)
        err = begin(&c, call->url);
    if (err == 0)
        err = run(&c, out);
    gyre_buf_free(&c.text);
    gyre_http_fields_free(&c.fields);
    return err;
}

int gyre_http_get(struct gyre_http_session *s, const char *url,
                  struct gyre_http_response **out, gyre_time deadline)
{
    struct gyre_http_call call = {.url = url};

    return gyre_http_call(s, &call, out, deadline);
}
