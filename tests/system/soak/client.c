/*
 * client.c - the soak's client: so many connections at a time, each of which
 * says what its own numbers have it say, and hears the same.
 *
 *     client PORT CONNECTIONS SECONDS SEED
 *
 * A connection is served when its first byte is back, and the time begins when
 * as many are as there are to be; none leaves before.  From then on it writes
 * pieces in one task, and reads in another, which stops now and then, so that
 * the server's writes have to wait.  In the end it half-closes, and reads to
 * the end; or resets, in the middle of all.  Then another takes its place.
 * What a connection does depends on the seed and its number, and on nothing
 * else but how far it gets in the time there is.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "loop/result.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/sync/semaphore.h"
#include "task/task.h"
#include "io/addr.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "tests/system/soak/books.h"

enum {
    PIECE = 4096,       /* bytes that are written, or read, at once; at most */
    QUOTA = 262144,     /* of a connection; at most */
    BUFFER = 16384,     /* that the system keeps, of those written */
    PERIOD = 65521,     /* of the pattern: prime, so that no length fits */
    UNSERVED = 512,     /* connections that may wait for their first byte */
    RESETS_ONE_IN = 4,  /* connections */
    STALLS_ONE_IN = 16, /* reads */
};

#define STALL    (2 * GYRE_SECOND)        /* at most */
#define REST     (100 * GYRE_MILLISECOND) /* at most, before another try */
#define PATIENCE (120 * GYRE_SECOND)      /* with a connection */
#define END      (240 * GYRE_SECOND)      /* to come to, when time is up */

/* Connections that have come to their end in one way. */
struct ending {
    uint64_t connections;
    uint64_t sent, verified; /* bytes */
};

struct client {
    struct gyre_addr server;
    size_t connections; /* at a time */
    gyre_time length;
    uint64_t seed;
    uint8_t pattern[PERIOD + PIECE];
    struct gyre_semaphore unserved;
    struct gyre_event complete; /* all are served, at a time */
    bool over;                  /* time is up */
    uint64_t begun, served, turned_away, portless;
    uint64_t now; /* served, at a time */
    uint64_t stalls;
    struct ending ended, reset;
};

/* A connection, from its first try to its end. */
struct visit {
    struct client *client;
    struct gyre_stream *stream;
    uint64_t saying, hearing; /* states of the random numbers for either */
    uint64_t number;
    size_t offset; /* of its first byte in the pattern */
    size_t quota;  /* bytes it is to send */
    bool resets;
    size_t sent, verified; /* bytes, so far */
};

/* ---- what is left to chance ---- */

/* The next number of a sequence (splitmix64), below `n`. */
static size_t below(uint64_t *state, size_t n)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((x ^ x >> 31) % n);
}

static gyre_time below_time(uint64_t *state, gyre_time most)
{
    return (gyre_time)below(state, (size_t)most);
}

static void plan(struct visit *v, struct client *c)
{
    uint64_t state = c->seed + (++c->begun << 32);

    *v = (struct visit){.client = c, .number = c->begun};
    v->offset = below(&state, PERIOD);
    v->quota = 1 + below(&state, QUOTA);
    v->resets = below(&state, RESETS_ONE_IN) == 0;
    v->saying = state;
    v->hearing = ~state;
}

static const uint8_t *pattern_at(const struct visit *v, size_t position)
{
    return v->client->pattern + (v->offset + position) % PERIOD;
}

/* ---- a connection that is served ---- */

static intptr_t hear(void *arg)
{
    struct visit *v = arg;
    uint8_t buf[PIECE];
    int err = 0;

    while (err == 0) {
        ssize_t n = gyre_read(v->stream, buf, sizeof buf, GYRE_FOREVER);

        if (n <= 0)
            return n;
        if (memcmp(buf, pattern_at(v, v->verified), (size_t)n) != 0)
            return -EBADMSG;
        v->verified += (size_t)n;
        if (below(&v->hearing, STALLS_ONE_IN) == 0) {
            v->client->stalls++;
            err = gyre_sleep(gyre_in(below_time(&v->hearing, STALL)));
        }
    }
    return err;
}

static int say(struct visit *v)
{
    while (v->sent < v->quota && !v->client->over) {
        size_t n = 1 + below(&v->saying, PIECE);
        int err;

        if (n > v->quota - v->sent)
            n = v->quota - v->sent;
        err = gyre_write(v->stream, pattern_at(v, v->sent), n, GYRE_FOREVER);
        if (err)
            return err;
        v->sent += n;
    }
    return 0;
}

/* Say it all, and hear it all; or, if it resets, what has come by then. */
static int talk(struct visit *v)
{
    struct gyre_scope scope;
    int err;

    gyre_scope_open(&scope, gyre_in(PATIENCE));
    gyre_spawn(&scope, NULL, hear, v);
    err = say(v);
    if (err == 0)
        err = gyre_event_wait(&v->client->complete, GYRE_FOREVER);
    if (err == 0 && v->resets)
        gyre_scope_cancel(&scope);
    else if (err == 0)
        err = gyre_shutdown(v->stream, GYRE_FOREVER);
    err = (int)gyre_scope_close(&scope, err);
    if (err == 0 && !v->resets && v->verified != v->sent)
        return -ENODATA;
    return err;
}

