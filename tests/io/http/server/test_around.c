/*
 * test_around.c - the claims of request.h, of what is called around handlers.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/request.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

/* What the middle one is to do; and what the rest came to, for it. */
static int (*turn)(struct gyre_http_request *r);
static int result, came_to;

static int outer(struct gyre_http_request *r)
{
    int status;

    note('(');
    status = gyre_http_next(r);
    note(')');
    return status;
}

static int middle(struct gyre_http_request *r)
{
    return turn(r);
}

static int inner(struct gyre_http_request *r)
{
    int status;

    note('[');
    status = gyre_http_next(r);
    note(']');
    return status;
}

static int handle(struct gyre_http_request *r)
{
    note('h');
    return gyre_http_reply_text(r, 200, "handled");
}

static int just_return(struct gyre_http_request *r)
{
    (void)r;
    return result;
}

static int reply_and_return(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_set_header(r, "X-Inner", "1"), 0);
    cr_expect_eq(gyre_http_reply_text(r, 201, "recorded"), 0);
    return result;
}

static int stream(struct gyre_http_request *r)
{
    int err = gyre_http_reply_begin(r, 200, -1);

    return err ? err : gyre_http_reply_write(r, "streamed", 8, GYRE_FOREVER);
}

static int begin_and_return(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply_begin(r, 200, -1), 0);
    return result;
}

static int half_json(struct gyre_http_request *r)
{
    gyre_json_open(gyre_http_reply_json(r, 200), '{');
    return 0;
}

static int go_between(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_set_header(r, "X-Between", "0"), 0);
    return gyre_http_next(r);
}

static const struct gyre_http_around of_between[] = {{go_between}, {0}};
static const struct gyre_http_around of_server[] = {{outer}, {middle}, {0}};
static const struct gyre_http_around of_route[] = {{inner}, {0}};
static const struct gyre_http_around of_none[] = {{0}};

static const struct gyre_http_route below[] = {
    {"GET", "/", handle, .around = of_route},
    {0},
};

static const struct gyre_http_route routes[] = {
    {NULL, "/below", .routes = below, .around = of_route},
    {"GET", "/", handle, .around = of_route},
    {"GET", "/plain", handle, .around = of_none},
    {"GET", "/return", just_return},
    {"GET", "/reply", reply_and_return},
    {"GET", "/between", reply_and_return, .around = of_between},
    {"POST", "/whole", echo_whole},
    {"GET", "/stream", stream},
    {"GET", "/begin", begin_and_return},
    {"GET", "/json", half_json},
    {"GET", "/users/{id}", handle, .name = "user"},
    {"GET", "/files/{path:tail}", .directory = "io/http"},
    {0},
};

static struct site s;
static int errors;

static void count_error(struct gyre_http_log *log, const char *peer,
                        const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
    errors++;
}

static void open_site(int (*to_do)(struct gyre_http_request *r))
{
    static struct gyre_http_log log = {.error = count_error};
    struct gyre_http_options options = {.around = of_server, .log = &log};

    turn = to_do;
    errors = 0;
    site_open(&s, routes, &options, 0);
}

#define expect_brief(request, brief)                                           \
    cr_expect_str_eq(site_brief(site_ask(&s, request)), brief)

/* ---- in which order, and for what ---- */

static int tell(struct gyre_http_request *r)
{
    came_to = gyre_http_next(r);
    return came_to;
}

CLAIM(around, is_called_from_the_outside_in)
{
    open_site(tell);
    expect_brief(GET("/"), "200 handled");
    expect_notes("([h])");
    cr_expect_eq(came_to, 200);
    expect_brief(GET("/plain"), "200 handled");
    expect_notes("(h)");
    expect_brief(GET("/") GET("/plain"), "200 handled; 200 handled");
    expect_notes("([h])(h)");
    site_close(&s);
}

CLAIM(around, is_called_where_there_is_no_route)
{
    open_site(tell);
    expect_brief(GET("/nothing"), "404 ");
    cr_expect_eq(came_to, 404);
    expect_brief("PUT / HTTP/1.1\r\nHost: x\r\n\r\n", "405 ");
    cr_expect_eq(came_to, 405);
    expect_brief("OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n", "204 ");
    cr_expect_eq(came_to, 204);
    expect_brief(GET("/%zz"), "400 ");
    cr_expect_eq(came_to, 400);
    expect_notes("()()()()");
    site_close(&s);
}

