/*
 * test_takeover.c - a handler that takes the connection over has its stream,
 * from the byte behind the request on, and nobody else touches that.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loop/job.h"
#include "loop/list.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/http/server/content.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"
#include "tests/support/faults.h"

#define S GYRE_SECOND

#define UPGRADE(path, fields)                                                  \
    "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n" fields "\r\n"
#define ECHO(path) UPGRADE(path, "Upgrade: echo\r\n")

static int taken; /* what gyre_http_take_over returned */

/* Say what comes, in brackets, until the end. */
static int echo(struct gyre_stream *s)
{
    char some[100];
    ssize_t n;
    int err = 0;

    while (err == 0 && (n = gyre_read(s, some, sizeof some, GYRE_FOREVER)) != 0)
        err = n < 0 ? (int)n : gyre_write(s, some, (size_t)n, GYRE_FOREVER);
    return err;
}

static int switch_to_echo(struct gyre_http_request *r)
{
    struct gyre_stream *s;

    taken = gyre_http_set_header(r, "X-Kind", "plain");
    if (taken == 0)
        taken = gyre_http_take_over(r, "echo", &s, GYRE_FOREVER);
    if (taken)
        return taken == -EPROTO ? 426 : taken == -EINVAL ? 400 : taken;
    cr_expect_eq(gyre_http_reply_text(r, 200, "no more"), -EALREADY);
    return echo(s);
}

static int switch_at_once(struct gyre_http_request *r)
{
    struct gyre_stream *s;

    taken = gyre_http_take_over(r, "echo", &s, GYRE_NOW);
    return taken ? gyre_http_reply_text(r, 200, "instead") : echo(s);
}

static int ask_for_nonsense(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply_upgrade(r, "a b"), -EINVAL);
    return 204;
}

/* A tunnel, say: what is answered is the handler's to say. */
static int hijack(struct gyre_http_request *r)
{
    struct gyre_stream *s;

    taken = gyre_http_take_over(r, NULL, &s, GYRE_FOREVER);
    if (taken == 0)
        taken = gyre_write(s, "HTTP/1.1 200 OK\r\n\r\n", 19, GYRE_FOREVER);
    return taken ? taken : echo(s);
}

static int hijack_after_body(struct gyre_http_request *r)
{
    struct gyre_span body;
    int err = gyre_http_body_whole(r, &body, GYRE_FOREVER);

    if (err == 0)
        err = hijack(r);
    cr_expect_eq(body.at[body.length], '\0');
    return err;
}

/* Says what it has read before it takes the connection over. */
static int hijack_and_remember(struct gyre_http_request *r)
{
    struct gyre_stream *s;
    struct gyre_span body;
    const struct gyre_json_value *value;
    const struct gyre_form *form;
    char text[100];
    int err = gyre_http_body_whole(r, &body, GYRE_FOREVER);

    if (err == 0)
        err = gyre_http_body_json(r, &value, GYRE_FOREVER);
    if (err == 0)
        err = gyre_http_body_form(r, &form, GYRE_FOREVER);
    if (err == 0)
        err = gyre_http_take_over(r, NULL, &s, GYRE_FOREVER);
    if (err)
        return err;
    snprintf(text, sizeof text, "%.*s %s %s", (int)body.length, body.at,
             gyre_json_as_string(value), form->pairs[0].name);
    return gyre_write(s, text, strlen(text), GYRE_FOREVER);
}

static int take_after_reply_begun(struct gyre_http_request *r)
{
    struct gyre_stream *s;
    int err = gyre_http_reply_begin(r, 200, -1);

    taken = gyre_http_take_over(r, "echo", &s, GYRE_FOREVER);
    return err;
}

/* Takes it over by a deadline that is too near, and replies instead. */
static int take_in_haste(struct gyre_http_request *r)
{
    struct gyre_stream *s;

    if (gyre_sleep(gyre_in(100 * MS)) != 0)
        return -ECANCELED;
    taken = gyre_http_take_over(r, "echo", &s, gyre_in(S));
    return gyre_http_reply_text(r, 200, "late");
}

static int fail_when_taken(struct gyre_http_request *r)
{
    struct gyre_stream *s;

    taken = gyre_http_take_over(r, "echo", &s, GYRE_FOREVER);
    return -EILSEQ;
}

