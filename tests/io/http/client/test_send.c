/*
 * test_send.c - the claims of client.h about what is sent, to peers that hear
 * it, or do not.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/client/session.h"
#include "io/http/server/request.h"
#include "io/http/testing/testing.h"
#include "tests/io/http/peers.h"

CLAIM(send, sends_a_body_with_its_length)
{
    static const struct script scripts[] = {{{OK("2", "ok")}}};
    struct gyre_http_call call = {
        .method = "POST", .url = "http://x/", .body = "abc", .length = 3};
    struct gyre_http_response *r;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
    gyre_http_response_free(r);
    cr_expect_not_null(strstr(peers.heard, "\r\nContent-Length: 3\r\n"));
    cr_expect_not_null(strstr(peers.heard, "\r\n\r\nabc"));
    peers_close();
}

CLAIM(send, says_that_there_is_no_body_where_one_is_expected)
{
    static const struct script scripts[] = {{{OK("2", "ok")}}};
    static const struct {
        const char *method;
        bool says;
    } cases[] = {
        {"POST", true}, {"PUT", true}, {"GET", false}, {"DELETE", false}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gyre_http_call call = {.method = cases[i].method,
                                      .url = "http://x/"};

        peers_open(scripts, DEFAULTS);
        expect_answer_to(&call, "200 ok");
        cr_expect_eq(heard("\r\nContent-Length: 0\r\n") != NULL, cases[i].says,
                     "%s", cases[i].method);
        peers_close();
    }
}

CLAIM(send, sends_a_body_in_chunks_as_it_is_made)
{
    static const struct script scripts[] = {{{OK("2", "ok")}, .stays = true}};
    struct letters l = {
        {.method = "PUT", .url = "http://x/", .more = more_letters}, 3};
    struct gyre_http_response *r;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_call(session, &l.call, &r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_http_response_free(r);
    cr_expect_not_null(
        strstr(peers.heard, "\r\nTransfer-Encoding: chunked\r\n"));
    cr_expect_eq(l.left, 0);
    peers_close();
}

CLAIM(send, sends_a_long_body_whole_however_little_goes_at_once)
{
    static const size_t capacities[] = {0, 1, 100, 5000, 17000};
    static char body[18000];

    memset(body, 'x', sizeof body);
    for (size_t i = 0; i < sizeof capacities / sizeof capacities[0]; i++) {
        struct script scripts[] = {
            {{OK("2", "ok"), OK("2", "ok")}, .capacity = capacities[i]}};
        struct gyre_http_call call = {.method = "PUT",
                                      .url = "http://x/",
                                      .body = body,
                                      .length = sizeof body};
        const char *end;

        peers_open(scripts, DEFAULTS);
        expect_answer_to(&call, "200 ok");
        end = heard("\r\n\r\n");
        cr_expect_eq(strlen(end + 4), sizeof body);
        cr_expect_eq(strspn(end + 4, "x"), sizeof body);
        peers.heard[0] = '\0';
        expect_answer("http://x/", "200 ok");
        cr_expect_eq(peers.connected, 1);
        peers_close();
    }
}

/* ---- errors of `more` ---- */

CLAIM(send, an_error_of_more_ends_the_call_as_it_is)
{
    static const struct script scripts[] = {{{NULL}, .stays = true},
                                            {{OK("2", "ok")}}};
    static const int errors[] = {-EPIPE, -ECONNRESET, -EIO, -ECANCELED,
                                 -ETIMEDOUT};

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct letters l = {
            {.method = "PUT", .url = "http://x/", .more = more_letters},
            .left = 3,
            .end = errors[i]};

        peers_open(scripts, DEFAULTS);
        expect_answer_to(&l.call, failure(errors[i]));
        cr_expect_eq(l.calls, 4);
        cr_expect_lt(elapsed(), GYRE_SECOND);
        expect_answer("http://x/", "200 ok");
        peers_close();
    }
}

