/*
 * test_trials.c - WebSockets of both sides, in every weather, in some hundred
 * orders, cancelled at each cancel point, and short of memory at each turn; and
 * over TCP.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/sim/explore.h"
#include "task/sim/inject.h"
#include "task/task.h"
#include "io/addr.h"
#include "io/tcp.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/websocket/pair.h"
#include "tests/support/faults.h"

static void leave_environment(void)
{
    unsetenv("GYRE_SEED");
    unsetenv("GYRE_POINT");
}

TestSuite(websocket_trials, .init = leave_environment);

static const struct gyre_memory_options weathers[] = {
    {.capacity = 0},
    {.latency = 2 * MS, .bandwidth = 100000},
    {.capacity = 50, .latency = MS, .piece = 30, .ragged = true},
};

enum { WEATHERS = sizeof weathers / sizeof weathers[0], CLIENTS = 2 };

static const struct gyre_memory_options *weather;
static int content, wrong, failure;
static bool shut; /* all of it was cancelled */

/* One that sends by and by, and hears all of it. */
static int converse_by(struct gyre_websocket *ws)
{
    struct gyre_websocket_message m;
    int err = send_text(ws, "first");

    if (err == 0)
        err = gyre_websocket_begin(ws, GYRE_WEBSOCKET_BINARY, GYRE_FOREVER);
    for (int i = 0; i < 3 && err == 0; i++)
        err = gyre_websocket_write(ws, "part ", 5, GYRE_FOREVER);
    if (err == 0)
        err = gyre_websocket_finish(ws, GYRE_FOREVER);
    if (err)
        return err;
    err = gyre_websocket_receive(ws, &m, GYRE_FOREVER);
    if (err == 1) {
        wrong += m.length != 5 || memcmp(m.at, "first", 5) != 0;
        err = gyre_websocket_receive(ws, &m, GYRE_FOREVER);
    }
    if (err == 1)
        wrong += m.length != 15 || memcmp(m.at, "part part part ", 15) != 0;
    if (err != 1)
        return err < 0 ? err : -EIO;
    return gyre_websocket_ping(ws, GYRE_FOREVER);
}

static intptr_t converse(void *arg)
{
    struct gyre_websocket *ws;
    int err = pair_connect(NULL, &ws);

    (void)arg;
    if (err)
        return err > 0 ? -EIO : err;
    err = converse_by(ws);
    if (err == 0)
        err = gyre_websocket_close(ws, 1000, NULL, GYRE_FOREVER);
    gyre_websocket_free(ws);
    content += err == 0;
    failure = err ? err : failure;
    return 0;
}

static intptr_t converse_all(void *arg)
{
    struct gyre_future done[CLIENTS];
    struct gyre_scope s;
    intptr_t err;

    (void)arg;
    content = wrong = failure = 0;
    shut = false;
    memset(&pair, 0, sizeof pair);
    if (weather != NULL)
        pair.weather = *weather;
    err = pair_begin(echo);
    if (err)
        return err;
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    for (int i = 0; i < CLIENTS; i++)
        gyre_spawn(&s, &done[i], converse, NULL);
    for (int i = 0; i < CLIENTS; i++)
        shut |= gyre_await(&done[i], GYRE_FOREVER) != 0;
    (void)gyre_scope_close(&s, 0);
    wrong += gyre_http_server_counts(pair.server).busy > CLIENTS;
    pair_end();
    return failure;
}

static intptr_t converse_well(void *arg)
{
    intptr_t err = converse_all(arg);

    return err ? err : content < CLIENTS || wrong > 0 ? -EIO : 0;
}

Test(websocket_trials, all_is_said_and_heard_in_any_order)
{
    for (int i = 0; i < WEATHERS; i++) {
        struct gyre_exploration e = {.runs = 100};

        weather = &weathers[i];
        cr_expect_eq(gyre_explore(&e, converse_well, NULL), 0, "weather %d", i);
    }
}

static intptr_t converse_anyhow(void *arg)
{
    (void)converse_all(arg);
    return 0;
}

