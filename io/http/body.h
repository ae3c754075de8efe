/*
 * body.h - finds a message's body among the bytes behind its head.
 *
 * The reader takes whatever has arrived and points at the next piece of the
 * body in it; it copies nothing, and costs O(1) a byte however small the chunks
 * or the reads are.  The writer frames chunks.  Neither does I/O.
 *
 * A body from a buffer `in`, until it ends:
 *
 *     err = gyre_http_body_expect(&body, head.framing, head.length, limit);
 *     while (!err && !gyre_http_body_ended(&body)) {
 *         ...read more into `in` if it is empty...
 *         n = gyre_http_body_read(&body, in.at, in.length, &piece);
 *         if (n < 0)
 *             return n;
 *         ...use piece...
 *         gyre_buf_take(&in, n);
 *     }
 */
#ifndef GYRE_IO_HTTP_BODY_H
#define GYRE_IO_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "io/http/head.h"
#include "io/http/span.h"

/* A body being read.  Embedded; made by gyre_http_body_expect. */
struct gyre_http_body {
    enum gyre_http_framing framing;
    const char *why; /* after an error: a constant phrase for the log */

    /* private */
    uint64_t left;   /* bytes to come: of the body, or of the chunk */
    uint64_t room;   /* bytes of body the limit still allows */
    int state;       /* what the next byte may be, see body.c; 0: none */
    int err;         /* what read returned, and will return again */
    int digits;      /* of the chunk's size, so far */
    unsigned extra;  /* bytes of this chunk's extension */
    int quoted;      /* 1 within a quoted string of it, 2 behind a backslash */
    unsigned extras; /* bytes of all extensions and trailers */
    unsigned lines;  /* of the trailers */
};

enum {
    GYRE_HTTP_CHUNK_HEAD_MAX = 18 /* what gyre_http_chunk_head may write */
};

/* What stands behind every chunk, and what stands in place of one at the
   end. */
#define GYRE_HTTP_CHUNK_TAIL "\r\n"
#define GYRE_HTTP_LAST_CHUNK "0\r\n\r\n"

/* Whether the body is complete.  One that goes on until the peer closes never
   is, before gyre_http_body_close. */
static inline bool gyre_http_body_ended(const struct gyre_http_body *b)
{
    return b->state == 0 && b->err == 0;
}

#pragma GCC visibility push(default)

/*
 * Ready `b` to read a body so framed; `length` counts with GYRE_HTTP_LENGTH
 * alone.  A body of more than `most` bytes is refused: here with -EMSGSIZE if
 * it announces as much, else by gyre_http_body_read before the byte too many.
 * UINT64_MAX is no limit.
 */
int gyre_http_body_expect(struct gyre_http_body *b,
                          enum gyre_http_framing framing, uint64_t length,
                          uint64_t most);

/*
 * Take bytes off the front of the `n` that have arrived at `data`, and let
 * `piece` be those of the body among them, in place; it may be empty.  Returns
 * how many were taken, which is 0 only if `n` is 0 or the body has ended: what
 * stands behind the body is left alone.  Call again until all are taken.
 *
 * -EPROTO if the chunks are malformed; -EMSGSIZE if the body, or what stands
 * around its chunks, is over its limit.  The connection is of no further use.
 * Trailers are checked and dropped.
 */
ssize_t gyre_http_body_read(struct gyre_http_body *b, const char *data,
                            size_t n, struct gyre_span *piece);

/*
 * The peer has closed.  0 if the body is complete, which one read until then is
 * now; -EPIPE if bytes of it are missing; or the error it was refused with.
 */
int gyre_http_body_close(struct gyre_http_body *b);

/*
 * Write what stands before a chunk of `n` bytes, which are not none, and return
 * its length; no NUL.  The chunk follows, and GYRE_HTTP_CHUNK_TAIL.
 */
size_t gyre_http_chunk_head(char out[GYRE_HTTP_CHUNK_HEAD_MAX], uint64_t n);

#pragma GCC visibility pop

#endif
