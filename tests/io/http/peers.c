/*
 * peers.c - a client in a simulated world, and peers on memory that say what
 * they are told to.
 */
#include "tests/io/http/peers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/memory.h"

struct peers peers;
struct gyre_http_session *session;

static struct gyre_scope scope; /* that the peers live in */

struct peer {
    const struct script *script;
    struct gyre_stream *stream;
};

/* ---- what a peer does ---- */

/* Hear some more, up to the last byte there is room for. */
static bool hear_some(struct peer *p, size_t *used)
{
    size_t room = sizeof peers.heard - 1 - *used;
    ssize_t n = gyre_read(p->stream, peers.heard + *used, room, GYRE_FOREVER);

    if (n <= 0)
        return false;
    *used += (size_t)n;
    peers.heard[*used] = '\0';
    return true;
}

/* Hear a request: its head, and a body as long as it says, or to the last
   chunk. */
static bool hear(struct peer *p)
{
    size_t from = strlen(peers.heard), used = from;
    char *end, *field;

    while ((end = strstr(peers.heard + from, "\r\n\r\n")) == NULL) {
        if (!hear_some(p, &used))
            return false;
    }
    if (p->script->hasty)
        return true;
    field = strstr(peers.heard + from, "Content-Length: ");
    while (field != NULL &&
           used < (size_t)(end + 4 - peers.heard) + (size_t)atoi(field + 16)) {
        if (!hear_some(p, &used))
            return false;
    }
    field = strstr(peers.heard + from, "Transfer-Encoding: chunked");
    while (field != NULL && strstr(end, "0\r\n\r\n") == NULL) {
        if (!hear_some(p, &used))
            return false;
    }
    return true;
}

static int say(struct peer *p, const char *answer)
{
    size_t n = strlen(answer), piece = p->script->piece;
    int err = 0;

    for (size_t at = 0; err == 0 && at < n; at += piece) {
        piece = piece == 0 || piece > n - at ? n - at : piece;
        if (p->script->pause > 0)
            err = gyre_sleep(gyre_in(p->script->pause));
        if (err == 0)
            err = gyre_write(p->stream, answer + at, piece, GYRE_FOREVER);
        if (err == 0 && p->script->piece > 0)
            err = gyre_yield();
    }
    return err;
}

/* Say no more, and wait until they close. */
static void stay(struct peer *p)
{
    char some[100];

    if (p->script->hasty) {
        (void)!gyre_sleep(gyre_in(1000 * GYRE_SECOND));
        return;
    }
    while (gyre_read(p->stream, some, sizeof some, GYRE_FOREVER) > 0)
        ;
}

static intptr_t follow(void *arg)
{
    struct peer *p = arg;
    const char *const *answer = p->script->answers;

    while (*answer != NULL && hear(p) && say(p, *answer) == 0)
        answer++;
    if (p->script->stays && *answer == NULL)
        stay(p);
    gyre_close(p->stream);
    peers.open--;
    free(p);
    return 0;
}

/* ---- a connection that is reset where it would end ---- */

static const struct gyre_stream_ops *memory;
static bool was_reset; /* and we were told */
static bool unwritten; /* as its script says */

/* As the system: it says so once. */
static ssize_t reset_once(ssize_t err)
{
    ssize_t said = was_reset ? err : -ECONNRESET;

    was_reset = true;
    return said;
}

static ssize_t read_or_reset(struct gyre_stream *s, void *buf, size_t n,
                             gyre_time deadline)
{
    ssize_t got = memory->read(s, buf, n, deadline);

    return got == 0 ? reset_once(0) : got;
}

static ssize_t write_or_reset(struct gyre_stream *s, const struct iovec *iov,
                              int n, gyre_time deadline)
{
    ssize_t sent = memory->write(s, iov, n, deadline);

    if (sent != -EPIPE)
        return sent;
    if (unwritten && !was_reset)
        return gyre_sleep(deadline) ? -ECANCELED : -ETIMEDOUT;
    return reset_once(-EPIPE);
}

