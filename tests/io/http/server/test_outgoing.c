/*
 * test_outgoing.c - replies on their way: whoever writes them, or has something
 * else to wait for meanwhile.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/exchange.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define POST(path, more)                                                       \
    "POST " path " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" more "\r\n"
#define S GYRE_SECOND

enum { PIECE = 300, NARROW = 100 /* bytes under way */ };

/* ---- several tasks ---- */

static intptr_t write_piece(void *arg)
{
    static const char letters[] = "ab";
    static int pieces;
    char piece[PIECE];

    memset(piece, letters[pieces++ % 2], sizeof piece);
    return gyre_http_reply_write(arg, piece, sizeof piece, GYRE_FOREVER);
}

/* Beside the piece, which is on its way by then. */
static intptr_t write_hastily(void *arg)
{
    let_others_run();
    cr_expect_eq(gyre_http_reply_write(arg, "x", 1, gyre_in(S)), -ETIMEDOUT);
    cr_expect_eq(gyre_http_reply_write(arg, "x", 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_http_reply_end(arg, GYRE_NOW), -ETIMEDOUT);
    return 0;
}

static intptr_t end_reply(void *arg)
{
    let_others_run();
    return gyre_http_reply_end(arg, GYRE_FOREVER);
}

static intptr_t read_all(void *arg)
{
    struct gyre_span body;
    int err = gyre_http_body_whole(arg, &body, GYRE_FOREVER);

    if (err == 0)
        cr_expect_eq(strncmp(body.at, "01234", body.length), 0);
    return err;
}

static intptr_t be_second_to_read(void *arg)
{
    char byte;

    let_others_run();
    cr_expect_eq(gyre_http_read_body(arg, &byte, 1, GYRE_FOREVER), -EBUSY);
    return 0;
}

/* Begin a reply, and leave the rest to those tasks, up to NULL. */
static int begin_and_share(struct gyre_http_request *r,
                           intptr_t (*const tasks[])(void *arg))
{
    int err = gyre_http_reply_begin(r, 200, -1);
    struct gyre_scope scope;

    if (err)
        return err;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; tasks[i] != NULL; i++)
        gyre_spawn(&scope, NULL, tasks[i], r);
    return (int)gyre_scope_close(&scope, 0);
}

static int write_twice(struct gyre_http_request *r)
{
    return begin_and_share(
        r, (intptr_t(*const[])(void *)){write_piece, write_piece, NULL});
}

static int write_beside_haste(struct gyre_http_request *r)
{
    return begin_and_share(
        r, (intptr_t(*const[])(void *)){write_piece, write_hastily, NULL});
}

static int write_and_end(struct gyre_http_request *r)
{
    return begin_and_share(
        r, (intptr_t(*const[])(void *)){write_piece, end_reply, NULL});
}

static int write_and_read(struct gyre_http_request *r)
{
    return begin_and_share(
        r, (intptr_t(*const[])(void *)){write_piece, read_all, NULL});
}

static int read_and_write(struct gyre_http_request *r)
{
    return begin_and_share(
        r, (intptr_t(*const[])(void *)){read_all, write_piece, NULL});
}

static int read_twice(struct gyre_http_request *r)
{
    return begin_and_share(
        r, (intptr_t(*const[])(void *)){read_all, be_second_to_read, NULL});
}

static const struct gyre_http_route shared[] = {
    {"GET", "/twice", write_twice},
    {"GET", "/haste", write_beside_haste},
    {"GET", "/end", write_and_end},
    {"POST", "/duplex", write_and_read},
    {"POST", "/xelpud", read_and_write},
    {"POST", "/readers", read_twice},
    {0},
};

/* What a chunked reply consists of: the letters that its chunks are made of, if
   they are pieces; or how it is wrong.  Before it there may be a 100. */
