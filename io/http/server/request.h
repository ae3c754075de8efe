/*
 * request.h - a request, as a handler sees it, and the reply it gives.
 *
 * A handler is called in a task of its own, with the head of a request read and
 * checked.  It says what to reply, and returns:
 *   - 0: the reply that was recorded is sent; if none was, 500, and a line in
 *     the log;
 *   - 200 to 599: that status, with no body, unless a reply was recorded;
 *   - -ECANCELED: the connection is closed;
 *   - the error that a call for the body gave: 400, 408 or 413, as fits, unless
 *     the connection is gone;
 *   - the error of a call of the gyre_http_reply family, whose client is gone
 *     or takes nothing: the connection is closed;
 *   - anything else: 500, and a line in the log.
 * Once some of a streamed reply has been sent, an error closes the connection
 * instead, in such a way that the reply is seen to be cut.
 *
 * The gyre_http_reply family returns 0 or an error, so that handlers may end in
 * `return gyre_http_reply(...)`.
 *
 * A recorded reply is copied when it is given, and sent when the handler
 * returns; a later one takes its place, with all that came with it.  A large or
 * slow reply is streamed instead, with calls that park.
 *
 * Strings given out here end in a NUL and are good until the handler returns.
 * For the handler's task alone, and for tasks it waits for: one of them may
 * read the body, and any write the reply, while others wait for what they do.
 */
#ifndef GYRE_IO_HTTP_REQUEST_H
#define GYRE_IO_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "timers/time.h"
#include "io/stream.h"
#include "io/http/cookie.h"
#include "io/http/head.h"
#include "io/http/json/json.h"
#include "io/http/span.h"

struct gyre_http_request;
struct gyre_http_route;
struct gyre_job;

#pragma GCC visibility push(default)

/* ---- what was asked ---- */

/* The method, as sent: "GET"; NULL if there is no memory. */
const char *gyre_http_method(struct gyre_http_request *r);

/* The path, escapes undone; NULL if it cannot be (a NUL in it), or no
   memory. */
const char *gyre_http_path(struct gyre_http_request *r);

/* What stands for {name} in the route's path, escapes undone; NULL if the route
   has no such name, or there is no memory. */
const char *gyre_http_param(struct gyre_http_request *r, const char *name);

/* The first value of `name` in the query, escapes undone, "" if it has none;
   NULL if it is not there, is malformed, or there is no memory. */
const char *gyre_http_query(struct gyre_http_request *r, const char *name);

/* The same as a number, of a parameter {name:int} or any other.  0; -ENOENT if
   it is not there, -EINVAL if it is no decimal number that fits: then `out` is
   left alone, and so may have a default. */
int gyre_http_param_int(struct gyre_http_request *r, const char *name,
                        int64_t *out);
int gyre_http_query_int(struct gyre_http_request *r, const char *name,
                        int64_t *out);

/* The value of the first field `name`, in any case, as it came; NULL if there
   is none, or no memory. */
const char *gyre_http_header(struct gyre_http_request *r, const char *name);

/* All of the head: every field, in the order of arrival, the target as it came,
   and which HTTP it is (io/http/head.h).  Good until the handler returns. */
const struct gyre_http_head *
gyre_http_request_head(const struct gyre_http_request *r);

/* The value of the cookie `name`, case and all, without quotes around it; NULL
   if it was not sent, or there is no memory. */
const char *gyre_http_cookie(struct gyre_http_request *r, const char *name);

/* Who asks: an address and a port; "" for a stream without one. */
const char *gyre_http_peer(struct gyre_http_request *r);

/* What the server was given for its handlers. */
void *gyre_http_context(const struct gyre_http_request *r);

/* ---- around handlers ---- */

/*
 * Have the rest answer the request.  What is in an array `around` (route.h)
 * calls this, or answers by itself instead:
 *
 *     static int only_admins(struct gyre_http_request *r)
 *     {
 *         return is_admin(r) ? gyre_http_next(r) : 403;
 *     }
 *
 * Those of the server come first, and are called for all that is understood:
 * 404 and 405 too, and files; then those of the route, and then its handler.
 * Each can change what the rest has come to, which this returns:
 *   - the status of the reply there is, as a handler may return it.  Another
 *     may be recorded in its place, and fields added, unless it was begun.  Of
 *     a connection that was taken over, 101, or 0 if no protocol was named;
 *   - an error of the rest, which has not replied then: to be returned, for
 *     500, or dealt with.  An error that is the client's (a body that is too
 *     large) is none, but a reply.
 *
 * What anybody set by gyre_http_set_header before he called this is sent
 * whatever comes of it, unless the rest sets the same; so it is of those within
 * that have called it, when one further in fails, whose fields are undone.  May
 * be called again, to try again, and then those within had better set than add;
 * and not by any other handler.  Costs no allocation.
 */
