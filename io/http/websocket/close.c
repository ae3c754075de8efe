/*
 * close.c - how a WebSocket is closed, from this side.
 *
 * A peer that was told why it is refused may still be sending: closed at once,
 * the system would answer that with a reset, and the peer might lose what it
 * was told.  So we end our half, and pass over what comes until it ends its
 * own.  When both have said that they close, it is the server that leaves first
 * (RFC 6455, 7.1.1).
 */
#include <errno.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/wait.h"
#include "io/http/websocket/socket.h"

enum { REASON_MAX = GYRE_WEBSOCKET_CONTROL_MAX - 2 };

int gyre_websocket_drop(struct gyre_websocket *ws, int code, const char *reason)
{
    struct gyre_span why = gyre_span_of(reason);

    if (!gyre_websocket_is_code(code) || why.length > REASON_MAX)
        return -EINVAL;
    gyre_websocket_says_close(ws, code, why);
    return 0;
}

/* Wait until the peer has closed; what comes before is for who receives, or for
   nobody. */
static int wait_for_end(struct gyre_websocket *ws, gyre_time deadline)
{
    int err = 0;

    while (err == 0 && !ws->ended) {
        if (ws->came.whole && !ws->receiving)
            gyre_websocket_incoming_take(&ws->came, &ws->given);
        gyre_websocket_resume(ws);
        err = gyre_websocket_wait(ws, deadline);
    }
    return err;
}

/* Pass over what the peer still has to say. */
static int pass(struct gyre_websocket *ws, gyre_time deadline)
{
    char some[1024];
    ssize_t n;

    while ((n = gyre_read(ws->stream, some, sizeof some, deadline)) > 0)
        continue;
    return (int)n;
}

/* Both have said that they close: leave, or have the peer do so. */
static int part(struct gyre_websocket *ws, gyre_time deadline)
{
    int err = gyre_writer_flush(&ws->out, deadline);

    if (err == 0 && ws->err)
        err = gyre_shutdown(ws->stream, deadline);
    if (err == 0 && (ws->err || ws->request == NULL))
        err = pass(ws, deadline);
    return err;
}

int gyre_websocket_close(struct gyre_websocket *ws, int code,
                         const char *reason, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err == 0)
        err = gyre_websocket_drop(ws, code, reason);
    if (err == 0)
        err = wait_for_end(ws, deadline);
    if (err)
        return err;
    if (!ws->lost)
        err = part(ws, ws->until < deadline ? ws->until : deadline);
    return err == -ECANCELED ? err : ws->err;
}

int gyre_websocket_end(struct gyre_websocket *ws, int result,
                       gyre_time deadline)
{
    bool theirs =
        ws->ended && result < 0 && (result == ws->err || result == -EPIPE);
    int err =
        gyre_websocket_close(ws, result < 0 ? 1011 : 1000, NULL, deadline);

    gyre_websocket_free(ws);
    if (err == -ECANCELED && result >= 0)
        return err;
    return result > 0 || theirs ? 0 : result;
}
