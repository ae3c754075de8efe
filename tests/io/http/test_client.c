/*
 * test_client.c - the claims of client.h, against a peer that says what it is
 * told to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/http/client.h"
#include "io/http/fields.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

TestSuite(client, .timeout = 60);

#define OK(body_length, body)                                                  \
    "HTTP/1.1 200 OK\r\nContent-Length: " body_length "\r\n\r\n" body

/* What becomes of one connection: it answers each request with the next of
   these, up to NULL; then it closes, or is silent. */
struct script {
    const char *answers[8];
    bool stays;   /* does not close at the end */
    size_t piece; /* bytes at a time; 0 for all at once */
};

/* Connections are to peers that follow the scripts, one after the other. */
struct peers {
    struct gyre_http_connector connector;
    struct gyre_scope *scope;
    const struct script *scripts;
    int connected;    /* so far */
    int open;         /* now */
    char heard[4000]; /* all requests */
    gyre_time slow;   /* what connecting takes */
};

struct peer {
    struct peers *peers;
    const struct script *script;
    struct gyre_stream *stream;
};

/* Hear a request: its head, and a body as long as it says. */
static bool hear(struct peer *p)
{
    char *heard = p->peers->heard;
    size_t from = strlen(heard), used = from, most = sizeof p->peers->heard;
    char *end = NULL, *field;
    ssize_t n;

    while (end == NULL) {
        n = gyre_read(p->stream, heard + used, most - 1 - used, GYRE_FOREVER);
        if (n <= 0)
            return false;
        used += (size_t)n;
        heard[used] = '\0';
        end = strstr(heard + from, "\r\n\r\n");
    }
    field = strstr(heard + from, "Content-Length: ");
    while (field != NULL &&
           used < (size_t)(end + 4 - heard) + (size_t)atoi(field + 16)) {
        n = gyre_read(p->stream, heard + used, most - 1 - used, GYRE_FOREVER);
        if (n <= 0)
            return false;
        used += (size_t)n;
        heard[used] = '\0';
    }
    return true;
}

static int say(struct peer *p, const char *answer)
{
    size_t n = strlen(answer), piece = p->script->piece;
    int err = 0;

    for (size_t at = 0; err == 0 && at < n; at += piece) {
        piece = piece == 0 || piece > n - at ? n - at : piece;
        err = gyre_write(p->stream, answer + at, piece, GYRE_FOREVER);
        if (err == 0 && p->script->piece > 0)
            err = gyre_yield();
    }
    return err;
}

static intptr_t follow(void *arg)
{
    struct peer *p = arg;
    const char *const *answer = p->script->answers;

    while (*answer != NULL && hear(p) && say(p, *answer) == 0)
        answer++;
    if (p->script->stays && *answer == NULL)
        (void)hear(p);
    gyre_close(p->stream);
    p->peers->open--;
    free(p);
    return 0;
}

