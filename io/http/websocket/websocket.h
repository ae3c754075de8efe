/*
 * websocket.h - WebSockets (RFC 6455), of servers and of clients.
 *
 * A handler that accepts one goes on as straight-line code, until it returns:
 *
 *     static int echo(struct gyre_http_request *r)
 *     {
 *         struct gyre_websocket *ws;
 *         struct gyre_websocket_message m;
 *         int err = gyre_websocket_accept(r, NULL, &ws, GYRE_FOREVER);
 *
 *         if (err)
 *             return err;
 *         while ((err = gyre_websocket_receive(ws, &m, GYRE_FOREVER)) > 0) {
 *             err = gyre_websocket_send(ws, m.kind, m.at, m.length,
 *                                       GYRE_FOREVER);
 *             if (err)
 *                 break;
 *         }
 *         return gyre_websocket_end(ws, err, GYRE_FOREVER);
 *     }
 *
 * Pings are answered, and silence is noticed, whether anybody receives or not:
 * the loop reads, without a task.  One message is read ahead, and control
 * frames behind it; with the next the peer is left waiting until that is
 * received, and is not taken to be silent.
 *
 * One task receives, and any may send: what they send is sent in turns.  No
 * frame is torn, but by who gives up in the middle of it: then nothing can be
 * sent any more.  There are no extensions, so nothing is compressed.
 *
 * When a server stops its WebSockets are closed with 1001, and handlers have
 * the server's grace to receive what comes before the peer's answer.
 */
#ifndef GYRE_IO_HTTP_WEBSOCKET_WEBSOCKET_H
#define GYRE_IO_HTTP_WEBSOCKET_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "io/buf.h"
#include "io/http/fields.h"
#include "io/http/websocket/frame.h"

struct gyre_http_request;
struct gyre_http_session;
struct gyre_websocket;

/* How one works; what is 0 or NULL has the default.  Copied, but for what it
   points to, which is needed until it is accepted, or connected. */
struct gyre_websocket_options {
    /* Subprotocols, between commas: those a server speaks, best first, or a
       client asks for. */
    const char *protocols;

    /* Of a server: may a page of `origin` connect, as a browser says who asks?
       NULL: if that is where the server itself is asked for.  Who sends no
       Origin is no browser, and may. */
    bool (*admits)(struct gyre_http_request *r, const char *origin);

    const struct gyre_http_fields *fields; /* a client's, beside ours */
    size_t limit;         /* bytes of a message that comes; 1 MiB */
    size_t queue;         /* bytes posted, and not yet taken; 256 KiB */
    gyre_time ping_time;  /* silence until the peer is asked for a sign of life;
                             30 s; GYRE_FOREVER: it never is */
    gyre_time pong_time;  /* and then until it is taken for dead; 10 s.  That of
                             what goes before the ping is not counted, while
                             the system takes more and more of it */
    gyre_time close_time; /* from our closing to the peer's; 5 s */
};

/* A message that has come. */
struct gyre_websocket_message {
    enum gyre_websocket_opcode kind; /* TEXT, which is UTF-8, or BINARY */
    const char *at;                  /* never NULL; without a NUL at its end */
    size_t length;
};

#pragma GCC visibility push(default)

/*
 * Become a WebSocket, if the request asks for that as it should.  0, and it is
 * the caller's, to be freed before the handler returns; a status, of 400, 403
 * or 426, that the handler is to return, to say why not; or an error as of
 * gyre_http_take_over.  `options` may be NULL.  Fields that the answer is to
 * have are set before (gyre_http_set_header).  It is what
 * gyre_http_when_stopping runs, until it is freed.  A cancel point.
 */
