/*
 * test_turns.c - the claims of client.h about connections that are shared out
 * and waited for.
 */
#include "task/wait.h"
#include "io/http/client/session.h"
#include "tests/io/http/peers.h"

/* Ask `first` and then `second`, over a connection each, which are kept in that
   order. */
static void keep_two(const char *first, const char *second)
{
    struct gyre_http_response *r[2];

    cr_expect_eq(gyre_http_get(session, first, &r[0], GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_get(session, second, &r[1], GYRE_FOREVER), 0);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(gyre_http_text(r[i], NULL, NULL, GYRE_FOREVER), 0);
        gyre_http_response_free(r[i]);
    }
}

CLAIM(turns, asks_over_the_connection_that_was_last_used)
{
    static const struct script scripts[] = {{{OK("1", "a"), OK("1", "c")}},
                                            {{OK("1", "b"), OK("1", "d")}}};

    peers_open(scripts, DEFAULTS);
    keep_two("http://x/", "http://x/");
    expect_answer("http://x/", "200 d");
    peers_close();
}

/* Ask for these in a task each, all at once, and wait for the answers. */
static void ask_all(const char *const urls[4])
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 4; i++)
        gyre_spawn(&s, NULL, ask_in_task, (void *)urls[i]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(turns, has_requests_wait_their_turn_for_a_connection, .init = in_order)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b"), OK("1", "c"), OK("1", "d")}}};
    static const char *const urls[] = {"http://x/a", "http://x/b", "http://x/c",
                                       "http://x/d"};

    peers_open(scripts, (struct gyre_http_session_options){.connections = 1});
    ask_all(urls);
    expect_notes("abcd");
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

CLAIM(turns, gives_turns_in_order_of_asking_wherever_they_lead,
      .init = in_order)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b")}}, {{OK("1", "c")}}, {{OK("1", "d")}}};
    static const char *const urls[] = {"http://x/a", "http://x/b", "http://y/c",
                                       "http://x/d"};

    peers_open(scripts, (struct gyre_http_session_options){.connections = 1});
    ask_all(urls);
    expect_notes("abcd");
    peers_close();
}

/* Somebody who has been busy asks, just when the connection is given back. */
struct busy {
    int cancel_points;
    struct gyre_http_response *held;
};

static intptr_t ask_when_busy(void *arg)
{
    struct busy *b = arg;

    for (int i = 0; i < b->cancel_points; i++)
        cr_expect_eq(gyre_checkpoint(GYRE_FOREVER), 0);
    return ask_in_task("http://x/b");
}

static intptr_t give_back(void *arg)
{
    gyre_http_response_free(((struct busy *)arg)->held);
    return 0;
}

CLAIM(turns, misses_no_turn_by_giving_way)
{
    static const struct script scripts[] = {{{OK("1", "a")}}, {{OK("1", "b")}}};

    for (int i = 0; i < 40; i++) {
        struct busy busy = {.cancel_points = i};
        struct gyre_scope s;

        peers_open(scripts,
                   (struct gyre_http_session_options){.connections = 1});
        cr_expect_eq(
            gyre_http_get(session, "http://x/a", &busy.held, GYRE_FOREVER), 0);
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, ask_when_busy, &busy);
        gyre_spawn(&s, NULL, give_back, &busy);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        expect_notes("b");
        peers_close();
    }
}

/* One connection to a host; the first answer of a peer takes ten seconds. */
#define SLOW .pause = 10 * GYRE_SECOND

CLAIM(turns, does_not_have_one_host_wait_for_another, .init = in_order)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b")}, SLOW}, {{OK("1", "c"), OK("1", "d")}}};
    struct gyre_scope s;

    peers_open(scripts, (struct gyre_http_session_options){.per_host = 1});
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask_in_task, "http://x/a");
    gyre_spawn(&s, NULL, ask_in_task, "http://x/b");
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    ask_in_task("http://y/c");
    cr_expect_lt(elapsed(), GYRE_SECOND);
    ask_in_task("http://y/d");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("cdab");
    cr_expect_eq(peers.connected, 2, "what others wait for was closed");
    peers_close();
}

CLAIM(turns, has_who_waits_for_a_host_stand_in_nobodys_way, .init = in_order)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b"), OK("1", "c")}, SLOW},
        {{OK("1", "d")}, SLOW}};
    static const char *const urls[] = {"http://x/a", "http://x/b", "http://x/c",
                                       "http://y/d"};
    struct gyre_scope s;

    peers_open(scripts, (struct gyre_http_session_options){.per_host = 1});
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 4; i++)
        gyre_spawn(&s, NULL, ask_in_task, (void *)urls[i]);
    while (elapsed() < 25 * GYRE_SECOND) {
        must(gyre_sleep(gyre_in(GYRE_SECOND)) == 0);
        must(gyre_list_empty(&session->waiting));
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("adbc");
    peers_close();
}

