/*
 * check CHAIN KEY CA: what tls.c is held to, over streams in memory in a simulated world, where
 * whatever can go wrong on a network does so in no time.  Says what does not hold.
 */
#include "tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH (300 * 1000) /* bytes, each way */
#define SPAN   (60 * GYRE_SECOND)

static SSL_CTX *shows, *trusts;
static int failures;

static void expect(bool holds, const char *what, long got)
{
    if (holds)
        return;
    fprintf(stderr, "failed: %s (%ld)\n", what, got);
    failures++;
}

/* ---- two ends ---- */

struct end {
    struct gyre_stream *beneath, *stream;
    struct tls tls;
    int err;
    unsigned seed;
    size_t done;
};

static struct end ends[2]; /* client, server */

static intptr_t open_end(void *arg)
{
    struct end *e = arg;

    e->err = tls_open(&e->tls, e->beneath, &e->stream, gyre_in(SPAN));
    if (e->err)
        gyre_close(e->beneath);
    return 0;
}

static void pair_with(const struct gyre_memory_options *how)
{
    struct gyre_stream *pair[2] = {NULL, NULL};

    expect(gyre_memory_pair_with(gyre_loop_current(), how, pair) == 0, "a pair is made", 0);
    for (int i = 0; i < 2; i++)
        ends[i] = (struct end){.beneath = pair[i], .seed = (unsigned)i};
    ends[0].tls = (struct tls){.context = trusts, .host = "localhost"};
    ends[1].tls = (struct tls){.context = shows};
}

static void open_both(const struct gyre_memory_options *how)
{
    struct gyre_scope scope;

    pair_with(how);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, open_end, &ends[0]);
    gyre_spawn(&scope, NULL, open_end, &ends[1]);
    gyre_scope_close(&scope, 0);
    expect(ends[0].err == 0, "the client shakes hands", ends[0].err);
    expect(ends[1].err == 0, "the server shakes hands", ends[1].err);
}

static void close_both(void)
{
    gyre_close(ends[0].stream);
    gyre_close(ends[1].stream);
}

/* What is sent at `at`, by the end with that seed. */
static char byte_at(unsigned seed, size_t at)
{
    return (char)(at * 7 + at / 251 + seed * 101);
}

static void fill(char *buf, size_t n, unsigned seed, size_t at)
{
    for (size_t i = 0; i < n; i++)
        buf[i] = byte_at(seed, at + i);
}

static bool is_right(const char *buf, size_t n, unsigned seed, size_t at)
{
    for (size_t i = 0; i < n; i++) {
        if (buf[i] != byte_at(seed, at + i))
            return false;
    }
    return true;
}

/* ---- both ways at once ---- */

/* Keys are renewed on the way, and the peer asked for the same: each end then has to send while it
   reads. */
static void renew_keys(const struct end *e, size_t at)
{
    if (at / 50000 != e->done / 50000 && SSL_version(tls_ssl(e->stream)) == TLS1_3_VERSION)
        expect(SSL_key_update(tls_ssl(e->stream), SSL_KEY_UPDATE_REQUESTED) == 1,
               "keys are renewed", 0);
}

static intptr_t send_all(void *arg)
{
    struct end *e = arg;
    static char buf[2][5000];
    int err = 0;

    for (size_t at = 0; at < LENGTH && err == 0;) {
        size_t n = 1 + at % sizeof buf[0];

        if (n > LENGTH - at)
            n = LENGTH - at;
        fill(buf[e->seed], n, e->seed, at);
        err = gyre_write(e->stream, buf[e->seed], n, gyre_in(SPAN));
        at += n;
        renew_keys(e, at);
        e->done = at;
    }
    expect(err == 0, "all is written", err);
    err = gyre_shutdown(e->stream, gyre_in(SPAN));
    expect(err == 0, "and the end declared", err);
    return 0;
}