static const char *chunks_of(const char *reply)
{
    static char letters[8];
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const char *at = reply;
    size_t n = 0;

    if (strncmp(at, go_on, sizeof go_on - 1) == 0)
        at += sizeof go_on - 1;
    at = strstr(at, "\r\n\r\n");
    at = at != NULL ? at + 4 : "";
    while (strncmp(at, "12c\r\n", 5) == 0 && n < sizeof letters - 1) {
        letters[n] = at[5];
        if (strspn(at + 5, (char[]){letters[n++], '\0'}) != PIECE)
            return "a chunk is torn";
        at += 5 + PIECE + 2;
    }
    letters[n] = '\0';
    return strcmp(at, "0\r\n\r\n") == 0 ? letters : at;
}

/* Say it, take nothing for two seconds, and hear all; then say the rest. */
static const char *ask_slowly(struct site *s, const char *text,
                              const char *rest)
{
    static char all[4000];

    cr_expect_eq(gyre_write(s->client, text, strlen(text), gyre_in(S)), 0);
    cr_expect_eq(gyre_sleep(gyre_in(2 * S)), 0);
    snprintf(all, sizeof all, "%s", site_ask(s, rest));
    return all;
}

CLAIM(outgoing, pieces_by_several_tasks_stay_whole)
{
    static const struct {
        const char *text, *chunks;
    } cases[] = {
        {GET("/twice"), "ab"},
        {GET("/haste"), "a"},
        {GET("/end"), "b"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct site s;

        site_open(&s, shared, NULL, NARROW);
        cr_expect_str_eq(chunks_of(ask_slowly(&s, cases[i].text, "")),
                         cases[i].chunks, "%s", cases[i].text);
        cr_expect(!site_ended(&s));
        site_close(&s);
    }
}

CLAIM(outgoing, pieces_may_be_written_while_the_body_is_read)
{
    static const char *const texts[] = {
        POST("/duplex", ""),
        POST("/xelpud", ""),
        POST("/duplex", "Expect: 100-continue\r\n"),
    };

    for (int i = 0; i < 3; i++) {
        struct site s;

        site_open(&s, shared, NULL, NARROW);
        cr_expect_eq(strlen(chunks_of(ask_slowly(&s, texts[i], "01234"))), 1,
                     "%s", texts[i]);
        cr_expect(!site_ended(&s));
        site_close(&s);
    }
}

CLAIM(outgoing, a_body_is_read_by_one_task_at_a_time)
{
    struct site s;

    site_open(&s, shared, NULL, 0);
    cr_expect_str_eq(chunks_of(ask_slowly(&s, POST("/readers", ""), "01234")),
                     "");
    cr_expect(!site_ended(&s));
    site_close(&s);
}

/* ---- what goes while a body is waited for ---- */

static int read_hastily(struct gyre_http_request *r)
{
    char byte;
    ssize_t n = gyre_http_read_body(r, &byte, 1, gyre_in(MS));

    cr_expect_eq(n, -ETIMEDOUT);
    n = gyre_http_read_body(r, &byte, 1, gyre_in(10 * S));
    return n == 1 ? gyre_http_reply(r, 200, "read", 4) : (int)n;
}

static const struct gyre_http_route reading[] = {
    {"GET", "/", hello}, {"POST", "/", read_hastily}, {0}};

/* There is no room for the replies before it, until the client takes them; it
   takes them late, and says the rest before or after that. */
CLAIM(outgoing, replies_are_whole_though_a_handler_reads_in_haste)
{
    static const char text[] = GET("/") GET("/") POST("/", "");

    for (int early = 0; early < 2; early++) {
        struct site s;

        site_open(&s, reading, NULL, sizeof text - 1);
        cr_expect_eq(gyre_write(s.client, text, sizeof text - 1, GYRE_NOW), 0);
        cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
        if (early)
            cr_expect_eq(gyre_write(s.client, "01234", 5, gyre_in(S)), 0);
        cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
        cr_expect_str_eq(site_brief(site_ask_for(&s, early ? "" : "01234", S)),
                         "200 hello; 200 hello; 200 read");
        cr_expect(!site_ended(&s));
        site_close(&s);
    }
}

static int ignore_body(struct gyre_http_request *r)
{
    return gyre_http_reply(r, 200, "ignored", 7);
}

static const struct gyre_http_route ignoring[] = {
    {"GET", "/", hello}, {"POST", "/", ignore_body}, {0}};

CLAIM(outgoing, replies_leave_while_a_body_is_dropped)
{
    static const char text[] = GET("/") GET("/") POST("/", "");
    struct site s;

    site_open(&s, ignoring, NULL, sizeof text - 1);
    cr_expect_eq(gyre_write(s.client, text, sizeof text - 1, GYRE_NOW), 0);
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", S)),
                     "200 hello; 200 hello; 200 ignored");
    cr_expect(!site_ended(&s));
    site_close(&s);
}

