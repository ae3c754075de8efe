/*
 * test_client.c - the claims of client.h about one request and its answer,
 * against a peer that says what it is told to.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "task/sim/inject.h"
#include "io/http/client/session.h"
#include "tests/io/http/peers.h"
#include "tests/support/faults.h"

/* ---- one request ---- */

CLAIM(client, asks_and_is_answered)
{
    static const struct script scripts[] = {{{OK("5", "hello")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://example.org/a/b?c=d#e", "200 hello");
    cr_expect_eq(strncmp(peers.heard, "GET /a/b?c=d HTTP/1.1\r\n", 23), 0);
    cr_expect_not_null(strstr(peers.heard, "\r\nHost: example.org\r\n"));
    peers_close();
}

CLAIM(client, has_all_of_an_answers_head)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 204 None\r\nA: 1\r\na: 2\r\n\r\n"}}};
    struct gyre_http_response *r;
    const struct gyre_http_head *h;

    peers_open(scripts, DEFAULTS);
    cr_assert_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    h = gyre_http_response_head(r);
    cr_expect_eq(h->status, 204);
    cr_expect_eq(h->field_count, 2);
    cr_expect(gyre_span_equals(h->fields[1].value, gyre_span_of("2")));
    gyre_http_response_free(r);
    peers_close();
}

CLAIM(client, asks_for_a_slash_where_there_is_no_path)
{
    static const struct script scripts[] = {{{OK("0", "")}}, {{OK("0", "")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://example.org:81", "200 ");
    cr_expect_eq(strncmp(peers.heard, "GET / HTTP/1.1\r\n", 16), 0);
    cr_expect_not_null(strstr(peers.heard, "\r\nHost: example.org:81\r\n"));
    peers.heard[0] = '\0';
    expect_answer("http://example.com?q", "200 ");
    cr_expect_eq(strncmp(peers.heard, "GET /?q HTTP/1.1\r\n", 18), 0);
    peers_close();
}

CLAIM(client, understands_an_answer_however_it_comes)
{
    static const char *const answers[] = {
        OK("5", "hello"),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n" OK(
            "5", "hello"),
    };

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        for (size_t piece = 0; piece < 20; piece++) {
            struct script scripts[] = {{{answers[i]}, .piece = piece}};

            peers_open(scripts, DEFAULTS);
            expect_answer("http://x/", "200 hello");
            peers_close();
        }
    }
}

CLAIM(client, says_when_an_answer_breaks_off_or_makes_no_sense)
{
    static const struct {
        const char *answer;
        int err;
    } cases[] = {
        {"", -EPIPE},
        {"HTTP/1.1 200 OK\r\nContent-Le", -EPIPE},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", -EPIPE},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
         -EPIPE},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", -EPROTO},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
         -EPROTO},
        {"nonsense\r\n\r\n", -EPROTO},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script scripts[] = {{{cases[i].answer}}};

        peers_open(scripts, DEFAULTS);
        expect_answer("http://x/", failure(cases[i].err));
        peers_close();
    }
}

CLAIM(client, does_not_hear_provisional_answers_for_ever)
{
    for (int most = 16; most <= 17; most++) {
        char answer[1000] = "";
        struct script scripts[] = {{{answer}}};

        for (int i = 0; i < most; i++)
            strcat(answer, "HTTP/1.1 102 Wait\r\n\r\n");
        strcat(answer, OK("2", "ok"));
        peers_open(scripts, DEFAULTS);
        expect_answer("http://x/", most <= 16 ? "200 ok" : failure(-EPROTO));
        peers_close();
    }
}

CLAIM(client, bounds_the_head_of_an_answer)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    static const struct script scripts[] = {{{OK("2", "ok")}}};
    const size_t n = sizeof head - 1;

    for (size_t limit = n - 1; limit <= n; limit++) {
        peers_open(scripts,
                   (struct gyre_http_session_options){.limits.head = limit});
        expect_answer("http://x/", limit < n ? failure(-EMSGSIZE) : "200 ok");
        peers_close();
    }
}

CLAIM(client, takes_no_protocol_it_has_not_asked_for)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"},
         .stays = true}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", failure(-EPROTO));
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(peers.open, 0);
    peers_close();
}

