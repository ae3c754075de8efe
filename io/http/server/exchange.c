/*
 * exchange.c - requests and their replies, one after the other, in a task.
 *
 * Replies that were recorded are gathered in `out`, and leave together when the
 * requests that came together have all been answered.
 */
#include "io/http/server/exchange.h"

#include <errno.h>

#include "loop/loop.h"
#include "loop/result.h"
#include "task/task.h"
#include "task/wait.h"
#include "io/http/compose.h"
#include "io/http/server/router.h"

/* ---- one request ---- */

static int answer_empty(struct gyre_http_request *r, int status)
{
    return gyre_http_reply(r, status, NULL, 0);
}

/* 405, and OPTIONS: say which methods there are. */
static GYRE_SELDOM int answer_methods(struct gyre_http_request *r, int status)
{
    struct gyre_buf allow = {.allocator = r->arena.allocator};
    int err = gyre_http_router_allow(gyre_http_server_of(r)->router,
                                     r->head.path, &allow);

    if (err == 0)
        err = gyre_buf_append(&allow, "", 1);
    if (err == 0)
        err = answer_empty(r, status);
    if (err == 0)
        err = gyre_http_reply_field(r, "Allow", allow.at);
    gyre_buf_free(&allow);
    return err;
}

static int answer_route(struct gyre_http_request *r)
{
    const struct gyre_http_route *route = r->match.route;

    if (route->handler != NULL)
        return route->handler(r);
    return gyre_http_reply_tail(r, r->match.place->directory);
}

int gyre_http_answer(struct gyre_http_request *r)
{
    if (r->found == 0)
        return answer_route(r);
    if (r->found == 204 || r->found == 405)
        return answer_methods(r, r->found);
    return answer_empty(r, r->found);
}

/* The handler passes on that the body failed it: the client is told, not the
   log. */
static int blame_client(struct gyre_http_request *r)
{
    gyre_http_reply_drop(r);
    switch (r->body_err) {
    case -EPROTO: return answer_empty(r, 400);
    case -ETIMEDOUT: return answer_empty(r, 408);
    case -EMSGSIZE: return answer_empty(r, 413);
    case -ENOTSUP: return answer_empty(r, 415);
    default: return -ECANCELED;
    }
}

/* How an exchange ends that nobody is to blame for but the peer, or us. */
static bool expected(int err)
{
    return err == -ECANCELED || err == -ETIMEDOUT || err == -EPIPE ||
           err == -ECONNRESET || err == -EBADF;
}

static void complain(struct gyre_http_request *r, const char *what, int err)
{
    gyre_http_server_error(gyre_http_server_of(r), r->connection, what, err);
}

/* A reply was begun in vain, but the client has seen nothing of it: there can
   be another. */
static int start_over(struct gyre_http_request *r, int result)
{
    gyre_buf_cut(&r->out, r->settled);
    if (result == r->body_err)
        return blame_client(r);
    gyre_http_reply_drop(r);
    return answer_empty(r, 500);
}

/* Make a streamed reply complete, if the handler has not. */
static int finish(struct gyre_http_request *r)
{
    int err = r->kind == GYRE_HTTP_STREAMED ? gyre_http_reply_finish(r) : 0;

    if (err == -EPIPE && !r->cut)
        complain(r, "a reply was shorter than announced", 0);
    if (err == 0)
        return 0;
    return r->left ? -ECANCELED : start_over(r, err);
}

/* Can the client be told nothing any more? */
static bool is_lost(const struct gyre_http_request *r)
{
    struct gyre_stream *s = r->connection->stream;

    return s == NULL || gyre_stream_broken(s) || r->send_err != 0;
}

/* Is it the client, or a cancellation, that the handler failed for?  The errors
   of a connection may well be another's, a database's say. */
static bool is_excused(const struct gyre_http_request *r, int result)
{
    return result == -ECANCELED || result == r->body_err ||
           result == r->send_err;
}

/* The handler began its reply: that is complete now, or never will be. */
static GYRE_SELDOM int settle_begun(struct gyre_http_request *r, int result)
{
    if (result >= 0)
        return finish(r);
    if (!is_excused(r, result))
        complain(r, "a handler failed", result);
    if (result == -ECANCELED || r->left || is_lost(r))
        return -ECANCELED;
    return start_over(r, result);
}

static bool is_status(int result)
{
    return result >= 200 && result <= 599;
}

/* The connection was the handler's, and ends with it. */
static GYRE_SELDOM int settle_taken(struct gyre_http_request *r, int result)
{
    if (result < 0 && !expected(result))
        complain(r, "a handler failed", result);
    return -ECANCELED;
}

