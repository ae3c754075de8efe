/*
 * test_expect.c - the claims of request.h about clients that wait to be asked
 * for a body (Expect: 100-continue; RFC 9110, 10.1.1), or say that they do.
 */
#include <errno.h>

#include "io/http/server/request.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

/* The head of a request for `path`, which waits to be asked for `length`. */
#define WAITING(path, length)                                                  \
    "POST " path " HTTP/1.1\r\nHost: x\r\nContent-Length: " length             \
    "\r\nExpect: 100-continue\r\n\r\n"

static int ignore(struct gyre_http_request *r)
{
    return gyre_http_reply_text(r, 200, "ignored");
}

/* Reads its body in two parts, of which the first is a byte. */
static int read_twice(struct gyre_http_request *r)
{
    char bytes[8];
    ssize_t n = gyre_http_read_body(r, bytes, 1, GYRE_FOREVER);

    if (n == 1)
        n = gyre_http_read_body(r, bytes + 1, sizeof bytes - 1, GYRE_FOREVER);
    return n < 0 ? (int)n : gyre_http_reply(r, 200, bytes, (size_t)n + 1);
}

/* Gives up waiting, and waits again. */
static int read_impatiently(struct gyre_http_request *r)
{
    char byte;

    cr_expect_eq(gyre_http_read_body(r, &byte, 1, GYRE_NOW), -ETIMEDOUT);
    return echo_whole(r);
}

/* Reads one byte, and no more. */
static int read_one(struct gyre_http_request *r)
{
    char byte;
    ssize_t n = gyre_http_read_body(r, &byte, 1, GYRE_FOREVER);

    return n < 0 ? (int)n : gyre_http_reply(r, 200, &byte, 1);
}

/* Reads its body, begins a reply, and fails. */
static int begin_and_fail(struct gyre_http_request *r)
{
    int n = read_one(r);
    int err = n < 0 ? n : gyre_http_reply_begin(r, 200, -1);

    return err ? err : -EIO;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {"POST", "/", echo_whole},
    {"POST", "/ignore", ignore},
    {"POST", "/twice", read_twice},
    {"POST", "/one", read_one},
    {"POST", "/again", read_impatiently},
    {"POST", "/fail", begin_and_fail},
    {0}};

/* Ask what there is to be asked, each time for an answer, in brief; the last
   may be all there is.  Then a GET is tried if the connection is to be kept. */
static void expect_course(const char *const asked[3],
                          const char *const answers[3], bool kept)
{
    struct gyre_http_options options = {.body_limit = 100};
    struct site s;

    site_open(&s, routes, &options, 0);
    for (int i = 0; i < 3 && asked[i] != NULL; i++)
        cr_expect_str_eq(site_brief(site_ask(&s, asked[i])), answers[i], "%s",
                         asked[i]);
    cr_expect_eq(site_ended(&s), !kept, "%s", asked[0]);
    if (kept)
        cr_expect_str_eq(site_brief(site_ask(&s, GET("/"))), "200 hello", "%s",
                         asked[0]);
    site_close(&s);
}

struct course {
    const char *asked[3], *answers[3];
    bool kept;
};

static void expect_courses(const struct course *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect_course(c[i].asked, c[i].answers, c[i].kept);
}

#define EXPECT(courses)                                                        \
    expect_courses(courses, sizeof courses / sizeof courses[0])

CLAIM(expect, who_waits_is_asked_once)
{
    static const struct course courses[] = {
        {{WAITING("/", "3"), "a", "bc"}, {"100 ", "", "200 abc"}, true},
        {{WAITING("/twice", "3"), "a", "bc"}, {"100 ", "", "200 abc"}, true},
        {{WAITING("/again", "3"), "abc"}, {"100 ", "200 abc"}, true},
        {{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
          "Expect: 100-Continue\r\n\r\n",
          "1\r\na\r\n", "0\r\n\r\n"},
         {"100 ", "", "200 a"},
         true},
        {{WAITING("/", "1"), "a" WAITING("/", "1"), "b"},
         {"100 ", "200 a; 100 ", "200 b"},
         true}};

    EXPECT(courses);
}

/* What he was sent is no reply, so there can be one. */
CLAIM(expect, who_was_asked_may_be_refused_still)
{
    static const struct course courses[] = {
        {{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
          "Expect: 100-continue\r\n\r\n",
          "xyz\r\n"},
         {"100 ", "400 "},
         false},
        {{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
          "Expect: 100-continue\r\n\r\n",
          "fff\r\n"},
         {"100 ", "413 "},
         false},
        {{WAITING("/fail", "1"), "a"}, {"100 ", "500 "}, true}};

    EXPECT(courses);
}

CLAIM(expect, who_did_not_wait_is_not_asked)
{
    static const struct course courses[] = {
        {{WAITING("/", "3") "abc"}, {"200 abc"}, true},
        {{WAITING("/", "3") "a", "bc"}, {"", "200 abc"}, true},
        {{WAITING("/twice", "3") "a", "bc"}, {"", "200 abc"}, true},
        {{WAITING("/one", "3") "a", "bc"}, {"200 a", ""}, true}};

    EXPECT(courses);
}

CLAIM(expect, who_is_not_asked_has_a_final_answer_at_once)
{
    static const struct course courses[] = {
        {{WAITING("/ignore", "3")}, {"200 ignored"}, false},
        {{WAITING("/ignore", "3"), "abc"}, {"200 ignored", ""}, false},
        {{WAITING("/ignore", "3") "abc" GET("/")},
         {"200 ignored; 200 hello"},
         true},
        {{WAITING("/ignore", "3") "a", "bc"}, {"200 ignored", ""}, true},
        {{WAITING("/", "101")}, {"413 "}, false},
        {{WAITING("/nowhere", "3")}, {"404 "}, false},
        {{"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
          "Expect: 100-continue\r\n\r\n"},
         {"405 "},
         false}};

    EXPECT(courses);
}

CLAIM(expect, who_cannot_be_asked_is_not)
{
    static const struct course courses[] = {
        {{"POST / HTTP/1.0\r\nConnection: keep-alive\r\n"
          "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n",
          "abc"},
         {"", "200 abc"},
         true},
        {{"POST / HTTP/1.0\r\nConnection: keep-alive\r\n"
          "Content-Length: 3\r\nExpect: nonsense\r\n\r\n",
          "abc"},
         {"", "200 abc"},
         true}};

    EXPECT(courses);
}

CLAIM(expect, who_has_no_body_is_not_asked_for_one)
{
    static const struct course courses[] = {
        {{"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"},
         {"200 "},
         true},
        {{WAITING("/", "0")}, {"200 "}, true},
        {{"GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"},
         {"200 hello"},
         true}};

    EXPECT(courses);
}

CLAIM(expect, who_expects_something_else_is_refused)
{
    static const struct course courses[] = {
        {{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
          "Expect: a-miracle\r\n\r\n"},
         {"417 "},
         false},
        {{GET("/") "GET / HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\n\r\n"},
         {"200 hello; 417 "},
         false}};

    EXPECT(courses);
}

CLAIM(expect, who_waits_hears_what_was_asked_before_first)
{
    static const struct course courses[] = {
        {{GET("/") GET("/") WAITING("/", "3"), "abc" GET("/")},
         {"200 hello; 200 hello; 100 ", "200 abc; 200 hello"},
         true},
        {{GET("/") WAITING("/ignore", "3")},
         {"200 hello; 200 ignored"},
         false}};

    EXPECT(courses);
}