/* ---- answers that come early ---- */

#define TOO_LARGE "HTTP/1.1 413 Too\r\nContent-Length: 2\r\n\r\nno"

static char megabyte[1 << 20];

static const struct gyre_http_call upload = {.method = "PUT",
                                             .url = "http://x/",
                                             .body = megabyte,
                                             .length = sizeof megabyte};

CLAIM(send, hears_an_answer_that_comes_before_the_body_is_sent)
{
    static const struct script cases[][2] = {
        {{{TOO_LARGE}, .hasty = true, .stays = true}, {{OK("2", "ok")}}},
        {{{TOO_LARGE}, .hasty = true}, {{OK("2", "ok")}}},
        {{{TOO_LARGE}, .hasty = true, .resets = true}, {{OK("2", "ok")}}},
        {{{TOO_LARGE}, .hasty = true, .stays = true, .pause = GYRE_SECOND},
         {{OK("2", "ok")}}},
        {{{TOO_LARGE}, .hasty = true, .stays = true, .piece = 1},
         {{OK("2", "ok")}}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gyre_http_call call = upload;
        gyre_time before = elapsed();

        peers_open(cases[i], DEFAULTS);
        expect_answer_to(&call, "413 no");
        cr_expect_lt(elapsed() - before, 2 * GYRE_SECOND);
        expect_answer("http://x/", "200 ok");
        cr_expect_eq(peers.connected, 2, "a request cut short, and kept");
        peers_close();
    }
}

CLAIM(send, hears_an_answer_that_comes_before_head_and_body_are_sent)
{
    static const struct script scripts[] = {
        {{TOO_LARGE}, .hasty = true, .stays = true, .capacity = 200},
        {{OK("2", "ok")}}};
    struct gyre_http_call call = upload;

    call.length = 12000;
    peers_open(scripts, DEFAULTS);
    expect_answer_to(&call, "413 no");
    cr_expect_lt(elapsed(), GYRE_SECOND);
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 2, "a request cut short, and kept");
    peers_close();
}

CLAIM(send, makes_no_more_of_a_body_that_was_answered)
{
    static const struct script scripts[] = {
        {{TOO_LARGE}, .hasty = true, .stays = true}};
    struct letters l = {
        {.method = "PUT", .url = "http://x/", .more = more_letters}, 1 << 20};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, "413 no");
    cr_expect_lt(l.calls, 1000);
    peers_close();
}

/* Also if it had been asked for, in the same breath. */
CLAIM(send, stops_when_it_is_answered_nonsense_or_changed_its_mind)
{
    static const struct {
        const char *said, *answer;
    } cases[] = {{"nonsense\r\n\r\n", "-71"},
                 {"HTTP/1.1 100 Go on\r\n\r\n" TOO_LARGE, "413 no"}};

    for (size_t i = 0; i < 2; i++) {
        struct script scripts[] = {
            {{cases[i].said}, .hasty = true, .stays = true}};
        struct letters l = {{.method = "PUT",
                             .url = "http://x/",
                             .more = more_letters,
                             .expect = i == 1},
                            .left = 20000};

        peers_open(scripts, DEFAULTS);
        expect_answer_to(&l.call, cases[i].answer);
        cr_expect_lt(l.calls, 1000, "case %zu", i);
        peers_close();
    }
}

/* ---- and are no reason to stop ---- */

