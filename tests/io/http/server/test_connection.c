/*
 * test_connection.c - connections: how many there may be, and how they end.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/list.h"
#include "loop/timer.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/tcp.h"
#include "io/http/server/connection.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"
#include "tests/io/loopback.h"
#include "tests/task/world.h"

#define S GYRE_SECOND

enum { MANY = 3000 };

static int wait_for_ever(struct gyre_http_request *r)
{
    (void)r;
    return gyre_sleep(GYRE_FOREVER);
}

static struct gyre_future gate; /* of `wait_at_gate` */

static int wait_at_gate(struct gyre_http_request *r)
{
    intptr_t err = gyre_await(&gate, GYRE_FOREVER);

    return err ? (int)err : hello(r);
}

static int wait_stubbornly(struct gyre_http_request *r)
{
    struct gyre_scope s;
    int err;

    gyre_scope_open_shielded(&s, gyre_in(10 * S));
    err = wait_at_gate(r);
    return (int)gyre_scope_close(&s, err);
}

static int ignore_for_ten_seconds(struct gyre_http_request *r)
{
    struct gyre_scope s;

    (void)r;
    gyre_scope_open_shielded(&s, gyre_in(10 * S));
    cr_expect_neq(gyre_sleep(GYRE_FOREVER), 0);
    return gyre_is_error(gyre_scope_close(&s, 0)) ? -ECANCELED : 0;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {"GET", "/gate", wait_at_gate},
    {"GET", "/stubborn", wait_stubbornly},
    {"GET", "/large", large},
    {"GET", "/ever", wait_for_ever},
    {"GET", "/ignore", ignore_for_ten_seconds},
    {0},
};

/* ---- a server on the loopback network ---- */

struct place {
    struct gyre_http_server *server;
    struct gyre_listener *listener;
    struct gyre_addr addr;
    struct gyre_scope scope;
    struct gyre_future served;
    gyre_time span; /* of serving */
};

static intptr_t serve(void *arg)
{
    struct place *p = arg;

    return gyre_http_serve(p->server, p->listener,
                           p->span > 0 ? gyre_in(p->span)
                                       : (gyre_time)GYRE_FOREVER);
}

static void listen_at(struct place *p, struct gyre_http_server *server)
{
    p->server = server;
    cr_expect_eq(gyre_tcp_listen("127.0.0.1", 0, &p->listener, GYRE_FOREVER),
                 0);
    cr_expect_eq(gyre_listener_addr(p->listener, &p->addr), 0);
}

static void serve_at(struct place *p)
{
    gyre_scope_open_tolerant(&p->scope, gyre_in(30 * S));
    gyre_spawn(&p->scope, &p->served, serve, p);
    cr_expect_eq(gyre_yield(), 0);
}

static void open_place(struct place *p, struct gyre_http_server *server)
{
    listen_at(p, server);
    serve_at(p);
}

static struct gyre_http_server *
new_server(const struct gyre_http_options *options)
{
    struct gyre_http_server *server;

    cr_expect_eq(gyre_http_server_new(&server, routes, options), 0);
    return server;
}

static void close_place(struct place *p, int result)
{
    cr_expect_eq(gyre_await(&p->served, GYRE_FOREVER), result);
    cr_expect_eq(gyre_scope_close(&p->scope, 0), 0);
    gyre_listener_close(p->listener);
}

static struct gyre_stream *connect_to(struct place *p, const char *text)
{
    struct gyre_stream *s;

