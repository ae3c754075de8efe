/*
 * test_session.c - the claims of client.h about the connections that it keeps.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "task/wait.h"
#include "io/tcp.h"
#include "io/http/client/session.h"
#include "tests/io/http/peers.h"

CLAIM(session, keeps_a_connection_whose_answer_was_read_to_its_end)
{
    static const struct script scripts[] = {
        {{OK("3", "one"), OK("3", "two"), OK("5", "three")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/1", "200 one");
    expect_answer("http://x/2", "200 two");
    expect_answer("http://x/3", "200 three");
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

CLAIM(session, does_not_keep_what_was_not_read_or_is_not_to_be_kept)
{
    static const struct script scripts[] = {
        {{OK("3", "one")}, .stays = true},
        {{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"},
         .stays = true},
        {{OK("2", "ab") "surplus"}, .stays = true},
        {{OK("4", "last")}},
    };
    struct gyre_http_response *r;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    gyre_http_response_free(r);
    expect_answer("http://x/", "200 ab");
    expect_answer("http://x/", "200 ab");
    expect_answer("http://x/", "200 last");
    cr_expect_eq(peers.connected, 4);
    peers_close();
}

CLAIM(session, keeps_connections_apart_by_origin)
{
    static const struct script scripts[] = {{{OK("1", "a"), OK("1", "b")}},
                                            {{OK("1", "c")}},
                                            {{OK("1", "d")}},
                                            {{OK("1", "e")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    expect_answer("http://y/", "200 c");
    expect_answer("http://x:81/", "200 d");
    expect_answer("https://x:80/", "200 e");
    expect_answer("http://X/", "200 b");
    cr_expect_eq(peers.connected, 4);
    peers_close();
}

CLAIM(session, has_nothing_wait_for_what_is_only_kept)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_not(gyre_loop_alive(gyre_loop_current()));
    peers_close();
}

CLAIM(session, closes_a_kept_connection_after_a_while)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true},
                                            {{OK("1", "b")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    cr_expect_eq(gyre_sleep(gyre_in(14 * GYRE_SECOND)), 0);
    cr_expect_eq(peers.open, 1);
    cr_expect_eq(gyre_sleep(gyre_in(2 * GYRE_SECOND)), 0);
    cr_expect_eq(peers.open, 0);
    expect_answer("http://x/", "200 b");
    peers_close();
}

static size_t origins(void)
{
    size_t n = 0;

    for (int i = 0; i < GYRE_HTTP_ORIGIN_LISTS; i++) {
        const struct gyre_list *list = &session->origins[i];

        for (struct gyre_list *o = list->next; o != list; o = o->next)
            n++;
    }
    return n;
}

#define SENT_ON(to)                                                            \
    {                                                                          \
        {                                                                      \
            "HTTP/1.1 302 There\r\nConnection: close\r\nLocation: " to         \
            "\r\nContent-Length: 0\r\n\r\n"                                    \
        }                                                                      \
    }

CLAIM(session, remembers_no_more_hosts_than_it_has_connections)
{
    static const struct script scripts[] = {SENT_ON("http://b/"),
                                            SENT_ON("http://c/"),
                                            SENT_ON("http://d/"),
                                            SENT_ON("http://e/"),
                                            {{OK("1", "f")}, .stays = true}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://a/", "200 f");
    cr_expect_eq(peers.connected, 5);
    cr_expect_eq(origins(), 1);
    cr_expect_eq(gyre_sleep(gyre_in(20 * GYRE_SECOND)), 0);
    cr_expect_eq(origins(), 0);
    peers_close();
}

CLAIM(session, keeps_no_connection_with_a_body_where_there_is_to_be_none)
{
    static const struct {
        const char *method, *answer;
    } cases[] = {{"GET", "HTTP/1.1 204 No\r\n\r\nbody"},
                 {"GET", "HTTP/1.1 304 Not\r\nContent-Length: 4\r\n\r\nbody"},
                 {"HEAD", OK("4", "body")}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script scripts[] = {{{cases[i].answer}, .stays = true},
                                   {{OK("2", "ok")}}};
        struct gyre_http_call call = {.method = cases[i].method,
                                      .url = "http://x/"};
        const char *answer;

        peers_open(scripts, DEFAULTS);
        answer = ask_with(&call, GYRE_FOREVER);
        cr_expect_str_eq(strchr(answer, ' '), " ", "case %zu", i);
        expect_answer("http://x/", "200 ok");
        cr_expect_eq(peers.connected, 2, "case %zu", i);
        peers_close();
    }
}

#define KEPT_FOR(value)                                                        \
    "HTTP/1.1 200 OK\r\nKeep-Alive: " value "\r\nContent-Length: 1\r\n\r\na"

CLAIM(session, keeps_a_connection_for_less_than_the_server_does)
{
    static const struct {
        const char *answer;
        gyre_time kept;
    } cases[] = {
        {KEPT_FOR("timeout=5"), 4 * GYRE_SECOND},
        {KEPT_FOR("max=9, TimeOut=5"), 4 * GYRE_SECOND},
        {KEPT_FOR("timeout=1"), 0},
        {KEPT_FOR("timeout=0"), 0},
        {KEPT_FOR("timeout=60"), 15 * GYRE_SECOND},
        {KEPT_FOR("timeout=x, timeout, =5"), 15 * GYRE_SECOND},
        {KEPT_FOR("timeout=99999999999999999999"), 15 * GYRE_SECOND},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script scripts[] = {{{cases[i].answer}, .stays = true}};

        peers_open(scripts, DEFAULTS);
        expect_answer("http://x/", "200 a");
        if (cases[i].kept > 0)
            cr_expect_eq(gyre_sleep(gyre_in(cases[i].kept - MS)), 0);
        cr_expect_eq(session->links, cases[i].kept > 0, "case %zu", i);
        cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
        cr_expect_eq(session->links, 0, "case %zu", i);
        peers_close();
    }
}

/* The peer speaks, or closes, and nobody has had the time to hear it. */