CLAIM(send, goes_on_sending_to_who_succeeds_early)
{
    static char body[12000], text[400], answer[400];
    const struct script scripts[] = {
        {{text, "", OK("2", "ok")}, .hasty = true, .capacity = 40}};
    struct letters l = {
        {.method = "PUT", .url = "http://x/", .more = more_letters}, 26};
    struct gyre_http_call whole = {.method = "PUT",
                                   .url = "http://x/",
                                   .body = body,
                                   .length = sizeof body};
    struct gyre_http_call *calls[] = {&l.call, &whole};

    memset(body, 'x', sizeof body);
    memcpy(body + sizeof body - 6, "a\r\n\r\n", 6);
    snprintf(text, sizeof text, OK("300", "%0300d"), 7);
    snprintf(answer, sizeof answer, "200 %0300d", 7);
    for (size_t i = 0; i < 2; i++) {
        gyre_time before = elapsed();

        peers_open(scripts, DEFAULTS);
        expect_answer_to(calls[i], answer);
        cr_expect_eq(elapsed(), before);
        cr_expect_eq(gyre_sleep(gyre_in(1)), 0);
        cr_expect_not_null(heard("a\r\n"), "%zu", i);
        expect_answer("http://x/", "200 ok");
        cr_expect_eq(peers.connected, 1);
        peers_close();
    }
}

static int echo_as_it_comes(struct gyre_http_request *r)
{
    char some[3000];
    int err = gyre_http_reply_begin(r, 200, -1);
    ssize_t n = 1;

    while (err == 0 && n > 0) {
        n = gyre_http_read_body(r, some, sizeof some, GYRE_FOREVER);
        if (n > 0)
            err = gyre_http_reply_write(r, some, (size_t)n, GYRE_FOREVER);
    }
    return n < 0 ? (int)n : err;
}

CLAIM(send, may_be_echoed_as_it_comes_however_long_it_is)
{
    static const struct gyre_http_route routes[] = {
        {"PUT", "/", echo_as_it_comes}, {0}};
    struct gyre_http_call call = upload;
    struct gyre_http_test site;

    cr_expect_eq(gyre_http_test_open(&site, routes, NULL), 0);
    for (int expect = 0; expect < 2; expect++) {
        call.expect = expect == 1;
        cr_expect_eq(gyre_http_test_call(&site, &call, gyre_in(GYRE_SECOND)),
                     200);
        cr_expect_eq(site.length, sizeof megabyte);
    }
    cr_expect_eq(gyre_http_server_counts(site.server).accepted, 1);
    gyre_http_test_close(&site);
}

CLAIM(send, stops_when_who_succeeds_early_reads_no_more)
{
    static const struct {
        struct script scripts[2];
        const char *answer;
    } cases[] = {
        {{{{OK("2", "ok")}, .hasty = true}, {{OK("2", "ok")}}}, "200 ok"},
        {{{{OK("2", "ok")}, .hasty = true, .resets = true}, {{OK("2", "ok")}}},
         "200 ok"},
        {{{{OK("3", "ok")}, .hasty = true}, {{OK("2", "ok")}}}, "-32"},
        {{{{"HTTP/1.1 200 OK\r\n\r\nok"}, .hasty = true}, {{OK("2", "ok")}}},
         "200 ok"},
        {{{{"HTTP/1.1 200 OK\r\n\r\nok"}, .hasty = true, .resets = true},
          {{OK("2", "ok")}}},
         "-104"},
        {{{{"HTTP/1.1 200 OK\r\n\r\nok"},
           .hasty = true,
           .resets = true,
           .unwritten = true},
          {{OK("2", "ok")}}},
         "-104"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gyre_http_call call = upload;

        peers_open(cases[i].scripts, DEFAULTS);
        expect_answer_to(&call, cases[i].answer);
        expect_answer("http://x/", "200 ok");
        cr_expect_eq(peers.connected, 2, "%zu: cut short, and kept", i);
        peers_close();
    }
}

CLAIM(send, takes_an_early_success_of_who_neither_reads_nor_leaves)
{
    static const struct script scripts[] = {
        {{OK("2", "ok")}, .hasty = true, .stays = true}, {{OK("2", "ok")}}};
    struct gyre_http_call call = upload;

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&call, "200 ok");
    cr_expect_eq(elapsed(), 30 * GYRE_SECOND);
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 2, "a request cut short, and kept");
    peers_end();
}

