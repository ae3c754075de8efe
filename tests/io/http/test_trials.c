/*
 * test_trials.c - a client and a server of this library, joined by streams in
 * every weather, in some hundred orders, and cancelled at each cancel point.
 *
 * Two tasks share a session, and ask for what is replied at once, what is
 * streamed in chunks, and for their own bodies back, in chunks, or of a length,
 * and asked for first; with one
 * connection, which they have in turns, or one for each.  Whatever is
 * cancelled, in the client or the server, no connection is left, and no answer
 * is another's; and if it is one task, no other client has none.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/list.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/sim/explore.h"
#include "task/sim/inject.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/http/client/client.h"
#include "io/http/server/server.h"
#include "tests/io/http/handlers.h"

#define MS GYRE_MILLISECOND

static void leave_environment(void)
{
    unsetenv("GYRE_SEED");
    unsetenv("GYRE_POINT");
}

TestSuite(http_trials, .init = leave_environment);

static const struct gyre_memory_options weathers[] = {
    {.capacity = 0},
    {.latency = 2 * MS, .bandwidth = 100000},
    {.capacity = 100, .latency = MS, .piece = 60, .ragged = true},
};

enum { WEATHERS = sizeof weathers / sizeof weathers[0], CLIENTS = 2 };

static const struct gyre_memory_options *weather;

static struct {
    struct gyre_http_server *server;
    struct gyre_http_session *session;
    struct gyre_scope scope; /* that connections are served in */
    int connected;           /* so far */
    int open;                /* now */
    int content;             /* clients with all their answers */
    int wrong;               /* answers */
    bool shut;               /* all of it was cancelled */
} site;

/* ---- the server ---- */

static int stream_parts(struct gyre_http_request *r)
{
    int err = gyre_http_reply_begin(r, 200, -1);

    for (int i = 0; i < 3 && err == 0; i++) {
        err = gyre_http_reply_write(r, "part ", 5, GYRE_FOREVER);
        if (err == 0)
            err = gyre_sleep(gyre_in(MS));
    }
    return err;
}

static const struct gyre_http_route routes[] = {{"GET", "/", hello},
                                                {"GET", "/parts", stream_parts},
                                                {"POST", "/echo", echo_whole},
                                                {"PUT", "/echo", echo_whole},
                                                {0}};

static void ignore(struct gyre_http_log *log, const char *peer,
                   const char *what, int err)
{
    (void)log;
    (void)peer;
    (void)what;
    (void)err;
}

static intptr_t serve(void *stream)
{
    (void)!gyre_http_serve_stream(site.server, stream, GYRE_FOREVER);
    site.open--;
    return 0;
}

/* ---- the way there ---- */

static int connect_to_site(struct gyre_http_connector *c, const char *host,
                           int port, bool secure, struct gyre_stream **out,
                           gyre_time deadline)
{
    struct gyre_stream *ends[2];
    int err = gyre_sleep(gyre_in(MS));

    (void)c, (void)host, (void)port, (void)secure, (void)deadline;
    if (err == 0)
        err = gyre_memory_pair_with(gyre_loop_current(), weather, ends);
    if (err)
        return err;
    *out = ends[0];
    err = gyre_spawn(&site.scope, NULL, serve, ends[1]);
    if (err) {
        gyre_close(ends[0]);
        gyre_close(ends[1]);
        return err;
    }
    site.connected++;
    site.open++;
    return 0;
}

/* ---- the clients ---- */

/* A body that is made while it is sent. */
struct body {
    struct gyre_http_call call;
    int sent;
};

static ssize_t more_of_a_body(struct gyre_http_call *call, void *buf, size_t n)
{
    struct body *b = GYRE_OWNER(call, struct body, call);

    if (n < 2 || b->sent == 4)
        return 0;
    memcpy(buf, b->sent++ % 2 ? "b " : "a ", 2);
    return 2;
}

static int ask(struct gyre_http_call *call, const char *answer)
{
    struct gyre_http_response *r = NULL;
    const char *text;
    int err = gyre_http_call(site.session, call, &r, GYRE_FOREVER);

    if (err == 0)
        err = gyre_http_text(r, &text, NULL, GYRE_FOREVER);
    if (err == 0 && gyre_http_status(r) == 200)
        site.wrong += strcmp(text, answer) != 0;
    else if (err == 0)
        err = -EIO;
    gyre_http_response_free(r);
    return err;
}