int gyre_http_conclude(struct gyre_http_request *r, int result)
{
    if (result < 0 && result == r->body_err)
        return blame_client(r);
    if (is_status(result) && r->kind == GYRE_HTTP_NO_REPLY)
        return answer_empty(r, result);
    if (is_status(result))
        result = 0;
    if (result == 0 && r->kind == GYRE_HTTP_JSON)
        result = gyre_json_finish(&r->json);
    return result;
}

int gyre_http_fail(struct gyre_http_request *r, int result)
{
    complain(r, result == 0 ? "a handler gave no reply" : "a handler failed",
             result);
    gyre_http_reply_drop(r);
    return answer_empty(r, 500);
}

/* Whatever the handler meant, there is a reply now; or -ECANCELED. */
static int settle(struct gyre_http_request *r, int result)
{
    if (r->kind == GYRE_HTTP_TAKEN)
        return settle_taken(r, result);
    if (gyre_http_reply_begun(r))
        return settle_begun(r, result);
    if (result != -ECANCELED)
        result = gyre_http_conclude(r, result);
    if (result == -ECANCELED || (result == 0 && r->kind != GYRE_HTTP_NO_REPLY))
        return result;
    return gyre_http_fail(r, result);
}

static GYRE_SELDOM void tell_log(struct gyre_http_request *r,
                                 struct gyre_http_log *log)
{
    const struct gyre_http_head *h = &r->head;
    struct gyre_http_access access = {.status = r->status};

    access.peer = gyre_http_peer(r);
    access.date = gyre_http_server_date(gyre_http_server_of(r));
    if (r->came.taken > 0) {
        access.method = h->method;
        access.target = h->target;
        access.minor = h->minor;
        access.bytes = r->body_sent;
        access.agent =
            gyre_http_field_find(h->fields, h->field_count, "User-Agent");
        access.referrer =
            gyre_http_field_find(h->fields, h->field_count, "Referer");
        access.took = gyre_loop_in(gyre_http_server_of(r)->loop, 0) - r->began;
    }
    log->access(log, &access);
}

static void account_for(struct gyre_http_request *r)
{
    struct gyre_http_server *s = gyre_http_server_of(r);
    struct gyre_http_log *log = s->options.log;

    s->counts.requests++;
    s->counts.statuses[(unsigned)r->status / 100]++;
    if (log != NULL && log->access != NULL)
        tell_log(r, log);
}

/* Have the request answered, by a handler that may park: then what was to leave
   with its reply goes before. */
static int answer_in_time(struct gyre_http_request *r)
{
    struct gyre_loop *l = gyre_http_server_of(r)->loop;
    int result;

    if (r->settled > 0)
        gyre_timer_start(l, &r->overdue, GYRE_NOW);
    result = gyre_http_rest(r);
    r->stopping = NULL;
    if (gyre_timer_started(&r->overdue))
        gyre_timer_stop(l, &r->overdue);
    return result;
}

/* ---- the whole of an exchange ---- */

/* What was recorded cannot be sent after all, a file that was cut meanwhile,
   say.  If nothing of it was, the client is told that. */
static GYRE_SELDOM int send_failure(struct gyre_http_request *r, int err)
{
    if (err == -ECANCELED || r->left || is_lost(r))
        return err;
    complain(r, "a reply could not be sent", err);
    err = start_over(r, err);
    return err ? err : gyre_http_reply_commit(r);
}

static int send_reply(struct gyre_http_request *r)
{
    int err = 0;

    if (r->kind != GYRE_HTTP_SENT)
        err = gyre_http_reply_commit(r);
    if (err == 0 && r->kind == GYRE_HTTP_FILE)
        err = gyre_http_send_file(r);
    return err ? send_failure(r, err) : 0;
}

/* A handler that was cancelled may reply all the same, and that is sent. */
static GYRE_SELDOM int send_late_reply(struct gyre_http_request *r)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield,
                             gyre_in(gyre_http_server_of(r)->options.abort));
    return (int)gyre_scope_close(&shield, send_reply(r));
}

/* Will some of the reply not do with the room in `out`, and be waited for? */
static bool is_large(const struct gyre_http_request *r)
{
    return r->kind == GYRE_HTTP_FILE || r->reply.length > GYRE_HTTP_KEPT;
}

/* Most requests have no body, and none to be rid of. */
static bool has_body(const struct gyre_http_request *r)
{
    return r->head.framing != GYRE_HTTP_NO_BODY;
}

