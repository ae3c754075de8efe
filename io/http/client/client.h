/*
 * client.h - an HTTP/1.1 client.
 *
 * A session keeps connections alive for further requests, and follows
 * redirects.  Any number of tasks may use one at once.  A request gives a
 * response as soon as its head has come; the body is read from it, whole or as
 * it comes (response.h).
 *
 * A cancellation, or a deadline, closes the connection of that request and
 * disturbs no other.  Nothing a server does, or leaves undone, takes longer
 * than the session's times allow, but for a body that keeps coming; total_time
 * bounds that as well.  Which time has passed is told with -ETIMEDOUT.
 *
 * For tasks only: callbacks may make none of the calls that take a deadline,
 * not with GYRE_NOW either.
 */
#ifndef GYRE_IO_HTTP_CLIENT_H
#define GYRE_IO_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "timers/time.h"
#include "io/http/head.h"
#include "io/http/client/response.h"
#include "io/http/client/trace.h"

struct gyre_addr;
struct gyre_http_jar;
struct gyre_http_session;
struct gyre_http_trace;
struct gyre_stream;

/*
 * How connections are made: for TLS, for tests.  Embedded; keep it as long as
 * the session.  Either function may be NULL.
 */
struct gyre_http_connector {
    /* As gyre_tcp_connect, which it stands for; to the proxy, where there is
       one.  `secure` for https, if there is no function for that. */
    int (*connect)(struct gyre_http_connector *c, const char *host, int port,
                   bool secure, struct gyre_stream **out, gyre_time deadline);

    /* For https: speak TLS with `host` over `beneath`, and make a stream of
       that which owns it.  On an error `beneath` stays the caller's.  Through a
       proxy there is no https without this. */
    int (*secure)(struct gyre_http_connector *c, const char *host,
                  struct gyre_stream *beneath, struct gyre_stream **out,
                  gyre_time deadline);
};

/* How a session works; what is 0 has the default. */
struct gyre_http_session_options {
    struct gyre_http_connector *connector; /* NULL: TCP, and no https */

    /* Copied.  "http://proxy:3128", which may have a user and a password; hosts
       that are asked directly, "localhost, .example.org, 10.0.0.1", with those
       below them, or "*"; or else a Unix socket that stands for all hosts; and
       where to connect from.  NULL: none of it.  A proxy is asked for https to
       join us to the host (CONNECT), and for the rest by whole URLs. */
    const char *proxy;
    const char *no_proxy;
    const char *unix_path;
    const struct gyre_addr *from;

    struct gyre_http_limits limits; /* of a head */

    struct gyre_http_trace *trace; /* who is told of calls, or NULL */
    struct gyre_http_jar *jar; /* for cookies; NULL keeps none.  A call that has
                                  a field Cookie sends that alone */

    /* Copied.  What URLs of calls are relative to, "https://x/v1/", with a
       slash at its end mostly (RFC 3986, 5.2); NULL: they are absolute. */
    const char *base_url;

    /* Copied.  Sent where a call has none of the name; credentials among them
       (Authorization, Cookie) only to the origin of base_url, if there is one.
       A User-Agent is sent in any case: "gyre". */
    const struct gyre_http_fields *fields;

    size_t connections;  /* in all, at once; 100.  More requests wait */
    size_t per_host;     /* to one host and port; no limit of its own */
    size_t text_limit;   /* bytes gyre_http_text reads, and a response holds
                            while its request is sent; 64 MiB */
    int redirects;       /* followed at most; 10; -1 for none */
    gyre_time idle_time; /* a connection is kept for, unless the server wants it
                            shorter (Keep-Alive: timeout); 15 s */

    /* How long a call waits for what.  GYRE_FOREVER: without end. */
    gyre_time turn_time;    /* a connection, of those there may be; for ever */
    gyre_time connect_time; /* its making: the name, and TLS, too; 30 s */
    gyre_time send_time;    /* more of a request to be taken; 30 s */
    gyre_time answer_time;  /* the head, when the request is sent; 30 s */
    gyre_time stall_time;   /* more of the body to come; 30 s */
    gyre_time total_time;   /* all of it, from the call to the last byte of the
                               body, and of redirects; for ever */
};