    cr_expect_eq(gyre_tcp_connect_to(&p->addr, &s, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_write(s, text, strlen(text), GYRE_FOREVER), 0);
    return s;
}

/* How many bytes there are until the end, or an error. */
static ssize_t hear(struct gyre_stream *s, gyre_time span)
{
    gyre_time until = gyre_in(span);
    char buf[4096];
    ssize_t n, all = 0;

    while ((n = gyre_read(s, buf, sizeof buf, until)) > 0)
        all += n;
    return n < 0 ? n : all;
}

/* Is it answered? */
static bool is_served(struct gyre_stream *s)
{
    char buf[1000];

    return gyre_write(s, GET("/"), strlen(GET("/")), GYRE_FOREVER) == 0 &&
           gyre_read(s, buf, sizeof buf, gyre_in(10 * S)) > 0;
}

static void wait_for_requests(struct gyre_http_server *server, uint64_t n)
{
    wait_until(gyre_http_server_counts(server).requests >= n);
}

static void wait_for_busy(struct gyre_http_server *server, size_t n)
{
    wait_until(gyre_http_server_counts(server).busy >= n);
}

/* ---- stopping ---- */

/* What the system has taken of an answer reaches the client, though the
   connection is idle by then, or lingers. */
CLAIM_ON_LOOPBACK(connection, delivers_its_answers_though_the_server_stops)
{
    static const char *const requests[] = {
        GET("/large"),
        "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        GET("/large") "GET /half",
    };

    for (int i = 0; i < 3; i++) {
        struct gyre_http_server *server = new_server(NULL);
        struct gyre_stream *client;
        struct place p = {0};

        open_place(&p, server);
        client = connect_to(&p, requests[i]);
        wait_for_requests(server, 1);
        gyre_http_server_stop(server);
        let_all_settle();
        cr_expect_gt(hear(client, 10 * S), LARGE, "%s", requests[i]);
        gyre_close(client);
        close_place(&p, 0);
        gyre_http_server_free(server);
    }
}

CLAIM_ON_LOOPBACK(connection, delivers_its_answers_though_all_is_cancelled)
{
    struct gyre_http_server *server = new_server(NULL);
    struct gyre_stream *client;
    struct place p = {0};

    open_place(&p, server);
    client = connect_to(&p, GET("/large") GET("/ever"));
    wait_for_requests(server, 1);
    gyre_future_cancel(&p.served);
    let_all_settle();
    cr_expect_gt(hear(client, 10 * S), LARGE);
    gyre_close(client);
    close_place(&p, -ECANCELED);
    gyre_http_server_free(server);
}

/* A plain socket that connects from `from`. */
static int connect_from(const char *from, const struct gyre_addr *to)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, from, 0), 0);
    cr_expect_eq(bind(fd, &a.is.any, a.length), 0);
    cr_expect_eq(connect(fd, &to->is.any, to->length), 0);
    return fd;
}

struct stopper {
    struct gyre_timer timer;
    struct gyre_http_server *server;
};

static void stop(struct gyre_timer *t)
{
    gyre_http_server_stop(GYRE_OWNER(t, struct stopper, timer)->server);
}

/* The poll finds somebody to accept, and then the timer fires; whoever accepts
   runs after that, and what it has got must not hold up the end. */
CLAIM_ON_LOOPBACK(connection, accepted_while_the_server_stops_is_closed)
{
    struct gyre_http_server *server = new_server(NULL);
    struct stopper stopper = {.timer.fire = stop, .server = server};
    gyre_time began = gyre_in(0);
    struct place p = {0};
    int fd;

    open_place(&p, server);
    fd = connect_from("127.0.0.1", &p.addr);
    gyre_timer_start(gyre_loop_current(), &stopper.timer, GYRE_NOW);
    close_place(&p, 0);
    cr_expect_lt(gyre_in(0) - began, 5 * S);
    close(fd);
    gyre_http_server_free(server);
}

CLAIM(connection, with_part_of_a_head_is_told_that_the_server_stops)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, "GET / HT"), "");
    gyre_http_server_stop(s.server);
    cr_expect_str_eq(site_brief(site_ask(&s, "")), "503 ");
    cr_expect(site_ended(&s));
    site_close(&s);
}

/* Nobody waits for it: no task has it. */
CLAIM(connection, of_who_does_not_read_why_he_is_refused_is_closed)
{
    struct site s;

    site_open(&s, routes, NULL, 20);
    cr_expect_eq(gyre_write(s.client, "nonsense\r\n\r\n", 12, GYRE_NOW), 0);
    cr_expect_eq(gyre_await(&s.served, gyre_in(MS)), 0);
    cr_expect_eq(gyre_http_server_counts(s.server).refused, 1);
    site_close(&s);
}

