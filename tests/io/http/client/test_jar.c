/*
 * test_jar.c - the claims of jar.h, and of client.h about cookies.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/http/cookie.h"
#include "io/http/client/jar.h"
#include "io/http/client/session.h"
#include "tests/io/http/peers.h"
#include "tests/support/faults.h"

static struct gyre_http_jar *jar;

static struct gyre_url url_of(const char *text)
{
    struct gyre_url url;

    cr_assert_eq(gyre_url_parse(gyre_span_of(text), &url), 0, "%s", text);
    return url;
}

static int take_at(const char *url, const char *set, int64_t now)
{
    struct gyre_url u = url_of(url);

    return gyre_http_jar_take(jar, &u, gyre_span_of(set), now);
}

static int take(const char *url, const char *set)
{
    return take_at(url, set, 0);
}

/* What is sent to `url`. */
static const char *given_at(const char *url, int64_t now)
{
    static char text[10000];
    struct gyre_url u = url_of(url);
    struct gyre_buf out = {0};

    cr_expect_eq(gyre_http_jar_give(jar, &u, now, &out), 0);
    snprintf(text, sizeof text, "%.*s", (int)out.length,
             out.length > 0 ? out.at : "");
    gyre_buf_free(&out);
    return text;
}

static const char *given(const char *url)
{
    return given_at(url, 0);
}

static void open_jar(void)
{
    cr_assert_eq(gyre_http_jar_new(&jar, NULL, NULL), 0);
}

static void free_jar(void)
{
    gyre_http_jar_free(jar);
}

TestSuite(jar, .init = open_jar, .fini = free_jar);

Test(jar, gives_back_what_it_was_told)
{
    cr_expect_eq(take("http://x.example/", "a=1"), 0);
    cr_expect_eq(take("http://x.example/", "b=\"2\"; HttpOnly"), 0);
    cr_expect_str_eq(given("http://x.example/"), "a=1; b=\"2\"");
    cr_expect_str_eq(given("http://X.Example:81/y?z"), "a=1; b=\"2\"");
    cr_expect_str_eq(given("https://x.example/"), "a=1; b=\"2\"");
    gyre_http_jar_clear(jar);
    cr_expect_str_eq(given("http://x.example/"), "");
}

/* A cookie that is set at `from`, and sent to `to` or not. */
static const struct {
    const char *from, *set, *to;
    bool sent;
} ways[] = {
    /* the host alone */
    {"http://x.example/", "a=1", "http://y.x.example/", false},
    {"http://x.example/", "a=1", "http://example/", false},
    {"http://x.example/", "a=1", "http://xx.example/", false},
    /* and those below */
    {"http://x.example/", "a=1; Domain=x.example", "http://x.example/", true},
    {"http://x.example/", "a=1; Domain=x.example", "http://y.x.example/", true},
    {"http://x.example/", "a=1; Domain=.X.example", "http://y.x.example/",
     true},
    {"http://y.x.example/", "a=1; Domain=x.example", "http://x.example/", true},
    {"http://x.example/", "a=1; Domain=x.example", "http://yx.example/", false},
    {"http://x.example/", "a=1; Domain=", "http://y.x.example/", false},
    /* addresses have nobody below */
    {"http://127.0.0.1/", "a=1; Domain=127.0.0.1", "http://127.0.0.1/", true},
    {"http://127.0.0.1/", "a=1; Domain=127.0.0.1", "http://1.127.0.0.1/",
     false},
    {"http://[::1]/", "a=1", "http://[::1]/", true},
    {"http://1.2.771/", "a=1; Domain=1.2.771", "http://1.2.771/", true},
    {"http://x.1st/", "a=1; Domain=x.1st", "http://y.x.1st/", true},
    {"http://x.0xyz/", "a=1; Domain=x.0xyz", "http://y.x.0xyz/", true},
    /* nor has one label */
    {"http://x/", "a=1; Domain=x", "http://x/", true},
    {"http://x/", "a=1; Domain=x", "http://y.x/", false},
    /* paths */
    {"http://x/", "a=1", "http://x/b", true},
    {"http://x", "a=1", "http://x/b?c", true},
    {"http://x/b", "a=1", "http://x/", true},
    {"http://x/b/", "a=1", "http://x/b", true},
    {"http://x/b/", "a=1", "http://x/", false},
    {"http://x/b/c", "a=1", "http://x/b/d", true},
    {"http://x/b/c", "a=1", "http://x/bb", false},
    {"http://x/b/c?/d/", "a=1", "http://x/b", true},
    {"http://x/", "a=1; Path=/b", "http://x/b", true},
    {"http://x/", "a=1; Path=/b", "http://x/b/c", true},
    {"http://x/", "a=1; Path=/b/", "http://x/b/c", true},
    {"http://x/", "a=1; Path=/b/", "http://x/b", false},
    {"http://x/", "a=1; Path=/b", "http://x/bc", false},
    {"http://x/", "a=1; Path=/b", "http://x/B", false},
    {"http://x/b/c", "a=1; Path=relative", "http://x/b/d", true},
    /* TLS */
    {"https://x/", "a=1; Secure", "https://x/", true},
    {"https://x/", "a=1; Secure", "http://x:443/", false},
    {"https://x/", "a=1", "http://x/", true},
};

