/*
 * test_service.c - how a server serves and stops, seen from its connections.
 */
#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "task/wait.h"
#include "io/http/connection.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"
#include "tests/support/faults.h"

TestSuite(service, .timeout = 60);

#define S GYRE_SECOND

static const struct gyre_http_route routes[] = {{"GET", "/", hello}, {0}};

/* ---- who may stop it ---- */

/* A log that stops its server at the first reply. */
struct stopping_log {
    struct gyre_http_log log;
    struct gyre_http_server *server;
};

static void stop_server(struct gyre_http_log *log,
                        const struct gyre_http_access *access)
{
    (void)access;
    gyre_http_server_stop(GYRE_OWNER(log, struct stopping_log, log)->server);
}

/* The reply that it is told of is sent all the same. */
CLAIM(service, may_be_stopped_by_its_log)
{
    static const struct {
        const char *text, *answer;
        gyre_time span;
    } cases[] = {
        {"nonsense\r\n\r\n", "400 ", MS},
        {"GET / HT", "408 ", 11 * S},
        {GET("/") GET("/"), "200 hello; 200 hello", MS},
        {GET("/") "nonsense\r\n\r\n", "200 hello; 400 ", MS},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stopping_log log = {.log.access = stop_server};
        struct gyre_http_options options = {.log = &log.log};
        struct site s;

        site_open(&s, routes, &options, 0);
        log.server = s.server;
        cr_expect_str_eq(
            site_brief(site_ask_for(&s, cases[i].text, cases[i].span)),
            cases[i].answer, "case %zu", i);
        cr_expect(site_ended(&s));
        site_close(&s);
    }
}

static void stop_in_a_cancelled_scope(struct gyre_http_server *server)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_scope_cancel(&scope);
    gyre_http_server_stop(server);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
}

CLAIM(service, stops_no_worse_when_its_stopper_is_cancelled)
{
    static const struct {
        const char *text, *answer;
    } cases[] = {{GET("/"), "200 hello"}, {"GET / HT", "503 "}};

    for (int i = 0; i < 2; i++) {
        struct site s;

        site_open(&s, routes, NULL, 0);
        cr_expect_eq(gyre_write(s.client, cases[i].text, strlen(cases[i].text),
                                GYRE_NOW),
                     0);
        stop_in_a_cancelled_scope(s.server);
        cr_expect_str_eq(site_brief(site_ask(&s, "")), cases[i].answer);
        site_close(&s);
    }
}

CLAIM(service, that_is_cancelled_has_nothing_to_wait_for_when_all_is_idle)
{
    gyre_time began = elapsed();
    struct site s;

    site_open(&s, routes, NULL, 0);
    gyre_future_cancel(&s.served);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(elapsed(), began);
    cr_expect(site_ended(&s));
    site_close(&s);
}

CLAIM(service, that_is_cancelled_says_so_to_who_has_begun_to_ask)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, "GET / HT"), "");
    gyre_future_cancel(&s.served);
    cr_expect_str_eq(site_brief(site_ask(&s, "")), "503 ");
    site_close(&s);
}

/* ---- room ---- */

CLAIM(service, has_those_who_wait_for_room_look_when_one_has_left)
{
    struct gyre_wait w = {0};
    struct site s;

    site_open(&s, routes, NULL, 0);
    gyre_close(s.client);
    s.client = NULL;
    cr_expect_eq(gyre_waiters_park(&s.server->base.waiting, &w, gyre_in(S)), 0);
    site_close(&s);
}

enum { MANY = 2000 };

/* Spawn as many as there are stacks for. */
static size_t use_up_stacks(struct gyre_scope *scope)
{
    static gyre_time span = 1000 * S;
    size_t n = 0;

    while (n < MANY && gyre_spawn(scope, NULL, nap, &span) == 0)
        n++;
    return n;
}

CLAIM(service, answers_that_it_has_no_stack_for_a_request)
{
    struct gyre_scope scope;
    struct site s;

    site_open(&s, routes, NULL, 0);
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    faults_in_mapping(true);
    cr_expect_lt(use_up_stacks(&scope), MANY);
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/"))), "503 ");
    faults_in_mapping(false);
    cr_expect(site_ended(&s));
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    site_close(&s);
}