/* A request; what is 0 or NULL has the default. */
struct gyre_http_call {
    const char *method;                    /* "GET" */
    const char *url;                       /* absolute, unless there is a
                                              base_url; as below */
    const struct gyre_http_fields *fields; /* more of them, or NULL */
    const void *body; /* sent with its length, if not NULL */
    size_t length;

    /*
     * Instead of `body`: called for up to `n` bytes at a time until it gives 0.
     * Called in the task that makes the call, and may park; only total_time of
     * the session's bounds it.  An error it gives ends the call as it is; more
     * than `n` is asserted against.  Sent in chunks, and never twice.  With a
     * `length` it is sent with that, and as many bytes are called for: -ENODATA
     * if it gives 0 before.
     */
    ssize_t (*more)(struct gyre_http_call *call, void *buf, size_t n);

    /* Ask first whether the body, if there is one, is wanted (Expect:
       100-continue).  It is sent when the server says so, or nothing for a
       second; if it wants to hear of no such question (417) it is asked again
       without.  For large ones. */
    bool expect;

    /* A protocol to change to (RFC 9110, 7.8), if the server will: then the
       status is 101, and gyre_http_response_stream gives the connection.  One
       that answers so without being asked, or with another protocol, is not
       understood: -EPROTO. */
    const char *upgrade;

    /* Set by the call: what ended it, if that was -ETIMEDOUT; and the status
       with which a proxy refused to join us to the host, if it did. */
    enum gyre_http_timeout timeout;
    int proxy_status;

    /* Set by the call: how far it came (trace.h), so where it failed, if it
       did. */
    enum gyre_http_step step;
};

#pragma GCC visibility push(default)

/* Make a session, in a task.  The caller frees it.  -ENOMEM. */
int gyre_http_session_new(struct gyre_http_session **out);

/* The same with options, which are copied.  -EINVAL for a base_url or a proxy
   that is no URL, or a proxy with a unix_path; -EMSGSIZE for more fields than
   there may be. */
int gyre_http_session_new_with(struct gyre_http_session **out,
                               const struct gyre_http_session_options *options);

/* Close the connections and free the session.  No call is under way, and all
   responses have been freed: that is asserted.  NULL is left alone.  Never
   parks. */
void gyre_http_session_free(struct gyre_http_session *s);

/*
 * Ask for `url`.  A user and a password in it, escaped, as in
 * "http://user:pa%20ss@x/", are sent to its origin as basic authentication,
 * unless there is a field Authorization; they are in no URL that is told.  0,
 * and the response is the caller's to free; whatever its status is, it is no
 * error.  -EINVAL for a URL or a method that is none, and CONNECT; -EPROTO,
 * -EMSGSIZE for an answer that is not understood, or exceeds a limit; -EPIPE if
 * it breaks off; -ETIMEDOUT, if a time of the session has passed as well, and
 * call->timeout says which; -ELOOP for too many redirects; -ENOTSUP for https
 * without a connector; -EACCES if a proxy wants to be told who asks, and
 * -EHOSTUNREACH if it refuses otherwise, with call->proxy_status; or as
 * gyre_tcp_connect.  (Where it is asked by the URL, what it says is the
 * response.)
 *
 * A server may answer before it has read a body.  If that is no success (2xx),
 * or comes instead of 100, the rest is not sent, and the connection not kept.
 * Otherwise the rest is sent, while what comes of the answer is kept, up to
 * text_limit bytes; until the server leaves, or has read nothing for send_time.
 *
 * A request that may be repeated (GET, HEAD, OPTIONS, PUT, DELETE, without
 * `more`) is repeated once, if a kept connection turns out to be closed before
 * any of the answer has come.  Redirects are followed as RFC 9110 (15.4) says:
 * 301 and 302 turn a POST into a GET, 303 anything but HEAD, 307 and 308
 * nothing; what describes a body is left out with it, and credentials when the
 * origin changes.  One that would need a body of `more` again is not followed:
 * it is the response.
 *
 * A cancel point.  After -ECANCELED and -ETIMEDOUT, as after any error once the
 * request has been sent, the server may have done what was asked, or may yet;
 * the connection is closed.
 */
int gyre_http_get(struct gyre_http_session *s, const char *url,
                  struct gyre_http_response **out, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_http_call(struct gyre_http_session *s, struct gyre_http_call *call,
                   struct gyre_http_response **out, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