/* Read to the end: what the other end has sent, and all of it. */
static intptr_t receive_all(void *arg)
{
    struct end *e = arg;
    char buf[3000];
    size_t at = 0;
    ssize_t n;

    while ((n = gyre_read(e->stream, buf, 1 + at % sizeof buf, gyre_in(SPAN))) > 0) {
        if (!is_right(buf, (size_t)n, !e->seed, at))
            break;
        at += (size_t)n;
    }
    expect(n == 0, "it is read to the end", n);
    expect(at == LENGTH, "and is whole", (long)at);
    return 0;
}

static void goes_both_ways_at_once(const struct gyre_memory_options *how)
{
    struct gyre_scope scope;

    open_both(how);
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < 2; i++) {
        gyre_spawn(&scope, NULL, send_all, &ends[i]);
        gyre_spawn(&scope, NULL, receive_all, &ends[i]);
    }
    gyre_scope_close(&scope, 0);
    close_both();
}

/* Whatever lies between them. */
static void loses_nothing(void)
{
    static const struct gyre_memory_options ways[] = {
        {.capacity = 0},
        {.capacity = 100},
        {.piece = 1000, .ragged = true, .latency = GYRE_MILLISECOND},
        {.capacity = 40000, .bandwidth = 1000000},
    };

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        goes_both_ways_at_once(&ways[i]);
    SSL_CTX_set_max_proto_version(trusts, TLS1_2_VERSION);
    goes_both_ways_at_once(&ways[2]);
    SSL_CTX_set_max_proto_version(trusts, 0);
}

/* ---- one way that needs the other ---- */

/* A ticket comes behind the handshake, and so large a one in pieces.  While it has come by half,
   OpenSSL writes nothing. */
static int make_ticket_large(SSL *ssl, void *arg)
{
    static const char much[3000] = "";

    (void)arg;
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), much, sizeof much);
}

static SSL_TICKET_RETURN take_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
                                     size_t n, SSL_TICKET_STATUS status, void *arg)
{
    (void)ssl, (void)session, (void)name, (void)n, (void)status, (void)arg;
    return SSL_TICKET_RETURN_IGNORE;
}

static void writes_when_what_came_by_half_is_whole(void)
{
    SSL_CTX_set_session_ticket_cb(shows, make_ticket_large, take_ticket, NULL);
    SSL_CTX_set_max_send_fragment(shows, 512);
    goes_both_ways_at_once(&(struct gyre_memory_options){.capacity = 300, .bandwidth = 100000});
    SSL_CTX_set_session_ticket_cb(shows, NULL, NULL, NULL);
    SSL_CTX_set_max_send_fragment(shows, SSL3_RT_MAX_PLAIN_LENGTH);
}

static intptr_t read_much(void *arg)
{
    static char buf[LENGTH];
    struct end *e = arg;
    int err = gyre_read_exact(e->stream, buf, sizeof buf, gyre_in(SPAN));

    expect(err == 0 && is_right(buf, sizeof buf, 1, 0), "many small records are read", err);
    return 0;
}

/* A peer may ask for records so small that what is put around them is more than the ring has room
   for, if all that is written were put into it. */
static void writes_records_as_small_as_they_may_be(void)
{
    static char buf[LENGTH];
    struct gyre_scope scope;
    int err;

    SSL_CTX_set_tlsext_max_fragment_length(trusts, TLSEXT_max_fragment_length_512);
    SSL_CTX_set_max_proto_version(trusts, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(trusts, "ECDHE-ECDSA-AES128-SHA256");
    open_both(&(struct gyre_memory_options){0});
    fill(buf, sizeof buf, 1, 0);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, read_much, &ends[0]);
    err = gyre_write(ends[1].stream, buf, sizeof buf, gyre_in(SPAN));
    expect(err == 0, "many small records are written", err);
    gyre_scope_close(&scope, 0);
    close_both();
    SSL_CTX_set_tlsext_max_fragment_length(trusts, TLSEXT_max_fragment_length_DISABLED);
    SSL_CTX_set_max_proto_version(trusts, 0);
}

#define UPDATES 2000