CLAIM(outgoing, nothing_is_due_of_a_connection_that_has_ended)
{
    static const char text[] = GET("/") GET("/") POST("/", "");
    struct site s;

    site_open(&s, ignoring, NULL, sizeof text - 1);
    cr_expect_eq(gyre_write(s.client, text, sizeof text - 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_write(s.client, "01234", 5, GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_str_eq(site_brief(site_ask(&s, "")),
                     "200 hello; 200 hello; 200 ignored");
    cr_expect_not_null(s.server->pool);
    cr_expect(!gyre_timer_started(&s.server->pool->overdue));
    site_close(&s);
}

/* ---- time ---- */

Test(outgoing, bytes_have_time_at_a_rate_and_at_most_for_ever)
{
    cr_expect_eq(gyre_http_time_of(1999, 500), 3 * S);
    cr_expect_eq(gyre_http_time_of(UINT64_MAX, 1), GYRE_FOREVER);
    cr_expect_eq(gyre_http_time_of(UINT64_MAX, UINT64_MAX), S);
}

/* ---- what cannot go on ---- */

enum { LONG = 131072 };

static int write_long(struct gyre_http_request *r)
{
    static char bytes[LONG];

    cr_expect_eq(gyre_http_reply_begin(r, 200, sizeof bytes), 0);
    return gyre_http_reply_write(r, bytes, sizeof bytes, GYRE_FOREVER);
}

/* There is room for the first half of it, to the last byte: nothing is torn,
   but it cannot be written again. */
static int write_long_twice(struct gyre_http_request *r)
{
    static char bytes[LONG];

    cr_expect_eq(gyre_http_reply_begin(r, 200, sizeof bytes), 0);
    cr_expect_eq(gyre_http_reply_write(r, bytes, sizeof bytes, gyre_in(S)),
                 -ETIMEDOUT);
    cr_expect_eq(gyre_http_reply_write(r, bytes, sizeof bytes, gyre_in(5 * S)),
                 -EMSGSIZE);
    cr_expect_eq(
        gyre_http_reply_write(r, bytes, sizeof bytes / 2, gyre_in(5 * S)),
        -EPIPE);
    cr_expect_eq(gyre_http_reply_end(r, gyre_in(5 * S)), -EPIPE);
    return -ECANCELED;
}

static const struct gyre_http_route longs[] = {
    {"GET", "/long", write_long}, {"GET", "/twice", write_long_twice}, {0}};

CLAIM(outgoing, a_body_written_in_part_is_not_written_again)
{
    struct site s;
    const char *answer;
    size_t n;

    site_open(&s, longs, NULL, 0);
    answer = site_ask(&s, GET("/long"));
    n = (size_t)(strstr(answer, "\r\n\r\n") + 4 - answer);
    site_close(&s);

    site_open(&s, longs, NULL, n + LONG / 2);
    n = strlen(GET("/twice"));
    cr_expect_eq(gyre_write(s.client, GET("/twice"), n, GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(10 * S)), 0);
    site_ask(&s, "");
    cr_expect(site_ended(&s));
    site_close(&s);
}
