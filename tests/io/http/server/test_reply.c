/*
 * test_reply.c - the claims of request.h, of what is replied.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/request.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define S GYRE_SECOND

/* A log that keeps the last of what it was told. */
struct notebook {
    struct gyre_http_log log;
    char error[100];
    int err, errors, status;
    uint64_t bytes;
    gyre_time took;
    char target[100], agent[100], referrer[100];
    int replies;
};

static void note_error(struct gyre_http_log *log, const char *peer,
                       const char *what, int err)
{
    struct notebook *n = GYRE_OWNER(log, struct notebook, log);

    cr_expect_str_eq(peer, "");
    snprintf(n->error, sizeof n->error, "%s", what);
    n->err = err;
    n->errors++;
}

static void copy_span(char to[100], struct gyre_span s)
{
    snprintf(to, 100, "%.*s", (int)s.length, s.at != NULL ? s.at : "");
}

static void note_access(struct gyre_http_log *log,
                        const struct gyre_http_access *access)
{
    struct notebook *n = GYRE_OWNER(log, struct notebook, log);

    n->status = access->status;
    n->bytes = access->bytes;
    n->took = access->took;
    copy_span(n->target, access->target);
    copy_span(n->agent, access->agent);
    copy_span(n->referrer, access->referrer);
    n->replies++;
}

/* ---- what handlers return ---- */

static int result;

static int just_return(struct gyre_http_request *r)
{
    (void)r;
    return result;
}

static int reply_and_return(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply_text(r, 200, "hi"), 0);
    return result;
}

static int stream_and_return(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply_begin(r, 200, 2), 0);
    cr_expect_eq(gyre_http_reply_write(r, "hi", 2, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_reply_text(r, 200, "again"), -EALREADY);
    return result;
}

static int end_and_return(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply_begin(r, 200, 0), 0);
    cr_expect_eq(gyre_http_reply_end(r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_reply_write(r, "x", 1, GYRE_NOW), -EINVAL);
    return result;
}

static int begin_and_return(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_set_header(r, "A", "b"), 0);
    cr_expect_eq(gyre_http_reply_begin(r, 200, 2), 0);
    return result;
}

static const struct gyre_http_route results[] = {
    {"GET", "/just", just_return},         {"GET", "/reply", reply_and_return},
    {"GET", "/stream", stream_and_return}, {"GET", "/end", end_and_return},
    {"GET", "/begin", begin_and_return},   {0},
};

CLAIM(reply, is_what_the_handlers_result_makes_it)
{
    static const struct {
        const char *request;
        int result;
        const char *answer, *error;
        bool closes;
    } cases[] = {
        {GET("/just"), 0, "500 ", "a handler gave no reply", false},
        {GET("/just"), 204, "204 ", "", false},
        {GET("/just"), 404, "404 ", "", false},
        {GET("/just"), 599, "599 ", "", false},
        {GET("/just"), 100, "500 ", "a handler failed", false},
        {GET("/just"), 600, "500 ", "a handler failed", false},
        {GET("/just"), -EIO, "500 ", "a handler failed", false},
        {GET("/just"), -ECANCELED, "", "", true},
        {GET("/reply"), 0, "200 hi", "", false},
        {GET("/reply"), 404, "200 hi", "", false},
        {GET("/reply"), -EIO, "500 ", "a handler failed", false},
        {GET("/reply"), -ECANCELED, "", "", true},
        {GET("/stream"), 0, "200 hi", "", false},
        {GET("/stream"), 404, "200 hi", "", false},
        {GET("/stream"), -EIO, "200 hi", "a handler failed", true},
        {GET("/stream"), -ECANCELED, "200 hi", "", true},
        {GET("/end"), 0, "200 ", "", false},
        {GET("/end"), 404, "200 ", "", false},
        {GET("/end"), -EIO, "500 ", "a handler failed", false},
        {GET("/end"), -ECANCELED, "", "", true},
        {GET("/begin"), 0, "500 ", "a reply was shorter than announced", false},
        {GET("/begin"), -EIO, "500 ", "a handler failed", false},
        {GET("/begin"), -ECANCELED, "", "", true},
        {GET("/begin"), -ETIMEDOUT, "500 ", "a handler failed", false},
        /* another connection's, for ours is whole */
        {GET("/just"), -EPIPE, "500 ", "a handler failed", false},
        {GET("/end"), -EBADF, "500 ", "a handler failed", false},
        {GET("/begin"), -EPIPE, "500 ", "a handler failed", false},
        {GET("/begin"), -ECONNRESET, "500 ", "a handler failed", false},
        {GET("/stream"), -EPIPE, "200 hi", "a handler failed", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notebook book = {.log.error = note_error};
        struct gyre_http_options options = {.log = &book.log};
        struct site s;

        result = cases[i].result;
        site_open(&s, results, &options, 0);
        cr_expect_str_eq(site_brief(site_ask(&s, cases[i].request)),
                         cases[i].answer, "case %zu", i);
        cr_expect_str_eq(book.error, cases[i].error, "case %zu", i);
        cr_expect_eq(site_ended(&s), cases[i].closes, "case %zu", i);
        site_close(&s);
    }
}

CLAIM(reply, is_sent_though_a_later_one_fails)
{
    struct site s;

    result = -ECANCELED;
    site_open(&s, results, NULL, 0);
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/nope") GET("/just"))),
                     "404 ");
    cr_expect(site_ended(&s));
    site_close(&s);
}