CLAIM(connection, that_ends_within_a_head_is_not_answered)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, "GET / HTTP/1.1\r\nHost: x\r\n"), "");
    cr_expect_eq(gyre_shutdown(s.client, GYRE_NOW), 0);
    cr_expect_str_eq(site_ask(&s, ""), "");
    cr_expect(site_ended(&s));
    cr_expect_eq(gyre_await(&s.served, gyre_in(MS)), 0);
    cr_expect_eq(gyre_http_server_counts(s.server).requests, 0);
    site_close(&s);
}

CLAIM(connection, that_asked_in_time_is_answered_though_the_server_stops)
{
    struct site s;
    const char *answer;

    site_open(&s, routes, NULL, 0);
    cr_expect_eq(gyre_write(s.client, GET("/"), strlen(GET("/")), GYRE_NOW), 0);
    gyre_http_server_stop(s.server);
    answer = site_ask(&s, "");
    cr_expect_str_eq(site_brief(answer), "200 hello");
    cr_expect_not_null(strstr(answer, "Connection: close\r\n"));
    site_close(&s);
}

CLAIM(connection, that_lingers_holds_up_the_end_for_two_seconds_at_most)
{
    gyre_time began = elapsed();
    struct site s;

    site_open(&s, routes, NULL, 0);
    site_ask(&s, "nonsense\r\n\r\n");
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), 0);
    cr_expect_leq(elapsed() - began, 2 * S);
    site_close(&s);
}

/* It may send something more, but not for ever; and finds its answer when it
   looks for it. */
CLAIM(connection, that_lingers_and_sends_too_much_is_read_no_more)
{
    gyre_time began = elapsed();
    char some[4096] = "";
    size_t sent = 0;
    struct site s;
    int err = 0;

    site_open(&s, routes, NULL, sizeof some);
    cr_expect_eq(gyre_write(s.client, "nonsense\r\n\r\n", 12, GYRE_NOW), 0);
    while (sent < 1024 * 1024 &&
           (err = gyre_write(s.client, some, sizeof some, gyre_in(MS))) == 0)
        sent += sizeof some;
    cr_expect_eq(err, -ETIMEDOUT);
    cr_expect_geq(sent, 256 * 1024);
    cr_expect_lt(sent, 512 * 1024);
    cr_expect_gt(gyre_read(s.client, some, sizeof some, gyre_in(S)), 0);
    cr_expect_eq(strncmp(some, "HTTP/1.1 400 ", 13), 0);
    cr_expect_lt(elapsed() - began, S);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), 0);
    cr_expect_leq(elapsed() - began, 2 * S);
    site_close(&s);
}

/* The service is cancelled, and a handler takes no notice: its connection is
   reset all the same, and it is waited for. */
CLAIM(connection, of_what_ignores_a_cancellation_is_reset)
{
    gyre_time began = elapsed();
    struct site s;
    char byte;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, GET("/ignore")), "");
    gyre_future_cancel(&s.served);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(S)), -ETIMEDOUT);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(3 * S / 2)),
                 -ECONNRESET);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), -ECANCELED);
    cr_expect_geq(elapsed() - began, 10 * S);
    gyre_close(s.client);
    cr_expect_eq(gyre_scope_close(&s.scope, 0), 0);
    gyre_http_server_free(s.server);
}

/* It asks before the server serves, and so in time. */
CLAIM_ON_LOOPBACK(connection, is_cancelled_at_the_deadline_of_serving)
{
    struct gyre_http_server *server = new_server(NULL);
    struct place p = {.span = 50 * MS};
    struct gyre_stream *client;

    listen_at(&p, server);
    client = connect_to(&p, GET("/ever"));
    serve_at(&p);
    cr_expect_eq(hear(client, 10 * S), 0);
    gyre_close(client);
    close_place(&p, -ETIMEDOUT);
    gyre_http_server_free(server);
}

