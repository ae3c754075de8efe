/*
 * call.c - a request, and what it takes to get its answer.
 *
 * One call may take several requests: a kept connection may turn out to be
 * closed, just when we use it, and an answer may refer us to another place.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "loop/loop.h"
#include "task/wait.h"
#include "io/http/internal.h"
#include "io/http/client/session.h"

/* A call under way: what is asked for changes as we are referred. */
struct call {
    struct gyre_http_session *session;
    struct gyre_buf text;           /* the URL, with a NUL */
    struct gyre_url url;            /* points into `text` */
    struct gyre_http_outgoing out;  /* asks for it */
    struct gyre_http_fields fields; /* ours, without what must not go along */
    int referrals;                  /* followed so far */
    struct gyre_http_course course;
    gyre_time deadline;
};

static bool is(const char *method, const char *name)
{
    return strcmp(method, name) == 0;
}

/* ---- one request ---- */

/* Is the body made while it is sent?  Then it cannot be sent again. */
static bool is_made(const struct call *c)
{
    return c->out.body != NULL && c->out.body->more != NULL;
}

/* Keep those that are fit to be: the others do no harm. */
static int keep_cookies(struct call *c, const struct gyre_http_head *h)
{
    struct gyre_http_jar *jar = c->session->options.jar;
    int err = 0;

    for (size_t i = 0; jar != NULL && err != -ENOMEM && i < h->field_count;
         i++) {
        if (gyre_span_equals_nocase(h->fields[i].name,
                                    gyre_span_of("Set-Cookie")))
            err = gyre_http_jar_take(jar, &c->url, h->fields[i].value,
                                     (int64_t)time(NULL));
    }
    return err == -ENOMEM ? err : 0;
}

/* Send the request over r->link, and read the head of the answer. */
static int ask(struct call *c, struct gyre_http_response *r)
{
    int err = gyre_http_send(&c->out, r, c->deadline);

    if (err < 0)
        return err;
    r->partial = err > 0;
    gyre_http_course_tell(&r->course, GYRE_HTTP_STEP_SENT, 0);
    err = gyre_http_response_begin(r, c->deadline);
    return err ? err : keep_cookies(c, &r->head);
}

/* May the request be made again, if nobody knows what became of it? */
static bool repeatable(const struct call *c)
{
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "PUT",
                                          "DELETE"};

    if (is_made(c))
        return false;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (is(c->out.method, methods[i]))
            return true;
    }
    return false;
}

/* The peer has left, and nothing of an answer has come. */
static bool peer_left(const struct gyre_http_response *r, int err)
{
    return (err == -EPIPE || err == -ECONNRESET) && !r->heard;
}

static int request_over(struct call *c, bool fresh,
                        struct gyre_http_response **out, bool *again)
{
    struct gyre_http_response *r = gyre_http_response_new(
        c->session, &c->text, is(c->out.method, "HEAD"), &c->course);
    bool kept;
    int err;

    *again = false;
    if (r == NULL)
        return -ENOMEM;
    r->upgrade = c->out.upgrade;
    err = gyre_http_link_take(c->session, &c->url, fresh, &r->course, &r->link,
                              c->deadline);
    if (err == 0) {
        kept = r->link->used;
        err = ask(c, r);
        *again = kept && peer_left(r, err) && repeatable(c);
    }
    c->course = r->course;
    c->course.url = c->text.at;
    if (err)
        gyre_http_response_free(r);
    else
        *out = r;
    return err;
}

static int request_once(struct call *c, struct gyre_http_response **out)
{
    bool again;
    int err = request_over(c, false, out, &again);

    return again ? request_over(c, true, out, &again) : err;
}

/* Who fails the expectation (417) has not seen the body: he is asked again
   without one. */
static int request(struct call *c, struct gyre_http_response **out)
{
    int err = request_once(c, out);

    if (err || !(*out)->withheld || gyre_http_status(*out) != 417)
        return err;
    gyre_http_response_free(*out);
    c->out.expect = false;
    return request_once(c, out);
}

/* ---- being referred ---- */

static bool refers(const struct gyre_http_response *r)
{
    int status = gyre_http_status(r);

    return (status == 301 || status == 302 || status == 303 || status == 307 ||
            status == 308) &&
           gyre_http_response_header(r, "Location").at != NULL;
}

/* From here on the fields are ours, so that some can be left out. */
static int own_fields(struct call *c)
{
    const struct gyre_http_fields *before = c->out.fields;

    c->out.fields = &c->fields;
    if (before == NULL || before == &c->fields)
        return 0;
    return gyre_buf_append(&c->fields.text, before->text.at,
                           before->text.length);
}

/* Credentials are for the origin they were given for. */
static int leave_credentials(struct call *c)
{
    int err = own_fields(c);

    c->out.defaults = &c->session->base.plain;
    gyre_http_leave_credentials(&c->fields);
    return err;
}

