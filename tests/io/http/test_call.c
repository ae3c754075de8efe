/*
 * test_call.c - the claims of client.h about what one call may take: asking
 * again, and being referred.
 */
#include <errno.h>
#include <string.h>

#include "io/http/fields.h"
#include "tests/io/http/peers.h"

TestSuite(call, .timeout = 60);

/* ---- asking again ---- */

CLAIM(call, asks_again_when_a_kept_connection_was_closed_but_only_once)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), ""}}, {{OK("1", "b"), ""}}, {{""}}, {{OK("1", "d")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    expect_answer("http://x/", "200 b");
    expect_answer("http://x/", failure(-EPIPE));
    cr_expect_eq(peers.connected, 3);
    peers_close();
}

CLAIM(call, asks_again_over_a_fresh_connection_though_others_wait)
{
    static const struct script scripts[] = {
        {{OK("1", "z"), ""}}, {{OK("1", "b"), ""}}, {{OK("1", "a")}}};
    struct gyre_scope s;

    peers_open(scripts, (struct gyre_http_session_options){.connections = 1});
    expect_answer("http://x/", "200 z");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask_in_task, "http://x/a");
    gyre_spawn(&s, NULL, ask_in_task, "http://x/b");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("ba");
    cr_expect_eq(peers.connected, 3);
    peers_close();
}

CLAIM(call, does_not_ask_again_for_what_must_not_happen_twice)
{
    static const struct script scripts[] = {{{OK("1", "a"), ""}},
                                            {{OK("1", "b")}}};
    struct gyre_http_call call = {.method = "POST", .url = "http://x/"};
    struct gyre_http_response *r;

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), -EPIPE);
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

CLAIM(call, does_not_ask_again_once_something_has_come)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), "HTTP/1.1 103 Early\r\nA: b\r\n\r\n"}},
        {{OK("1", "b")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    expect_answer("http://x/", failure(-EPIPE));
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

/* ---- being referred ---- */

CLAIM(call, follows_where_it_is_referred)
{
    static const struct script scripts[] = {
        {{MOVED("302", "/b"), MOVED("301", "c?d"), MOVED("307", "http://y/e")}},
        {{OK("4", "here")}}};
    struct gyre_http_response *r;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_get(session, "http://x/a/", &r, GYRE_FOREVER), 0);
    cr_expect_str_eq(gyre_http_response_url(r), "http://y/e");
    gyre_http_response_free(r);
    cr_expect_not_null(strstr(peers.heard, "GET /b HTTP"));
    cr_expect_not_null(strstr(peers.heard, "GET /c?d HTTP"));
    cr_expect_not_null(strstr(peers.heard, "GET /e HTTP"));
    cr_expect_eq(peers.connected, 2);
    peers_close();
}

CLAIM(call, gives_up_going_round_in_circles)
{
    struct script scripts[2] = {{{0}}};

    for (int i = 0; i < 8; i++)
        scripts[0].answers[i < 7 ? i : 6] = MOVED("302", "/");
    scripts[0].answers[7] = NULL;
    peers_open(scripts, (struct gyre_http_session_options){.redirects = 3});
    expect_answer("http://x/", failure(-ELOOP));
    peers_close();
}

CLAIM(call, is_not_referred_if_it_was_told_so)
{
    static const struct script scripts[] = {{{MOVED("302", "/")}}};

    peers_open(scripts, (struct gyre_http_session_options){.redirects = -1});
    expect_answer("http://x/", "302 move");
    peers_close();
}

CLAIM(call, changes_the_method_as_the_status_says)
{
    static const struct {
        const char *answer, *method, *expected;
    } cases[] = {
        {MOVED("301", "/n"), "POST", "GET /n"},
        {MOVED("302", "/n"), "POST", "GET /n"},
        {MOVED("303", "/n"), "POST", "GET /n"},
        {MOVED("303", "/n"), "PUT", "GET /n"},
        {MOVED("307", "/n"), "POST", "POST /n"},
        {MOVED("308", "/n"), "POST", "POST /n"},
        {MOVED("301", "/n"), "PUT", "PUT /n"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script scripts[] = {{{cases[i].answer, OK("0", "")}}};
        struct gyre_http_call call = {.method = cases[i].method,
                                      .url = "http://x/o",
                                      .body = "abc",
                                      .length = 3};
        struct gyre_http_response *r;
        const char *second;

        peers_open(scripts, DEFAULTS);
        cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
        gyre_http_response_free(r);
        second = strstr(peers.heard, cases[i].expected);
        cr_expect_not_null(second, "case %zu", i);
        if (second != NULL)
            cr_expect_eq(strstr(second, "\r\n\r\nabc") != NULL,
                         cases[i].expected[0] == 'P');
        peers_close();
    }
}

CLAIM(call, leaves_credentials_behind_when_the_origin_changes)
{
    static const struct script scripts[] = {
        {{MOVED("302", "/same"), MOVED("302", "http://y/other")}},
        {{OK("0", "")}}};
    struct gyre_http_fields fields = {0};
    struct gyre_http_call call = {.url = "http://x/", .fields = &fields};
    struct gyre_http_response *r;
    const char *same, *other;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_fields_set(&fields, "Authorization", "secret"), 0);
    cr_expect_eq(gyre_http_fields_set(&fields, "X-Mine", "kept"), 0);
    cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
    gyre_http_response_free(r);
    same = strstr(peers.heard, "GET /same");
    other = strstr(peers.heard, "GET /other");
    cr_expect_not_null(same);
    cr_expect_not_null(other);
    if (same != NULL && other != NULL) {
        cr_expect_not_null(strstr(same, "secret"));
        cr_expect_null(strstr(other, "secret"));
        cr_expect_not_null(strstr(other, "kept"));
    }
    gyre_http_fields_free(&fields);
    peers_close();
}