CLAIM(session, does_not_ask_over_a_connection_that_says_what_was_not_asked)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true},
                                            {{OK("1", "b")}}};
    static const char surplus[] = OK("4", "evil");

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    cr_expect_eq(
        gyre_write(peers.stream, surplus, sizeof surplus - 1, GYRE_NOW), 0);
    expect_answer("http://x/", "200 b");
    peers_close();
}

CLAIM(session, does_not_ask_over_a_connection_that_is_closed)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true},
                                            {{OK("1", "b")}}};
    struct gyre_http_call call = {.method = "POST", .url = "http://x/"};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    cr_expect_eq(gyre_shutdown(peers.stream, GYRE_NOW), 0);
    expect_answer_to(&call, "200 b");
    peers_close();
}

/* The same over TCP, while the loop has no time to look. */

struct town {
    struct gyre_listener *listener;
    struct gyre_stream *latest; /* connection accepted */
};

static intptr_t answer_twice(void *arg)
{
    static const char *const answers[] = {OK("1", "a"), OK("1", "b")};
    struct town *town = arg;
    struct gyre_stream *s[2] = {0};
    char some[1000];
    ssize_t n = 0;

    for (int i = 0; n >= 0 && i < 2; i++) {
        n = gyre_accept(town->listener, &s[i], GYRE_FOREVER);
        town->latest = s[i];
        if (n == 0)
            n = gyre_read(s[i], some, sizeof some, GYRE_FOREVER);
        if (n > 0)
            n = gyre_write(s[i], answers[i], strlen(answers[i]), GYRE_FOREVER);
    }
    gyre_close(s[0]);
    gyre_close(s[1]);
    return n;
}

static void ask_town(struct town *town, const char *url)
{
    static const char surplus[] = OK("4", "evil");
    gyre_time until;

    cr_expect_str_eq(ask(url, GYRE_FOREVER), "200 a");
    cr_expect_eq(
        gyre_write(town->latest, surplus, sizeof surplus - 1, GYRE_NOW), 0);
    until = gyre_in(2 * MS);
    while (gyre_in(0) < until)
        ;
    cr_expect_str_eq(ask(url, GYRE_FOREVER), "200 b");
}

static intptr_t visit_town(void *arg)
{
    struct town town = {0};
    struct gyre_scope s;
    struct gyre_addr a;
    char url[64];

    (void)arg;
    cr_expect_eq(gyre_tcp_listen("127.0.0.1", 0, &town.listener, GYRE_FOREVER),
                 0);
    cr_expect_eq(gyre_listener_addr(town.listener, &a), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", gyre_addr_port(&a));
    cr_expect_eq(gyre_http_session_new(&session), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, answer_twice, &town);
    ask_town(&town, url);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_http_session_free(session);
    gyre_listener_close(town.listener);
    return 0;
}

Test(session, looks_at_what_was_kept_while_the_loop_was_busy)
{
    cr_expect_eq(gyre_run(visit_town, NULL), 0);
}

CLAIM(session, closes_a_connection_that_speaks_while_it_is_kept)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    cr_expect_eq(gyre_write(peers.stream, "x", 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(peers.open, 0);
    peers_close();
}

CLAIM(session, bounds_connecting)
{
    static const struct script scripts[] = {{{OK("1", "a")}}};

    peers_open(scripts, DEFAULTS);
    peers.slow = 31 * GYRE_SECOND;
    expect_answer("http://x/", failure(-ETIMEDOUT));
    peers_close();
}

#ifndef NDEBUG

static intptr_t free_in_use(void *arg)
{
    static const struct script scripts[] = {{{OK("1", "a")}}};
    struct gyre_http_response *r;

    (void)arg;
    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_text(r, NULL, NULL, GYRE_FOREVER), 0);
    gyre_http_session_free(session);
    _exit(0);
}

Test(session, that_is_freed_before_its_responses_aborts, .signal = SIGABRT)
{
    gyre_run(free_in_use, NULL);
}

#endif