/* ---- who is told of a stop ---- */

struct told {
    struct gyre_job job;
    struct gyre_scope *scope;
    int times;
};

static struct told told;
static int asked; /* what gyre_http_when_stopping returned */

static void tell(struct gyre_job *j)
{
    struct told *t = GYRE_OWNER(j, struct told, job);

    t->times++;
    gyre_scope_cancel(t->scope);
}

/* Echoes until the server stops, and says "bye" then. */
static int echo_until_stopped(struct gyre_http_request *r)
{
    struct gyre_stream *s;
    struct gyre_scope scope;

    taken = gyre_http_take_over(r, "echo", &s, GYRE_FOREVER);
    gyre_scope_open(&scope, GYRE_FOREVER);
    told = (struct told){.job.run = tell, .scope = &scope};
    asked = gyre_http_when_stopping(r, &told.job);
    if (asked == 0)
        (void)echo(s);
    (void)gyre_scope_close(&scope, 0);
    return gyre_write(s, "bye", 3, GYRE_FOREVER);
}

/* Asks when the server may be stopping already. */
static int ask_late(struct gyre_http_request *r)
{
    int err = gyre_sleep(gyre_in(S));

    told = (struct told){.job.run = tell};
    asked = gyre_http_when_stopping(r, &told.job);
    return err ? err : gyre_http_reply_text(r, 200, "done");
}

/* Goes on until it is cancelled, and is not to be told. */
static int echo_and_forget(struct gyre_http_request *r)
{
    struct gyre_stream *s;

    told = (struct told){.job.run = tell};
    cr_expect_eq(gyre_http_when_stopping(r, &told.job), 0);
    cr_expect_eq(gyre_http_when_stopping(r, NULL), 0);
    taken = gyre_http_take_over(r, "echo", &s, GYRE_FOREVER);
    return echo(s);
}

/* Wishes to be told, and is through before its reply is. */
static int wish_and_return(struct gyre_http_request *r)
{
    told = (struct told){.job.run = tell};
    cr_expect_eq(gyre_http_when_stopping(r, &told.job), 0);
    return large(r);
}

/* Goes on though it is cancelled, for a while. */
static int stay_in_a_shield(struct gyre_http_request *r)
{
    struct gyre_stream *s;
    struct gyre_scope shield;

    taken = gyre_http_take_over(r, "echo", &s, GYRE_FOREVER);
    gyre_scope_open_shielded(&shield, gyre_in(100 * S));
    told.times = echo(s);
    return (int)gyre_scope_close(&shield, 0);
}

static void count_telling(struct gyre_job *j)
{
    GYRE_OWNER(j, struct told, job)->times++;
}

/* Is told, and goes on for a while, whoever cancels it. */
static int stay_when_told(struct gyre_http_request *r)
{
    struct gyre_scope shield;
    int err;

    told = (struct told){.job.run = count_telling};
    asked = gyre_http_when_stopping(r, &told.job);
    gyre_scope_open_shielded(&shield, gyre_in(100 * S));
    err = gyre_sleep(gyre_in(5 * S));
    err = (int)gyre_scope_close(&shield, err);
    return err ? err : 204;
}

static int take_in_haste_after_body(struct gyre_http_request *r)
{
    struct gyre_span body;
    int err = gyre_http_body_whole(r, &body, GYRE_FOREVER);

    return err ? err : take_in_haste(r);
}

static const struct gyre_http_around vigilant[] = {{gyre_http_unless_gone},
                                                   {0}};

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {"GET", "/vigilant", switch_to_echo, .around = vigilant},
    {"POST", "/haste", take_in_haste_after_body},
    {"GET", "/slow", wait_a_second},
    {"GET", "/echo", switch_to_echo},
    {"GET", "/at_once", switch_at_once},
    {"GET", "/nonsense", ask_for_nonsense},
    {"POST", "/echo", switch_to_echo},
    {"GET", "/hijack", hijack},
    {"POST", "/hijack", hijack_after_body},
    {"POST", "/remember", hijack_and_remember},
    {"GET", "/begun", take_after_reply_begun},
    {"GET", "/haste", take_in_haste},
    {"GET", "/fail", fail_when_taken},
    {"GET", "/told", echo_until_stopped},
    {"GET", "/late", ask_late},
    {"GET", "/forget", echo_and_forget},
    {"GET", "/wish", wish_and_return},
    {"GET", "/shield", stay_in_a_shield},
    {"GET", "/stay", stay_when_told},
    {0},
};