static int connect_peer(struct gyre_http_connector *c, const char *host,
                        int port, bool secure, struct gyre_stream **out,
                        gyre_time deadline)
{
    struct peers *peers = GYRE_OWNER(c, struct peers, connector);
    struct peer *p;
    struct gyre_stream *ends[2];
    int err;

    (void)host;
    (void)port;
    (void)secure;
    err = peers->slow > 0 && deadline < gyre_in(peers->slow)
              ? gyre_sleep(deadline) ? -ECANCELED : -ETIMEDOUT
              : gyre_sleep(gyre_in(peers->slow));
    if (err)
        return err;
    p = malloc(sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    err = gyre_memory_pair(gyre_loop_current(), 0, ends);
    if (err) {
        free(p);
        return err;
    }
    *p = (struct peer){peers, &peers->scripts[peers->connected++], ends[1]};
    peers->open++;
    if (gyre_spawn(peers->scope, NULL, follow, p) != 0) {
        peers->open--;
        gyre_close(ends[0]);
        gyre_close(ends[1]);
        free(p);
        return -ENOMEM;
    }
    *out = ends[0];
    return 0;
}

/* A session whose peers follow `scripts`, while the block behind it runs. */
static struct peers peers;
static struct gyre_scope scope;
static struct gyre_http_session *session;

static void open_with(const struct script *scripts,
                      struct gyre_http_session_options options)
{
    peers = (struct peers){
        .connector.connect = connect_peer, .scope = &scope, .scripts = scripts};
    options.connector = &peers.connector;
    gyre_scope_open(&scope, GYRE_FOREVER);
    cr_expect_eq(gyre_http_session_new_with(&session, &options), 0);
}

static void close_all(void)
{
    gyre_http_session_free(session);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(peers.open, 0);
}

#define DEFAULTS ((struct gyre_http_session_options){0})

/* Ask, and say in a word what came of it: "200 hello", or "-32". */
static const char *ask(const char *url, gyre_time deadline)
{
    static char brief[512];
    struct gyre_http_response *r;
    const char *text;
    int err = gyre_http_get(session, url, &r, deadline);

    if (err == 0) {
        int status = gyre_http_status(r);

        err = gyre_http_text(r, &text, NULL, deadline);
        if (err == 0)
            snprintf(brief, sizeof brief, "%d %.400s", status, text);
        gyre_http_response_free(r);
    }
    if (err)
        snprintf(brief, sizeof brief, "%d", err);
    return brief;
}

#define expect_answer(url, answer)                                             \
    cr_expect_str_eq(ask(url, gyre_in(100 * GYRE_SECOND)), answer)

static const char *failure(int err)
{
    static char text[16];

    snprintf(text, sizeof text, "%d", err);
    return text;
}

/* ---- one request ---- */

CLAIM(client, asks_and_is_answered)
{
    static const struct script scripts[] = {{{OK("5", "hello")}}};

    open_with(scripts, DEFAULTS);
    expect_answer("http://example.org/a/b?c=d#e", "200 hello");
    cr_expect_eq(strncmp(peers.heard, "GET /a/b?c=d HTTP/1.1\r\n", 23), 0);
    cr_expect_not_null(strstr(peers.heard, "\r\nHost: example.org\r\n"));
    close_all();
}

CLAIM(client, asks_for_a_slash_where_there_is_no_path)
{
    static const struct script scripts[] = {{{OK("0", "")}}, {{OK("0", "")}}};

    open_with(scripts, DEFAULTS);
    expect_answer("http://example.org:81", "200 ");
    cr_expect_eq(strncmp(peers.heard, "GET / HTTP/1.1\r\n", 16), 0);
    cr_expect_not_null(strstr(peers.heard, "\r\nHost: example.org:81\r\n"));
    peers.heard[0] = '\0';
    expect_answer("http://example.com?q", "200 ");
    cr_expect_eq(strncmp(peers.heard, "GET /?q HTTP/1.1\r\n", 18), 0);
    close_all();
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

            open_with(scripts, DEFAULTS);
            expect_answer("http://x/", "200 hello");
            close_all();
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

        open_with(scripts, DEFAULTS);
        expect_answer("http://x/", failure(cases[i].err));
        close_all();
    }
}

CLAIM(client, does_not_hear_provisional_answers_for_ever)
{
    char answer[2000] = "";
    struct script scripts[] = {{{answer}}};

    for (int i = 0; i < 50; i++)
        strcat(answer, "HTTP/1.1 102 Wait\r\n\r\n");
    open_with(scripts, DEFAULTS);
    expect_answer("http://x/", failure(-EPROTO));
    close_all();
}

CLAIM(client, refuses_urls_that_are_none)
{
    static const char *const urls[] = {"",
                                       "x",
                                       "/a",
                                       "ftp://x/",
                                       "http://",
                                       "http://u:p@x/",
                                       "http://x/\r\nA: b"};

    open_with(NULL, DEFAULTS);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        expect_answer(urls[i], failure(-EINVAL));
    close_all();
}

CLAIM(client, expects_no_body_behind_an_answer_to_head)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", OK("2", "ok")}}};
    struct gyre_http_call call = {.method = "HEAD", .url = "http://x/"};
    struct gyre_http_response *r;
    size_t length;

    open_with(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_text(r, NULL, &length, GYRE_FOREVER), 0);
    cr_expect_eq(length, 0);
    gyre_http_response_free(r);
    expect_answer("http://x/", "200 ok");
    cr_expect_eq(peers.connected, 1);
    close_all();
}

