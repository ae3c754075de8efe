/*
 * incoming.h - messages, put together from the frames that come.
 *
 * Private to io/http/websocket/.  Pure: it takes bytes off a buffer, and says
 * what they mean.  A message grows in one buffer, however many its fragments,
 * and what it would be too long with is refused before there is room for it.
 */
#ifndef GYRE_IO_HTTP_WEBSOCKET_INCOMING_H
#define GYRE_IO_HTTP_WEBSOCKET_INCOMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/buf.h"
#include "io/http/websocket/frame.h"
#include "io/http/utf8.h"

/* What has come. */
enum gyre_websocket_event {
    GYRE_WEBSOCKET_NOTHING, /* as yet: more bytes are needed */
    GYRE_WEBSOCKET_WHOLE,   /* a message, which is to be taken */
    GYRE_WEBSOCKET_HELD,    /* another, which waits until that has been */
    GYRE_WEBSOCKET_PINGED,  /* `control` is to be sent back */
    GYRE_WEBSOCKET_PONGED,
    GYRE_WEBSOCKET_CLOSED /* with `code`; the reason is `control` */
};

/* Set `masked`, `limit` and message.allocator, and zero the rest. */
struct gyre_websocket_incoming {
    bool masked;  /* frames are to be, for they are a client's; else not */
    size_t limit; /* bytes of a message */

    enum gyre_websocket_opcode kind; /* of the message; or CONTINUATION, if
                                        there is none */
    struct gyre_buf message;         /* what has come of it */
    bool whole;                      /* all of it */
    int code;        /* it was closed with; 1005: none was said */
    const char *why; /* it was refused, a constant; and `code` to say so with */
    unsigned char control[GYRE_WEBSOCKET_CONTROL_MAX]; /* the latest payload */
    size_t control_length;

    /* private */
    struct gyre_websocket_frame frame; /* whose payload comes */
    uint64_t taken;                    /* bytes of that */
    bool inside;                       /* a frame */
    struct gyre_utf8 text;
};

/*
 * Take bytes off `in`, to the next thing that they say: an event; or -EPROTO,
 * -EILSEQ or -EMSGSIZE, and the connection is of no further use (`code`,
 * `why`); or -ENOMEM, likewise.  While a message is whole, control frames
 * behind it are read, and data is not.
 */
int gyre_websocket_incoming_next(struct gyre_websocket_incoming *m,
                                 struct gyre_buf *in);

/* Exchange the message, which is whole, for `other`, which is emptied, and make
   way for the next. */
void gyre_websocket_incoming_take(struct gyre_websocket_incoming *m,
                                  struct gyre_buf *other);

#endif