CLAIM(around, is_called_for_what_is_below_a_table)
{
    open_site(tell);
    expect_brief(GET("/below/"), "200 handled");
    expect_notes("([[h]])");
    expect_brief(GET("/below/nothing"), "404 ");
    expect_notes("([])");
    site_close(&s);
}

CLAIM(around, is_called_for_files)
{
    open_site(tell);
    cr_expect_not_null(strstr(site_ask(&s, GET("/files/arena.c")), "200 OK"));
    cr_expect_eq(came_to, 200);
    expect_brief(GET("/files/none"), "404 ");
    cr_expect_eq(came_to, 404);
    expect_notes("()()");
    site_close(&s);
}

CLAIM(around, is_not_called_for_what_is_not_understood)
{
    open_site(tell);
    expect_brief("GET\r\n\r\n", "400 ");
    expect_notes("");
    site_close(&s);
}

/* ---- what it may do ---- */

static int forbid(struct gyre_http_request *r)
{
    (void)r;
    return 403;
}

CLAIM(around, may_answer_in_place_of_the_rest)
{
    open_site(forbid);
    expect_brief(GET("/"), "403 ");
    expect_notes("()");
    site_close(&s);
}

static int replace(struct gyre_http_request *r)
{
    int status = gyre_http_next(r);

    return gyre_http_reply_text(r, status + 1, "replaced");
}

CLAIM(around, may_reply_something_else)
{
    open_site(replace);
    expect_brief(GET("/"), "201 replaced");
    expect_brief(GET("/nothing"), "405 replaced");
    result = 418;
    expect_brief(GET("/return"), "419 replaced");
    site_close(&s);
}

static int add_after(struct gyre_http_request *r)
{
    int status = gyre_http_next(r);

    cr_expect_eq(gyre_http_set_header(r, "X-After", "1"),
                 gyre_http_route(r) != NULL &&
                         gyre_http_route(r)->handler == stream
                     ? -EALREADY
                     : 0);
    return status;
}

CLAIM(around, may_add_fields_to_what_was_recorded)
{
    open_site(add_after);
    cr_expect_not_null(strstr(site_ask(&s, GET("/")), "X-After: 1\r\n"));
    cr_expect_not_null(strstr(site_ask(&s, GET("/nothing")), "X-After: 1\r\n"));
    cr_expect_null(strstr(site_ask(&s, GET("/stream")), "X-After"));
    site_close(&s);
}

static int add_before(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_set_header(r, "X-Before", "0"), 0);
    cr_expect_eq(gyre_http_set_header(r, "X-Inner", "0"), 0);
    cr_expect_eq(gyre_http_add_header(r, "X-Last", "0"), 0);
    return gyre_http_next(r);
}

CLAIM(around, sets_fields_that_stay_whatever_comes_of_the_rest)
{
    const char *answer;

    open_site(add_before);
    result = 0;
    answer = site_ask(&s, GET("/reply"));
    cr_expect_not_null(strstr(answer, "X-Before: 0\r\n"));
    cr_expect_not_null(strstr(answer, "X-Inner: 1\r\n"));
    cr_expect_null(strstr(answer, "X-Inner: 0\r\n"));
    result = -EIO;
    answer = site_ask(&s, GET("/reply"));
    cr_expect_not_null(strstr(answer, "500 "));
    cr_expect_not_null(strstr(answer, "X-Before: 0\r\nX-Last: 0\r\n"));
    cr_expect_null(strstr(answer, "X-Inner"));
    cr_expect_not_null(strstr(site_ask(&s, GET("/stream")), "X-Before: 0"));
    site_close(&s);
}

static int deal_with_error(struct gyre_http_request *r)
{
    came_to = gyre_http_next(r);
    return came_to == -ENOENT ? 404 : came_to;
}

static int try_twice(struct gyre_http_request *r)
{
    int status = gyre_http_next(r);

    result = 204;
    return status < 0 ? gyre_http_next(r) : status;
}

/* Each for himself: who is further out loses nothing that was set between, and
   hears the error all the same. */
