/*
 * tls.h - TLS over any stream, by OpenSSL: a stream that wraps a stream.
 *
 * To be copied.  What comes out is a struct gyre_stream as any other: tasks read and write it, one
 * each way at once, callbacks do by io/reading.h and io/writing.h, and HTTP runs over it.  What it
 * wraps may be a TCP connection, a pair in memory, or another of these.
 *
 * On top of what io/stream.h says:
 *   - an end without a close_notify may be somebody's cutting the connection, and so it is told as
 *     -ECONNRESET; 0 is the end that the peer has declared.  gyre_shutdown declares ours; gyre_close
 *     does not, so that what breaks off is seen to.  Nobody ever waits for the peer's;
 *   - a server that resets one (io/server.h) resets what is beneath: our calls fail from then on, and
 *     the peer has -ECONNRESET.  No alert goes before it, for the reset would overtake that;
 *   - what cannot be deciphered, or is no TLS, is -EPROTO, and after that nothing can be written;
 *   - bytes are enciphered by the record, of up to 16 KiB.  A write that ends early while its record
 *     is on its way has taken it: that goes on by itself, and holds up who writes, or shuts down,
 *     next;
 *   - a write may have to wait for something to be read (a key update that has come by half): so
 *     somebody should read.
 */
#ifndef TLS_H
#define TLS_H

#include <gyre.h>
#include <openssl/ssl.h>

/* One side of a handshake. */
struct tls {
    SSL_CTX *context; /* the caller's: whom it trusts, or what it shows */
    const char *host; /* the server we want, a name or an address; NULL: we are the server */
    const char *why;  /* set on an error: in OpenSSL's words, if it has any, or NULL; static */
};

/*
 * What a client trusts: the certificates in the file `authorities`, or the system's if that is NULL.
 * And what a server shows: the chain and the key in these files.  NULL on failure, with the reason in
 * OpenSSL's queue.  The caller's to free with SSL_CTX_free; streams that were made with it live on.
 * These read files: make them before the loop runs.
 */
SSL_CTX *tls_client_context(const char *authorities);
SSL_CTX *tls_server_context(const char *chain, const char *key);

/*
 * Shake hands over `beneath`, and make a stream of what that gives, which then owns it: gyre_close
 * closes both.  A cancel point, for tasks.  On an error `beneath` stays the caller's, fit to be
 * closed:
 *   -EACCES      the peer's certificate is not to be trusted, or is not that of `host`
 *   -EPROTO      it speaks no TLS, or none that we do
 *   -ECONNRESET  it has gone
 *   -ENOMEM, -ETIMEDOUT, -ECANCELED, or as gyre_read and gyre_write over `beneath`
 */
int tls_open(struct tls *tls, struct gyre_stream *beneath, struct gyre_stream **out,
             gyre_time deadline) __attribute__((warn_unused_result));

/* What OpenSSL knows of the stream `s`, which tls_open has made: to be asked, of the peer's
   certificate, say.  Reading, writing, and shutting down is done by `s`. */
SSL *tls_ssl(struct gyre_stream *s);

#endif
