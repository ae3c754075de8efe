/*
 * connection.c - a server's connection, between requests and around them.
 *
 *                 accepted                 part of a head
 *      (nothing) ---------> IDLE ------------------------------> HEAD
 *                            ^ |                                 |  |
 *            answered all    | +---- a whole head ---+           |  |
 *            [serve]         |                       v           |  |
 *                            +--------------------- BUSY <-------+  |
 *                                                    |              |
 *          not to be kept, not understood,           v              |
 *          or too slow [leave, refuse]            LINGERING <-------+
 *                                                    |
 *      IDLE: time is up, or room is needed;          |
 *      IDLE, HEAD: the peer ended;                   v
 *      LINGERING: any of it -----------------------> (closed)
 *
 *      Where connections are wrapped, they are WRAPPING before they are IDLE.
 *
 *      WRAPPING -> IDLE                [wrap, in a task]
 *      IDLE -> HEAD -> BUSY            [look, in the job `readable`]
 *      BUSY -> IDLE, HEAD, LINGERING   [serve, in a task]
 *      -> closed                       [finish]
 *
 * Invariants:
 *   - a connection has a request exactly when it is HEAD or BUSY, or when it is
 *     about to leave them;
 *   - in BUSY, and in WRAPPING, a task has it, in the scope of its service, and
 *     nobody else touches it but to close its stream, or to cut it;
 *   - outside of these two its timer runs, and it waits for its stream, in
 *     `readable`, unless it is LINGERING and has heard enough;
 *   - its timer fires at `until` or before that, and then runs on: so a request
 *     moves a number, and no timer.
 *
 * A connection that ends while its peer still sends must go on reading for a
 * while: closed at once, the system would answer what comes with a reset, and
 * the peer might lose our last answer to it (RFC 9112, 9.6).
 */
#include <errno.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/task.h"
#include "io/http/server/exchange.h"

enum { LINGER_BYTES = 256 * 1024 };

#define LINGER_TIME (2 * GYRE_SECOND)

static struct gyre_http_server *server_of(const struct gyre_http_connection *c)
{
    return gyre_http_service_server(c->service);
}

static void give_request(struct gyre_http_connection *c)
{
    if (c->request != NULL)
        gyre_http_request_give(server_of(c), c->request);
    c->request = NULL;
}

/* ---- closing ---- */

static void finish(struct gyre_http_connection *c)
{
    struct gyre_http_server *s = server_of(c);

    give_request(c);
    gyre_timer_stop(s->loop, &c->timer);
    gyre_close(c->stream);
    gyre_http_crowd_leave(c);
    gyre_list_remove(&c->idling);
    gyre_list_remove(&c->link);
    gyre_service_leave(c->service);
    gyre_resize(gyre_loop_allocator(s->loop), c, sizeof *c, 0);
}

/* Does a handler have the stream itself? */
static bool is_taken(const struct gyre_http_connection *c)
{
    return c->state == GYRE_HTTP_BUSY && c->request->kind == GYRE_HTTP_TAKEN;
}

/* Who wraps has the stream itself in hand, and closes it when he is done; who
   has taken it over lets us, then. */
void gyre_http_connection_abort(struct gyre_http_connection *c)
{
    if (c->stream != NULL)
        gyre_service_cut(c->stream);
    if (c->state == GYRE_HTTP_WRAPPING || is_taken(c))
        return;
    gyre_close(c->stream);
    c->stream = NULL;
    if (c->state != GYRE_HTTP_BUSY)
        finish(c);
}

/* ---- waiting ---- */

/* Go into `state`, whose end comes after `time` if it is not there already, and
   wait for bytes. */
static void wait_in(struct gyre_http_connection *c, enum gyre_http_state state,
                    gyre_time time)
{
    struct gyre_http_server *s = server_of(c);

    if (c->state != state) {
        c->state = state;
        c->since = *s->now;
        c->until = gyre_time_after(c->since, time);
        if (gyre_timer_due(&c->timer) > c->until)
            gyre_timer_start(s->loop, &c->timer, c->until);
    }
    if (state != GYRE_HTTP_IDLE)
        gyre_list_remove(&c->idling);
    if (gyre_stream_when_readable(c->stream, &c->readable) != 0)
        finish(c);
}

