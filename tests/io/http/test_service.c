/*
 * test_service.c - how a server serves and stops, seen from its connections.
 */
#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "io/memory.h"
#include "tests/io/http/site.h"

TestSuite(service, .timeout = 60);

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define S         GYRE_SECOND

static int hello(struct gyre_http_request *r)
{
    return gyre_http_reply(r, 200, "hello", 5);
}

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