/* Answer a request whose body may be as long as it says. */
static int exchange_one(struct gyre_http_request *r)
{
    int err = settle(r, answer_in_time(r));
    bool decided = err == 0;

    if (decided && has_body(r))
        r->keep = r->keep && gyre_http_body_is_short(r);
    if (decided)
        err = is_large(r) && gyre_checkpoint(GYRE_NOW) ? send_late_reply(r)
                                                       : send_reply(r);
    if (err == 0)
        r->settled = r->out.length;
    if (decided || r->left || r->kind == GYRE_HTTP_TAKEN)
        account_for(r);
    return err;
}

/* What is asked for, and how long a body that may have: 0, or -EMSGSIZE. */
static int find(struct gyre_http_request *r)
{
    const struct gyre_http_server *s = gyre_http_server_of(r);
    const struct gyre_http_head *h = &r->head;
    uint64_t most = s->options.body_limit;

    r->found = gyre_http_router_find(s->router, h->method, h->path, &r->match);
    r->around = r->match.around;
    if (r->found == 0 && r->match.place->body_limit > 0)
        most = r->match.place->body_limit;
    return gyre_http_body_expect(&r->came.body, h->framing, h->length, most);
}

/* The request is empty, but for its head and what came behind that. */
static int exchange(struct gyre_http_request *r)
{
    int err = find(r);

    r->continued = !r->head.expect_continue;
    r->keep = r->head.keep_alive;
    if (err) {
        gyre_http_refuse(r, 413);
        return 0;
    }
    err = exchange_one(r);
    if (err == 0 && r->keep && has_body(r))
        r->keep = gyre_http_body_drain(r);
    return err;
}

/* ---- one after the other ---- */

/* The next request begins where this one ends: is its head here? */
static bool next(struct gyre_http_request *r)
{
    ssize_t n;

    gyre_http_incoming_next(&r->came);
    if (r->came.in.length == 0)
        return false;
    gyre_http_request_empty(r);
    n = gyre_http_head_parse(&r->head, r->came.in.at, r->came.in.length);
    if (n < 0)
        gyre_http_refuse(r, r->head.answer);
    if (n <= 0)
        return false;
    r->came.taken = (size_t)n;
    gyre_http_exchange_begins(r);
    return true;
}

static int exchange_all(struct gyre_http_request *r)
{
    size_t most = gyre_http_server_of(r)->options.pipelined;
    size_t unsent = 0;
    int err = 0;

    do {
        if (unsent++ == most || r->out.length > GYRE_HTTP_FLUSH) {
            err = gyre_http_flush(r, GYRE_FOREVER);
            unsent = 1;
        }
        if (err == 0)
            err = exchange(r);
    } while (err == 0 && r->keep && next(r));
    return err ? err : gyre_http_flush(r, GYRE_FOREVER);
}

/* The reply in hand cannot be had, but those before it can, be it too late for
   anything else. */
static void save_settled(struct gyre_http_request *r)
{
    struct gyre_scope shield;

    gyre_buf_cut(&r->out, r->settled);
    gyre_scope_open_shielded(&shield,
                             gyre_in(gyre_http_server_of(r)->options.abort));
    (void)gyre_scope_close(&shield, gyre_http_flush(r, GYRE_FOREVER));
}

/* Would the client take the end of the connection for that of the reply? */
static bool would_look_complete(const struct gyre_http_request *r)
{
    return r->kind == GYRE_HTTP_STREAMED && r->left && r->length < 0 &&
           !r->chunked;
}

/* Close what is of no further use; what has an answer on its way may linger. */
static void give_up(struct gyre_http_connection *c)
{
    bool misleading = would_look_complete(c->request);
    bool taken = c->request->kind == GYRE_HTTP_TAKEN;

    if (c->stream == NULL)
        return;
    if (c->request->heard && !misleading && !taken &&
        !gyre_stream_broken(c->stream))
        return;
    if (misleading)
        gyre_service_cut(c->stream);
    gyre_close(c->stream);
    c->stream = NULL;
}

/* Of what was to be sent only a part was, or nothing. */
static GYRE_SELDOM void fail(struct gyre_http_connection *c, int err)
{
    struct gyre_http_request *r = c->request;

    r->keep = false;
    if (!expected(err))
        complain(r, "a reply was not sent", err);
    save_settled(r);
    give_up(c);
}

void gyre_http_exchange(struct gyre_http_connection *c)
{
    int err;

    c->request->heard = false;
    err = exchange_all(c->request);
    if (err)
        fail(c, err);
}

void gyre_http_refuse(struct gyre_http_request *r, int status)
{
    struct gyre_http_envelope envelope = {.framing = GYRE_HTTP_LENGTH};

    r->keep = false;
    r->status = status;
    (void)gyre_http_compose_response(
        &r->out, status, NULL, gyre_http_server_date(gyre_http_server_of(r)),
        &envelope);
    r->settled = r->out.length;
    gyre_http_server_of(r)->counts.refused++;
    account_for(r);
}