CLAIM(send, holds_no_more_of_an_early_success_than_of_a_text)
{
    static char text[(3 << 20) + 50], some[1 << 20];
    const struct script scripts[] = {{{text}, .hasty = true, .stays = true},
                                     {{OK("2", "ok")}}};
    struct gyre_http_call call = upload;
    struct gyre_http_response *r;
    size_t came = 0;
    ssize_t n;

    snprintf(text, sizeof text, OK("%d", "%0*d"), 3 << 20, 3 << 20, 0);
    peers_open(scripts,
               (struct gyre_http_session_options){.text_limit = 1 << 20});
    cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), 30 * GYRE_SECOND);
    cr_expect_lt(r->came.more.length, (1 << 20) + 20000);
    while ((n = gyre_http_response_read(r, some, sizeof some, GYRE_FOREVER)) >
           0)
        came += (size_t)n;
    cr_expect_eq(n, 0);
    cr_expect_eq(came, 3 << 20);
    gyre_http_response_free(r);
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 2, "a request cut short, and kept");
    peers_end();
}

static intptr_t answer_at_length(void *arg)
{
    struct gyre_http_request *r = arg;
    int err = gyre_http_reply_begin(r, 200, -1);

    for (int i = 0; i < 4 && !err; i++)
        err = gyre_http_reply_write(r, megabyte, 100000, GYRE_FOREVER);
    return err;
}

/* How much of the request it has read. */
static size_t heard_in_all;

static int answer_while_it_hears(struct gyre_http_request *r)
{
    static char some[3000];
    struct gyre_scope scope;
    ssize_t n;

    heard_in_all = 0;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, answer_at_length, r);
    while ((n = gyre_http_read_body(r, some, sizeof some, GYRE_FOREVER)) > 0)
        heard_in_all += (size_t)n;
    return (int)gyre_scope_close(&scope, n);
}

CLAIM(send, is_not_cut_short_by_an_early_success_that_is_longer_than_a_text)
{
    static const struct gyre_http_route routes[] = {
        {"PUT", "/", answer_while_it_hears}, {0}};
    struct gyre_http_call call = upload;
    struct gyre_http_test site;
    struct gyre_http_response *r;
    char body[3000];
    ssize_t n;

    call.url = "http://x/";
    cr_expect_eq(gyre_http_test_open(&site, routes, NULL), 0);
    site.session->options.text_limit = 100000;
    cr_expect_eq(gyre_http_call(site.session, &call, &r, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), 0);
    cr_expect_lt(r->came.more.length, 120000);
    do
        n = gyre_http_response_read(r, body, sizeof body, GYRE_FOREVER);
    while (n > 0);
    cr_expect_eq(n, 0);
    cr_expect_eq(heard_in_all, sizeof megabyte);
    gyre_http_response_free(r);
    gyre_http_test_close(&site);
}

CLAIM(send, takes_a_success_instead_of_100_for_an_answer)
{
    static const struct script scripts[] = {
        {{OK("2", "ok")}, .hasty = true, .stays = true}, {{OK("2", "ok")}}};
    struct letters l = {{.method = "PUT",
                         .url = "http://x/",
                         .more = more_letters,
                         .expect = true},
                        3};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, "200 ok");
    cr_expect_eq(l.calls, 0);
    cr_expect_eq(elapsed(), 0);
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 2, "a body was owed");
    peers_end();
}

CLAIM(send, goes_on_sending_after_a_provisional_answer)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 100 Continue\r\n\r\n", OK("2", "ok"), OK("2", "ok")},
         .hasty = true,
         .capacity = 40}};
    struct letters l = {
        {.method = "PUT", .url = "http://x/", .more = more_letters}, 26};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, "200 ok");
    cr_expect_not_null(heard("\r\na\r\n0\r\n\r\n"));
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

