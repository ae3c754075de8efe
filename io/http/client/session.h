/*
 * session.h - a client's connections, and the exchange in hand on each.
 *
 * Private to io/http/.
 */
#ifndef GYRE_IO_HTTP_SESSION_H
#define GYRE_IO_HTTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/job.h"
#include "loop/list.h"
#include "loop/timer.h"
#include "task/task.h"
#include "io/addr.h"
#include "io/buf.h"
#include "io/stream.h"
#include "io/http/client/base.h"
#include "io/http/client/client.h"
#include "io/http/client/course.h"
#include "io/http/client/jar.h"
#include "io/http/client/proxy.h"
#include "io/http/fields.h"
#include "io/http/head.h"
#include "io/http/incoming.h"
#include "io/http/url.h"

enum {
    GYRE_HTTP_ANSWER_FIELDS = 100, /* in the head of an answer, at most */
    GYRE_HTTP_ANSWER_READ = 16384, /* bytes of room for a read */
    GYRE_HTTP_ORIGIN_LISTS = 64
};

struct gyre_http_session {
    struct gyre_loop *loop;
    struct gyre_http_session_options options; /* with the defaults filled in */
    struct gyre_list origins[GYRE_HTTP_ORIGIN_LISTS]; /* by a hash */
    struct gyre_list idle;    /* links that are kept, latest used last */
    struct gyre_list waiting; /* for a link: link_wait.wait.link, in order */
    size_t links;             /* kept, in use, or being made */
    size_t responses;         /* not freed yet */
    uint64_t calls;           /* so far */
    struct gyre_http_base base;
    struct gyre_http_proxy proxy;
    struct gyre_buf unix_path; /* with a NUL, or empty */
    struct gyre_addr from;     /* if options.from points here */
};

/* A host, a port, and how to speak: what a connection leads to. */
struct gyre_http_origin {
    struct gyre_http_session *session;
    struct gyre_list link;    /* in one of session->origins */
    struct gyre_list idle;    /* its links that are kept, latest used last */
    struct gyre_list waiting; /* for a place: link_wait.wait.link, in order */
    size_t places;            /* had by who has, or waits for, a link */
    size_t links;             /* kept, in use, or being made */
    bool secure;
    bool proxied; /* which a session says of a host once and for all */
    int port;
    size_t host_length;
    char host[]; /* with a NUL */
};

/* A connection to one origin; or the leave to make it. */
struct gyre_http_link {
    struct gyre_http_session *session;
    struct gyre_http_origin *origin;
    struct gyre_list link;      /* while idle: in session->idle */
    struct gyre_list near;      /* while idle: in origin->idle */
    struct gyre_stream *stream; /* NULL while there is but the leave */
    struct gyre_job readable;   /* while idle: the peer speaks, or closes */
    struct gyre_timer timer;    /* while idle: it has been so for long */
    gyre_time kept;             /* since when it is, or was, idle */
    gyre_time span;             /* for which it is kept, at most */
    bool used;                  /* an answer has come over it */
};

struct gyre_http_response {
    struct gyre_http_session *session;
    struct gyre_http_link *link; /* NULL once it is not needed */
    struct gyre_buf url;         /* that was asked for, with a NUL */
    struct gyre_http_course course;
    struct gyre_http_incoming came;
    struct gyre_http_head head;
    struct gyre_http_field fields[GYRE_HTTP_ANSWER_FIELDS];
    int found;           /* 1: the head is complete; 0: not yet; or an error */
    int provisional;     /* answers of 1xx before it, so far */
    bool wanted;         /* 100 was among them: the body is to come */
    bool withheld;       /* nothing of the body was sent */
    bool heard;          /* anything at all of the answer has come */
    bool partial;        /* not all of the request was sent */
    bool reset;          /* the peer has reset the connection */
    bool to_head;        /* it answers HEAD */
    bool reading;        /* a task reads the body */
    const char *upgrade; /* the protocol that was asked for, or NULL */
    struct gyre_buf whole; /* for gyre_http_text */
};

/* A request as it is to be sent. */
struct gyre_http_outgoing {
    const char *method;
    const struct gyre_url *url;
    const struct gyre_http_fields *fields; /* or NULL */
    const struct gyre_http_fields *defaults;
    struct gyre_http_call *body; /* whose is sent; NULL for none */
    bool expect;                 /* it is asked first whether that is wanted */
    const char *upgrade;         /* or NULL */
};

/* ---- origin.c ---- */