/* Have `stream`, on memory, reset where it would end. */
static void reset_at_end(struct gyre_stream *stream,
                         const struct script *script)
{
    static struct gyre_stream_ops ops;

    was_reset = false;
    unwritten = script->unwritten;
    memory = stream->ops;
    ops = *memory;
    ops.read = read_or_reset;
    ops.write = write_or_reset;
    stream->ops = &ops;
}

/* ---- connecting to one ---- */

static int take_time(gyre_time deadline)
{
    gyre_time there = gyre_in(peers.slow);
    int err = gyre_sleep(there < deadline ? there : deadline);

    return err == 0 && there > deadline ? -ETIMEDOUT : err;
}

/* A peer at the other end of `stream`, which it takes over. */
static int people(struct gyre_stream *stream, const struct script *script)
{
    struct peer *p = malloc(sizeof *p);

    if (p == NULL)
        return -ENOMEM;
    *p = (struct peer){script, stream};
    peers.stream = stream;
    peers.open++;
    if (gyre_spawn(&scope, NULL, follow, p) == 0)
        return 0;
    peers.open--;
    free(p);
    return -ENOMEM;
}

static int connect_peer(struct gyre_http_connector *c, const char *host,
                        int port, bool secure, struct gyre_stream **out,
                        gyre_time deadline)
{
    const struct script *script;
    struct gyre_stream *ends[2];
    int err = take_time(deadline);

    (void)c;
    (void)secure;
    snprintf(peers.host, sizeof peers.host, "%s", host);
    peers.port = port;
    if (err)
        return err;
    script = &peers.scripts[peers.connected++];
    err = gyre_memory_pair(gyre_loop_current(), script->capacity, ends);
    if (err)
        return err;
    err = people(ends[1], script);
    if (err) {
        gyre_close(ends[0]);
        gyre_close(ends[1]);
        return err;
    }
    if (script->resets)
        reset_at_end(ends[0], script);
    *out = ends[0];
    return 0;
}

int peers_begin(const struct script *scripts,
                struct gyre_http_session_options options)
{
    int err;

    peers =
        (struct peers){.connector.connect = connect_peer, .scripts = scripts};
    options.connector = &peers.connector;
    gyre_scope_open(&scope, GYRE_FOREVER);
    err = gyre_http_session_new_with(&session, &options);
    return err ? (int)gyre_scope_close(&scope, err) : 0;
}

void peers_end(void)
{
    gyre_http_session_free(session);
    gyre_scope_cancel(&scope);
    (void)gyre_scope_close(&scope, 0);
}

void peers_open(const struct script *scripts,
                struct gyre_http_session_options options)
{
    cr_expect_eq(peers_begin(scripts, options), 0);
}

void peers_close(void)
{
    gyre_http_session_free(session);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(peers.open, 0);
}

/* ---- asking them ---- */

const char *failure(int err)
{
    static char text[16];

    snprintf(text, sizeof text, "%d", err);
    return text;
}

const char *ask_with(struct gyre_http_call *call, gyre_time deadline)
{
    static char brief[512];
    struct gyre_http_response *r;
    const char *text;
    int err = gyre_http_call(session, call, &r, deadline);

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

const char *ask(const char *url, gyre_time deadline)
{
    struct gyre_http_call call = {.url = url};

    return ask_with(&call, deadline);
}

intptr_t ask_in_task(void *arg)
{
    const char *url = arg;
    const char *answer = ask(url, GYRE_FOREVER);

    note(strncmp(answer, "200", 3) == 0 ? url[strlen(url) - 1] : '!');
    return 0;
}

const char *heard(const char *request_line)
{
    return strstr(peers.heard, request_line);
}

ssize_t more_letters(struct gyre_http_call *call, void *buf, size_t n)
{
    struct letters *l = GYRE_OWNER(call, struct letters, call);

    (void)n;
    l->calls++;
    if (l->left == 0)
        return l->end;
    *(char *)buf = (char)('a' + --l->left);
    return 1;
}