/* ---- bodies sent ---- */

CLAIM(client, sends_a_body_with_its_length)
{
    static const struct script scripts[] = {{{OK("2", "ok")}}};
    struct gyre_http_call call = {
        .method = "POST", .url = "http://x/", .body = "abc", .length = 3};
    struct gyre_http_response *r;

    open_with(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
    gyre_http_response_free(r);
    cr_expect_not_null(strstr(peers.heard, "\r\nContent-Length: 3\r\n"));
    cr_expect_not_null(strstr(peers.heard, "\r\n\r\nabc"));
    close_all();
}

struct letters {
    struct gyre_http_call call;
    int left;
};

static ssize_t more(struct gyre_http_call *call, void *buf, size_t n)
{
    struct letters *l = GYRE_OWNER(call, struct letters, call);

    (void)n;
    if (l->left == 0)
        return 0;
    *(char *)buf = (char)('a' + --l->left);
    return 1;
}

CLAIM(client, sends_a_body_in_chunks_as_it_is_made)
{
    static const struct script scripts[] = {{{OK("2", "ok")}, .stays = true}};
    struct letters l = {{.method = "PUT", .url = "http://x/", .more = more}, 3};
    struct gyre_http_response *r;

    open_with(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_call(session, &l.call, &r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_http_response_free(r);
    cr_expect_not_null(
        strstr(peers.heard, "\r\nTransfer-Encoding: chunked\r\n"));
    cr_expect_eq(l.left, 0);
    close_all();
}

/* ---- connections kept ---- */

CLAIM(client, keeps_a_connection_whose_answer_was_read_to_its_end)
{
    static const struct script scripts[] = {
        {{OK("3", "one"), OK("3", "two"), OK("5", "three")}}};

    open_with(scripts, DEFAULTS);
    expect_answer("http://x/1", "200 one");
    expect_answer("http://x/2", "200 two");
    expect_answer("http://x/3", "200 three");
    cr_expect_eq(peers.connected, 1);
    close_all();
}

CLAIM(client, does_not_keep_what_was_not_read_or_is_not_to_be_kept)
{
    static const struct script scripts[] = {
        {{OK("3", "one")}, .stays = true},
        {{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"},
         .stays = true},
        {{OK("2", "ab") "surplus"}, .stays = true},
        {{OK("4", "last")}},
    };
    struct gyre_http_response *r;

    open_with(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    gyre_http_response_free(r);
    expect_answer("http://x/", "200 ab");
    expect_answer("http://x/", "200 ab");
    expect_answer("http://x/", "200 last");
    cr_expect_eq(peers.connected, 4);
    close_all();
}

CLAIM(client, keeps_connections_apart_by_origin)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b")}}, {{OK("1", "c")}}, {{OK("1", "d")}}};

    open_with(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    expect_answer("http://y/", "200 c");
    expect_answer("http://x:81/", "200 d");
    expect_answer("http://X/", "200 b");
    cr_expect_eq(peers.connected, 3);
    close_all();
}

CLAIM(client, closes_a_kept_connection_after_a_while)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true},
                                            {{OK("1", "b")}}};

    open_with(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    cr_expect_eq(gyre_sleep(gyre_in(14 * GYRE_SECOND)), 0);
    cr_expect_eq(peers.open, 1);
    cr_expect_eq(gyre_sleep(gyre_in(2 * GYRE_SECOND)), 0);
    cr_expect_eq(peers.open, 0);
    expect_answer("http://x/", "200 b");
    close_all();
}

CLAIM(client, asks_again_when_a_kept_connection_was_closed_but_only_once)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), ""}}, {{OK("1", "b"), ""}}, {{""}}, {{OK("1", "d")}}};

    open_with(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    expect_answer("http://x/", "200 b");
    expect_answer("http://x/", failure(-EPIPE));
    cr_expect_eq(peers.connected, 3);
    close_all();
}

CLAIM(client, does_not_ask_again_for_what_must_not_happen_twice)
{
    static const struct script scripts[] = {{{OK("1", "a"), ""}},
                                            {{OK("1", "b")}}};
    struct gyre_http_call call = {.method = "POST", .url = "http://x/"};
    struct gyre_http_response *r;

    open_with(scripts, DEFAULTS);
    expect_answer("http://x/", "200 a");
    cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), -EPIPE);
    cr_expect_eq(peers.connected, 1);
    close_all();
}

