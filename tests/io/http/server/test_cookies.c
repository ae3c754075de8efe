/*
 * test_cookies.c - the claims of request.h, of cookies.
 */
#include <errno.h>
#include <string.h>

#include "io/http/server/request.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

/* Says who it is, and has it kept, unless he says goodbye. */
static int greet(struct gyre_http_request *r)
{
    const char *who = gyre_http_cookie(r, "who");
    struct gyre_cookie c = {.name = "who",
                            .value = gyre_http_query(r, "i"),
                            .http_only = true,
                            .expire = gyre_http_query(r, "bye") != NULL};
    int err = 0;

    if (c.value != NULL || c.expire)
        err = gyre_http_set_cookie(r, &c);
    if (err == -EINVAL)
        return 422;
    return err ? err : gyre_http_reply_text(r, 200, who ? who : "(nobody)");
}

static int set_two(struct gyre_http_request *r)
{
    int err = gyre_http_set_cookie(r, &(struct gyre_cookie){"a", "1"});

    if (err == 0)
        err = gyre_http_set_cookie(r, &(struct gyre_cookie){"b", "2"});
    return err ? err : 204;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", greet}, {"GET", "/two", set_two}, {0}};

CLAIM(cookies, that_came_are_found_in_any_field)
{
    static const struct {
        const char *fields, *answer;
    } cases[] = {
        {"", "200 (nobody)"},
        {"Cookie: who=me\r\n", "200 me"},
        {"cookie: a=1; who=\"me\"; b=2\r\n", "200 me"},
        {"Cookie: Who=me\r\n", "200 (nobody)"},
        {"Cookie: who=\r\n", "200 "},
        {"Cookie: a=1\r\nCookie: who=me\r\n", "200 me"},
        {"Cookie:\r\nCookie: who=me\r\nCookie: who=you\r\n", "200 me"},
        {"X-Cookie: who=me\r\n", "200 (nobody)"},
    };
    struct site s;

    site_open(&s, routes, NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200] = "GET / HTTP/1.1\r\nHost: x\r\n";

        strcat(strcat(text, cases[i].fields), "\r\n");
        cr_expect_str_eq(site_brief(site_ask(&s, text)), cases[i].answer, "%s",
                         cases[i].fields);
    }
    site_close(&s);
}

CLAIM(cookies, are_set_and_expired)
{
    struct site s;
    const char *answer;

    site_open(&s, routes, NULL, 0);
    answer = site_ask(&s, GET("/?i=me"));
    cr_expect_not_null(
        strstr(answer, "\r\nSet-Cookie: who=me; Path=/; HttpOnly\r\n"));
    answer = site_ask(&s, GET("/?bye"));
    cr_expect_not_null(strstr(answer, "\r\nSet-Cookie: who=; Path=/; "
                                      "Max-Age=0; Expires=Thu, 01 Jan 1970 "
                                      "00:00:00 GMT; HttpOnly\r\n"));
    answer = site_ask(&s, GET("/two"));
    cr_expect_not_null(strstr(answer, "\r\nSet-Cookie: a=1; Path=/\r\n"));
    cr_expect_not_null(strstr(answer, "\r\nSet-Cookie: b=2; Path=/\r\n"));
    answer = site_ask(&s, GET("/"));
    cr_expect_null(strstr(answer, "Set-Cookie"));
    site_close(&s);
}

CLAIM(cookies, cannot_be_made_to_inject)
{
    struct site s;
    const char *answer;

    site_open(&s, routes, NULL, 0);
    answer = site_ask(&s, GET("/?i=x%0d%0aX-Y:+z"));
    cr_expect_null(strstr(answer, "X-Y"));
    cr_expect_str_eq(site_brief(answer), "422 ");
    answer = site_ask(&s, GET("/?i=x;+Domain=y"));
    cr_expect_str_eq(site_brief(answer), "422 ");
    site_close(&s);
}
