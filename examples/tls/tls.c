/*
 * tls.c - TLS over any stream, by OpenSSL.
 *
 *      tls_read  <-  SSL  <-  ring  <-  gyre_read       <-  beneath
 *      tls_write ->  SSL  ->  ring  ->  a gyre_writing  ->  beneath
 *
 * OpenSSL is given two rings of bytes (a BIO pair) in place of a socket.  So it never waits, and no
 * task stops inside of it, where another could come in: who waits does so in the stream beneath, or
 * in a line here.  Reading may have something to send, and writing something to receive: what is in
 * the outgoing ring is sent by a writing, which needs nobody to see it through.
 *
 * Invariants:
 *   - what is in the outgoing ring is on its way, unless sending has failed;
 *   - SSL_write is called when that ring is empty, for one record, which so fits, and is taken whole;
 *   - a reader waits beneath only while the incoming ring is empty.
 */
#include "tls.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#define RING   (17 * 1024) /* bytes: the largest record there is, and some more */
#define RECORD (16 * 1024) /* bytes that go into one */

/* One direction: who is inside a call, one at most, or the job that waits to make it. */
struct side {
    struct gyre_line inside; /* see io/line.h */
    struct gyre_job *job;    /* or NULL */
    bool crossed;            /* its latest call wants the other direction to go on first */
};

struct stream {
    struct gyre_stream base;
    struct gyre_stream *beneath;
    SSL *ssl;
    BIO *rings; /* our end of both */
    struct side reading, writing;
    struct gyre_writing sending; /* of `piece` */
    struct iovec piece;          /* the first of the outgoing ring; empty: nothing is on its way */
    int unsent;                  /* why nothing can be sent any more, or 0 */
    bool failed;                 /* OpenSSL has, and is not to be called again */
    char small[2048];            /* pieces put together, as a record for each were a waste */
};

static struct stream *of(struct gyre_stream *s)
{
    return GYRE_OWNER(s, struct stream, base);
}

/* ---- the outgoing ring ---- */

static bool is_sending(const struct stream *t)
{
    return t->piece.iov_len > 0;
}

/* The piece has gone. */
static void drop_piece(struct stream *t)
{
    char *at;

    BIO_nread(t->rings, &at, (int)t->piece.iov_len);
    t->piece.iov_len = 0;
}

/* Send what is in the ring: here and now, as far as that goes, and the rest by itself. */
static void send_ring(struct stream *t)
{
    char *at;
    int n;

    while (!is_sending(t) && t->unsent == 0 && (n = BIO_nread0(t->rings, &at)) > 0) {
        ssize_t some = gyre_write_some(t->beneath, at, (size_t)n, GYRE_NOW);

        if (some > 0) {
            BIO_nread(t->rings, &at, (int)some);
        } else {
            t->piece = (struct iovec){at, (size_t)n};
            gyre_writing_start(&t->sending, t->beneath, &t->piece, 1);
        }
    }
}

/* Whoever is on this side may go on. */
static void tell(struct stream *t, struct side *side)
{
    struct gyre_job *j = side->job;

    side->job = NULL;
    side->crossed = false;
    if (j != NULL)
        gyre_job_start(t->base.loop, j);
    gyre_line_call(&side->inside);
}

static void sent(struct gyre_writing *w, int err)
{
    struct stream *t = GYRE_OWNER(w, struct stream, sending);

    t->unsent = err;
    drop_piece(t);
    send_ring(t);
    if (is_sending(t))
        return;
    tell(t, &t->writing);
    if (t->reading.crossed)
        tell(t, &t->reading);
}

static const struct gyre_wait_kind sends = {
    .name = "for TLS to be sent",
    .abandon = gyre_line_give_up,
};

/* Wait until nothing is on its way. */
static int wait_sent(struct stream *t, struct gyre_caller *c, gyre_time deadline)
{
    int err = 0;

    while (err == 0 && !c->sent_home && is_sending(t))
        err = gyre_line_park(c, &sends, &t->base, deadline);
    if (c->sent_home)
        return c->sent_home;
    return err ? err : t->unsent;
}

/* ---- OpenSSL ---- */

/* What a call of OpenSSL came to, SSL_ERROR_NONE and so on.  Its queue of errors is the thread's, and
   so all tasks': it is emptied before each call, and read behind it. */