static void idle(struct gyre_http_connection *c)
{
    struct gyre_http_server *s = server_of(c);

    give_request(c);
    if (!gyre_list_linked(&c->idling))
        gyre_list_append(&s->idle, &c->idling);
    wait_in(c, GYRE_HTTP_IDLE, s->options.idle_time);
}

/* Say no more, and close when the peer has said what it has to say, or had the
   time to. */
static void linger(struct gyre_http_connection *c)
{
    give_request(c);
    if (gyre_shutdown(c->stream, GYRE_NOW) != 0)
        finish(c);
    else
        wait_in(c, GYRE_HTTP_LINGERING, LINGER_TIME);
}

/* Who says too much is no longer read, and closed when his time is up: once the
   system takes no more of his, he has reason to look for our answer; closed at
   once, he would lose it. */
static void drain(struct gyre_http_connection *c)
{
    char some[4096];
    ssize_t n;

    while ((n = gyre_read(c->stream, some, sizeof some, GYRE_NOW)) > 0) {
        c->drained += (size_t)n;
        if (c->drained > LINGER_BYTES)
            return;
    }
    if (n == -ETIMEDOUT)
        wait_in(c, GYRE_HTTP_LINGERING, LINGER_TIME);
    else
        finish(c);
}

/* The request could not be understood: say so, and leave. */
static GYRE_SELDOM void refuse(struct gyre_http_connection *c, int status)
{
    gyre_http_refuse(c->request, status);
    if (gyre_http_flush(c->request, GYRE_NOW) != 0)
        finish(c);
    else
        linger(c);
}

static void time_is_up(struct gyre_timer *t)
{
    struct gyre_http_connection *c =
        GYRE_OWNER(t, struct gyre_http_connection, timer);

    if (c->state == GYRE_HTTP_BUSY)
        return;
    if (*server_of(c)->now < c->until) {
        gyre_timer_start(server_of(c)->loop, t, c->until);
    } else if (c->state == GYRE_HTTP_HEAD) {
        gyre_stream_forget(c->stream);
        refuse(c, 408);
    } else {
        finish(c);
    }
}

/* ---- being busy ---- */

/* The same in a task, which may be cancelled: then every call would fail; but
   here nothing is waited for. */
static GYRE_SELDOM void linger_shielded(struct gyre_http_connection *c)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield, gyre_in(server_of(c)->options.abort));
    linger(c);
    (void)gyre_scope_close(&shield, 0);
}

/* The task has done its part. */
static void leave(struct gyre_http_connection *c)
{
    struct gyre_http_request *r = c->request;

    if (c->stream == NULL)
        finish(c);
    else if (!r->keep || c->service->ending)
        linger_shielded(c);
    else if (r->came.in.length == 0)
        idle(c);
    else
        wait_in(c, GYRE_HTTP_HEAD, server_of(c)->options.head_time);
}

static intptr_t serve(void *arg)
{
    struct gyre_http_connection *c = arg;

    gyre_http_exchange(c);
    server_of(c)->counts.busy--;
    leave(c);
    return 0;
}

/* The head is complete: take a task, and have it run next.  Of many requests
   that came at once each then finds the memory warm that the one before had,
   where otherwise every one would have taken its own before any is answered. */
static void begin(struct gyre_http_connection *c)
{
    static const struct gyre_spawn_options next = {.eager = true};
    struct gyre_http_server *s = server_of(c);
    enum gyre_http_state before = c->state;

    gyre_list_remove(&c->idling);
    c->state = GYRE_HTTP_BUSY;
    s->counts.busy++;
    if (gyre_spawn_with(&c->service->tasks, NULL, serve, c, &next) == 0)
        return;
    s->counts.busy--;
    c->state = before;
    refuse(c, 503);
}

/* Is there a whole head yet?  If not, wait for it. */
static void look(struct gyre_http_connection *c, bool wait)
{
    struct gyre_http_request *r = c->request;
    ssize_t n =
        gyre_http_head_parse(&r->head, r->came.in.at, r->came.in.length);

    if (n < 0) {
        refuse(c, r->head.answer);
    } else if (n == 0 && wait) {
        wait_in(c, GYRE_HTTP_HEAD, server_of(c)->options.head_time);
    } else if (n == 0) {
        refuse(c, 503);
    } else {
        r->came.taken = (size_t)n;
        gyre_http_exchange_begins(r);
        begin(c);
    }
}

