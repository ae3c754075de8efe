/*
 * test_server_memory.c - a server in the face of a shortage, and of a crowd:
 * the claims of server.h about memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/allocator.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/tcp.h"
#include "io/http/server/content.h"
#include "io/http/server/server.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"
#include "tests/support/faults.h"

#define S GYRE_SECOND

static int need_slot(struct gyre_http_request *r)
{
    static const struct gyre_http_slot slot = {1000};

    return gyre_http_in_slot(r, &slot) ? gyre_http_next(r) : -ENOMEM;
}

static const struct gyre_http_around around[] = {{need_slot}, {0}};

static int count_json(struct gyre_http_request *r)
{
    const struct gyre_json_value *v;
    struct gyre_cookie c = {"a", gyre_http_cookie(r, "a")};
    int err = gyre_http_set_cookie(r, &c);

    if (err == 0)
        err = gyre_http_body_json(r, &v, GYRE_FOREVER);

    return err ? err : 200 + (int)gyre_json_count(v);
}

static int count_form(struct gyre_http_request *r)
{
    const struct gyre_form *form;
    int err = gyre_http_body_form(r, &form, GYRE_FOREVER);

    return err ? err : 200 + (int)form->count;
}

static int count_parts(struct gyre_http_request *r)
{
    struct gyre_http_part p;
    int more, n = 0;

    while ((more = gyre_http_next_part(r, &p, GYRE_FOREVER)) > 0)
        n++;
    return more < 0 ? more : 200 + n;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {"GET", "/large", large, .around = around},
    {"POST", "/body", echo_whole},
    {"POST", "/json", count_json},
    {"POST", "/form", count_form},
    {"POST", "/parts", count_parts},
    {0},
};

/* ---- a shortage ---- */

static void say_nothing(struct gyre_http_log *log, const char *peer,
                        const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
}

struct service {
    struct gyre_http_server *server;
    struct gyre_stream *stream;
};

static intptr_t serve(void *arg)
{
    struct service *v = arg;

    return gyre_http_serve_stream(v->server, v->stream, GYRE_FOREVER);
}

/* Say all of it, and hear what comes until the server ends the connection. */
static int talk(struct gyre_stream *s)
{
    static const char text[] = GET("/") GET("/large") GET(
        "/nope") "POST /body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
                 "POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n"
                 "Cookie: a=1\r\n"
                 "\r\n[1,2,3]"
                 "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n"
                 "\r\na=1&b=2"
                 "POST /parts HTTP/1.1\r\nHost: x\r\nContent-Length: 52\r\n"
                 "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
                 "--b\r\nContent-Disposition:form-data;name=a\r\n\r\n\r\n--b--"
                 "OPTIONS / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    char buf[4096];
    ssize_t n = gyre_write(s, text, strlen(text), GYRE_FOREVER);

    while (n >= 0 && (n = gyre_read(s, buf, sizeof buf, GYRE_FOREVER)) > 0)
        continue;
    return (int)n;
}

/* A server whose connection fails for want of memory says so, or closes it; it
   is never left waiting, nor is its client. */
static int converse_with(struct gyre_http_server *server)
{
    struct service v = {.server = server};
    struct gyre_stream *ends[2];
    struct gyre_future served;
    struct gyre_scope scope;
    int err = gyre_memory_pair(gyre_loop_current(), 1000, ends);

    if (err)
        return err;
    v.stream = ends[1];
    gyre_scope_open(&scope, GYRE_FOREVER);
    err = gyre_spawn(&scope, &served, serve, &v);
    if (err)
        gyre_close(ends[1]);
    else
        err = talk(ends[0]);
    gyre_close(ends[0]);
    return (int)gyre_scope_close(&scope, err == -EPIPE ? 0 : err);
}

static intptr_t converse(void *arg)
{
    struct gyre_http_log log = {.error = say_nothing};
    struct gyre_http_options options = {.log = &log};
    struct gyre_http_server *server;
    int err = gyre_http_server_new(&server, routes, &options);

    (void)arg;
    if (err)
        return err;
    err = converse_with(server);
    gyre_http_server_free(server);
    return err;
}

static int scenario(void)
{
    return (int)gyre_run(converse, NULL);
}

Test(server, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 20);
}

struct place {
    struct gyre_http_server *server;
    struct gyre_listener *listener;
};

static intptr_t serve_place(void *arg)
{
    struct place *p = arg;

    return gyre_http_serve(p->server, p->listener, GYRE_FOREVER);
}

/* Connect and converse.  1 if that went well, 0 if the connection failed, or
   -ENOMEM if it could not even be made. */
