/*
 * test_session.c - the claims of client.h about connections: kept, shared out,
 * waited for.
 */
#include <errno.h>
#include <string.h>

#include "tests/io/http/peers.h"

TestSuite(session, .timeout = 60);

/* ---- connections kept ---- */

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
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b")}}, {{OK("1", "c")}}, {{OK("1", "d")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    expect_answer("http://y/", "200 c");
    expect_answer("http://x:81/", "200 d");
    expect_answer("http://X/", "200 b");
    cr_expect_eq(peers.connected, 3);
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

/* ---- limits ---- */

CLAIM(session, has_requests_wait_their_turn_for_a_connection)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b"), OK("1", "c"), OK("1", "d")}}};
    static const char *const urls[] = {"http://x/a", "http://x/b", "http://x/c",
                                       "http://x/d"};
    struct gyre_scope s;

    peers_open(scripts, (struct gyre_http_session_options){.connections = 1});
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 4; i++)
        gyre_spawn(&s, NULL, ask_in_task, (void *)urls[i]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abcd");
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

CLAIM(session, makes_room_by_closing_what_is_only_kept)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true},
                                            {{OK("1", "b")}}};

    peers_open(scripts, (struct gyre_http_session_options){.connections = 1});
    expect_answer("http://x/", "200 a");
    expect_answer("http://y/", "200 b");
    peers_close();
}

CLAIM(session, lets_who_waits_be_cancelled_and_the_next_have_its_turn)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b"), OK("1", "c"), OK("1", "d")}}};
    static const char *const urls[] = {"http://x/a", "http://x/b",
                                       "http://x/c"};
    struct gyre_future done[3];
    struct gyre_scope s;

    peers_open(scripts, (struct gyre_http_session_options){.connections = 1});
    peers.slow = GYRE_SECOND;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, &done[i], ask_in_task, (void *)urls[i]);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_future_cancel(&done[1]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("!ac");
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

CLAIM(session, bounds_what_it_keeps_of_a_text)
{
    static const struct script scripts[] = {{{OK("9", "123456789")}}};

    peers_open(scripts, (struct gyre_http_session_options){.text_limit = 4});
    expect_answer("http://x/", failure(-EMSGSIZE));
    peers_close();
}