static int outcome(struct stream *t, int result)
{
    int why = SSL_get_error(t->ssl, result);

    if (why == SSL_ERROR_SSL || why == SSL_ERROR_SYSCALL)
        t->failed = true;
    send_ring(t);
    return why;
}

/* Read what OpenSSL wants from beneath.  After an error there may be no stream any more. */
static int receive(struct stream *t, gyre_time deadline)
{
    char *at;
    int room = BIO_nwrite0(t->rings, &at);
    ssize_t got = gyre_read(t->beneath, at, (size_t)room, deadline);

    if (got <= 0)
        return got == 0 ? -ECONNRESET : (int)got;
    BIO_nwrite(t->rings, &at, (int)got);
    if (t->writing.crossed)
        tell(t, &t->writing);
    return 0;
}

/* ---- reading ---- */

/* As SSL_read: > 0; 0 at the end; -EAGAIN for more from beneath, or, crossed, for room to answer. */
static ssize_t decipher(struct stream *t, void *buf, size_t n)
{
    int got, why;

    if (t->failed)
        return -EPROTO;
    ERR_clear_error();
    got = SSL_read(t->ssl, buf, n < INT_MAX ? (int)n : INT_MAX);
    why = outcome(t, got);
    if (got > 0)
        return got;
    t->reading.crossed = why == SSL_ERROR_WANT_WRITE;
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return -EAGAIN;
    return why == SSL_ERROR_ZERO_RETURN ? 0 : -EPROTO;
}

static ssize_t tls_read(struct gyre_stream *s, void *buf, size_t n, gyre_time deadline)
{
    struct stream *t = of(s);
    struct gyre_caller c;
    ssize_t got = -EAGAIN;
    int err;

    gyre_line_join(&t->reading.inside, &c);
    err = gyre_checkpoint(deadline);
    while (err == 0 && !c.sent_home && (got = decipher(t, buf, n)) == -EAGAIN)
        err = t->reading.crossed ? wait_sent(t, &c, deadline) : receive(t, deadline);
    gyre_line_leave(&t->reading.inside, &c);
    if (c.sent_home)
        return c.sent_home;
    return err ? err : got;
}

/* ---- writing ---- */

/* What goes into the next record. */
static struct iovec gather(struct stream *t, const struct iovec *iov, int n)
{
    size_t length = 0;

    for (; n > 1 && iov->iov_len == 0; n--)
        iov++;
    if (n == 1 || iov->iov_len >= sizeof t->small)
        return *iov;
    for (; n > 0 && length < sizeof t->small; iov++, n--) {
        size_t left = sizeof t->small - length;
        size_t some = iov->iov_len < left ? iov->iov_len : left;

        if (some > 0)
            memcpy(t->small + length, iov->iov_base, some);
        length += some;
    }
    return (struct iovec){t->small, length};
}

/* As SSL_write, of one record at most, when nothing is on its way: > 0; or -EAGAIN, crossed. */
static ssize_t encipher(struct stream *t, const struct iovec *record)
{
    size_t n = record->iov_len < RECORD ? record->iov_len : RECORD;
    int put, why;

    if (t->failed || SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN)
        return -EPIPE;
    ERR_clear_error();
    put = SSL_write(t->ssl, record->iov_base, (int)n);
    why = outcome(t, put);
    t->writing.crossed = why == SSL_ERROR_WANT_READ;
    return put > 0 ? put : t->writing.crossed ? -EAGAIN : -EPROTO;
}

static const struct gyre_wait_kind news = {
    .name = "to read what TLS needs to write",
    .abandon = gyre_line_give_up,
};

/* Wait until OpenSSL may be given something to send. */
static int wait_clear(struct stream *t, struct gyre_caller *c, gyre_time deadline)
{
    int err = 0;

    while (err == 0 && !c->sent_home && t->writing.crossed)
        err = gyre_line_park(c, &news, &t->base, deadline);
    return err ? err : wait_sent(t, c, deadline);
}

