/*
 * socket.h - what a WebSocket is made of.
 *
 * Private to io/http/websocket/.
 */
#ifndef GYRE_IO_HTTP_WEBSOCKET_SOCKET_H
#define GYRE_IO_HTTP_WEBSOCKET_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/job.h"
#include "loop/timer.h"
#include "task/waiters.h"
#include "io/buf.h"
#include "io/stream.h"
#include "io/writer.h"
#include "io/http/span.h"
#include "io/http/websocket/incoming.h"
#include "io/http/websocket/websocket.h"

enum {
    GYRE_WEBSOCKET_KEYS = 64,   /* bytes of masks drawn at a time */
    GYRE_WEBSOCKET_READ = 16384 /* bytes of room for a read */
};

struct gyre_websocket {
    struct gyre_loop *loop;
    struct gyre_stream *stream;        /* NULL before gyre_websocket_start */
    struct gyre_http_request *request; /* which lends it; NULL: a client's */
    struct gyre_websocket_options options; /* with the defaults filled in */
    struct gyre_buf protocol;              /* with a NUL; or empty */

    /* what comes */
    struct gyre_buf in; /* read, and not understood yet */
    struct gyre_websocket_incoming came;
    struct gyre_buf given;       /* the message received last */
    struct gyre_job readable;    /* started when there is something */
    struct gyre_waiters waiting; /* for something to come */
    bool receiving;              /* a task does */
    bool held;                   /* data comes behind a message not received */
    bool choked;                 /* a ping comes, and the queue is full */

    /* what goes */
    struct gyre_waiters senders;     /* that wait for their turn */
    bool sending;                    /* somebody has it */
    struct gyre_scope *writing;      /* of who writes what cannot be cut */
    bool parted;                     /* and sends a message by and by */
    enum gyre_websocket_opcode part; /* of its next frame */
    struct gyre_writer out;          /* control frames, and what is posted */
    struct gyre_buf later;           /* posted while a message is parted */
    unsigned char keys[GYRE_WEBSOCKET_KEYS];
    size_t keys_left; /* bytes of them not used yet */

    /* its life */
    struct gyre_timer timer;  /* until it is asked whether it lives, or does */
    struct gyre_job stopping; /* run when the server stops */
    gyre_time until;          /* closing: for the peer's answer */
    uint32_t pinged, ponged;  /* the latest numbers */
    gyre_time heard;          /* when something came, the latest */
    gyre_time asked;          /* when it was asked whether it lives; or 0 */
    bool behind;              /* what we asked was not written yet */
    bool closing;             /* we have said so, and say no more */
    bool ended;               /* nothing comes any more */
    bool lost;                /* the connection is of no use */
    int err;                  /* why it ended; 0: the peer has closed */
    int code;                 /* see gyre_websocket_code */
};

/* ---- socket.c ---- */

/* One without a stream; `request` is a server's.  -ENOMEM.  And its stream,
   which it takes over from a client. */
int gyre_websocket_new(struct gyre_websocket **out,
                       struct gyre_http_request *request,
                       const struct gyre_websocket_options *options);
void gyre_websocket_start(struct gyre_websocket *ws, struct gyre_stream *s);

/* Nothing comes any more, because of `err`; the peer's code, or ours, is
   `code`.  No effect on one that has ended. */
void gyre_websocket_ends(struct gyre_websocket *ws, int err, int code);

/* The same for a connection that is of no use: it is reset. */
void gyre_websocket_fails(struct gyre_websocket *ws, int err);

/* Say that we close, if it was not said: with a code, or none for 1005. */
void gyre_websocket_says_close(struct gyre_websocket *ws, int code,
                               struct gyre_span reason);

/* Wait for anything to come. */
int gyre_websocket_wait(struct gyre_websocket *ws, gyre_time deadline);

/* ---- receive.c ---- */

/* Understand what was read, as far as it may be. */
void gyre_websocket_pump(struct gyre_websocket *ws);

/* What `readable` does; and have it done, if it was kept from that. */
void gyre_websocket_read(struct gyre_job *j);
void gyre_websocket_resume(struct gyre_websocket *ws);

/* ---- send.c ---- */

/* Why nothing can be sent; or 0. */
int gyre_websocket_may_send(const struct gyre_websocket *ws);

/* Queue a control frame. */
int gyre_websocket_control(struct gyre_websocket *ws,
                           enum gyre_websocket_opcode opcode, const void *bytes,
                           size_t n);

/* Queue a ping with the next number. */
int gyre_websocket_asks(struct gyre_websocket *ws);

#endif
