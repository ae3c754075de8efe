/*
 * incoming.h - a message as it comes: its head, and the body behind it.
 *
 * Private to io/http/; server and client both read so.  The head stays where it
 * was read, and what came with it behind it, since spans point into it; what
 * comes of the body after that goes into a buffer of its own, which is emptied
 * as it is read.
 */
#ifndef GYRE_IO_HTTP_INCOMING_H
#define GYRE_IO_HTTP_INCOMING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "io/buf.h"
#include "io/http/body.h"
#include "io/http/span.h"

struct gyre_allocator;

/* Embedded in whoever reads. */
struct gyre_http_incoming {
    struct gyre_buf in;   /* begins with the head */
    size_t taken;         /* bytes of it: head, and body read */
    struct gyre_buf more; /* of the body, behind what is in `in` */
    struct gyre_http_body body;
};

/* Prepare a zeroed one. */
void gyre_http_incoming_init(struct gyre_http_incoming *m,
                             struct gyre_allocator *a);

/* What has come behind the head and was not read, the body's framing
   included. */
struct gyre_span gyre_http_incoming_unread(const struct gyre_http_incoming *m);

/*
 * Copy the next piece of the body, of what has come, to `buf`, at most `n`
 * bytes; returns how many.  0 if there is but framing, or nothing.  As
 * gyre_http_body_read.  `used`, if not NULL, grows by the bytes read, with the
 * framing.
 */
ssize_t gyre_http_incoming_read(struct gyre_http_incoming *m, void *buf,
                                size_t n, uint64_t *used);

/* This message is over; the next begins with what is unread. */
void gyre_http_incoming_next(struct gyre_http_incoming *m);

/* Give the memory back. */
void gyre_http_incoming_free(struct gyre_http_incoming *m);

#endif