int gyre_http_next(struct gyre_http_request *r);

/*
 * Cancel the rest when the peer is gone: has ended its half of the connection,
 * or reset it.  To be put into an array `around`, of the server or of a route;
 * or to be called by what is there, in place of gyre_http_next, if it sees fit.
 * Cancel points of the rest return -ECANCELED then, and to return that closes
 * the connection; one that replies all the same is heard.  The peer is looked
 * out for once the body has been read, until the next request comes.
 */
int gyre_http_unless_gone(struct gyre_http_request *r);

/*
 * Cancel the rest when the server begins to stop: for what would go on for
 * long, events say, and else have all of the server's grace.  To be used as the
 * one above.  Who returns -ECANCELED then has his connection closed; but what
 * he has streamed is all of his reply.  It takes the place of
 * gyre_http_when_stopping, which it is made of; and if the server is stopping
 * already the rest is not called.
 */
int gyre_http_unless_stopping(struct gyre_http_request *r);

/* Has the peer ended, or the connection, as far as can be told?  What has come
   and was not read, of the body or of the next request, may hide it. */
bool gyre_http_peer_gone(struct gyre_http_request *r);

/* The route that was found, when nobody has answered yet; NULL for a request
   that has none. */
const struct gyre_http_route *
gyre_http_route(const struct gyre_http_request *r);

/* What those who handle a request hand on to each other: who asks, say.  Told
   from others by its address: static, as a rule. */
struct gyre_http_slot {
    size_t size; /* bytes of what is in it */
};

/*
 * What the request has in that slot: zeroed when it is first asked for, and
 * good until the handlers have returned.  NULL if there is no memory, and never
 * if it was had before.  O(slots in use).
 *
 *     static const struct gyre_http_slot caller = {sizeof(struct person)};
 *     struct person *p = gyre_http_in_slot(r, &caller);
 */
void *gyre_http_in_slot(struct gyre_http_request *r,
                        const struct gyre_http_slot *slot);

/* ---- the body of the request ---- */

/*
 * Read up to `n` bytes of the body: > 0, 0 at its end, or an error: -EPROTO for
 * malformed chunks, -EMSGSIZE over its route's limit, -EPIPE if it breaks off,
 * -ETIMEDOUT also when it comes too slowly; -EBUSY: another task reads.  A
 * cancel point.  A client that waits to be asked (Expect: 100-continue) is sent
 * 100 first, once, and so is what there is of replies.  What a handler leaves
 * unread is read and dropped, up to a limit, or else the connection is closed;
 * so it is if the client still waits.
 */
ssize_t gyre_http_read_body(struct gyre_http_request *r, void *buf, size_t n,
                            gyre_time deadline)
    __attribute__((warn_unused_result));

/* All of the body, which is kept until the handler returns; with a NUL behind
   it that does not count.  Errors as above, and -ENOMEM. */
int gyre_http_body_whole(struct gyre_http_request *r, struct gyre_span *body,
                         gyre_time deadline)
    __attribute__((warn_unused_result));

/* ---- a reply, recorded ---- */

/* Send the field `name` with the reply, whichever it will be, in place of
   others of the name, and of those that a reply below brings along
   (Content-Type, Location, ETag and so on).  -EALREADY if a reply was begun;
   otherwise errors as gyre_http_fields_set. */
int gyre_http_set_header(struct gyre_http_request *r, const char *name,
                         const char *value);

/* Add a field beside others of its name. */
int gyre_http_add_header(struct gyre_http_request *r, const char *name,
                         const char *value);

/* Have the client keep a cookie, or forget it.  Errors as gyre_cookie_compose
   and gyre_http_fields_add. */
int gyre_http_set_cookie(struct gyre_http_request *r,
                         const struct gyre_cookie *c);

/* `n` bytes, which may be none; of whatever type gyre_http_set_header gave
   them.  -EINVAL if the status cannot have a body, or is no status; -ENOMEM. */
int gyre_http_reply(struct gyre_http_request *r, int status, const void *body,
                    size_t n);

/* A string, as text/plain in UTF-8 unless a type was set. */
int gyre_http_reply_text(struct gyre_http_request *r, int status,
                         const char *text);