/* ---- limits ---- */

static intptr_t ask_in_task(void *name)
{
    char url[16];
    const char *answer;

    snprintf(url, sizeof url, "http://x/%s", (char *)name);
    answer = ask(url, GYRE_FOREVER);
    note(strncmp(answer, "200", 3) == 0 ? *(char *)name : '!');
    return 0;
}

CLAIM(client, has_requests_wait_their_turn_for_a_connection)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b"), OK("1", "c"), OK("1", "d")}}};
    static char names[][2] = {"a", "b", "c", "d"};
    struct gyre_scope s;

    open_with(scripts, (struct gyre_http_session_options){.connections = 1});
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 4; i++)
        gyre_spawn(&s, NULL, ask_in_task, names[i]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abcd");
    cr_expect_eq(peers.connected, 1);
    close_all();
}

CLAIM(client, makes_room_by_closing_what_is_only_kept)
{
    static const struct script scripts[] = {{{OK("1", "a")}, .stays = true},
                                            {{OK("1", "b")}}};

    open_with(scripts, (struct gyre_http_session_options){.connections = 1});
    expect_answer("http://x/", "200 a");
    expect_answer("http://y/", "200 b");
    close_all();
}

CLAIM(client, lets_who_waits_be_cancelled_and_the_next_have_its_turn)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b"), OK("1", "c"), OK("1", "d")}}};
    static char names[][2] = {"a", "b", "c"};
    struct gyre_future done[3];
    struct gyre_scope s;

    open_with(scripts, (struct gyre_http_session_options){.connections = 1});
    peers.slow = GYRE_SECOND;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, &done[i], ask_in_task, names[i]);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_future_cancel(&done[1]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("!ac");
    close_all();
}

CLAIM(client, bounds_connecting)
{
    static const struct script scripts[] = {{{OK("1", "a")}}};

    open_with(scripts, DEFAULTS);
    peers.slow = 31 * GYRE_SECOND;
    expect_answer("http://x/", failure(-ETIMEDOUT));
    close_all();
}

CLAIM(client, bounds_what_it_keeps_of_a_text)
{
    static const struct script scripts[] = {{{OK("9", "123456789")}}};

    open_with(scripts, (struct gyre_http_session_options){.text_limit = 4});
    expect_answer("http://x/", failure(-EMSGSIZE));
    close_all();
}

/* ---- being referred ---- */

#define MOVED(status, to)                                                      \
    "HTTP/1.1 " status " Moved\r\nLocation: " to                               \
    "\r\nContent-Length: 4\r\n\r\nmove"

CLAIM(client, follows_where_it_is_referred)
{
    static const struct script scripts[] = {
        {{MOVED("302", "/b"), MOVED("301", "c?d"), MOVED("307", "http://y/e")}},
        {{OK("4", "here")}}};
    struct gyre_http_response *r;

    open_with(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_get(session, "http://x/a/", &r, GYRE_FOREVER), 0);
    cr_expect_str_eq(gyre_http_response_url(r), "http://y/e");
    gyre_http_response_free(r);
    cr_expect_not_null(strstr(peers.heard, "GET /b HTTP"));
    cr_expect_not_null(strstr(peers.heard, "GET /c?d HTTP"));
    cr_expect_not_null(strstr(peers.heard, "GET /e HTTP"));
    cr_expect_eq(peers.connected, 2);
    close_all();
}

CLAIM(client, gives_up_going_round_in_circles)
{
    struct script scripts[2] = {{{0}}};

    for (int i = 0; i < 8; i++)
        scripts[0].answers[i < 7 ? i : 6] = MOVED("302", "/");
    scripts[0].answers[7] = NULL;
    open_with(scripts, (struct gyre_http_session_options){.redirects = 3});
    expect_answer("http://x/", failure(-ELOOP));
    close_all();
}

CLAIM(client, is_not_referred_if_it_was_told_so)
{
    static const struct script scripts[] = {{{MOVED("302", "/")}}};

    open_with(scripts, (struct gyre_http_session_options){.redirects = -1});
    expect_answer("http://x/", "302 move");
    close_all();
}