/* ---- what is said about it in the log ---- */

static char logged[200];

static void log_access(struct gyre_http_log *log,
                       const struct gyre_http_access *access)
{
    (void)log;
    sprintf(logged + strlen(logged), "%d;", access->status);
}

static void log_error(struct gyre_http_log *log, const char *peer,
                      const char *what, int err)
{
    (void)log, (void)peer;
    sprintf(logged + strlen(logged), "%s %d;", what, err);
}

static struct gyre_http_log log_to_memory = {log_access, log_error};
static const struct gyre_http_options logging = {.log = &log_to_memory};

/* ---- claims ---- */

CLAIM(takeover, gives_the_stream_with_what_came_behind_the_request)
{
    struct site s;
    const char *answer;

    site_open(&s, routes, NULL, 0);
    answer = site_ask(&s, ECHO("/echo") "and more");
    cr_expect_eq(strncmp(answer, "HTTP/1.1 101 Switching Protocols\r\n", 34),
                 0);
    cr_expect_not_null(strstr(answer, "\r\nConnection: upgrade\r\n"));
    cr_expect_not_null(strstr(answer, "\r\nUpgrade: echo\r\n"));
    cr_expect_not_null(strstr(answer, "\r\nX-Kind: plain\r\n"));
    cr_expect_null(strstr(answer, "Content-Length"));
    cr_expect_str_eq(strstr(answer, "\r\n\r\n") + 4, "and more");
    cr_expect_str_eq(site_ask(&s, GET("/")), GET("/"));
    cr_expect_eq(gyre_shutdown(s.client, GYRE_FOREVER), 0);
    cr_expect(site_ended(&s));
    site_close(&s);
}

CLAIM(takeover, comes_behind_the_replies_to_what_was_asked_before)
{
    struct site s;
    const char *answer;

    site_open(&s, routes, NULL, 0);
    answer = site_ask_for(&s, GET("/") GET("/slow") ECHO("/echo") "x", 2 * S);
    cr_expect_not_null(strstr(answer, "hello"));
    cr_expect_lt(strstr(answer, "hello"), strstr(answer, "slept"));
    cr_expect_lt(strstr(answer, "slept"), strstr(answer, " 101 "));
    cr_expect_str_eq(strstr(strstr(answer, " 101 "), "\r\n\r\n") + 4, "x");
    site_close(&s);
}

CLAIM(takeover, is_for_those_who_ask_for_the_protocol)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/echo"))), "426 ");
    cr_expect_str_eq(
        site_brief(site_ask(&s, UPGRADE("/echo", "Upgrade: other\r\n"))),
        "426 ");
    cr_expect_str_eq(site_brief(site_ask(&s, "GET /echo HTTP/1.1\r\nHost: x\r\n"
                                             "Upgrade: echo\r\n\r\n")),
                     "426 ");
    cr_expect_str_eq(
        site_brief(site_ask(&s, UPGRADE("/echo", "Upgrade: other, Echo\r\n"))),
        "101 ");
    site_close(&s);
}

CLAIM(takeover, may_leave_the_answer_to_the_handler)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, GET("/hijack") "tunnel"),
                     "HTTP/1.1 200 OK\r\n\r\ntunnel");
    site_close(&s);
}

CLAIM(takeover, comes_behind_the_body_of_the_request)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(
        site_brief(site_ask(&s, "POST /echo HTTP/1.1\r\nHost: x\r\n"
                                "Connection: upgrade\r\nUpgrade: echo\r\n"
                                "Content-Length: 4\r\n\r\nbody")),
        "400 ");
    cr_expect_eq(taken, -EINVAL);
    cr_expect_str_eq(site_ask(&s, "POST /hijack HTTP/1.1\r\nHost: x\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n"
                                  "4\r\nbody\r\n0\r\n\r\nbehind"),
                     "HTTP/1.1 200 OK\r\n\r\nbehind");
    site_close(&s);
}