/* ---- recording ---- */

static int replace(struct gyre_http_request *r)
{
    struct gyre_json *j = gyre_http_reply_json(r, 200);

    gyre_json_open(j, '[');
    return gyre_http_reply_text(r, 404, "no");
}

static int half_json(struct gyre_http_request *r)
{
    return gyre_json_open(gyre_http_reply_json(r, 200), '{');
}

static int whole_json(struct gyre_http_request *r)
{
    return gyre_json_string(gyre_http_reply_json(r, 201), NULL, "a");
}

static int fields(struct gyre_http_request *r)
{
    static const char *const refused[][2] = {
        {"Content-Length", "1"},
        {"transfer-encoding", "chunked"},
        {"Connection", "close"},
        {"A\r\nB", "c"},
        {"A", "b\r\nC: d"},
        {"A", "b\nC: d"},
        {"", "x"},
        {"A ", "x"},
    };

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        cr_expect_eq(gyre_http_set_header(r, refused[i][0], refused[i][1]),
                     -EINVAL);
    cr_expect_eq(gyre_http_set_header(r, "content-type", "text/x"), 0);
    cr_expect_eq(gyre_http_add_header(r, "Set-Cookie", "a=1"), 0);
    cr_expect_eq(gyre_http_add_header(r, "Set-Cookie", "b=2"), 0);
    return gyre_http_reply_text(r, 200, "x");
}

static int bad_statuses(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply(r, 99, NULL, 0), -EINVAL);
    cr_expect_eq(gyre_http_reply(r, 101, NULL, 0), -EINVAL);
    cr_expect_eq(gyre_http_reply(r, 600, NULL, 0), -EINVAL);
    cr_expect_eq(gyre_http_reply(r, 204, "x", 1), -EINVAL);
    cr_expect_eq(gyre_http_reply(r, 205, "x", 1), -EINVAL);
    cr_expect_eq(gyre_http_reply(r, 304, "x", 1), -EINVAL);
    cr_expect_eq(gyre_http_reply_begin(r, 204, -1), -EINVAL);
    cr_expect_eq(gyre_http_reply_begin(r, 200, -2), -EINVAL);
    cr_expect_eq(gyre_http_redirect(r, 304, "/"), -EINVAL);
    cr_expect_eq(gyre_http_redirect(r, 302, NULL), -EINVAL);
    cr_expect_eq(gyre_http_redirect(r, 302, "/\r\nA: b"), -EINVAL);
    return gyre_http_redirect(r, 302, gyre_http_url_for(r, "named"));
}

static int urls(struct gyre_http_request *r)
{
    cr_expect_null(gyre_http_url_for(r, "nobody"));
    cr_expect_null(gyre_http_url_for(r, "tail"));
    cr_expect_str_eq(gyre_http_url_for_params(r, "tail", "t", "", NULL), "/t/");
    cr_expect_str_eq(gyre_http_url_for_params(r, "tail", "t", "a b/c", NULL),
                     "/t/a%20b/c");
    cr_expect_null(gyre_http_url_for_params(r, "tail", "t", "..", NULL));
    cr_expect_null(gyre_http_url_for_params(r, "tail", "t", "a/../b", NULL));
    cr_expect_null(gyre_http_url_for_params(r, "tail", "t", "a/.", NULL));
    cr_expect_str_eq(gyre_http_url_for_params(r, "tail", "t", ".../..x", NULL),
                     "/t/.../..x");
    cr_expect_null(gyre_http_url_for_params(r, "top", "t", "/evil", NULL));
    return 204;
}

