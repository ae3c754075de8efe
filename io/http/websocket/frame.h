/*
 * frame.h - the frames that WebSockets are made of (RFC 6455, 5).
 *
 * Pure: bytes in, and out.  What a frame may be by itself is checked here:
 * reserved bits and opcodes, control frames that are too long or in pieces,
 * lengths that are not the shortest way to say so.  What it may be behind
 * others is the business of who reads them.
 */
#ifndef GYRE_IO_HTTP_WEBSOCKET_FRAME_H
#define GYRE_IO_HTTP_WEBSOCKET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum gyre_websocket_opcode {
    GYRE_WEBSOCKET_CONTINUATION = 0,
    GYRE_WEBSOCKET_TEXT = 1,
    GYRE_WEBSOCKET_BINARY = 2,
    GYRE_WEBSOCKET_CLOSE = 8, /* and from here on: control frames */
    GYRE_WEBSOCKET_PING = 9,
    GYRE_WEBSOCKET_PONG = 10
};

enum {
    GYRE_WEBSOCKET_HEAD_MAX = 14,    /* bytes of a frame's head */
    GYRE_WEBSOCKET_CONTROL_MAX = 125 /* bytes of a control frame's payload */
};

/* The head of a frame; its payload follows. */
struct gyre_websocket_frame {
    enum gyre_websocket_opcode opcode;
    bool last;             /* of its message */
    bool masked;           /* as those of a client are */
    unsigned char mask[4]; /* if so */
    uint64_t length;       /* of the payload, at most INT64_MAX */
};

#pragma GCC visibility push(default)

/* Read a head from the front of `n` bytes: its length; 0 if more must come
   first; -EPROTO if no frame begins so. */
ssize_t gyre_websocket_frame_parse(struct gyre_websocket_frame *f,
                                   const void *data, size_t n);

/* Write the head of a frame.  Returns its length.  Cannot fail. */
size_t gyre_websocket_frame_compose(unsigned char out[GYRE_WEBSOCKET_HEAD_MAX],
                                    const struct gyre_websocket_frame *f);

/* Mask `n` bytes of a payload, or unmask them, which is the same, from `from`
   to `to`, which may be one place, but not overlap else.  They are those from
   `offset` on. */
void gyre_websocket_mask(void *to, const void *from, size_t n,
                         const unsigned char mask[4], uint64_t offset);

/* May a peer give `code` as the reason why it closes?  (7.4, and what has been
   registered since.) */
bool gyre_websocket_is_code(int code);

#pragma GCC visibility pop

#endif
