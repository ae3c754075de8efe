/*
 * events.h - server-sent events (HTML, 9.2): a reply that goes on, event by
 * event, for as long as both sides like.
 *
 *     err = gyre_http_events_begin(r, GYRE_FOREVER);
 *     while (err == 0) {
 *         err = gyre_queue_take(&news, &item, gyre_in(15 * GYRE_SECOND));
 *         if (err == -ETIMEDOUT)
 *             err = gyre_http_event_comment(r, "", GYRE_FOREVER);
 *         else if (err == 0)
 *             err = gyre_http_event_send(r, &event, GYRE_FOREVER);
 *     }
 *     return err;
 *
 * A client that is gone is found out by writing to it: so a comment now and
 * then also keeps a handler from waiting for nobody.  One that comes back says
 * which event was its last: gyre_http_header(r, "Last-Event-ID").
 *
 * When the server stops a handler has all of its grace, and is cancelled then;
 * gyre_http_unless_stopping around it has it end at once.
 */
#ifndef GYRE_IO_HTTP_SERVER_EVENTS_H
#define GYRE_IO_HTTP_SERVER_EVENTS_H

#include "timers/time.h"
#include "io/buf.h"
#include "io/http/server/request.h"

/* What is said; what is NULL or 0 is left out. */
struct gyre_http_server_event {
    const char *data; /* UTF-8, any lines; without it nobody is told */
    const char *type; /* "message" */
    const char *id;   /* what a client that comes back will say; "" for none */
    gyre_time retry;  /* comes back after so long, in milliseconds at least */
};

#pragma GCC visibility push(default)

/*
 * Begin the reply, and send its head: text/event-stream, and, unless the
 * handler set another Cache-Control, not to be kept.  0; 200 if only the head
 * was asked for, which is then recorded: return that; or as gyre_http_reply_
 * begin and gyre_http_reply_write.  A cancel point.
 */
int gyre_http_events_begin(struct gyre_http_request *r, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Send an event, in one piece, whoever else sends.  -EINVAL if type or id is
   more than a line, or retry is below 0; otherwise as gyre_http_reply_write. */
int gyre_http_event_send(struct gyre_http_request *r,
                         const struct gyre_http_server_event *e,
                         gyre_time deadline)
    __attribute__((warn_unused_result));

/* Send what no client looks at; it may have lines.  As above. */
int gyre_http_event_comment(struct gyre_http_request *r, const char *text,
                            gyre_time deadline)
    __attribute__((warn_unused_result));

/* Append what would be sent, to be sent to many with gyre_http_reply_write.
   -EINVAL as above; -ENOMEM.  After an error `out` is as before. */
int gyre_http_event_compose(struct gyre_buf *out,
                            const struct gyre_http_server_event *e);

#pragma GCC visibility pop

#endif