/* Without its body goes what was said of it. */
static int leave_body(struct call *c)
{
    static const char *const names[] = {
        "Content-Type",     "Content-Encoding", "Content-Language",
        "Content-Location", "Content-Range",    "Content-Disposition",
        "Content-MD5",      "Content-Digest",   "Digest",
        "Repr-Digest",      "Last-Modified",    "Expect"};
    int err = own_fields(c);

    c->out.method = "GET";
    c->out.body = NULL;
    c->out.expect = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        gyre_http_fields_remove(&c->fields, names[i]);
    return err;
}

/* Go on with the URL in `text`, which this takes over. */
static int go_to(struct call *c, struct gyre_buf *text)
{
    struct gyre_url url;
    int err = gyre_url_parse(gyre_span_from(text->at, text->length - 1), &url);

    if (err == 0 && !gyre_http_same_origin(&url, &c->url))
        err = leave_credentials(c);
    if (err)
        return err;
    gyre_buf_free(&c->text);
    c->text = *text;
    *text = (struct gyre_buf){0};
    c->url = url;
    c->course.url = c->text.at;
    return 0;
}

/* Does the status make a GET of the request? */
static bool becomes_get(const struct call *c, int status)
{
    if (status == 303)
        return !is(c->out.method, "HEAD");
    return (status == 301 || status == 302) && is(c->out.method, "POST");
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
    if (err == 0 && becomes_get(c, gyre_http_status(r)))
        err = leave_body(c);
    gyre_buf_free(&text);
    return err == -EINVAL ? -EPROTO : err;
}

static bool can_follow(const struct call *c, const struct gyre_http_response *r)
{
    return refers(r) && c->session->options.redirects > 0 &&
           (!is_made(c) || becomes_get(c, gyre_http_status(r)));
}

static int run(struct call *c, struct gyre_http_response **out)
{
    struct gyre_http_response *r;
    int err;

    while ((err = request(c, &r)) == 0 && can_follow(c, r)) {
        gyre_http_response_pass(r, c->deadline);
        err = ++c->referrals <= c->session->options.redirects ? follow(c, r)
                                                              : -ELOOP;
        if (err == 0)
            gyre_http_course_tell(&c->course, GYRE_HTTP_STEP_REFERRED,
                                  gyre_http_status(r));
        gyre_http_response_free(r);
        if (err)
            return err;
    }
    if (err == 0)
        *out = r;
    return err;
}

static int run_and_tell(struct call *c, struct gyre_http_response **out)
{
    int err;

    c->course.url = c->text.at;
    gyre_http_course_tell(&c->course, GYRE_HTTP_STEP_CALL, 0);
    err = run(c, out);
    if (err)
        gyre_http_course_tell(&c->course, GYRE_HTTP_STEP_FAILED, err);
    return err;
}

/* ---- calls ---- */

/* CONNECT makes a tunnel, and is no request for a URL. */
static bool may_ask(const char *method)
{
    struct gyre_span m = gyre_span_of(method);

    return m.length > 0 && gyre_http_all(m, GYRE_HTTP_TOKEN) &&
           !is(method, "CONNECT");
}

/* Those of the URL are in `fields`; a field that is given comes before them. */
static int own_credentials(struct call *c)
{
    const struct gyre_http_fields *given = c->out.fields;

    if (c->fields.text.length == 0)
        return 0;
    if (given != NULL &&
        gyre_http_fields_get(given, "Authorization").at != NULL)
        gyre_http_leave_credentials(&c->fields);
    return own_fields(c);
}

/* Find out where the call goes. */
static int begin(struct call *c, const char *url)
{
    const struct gyre_http_base *base = &c->session->base;
    int err = may_ask(c->out.method) ? 0 : -EINVAL;

    if (err == 0)
        err = gyre_http_base_resolve(base, url, &c->text, &c->fields);
    if (err == 0)
        err = own_credentials(c);
    if (err == 0)
        err = gyre_buf_append(&c->text, "", 1);
    if (err == 0)
        err = gyre_url_parse(gyre_span_from(c->text.at, c->text.length - 1),
                             &c->url);
    if (err)
        return err;
    c->out.defaults =
        gyre_http_base_trusts(base, &c->url) ? &base->fields : &base->plain;
    return 0;
}

int gyre_http_call(struct gyre_http_session *s, struct gyre_http_call *call,
                   struct gyre_http_response **out, gyre_time deadline)
{
    struct gyre_allocator *a = gyre_loop_allocator(s->loop);
    bool has_body = call->body != NULL || call->more != NULL;
    struct call c = {.session = s,
                     .text.allocator = a,
                     .out = {.method = call->method ? call->method : "GET",
                             .url = &c.url,
                             .fields = call->fields,
                             .body = has_body ? call : NULL,
                             .expect = has_body && call->expect,
                             .upgrade = call->upgrade},
                     .fields.text.allocator = a,
                     .deadline = deadline};
    int err = gyre_checkpoint(deadline);

    gyre_http_course_begin(&c.course, s);
    if (err == 0)
        err = begin(&c, call->url);
    if (err == 0)
        err = run_and_tell(&c, out);
    call->step = c.course.step;
    call->proxy_status = err ? c.course.proxy_status : 0;
    call->timeout = err == -ETIMEDOUT ? c.course.next : GYRE_HTTP_NO_TIMEOUT;
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