/* The origin of `url`, made if it is not there; NULL if there is no memory. */
struct gyre_http_origin *gyre_http_origin_of(struct gyre_http_session *s,
                                             const struct gyre_url *url);

/* Free it, if it has neither places nor links any more. */
void gyre_http_origin_drop(struct gyre_http_origin *o);

/* ---- dial.c ---- */

/* Connect to `o`.  As gyre_tcp_connect; -ENOTSUP for https without who speaks
   TLS; or as gyre_http_proxy_tunnel, and what the connector says. */
int gyre_http_dial(const struct gyre_http_origin *o, struct gyre_stream **out,
                   struct gyre_http_course *course, gyre_time deadline);

/* ---- link.c ---- */

/* The leave to make a connection; NULL if there is no memory. */
struct gyre_http_link *gyre_http_link_new(struct gyre_http_origin *o);

/*
 * See that a request can be sent: connect, if there is no stream, or its peer
 * has closed it, or has said what nobody asked for.  As gyre_http_dial.  On an
 * error there is no stream, but for -ECANCELED, which may leave one that is as
 * good as it was.
 */
int gyre_http_link_ready(struct gyre_http_link *k, struct gyre_http_course *c,
                         gyre_time deadline);

/* The server has said how long it keeps the connection: "timeout=5, max=9".  We
   keep it a second less, so as not to ask just when it closes. */
void gyre_http_link_heed(struct gyre_http_link *k, struct gyre_span keep_alive);

/* Keep it, idle, for others; or say why it cannot be. */
int gyre_http_link_keep(struct gyre_http_link *k);

/* Keep it no longer, if it is kept: somebody takes it. */
void gyre_http_link_reuse(struct gyre_http_link *k);

/* Close and free it; and its origin, if that was all there was of it. */
void gyre_http_link_discard(struct gyre_http_link *k);

/* ---- turns.c ---- */

/*
 * A connection to the origin of `url`, ready: one that is kept, unless `fresh`,
 * or a new one.  Waits for its turn when there are too many.  As
 * gyre_http_link_ready; -ENOMEM.  `c` is the call's.
 */
int gyre_http_link_take(struct gyre_http_session *s, const struct gyre_url *url,
                        bool fresh, struct gyre_http_course *c,
                        struct gyre_http_link **out, gyre_time deadline);

/* Done with one that was taken: keep it for others, or close it; and have
   others have their turn. */
void gyre_http_link_give(struct gyre_http_link *k, bool keep);

/* ---- send.c ---- */

/*
 * Send the request over r->link.  0; 1 if it was given up, because the peer has
 * said already that it does not want it, or reads no more: look for the answer;
 * or an error, which ends the call: that of the body's `more`, as it is, among
 * them.
 */
int gyre_http_send(const struct gyre_http_outgoing *o,
                   struct gyre_http_response *r, gyre_time deadline);

/* ---- answer.c ---- */

struct gyre_http_response *
gyre_http_response_new(struct gyre_http_session *s, const struct gyre_buf *url,
                       bool to_head, const struct gyre_http_course *c);

/* Is the rest of the request to be given up?  1 if the final answer has come,
   and is no success, or none will come; 0; or an error.  Waits for something to
   come, until `until`; GYRE_NOW: not at all. */
int gyre_http_response_look(struct gyre_http_response *r, gyre_time until);

/* Is as much kept of an early success as may be?  Then no more is looked for,
   and it waits as the request does. */
bool gyre_http_response_is_full(const struct gyre_http_response *r);

/* Read the head of the final answer, in the session's answer_time.  -EPIPE if
   the peer closed instead of answering; otherwise as gyre_http_get. */
int gyre_http_response_begin(struct gyre_http_response *r, gyre_time deadline);

/*
 * Read some into `b`, which is one of r->came.  As gyre_read; but that a
 * connection was reset is told each time.
 */
ssize_t gyre_http_response_hear(struct gyre_http_response *r,
                                struct gyre_buf *b, gyre_time deadline)
    __attribute__((warn_unused_result));

/* The answer is complete: the connection is free, if nothing came behind it,
   and nothing is missing of the request; but one that speaks another protocol
   by now is not ours. */
void gyre_http_response_complete(struct gyre_http_response *r);

/* ---- response.c ---- */

/* Read what is left of a body that nobody wants, if that is soon done. */
void gyre_http_response_pass(struct gyre_http_response *r, gyre_time deadline);

#endif