static int nothing_is_wrong(void *arg)
{
    (void)arg;
    return wrong > 0 ? -EILSEQ : 0;
}

/* But for one who was cancelled, or whose server was. */
static int others_are_content(void *arg)
{
    return !shut && content < CLIENTS - 1 ? -EIO : nothing_is_wrong(arg);
}

static void cancel_anywhere(bool only_task, int (*check)(void *arg))
{
    for (int i = 0; i < WEATHERS; i++) {
        struct gyre_injection j = {
            .check = check, .seed = (uint64_t)i, .only_task = only_task};

        weather = &weathers[i];
        cr_expect_eq(gyre_inject(&j, converse_anyhow, NULL), 0, "weather %d",
                     i);
        cr_expect_gt(j.points, 50);
    }
}

Test(websocket_trials, nothing_is_left_wherever_it_is_cancelled)
{
    cancel_anywhere(false, nothing_is_wrong);
}

Test(websocket_trials, who_is_cancelled_anywhere_takes_no_other_along)
{
    cancel_anywhere(true, others_are_content);
}

/* ---- a shortage ---- */

/* Whose peer is short of memory is told so, or finds it gone. */
static int scenario(void)
{
    int err;

    weather = NULL;
    err = (int)gyre_run(converse_all, NULL);
    return err == -EPIPE || err == -EPROTO || err == -EIO || err == -ECONNRESET
               ? -ENOMEM
               : err;
}

Test(websocket_trials, survive_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 30);
}

/* The answer to a page from a host with a long name, which is not admitted. */
static int ask_from_elsewhere(struct gyre_http_server *server)
{
    static char text[2000], answer[400];
    struct gyre_stream *ends[2];
    int err = gyre_memory_pair(gyre_loop_current(), 0, ends);
    ssize_t n;

    if (err)
        return err;
    snprintf(text, sizeof text, ASK("Origin: http://%01000d\r\n"), 0);
    err = gyre_write(ends[0], text, strlen(text), GYRE_FOREVER);
    if (err == 0)
        err = gyre_http_serve_stream(server, ends[1], gyre_in(S));
    else
        gyre_close(ends[1]);
    n = gyre_read(ends[0], answer, sizeof answer, GYRE_NOW);
    wrong += n > 12 && memcmp(answer, "HTTP/1.1 101", 12) == 0;
    gyre_close(ends[0]);
    return n > 12 && memcmp(answer, "HTTP/1.1 403", 12) == 0 ? 0 : -ENOMEM;
}

static bool admit_nobody(struct gyre_http_request *r, const char *origin)
{
    (void)r, (void)origin;
    return false;
}

static intptr_t be_asked_from_elsewhere(void *arg)
{
    int err;

    (void)arg;
    memset(&pair, 0, sizeof pair);
    pair.serving.admits = admit_nobody;
    err = pair_begin(listen_only);
    if (err)
        return err;
    err = ask_from_elsewhere(pair.server);
    pair_end();
    return err;
}

static int scenario_of_origins(void)
{
    return (int)gyre_run(be_asked_from_elsewhere, NULL);
}

Test(websocket_trials, let_nobody_in_for_want_of_memory)
{
    wrong = 0;
    cr_expect_gt(faults_in_memory(scenario_of_origins), 5);
    cr_expect_eq(wrong, 0);
}

/* Posts inside of a message: what was taken is sent, or the peer sees that it
   broke off. */
static int post_inside(struct gyre_websocket *ws)
{
    static char text[3000];
    struct gyre_buf frame = {0};
    int err = gyre_websocket_begin(ws, GYRE_WEBSOCKET_TEXT, GYRE_FOREVER);

    if (err)
        return err;
    failure =
        gyre_websocket_encode(&frame, GYRE_WEBSOCKET_BINARY, text, sizeof text);
    if (failure == 0)
        failure = gyre_websocket_post(ws, &frame);
    gyre_buf_free(&frame);
    err = gyre_websocket_finish(ws, GYRE_FOREVER);
    return failure ? failure : err;
}