/* ---- what comes ---- */

static struct gyre_http_request *begin_head(struct gyre_http_connection *c)
{
    struct gyre_http_request *r = gyre_http_request_take(server_of(c));

    if (r == NULL)
        return NULL;
    r->connection = c;
    c->request = r;
    return r;
}

/* Read what has come of it: as gyre_read. */
static ssize_t read_some(struct gyre_http_connection *c)
{
    struct gyre_http_request *r =
        c->request != NULL ? c->request : begin_head(c);
    char *room =
        r != NULL ? gyre_buf_reserve(&r->came.in, GYRE_HTTP_READ) : NULL;
    ssize_t n = -ENOMEM;

    if (room != NULL)
        n = gyre_read(c->stream, room, GYRE_HTTP_READ, GYRE_NOW);
    if (n > 0) {
        gyre_buf_grow(&r->came.in, (size_t)n);
        server_of(c)->counts.bytes_in += (uint64_t)n;
    }
    return n;
}

static void read_head(struct gyre_http_connection *c)
{
    ssize_t n = read_some(c);

    if (n > 0) {
        look(c, true);
    } else if (n == -ETIMEDOUT && c->state == GYRE_HTTP_IDLE) {
        idle(c);
    } else if (n == -ETIMEDOUT) {
        wait_in(c, GYRE_HTTP_HEAD, server_of(c)->options.head_time);
    } else {
        finish(c);
    }
}

/* The handler may wish to know that the server stops: once. */
static void tell_handler(struct gyre_http_request *r)
{
    struct gyre_job *j = r->stopping;

    r->stopping = NULL;
    if (j != NULL)
        j->run(j);
}

void gyre_http_connection_end(struct gyre_http_connection *c)
{
    ssize_t n;

    if (c->wrapping != NULL)
        gyre_scope_cancel(c->wrapping);
    if (c->state == GYRE_HTTP_BUSY)
        tell_handler(c->request);
    if (c->state != GYRE_HTTP_IDLE && c->state != GYRE_HTTP_HEAD)
        return;
    gyre_stream_forget(c->stream);
    n = read_some(c);
    if (n > 0)
        look(c, false);
    else if (n == -ETIMEDOUT && c->state == GYRE_HTTP_HEAD)
        refuse(c, 503);
    else
        finish(c);
}

static void readable(struct gyre_job *j)
{
    struct gyre_http_connection *c =
        GYRE_OWNER(j, struct gyre_http_connection, readable);

    if (c->state == GYRE_HTTP_LINGERING)
        drain(c);
    else
        read_head(c);
}

/* ---- beginning ---- */

static intptr_t wrap(void *arg)
{
    struct gyre_http_connection *c = arg;

    if (gyre_service_wrap(c->service, c->stream, &c->stream, &c->wrapping)) {
        finish(c);
    } else if (c->service->ending) {
        c->state = GYRE_HTTP_IDLE;
        gyre_http_connection_end(c);
    } else {
        idle(c);
    }
    return 0;
}

static void join(struct gyre_http_connection *c)
{
    struct gyre_http_server *s = server_of(c);

    gyre_list_append(&c->service->members, &c->link);
    s->counts.accepted++;
    gyre_service_enter(c->service);
    gyre_http_crowd_join(s, c);
}

int gyre_http_connection_new(struct gyre_service *service,
                             struct gyre_stream *stream,
                             const struct gyre_addr *peer)
{
    struct gyre_http_server *s = gyre_http_service_server(service);
    struct gyre_allocator *a = gyre_loop_allocator(s->loop);
    struct gyre_http_connection *c = gyre_resize(a, NULL, 0, sizeof *c);

    if (c == NULL)
        return -ENOMEM;
    *c = (struct gyre_http_connection){.service = service,
                                       .stream = stream,
                                       .peer = *peer,
                                       .readable.run = readable,
                                       .timer.fire = time_is_up};
    if (s->base.wrapper == NULL) {
        join(c);
        idle(c);
    } else if (gyre_spawn(&service->tasks, NULL, wrap, c) == 0) {
        join(c);
    } else {
        gyre_resize(a, c, sizeof *c, 0);
        return -ENOMEM;
    }
    return 0;
}