static intptr_t ask_for_keys(void *arg)
{
    struct end *e = arg;
    int err = 0;

    for (int i = 0; i < UPDATES && err == 0; i++) {
        SSL_key_update(tls_ssl(e->stream), SSL_KEY_UPDATE_REQUESTED);
        err = gyre_write(e->stream, "x", 1, GYRE_FOREVER);
    }
    expect(err == 0, "keys are asked for", err);
    return 0;
}

static intptr_t read_answers(void *arg)
{
    struct end *e = arg;
    char none;
    ssize_t n = gyre_read(e->stream, &none, 1, gyre_in(GYRE_SECOND));

    expect(n == -ETIMEDOUT, "answers are read", n);
    return 0;
}

/* A peer that asks for new keys, and reads none of the answers, is not read on before it does: else
   they would pile up. */
static void hoards_no_answers(void)
{
    static char got[UPDATES];
    struct gyre_scope scope;
    int err;

    open_both(&(struct gyre_memory_options){.capacity = 5000});
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, ask_for_keys, &ends[0]);
    err = gyre_read_exact(ends[1].stream, got, sizeof got, gyre_in(GYRE_SECOND));
    expect(err == -ETIMEDOUT, "it is not read on", err);
    gyre_spawn(&scope, NULL, read_answers, &ends[0]);
    err = gyre_read_exact(ends[1].stream, got, sizeof got, gyre_in(SPAN));
    expect(err == 0, "until it reads", err);
    gyre_scope_close(&scope, 0);
    close_both();
}

struct counter {
    struct gyre_reading reading;
    char buf[100];
    ssize_t got;
    int calls;
};

static void count(struct gyre_reading *r, ssize_t n)
{
    struct counter *c = GYRE_OWNER(r, struct counter, reading);

    c->got += n;
    c->calls++;
}

/* The same for a callback, which is not called in vain meanwhile. */
static void hoards_no_answers_for_callbacks(void)
{
    static struct counter c = {.reading = {.read = count, .buf = c.buf, .size = sizeof c.buf}};
    struct gyre_scope scope;
    int err;

    open_both(&(struct gyre_memory_options){.capacity = 5000});
    err = gyre_reading_start(&c.reading, ends[1].stream);
    expect(err == 0, "a reading starts", err);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, ask_for_keys, &ends[0]);
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    expect(err == 0 && c.got < UPDATES, "it stops", c.got);
    gyre_spawn(&scope, NULL, read_answers, &ends[0]);
    gyre_scope_close(&scope, 0);
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    expect(err == 0 && c.got == UPDATES, "and goes on", c.got);
    gyre_reading_stop(&c.reading);
    close_both();
}

/* ---- ending early ---- */

/* Reads that time out in the middle of a record lose nothing of it, and writes that do have taken
   what they say. */
static intptr_t send_impatiently(void *arg)
{
    struct end *e = arg;
    static char buf[LENGTH];
    int late = 0;

    fill(buf, sizeof buf, e->seed, 0);
    while (e->done < LENGTH) {
        ssize_t n =
            gyre_write_some(e->stream, buf + e->done, LENGTH - e->done, gyre_in(GYRE_MILLISECOND));

        if (n != -ETIMEDOUT && n <= 0)
            break;
        late += n == -ETIMEDOUT;
        e->done += n > 0 ? (size_t)n : 0;
    }
    expect(e->done == LENGTH, "impatient writes get there", (long)e->done);
    expect(late > 10, "though many are late", late);
    late = gyre_shutdown(e->stream, gyre_in(SPAN));
    expect(late == 0, "and can be ended", late);
    return 0;
}

static intptr_t receive_impatiently(void *arg)
{
    struct end *e = arg;
    char buf[1000];
    size_t at = 0;
    int late = 0;
    ssize_t n;

    while ((n = gyre_read(e->stream, buf, sizeof buf, gyre_in(GYRE_MILLISECOND))) != 0) {
        late += n == -ETIMEDOUT;
        if (n == -ETIMEDOUT)
            continue;
        if (n < 0 || !is_right(buf, (size_t)n, !e->seed, at))
            break;
        at += (size_t)n;
    }
    expect(n == 0 && at == LENGTH, "impatient reads lose nothing", (long)at);
    expect(late > 10, "though many are late", late);
    return 0;
}

