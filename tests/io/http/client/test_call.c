/*
 * test_call.c - the claims of client.h about what one call may take: asking
 * again, and being referred.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/http/fields.h"
#include "tests/io/http/peers.h"

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

CLAIM(call, asks_again_when_a_kept_connection_was_reset)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), ""}, .resets = true}, {{OK("1", "b")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    expect_answer("http://x/", "200 b");
    cr_expect_eq(peers.connected, 2);
    peers_close();
}

CLAIM(call, asks_again_for_what_may_happen_twice)
{
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "PUT",
                                          "DELETE"};
    static const struct script scripts[] = {{{OK("1", "a"), ""}},
                                            {{OK("0", "")}}};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct gyre_http_call call = {.method = methods[i], .url = "http://x/"};

        peers_open(scripts, DEFAULTS);
        expect_answer("http://x/", "200 a");
        expect_answer_to(&call, "200 ");
        cr_expect_eq(peers.connected, 2, "%s", methods[i]);
        peers_close();
    }
}

CLAIM(call, asks_again_over_a_fresh_connection_though_others_wait,
      .init = in_order)
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

/* ---- what is no request ---- */

CLAIM(call, refuses_a_method_that_is_none_before_it_connects)
{
    static const char *const methods[] = {"", "G ET", "GET\r\nA: b", "G\xe9T",
                                          "CONNECT"};

    peers_open(NULL, DEFAULTS);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct gyre_http_call call = {.method = methods[i], .url = "http://x/"};

        expect_answer_to(&call, failure(-EINVAL));
    }
    cr_expect_eq(peers.connected, 0);
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

CLAIM(call, is_not_referred_with_a_body_that_cannot_be_made_again)
{
    static const struct {
        const char *answer, *method, *expected;
    } cases[] = {
        {MOVED("301", "/n"), "PUT", "301 move"},
        {MOVED("302", "/n"), "PUT", "302 move"},
        {MOVED("307", "/n"), "PUT", "307 move"},
        {MOVED("308", "/n"), "POST", "308 move"},
        {MOVED("303", "/n"), "PUT", "200 ok"},
        {MOVED("302", "/n"), "POST", "200 ok"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script scripts[] = {{{cases[i].answer, OK("2", "ok")}}};
        struct letters l = {{.method = cases[i].method,
                             .url = "http://x/o",
                             .more = more_letters},
                            3};

        peers_open(scripts, DEFAULTS);
        expect_answer_to(&l.call, cases[i].expected);
        cr_expect_eq(l.calls, 4);
        peers_close();
    }
}

CLAIM(call, leaves_out_what_describes_a_body_with_the_body)
{
    static const char *const described[] = {"Content-Type",
                                            "content-encoding",
                                            "Content-Language",
                                            "Content-Location",
                                            "Content-Range",
                                            "Content-Disposition",
                                            "Content-MD5",
                                            "Content-Digest",
                                            "Digest",
                                            "Repr-Digest",
                                            "Last-Modified",
                                            "Expect",
                                            "X-Mine"};
    static const struct script scripts[] = {
        {{MOVED("303", "/n"), OK("2", "ok")}}};
    struct gyre_http_fields fields = {0};
    struct gyre_http_call call = {.method = "POST",
                                  .url = "http://x/",
                                  .body = "abc",
                                  .length = 3,
                                  .fields = &fields};
    const char *second;

    for (size_t i = 0; i < sizeof described / sizeof described[0]; i++)
        cr_expect_eq(gyre_http_fields_set(&fields, described[i], "v"), 0);
    peers_open(scripts, DEFAULTS);
    expect_answer_to(&call, "200 ok");
    second = heard("GET /n");
    cr_expect_not_null(second);
    for (size_t i = 0; i < sizeof described / sizeof described[0]; i++) {
        bool mine = strcmp(described[i], "X-Mine") == 0;

        cr_expect_eq(second != NULL && strstr(second, described[i]) != NULL,
                     mine, "%s", described[i]);
    }
    cr_expect_not_null(gyre_http_fields_get(&fields, "Content-Type").at,
                       "they are the caller's");
    gyre_http_fields_free(&fields);
    peers_close();
}

CLAIM(call, does_not_wait_for_the_rest_of_a_referral)
{
#define CHUNKED                                                                \
    "HTTP/1.1 302 Moved\r\nLocation: /n\r\n"                                   \
    "Transfer-Encoding: chunked\r\n\r\n"
    static const char *const answers[] = {
        "HTTP/1.1 302 Moved\r\nLocation: /n\r\nContent-Length: 9\r\n\r\nabc",
        CHUNKED "1\r\na\r\n",
        "HTTP/1.1 302 Moved\r\nLocation: /n\r\n\r\nabc",
        "HTTP/1.1 302 Moved\r\nLocation: /n\r\nContent-Length: 99999\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct script scripts[] = {{{answers[i]}, .stays = true},
                                   {{OK("2", "ok")}}};
        gyre_time before = elapsed();

        peers_open(scripts, DEFAULTS);
        expect_answer("http://x/", "200 ok");
        cr_expect_lt(elapsed() - before, GYRE_SECOND);
        peers_close();
    }
}