/* Only what a cancellation leaves is reset; and the last of it is. */
CLAIM_ON_LOOPBACK(connection, over_tcp_is_reset_as_well)
{
    struct gyre_http_options options = {.grace = 1, .abort = 1};
    struct gyre_http_server *server = new_server(&options);
    struct gyre_stream *client;
    struct place p = {0};

    gyre_future_init(&gate);
    open_place(&p, server);
    client = connect_to(&p, GET("/stubborn"));
    wait_for_busy(server, 1);
    gyre_http_server_stop(server);
    cr_expect_eq(hear(client, 10 * S), -ECONNRESET);
    gyre_future_set(&gate, 0);
    gyre_close(client);
    close_place(&p, 0);
    gyre_http_server_free(server);
}

CLAIM_ON_LOOPBACK(connection, may_be_had_at_several_listeners)
{
    struct gyre_http_server *server = new_server(NULL);
    struct gyre_stream *clients[2];
    struct place p[2] = {{0}, {0}};

    open_place(&p[0], server);
    open_place(&p[1], server);
    for (int i = 0; i < 2; i++) {
        clients[i] = connect_to(&p[i], "");
        cr_expect(is_served(clients[i]));
    }
    cr_expect_eq(gyre_http_server_counts(server).open, 2);
    gyre_http_server_stop(server);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(hear(clients[i], 10 * S), 0);
        gyre_close(clients[i]);
    }
    close_place(&p[1], 0);
    close_place(&p[0], 0);
    gyre_http_server_free(server);
}

/* ---- how many ---- */

/* A connection in memory, to a server. */
struct one {
    struct gyre_http_server *server;
    struct gyre_stream *stream;
};

static intptr_t serve_one(void *arg)
{
    struct one one = *(struct one *)arg;

    return gyre_http_serve_stream(one.server, one.stream, GYRE_FOREVER);
}

/* One more client of a server in memory. */
static struct gyre_stream *come_in(struct gyre_http_server *server,
                                   struct gyre_scope *scope)
{
    struct gyre_stream *ends[2];

    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), 0, ends), 0);
    gyre_spawn(scope, NULL, serve_one, &(struct one){server, ends[1]});
    let_others_run();
    return ends[0];
}

CLAIM(connection, that_is_idle_longest_makes_room_for_another)
{
    struct gyre_http_options options = {.connections = 2};
    struct gyre_http_server *server = new_server(&options);
    struct gyre_stream *clients[3];
    gyre_time began = elapsed();
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < 2; i++) {
        clients[i] = come_in(server, &scope);
        cr_expect(is_served(clients[i]));
    }
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect(is_served(clients[0])); /* so the other is idle longest */
    clients[2] = come_in(server, &scope);
    cr_expect(is_served(clients[2]));
    cr_expect_eq(elapsed() - began, S); /* and was, for a second */
    cr_expect_eq(gyre_http_server_counts(server).open, 2);
    cr_expect_eq(hear(clients[1], 10 * S), 0);
    cr_expect(is_served(clients[0]));
    for (int i = 0; i < 3; i++)
        gyre_close(clients[i]);
    gyre_http_server_stop(server);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_http_server_free(server);
}

CLAIM(connection, that_has_begun_to_ask_makes_no_room)
{
    struct gyre_http_options options = {.connections = 1};
    struct gyre_http_server *server = new_server(&options);
    struct gyre_stream *first, *second;
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    first = come_in(server, &scope);
    cr_expect(is_served(first));
    cr_expect_eq(gyre_write(first, "GET / HT", 8, GYRE_NOW), 0);
    let_others_run();
    second = come_in(server, &scope);
    cr_expect_eq(gyre_sleep(gyre_in(5 * S)), 0);
    cr_expect_eq(hear(first, MS), -ETIMEDOUT);
    cr_expect_eq(gyre_http_server_counts(server).accepted, 1);
    gyre_close(first);
    cr_expect(is_served(second));
    gyre_close(second);
    gyre_http_server_stop(server);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_http_server_free(server);
}