CLAIM(turns, has_who_waited_for_a_host_queue_behind_who_waits_for_a_link,
      .init = in_order)
{
    static const struct script scripts[] = {
        {{OK("1", "a")}, SLOW}, {{OK("1", "c")}}, {{OK("1", "b")}}};
    static const char *const urls[] = {"http://x/a", "http://x/b",
                                       "http://y/c"};
    struct gyre_scope s;

    peers_open(scripts, (struct gyre_http_session_options){.per_host = 1,
                                                           .connections = 1});
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, ask_in_task, (void *)urls[i]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("acb");
    peers_close();
}

/* Whoever gives up, with a place or without, leaves nothing behind. */
CLAIM(turns, lets_who_waits_give_up_in_either_line, .init = in_order)
{
    static const struct script scripts[] = {{{OK("1", "a")}, SLOW},
                                            {{OK("1", "d"), OK("1", "e")}}};
    static const char *const urls[] = {"http://x/a", "http://x/b", "http://y/c",
                                       "http://y/d", "http://y/e"};

    for (int i = 0; i < 2; i++) {
        struct gyre_future done[5];
        struct gyre_scope s;

        peers_open(scripts, (struct gyre_http_session_options){
                                .per_host = 1, .connections = 1});
        gyre_scope_open(&s, GYRE_FOREVER);
        for (int j = 0; j < 5; j++)
            gyre_spawn(&s, &done[j], ask_in_task, (void *)urls[j]);
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
        gyre_future_cancel(&done[i == 0 ? 1 : 2]);
        gyre_future_cancel(&done[i == 0 ? 2 : 1]);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        expect_notes("!!ade");
        cr_expect_eq(peers.connected, 2);
        peers_close();
    }
}

CLAIM(turns, closes_nothing_that_makes_no_room)
{
    static const struct script scripts[] = {
        {{OK("1", "y"), OK("1", "c")}},
        {{OK("1", "a"), OK("1", "b")}, SLOW},
    };
    struct gyre_scope s;

    peers_open(scripts, (struct gyre_http_session_options){.per_host = 1,
                                                           .connections = 2});
    expect_answer("http://y/", "200 y");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask_in_task, "http://x/a");
    gyre_spawn(&s, NULL, ask_in_task, "http://x/b");
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_answer("http://y/", "200 c");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(peers.connected, 2);
    notes[0] = '\0';
    peers_close();
}

static intptr_t ask_thrice(void *url)
{
    for (int i = 0; i < 3; i++)
        ask_in_task(url);
    return 0;
}

CLAIM(turns, exceeds_no_limit_while_turns_pass)
{
    struct script scripts[9];
    struct gyre_scope s;

    for (int i = 0; i < 9; i++)
        scripts[i] = (struct script){{OK("1", "a")}};
    peers_open(scripts, (struct gyre_http_session_options){.per_host = 1});
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, ask_thrice, "http://x/a");
    for (int i = 0; i < 300; i++) {
        cr_expect_eq(gyre_yield(), 0);
        must(session->links <= 1);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(unmet, 0);
    expect_notes("aaaaaaaaa");
    peers_close();
}

CLAIM(turns, makes_room_by_closing_what_is_only_kept)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true},
                                            {{OK("1", "b")}}};

    peers_open(scripts, (struct gyre_http_session_options){.connections = 1});
    expect_answer("http://x/", "200 a");
    expect_answer("http://y/", "200 b");
    peers_close();
}

CLAIM(turns, closes_what_was_kept_longest)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true},
                                            {{OK("1", "b"), OK("1", "d")}},
                                            {{OK("1", "c")}}};

    peers_open(scripts, (struct gyre_http_session_options){.connections = 2});
    keep_two("http://x/", "http://y/");
    expect_answer("http://z/", "200 c");
    expect_answer("http://y/", "200 d");
    cr_expect_eq(peers.connected, 3);
    peers_close();
}

/* As for who asks again, as a kept one was closed, when somebody else has kept
   one to the same place meanwhile. */
CLAIM(turns, closes_one_to_the_same_place_if_that_has_all_it_may,
      .init = in_order)
{
    static const struct script scripts[] = {{{OK("1", "y"), OK("1", "z")}},
                                            {{OK("1", "x"), ""}},
                                            {{OK("1", "b")}, .stays = true},
                                            {{OK("1", "a")}, .stays = true}};
    struct gyre_scope s;

    peers_open(scripts, (struct gyre_http_session_options){.per_host = 1});
    expect_answer("http://y/", "200 y");
    expect_answer("http://x/", "200 x");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask_in_task, "http://x/a");
    gyre_spawn(&s, NULL, ask_in_task, "http://x/b");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("ba");
    cr_expect_eq(session->links, 2, "one each");
    expect_answer("http://y/", "200 z");
    peers_close();
}

CLAIM(turns, lets_who_waits_be_cancelled_and_the_next_have_its_turn,
      .init = in_order)
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