CLAIM(call, is_over_in_time_while_the_rest_of_a_referral_may_come)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 302 Moved\r\nLocation: /n\r\nContent-Length: 9\r\n\r\n"},
         .stays = true},
        {{NULL}, .stays = true}};

    peers_open(scripts, DEFAULTS);
    cr_expect_str_eq(ask("http://x/", gyre_in(50 * MS)), "-110");
    cr_expect_eq(elapsed(), 50 * MS);
    peers_close();
}

CLAIM(call, is_not_held_up_by_a_referral_that_drips)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    char answer[400] =
        "HTTP/1.1 302 Moved\r\nLocation: /n\r\nContent-Length: 300\r\n\r\n";
    struct script scripts[] = {
        {{answer}, .piece = 1, .pause = 30 * MS, .stays = true},
        {{OK("2", "ok")}}};
    gyre_time head = (gyre_time)strlen(answer) * 30 * MS;

    for (int i = 0; i < 10; i++)
        strcat(answer, letters);
    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 ok");
    cr_expect_leq(elapsed(), head + 200 * MS);
    peers_close();
}

/* Ask for a page whose referral leads to `to`: is `field` sent there? */
static bool goes_along(const char *field, const char *to)
{
    struct script scripts[] = {{{to, OK("0", "")}}, {{OK("0", "")}}};
    struct gyre_http_fields fields = {0};
    struct gyre_http_call call = {.url = "http://x/", .fields = &fields};
    const char *there;

    cr_expect_eq(gyre_http_fields_set(&fields, field, "secret"), 0);
    peers_open(scripts, DEFAULTS);
    expect_answer_to(&call, "200 ");
    there = heard("GET /there");
    cr_expect_not_null(there, "%s", to);
    gyre_http_fields_free(&fields);
    peers_close();
    return there != NULL && strstr(there, "secret") != NULL;
}

CLAIM(call, leaves_credentials_behind_when_the_origin_changes)
{
    static const char *const credentials[] = {"Authorization",
                                              "Proxy-Authorization", "Cookie"};
    static const char *const elsewhere[] = {
        MOVED("302", "http://y/there"), MOVED("302", "http://x:81/there"),
        MOVED("302", "https://x:80/there"), MOVED("302", "https://x/there")};

    for (size_t i = 0; i < sizeof credentials / sizeof credentials[0]; i++) {
        const char *field = credentials[i];

        cr_expect(goes_along(field, MOVED("302", "/there")), "%s", field);
        cr_expect(goes_along(field, MOVED("302", "http://X:80/there")));
        for (size_t j = 0; j < sizeof elsewhere / sizeof elsewhere[0]; j++)
            cr_expect_not(goes_along(field, elsewhere[j]), "%s to %s", field,
                          elsewhere[j]);
    }
    cr_expect(goes_along("X-Mine", elsewhere[0]));
}

CLAIM(call, leaves_credentials_behind_for_good)
{
    static const struct script scripts[] = {
        {{MOVED("302", "http://y/other"), OK("2", "ok")}},
        {{MOVED("302", "http://x/back")}}};
    struct gyre_http_fields fields = {0};
    struct gyre_http_call call = {.url = "http://x/", .fields = &fields};
    const char *back;

    cr_expect_eq(gyre_http_fields_set(&fields, "Cookie", "secret"), 0);
    peers_open(scripts, DEFAULTS);
    expect_answer_to(&call, "200 ok");
    back = heard("GET /back");
    cr_expect(back != NULL && strstr(back, "secret") == NULL);
    cr_expect_not_null(gyre_http_fields_get(&fields, "Cookie").at,
                       "they are the caller's");
    gyre_http_fields_free(&fields);
    peers_close();
}

/* What is said with a referral is read, so that its connection can be kept, but
   not for long. */
CLAIM(call, passes_over_so_much_of_what_is_said_with_a_referral)
{
    static char text[200000];
    const struct script scripts[] = {{{text, OK("2", "ok")}},
                                     {{OK("2", "ok")}}};

    for (int n = 60000; n <= 100000; n += 40000) {
        char *at = text + sprintf(text,
                                  "HTTP/1.1 302 Moved\r\nLocation: /b\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n%x\r\n",
                                  (unsigned)n);

        memset(at, 'x', (size_t)n);
        strcpy(at + n, "\r\n0\r\n\r\n");
        peers_open(scripts, DEFAULTS);
        expect_answer("http://x/a", "200 ok");
        cr_expect_eq(peers.connected, n > 65536 ? 2 : 1, "%d bytes", n);
        peers_close();
    }
}