/* One connection is busy until the gate opens, and `other` waits for room. */
static void crowd(struct place *p, struct gyre_http_server *server,
                  struct gyre_stream **busy, struct gyre_stream **other)
{
    gyre_future_init(&gate);
    open_place(p, server);
    *busy = connect_to(p, GET("/gate"));
    wait_for_busy(server, 1);
    *other = connect_to(p, "");
    wait_until(gyre_waiters_first(&server->base.waiting) != NULL);
}

CLAIM_ON_LOOPBACK(connection, that_is_busy_is_waited_for)
{
    struct gyre_http_options options = {.connections = 1};
    struct gyre_http_server *server = new_server(&options);
    struct gyre_stream *busy, *other;
    struct place p = {0};
    char byte;

    crowd(&p, server, &busy, &other);
    cr_expect_eq(gyre_http_server_counts(server).accepted, 1);
    gyre_future_set(&gate, 0);
    cr_expect_eq(gyre_read(busy, &byte, 1, gyre_in(10 * S)), 1);
    gyre_close(busy);
    cr_expect(is_served(other));
    gyre_close(other);
    gyre_http_server_stop(server);
    close_place(&p, 0);
    gyre_http_server_free(server);
}

/* It was accepted, and is waiting for room, when there is nothing left to
   accept from. */
CLAIM_ON_LOOPBACK(connection, that_waits_for_room_outlasts_the_listener)
{
    struct gyre_http_options options = {.connections = 1};
    struct gyre_http_server *server = new_server(&options);
    struct gyre_stream *busy, *other;
    struct place p = {0};

    crowd(&p, server, &busy, &other);
    gyre_listener_close(p.listener);
    p.listener = NULL;
    gyre_future_set(&gate, 0);
    gyre_close(busy);
    gyre_close(other);
    close_place(&p, -EBADF);
    gyre_http_server_free(server);
}

static bool is_refused(struct place *p)
{
    struct gyre_stream *s = connect_to(p, "");
    bool refused = hear(s, 10 * S) == 0;

    gyre_close(s);
    return refused;
}

CLAIM_ON_LOOPBACK(connection, of_which_an_address_has_too_many_is_closed)
{
    struct gyre_http_options options = {.connections = 3, .per_address = 2};
    struct gyre_http_server *server = new_server(&options);
    struct gyre_stream *clients[3];
    struct place p = {0};
    int fd;

    open_place(&p, server);
    for (int i = 0; i < 2; i++) {
        clients[i] = connect_to(&p, "");
        cr_expect(is_served(clients[i]));
    }
    cr_expect(is_refused(&p));
    cr_expect_eq(gyre_http_server_counts(server).turned_away, 1);
    fd = connect_from("127.0.0.2", &p.addr);
    wait_until(gyre_http_server_counts(server).open >= 3);
    gyre_close(clients[0]);
    wait_until(gyre_http_server_counts(server).open <= 2);
    clients[2] = connect_to(&p, "");
    cr_expect(is_served(clients[2]));
    cr_expect(is_refused(&p)); /* and nobody idle makes room for it */
    cr_expect_eq(gyre_http_server_counts(server).open, 3);
    close(fd);
    gyre_close(clients[1]);
    gyre_close(clients[2]);
    gyre_http_server_stop(server);
    close_place(&p, 0);
    gyre_http_server_free(server);
}

/* Two have been accepted from an address that may have one, and wait for room:
   there is some for both, but the second is one too many by then. */
CLAIM_ON_LOOPBACK(connection, that_waited_is_counted_when_it_is_let_in)
{
    struct gyre_http_options options = {.connections = 2, .per_address = 1};
    struct gyre_http_server *server = new_server(&options);
    struct gyre_stream *clients[2];
    struct place p[2] = {{0}, {0}};
    int others[2];

    gyre_future_init(&gate);
    for (int i = 0; i < 2; i++)
        open_place(&p[i], server);
    others[0] = connect_from("127.0.0.2", &p[0].addr);
    others[1] = connect_from("127.0.0.3", &p[1].addr);
    for (int i = 0; i < 2; i++)
        cr_expect_gt(send(others[i], GET("/gate"), strlen(GET("/gate")), 0), 0);
    wait_for_busy(server, 2);
    for (int i = 0; i < 2; i++)
        clients[i] = connect_to(&p[i], "");
    wait_until(gyre_waiters_count(&server->base.waiting) >= 2);
    for (int i = 0; i < 2; i++)
        close(others[i]);
    gyre_future_set(&gate, 0);
    wait_until(gyre_http_server_counts(server).accepted +
                   gyre_http_server_counts(server).turned_away >=
               4);
    cr_expect_eq(gyre_http_server_counts(server).turned_away, 1);
    for (int i = 0; i < 2; i++)
        gyre_close(clients[i]);
    gyre_http_server_stop(server);
    for (int i = 1; i >= 0; i--)
        close_place(&p[i], 0);
    gyre_http_server_free(server);
}