int gyre_websocket_accept(struct gyre_http_request *r,
                          const struct gyre_websocket_options *options,
                          struct gyre_websocket **out, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Connect to `url`, of ws: or wss:, by the session's ways; it may be freed
 * meanwhile.  0, and the WebSocket is the caller's to free; the status of the
 * answer, if the server has given another; -EPROTO if that does not know what
 * it says, or agrees to a subprotocol nobody asked for; or an error as of
 * gyre_http_call.  `options` may be NULL.  A cancel point.
 */
int gyre_websocket_connect(struct gyre_http_session *s, const char *url,
                           const struct gyre_websocket_options *options,
                           struct gyre_websocket **out, gyre_time deadline)
    __attribute__((warn_unused_result));

/* The subprotocol both speak; NULL if none was agreed upon. */
const char *gyre_websocket_protocol(const struct gyre_websocket *ws);

/* ---- receiving ---- */

/*
 * Receive the next message: 1, and it is good until the next call; 0 if the
 * peer has closed; -EPROTO, -EILSEQ (text that is not UTF-8) or -EMSGSIZE, for
 * what may not come, of which the peer has been told; -EPIPE if it broke off,
 * or as gyre_read; -EBUSY: another task receives.  -ETIMEDOUT also if the peer
 * gave no sign of life in time, or did not answer our closing: then
 * gyre_websocket_code is 1006, and the connection was reset, if its kind can
 * be; who sends comes back in any case.  A cancel point, after which nothing is
 * lost.
 */
int gyre_websocket_receive(struct gyre_websocket *ws,
                           struct gyre_websocket_message *out,
                           gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Why it is closed: what the peer said (7.4), 1005 if it said nothing; 1002,
 * 1007, 1009 or 1011 if that is what we said, for something that came; 1006 if
 * it broke off.  0 while it is none of that.  The first that was so remains.
 */
int gyre_websocket_code(const struct gyre_websocket *ws);

/* What the peer said beside that, or "". */
const char *gyre_websocket_reason(const struct gyre_websocket *ws);

/* ---- sending ---- */

/*
 * Send a message, when those who came before have sent theirs.  0 when the
 * system has taken all of it; -EPIPE if it is closing, or closed, or a frame
 * was torn; or why nothing comes any more; -ENOMEM, of a client, which has to
 * make a copy; otherwise as gyre_write.  Text is to be UTF-8, and is not looked
 * at.  A cancel point: if a part was sent nothing can be any more.
 */
int gyre_websocket_send(struct gyre_websocket *ws,
                        enum gyre_websocket_opcode kind, const void *bytes,
                        size_t n, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Send a message by and by: begin it, when those who came before are through;
 * write any number of parts; and end it.  Others who send wait until then.  One
 * that was begun is to be ended, or the WebSocket closed: an error of
 * gyre_websocket_write, or -ECANCELED and -ETIMEDOUT of gyre_websocket_finish,
 * do not end it.  Errors as above.  Cancel points.
 */
int gyre_websocket_begin(struct gyre_websocket *ws,
                         enum gyre_websocket_opcode kind, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_websocket_write(struct gyre_websocket *ws, const void *bytes, size_t n,
                         gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_websocket_finish(struct gyre_websocket *ws, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Ask for a sign of life, and wait until it comes: the time in between is that
   of a round.  It comes behind the messages that were sent before it, which are
   to be received, by another task.  0; or as gyre_websocket_receive.  A cancel
   point. */
int gyre_websocket_ping(struct gyre_websocket *ws, gyre_time deadline)
    __attribute__((warn_unused_result));

/* ---- sending to many ---- */

/* Append the frame of a message to `out`, to be posted to any number of
   WebSockets.  -ENOMEM. */
int gyre_websocket_encode(struct gyre_buf *out, enum gyre_websocket_opcode kind,
                          const void *bytes, size_t n);

/*
 * Send the message in `frame`, one of gyre_websocket_encode, without waiting: a
 * copy is queued, behind what was posted before.  0; -ENOBUFS if there is no
 * room in the queue, as the peer reads too slowly: nothing was queued, and one
 * may leave that out, or gyre_websocket_drop it; -EPIPE and others as above;
 * -ENOMEM.  What is longer than the queue has room in one that is empty.  From
 * any task, or a callback.
 */
int gyre_websocket_post(struct gyre_websocket *ws,
                        const struct gyre_buf *frame);

/* Wait until what was posted has been taken; but not for what was while a
   message is sent by and by, which goes behind that.  0; or as
   gyre_websocket_send.  A cancel point. */
int gyre_websocket_flush(struct gyre_websocket *ws, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Begin to close it, and do not wait: who receives, receives on until the peer
   has closed, within close_time; who sends, gets -EPIPE.  `reason`, of up to
   123 bytes, may be NULL.  -EINVAL for a code that is none.  If it is closing
   already, that is 0.  From any task, or a callback. */
int gyre_websocket_drop(struct gyre_websocket *ws, int code,
                        const char *reason);

/* ---- the end ---- */

/*
 * Close it: say so, unless one of us has, and wait for the answer, within
 * close_time; messages that come meanwhile are dropped.  0; or why there was no
 * answer.  A cancel point.
 */
int gyre_websocket_close(struct gyre_websocket *ws, int code,
                         const char *reason, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Free it.  If it was not closed, the peer finds that it broke off.  Nobody is
   in a call on it.  NULL is left alone.  Never parks. */
void gyre_websocket_free(struct gyre_websocket *ws);

/* Close and free it, after `result` of what was done with it: with 1000, or
   1011 if that is an error.  Returns `result`, but 0 for one that is a count,
   and for those that are the peer's doing: as a handler returns.  A cancel
   point, which frees it whatever happens. */
int gyre_websocket_end(struct gyre_websocket *ws, int result,
                       gyre_time deadline) __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