/* JSON, written with the calls of json.h to what this returns; never NULL (if
   there is no memory, those calls say so).  The reply is what has been written
   by the time the handler returns, if it is complete, or else 500. */
struct gyre_json *gyre_http_reply_json(struct gyre_http_request *r, int status);

/*
 * The file at `path`, which is trusted: relative to the working directory or
 * absolute.  Its type is by its name; with ETag and Last-Modified, 304 where
 * the client has it, and single ranges.  Sent while it is read.  -ENOENT makes
 * the reply 404, and 0 is returned; -EISDIR, or -EACCES for a pipe or the like;
 * other errors of open.
 *
 * Opening it may wait for the disk, and then the whole loop waits; so does
 * reading it, where the system cannot tell that it will
 * (io/http/server/files.h).  What is on a network is better read by
 * io/file/file.h, and streamed.
 */
int gyre_http_reply_file(struct gyre_http_request *r, const char *path);

/* A redirect to `url`, which may be relative.  -EINVAL if `status` is not 301,
   302, 303, 307 or 308, or `url` is NULL or has bytes a field may not have. */
int gyre_http_redirect(struct gyre_http_request *r, int status,
                       const char *url);

/*
 * The path of the route called `name`.  Its parameters follow, a name and a
 * value each (const char *), and then NULL.  NULL if there is no such route, a
 * parameter is missing or would not match, or there is no memory.
 */
const char *gyre_http_url_for_params(struct gyre_http_request *r,
                                     const char *name, ...)
    __attribute__((sentinel));

/* The path of the route called `name`, which has no parameters. */
const char *gyre_http_url_for(struct gyre_http_request *r, const char *name);

/* ---- a reply, streamed ---- */

/*
 * Begin a reply of `length` bytes, or of unknown length if that is -1 (sent in
 * chunks, or until the connection closes for an old client).  The head, with
 * what gyre_http_set_header was told, goes out with the first bytes.  -EALREADY
 * if a reply was begun; -EINVAL; -ENOMEM.
 */
int gyre_http_reply_begin(struct gyre_http_request *r, int status,
                          int64_t length);

/* Send `n` bytes more of it, when those who came before have sent theirs.
   -EMSGSIZE if it was announced shorter; otherwise as gyre_write.  To a HEAD
   request nothing is sent, and 0 returned. */
int gyre_http_reply_write(struct gyre_http_request *r, const void *buf,
                          size_t n, gyre_time deadline)
    __attribute__((warn_unused_result));

/* The reply is complete, when those who came before have sent their part.  Done
   by the server too, when the handler returns 0; a reply shorter than announced
   closes the connection. */
int gyre_http_reply_end(struct gyre_http_request *r, gyre_time deadline)
    __attribute__((warn_unused_result));

/* ---- another protocol ---- */

/*
 * Take over the connection's stream.  101 is sent, with what
 * gyre_http_set_header was told, to change to `protocol`, which the client must
 * have asked for (RFC 9110, 7.8); with NULL nothing is, and what the client
 * hears first is what the handler writes.  Replies to earlier requests have
 * been sent by then, and what came behind this one is still to be read.
 *
 * The stream is lent until the handler returns, whatever that returns, and is
 * closed then; it is not to be closed before.  No limit of the server is on it
 * any more; a stop, at its end, cancels the handler, and resets the stream.
 *
 * 0; -EPROTO if the client does not ask for `protocol`; -EINVAL if the
 * request's body was not read to its end; -EALREADY if a reply was begun;
 * -ENOMEM; or as gyre_write.  After an error there may be a reply, as before;
 * but if the client is gone, that is in vain.  A cancel point.
 */
int gyre_http_take_over(struct gyre_http_request *r, const char *protocol,
                        struct gyre_stream **out, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Reply 426, to say that `protocol` is to be asked for.  Errors as
   gyre_http_reply; -EINVAL if it is no token. */
int gyre_http_reply_upgrade(struct gyre_http_request *r, const char *protocol);

/*
 * Run `j` when the server begins to stop, for a handler that would go on for
 * long: it has the server's grace to come to an end.  One job a request:
 * another takes its place; NULL is none, and so it is once the handler has
 * returned.  It is run by the loop, or by the task that serves, and does not
 * park.  0; -ECANCELED if the server is stopping already, and `j` is not run.
 */
int gyre_http_when_stopping(struct gyre_http_request *r, struct gyre_job *j);

#pragma GCC visibility pop

#endif
