/*
 * test_testing.c - the claims of testing.h.
 */
#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/request.h"
#include "io/http/testing/testing.h"
#include "tests/io/http/handlers.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

#define S GYRE_SECOND

static int greet(struct gyre_http_request *r)
{
    int err = gyre_http_set_header(r, "X-Greeting", "yes");

    return err ? err : gyre_http_reply_text(r, 200, gyre_http_param(r, "name"));
}

static int go_away(struct gyre_http_request *r)
{
    return gyre_http_redirect(r, 303, "/elsewhere");
}

static int sulk(struct gyre_http_request *r)
{
    (void)r;
    return gyre_sleep(GYRE_FOREVER);
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},           {"GET", "/greet/{name}", greet},
    {"POST", "/echo", echo_whole}, {"GET", "/large", large},
    {"GET", "/away", go_away},     {"GET", "/second", wait_a_second},
    {"GET", "/sulk", sulk},        {0},
};

static struct gyre_http_test site;

CLAIM(testing, asks_for_paths)
{
    cr_expect_eq(gyre_http_test_open(&site, routes, NULL), 0);
    cr_expect_str_eq(site.text, "");
    cr_expect_eq(gyre_http_test_get(&site, "/", gyre_in(S)), 200);
    cr_expect_str_eq(site.text, "hello");
    cr_expect_eq(gyre_http_test_get(&site, "/greet/a%20b", gyre_in(S)), 200);
    cr_expect_str_eq(site.text, "a b");
    cr_expect(
        gyre_span_equals(gyre_http_response_header(site.response, "x-greeting"),
                         gyre_span_of("yes")));
    cr_expect_eq(gyre_http_test_get(&site, "/none", gyre_in(S)), 404);
    cr_expect_str_eq(site.text, "");
    cr_expect_eq(gyre_http_test_get(&site, "/large", gyre_in(S)), 200);
    cr_expect_eq(site.length, LARGE);
    cr_expect_eq(gyre_http_server_counts(site.server).requests, 4);
    gyre_http_test_close(&site);
}

CLAIM(testing, makes_calls)
{
    struct gyre_http_call call = {
        .method = "POST", .url = "/echo", .body = "abc", .length = 3};

    cr_expect_eq(gyre_http_test_open(&site, routes, NULL), 0);
    cr_expect_eq(gyre_http_test_call(&site, &call, gyre_in(S)), 200);
    cr_expect_str_eq(site.text, "abc");
    cr_expect_eq(gyre_http_test_get(&site, "/away", gyre_in(S)), 303);
    cr_expect_eq(gyre_http_test_get(&site, "http://x:7/", gyre_in(S)), 200);
    cr_expect_eq(gyre_http_test_get(&site, "https://x/", gyre_in(S)), -ENOTSUP);
    gyre_http_test_close(&site);
}

static intptr_t ask_second(void *arg)
{
    struct gyre_http_response *r;
    int err = gyre_http_get(site.session, "/second", &r, gyre_in(5 * S));

    (void)arg;
    if (err == 0)
        gyre_http_response_free(r);
    return err;
}

CLAIM(testing, serves_as_many_at_once_as_ask)
{
    struct gyre_scope scope;

    cr_expect_eq(gyre_http_test_open(&site, routes, NULL), 0);
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < 10; i++)
        gyre_spawn(&scope, NULL, ask_second, NULL);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(elapsed(), S);
    gyre_http_test_close(&site);
}

/* A handler that goes on is cancelled when its time is up. */
CLAIM(testing, ends_with_all_that_is_in_hand)
{
    struct gyre_http_options options = {.grace = S};

    cr_expect_eq(gyre_http_test_open(&site, routes, &options), 0);
    cr_expect_eq(gyre_http_test_get(&site, "/sulk", gyre_in(S)), -ETIMEDOUT);
    cr_expect_null(site.response);
    gyre_http_test_close(&site);
    cr_expect_eq(elapsed(), 2 * S);
}

static void ask_for_real(void)
{
    cr_expect_eq(gyre_http_test_open(&site, routes, NULL), 0);
    cr_expect_eq(gyre_http_test_get(&site, "/", gyre_in(20 * S)), 200);
    cr_expect_str_eq(site.text, "hello");
    gyre_http_test_close(&site);
}

Test(testing, works_in_a_real_run_too)
{
    hold_for_real(ask_for_real, 0);
}

CLAIM(testing, needs_routes_that_make_sense)
{
    static const struct gyre_http_route wrong[] = {{"GET", "x", hello}, {0}};

    cr_expect_eq(gyre_http_test_open(&site, wrong, NULL), -EINVAL);
}

/* ---- lifetimes ---- */