static intptr_t hear_what_was_posted(void *arg)
{
    struct gyre_websocket *ws = NULL;
    int err;

    (void)arg;
    failure = wrong = 0;
    err = pair_begin(post_inside);
    if (err)
        return err;
    err = pair_connect(NULL, &ws);
    if (err == 0 && strcmp(receive_text(ws, GYRE_SECOND), "text ") == 0 &&
        failure == 0)
        wrong = strcmp(receive_text(ws, GYRE_SECOND), "0") == 0 &&
                gyre_websocket_code(ws) == 1000;
    else if (err == 0)
        failure = -ENOMEM;
    gyre_websocket_free(ws);
    pair_end();
    return err > 0 ? -ENOMEM : err ? err : failure;
}

static int scenario_of_posts(void)
{
    int err = (int)gyre_run(hear_what_was_posted, NULL);

    cr_expect_not(wrong);
    return err == 0 ? 0 : -ENOMEM;
}

Test(websocket_trials, lose_nothing_that_was_posted_but_for_all)
{
    cr_expect_gt(faults_in_memory(scenario_of_posts), 30);
}

/* ---- over TCP ---- */

static const struct gyre_http_route routes[] = {
    {"GET", "/", accept_and_serve}, {"POST", "/body", echo_whole}, {0}};

struct place {
    struct gyre_http_server *server;
    struct gyre_listener *listener;
};

static intptr_t serve(void *arg)
{
    struct place *p = arg;

    return gyre_http_serve(p->server, p->listener, GYRE_FOREVER);
}

/* A message as large as may be, there and back. */
static void send_much(struct gyre_websocket *ws)
{
    enum { MUCH = 1000000 };
    struct gyre_websocket_message m;
    char *much = malloc(MUCH);

    for (int i = 0; i < MUCH; i++)
        much[i] = (char)(i * 7);
    cr_expect_eq(gyre_websocket_send(ws, GYRE_WEBSOCKET_BINARY, much, MUCH,
                                     GYRE_FOREVER),
                 0);
    cr_expect_eq(gyre_websocket_receive(ws, &m, gyre_in(10 * S)), 1);
    cr_expect(m.length == MUCH && memcmp(m.at, much, MUCH) == 0);
    free(much);
}

static void speak_over_tcp(struct gyre_http_server *server, int port)
{
    struct gyre_http_session *session;
    struct gyre_websocket *ws;
    char url[64];

    snprintf(url, sizeof url, "ws://127.0.0.1:%d/", port);
    cr_expect_eq(gyre_http_session_new(&session), 0);
    cr_expect_eq(
        gyre_websocket_connect(session, url, NULL, &ws, gyre_in(10 * S)), 0);
    gyre_http_session_free(session);
    cr_expect_eq(send_text(ws, "hello"), 0);
    cr_expect_str_eq(receive_text(ws, 10 * S), "text hello");
    send_much(ws);
    cr_expect_eq(gyre_websocket_ping(ws, gyre_in(10 * S)), 0);
    gyre_http_server_stop(server);
    cr_expect_str_eq(receive_text(ws, 10 * S), "0");
    cr_expect_eq(gyre_websocket_code(ws), 1001);
    cr_expect_eq(gyre_websocket_end(ws, 0, gyre_in(10 * S)), 0);
}

static void hold_over_tcp(void)
{
    struct place p;
    struct gyre_scope scope;
    struct gyre_addr a;

    memset(&pair, 0, sizeof pair);
    pair.served = echo;
    cr_expect_eq(gyre_http_server_new(&p.server, routes, NULL), 0);
    cr_expect_eq(gyre_tcp_listen("127.0.0.1", 0, &p.listener, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_listener_addr(p.listener, &a), 0);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, serve, &p);
    speak_over_tcp(p.server, gyre_addr_port(&a));
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_listener_close(p.listener);
    gyre_http_server_free(p.server);
    cr_expect_eq(pair.result, 0);
}