static int visit(const struct gyre_addr *a)
{
    struct gyre_stream *s;
    int err = gyre_tcp_connect_to(a, &s, GYRE_FOREVER);

    if (err)
        return err == -ENOMEM ? err : 0;
    err = talk(s);
    gyre_close(s);
    return err == 0;
}

/* Whose memory fails once, fails one visitor at most. */
static int receive_visitors(struct place *p)
{
    struct gyre_future served;
    struct gyre_scope scope;
    struct gyre_addr a;
    int first, second, err;

    cr_expect_eq(gyre_listener_addr(p->listener, &a), 0);
    gyre_scope_open(&scope, GYRE_FOREVER);
    err = gyre_spawn(&scope, &served, serve_place, p);
    if (err)
        return (int)gyre_scope_close(&scope, err);
    first = visit(&a);
    second = visit(&a);
    cr_expect(first == 1 || second == 1);
    gyre_http_server_stop(p->server);
    cr_expect_eq(gyre_await(&served, GYRE_FOREVER), 0);
    return (int)gyre_scope_close(&scope, first < second ? first : second);
}

static int keep_open(const struct gyre_http_options *options)
{
    struct place p;
    int err = gyre_http_server_new(&p.server, routes, options);

    if (err)
        return err;
    err = gyre_tcp_listen("127.0.0.1", 0, &p.listener, GYRE_FOREVER);
    if (err == 0) {
        err = receive_visitors(&p);
        gyre_listener_close(p.listener);
    }
    gyre_http_server_free(p.server);
    return err;
}

static intptr_t be_visited(void *arg)
{
    struct gyre_http_log log = {.error = say_nothing};
    struct gyre_http_options options = {.log = &log};
    int err = keep_open(&options);

    (void)arg;
    return err < 0 ? err : 0;
}

static int visits(void)
{
    return (int)gyre_run(be_visited, NULL);
}

Test(server, goes_on_accepting_though_the_nth_allocation_fails)
{
    cr_expect_gt(faults_in_memory(visits), 20);
}

/* ---- a crowd ---- */

enum { CROWD = 100 };

static void exchange_with(struct gyre_stream *s)
{
    char buf[1000];

    cr_expect_eq(gyre_write(s, GET("/"), strlen(GET("/")), GYRE_FOREVER), 0);
    cr_expect_gt(gyre_read(s, buf, sizeof buf, GYRE_FOREVER), 0);
}

static void connect_some(struct place *p, struct gyre_stream **clients, int n)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_listener_addr(p->listener, &a), 0);
    for (int i = 0; i < n; i++) {
        cr_expect_eq(gyre_tcp_connect_to(&a, &clients[i], GYRE_FOREVER), 0);
        exchange_with(clients[i]);
    }
}

/* Both ends of each connection are in these books: less than a kilobyte
   together, while none has a request in hand, beside what the first request
   leaves in the pool; and a request more needs no allocation. */
static void weigh_crowd(struct place *p, struct ledger *books)
{
    struct gyre_stream *clients[CROWD];
    size_t before, calls;

    connect_some(p, clients, 1);
    before = books->bytes;
    connect_some(p, clients + 1, CROWD - 1);
    cr_expect_lt((books->bytes - before) / (CROWD - 1), 1024, "%zu bytes",
                 (books->bytes - before) / (CROWD - 1));
    calls = books->calls;
    for (int i = 0; i < CROWD; i++)
        exchange_with(clients[i]);
    cr_expect_eq(books->calls, calls);
    for (int i = 0; i < CROWD; i++)
        gyre_close(clients[i]);
}

static intptr_t crowd(void *arg)
{
    struct gyre_scope scope;
    struct place p;

    cr_expect_eq(gyre_http_server_new(&p.server, routes, NULL), 0);
    cr_expect_eq(gyre_tcp_listen("127.0.0.1", 0, &p.listener, GYRE_FOREVER), 0);
    gyre_scope_open(&scope, gyre_in(30 * S));
    gyre_spawn(&scope, NULL, serve_place, &p);
    weigh_crowd(&p, arg);
    gyre_http_server_stop(p.server);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_listener_close(p.listener);
    gyre_http_server_free(p.server);
    return 0;
}

Test(server, needs_little_memory_for_what_is_idle_and_none_to_answer)
{
    static struct ledger books = {.base = FAULTS_LEDGER};
    struct gyre_run_options options = {.making.allocator = &books.base};

    cr_expect_eq(gyre_run_with(&options, crowd, &books), 0);
    cr_expect_eq(books.blocks, 0);
    cr_expect(!books.wrong);
}