CLAIM(takeover, leaves_what_was_read_before)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, "POST /hijack HTTP/1.1\r\nHost: x\r\n"
                                  "Content-Length: 0\r\n\r\nbehind"),
                     "HTTP/1.1 200 OK\r\n\r\nbehind");
    site_close(&s);
    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, "POST /remember HTTP/1.1\r\nHost: x\r\n"
                                  "Content-Length: 6\r\n\r\n\"read\""),
                     "\"read\" read \"read\"");
    site_close(&s);
}

CLAIM(takeover, comes_too_late_once_a_reply_was_begun)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    (void)site_ask(&s, ECHO("/begun"));
    cr_expect_eq(taken, -EALREADY);
    site_close(&s);
}

/* The replies before fill the way to the client, which does not read. */
CLAIM(takeover, that_times_out_before_a_byte_is_sent_leaves_a_reply)
{
    static const char text[] = GET("/") GET("/") ECHO("/haste") GET("/");
    struct site s;

    site_open(&s, routes, NULL, sizeof text);
    cr_expect_eq(gyre_write(s.client, text, sizeof text - 1, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_sleep(gyre_in(2 * S)), 0);
    cr_expect_eq(taken, -ETIMEDOUT);
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", S)),
                     "200 hello; 200 hello; 200 late; 200 hello");
    site_close(&s);
}

/* What came behind a body that came later is given back once. */
CLAIM(takeover, that_times_out_behind_a_body_leaves_what_is_behind_that)
{
    static const char text[] =
        GET("/") GET("/") "POST /haste HTTP/1.1\r\nHost: x\r\n"
                          "Connection: upgrade\r\nUpgrade: echo\r\n"
                          "Content-Length: 4\r\n\r\n";
    struct site s;

    site_open(&s, routes, NULL, 150);
    cr_expect_eq(gyre_write(s.client, text, sizeof text - 1, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_write(s.client, "body" GET("/"), strlen("body" GET("/")),
                            GYRE_FOREVER),
                 0);
    cr_expect_eq(gyre_sleep(gyre_in(2 * S)), 0);
    cr_expect_eq(taken, -ETIMEDOUT);
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", S)),
                     "200 hello; 200 hello; 200 late; 200 hello");
    site_close(&s);
}

CLAIM(takeover, is_of_the_stream_alone_when_the_peer_was_looked_out_for)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    (void)site_ask(&s, ECHO("/vigilant"));
    cr_expect_str_eq(site_ask(&s, "and more"), "and more");
    site_close(&s);
}

CLAIM(takeover, is_told_to_the_log_when_it_is_over)
{
    struct site s;

    logged[0] = '\0';
    site_open(&s, routes, &logging, 0);
    (void)site_ask(&s, ECHO("/fail"));
    cr_expect(site_ended(&s));
    cr_expect_str_eq(logged, "a handler failed -84;101;");
    cr_expect_eq(gyre_http_server_counts(s.server).requests, 1);
    cr_expect_eq(gyre_http_server_counts(s.server).open, 0);
    site_close(&s);
}

CLAIM(takeover, has_the_handler_told_when_the_server_begins_to_stop)
{
    struct site s;
    const char *answer;

    site_open(&s, routes, NULL, 0);
    (void)site_ask(&s, ECHO("/told"));
    gyre_http_server_stop(s.server);
    answer = site_ask(&s, "");
    cr_expect_eq(told.times, 1);
    cr_expect_str_eq(answer, "bye");
    cr_expect(site_ended(&s));
    cr_expect_eq(gyre_await(&s.served, gyre_in(MS)), 0);
    cr_expect_lt(elapsed(), S);
    site_close(&s);
}

CLAIM(takeover, has_nobody_told_who_asks_when_it_has_begun)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    (void)site_ask(&s, GET("/late"));
    gyre_http_server_stop(s.server);
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", 2 * S)), "200 done");
    cr_expect_eq(asked, -ECANCELED);
    cr_expect_eq(told.times, 0);
    site_close(&s);
}