static char diary[16];

static void write_down(char c)
{
    size_t n = strlen(diary);

    if (n < sizeof diary - 1)
        diary[n] = c;
}

/* What handlers need is there when the first is called, and as long as one
   is. */
static int provide(struct gyre_http_server *s)
{
    static int answer = 42;
    int err = gyre_sleep(gyre_in(S));

    if (err)
        return err;
    gyre_http_server_set_context(s, &answer);
    write_down('(');
    err = gyre_http_live(s);
    gyre_http_server_set_context(s, NULL);
    write_down(')');
    return err;
}

static int need(struct gyre_http_request *r)
{
    const int *answer = gyre_http_context(r);

    write_down('n');
    return answer != NULL && *answer == 42 ? 200 : 500;
}

/* One that goes on when it is cancelled still has it. */
static int need_to_the_end(struct gyre_http_request *r)
{
    return gyre_sleep(GYRE_FOREVER) == -ECANCELED ? need(r) : 500;
}

static int end_badly(struct gyre_http_server *s)
{
    int err = gyre_http_live(s);

    return err ? err : -EIO;
}

static int never_begin(struct gyre_http_server *s)
{
    (void)s;
    return -EIO;
}

static int decline(struct gyre_http_server *s)
{
    (void)s;
    return 0;
}

static const struct gyre_http_route needing[] = {
    {"GET", "/", need}, {"GET", "/end", need_to_the_end}, {0}};

CLAIM(testing, has_lifetimes_around_it)
{
    static const struct gyre_http_lifetime lives[] = {
        {provide}, {provide}, {0}};
    struct gyre_http_options options = {.lifetimes = lives, .grace = S};

    cr_expect_eq(gyre_http_test_open(&site, needing, &options), 0);
    cr_expect_eq(elapsed(), 2 * S);
    cr_expect_eq(gyre_http_test_get(&site, "/", gyre_in(S)), 200);
    cr_expect_eq(gyre_http_test_get(&site, "/end", gyre_in(S)), -ETIMEDOUT);
    cr_expect_eq(gyre_http_test_close(&site), 0);
    cr_expect_str_eq(diary, "((nn))");
}

CLAIM(testing, ends_with_the_error_of_a_lifetime)
{
    static const struct gyre_http_lifetime bad[] = {{end_badly}, {0}};
    static const struct gyre_http_lifetime worse[] = {
        {provide}, {never_begin}, {0}};
    static const struct gyre_http_lifetime none[] = {{decline}, {0}};
    struct gyre_http_options options = {.lifetimes = bad};

    cr_expect_eq(gyre_http_test_open(&site, needing, &options), 0);
    cr_expect_eq(gyre_http_test_close(&site), -EIO);
    options.lifetimes = worse;
    cr_expect_eq(gyre_http_test_open(&site, needing, &options), -EIO);
    cr_expect_str_eq(diary, "()");
    options.lifetimes = none;
    cr_expect_eq(gyre_http_test_open(&site, needing, &options), -ECANCELED);
}

CLAIM(testing, is_not_opened_when_it_is_cancelled_meanwhile)
{
    static const struct gyre_http_lifetime lives[] = {{provide}, {0}};
    struct gyre_http_options options = {.lifetimes = lives};
    struct gyre_scope scope;

    gyre_scope_open(&scope, gyre_in(S / 2));
    cr_expect_eq(gyre_http_test_open(&site, needing, &options), -ECANCELED);
    (void)gyre_scope_close(&scope, 0);
    cr_expect_str_eq(diary, "");
    cr_expect_eq(elapsed(), S / 2);
}

static void log_nothing(struct gyre_http_log *log, const char *peer,
                        const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
}

static int end_well(struct gyre_http_server *s)
{
    return gyre_http_live(s);
}

static intptr_t ask_in_need(void *arg)
{
    struct gyre_http_log log = {.error = log_nothing};
    static const struct gyre_http_lifetime lives[] = {{end_well}, {0}};
    struct gyre_http_options options = {.log = &log, .lifetimes = lives};
    int status = gyre_http_test_open(&site, routes, &options);

    (void)arg;
    if (status)
        return status;
    status = gyre_http_test_get(&site, "/", gyre_in(S));
    gyre_http_test_close(&site);

    /* A server in need closes the connection, or says so. */
    return status == 200                       ? 0
           : status >= 500 || status == -EPIPE ? -ENOMEM
                                               : status;
}

static int in_need(void)
{
    return (int)gyre_simulate(ask_in_need, NULL);
}

Test(testing, leaves_nothing_when_there_is_no_memory)
{
    cr_expect_gt(faults_in_memory(in_need), 10);
}