static void may_end_in_the_middle_of_a_record(void)
{
    struct gyre_memory_options slow = {.capacity = 3000, .bandwidth = 500000};
    struct gyre_scope scope;

    open_both(&slow);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, send_impatiently, &ends[0]);
    gyre_spawn(&scope, NULL, receive_impatiently, &ends[1]);
    gyre_scope_close(&scope, 0);
    close_both();
}

/* ---- ends ---- */

/* An end that nobody has declared may be an attacker's: a reader who took it for the peer's would
   take half an answer for a whole one. */
static void tells_a_cut_from_an_end(void)
{
    char buf[10];
    ssize_t n;
    int err;

    open_both(&(struct gyre_memory_options){0});
    err = gyre_write(ends[0].stream, "half", 4, gyre_in(SPAN));
    gyre_close(ends[0].stream);
    n = gyre_read(ends[1].stream, buf, sizeof buf, gyre_in(SPAN));
    expect(err == 0 && n == 4, "what came before is read", n);
    n = gyre_read(ends[1].stream, buf, sizeof buf, gyre_in(SPAN));
    expect(n == -ECONNRESET, "a cut is no end", n);
    n = gyre_read(ends[1].stream, buf, sizeof buf, gyre_in(SPAN));
    expect(n == -ECONNRESET, "nor later", n);
    gyre_close(ends[1].stream);
}

/* Peers exist that never answer a close_notify, and some programs have waited for it for ever. */
static void waits_for_no_answer_to_an_end(void)
{
    char buf[10];
    gyre_time began;
    ssize_t n;
    int err;

    open_both(&(struct gyre_memory_options){0});
    began = gyre_in(0);
    err = gyre_shutdown(ends[0].stream, gyre_in(SPAN));
    expect(err == 0 && gyre_in(0) == began, "the end is declared, and that is all", err);
    err = gyre_write(ends[0].stream, "x", 1, gyre_in(SPAN));
    expect(err == -EPIPE, "there is nothing behind it", err);
    n = gyre_read(ends[1].stream, buf, sizeof buf, gyre_in(SPAN));
    expect(n == 0, "it is read", n);
    err = gyre_write(ends[1].stream, "more", 4, gyre_in(SPAN));
    expect(err == 0, "the other half goes on", err);
    n = gyre_read(ends[0].stream, buf, sizeof buf, gyre_in(SPAN));
    expect(n == 4, "and is heard", n);
    close_both();
}

/* Nor is there one from a peer that reads nothing any more. */
static void has_a_deadline_for_an_end(void)
{
    static char buf[20000];
    int err;

    open_both(&(struct gyre_memory_options){.capacity = 2000});
    err = gyre_write(ends[0].stream, buf, sizeof buf, gyre_in(GYRE_SECOND));
    expect(err == -ETIMEDOUT, "what nobody reads cannot be written", err);
    err = gyre_shutdown(ends[0].stream, gyre_in(GYRE_SECOND));
    expect(err == -EPIPE || err == -ETIMEDOUT, "nor ended", err);
    close_both();
}

/* Who is inside of a call, and what ends that. */
static int ends_by;

static intptr_t read_for_ever(void *arg)
{
    char byte;
    ssize_t n = gyre_read(arg, &byte, 1, GYRE_FOREVER);

    expect(n == ends_by, "who reads is told", n);
    return 0;
}

static intptr_t write_for_ever(void *arg)
{
    static char buf[100000];
    int err = gyre_write(arg, buf, sizeof buf, GYRE_FOREVER);

    expect(err == ends_by, "and so is who writes", err);
    return 0;
}

static void end_under_its_callers(void (*end)(void), int told)
{
    struct gyre_scope scope;

    ends_by = told;
    open_both(&(struct gyre_memory_options){.capacity = 2000});
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, read_for_ever, ends[0].stream);
    gyre_spawn(&scope, NULL, write_for_ever, ends[0].stream);
    expect(gyre_sleep(gyre_in(GYRE_SECOND)) == 0, "they wait", 0);
    end();
    gyre_scope_close(&scope, 0);
}