CLAIM(client, asks_an_IPv6_address_by_its_literal)
{
    static const struct script scripts[] = {{{OK("0", "")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://[::1]:8080/x", "200 ");
    cr_expect_str_eq(peers.host, "::1");
    cr_expect_eq(peers.port, 8080);
    cr_expect_not_null(heard("\r\nHost: [::1]:8080\r\n"));
    peers_close();
}

CLAIM(client, has_no_https_of_its_own)
{
    struct gyre_http_response *r;

    cr_expect_eq(gyre_http_session_new(&session), 0);
    cr_expect_eq(gyre_http_get(session, "https://x/", &r, GYRE_FOREVER),
                 -ENOTSUP);
    gyre_http_session_free(session);
}

CLAIM(client, refuses_urls_that_are_none)
{
    static const char *const urls[] = {
        "", "x", "/a", "ftp://x/", "http://", "http://x/\r\nA: b"};

    peers_open(NULL, DEFAULTS);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        expect_answer(urls[i], failure(-EINVAL));
    peers_close();
}

CLAIM(client, expects_no_body_behind_an_answer_to_head)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", OK("2", "ok")}}};
    struct gyre_http_call call = {.method = "HEAD", .url = "http://x/"};
    struct gyre_http_response *r;
    size_t length;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_text(r, NULL, &length, GYRE_FOREVER), 0);
    cr_expect_eq(length, 0);
    gyre_http_response_free(r);
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

CLAIM(client, says_how_long_a_body_would_be_that_does_not_come)
{
    static const struct {
        const char *method, *answer;
        int64_t length;
    } cases[] = {
        {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 500},
        {"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", -1},
        {"HEAD", "HTTP/1.1 200 OK\r\n\r\n", -1},
        {"GET", "HTTP/1.1 304 Not\r\nContent-Length: 500\r\n\r\n", 500},
        {"GET", "HTTP/1.1 304 Not\r\n\r\n", -1},
        {"GET", "HTTP/1.1 204 No\r\n\r\n", 0},
        {"GET", OK("3", "abc"), 3},
        {"GET", OK("0", ""), 0},
        {"GET", "HTTP/1.1 200 OK\r\n\r\nabc", -1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script scripts[] = {{{cases[i].answer}}};
        struct gyre_http_call call = {.method = cases[i].method,
                                      .url = "http://x/"};
        struct gyre_http_response *r;

        peers_open(scripts, DEFAULTS);
        cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
        cr_expect_eq(gyre_http_response_length(r), cases[i].length, "case %zu",
                     i);
        gyre_http_response_free(r);
        peers_close();
    }
}

/* ---- bodies read ---- */

CLAIM(client, reads_on_after_a_cancellation)
{
    static const struct script scripts[] = {
        {{OK("4", "slow"), OK("2", "ok")}, .piece = 1, .pause = GYRE_SECOND}};
    struct gyre_http_response *r;
    const char *text;

    peers_open(scripts,
               (struct gyre_http_session_options){.answer_time = GYRE_FOREVER});
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    for (int i = 0; i < 8; i++) {
        struct gyre_scope s;

        gyre_scope_open(&s, gyre_in(GYRE_SECOND / 3));
        cr_expect_eq(
            gyre_scope_close(&s, gyre_http_text(r, NULL, NULL, GYRE_FOREVER)),
            -ETIMEDOUT);
    }
    cr_expect_eq(gyre_http_text(r, NULL, NULL, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_http_text(r, &text, NULL, GYRE_FOREVER), 0);
    cr_expect_str_eq(text, "slow");
    gyre_http_response_free(r);
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

static intptr_t read_too(void *response)
{
    char some[10];

    let_others_run(); /* who is the first to read */
    for (int i = 0; i < 40; i++) {
        cr_expect_eq(gyre_http_text(response, NULL, NULL, GYRE_FOREVER),
                     -EBUSY);
        cr_expect_eq(
            gyre_http_response_read(response, some, sizeof some, GYRE_FOREVER),
            -EBUSY);
    }
    return 0;
}

CLAIM(client, has_one_task_read_a_body_and_others_disturb_nothing)
{
    static const struct script scripts[] = {{{OK("4", "slow"), OK("2", "ok")},
                                             .piece = sizeof OK("4", "") - 1,
                                             .pause = GYRE_SECOND}};
    struct gyre_http_response *r;
    struct gyre_scope s;
    const char *text;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_too, r);
    cr_expect_eq(gyre_http_text(r, &text, NULL, GYRE_FOREVER), 0);
    cr_expect_str_eq(text, "slow");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_http_response_free(r);
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

CLAIM(client, waits_for_an_answer_only_so_long)
{
    static const struct script scripts[] = {
        {{OK("1", "a")}, .pause = 31 * GYRE_SECOND},
        {{OK("1", "a")}, .piece = 1, .pause = GYRE_SECOND},
        {{"HTTP/1.1 102 Wait\r\n\r\n"},
         .pause = 20 * GYRE_SECOND,
         .stays = true},
        {{OK("1", "a")}, .pause = 29 * GYRE_SECOND},
    };

    peers_open(scripts, DEFAULTS);
    for (int i = 0; i < 3; i++) {
        gyre_time before = elapsed();

        expect_answer("http://x/", failure(-ETIMEDOUT));
        cr_expect_eq(elapsed() - before, 30 * GYRE_SECOND);
    }
    expect_answer("http://x/", "200 a");
    peers_close();
}

CLAIM(client, waits_for_more_of_a_body_only_so_long_but_may_be_asked_again)
{
    static const struct script scripts[] = {
        {{OK("3", "abc")},
         .piece = sizeof OK("3", "") - 1,
         .pause = 29 * GYRE_SECOND},
        {{OK("3", "abc")},
         .piece = sizeof OK("3", "") - 1,
         .pause = 7 * GYRE_SECOND},
    };
    struct gyre_http_response *r;
    const char *text;

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 abc");
    peers_close();
    peers_open(scripts + 1, (struct gyre_http_session_options){
                                .stall_time = 5 * GYRE_SECOND});
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_text(r, &text, NULL, GYRE_FOREVER), -ETIMEDOUT);
    cr_expect_eq(gyre_http_text(r, &text, NULL, GYRE_FOREVER), 0);
    cr_expect_str_eq(text, "abc");
    gyre_http_response_free(r);
    peers_close();
}

CLAIM(client, bounds_what_it_keeps_of_a_text)
{
    static const struct script scripts[] = {{{OK("9", "123456789")}}};

    for (size_t limit = 8; limit <= 10; limit++) {
        peers_open(scripts,
                   (struct gyre_http_session_options){.text_limit = limit});
        expect_answer("http://x/",
                      limit < 9 ? failure(-EMSGSIZE) : "200 123456789");
        peers_close();
    }
}

/* ---- cancelling, and no memory ---- */

/* A connection that answers, refers, and is closed when it is used again: so
   requests are referred, repeated, and wait for their turns. */
#define TROUBLE                                                                \
    {                                                                          \
        {OK("5", "hello"), MOVED("302", "/n"), ""}, .piece = 20                \
    }

static const struct script troubles[] = {TROUBLE, TROUBLE, TROUBLE, TROUBLE,
                                         TROUBLE, TROUBLE, TROUBLE, TROUBLE,
                                         TROUBLE, TROUBLE, TROUBLE, TROUBLE};

static const char *const asked[] = {"http://x/a", "http://x/b", "http://x/c",
                                    "http://y/d"};

enum { ASKED = sizeof asked / sizeof asked[0] };

static size_t count(const struct gyre_list *list)
{
    size_t n = 0;

    for (struct gyre_list *i = list->next; i != list; i = i->next)
        n++;
    return n;
}

static int lost; /* answers, unless all was cancelled */

static intptr_t ask_for_all(void *connections)
{
    struct gyre_http_session_options options = {
        .connections = *(size_t *)connections, .per_host = 2};
    struct gyre_scope s;
    int err = peers_begin(troubles, options);

    if (err)
        return err;
    notes[0] = '\0';
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < ASKED; i++)
        gyre_spawn(&s, NULL, ask_in_task, (void *)asked[i]);
    err = (int)gyre_scope_close(&s, 0);
    must(gyre_list_empty(&session->waiting));
    must(session->links == count(&session->idle));
    must(session->links <= options.connections);
    must(peers.connected <= (int)(sizeof troubles / sizeof troubles[0]));
    peers_end();
    must(err != 0 || strlen(notes) == ASKED);
    lost = 0;
    for (const char *c = notes; err == 0 && *c != '\0'; c++)
        lost += *c == '!';
    return err;
}

/* One has none at most: who was cancelled, or whose peer was. */
static int others_are_answered(void *arg)
{
    (void)arg;
    return peers.open > 0 || lost > 1 ? -EIO : 0;
}

Test(client, leaves_nothing_when_one_task_is_cancelled_at_any_point)
{
    for (size_t connections = 1; connections <= 3; connections++) {
        struct gyre_injection i = {.check = others_are_answered,
                                   .only_task = true};

        cr_expect_eq(gyre_inject(&i, ask_for_all, &connections), 0);
        cr_expect_gt(i.points, 50);
    }
    cr_expect_eq(unmet, 0);
}

Test(client, leaves_nothing_when_all_are_cancelled_at_any_point)
{
    for (size_t connections = 1; connections <= 3; connections++) {
        struct gyre_injection i = {0};

        cr_expect_eq(gyre_inject(&i, ask_for_all, &connections), 0);
        cr_expect_gt(i.points, 50);
    }
    cr_expect_eq(unmet, 0);
}

static intptr_t get_all(void *url)
{
    struct gyre_http_response *r = NULL;
    int err = gyre_http_get(session, url, &r, GYRE_FOREVER);

    if (err == 0)
        err = gyre_http_text(r, NULL, NULL, GYRE_FOREVER);
    gyre_http_response_free(r);
    return err;
}

static intptr_t converse(void *arg)
{
    struct gyre_future done[ASKED];
    struct gyre_scope s;
    intptr_t err = peers_begin(
        troubles, (struct gyre_http_session_options){.connections = 2});

    (void)arg;
    if (err)
        return err;
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    for (int i = 0; i < ASKED; i++)
        gyre_spawn(&s, &done[i], get_all, (void *)asked[i]);
    gyre_scope_close(&s, 0);
    for (int i = 0; i < ASKED; i++) {
        if (gyre_is_error(gyre_future_result(&done[i])))
            err = gyre_future_result(&done[i]);
    }
    peers_end();
    return err;
}

/* A peer without memory just leaves. */
static int scenario(void)
{
    int err = (int)gyre_run(converse, NULL);

    return err == -EPIPE || err == -EPROTO ? -ENOMEM : err;
}

Test(client, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 10);
}