static ssize_t write_record(struct stream *t, struct gyre_caller *c, const struct iovec *iov, int n,
                            gyre_time deadline)
{
    struct iovec record = gather(t, iov, n);
    ssize_t put = -EAGAIN;
    int err = 0;

    while (put == -EAGAIN) {
        err = wait_clear(t, c, deadline);
        if (err)
            return err;
        put = encipher(t, &record);
    }
    if (put > 0)
        err = wait_sent(t, c, deadline);
    return err && err != -ETIMEDOUT && err != -ECANCELED ? err : put;
}

static ssize_t tls_write(struct gyre_stream *s, const struct iovec *iov, int n, gyre_time deadline)
{
    struct stream *t = of(s);
    struct gyre_caller c;
    ssize_t put;

    gyre_line_join(&t->writing.inside, &c);
    put = gyre_checkpoint(deadline);
    if (put == 0 && !c.sent_home)
        put = write_record(t, &c, iov, n, deadline);
    gyre_line_leave(&t->writing.inside, &c);
    return c.sent_home ? c.sent_home : put;
}

/* ---- waiting without a task ---- */

/* Is there nothing to be had but from beneath? */
static bool is_dry(const struct stream *t)
{
    return !t->failed && SSL_pending(t->ssl) == 0 && BIO_wpending(t->rings) == 0;
}

static int tls_when(struct gyre_stream *s, unsigned event, struct gyre_job *j)
{
    struct stream *t = of(s);
    struct side *side = event == GYRE_READ ? &t->reading : &t->writing;

    if (event == GYRE_READ ? side->crossed && is_sending(t) : side->crossed || is_sending(t))
        side->job = j;
    else if (event == GYRE_READ && is_dry(t))
        return gyre_stream_when_readable(t->beneath, j);
    else
        gyre_job_start(s->loop, j);
    return 0;
}

static void tls_forget(struct gyre_stream *s, unsigned event)
{
    struct stream *t = of(s);

    if (event == GYRE_READ)
        gyre_stream_forget(t->beneath);
    (event == GYRE_READ ? &t->reading : &t->writing)->job = NULL;
}

/* ---- ending ---- */

/* Have a close_notify sent, once: 0; or -EAGAIN, crossed.  An update of keys that was begun comes
   before it. */
static int say_the_end(struct stream *t)
{
    int done, why;

    if (SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN)
        return 0;
    if (t->failed)
        return -EPIPE;
    ERR_clear_error();
    done = SSL_do_handshake(t->ssl);
    why = outcome(t, done);
    t->writing.crossed = why == SSL_ERROR_WANT_READ;
    if (done != 1 || SSL_shutdown(t->ssl) < 0)
        return t->writing.crossed ? -EAGAIN : -EPROTO;
    send_ring(t);
    return 0;
}

/* No part of its caller, or gcc takes the record there for one that stays in line when it is
   gone. */
static __attribute__((noinline)) int end_records(struct stream *t, struct gyre_caller *c,
                                                 gyre_time deadline)
{
    int err = -EAGAIN;

    while (err == -EAGAIN) {
        err = wait_clear(t, c, deadline);
        if (err == 0)
            err = say_the_end(t);
    }
    return err ? err : wait_sent(t, c, deadline);
}

static int tls_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    struct stream *t = of(s);
    struct gyre_caller c;
    int err;

    gyre_line_join(&t->writing.inside, &c);
    err = end_records(t, &c, deadline);
    gyre_line_leave(&t->writing.inside, &c);
    if (c.sent_home)
        return c.sent_home;
    return err ? err : gyre_shutdown(t->beneath, deadline);
}

/* Free it, but not what is beneath. */
static void unwrap(struct stream *t)
{
    gyre_line_send_home(&t->reading.inside, -EBADF);
    gyre_line_send_home(&t->writing.inside, -EBADF);
    gyre_writing_stop(&t->sending);
    SSL_free(t->ssl);
    BIO_free(t->rings);
    gyre_resize(gyre_loop_allocator(t->base.loop), t, sizeof *t, 0);
}

static void tls_close(struct gyre_stream *s)
{
    struct gyre_stream *beneath = of(s)->beneath;

    unwrap(of(s));
    gyre_close(beneath);
}

/* Who is inside waits for what is beneath, and is told by that. */
static void tls_cut(struct gyre_stream *s)
{
    struct gyre_stream *beneath = of(s)->beneath;

    if (beneath->ops->cut != NULL)
        beneath->ops->cut(beneath);
}