static void is_closed_under_its_callers(void)
{
    end_under_its_callers(close_both, -EBADF);
}

static void cut(void)
{
    ends[0].stream->ops->cut(ends[0].stream);
}

/* As a server does in the last step of a stop; the stream is its handler's still. */
static void is_cut_with_what_is_beneath(void)
{
    struct gyre_stream *s;
    char byte;
    ssize_t n;

    end_under_its_callers(cut, -ECONNRESET);
    s = ends[0].stream;
    n = gyre_read(s, &byte, 1, gyre_in(SPAN));
    expect(n < 0, "nothing can be read", n);
    n = gyre_write(s, "x", 1, gyre_in(SPAN));
    expect(n < 0, "nor written", n);
    n = gyre_shutdown(s, gyre_in(SPAN));
    expect(n < 0, "nor ended", n);
    while ((n = gyre_read(ends[1].stream, &byte, 1, gyre_in(SPAN))) > 0)
        ;
    expect(n == -ECONNRESET, "and the peer hears of it", n);
    close_both();
}

/* ---- handshakes that fail ---- */

static int try_client(const char *host, gyre_time deadline)
{
    struct tls tls = {.context = trusts, .host = host};

    return tls_open(&tls, ends[0].beneath, &ends[0].stream, deadline);
}

static void shakes_no_hands(void)
{
    int err;

    pair_with(&(struct gyre_memory_options){0});
    err = try_client("localhost", gyre_in(GYRE_SECOND));
    expect(err == -ETIMEDOUT, "who is silent has his time", err);
    gyre_close(ends[0].beneath);
    gyre_close(ends[1].beneath);

    pair_with(&(struct gyre_memory_options){0});
    gyre_close(ends[1].beneath);
    err = try_client("localhost", gyre_in(SPAN));
    expect(err == -EPIPE || err == -ECONNRESET, "who has gone is gone", err);
    gyre_close(ends[0].beneath);

    pair_with(&(struct gyre_memory_options){0});
    expect(gyre_write(ends[1].beneath, "220 mail.example ESMTP\r\n", 24, gyre_in(SPAN)) == 0,
           "somebody says something else", 0);
    err = try_client("localhost", gyre_in(SPAN));
    expect(err == -EPROTO, "who speaks no TLS is told so", err);
    gyre_close(ends[0].beneath);
    gyre_close(ends[1].beneath);
}

static void refuses_who_is_another(void)
{
    struct gyre_scope scope;
    int err;

    pair_with(&(struct gyre_memory_options){0});
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, open_end, &ends[1]);
    err = try_client("elsewhere.example", gyre_in(SPAN));
    expect(err == -EACCES, "a certificate for another is refused", err);
    gyre_close(ends[0].beneath);
    gyre_scope_close(&scope, 0);
    expect(ends[1].err == -EPROTO || ends[1].err == -ECONNRESET, "the server hears of it",
           ends[1].err);
    if (ends[1].err == 0)
        gyre_close(ends[1].stream);
}

/* What is not what was enciphered is not handed out, and ends it. */
static void finds_out_forgeries(void)
{
    char buf[10];
    ssize_t n;
    int err;

    open_both(&(struct gyre_memory_options){0});
    err = gyre_write(ends[0].beneath,
                     "\x17\x03\x03\x00\x20"
                     "0123456789abcdef0123456789abcdef",
                     37, gyre_in(SPAN));
    n = gyre_read(ends[1].stream, buf, sizeof buf, gyre_in(SPAN));
    expect(err == 0 && n == -EPROTO, "a forged record is found out", n);
    n = gyre_read(ends[1].stream, buf, sizeof buf, gyre_in(SPAN));
    expect(n == -EPROTO, "once and for all", n);
    err = gyre_write(ends[1].stream, "x", 1, gyre_in(SPAN));
    expect(err == -EPIPE, "and nothing is said any more", err);
    close_both();
}