CLAIM(takeover, does_not_have_those_told_who_have_returned_or_forgot)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_eq(
        gyre_write(s.client, GET("/wish"), strlen(GET("/wish")), GYRE_FOREVER),
        0);
    let_others_run();
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_neq(site_ask(&s, "")[0], 0);
    cr_expect_eq(told.times, 0);
    site_close(&s);
    site_open(&s, routes, NULL, 0);
    (void)site_ask(&s, ECHO("/forget"));
    gyre_http_server_stop(s.server);
    (void)site_ask_for(&s, "", 9 * S);
    cr_expect_eq(told.times, 0);
    cr_expect_eq(gyre_future_done(&s.served), false);
    cr_expect_eq(gyre_await(&s.served, gyre_in(2 * S)), 0);
    site_close(&s);
}

CLAIM(takeover, has_who_asked_told_once_though_all_is_cancelled_too)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    (void)site_ask(&s, GET("/stay"));
    gyre_http_server_stop(s.server);
    (void)site_ask(&s, "");
    cr_expect_eq(told.times, 1);
    gyre_future_cancel(&s.served);
    cr_expect_eq(gyre_await(&s.served, gyre_in(9 * S)), -ECANCELED);
    cr_expect_eq(told.times, 1);
    gyre_close(s.client);
    cr_expect_eq(gyre_scope_close(&s.scope, 0), 0);
    gyre_http_server_free(s.server);
}

CLAIM(takeover, is_cut_but_not_closed_under_who_goes_on)
{
    struct site s;

    told.times = 0;
    site_open(&s, routes, NULL, 0);
    (void)site_ask(&s, ECHO("/shield"));
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_await(&s.served, gyre_in(13 * S)), 0);
    cr_expect_eq(told.times, -ECONNRESET);
    site_close(&s);
}

CLAIM(takeover, that_was_announced_in_part_is_followed_by_no_reply)
{
    enum { ROOM = 60 };
    struct site s;
    const char *heard;

    site_open(&s, routes, NULL, ROOM);
    heard = site_ask(&s, ECHO("/at_once"));
    cr_expect_eq(taken, -ETIMEDOUT);
    cr_expect_eq(strncmp(heard, "HTTP/1.1 101 ", 13), 0);
    cr_expect_eq(strlen(heard), ROOM);
    cr_expect(site_ended(&s));
    site_close(&s);
}

static int calls; /* of handlers */

static int count(struct gyre_http_request *r)
{
    calls++;
    return gyre_http_next(r);
}

CLAIM(takeover, that_was_announced_in_part_is_followed_by_no_handler)
{
    static const struct gyre_http_around counting[] = {{count}, {0}};
    static const char text[] = ECHO("/at_once") GET("/") GET("/");
    const struct gyre_http_options options = {.around = counting};
    struct site s;

    for (size_t room = 40; room < 109; room += 4) {
        calls = 0;
        site_open(&s, routes, &options, room);
        (void)site_ask(&s, text);
        cr_expect_eq(taken, -ETIMEDOUT);
        cr_expect_eq(calls, 1, "%zu bytes", room);
        site_close(&s);
    }
}

CLAIM(takeover, cannot_be_asked_for_by_what_is_no_protocol)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/nonsense"))), "204 ");
    site_close(&s);
}

/* ---- memory ---- */

static void say_nothing(struct gyre_http_log *log, const char *peer,
                        const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
}

/* Who is told nothing but of a shortage. */
static int converse_with(struct gyre_http_server *server)
{
    static const char text[] = GET("/") ECHO("/echo") "and more";
    struct gyre_stream *ends[2];
    int err = gyre_memory_pair(gyre_loop_current(), 0, ends);

    if (err)
        return err;
    err = gyre_write(ends[0], text, sizeof text - 1, GYRE_FOREVER);
    if (err == 0)
        err = gyre_shutdown(ends[0], GYRE_FOREVER);
    if (err == 0)
        err = gyre_http_serve_stream(server, ends[1], GYRE_FOREVER);
    else
        gyre_close(ends[1]);
    gyre_close(ends[0]);
    return err ? err : taken;
}

static intptr_t converse(void *arg)
{
    struct gyre_http_log log = {.error = say_nothing};
    struct gyre_http_options options = {.log = &log};
    struct gyre_http_server *server;
    int err = gyre_http_server_new(&server, routes, &options);

    (void)arg;
    taken = 0;
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

Test(takeover, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 10);
}