/* ---- whose ---- */

struct peer_log {
    struct gyre_http_log log;
    char peer[GYRE_ADDR_TEXT];
};

static void note_peer(struct gyre_http_log *log,
                      const struct gyre_http_access *access)
{
    struct peer_log *l = GYRE_OWNER(log, struct peer_log, log);

    snprintf(l->peer, sizeof l->peer, "%s", access->peer);
}

static void reset_raw(int fd)
{
    struct linger none = {.l_onoff = 1};

    cr_expect_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none), 0);
    close(fd);
}

/* The system does not tell any more, once the peer has reset it. */
CLAIM_ON_LOOPBACK(connection, is_told_of_with_its_peer_though_that_has_reset_it)
{
    struct peer_log log = {.log.access = note_peer};
    struct gyre_http_options options = {.log = &log.log};
    struct gyre_http_server *server = new_server(&options);
    struct place p = {0};
    int fd;

    gyre_future_init(&gate);
    open_place(&p, server);
    fd = connect_from("127.0.0.2", &p.addr);
    cr_expect_gt(send(fd, GET("/gate"), strlen(GET("/gate")), 0), 0);
    wait_for_busy(server, 1);
    reset_raw(fd);
    gyre_future_set(&gate, 0);
    wait_for_requests(server, 1);
    cr_expect_eq(strncmp(log.peer, "127.0.0.2:", 10), 0, "%s", log.peer);
    gyre_http_server_stop(server);
    close_place(&p, 0);
    gyre_http_server_free(server);
}

/* ---- very many ---- */

struct link {
    struct gyre_http_server *server;
    struct gyre_stream *stream;
};

static intptr_t serve_link(void *arg)
{
    struct link *k = arg;

    return gyre_http_serve_stream(k->server, k->stream, GYRE_FOREVER);
}

static void ask_all(struct gyre_stream *clients[MANY])
{
    char buf[200];

    for (int i = 0; i < MANY; i++)
        must(gyre_write(clients[i], GET("/"), strlen(GET("/")), GYRE_NOW) == 0);
    for (int i = 0; i < MANY; i++)
        must(gyre_read(clients[i], buf, sizeof buf, gyre_in(S)) > 0);
}

CLAIM(connection, is_idle_beside_thousands_and_served)
{
    static struct link links[MANY];
    static struct gyre_stream *clients[MANY];
    struct gyre_http_server *server = new_server(NULL);
    struct gyre_scope scope;

    gyre_scope_open(&scope, gyre_in(1000 * S));
    for (int i = 0; i < MANY; i++) {
        struct gyre_stream *ends[2];

        must(gyre_memory_pair(gyre_loop_current(), 0, ends) == 0);
        clients[i] = ends[0];
        links[i] = (struct link){server, ends[1]};
        must(gyre_spawn(&scope, NULL, serve_link, &links[i]) == 0);
    }
    ask_all(clients);
    cr_expect_eq(gyre_sleep(gyre_in(50 * S)), 0);
    ask_all(clients);
    cr_expect_eq(gyre_http_server_counts(server).open, MANY);
    cr_expect_eq(gyre_http_server_counts(server).requests, 2 * MANY);
    gyre_http_server_stop(server);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(gyre_http_server_counts(server).open, 0);
    for (int i = 0; i < MANY; i++)
        gyre_close(clients[i]);
    gyre_http_server_free(server);
    cr_expect_eq(unmet, 0);
}