CLAIM(client, changes_the_method_as_the_status_says)
{
    static const struct {
        const char *answer, *method, *expected;
    } cases[] = {
        {MOVED("301", "/n"), "POST", "GET /n"},
        {MOVED("302", "/n"), "POST", "GET /n"},
        {MOVED("303", "/n"), "POST", "GET /n"},
        {MOVED("303", "/n"), "PUT", "GET /n"},
        {MOVED("307", "/n"), "POST", "POST /n"},
        {MOVED("308", "/n"), "POST", "POST /n"},
        {MOVED("301", "/n"), "PUT", "PUT /n"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script scripts[] = {{{cases[i].answer, OK("0", "")}}};
        struct gyre_http_call call = {.method = cases[i].method,
                                      .url = "http://x/o",
                                      .body = "abc",
                                      .length = 3};
        struct gyre_http_response *r;
        const char *second;

        open_with(scripts, DEFAULTS);
        cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
        gyre_http_response_free(r);
        second = strstr(peers.heard, cases[i].expected);
        cr_expect_not_null(second, "case %zu", i);
        if (second != NULL)
            cr_expect_eq(strstr(second, "\r\n\r\nabc") != NULL,
                         cases[i].expected[0] == 'P');
        close_all();
    }
}

CLAIM(client, leaves_credentials_behind_when_the_origin_changes)
{
    static const struct script scripts[] = {
        {{MOVED("302", "/same"), MOVED("302", "http://y/other")}},
        {{OK("0", "")}}};
    struct gyre_http_fields fields = {0};
    struct gyre_http_call call = {.url = "http://x/", .fields = &fields};
    struct gyre_http_response *r;
    const char *same, *other;

    open_with(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_fields_set(&fields, "Authorization", "secret"), 0);
    cr_expect_eq(gyre_http_fields_set(&fields, "X-Mine", "kept"), 0);
    cr_expect_eq(gyre_http_call(session, &call, &r, GYRE_FOREVER), 0);
    gyre_http_response_free(r);
    same = strstr(peers.heard, "GET /same");
    other = strstr(peers.heard, "GET /other");
    cr_expect_not_null(same);
    cr_expect_not_null(other);
    if (same != NULL && other != NULL) {
        cr_expect_not_null(strstr(same, "secret"));
        cr_expect_null(strstr(other, "secret"));
        cr_expect_not_null(strstr(other, "kept"));
    }
    gyre_http_fields_free(&fields);
    close_all();
}

/* ---- cancelling, and no memory ---- */

CLAIM(client, leaves_nothing_when_it_is_cancelled_at_any_point)
{
    static const struct script scripts[] = {{{OK("5", "hello")}, .piece = 7},
                                            {{OK("5", "hello")}, .piece = 7}};

    for (int yields = 0; yields < 40; yields++) {
        static char name[] = "a";
        struct gyre_future done;
        struct gyre_scope s;

        open_with(scripts, DEFAULTS);
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, &done, ask_in_task, name);
        for (int i = 0; i < yields; i++)
            cr_expect_eq(gyre_yield(), 0);
        gyre_future_cancel(&done);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        close_all();
        notes[0] = '\0';
    }
}

static intptr_t converse(void *arg)
{
    static const struct script scripts[] = {
        {{MOVED("302", "/b"), OK("5", "hello")}}, {{OK("5", "hello")}}};
    struct gyre_http_response *r = NULL;
    int err;

    (void)arg;
    peers = (struct peers){
        .connector.connect = connect_peer, .scope = &scope, .scripts = scripts};
    gyre_scope_open(&scope, GYRE_FOREVER);
    err = gyre_http_session_new_with(
        &session,
        &(struct gyre_http_session_options){.connector = &peers.connector});
    if (err)
        return gyre_scope_close(&scope, err);
    err = gyre_http_get(session, "http://x/", &r, GYRE_FOREVER);
    if (err == 0)
        err = gyre_http_text(r, NULL, NULL, GYRE_FOREVER);
    gyre_http_response_free(r);
    gyre_http_session_free(session);
    gyre_scope_cancel(&scope);
    (void)gyre_scope_close(&scope, 0);
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