static const struct gyre_http_route recorded[] = {
    {"GET", "/replace", replace},
    {"GET", "/half", half_json},
    {"GET", "/whole", whole_json, "named"},
    {"GET", "/fields", fields},
    {"GET", "/statuses", bad_statuses},
    {"GET", "/urls", urls},
    {"GET", "/t/{t:tail}", urls, "tail"},
    {"GET", "/{t:tail}", urls, "top"},
    {0},
};

CLAIM(reply, that_is_replaced_takes_its_type_along)
{
    struct notebook book = {.log.error = note_error};
    struct gyre_http_options options = {.log = &book.log};
    struct site s;
    const char *answer;

    site_open(&s, recorded, &options, 0);
    answer = site_ask(&s, GET("/replace"));
    cr_expect_str_eq(site_brief(answer), "404 no");
    cr_expect_not_null(strstr(answer, "Content-Type: text/plain"));
    cr_expect_null(strstr(answer, "json"));
    answer = site_ask(&s, GET("/whole"));
    cr_expect_str_eq(site_brief(answer), "201 \"a\"");
    cr_expect_not_null(strstr(answer, "Content-Type: application/json"));
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/half"))), "500 ");
    cr_expect_eq(book.err, -EINVAL);
    site_close(&s);
}

CLAIM(reply, has_the_fields_it_was_given_and_no_others_smuggled_in)
{
    struct site s;
    const char *answer;

    site_open(&s, recorded, NULL, 0);
    answer = site_ask(&s, GET("/fields"));
    cr_expect_not_null(strstr(answer, "content-type: text/x\r\n"));
    cr_expect_null(strstr(answer, "text/plain"));
    cr_expect_not_null(
        strstr(answer, "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"));
    cr_expect_not_null(strstr(answer, "\r\nDate: "));
    cr_expect_null(strstr(site_ask(&s, GET("/whole")), "Set-Cookie"));
    answer = site_ask(&s, GET("/statuses"));
    cr_expect_not_null(strstr(answer, "HTTP/1.1 302"));
    cr_expect_not_null(strstr(answer, "Location: /whole\r\n"));
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/urls"))), "204 ");
    site_close(&s);
}

/* ---- streaming ---- */

static int64_t announced;

static int stream(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply_begin(r, 200, announced), 0);
    cr_expect_eq(gyre_http_reply_begin(r, 200, announced), -EALREADY);
    cr_expect_eq(gyre_http_reply_write(r, "", 0, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_reply_write(r, "abc", 3, GYRE_FOREVER), 0);
    if (announced >= 0)
        cr_expect_eq(gyre_http_reply_write(r, "abcd", 4, GYRE_FOREVER),
                     -EMSGSIZE);
    return 0;
}

static int end_short(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply_begin(r, 200, 4), 0);
    cr_expect_eq(gyre_http_reply_write(r, "abc", 3, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_reply_end(r, GYRE_FOREVER), -EPIPE);
    return 0;
}

/* The client reads nothing at first: a write that did not happen may be made
   again, and the head is still before it. */
static int retry(struct gyre_http_request *r)
{
    static char bytes[1000];
    int err;

    memset(bytes, 'x', sizeof bytes);
    cr_expect_eq(gyre_http_reply_begin(r, 200, sizeof bytes), 0);
    err = gyre_http_reply_write(r, bytes, sizeof bytes, gyre_in(S));
    cr_expect_eq(err, -ETIMEDOUT);
    err = gyre_http_reply_write(r, bytes, sizeof bytes, gyre_in(5 * S));
    cr_expect_eq(err, 0);
    return err;
}

static int fill(struct gyre_http_request *r)
{
    char bytes[1000] = "";

    cr_expect_eq(gyre_http_reply_begin(r, 200, sizeof bytes), 0);
    return gyre_http_reply_write(r, bytes, sizeof bytes, GYRE_FOREVER);
}

static int slow(struct gyre_http_request *r)
{
    int err = gyre_sleep(gyre_in(S));

    return err ? err : gyre_http_reply_text(r, 200, "slow");
}