Test(websocket_trials, speak_over_tcp)
{
    hold_for_real(hold_over_tcp, 0);
}

/* ---- a crowd ---- */

enum { CROWD = 50 };

static void say_to_all(struct gyre_stream **clients, const void *bytes,
                       size_t n)
{
    for (int i = 0; i < CROWD; i++)
        cr_expect_eq(gyre_write(clients[i], bytes, n, gyre_in(10 * S)), 0);
}

static void pass_heads(struct gyre_stream **clients)
{
    char line[200] = "";

    for (int i = 0; i < CROWD; i++) {
        do {
            cr_expect_gt(
                gyre_read_line(clients[i], line, sizeof line, gyre_in(10 * S)),
                0);
        } while (line[0] != '\0');
    }
}

/* Ask for something that takes memory to answer, all at once. */
static void use_memory(struct gyre_stream **clients)
{
    static const char head[] =
        "POST /body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        "Content-Length: 12000\r\n\r\n";
    static char body[12000];

    say_to_all(clients, head, sizeof head - 1);
    pass_heads(clients);
    say_to_all(clients, body, sizeof body);
    pass_heads(clients);
    for (int i = 0; i < CROWD; i++)
        cr_expect_eq(
            gyre_read_exact(clients[i], body, sizeof body, gyre_in(10 * S)), 0);
}

static void ping_all(struct gyre_stream **clients)
{
    static const char ping[] = "\x89\x80" ZERO;
    char pong[2];

    say_to_all(clients, ping, sizeof ping - 1);
    for (int i = 0; i < CROWD; i++)
        cr_expect_eq(gyre_read_exact(clients[i], pong, 2, gyre_in(10 * S)), 0);
}

/* Each becomes a WebSocket, says two long things at once, and then nothing any
   more: the second ping comes when those have been received. */
static void use_websockets(struct gyre_stream **clients)
{
    static const char head[8] = "\x82\xfe\x17\x70" ZERO;
    static char messages[2][sizeof head + 0x1770];

    for (int i = 0; i < 2; i++)
        memcpy(messages[i], head, sizeof head);
    say_to_all(clients, ASK(""), sizeof ASK("") - 1);
    pass_heads(clients);
    say_to_all(clients, messages, sizeof messages);
    ping_all(clients);
    ping_all(clients);
}

static void weigh_crowd(struct place *p, struct ledger *books)
{
    struct gyre_stream *clients[CROWD];
    struct gyre_addr a;
    size_t before = books->bytes;

    cr_expect_eq(gyre_listener_addr(p->listener, &a), 0);
    for (int i = 0; i < CROWD; i++)
        cr_expect_eq(gyre_tcp_connect_to(&a, &clients[i], gyre_in(10 * S)), 0);
    use_memory(clients);
    use_websockets(clients);
    cr_expect_lt((books->bytes - before) / CROWD, 16384, "%zu bytes",
                 (books->bytes - before) / CROWD);
    for (int i = 0; i < CROWD; i++)
        gyre_close(clients[i]);
}

static intptr_t hold_crowd(void *books)
{
    struct gyre_scope scope;
    struct place p;

    memset(&pair, 0, sizeof pair);
    pair.served = listen_only;
    cr_expect_eq(gyre_http_server_new(&p.server, routes, NULL), 0);
    cr_expect_eq(gyre_tcp_listen("127.0.0.1", 0, &p.listener, GYRE_FOREVER), 0);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, serve, &p);
    weigh_crowd(&p, books);
    gyre_http_server_stop(p.server);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_listener_close(p.listener);
    gyre_http_server_free(p.server);
    return 0;
}

/* Whatever was there before, and both ends of a connection are in these
   books. */
Test(websocket_trials, need_little_memory_while_they_are_idle)
{
    static struct ledger books = {.base = FAULTS_LEDGER};
    struct gyre_run_options options = {.making.allocator = &books.base};

    cr_expect_eq(gyre_run_with(&options, hold_crowd, &books), 0);
    cr_expect_eq(books.blocks, 0);
    cr_expect(!books.wrong);
}