CLAIM(send, is_not_held_up_for_ever_by_who_reads_nothing)
{
    static const struct script scripts[] = {
        {{NULL}, .hasty = true, .stays = true, .capacity = 20}};
    static const size_t lengths[] = {0, 1000, sizeof megabyte};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct gyre_http_call call = upload;
        gyre_time before = elapsed();

        call.length = lengths[i];
        peers_open(scripts, DEFAULTS);
        expect_answer_to(&call, failure(-ETIMEDOUT));
        cr_expect_eq(elapsed() - before, 30 * GYRE_SECOND);
        peers_end();
    }
}

/* Says a letter of the answer each twenty seconds, and takes some at the same
   time, before or after that; at last the rest. */
static intptr_t read_slowly(void *arg)
{
    const char *answer = arg;
    char some[100];

    for (bool before = false; *answer != '2'; before = !before) {
        if (gyre_sleep(gyre_in(20 * GYRE_SECOND)))
            return -ECANCELED;
        if (before)
            cr_expect_gt(gyre_read(peers.stream, some, 50, GYRE_NOW), 0);
        cr_expect_eq(gyre_write(peers.stream, answer++, 1, GYRE_NOW), 0);
        if (!before)
            cr_expect_gt(gyre_read(peers.stream, some, 50, GYRE_NOW), 0);
    }
    while (gyre_read(peers.stream, some, sizeof some, gyre_in(MS)) > 0)
        ;
    return gyre_write(peers.stream, answer, strlen(answer), GYRE_NOW);
}

CLAIM(send, has_patience_with_who_reads_slowly_and_speaks_meanwhile)
{
    static const struct script scripts[] = {
        {{NULL}, .hasty = true, .stays = true, .capacity = 100}};
    static char answer[] = OK("2", "ok");
    struct gyre_http_call call = upload;
    struct gyre_scope s;

    call.length = 3000;
    peers_open(scripts, DEFAULTS);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_slowly, answer);
    cr_expect_str_eq(ask_with(&call, GYRE_FOREVER), "200 ok");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_gt(elapsed(), 100 * GYRE_SECOND);
    peers_end();
}

/* ---- bodies that are made, of a known length ---- */

CLAIM(send, sends_a_body_that_is_made_with_the_length_it_is_said_to_have)
{
    static const struct script scripts[] = {{{OK("2", "ok"), OK("2", "ok")}}};
    struct letters l = {{.method = "PUT",
                         .url = "http://x/",
                         .more = more_letters,
                         .length = 3},
                        5};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, "200 ok");
    cr_expect_not_null(heard("\r\nContent-Length: 3\r\n"));
    cr_expect_null(heard("chunked"));
    cr_expect_not_null(heard("\r\n\r\nedc"));
    cr_expect_eq(l.calls, 3, "more was asked for than there is");
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

CLAIM(send, says_when_less_of_a_body_is_made_than_was_announced)
{
    static const struct script scripts[] = {{{NULL}, .stays = true},
                                            {{OK("2", "ok")}}};
    struct letters l = {{.method = "PUT",
                         .url = "http://x/",
                         .more = more_letters,
                         .length = 4},
                        3};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, failure(-ENODATA));
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 2);
    peers_close();
}

static gyre_time made; /* when the first of a body was */

static ssize_t more_and_when(struct gyre_http_call *call, void *buf, size_t n)
{
    if (GYRE_OWNER(call, struct letters, call)->calls == 0)
        made = elapsed();
    return more_letters(call, buf, n);
}

#define ASKING                                                                 \
    {                                                                          \
        .method = "PUT", .url = "http://x/", .more = more_and_when,            \
        .expect = true                                                         \
    }

/* ---- asking first ---- */

CLAIM(send, asks_first_whether_a_body_is_wanted)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 100 Continue\r\n\r\n", OK("2", "ok")},
         .pause = GYRE_SECOND / 2,
         .hasty = true}};
    struct letters l = {ASKING, 3};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, "200 ok");
    cr_expect_not_null(heard("\r\nExpect: 100-continue\r\n\r\n1\r\nc\r\n"));
    cr_expect_eq(made, GYRE_SECOND / 2);
    peers_close();
}

