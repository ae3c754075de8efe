/*
 * response.h - what a server has answered: its head, and its body as it comes.
 *
 * A call of client.h gives one, which is the caller's to free, before the
 * session.  Of several tasks one reads at a time.
 */
#ifndef GYRE_IO_HTTP_CLIENT_RESPONSE_H
#define GYRE_IO_HTTP_CLIENT_RESPONSE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "timers/time.h"
#include "io/http/span.h"

struct gyre_http_head;
struct gyre_http_response;
struct gyre_stream;

/* What has ended a call that gives -ETIMEDOUT. */
enum gyre_http_timeout {
    GYRE_HTTP_NO_TIMEOUT, /* nothing, or `more` has said so itself */
    GYRE_HTTP_DEADLINE,   /* the one that was given with the call */
    GYRE_HTTP_TOTAL_TIME, /* and so on: the session's */
    GYRE_HTTP_TURN_TIME,
    GYRE_HTTP_CONNECT_TIME,
    GYRE_HTTP_SEND_TIME,
    GYRE_HTTP_ANSWER_TIME,
    GYRE_HTTP_STALL_TIME
};

#pragma GCC visibility push(default)

int gyre_http_status(const struct gyre_http_response *r);

/* The value of the first field `name`, in any case; absent if there is none.
   Good until the response is freed. */
struct gyre_span gyre_http_response_header(const struct gyre_http_response *r,
                                           const char *name);

/* All of the head: every field, in the order of arrival (io/http/head.h).  Good
   until the response is freed. */
const struct gyre_http_head *
gyre_http_response_head(const struct gyre_http_response *r);

/* The URL that was answered, after redirects; with a NUL, and good as long. */
const char *gyre_http_response_url(const struct gyre_http_response *r);

/* The announced length of the body, or -1.  After HEAD, and with 304, that of
   the body which does not come. */
int64_t gyre_http_response_length(const struct gyre_http_response *r);

/*
 * Read up to `n` bytes of the body: > 0; 0 at its end; -EPIPE if it breaks off
 * before; -EPROTO for malformed chunks; -ETIMEDOUT, if nothing has come for the
 * session's stall_time, or its total_time is over, as well; or as gyre_read.
 * One task reads at a time; a second gets -EBUSY, and disturbs nothing.  A
 * cancel point, after which it can be read on.
 */
ssize_t gyre_http_response_read(struct gyre_http_response *r, void *buf,
                                size_t n, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Read the rest of the body, which the response keeps until it is freed, with a
 * NUL behind it.  `text` or `length` may be NULL.  -EMSGSIZE over the session's
 * limit; -ENOMEM; otherwise as above.
 */
int gyre_http_text(struct gyre_http_response *r, const char **text,
                   size_t *length, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * The stream of a response of status 101, on which the other protocol is
 * spoken: what came behind the head is still to be read.  It is the caller's
 * from then on, to be closed, and may outlive the response and the session, in
 * whose limits it does not count any more.  -EINVAL if there is none, or it was
 * given already; -ENOMEM.
 */
int gyre_http_response_stream(struct gyre_http_response *r,
                              struct gyre_stream **out);

/* What ended the latest reading of the body, if that was -ETIMEDOUT. */
enum gyre_http_timeout
gyre_http_response_timeout(const struct gyre_http_response *r);

/* The name of that, as "connect_time", for messages; static. */
const char *gyre_http_timeout_name(enum gyre_http_timeout timeout);

/* Free the response, which nobody reads.  Its connection is kept for others if
   the body was read to its end, and closed otherwise.  NULL is left alone.
   Never parks. */
void gyre_http_response_free(struct gyre_http_response *r);

#pragma GCC visibility pop

#endif