Test(jar, gives_a_cookie_to_whom_it_is_for)
{
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        cr_expect_eq(take(ways[i].from, ways[i].set), 0, "case %zu", i);
        cr_expect_str_eq(given(ways[i].to), ways[i].sent ? "a=1" : "",
                         "case %zu", i);
        gyre_http_jar_clear(jar);
    }
}

Test(jar, takes_none_that_is_not_for_that_host_to_set)
{
    static const char *const cases[][2] = {
        {"http://x.example/", "a=1; Domain=y.example"},
        {"http://x.example/", "a=1; Domain=y.x.example"},
        {"http://x.example/", "a=1; Domain=example"},
        {"http://x.example./", "a=1; Domain=example."},
        {"http://xx.example/", "a=1; Domain=x.example"},
        {"http://1.127.0.0.1/", "a=1; Domain=127.0.0.1"},
        {"http://127.0.0.1/", "a=1; Domain=0.0.1"},
        {"http://127.0.0.1./", "a=1; Domain=0.0.1."},
        {"http://1.2.771/", "a=1; Domain=2.771"},
        {"http://1.2.0x303/", "a=1; Domain=2.0x303"},
        {"http://1.2.0X/", "a=1; Domain=2.0X"},
        {"http://y/", "a=1; Domain=x"},
        {"http://x/", "a=1; Secure"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(take(cases[i][0], cases[i][1]), -EACCES, "case %zu", i);
    cr_expect_eq(take("http://x/", "nonsense"), -EPROTO);
    cr_expect_eq(gyre_http_jar_count(jar), 0);
}

Test(jar, lets_nobody_in_the_clear_stand_before_what_is_secret)
{
    cr_expect_eq(take("https://x.example/b/", "a=1; Secure; Path=/b"), 0);
    cr_expect_eq(take("http://x.example/", "a=2; Path=/b"), -EACCES);
    cr_expect_eq(take("http://x.example/", "a=2; Path=/b/c"), -EACCES);
    cr_expect_eq(take("http://y.x.example/", "a=2; Domain=x.example; Path=/b"),
                 -EACCES);
    cr_expect_eq(take("http://x.example/", "a=2; Path=/"), 0);
    cr_expect_eq(take("http://x.example/", "A=2; Path=/b"), 0);
    cr_expect_eq(take("https://x.example/", "a=3; Path=/b"), 0);
    cr_expect_eq(take("https://x.example/", "d=1; Secure; Domain=x.example"),
                 0);
    cr_expect_eq(take("http://y.x.example/", "d=2"), -EACCES);
    cr_expect_eq(take("https://1.2.3.4/", "e=1; Secure"), 0);
    cr_expect_eq(take("http://3.4/", "e=2"), 0);
}

Test(jar, has_one_of_a_name_for_a_host_and_a_path)
{
    cr_expect_eq(take("http://x.example/", "a=1"), 0);
    cr_expect_eq(take("http://x.example/", "b=1"), 0);
    cr_expect_eq(take("http://x.example/", "a=2"), 0);
    cr_expect_str_eq(given("http://x.example/"), "a=2; b=1", "order");
    cr_expect_eq(take("http://x.example/", "a=3; Domain=x.example"), 0);
    cr_expect_eq(take("http://x.example/", "A=4; Path=/b"), 0);
    cr_expect_str_eq(given("http://x.example/b"), "A=4; a=2; b=1; a=3");
    cr_expect_eq(gyre_http_jar_count(jar), 4);
}

/* Of what is told of a path, and of the one that goes without saying. */
Test(jar, keeps_nothing_for_a_path_that_is_too_long)
{
    char url[3000] = "http://x.example/";
    size_t n = strlen(url);

    memset(url + n, 'x', GYRE_COOKIE_ATTRIBUTE_MAX);
    strcpy(url + n + GYRE_COOKIE_ATTRIBUTE_MAX, "/y");
    cr_expect_eq(take(url, "a=1"), -EPROTO);
    cr_expect_eq(take(url, "b=1; Path=/"), 0);
    cr_expect_str_eq(given(url), "b=1");
    strcpy(url + n + GYRE_COOKIE_ATTRIBUTE_MAX - 1, "/y");
    cr_expect_eq(take(url, "a=1"), 0);
    cr_expect_str_eq(given(url), "a=1; b=1");
}

Test(jar, gives_longer_paths_first_and_then_the_older)
{
    cr_expect_eq(take("http://x/", "a=1"), 0);
    cr_expect_eq(take("http://x/", "b=1; Path=/long/er"), 0);
    cr_expect_eq(take("http://x/", "c=1; Path=/long"), 0);
    cr_expect_eq(take("http://x/", "d=1; Path=/long"), 0);
    cr_expect_str_eq(given("http://x/long/er"), "b=1; c=1; d=1; a=1");
    cr_expect_str_eq(given("http://x/long/er"), "b=1; c=1; d=1; a=1");
}

Test(jar, forgets_what_has_expired)
{
    cr_expect_eq(take_at("http://x/", "a=1; Max-Age=10", 1000), 0);
    cr_expect_eq(take_at("http://x/", "b=1", 1000), 0);
    cr_expect_eq(take_at("http://x/",
                         "c=1; Expires=Thu, 01 Jan 1970 00:20:00 GMT", 1000),
                 0);
    cr_expect_str_eq(given_at("http://x/", 1009), "a=1; b=1; c=1");
    cr_expect_str_eq(given_at("http://x/", 1010), "b=1; c=1");
    cr_expect_str_eq(given_at("http://x/", 1200), "b=1");
    cr_expect_eq(gyre_http_jar_count(jar), 1);
}

Test(jar, forgets_what_it_is_told_to)
{
    static const char *const ends[] = {
        "a=; Max-Age=0", "a=x; Max-Age=-1",
        "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        cr_expect_eq(take_at("http://x/", "a=1", 1000), 0);
        cr_expect_eq(take_at("http://x/", "a=1; Path=/b", 1000), 0);
        cr_expect_eq(take_at("http://x/", ends[i], 1000), 0);
        cr_expect_str_eq(given_at("http://x/", 1000), "");
        cr_expect_eq(take_at("http://y/", ends[i], 1000), 0);
        cr_expect_eq(gyre_http_jar_count(jar), 1);
        gyre_http_jar_clear(jar);
    }
}

/* ---- bounds ---- */

static void take_many(const char *url, int n)
{
    for (int i = 0; i < n; i++) {
        char set[32];

        snprintf(set, sizeof set, "a%d=1", i);
        cr_expect_eq(take(url, set), 0);
    }
}

static void open_limited(struct gyre_http_jar_limits limits)
{
    gyre_http_jar_free(jar);
    cr_assert_eq(gyre_http_jar_new(&jar, NULL, &limits), 0);
}

Test(jar, holds_so_many_of_a_site_and_forgets_the_one_longest_unsent)
{
    open_limited((struct gyre_http_jar_limits){.per_site = 3});
    cr_expect_eq(take("http://y/", "z=1"), 0);
    cr_expect_eq(take("http://x/", "a=1; Path=/a"), 0);
    cr_expect_eq(take("http://x/", "b=1; Path=/b"), 0);
    cr_expect_eq(take("http://x/", "c=1; Path=/c"), 0);
    cr_expect_str_eq(given("http://x/a"), "a=1");
    cr_expect_eq(take("http://x/", "d=1; Path=/d"), 0);
    cr_expect_str_eq(given("http://x/a"), "a=1");
    cr_expect_str_eq(given("http://x/b"), "");
    cr_expect_str_eq(given("http://y/"), "z=1");
    cr_expect_eq(gyre_http_jar_count(jar), 4);
}

/* By its many names a host could have all the room there is. */
Test(jar, holds_no_more_of_a_host_that_has_many_domains_above_and_neighbours)
{
    static const char *const urls[][2] = {
        {"http://a.b.c.x.example/", ""},
        {"http://a.b.c.x.example/", "; Domain=b.c.x.example"},
        {"http://a.b.c.x.example/", "; Domain=c.x.example"},
        {"http://a.b.c.x.example/", "; Domain=X.EXAMPLE"},
        {"http://d.x.example/", ""},
        {"http://x.example/", ""},
    };

    open_limited((struct gyre_http_jar_limits){.per_site = 3, .cookies = 9});
    cr_expect_eq(take("http://xx.example/", "z=1"), 0);
    cr_expect_eq(take("http://example/", "z=1"), 0);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        for (int name = 'a'; name < 'e'; name++) {
            char set[64];

            snprintf(set, sizeof set, "%c=1%s", name, urls[i][1]);
            cr_expect_eq(take(urls[i][0], set), 0);
        }
    cr_expect_eq(gyre_http_jar_count(jar), 2 + 3);
    cr_expect_str_eq(given("http://xx.example/"), "z=1");
    cr_expect_str_eq(given("http://x.example/"), "b=1; c=1; d=1");
}

Test(jar, holds_as_many_of_each_address)
{
    open_limited((struct gyre_http_jar_limits){.per_site = 2});
    take_many("http://127.0.0.1/", 3);
    take_many("http://10.0.0.1/", 3);
    take_many("http://[::1]/", 3);
    cr_expect_eq(gyre_http_jar_count(jar), 6);
    cr_expect_str_eq(given("http://127.0.0.1/"), "a1=1; a2=1");
}

Test(jar, forgets_what_is_secret_after_all_else_of_a_site)
{
    open_limited((struct gyre_http_jar_limits){.per_site = 3});
    cr_expect_eq(take("https://x.example/", "s=1; Secure"), 0);
    take_many("http://x.example/", 9);
    cr_expect_str_eq(given("https://x.example/"), "s=1; a7=1; a8=1");
}

Test(jar, takes_only_what_was_sent_for_used)
{
    char big[5000] = "a=";

    open_limited((struct gyre_http_jar_limits){.per_site = 3});
    memset(big + 2, 'x', 4000);
    cr_expect_eq(take("http://x.example/", big), 0);
    cr_expect_eq(take("http://x.example/", "b=1"), 0);
    big[0] = 'c';
    cr_expect_eq(take("http://x.example/", big), 0);
    cr_expect_eq(strlen(given("http://x.example/")), 4002 + 5);
    cr_expect_eq(take("http://x.example/", "d=1"), 0);
    cr_expect_eq(strlen(given("http://x.example/")), 4002 + 5 + 5);
}

Test(jar, holds_so_many_in_all)
{
    open_limited((struct gyre_http_jar_limits){.cookies = 3});
    cr_expect_eq(take("http://x/", "a=1"), 0);
    take_many("http://y/", 3);
    cr_expect_eq(gyre_http_jar_count(jar), 3);
    cr_expect_str_eq(given("http://x/"), "");
    gyre_http_jar_clear(jar);
    cr_expect_eq(take("http://x/", "a=1"), 0);
    cr_expect_eq(take("http://y/", "b=1"), 0);
    cr_expect_eq(take("http://z/", "c=1"), 0);
    cr_expect_str_eq(given("http://x/"), "a=1");
    cr_expect_eq(take("http://v/", "d=1"), 0);
    cr_expect_str_eq(given("http://x/"), "a=1", "sent last");
    cr_expect_str_eq(given("http://y/"), "");
}

Test(jar, is_bounded_unless_told_otherwise_as_well)
{
    take_many("http://x/", 200);
    cr_expect_eq(gyre_http_jar_count(jar), 180);
    for (int i = 0; i < 17; i++) {
        char url[32];

        snprintf(url, sizeof url, "http://x%d/", i);
        take_many(url, 180);
    }
    cr_expect_eq(gyre_http_jar_count(jar), 3000);
}

Test(jar, sends_no_more_than_a_server_would_hear)
{
    char set[4000] = "a=";

    memset(set + 2, 'x', 3900);
    for (int c = 'a'; c < 'e'; c++) {
        set[0] = (char)c;
        cr_expect_eq(take("http://x/", set), 0);
    }
    cr_expect_eq(take("http://x/", "z=1"), 0);
    cr_expect_eq(strlen(given("http://x/")), 3902 * 2 + 2 + 5);

    /* All of what may be sent, and one byte more. */
    gyre_http_jar_clear(jar);
    for (int c = 'a'; c < 'c'; c++) {
        set[0] = (char)c;
        cr_expect_eq(take("http://x/", set), 0);
    }
    set[0] = 'z';
    set[8000 - 2 * 3904] = '\0';
    cr_expect_eq(take("http://x/", set), 0);
    cr_expect_eq(strlen(given("http://x/")), 8000);
    set[8000 - 2 * 3904] = 'x';
    set[8001 - 2 * 3904] = '\0';
    cr_expect_eq(take("http://x/", set), 0);
    cr_expect_eq(strlen(given("http://x/")), 3902 * 2 + 2);
}

static int give_behind_another(void)
{
    struct gyre_url url = url_of("http://x/");
    struct gyre_buf out = {0};
    int err = gyre_buf_append(&out, "z", 1);

    if (err == 0)
        err = gyre_http_jar_give(jar, &url, 0, &out);
    cr_expect(err ? out.length <= 1 : out.length > 300);
    gyre_buf_free(&out);
    return err;
}

Test(jar, gives_all_or_nothing_when_there_is_no_memory)
{
    take_many("http://x/", 60);
    cr_expect_gt(faults_in_memory(give_behind_another), 1);
}

/* ---- in a session ---- */

#define SETTING(set)                                                           \
    "HTTP/1.1 200 OK\r\nSet-Cookie: " set "\r\nContent-Length: 0\r\n\r\n"

static void open_with_jar(const struct script *scripts)
{
    open_jar();
    peers_open(scripts, (struct gyre_http_session_options){.jar = jar});
}

static void close_with_jar(void)
{
    peers_close();
    free_jar();
}

CLAIM(session_cookies, are_kept_and_sent)
{
    static const struct script scripts[] = {
        {{SETTING("a=1\r\nset-cookie: b=2; Path=/b"), OK("0", ""),
          OK("0", "")}},
        {{OK("0", "")}}};

    open_with_jar(scripts);
    expect_answer("http://x/", "200 ");
    cr_expect_null(heard("Cookie"));
    expect_answer("http://x/", "200 ");
    cr_expect_not_null(heard("\r\nCookie: a=1\r\n"));
    expect_answer("http://x/b", "200 ");
    cr_expect_not_null(heard("\r\nCookie: b=2; a=1\r\n\r\n"));
    peers.heard[0] = '\0';
    expect_answer("http://y/", "200 ");
    cr_expect_null(heard("Cookie"));
    close_with_jar();
}

CLAIM(session_cookies,
      are_set_by_those_who_refer_as_well_and_stay_where_they_are_for)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: a=1\r\n"
          "Content-Length: 0\r\n\r\n",
          MOVED("302", "http://y/c")}},
        {{OK("0", "")}}};
    const char *b, *c;

    open_with_jar(scripts);
    expect_answer("http://x/", "200 ");
    b = heard("GET /b");
    c = heard("GET /c");
    cr_expect_not_null(strstr(b, "Cookie: a=1"));
    cr_expect_null(strstr(c, "Cookie"));
    close_with_jar();
}