CLAIM(around, sets_fields_that_stay_when_one_further_in_fails)
{
    static int (*const turns[])(struct gyre_http_request *) = {
        add_before, deal_with_error, try_twice};
    static const char *const statuses[] = {"500 ", "404 ", "201 "};

    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        const char *answer, *field;

        open_site(turns[i]);
        result = i == 1 ? -ENOENT : -EIO;
        answer = site_ask(&s, GET("/between"));
        cr_expect_not_null(strstr(answer, statuses[i]), "%s", answer);
        field = strstr(answer, "X-Between: 0\r\n");
        cr_assert_not_null(field);
        cr_expect_null(strstr(field + 1, "X-Between"));
        cr_expect_eq(strstr(answer, "X-Inner: 1\r\n") != NULL, i == 2);
        site_close(&s);
    }
}

/* A field of an earlier request is none of this one's. */
CLAIM(around, sets_fields_for_one_request)
{
    open_site(add_before);
    result = -EIO;
    (void)site_ask(&s, GET("/reply"));
    turn = forbid;
    cr_expect_null(strstr(site_ask(&s, GET("/reply")), "X-Before"));
    site_close(&s);
}

CLAIM(around, may_deal_with_an_error)
{
    open_site(deal_with_error);
    result = -ENOENT;
    expect_brief(GET("/return"), "404 ");
    expect_brief(GET("/reply"), "404 ");
    expect_brief(GET("/begin"), "404 ");
    cr_expect_eq(errors, 0);
    result = -EIO;
    expect_brief(GET("/return"), "500 ");
    cr_expect_eq(errors, 1);
    cr_expect_eq(came_to, -EIO);
    site_close(&s);
}

CLAIM(around, is_told_of_a_reply_that_is_none)
{
    open_site(tell);
    result = 0;
    expect_brief(GET("/return"), "500 ");
    cr_expect_eq(came_to, 500);
    cr_expect_eq(errors, 1);
    result = 42;
    expect_brief(GET("/return"), "500 ");
    cr_expect_eq(came_to, 500);
    expect_brief(GET("/json"), "500 ");
    cr_expect_eq(came_to, -EINVAL);
    cr_expect_eq(errors, 3);
    site_close(&s);
}

CLAIM(around, is_told_of_a_body_that_is_too_large_as_of_a_reply)
{
    struct gyre_http_options options = {.around = of_server, .body_limit = 4};

    turn = tell;
    site_open(&s, routes, &options, 0);
    expect_brief("POST /whole HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n8\r\nabcdefgh\r\n0\r\n\r\n",
                 "413 ");
    cr_expect_eq(came_to, 413);
    site_close(&s);
}

CLAIM(around, is_told_when_the_connection_is_to_be_closed)
{
    open_site(tell);
    result = -ECANCELED;
    expect_brief(GET("/return"), "");
    cr_expect_eq(came_to, -ECANCELED);
    cr_expect(site_ended(&s));
    site_close(&s);
}

CLAIM(around, may_try_again_after_an_error)
{
    open_site(try_twice);
    result = -EIO;
    expect_brief(GET("/return"), "204 ");
    cr_expect_eq(errors, 0);
    site_close(&s);
}

/* ---- what they know, and hand on ---- */

static int name_route(struct gyre_http_request *r)
{
    const struct gyre_http_route *route = gyre_http_route(r);

    gyre_http_next(r);
    return gyre_http_reply_text(r, 200, route != NULL ? route->name : "none");
}

CLAIM(around, knows_the_route)
{
    open_site(name_route);
    expect_brief(GET("/users/7"), "200 user");
    expect_brief(GET("/nothing"), "200 none");
    site_close(&s);
}

struct caller {
    double credit;
    int id;
};

static const struct gyre_http_slot caller = {sizeof(struct caller)};
static const struct gyre_http_slot large_one = {1000}, other = {1};

static int fill_slots(struct gyre_http_request *r)
{
    struct caller *c;

    cr_expect_not_null(gyre_http_method(r)); /* which takes four bytes */
    c = gyre_http_in_slot(r, &caller);
    cr_expect_eq((uintptr_t)c % 16, 0);
    cr_expect_eq(c->id, 0);
    c->id = 7;
    memset(gyre_http_in_slot(r, &large_one), 'x', 1000);
    *(char *)gyre_http_in_slot(r, &other) = 'y';
    cr_expect_eq(gyre_http_in_slot(r, &caller), c);
    return gyre_http_next(r);
}

CLAIM(around, hands_on_what_is_in_slots_of_the_request)
{
    open_site(fill_slots);
    expect_brief(GET("/") GET("/"), "200 handled; 200 handled");
    site_close(&s);
}