static const struct gyre_stream_ops tls_ops = {
    .name = "tls",
    .read = tls_read,
    .write = tls_write,
    .shutdown = tls_shutdown,
    .close = tls_close,
    .when = tls_when,
    .forget = tls_forget,
    .cut = tls_cut,
};

/* ---- making ---- */

/* Whom we want to speak to.  Names are told to the server as well, which may have several. */
static bool expect(SSL *ssl, const char *host)
{
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1)
        return true;
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

/* Make its SSL and its rings. */
static bool equip(struct stream *t, const struct tls *tls)
{
    BIO *inner;

    t->ssl = SSL_new(tls->context);
    if (t->ssl == NULL || BIO_new_bio_pair(&inner, RING, &t->rings, RING) != 1)
        return false;
    SSL_set_bio(t->ssl, inner, inner);
    SSL_set_mode(t->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                             SSL_MODE_RELEASE_BUFFERS);
    SSL_set_options(t->ssl, SSL_OP_NO_RENEGOTIATION);
    if (tls->host == NULL) {
        SSL_set_accept_state(t->ssl);
        return true;
    }
    SSL_set_connect_state(t->ssl);
    SSL_set_verify(t->ssl, SSL_VERIFY_PEER, SSL_get_verify_callback(t->ssl));
    return expect(t->ssl, tls->host);
}

static struct stream *wrap(struct gyre_stream *beneath, const struct tls *tls)
{
    struct gyre_allocator *a = gyre_loop_allocator(beneath->loop);
    struct stream *t = gyre_resize(a, NULL, 0, sizeof *t);

    if (t == NULL)
        return NULL;
    *t = (struct stream){.beneath = beneath, .sending.written = sent};
    gyre_stream_init(&t->base, &tls_ops, beneath->loop);
    ERR_clear_error();
    if (equip(t, tls))
        return t;
    unwrap(t);
    return NULL;
}

/* Why the handshake has failed. */
static int refused(const struct stream *t, struct tls *tls)
{
    long verdict = SSL_get_verify_result(t->ssl);

    tls->why = verdict != X509_V_OK ? X509_verify_cert_error_string(verdict)
                                    : ERR_reason_error_string(ERR_peek_error());
    return verdict != X509_V_OK ? -EACCES : -EPROTO;
}

static int shake_hands(struct stream *t, struct tls *tls, gyre_time deadline)
{
    struct gyre_caller c;
    int done = 0, err = 0;

    gyre_line_join(&t->writing.inside, &c);
    while (err == 0 && done != 1) {
        int why;

        ERR_clear_error();
        done = SSL_do_handshake(t->ssl);
        why = outcome(t, done);
        if (why == SSL_ERROR_WANT_READ)
            err = receive(t, deadline);
        else if (why == SSL_ERROR_WANT_WRITE)
            err = wait_sent(t, &c, deadline);
        else if (done != 1)
            err = refused(t, tls);
    }
    gyre_line_leave(&t->writing.inside, &c);
    return err;
}

int tls_open(struct tls *tls, struct gyre_stream *beneath, struct gyre_stream **out,
             gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);
    struct stream *t;

    tls->why = NULL;
    if (err)
        return err;
    t = wrap(beneath, tls);
    if (t == NULL)
        return -ENOMEM;
    err = shake_hands(t, tls, deadline);
    if (err)
        unwrap(t);
    else
        *out = &t->base;
    return err;
}

SSL *tls_ssl(struct gyre_stream *s)
{
    return of(s)->ssl;
}

/* ---- contexts ---- */

static SSL_CTX *freed(SSL_CTX *context)
{
    SSL_CTX_free(context);
    return NULL;
}

SSL_CTX *tls_client_context(const char *authorities)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (context == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    if ((authorities != NULL ? SSL_CTX_load_verify_file(context, authorities)
                             : SSL_CTX_set_default_verify_paths(context)) != 1)
        return freed(context);
    return context;
}

SSL_CTX *tls_server_context(const char *chain, const char *key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (context == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    if (SSL_CTX_use_certificate_chain_file(context, chain) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return freed(context);
    return context;
}