CLAIM(session_cookies, of_a_call_are_sent_alone)
{
    static const struct script scripts[] = {{{SETTING("a=1"), OK("0", "")}}};
    struct gyre_http_fields fields = {0};
    struct gyre_http_call call = {.url = "http://x/", .fields = &fields};

    cr_expect_eq(gyre_http_fields_set(&fields, "cookie", "c=3"), 0);
    open_with_jar(scripts);
    expect_answer("http://x/", "200 ");
    expect_answer_to(&call, "200 ");
    cr_expect_not_null(heard("cookie: c=3"));
    cr_expect_null(heard("Cookie: "));
    close_with_jar();
    gyre_http_fields_free(&fields);
}

CLAIM(session_cookies, are_not_kept_without_a_jar)
{
    static const struct script scripts[] = {{{SETTING("a=1"), OK("0", "")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 ");
    expect_answer("http://x/", "200 ");
    cr_expect_null(heard("Cookie"));
    peers_close();
}

CLAIM(session_cookies, that_are_nonsense_disturb_nobody)
{
    static const struct script scripts[] = {
        {{SETTING("nonsense\r\nSet-Cookie: a=1\r\nSet-Cookie: "),
          OK("0", "")}}};

    open_with_jar(scripts);
    expect_answer("http://x/", "200 ");
    expect_answer("http://x/", "200 ");
    cr_expect_not_null(heard("Cookie: a=1\r\n"));
    close_with_jar();
}

static intptr_t ask_with_jar(void *arg)
{
    static const struct script scripts[] = {{{SETTING("a=1"), OK("0", "")}}};
    struct gyre_http_response *r;
    int err =
        gyre_http_jar_new(&jar, gyre_loop_allocator(gyre_loop_current()), NULL);

    (void)arg;
    if (err)
        return err;
    err = peers_begin(scripts, (struct gyre_http_session_options){.jar = jar});
    for (int i = 0; err == 0 && i < 2; i++) {
        r = NULL;
        err = gyre_http_get(session, "http://x/", &r, GYRE_FOREVER);
        gyre_http_response_free(r);
        if (err != 0 || i == 1)
            peers_end();
    }
    gyre_http_jar_free(jar);
    return err == -EPIPE ? -ENOMEM : err;
}

static int scenario(void)
{
    return (int)gyre_run(ask_with_jar, NULL);
}

Test(session_cookies, survive_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 10);
}