static intptr_t ask_for_all(void *arg)
{
    struct body echo = {.call = {.method = "POST",
                                 .url = "http://site/echo",
                                 .more = more_of_a_body}};
    struct body sized = {.call = {.method = "PUT",
                                  .url = "http://site/echo",
                                  .more = more_of_a_body,
                                  .length = 8,
                                  .expect = true}};
    int err = ask(&(struct gyre_http_call){.url = "http://site/"}, "hello");

    (void)arg;
    if (err == 0)
        err = ask(&echo.call, "a b a b ");
    if (err == 0)
        err = ask(&sized.call, "a b a b ");
    if (err == 0)
        err = ask(&(struct gyre_http_call){.url = "http://site/parts"},
                  "part part part ");
    site.content += err == 0;
    return 0;
}

static void send_clients(void)
{
    struct gyre_future done[CLIENTS];
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    for (int i = 0; i < CLIENTS; i++)
        gyre_spawn(&s, &done[i], ask_for_all, NULL);
    for (int i = 0; i < CLIENTS; i++)
        site.shut |= gyre_await(&done[i], GYRE_FOREVER) != 0;
    (void)gyre_scope_close(&s, 0);
}

/* ---- the whole ---- */

static int open_site(size_t connections)
{
    static struct gyre_http_connector connector = {.connect = connect_to_site};
    static struct gyre_http_log log = {.error = ignore};
    struct gyre_http_options serving = {.log = &log};
    struct gyre_http_session_options asking = {.connector = &connector,
                                               .connections = connections};
    int err;

    memset(&site, 0, sizeof site);
    err = gyre_http_server_new(&site.server, routes, &serving);
    if (err)
        return err;
    err = gyre_http_session_new_with(&site.session, &asking);
    if (err)
        gyre_http_server_free(site.server);
    return err;
}

/* With its connections closed by the client, the server has none. */
static intptr_t exchange(void *connections)
{
    int err = open_site(*(size_t *)connections);

    if (err)
        return err;
    gyre_scope_open_tolerant(&site.scope, GYRE_FOREVER);
    send_clients();
    gyre_http_session_free(site.session);
    (void)gyre_scope_close(&site.scope, 0);
    if (gyre_http_server_counts(site.server).open > 0)
        site.wrong++;
    gyre_http_server_free(site.server);
    return 0;
}

static int nothing_is_left(void *arg)
{
    (void)arg;
    return site.open != 0 || site.wrong > 0 ? -EILSEQ : 0;
}

/* But for one who was cancelled, or whose answer was. */
static int others_are_content(void *arg)
{
    if (!site.shut && site.content < CLIENTS - 1)
        return -EIO;
    return nothing_is_left(arg);
}

/* Connections are kept: there are no more than may be at once. */
static intptr_t exchange_and_count(void *connections)
{
    intptr_t result = exchange(connections);

    if (gyre_is_error(result))
        return result;
    if (site.content < CLIENTS)
        return -EIO;
    return site.connected > (int)*(size_t *)connections
               ? -EMFILE
               : nothing_is_left(connections);
}

Test(http_trials, all_is_answered_over_kept_connections_in_any_order)
{
    for (size_t connections = 1; connections <= CLIENTS; connections++) {
        for (int i = 0; i < WEATHERS; i++) {
            struct gyre_exploration e = {.runs = 100};

            weather = &weathers[i];
            cr_expect_eq(gyre_explore(&e, exchange_and_count, &connections), 0,
                         "weather %d", i);
        }
    }
}

static void cancel_anywhere(bool only_task, int (*check)(void *arg))
{
    for (size_t connections = 1; connections <= CLIENTS; connections++) {
        for (int i = 0; i < WEATHERS; i++) {
            struct gyre_injection j = {
                .check = check, .seed = (uint64_t)i, .only_task = only_task};

            weather = &weathers[i];
            cr_expect_eq(gyre_inject(&j, exchange, &connections), 0,
                         "weather %d", i);
            cr_expect_gt(j.points, 50);
        }
    }
}

Test(http_trials, nothing_is_left_wherever_it_is_cancelled)
{
    cancel_anywhere(false, nothing_is_left);
}

Test(http_trials, who_is_cancelled_anywhere_takes_no_other_along)
{
    cancel_anywhere(true, others_are_content);
}