static int stream_slowly(struct gyre_http_request *r)
{
    int err = gyre_sleep(gyre_in(S));

    return err ? err : fill(r);
}

static const struct gyre_http_route streamed[] = {
    {"GET", "/slowly", stream_slowly},
    {"GET", "/", stream},
    {"GET", "/short", end_short},
    {"GET", "/retry", retry},
    {"GET", "/fill", fill},
    {"GET", "/large", large},
    {"GET", "/slow", slow},
    {0},
};

CLAIM(reply, may_be_streamed_by_length_or_in_chunks)
{
    struct site s;
    const char *answer;

    site_open(&s, streamed, NULL, 0);
    announced = 3;
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/"))), "200 abc");
    announced = -1;
    answer = site_ask(&s, GET("/"));
    cr_expect_not_null(strstr(answer, "Transfer-Encoding: chunked\r\n"));
    cr_expect_str_eq(strstr(answer, "\r\n\r\n"),
                     "\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    cr_expect(!site_ended(&s));
    site_close(&s);
}

CLAIM(reply, has_no_chunks_for_an_old_client)
{
    struct site s;
    const char *answer;

    announced = -1;
    site_open(&s, streamed, NULL, 0);
    answer = site_ask(&s, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    cr_expect_null(strstr(answer, "chunked"));
    cr_expect_not_null(strstr(answer, "Connection: close\r\n"));
    cr_expect_str_eq(strstr(answer, "\r\n\r\n"), "\r\n\r\nabc");
    cr_expect(site_ended(&s));
    site_close(&s);
}

CLAIM(reply, shorter_than_announced_ends_the_connection)
{
    static const struct {
        const char *request;
        int64_t announced;
    } cases[] = {{GET("/"), 5}, {GET("/short"), 4}};

    for (int i = 0; i < 2; i++) {
        struct notebook book = {.log.error = note_error};
        struct gyre_http_options options = {.log = &book.log};
        struct site s;

        announced = cases[i].announced;
        site_open(&s, streamed, &options, 0);
        cr_expect_str_eq(strstr(site_ask(&s, cases[i].request), "\r\n\r\n"),
                         "\r\n\r\nabc");
        cr_expect(site_ended(&s));
        cr_expect_str_eq(book.error, "a reply was shorter than announced");
        site_close(&s);
    }
}

CLAIM(reply, whose_write_timed_out_may_go_on)
{
    static const char request[] = GET("/fill") GET("/retry");
    struct site s;
    char all[4000] = "";
    size_t used = 0;
    ssize_t n;

    /* The first reply fills the stream to the last byte, and the second finds
       no room. */
    site_open(&s, streamed, NULL, 0);
    cr_expect_eq(
        gyre_write(s.client, GET("/fill"), strlen(GET("/fill")), GYRE_NOW), 0);
    n = gyre_read(s.client, all, sizeof all, gyre_in(S));
    cr_expect_gt(n, 1000);
    site_close(&s);

    site_open(&s, streamed, NULL, n > 0 ? (size_t)n : 0);
    cr_expect_eq(gyre_write(s.client, request, strlen(request), GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(2 * S)), 0);
    while ((n = gyre_read(s.client, all + used, sizeof all - used,
                          gyre_in(S))) > 0)
        used += (size_t)n;
    cr_expect_eq(strncmp(all + used / 2, "HTTP/1.1 200", 12), 0);
    cr_expect(!site_ended(&s));
    site_close(&s);
}

/* ---- what has no body ---- */

CLAIM(reply, to_head_has_the_fields_and_no_body)
{
    struct site s;
    const char *answer;

    result = 0;
    site_open(&s, results, NULL, 0);
    answer = site_ask(&s, "HEAD /reply HTTP/1.1\r\nHost: x\r\n\r\n"
                          "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect_null(strstr(answer, "hi"));
    for (int i = 0; i < 2 && answer != NULL; i++) {
        answer = strstr(answer + 1, "Content-Length: 2\r\n");
        cr_expect_not_null(answer);
    }
    cr_expect(!site_ended(&s));
    site_close(&s);

    announced = -1;
    site_open(&s, streamed, NULL, 0);
    answer = site_ask(&s, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect_not_null(strstr(answer, "chunked\r\n"));
    cr_expect_str_eq(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
    site_close(&s);
}

CLAIM(reply, of_no_content_announces_none)
{
    struct site s;
    const char *answer;

    result = 204;
    site_open(&s, results, NULL, 0);
    answer = site_ask(&s, GET("/just"));
    cr_expect_null(strstr(answer, "Content-"));
    cr_expect_null(strstr(answer, "Transfer-"));
    site_close(&s);
}

/* ---- the log ---- */

CLAIM(reply, is_told_to_the_log)
{
    struct notebook book = {.log.access = note_access, .log.error = note_error};
    struct gyre_http_options options = {.log = &book.log};
    struct gyre_http_counts counts;
    struct site s;
    size_t sent;

    result = 0;
    site_open(&s, results, &options, 0);
    sent = strlen(site_ask(&s, GET("/reply")));
    cr_expect_eq(book.status, 200);
    cr_expect_eq(book.bytes, 2);
    cr_expect_eq(gyre_http_server_counts(s.server).bytes_in,
                 strlen(GET("/reply")));
    cr_expect_eq(gyre_http_server_counts(s.server).bytes_out, sent);
    site_ask(&s, GET("/just"));
    cr_expect_eq(book.status, 500);
    site_ask(&s, "nonsense\r\n\r\n");
    cr_expect_eq(book.status, 400);
    cr_expect_eq(book.replies, 3);
    counts = gyre_http_server_counts(s.server);
    cr_expect_eq(counts.requests, 3);
    cr_expect_eq(counts.statuses[2], 1);
    cr_expect_eq(counts.statuses[4], 1);
    cr_expect_eq(counts.statuses[5], 1);
    cr_expect_eq(counts.refused, 1);
    site_close(&s);
}

CLAIM(reply, that_breaks_off_is_told_to_the_log)
{
    struct notebook book = {.log.access = note_access, .log.error = note_error};
    struct gyre_http_options options = {.log = &book.log};
    struct site s;

    result = -EIO;
    site_open(&s, results, &options, 0);
    site_ask(&s, GET("/stream"));
    cr_expect_eq(book.status, 200);
    cr_expect_eq(book.bytes, 2);
    cr_expect_eq(book.replies, 1);
    cr_expect_eq(gyre_http_server_counts(s.server).requests, 1);
    site_close(&s);

    /* A client that leaves has had no more than there was room for. */
    site_open(&s, streamed, &options, 100);
    cr_expect_eq(
        gyre_write(s.client, GET("/large"), strlen(GET("/large")), GYRE_NOW),
        0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    site_close(&s);
    cr_expect_eq(book.status, 200);
    cr_expect_lt(book.bytes, 200000);
    cr_expect_eq(book.replies, 2);
}

/* The client has left, or takes nothing; the handler passes on what it is
   told. */
CLAIM(reply, that_the_client_does_not_take_is_no_failure)
{
    for (int leaves = 0; leaves < 2; leaves++) {
        struct notebook book = {.log.error = note_error};
        struct gyre_http_options options = {.log = &book.log,
                                            .write_time = 4 * S};
        struct site s;

        site_open(&s, streamed, &options, 100);
        cr_expect_eq(gyre_write(s.client, GET("/slowly"),
                                strlen(GET("/slowly")), GYRE_NOW),
                     0);
        cr_expect_eq(gyre_sleep(gyre_in(S / 2)), 0);
        if (leaves) {
            gyre_close(s.client);
            s.client = NULL;
        }
        cr_expect_eq(gyre_await(&s.served, gyre_in(20 * S)), 0);
        cr_expect_eq(book.errors, 0, "%s", book.error);
        site_close(&s);
    }
}

CLAIM(reply, is_told_with_who_asked_and_how_long_it_took)
{
    struct notebook book = {.log.access = note_access, .log.error = note_error};
    struct gyre_http_options options = {.log = &book.log};
    struct site s;

    site_open(&s, streamed, &options, 0);
    site_ask_for(&s,
                 "GET /slow HTTP/1.1\r\nHost: x\r\nUser-Agent: me/1\r\n"
                 "Referer: http://x/there\r\n\r\n",
                 2 * S);
    cr_expect_eq(book.took, S);
    cr_expect_str_eq(book.agent, "me/1");
    cr_expect_str_eq(book.referrer, "http://x/there");
    cr_expect_str_eq(book.target, "/slow");
    site_ask(&s, "nonsense\r\n\r\n");
    cr_expect_eq(book.took, 0);
    cr_expect_str_eq(book.agent, "");
    cr_expect_str_eq(book.target, "");
    site_close(&s);
}
