/*
 * head.h - reads the head of an HTTP/1 message: its first line and fields.
 *
 * There is one parser, it is strict, and it has no lenient switch: whatever two
 * readers could take to end at different places is an error.  It copies and
 * allocates nothing, does no I/O, and gives the same answer however the bytes
 * were divided on their way.
 *
 * A server, with a buffer that grows as bytes come:
 *
 *     gyre_http_head_init(&head, GYRE_HTTP_REQUEST, fields, 100, NULL);
 *     while ((n = gyre_http_head_parse(&head, in.at, in.length)) == 0)
 *         ...read more into `in`...
 *     if (n < 0)
 *         ...answer head.answer, log head.why, and close...
 */
#ifndef GYRE_IO_HTTP_HEAD_H
#define GYRE_IO_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "io/http/fields.h"
#include "io/http/span.h"

/* Which message is expected. */
enum gyre_http_kind {
    GYRE_HTTP_REQUEST,
    GYRE_HTTP_RESPONSE,
    GYRE_HTTP_RESPONSE_TO_HEAD /* whatever it announces, no body follows */
};

/* How the end of a body is known. */
enum gyre_http_framing {
    GYRE_HTTP_NO_BODY,
    GYRE_HTTP_LENGTH,     /* it was announced; it may be 0 */
    GYRE_HTTP_CHUNKED,    /* it comes in chunks, the last of which is empty */
    GYRE_HTTP_UNTIL_CLOSE /* it goes on until the peer closes; answers only */
};

enum {
    GYRE_HTTP_HOST_KNOWN = 64 /* bytes of a Host that is known again */
};

/* What a peer may send; 0 stands for the default.  Fields are limited by the
   room given for them: 100 is usual. */
struct gyre_http_limits {
    size_t line; /* bytes of a line without its CRLF; 8190 */
    size_t head; /* bytes of the whole head; 16384 */
};

/*
 * A head.  Spans point into the buffer last parsed, and are good while its
 * bytes stay there.  What is beneath "once complete" means nothing before
 * gyre_http_head_parse has returned the head's length.
 */
struct gyre_http_head {
    /* once complete */
    struct gyre_span method;        /* of a request; case counts */
    struct gyre_span target;        /* of a request, as it came */
    struct gyre_span path;          /* of the target, still escaped; "*" for
                                       the server itself; absent in CONNECT */
    struct gyre_span query;         /* of the target, still escaped, without
                                       its '?'; absent if there was none */
    struct gyre_span host;          /* and port, as asked for; absent where
                                       HTTP/1.0 did not say */
    struct gyre_span reason;        /* of a response; may be empty */
    int status;                     /* of a response: 100 to 999 */
    int minor;                      /* HTTP/1.0 or HTTP/1.1 */
    struct gyre_http_field *fields; /* the caller's, in order of arrival */
    size_t field_count;
    enum gyre_http_framing framing;
    uint64_t length;      /* with GYRE_HTTP_LENGTH, at most INT64_MAX */
    bool keep_alive;      /* the connection may carry another message */
    bool expect_continue; /* the client waits for 100 before its body */
    bool upgrade;         /* another protocol is asked for, or follows (101) */

    /* after an error */
    int answer;      /* what a server says: 400, 414, 417, 431, 501 or 505 */
    const char *why; /* a constant phrase for the log */

    /* private */
    enum gyre_http_kind kind;
    struct gyre_http_limits limits;
    size_t capacity;     /* of fields */
    const char *data;    /* the buffer last parsed */
    size_t line;         /* where the line being read begins */
    size_t seen;         /* bytes known to hold no further end of line */
    int stage;           /* which line comes next */
    int err;             /* what parse returned, and will return again */
    size_t known_length; /* of `known`: the last Host that was found sound */
    char known[GYRE_HTTP_HOST_KNOWN];
};

#pragma GCC visibility push(default)

/*
 * Ready `h` to read a head of the kind `kind`, with room for `capacity` fields
 * at `fields`, which stays the caller's and must last as long as `h` is used.
 * `limits` is copied; NULL is the defaults.
 */
void gyre_http_head_init(struct gyre_http_head *h, enum gyre_http_kind kind,
                         struct gyre_http_field *fields, size_t capacity,
                         const struct gyre_http_limits *limits);

/*
 * Go on reading.  `data` is all of the head received so far, `n` bytes, which
 * begin with those of the call before; the buffer may have moved.  Returns the
 * bytes of the head once it is complete, the body beginning behind them; 0 when
 * more must come first; -EPROTO if it is not HTTP/1.0 or HTTP/1.1 beyond doubt,
 * -EMSGSIZE if it exceeds a limit.  Then h->answer and h->why say more, and the
 * connection is of no further use.  O(n) over all calls together.
 *
 * One empty line before a request is passed over, as RFC 9112 wishes.
 */
ssize_t gyre_http_head_parse(struct gyre_http_head *h, const char *data,
                             size_t n);

#pragma GCC visibility pop

#endif