CLAIM(send, sends_a_body_unasked_for_after_a_second)
{
    static const struct script scripts[] = {{{OK("2", "ok")}}};
    struct letters l = {ASKING, 3};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, "200 ok");
    cr_expect_eq(made, GYRE_SECOND);
    peers_close();
}

CLAIM(send, is_not_taken_in_by_other_provisional_answers)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 103 Early\r\n\r\n", OK("2", "ok")}, .hasty = true}};
    struct letters l = {ASKING, 3};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, "200 ok");
    cr_expect_eq(made, GYRE_SECOND);
    peers_close();
}

CLAIM(send, makes_nothing_of_a_body_that_is_not_wanted)
{
    static const struct script scripts[] = {
        {{TOO_LARGE}, .hasty = true, .stays = true}, {{OK("2", "ok")}}};
    struct letters l = {ASKING, 3};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, "413 no");
    cr_expect_eq(l.calls, 0);
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 2, "a body was owed");
    peers_end();
}

CLAIM(send, does_not_ask_who_cannot_be_asked)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"}, .hasty = true},
        {{OK("2", "ok")}}};
    struct letters l = {ASKING, 3};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&l.call, "200 ok");
    cr_expect_eq(made, 0);
    cr_expect_null(strstr(heard("Expect") + 1, "Expect"));
    peers_close();
}

CLAIM(send, asks_nothing_where_there_is_no_body)
{
    static const struct script scripts[] = {{{OK("2", "ok")}}};
    struct gyre_http_call call = {.url = "http://x/", .expect = true};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&call, "200 ok");
    cr_expect_null(heard("Expect"));
    cr_expect_eq(elapsed(), 0);
    peers_close();
}

CLAIM(send, asks_first_for_a_body_that_lies_there_as_well)
{
    static const struct script scripts[] = {{{OK("2", "ok")}}};
    struct gyre_http_call call = upload;

    call.length = 12000;
    call.expect = true;
    peers_open(scripts, DEFAULTS);
    expect_answer_to(&call, "200 ok");
    cr_expect_eq(elapsed(), GYRE_SECOND);
    peers_close();
}

CLAIM(send, has_no_longer_to_ask_than_the_call_may_take)
{
    static const struct script scripts[] = {{{NULL}, .stays = true},
                                            {{NULL}, .stays = true}};
    struct letters l = {ASKING, 3};

    peers_open(scripts, (struct gyre_http_session_options){
                            .total_time = GYRE_SECOND / 3});
    expect_answer_to(&l.call, failure(-ETIMEDOUT));
    cr_expect_eq(l.call.timeout, GYRE_HTTP_TOTAL_TIME);
    cr_expect_str_eq(ask_with(&l.call, gyre_in(GYRE_SECOND / 4)),
                     failure(-ETIMEDOUT));
    cr_expect_eq(l.call.timeout, GYRE_HTTP_DEADLINE);
    cr_expect_eq(l.calls, 0);
    peers_end();
}

/* Gives as much as it is asked for. */
static ssize_t more_of_all(struct gyre_http_call *call, void *buf, size_t n)
{
    (void)call;
    memset(buf, 'x', n);
    return (ssize_t)n;
}

CLAIM(send, asks_for_no_more_of_a_body_than_is_left)
{
    static const struct script scripts[] = {{{OK("2", "ok"), OK("2", "ok")}}};
    struct gyre_http_call call = {.method = "PUT",
                                  .url = "http://x/",
                                  .more = more_of_all,
                                  .length = 9000};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&call, "200 ok");
    cr_expect_eq(strlen(strstr(peers.heard, "\r\n\r\n") + 4), 9000);
    expect_answer("http://x/", "200 ok");
    peers_close();
}