static void leave(struct visit *v)
{
    struct ending *e = v->resets ? &v->client->reset : &v->client->ended;

    if (v->resets)
        (void)gyre_tcp_reset_on_close(v->stream);
    gyre_close(v->stream);
    e->connections++;
    e->sent += v->sent;
    e->verified += v->verified;
    v->client->now--;
}

/* ---- getting there ---- */

/* Write the first byte, and read it. */
static int greet(struct visit *v)
{
    uint8_t byte;
    int err = gyre_stream_set_buffers(v->stream, BUFFER, 0);

    if (err == 0)
        err = gyre_write(v->stream, pattern_at(v, 0), 1, gyre_in(PATIENCE));
    if (err == 0)
        err = gyre_read_exact(v->stream, &byte, 1, gyre_in(PATIENCE));
    if (err)
        return err;
    v->sent = v->verified = 1;
    return byte == *pattern_at(v, 0) ? 0 : -EBADMSG;
}

static int arrive(struct visit *v)
{
    int err =
        gyre_tcp_connect_to(&v->client->server, &v->stream, gyre_in(PATIENCE));

    if (err)
        return err;
    err = greet(v);
    if (err)
        gyre_close(v->stream);
    return err;
}

/* Is there hope that another try does better?  It is counted why. */
static bool passing(struct client *c, int err)
{
    if (err == -EADDRNOTAVAIL)
        c->portless++;
    else if (err == -ECONNRESET || err == -EPIPE)
        c->turned_away++;
    else
        return false;
    return true;
}

/* Try until it is served. */
static int get_served(struct visit *v)
{
    struct client *c = v->client;
    int err = gyre_semaphore_acquire(&c->unserved, 1, GYRE_FOREVER);

    if (err)
        return err;
    while ((err = arrive(v)) != 0 && passing(c, err)) {
        err = gyre_sleep(gyre_in(below_time(&v->saying, REST)));
        if (err)
            break;
    }
    gyre_semaphore_release(&c->unserved, 1);
    return err;
}

static int visit(struct visit *v)
{
    struct client *c = v->client;
    int err = get_served(v);

    if (err)
        return err;
    c->served++;
    c->now++;
    if (c->now == c->connections)
        gyre_event_set(&c->complete);
    err = talk(v);
    leave(v);
    return err;
}

/* One connection after the other, while there is time. */
static intptr_t go_on(void *arg)
{
    struct client *c = arg;
    struct visit v;
    int err;

    do {
        plan(&v, c);
        err = visit(&v);
    } while (err == 0 && !c->over);
    if (err && err != -ECANCELED)
        fprintf(stderr,
                "client: connection %" PRIu64 ", of %zu bytes: sent %zu, "
                "verified %zu, then: %s\n",
                v.number, v.quota, v.sent, v.verified, gyre_strerror(err));
    return err;
}

/* ---- the program ---- */

static intptr_t run(void *arg)
{
    struct client *c = arg;
    struct gyre_scope scope;
    int err;

    gyre_scope_open(&scope, gyre_in(c->length + END));
    for (size_t i = 0; i < c->connections; i++)
        gyre_spawn(&scope, NULL, go_on, c);
    err = gyre_event_wait(&c->complete, GYRE_FOREVER);
    if (err == 0)
        err = gyre_sleep(gyre_in(c->length));
    c->over = true;
    return gyre_scope_close(&scope, err);
}

static void print_ending(const char *how, const struct ending *e)
{
    printf("%s: %" PRIu64 "\n%s, bytes written: %" PRIu64
           "\n%s, bytes verified: %" PRIu64 "\n",
           how, e->connections, how, e->sent, how, e->verified);
}

static void print(const struct client *c)
{
    printf("served: %" PRIu64 "\nturned away: %" PRIu64
           "\nfound no port: %" PRIu64 "\nstalls: %" PRIu64 "\n",
           c->served, c->turned_away, c->portless, c->stalls);
    print_ending("ended", &c->ended);
    print_ending("reset", &c->reset);
}

static int prepare(struct client *c, char **words)
{
    uint64_t state;

    *c = (struct client){
        .connections = strtoull(words[2], NULL, 10),
        .length = strtoll(words[3], NULL, 10) * GYRE_SECOND,
        .seed = strtoull(words[4], NULL, 10),
        .unserved.permits = UNSERVED,
    };
    printf("seed: %" PRIu64 "\n", c->seed);
    fflush(stdout);
    state = c->seed;
    for (size_t i = 0; i < sizeof c->pattern; i++)
        c->pattern[i] =
            i < PERIOD ? (uint8_t)below(&state, 256) : c->pattern[i - PERIOD];
    return gyre_addr_parse(&c->server, "127.0.0.1",
                           (int)strtol(words[1], NULL, 10));
}

static int run_on(struct gyre_loop *loop, struct client *c)
{
    struct gyre_run_options options = {.loop = loop};

    return (int)gyre_run_with(&options, run, c);
}

int main(int argc, char **argv)
{
    static struct client client;
    struct books books;
    struct gyre_loop_options options = {.allocator = &books.allocator};
    struct gyre_loop *loop;
    int err;

    books_open(&books);
    err = argc == 5 ? prepare(&client, argv) : -EINVAL;
    if (err == 0)
        err = gyre_loop_new_with(&loop, &options);
    if (err == 0) {
        err = run_on(loop, &client);
        gyre_loop_free(loop);
        print(&client);
        books_close(&books);
    }
    if (err)
        fprintf(stderr, "client: %s\n", gyre_strerror(err));
    return err != 0;
}