/* ---- callbacks ---- */

/* Sends back what comes, without a task. */
struct echo {
    struct gyre_reading reading;
    struct gyre_writing writing;
    struct gyre_stream *stream;
    struct iovec piece;
    char buf[700];
    int calls;
};

static void echo_read(struct gyre_reading *r, ssize_t n)
{
    struct echo *e = GYRE_OWNER(r, struct echo, reading);

    e->calls++;
    gyre_reading_stop(r);
    e->writing.last = n <= 0;
    e->piece = (struct iovec){e->buf, n > 0 ? (size_t)n : 0};
    gyre_writing_start(&e->writing, e->stream, &e->piece, 1);
}

static void echo_written(struct gyre_writing *w, int err)
{
    struct echo *e = GYRE_OWNER(w, struct echo, writing);

    expect(err == 0, "callbacks write", err);
    if (err == 0 && !w->last)
        err = gyre_reading_start(&e->reading, e->stream);
    expect(err == 0, "and read", err);
}

static void speaks_to_callbacks(const struct gyre_memory_options *how)
{
    static struct echo echo;
    struct gyre_scope scope;
    int err;

    open_both(how);
    ends[1].seed = 1;
    echo = (struct echo){.reading = {.read = echo_read, .buf = echo.buf, .size = sizeof echo.buf},
                         .writing.written = echo_written,
                         .stream = ends[1].stream};
    err = gyre_reading_start(&echo.reading, ends[1].stream);
    expect(err == 0, "a reading starts", err);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, send_all, &ends[0]);
    ends[1].stream = ends[0].stream;
    gyre_spawn(&scope, NULL, receive_all, &ends[1]);
    gyre_scope_close(&scope, 0);
    expect(echo.calls < LENGTH / 5, "and is not called for nothing", echo.calls);
    gyre_close(echo.stream);
    gyre_close(ends[0].stream);
}

/* Two records have come at once, and nothing more does: both are told. */
static void tells_callbacks_of_what_is_there(void)
{
    static struct counter c = {.reading = {.read = count, .buf = c.buf, .size = sizeof c.buf}};
    int err;

    open_both(&(struct gyre_memory_options){0});
    err = gyre_reading_start(&c.reading, ends[1].stream);
    expect(err == 0, "a reading starts", err);
    err = gyre_write(ends[0].stream, "one", 3, GYRE_FOREVER);
    if (err == 0)
        err = gyre_write(ends[0].stream, "two", 3, GYRE_FOREVER);
    if (err == 0)
        err = gyre_sleep(gyre_in(GYRE_SECOND));
    expect(err == 0 && c.got == 6 && c.calls == 2, "each record is told", c.got);
    gyre_reading_stop(&c.reading);
    close_both();
}

static intptr_t run(void *arg)
{
    (void)arg;
    loses_nothing();
    writes_when_what_came_by_half_is_whole();
    writes_records_as_small_as_they_may_be();
    hoards_no_answers();
    hoards_no_answers_for_callbacks();
    may_end_in_the_middle_of_a_record();
    tells_a_cut_from_an_end();
    waits_for_no_answer_to_an_end();
    has_a_deadline_for_an_end();
    is_closed_under_its_callers();
    is_cut_with_what_is_beneath();
    shakes_no_hands();
    refuses_who_is_another();
    finds_out_forgeries();
    tells_callbacks_of_what_is_there();
    speaks_to_callbacks(&(struct gyre_memory_options){0});
    speaks_to_callbacks(&(struct gyre_memory_options){.capacity = 500, .latency = 1000});
    return 0;
}

int main(int argc, char **argv)
{
    intptr_t err;

    if (argc != 4)
        return 2;
    shows = tls_server_context(argv[1], argv[2]);
    trusts = tls_client_context(argv[3]);
    err = shows != NULL && trusts != NULL ? gyre_simulate(run, NULL) : -EINVAL;
    SSL_CTX_free(shows);
    SSL_CTX_free(trusts);
    expect(err == 0, "the run ends well", (long)err);
    return failures > 0;
}
