/*
 * trace.h - what happens to a client's calls, told as it happens.
 *
 * For logs, for numbers, for finding out what is slow.  A session tells one
 * listener, of all its calls; without one nothing is paid but a test of a
 * pointer a step.
 */
#ifndef GYRE_IO_HTTP_CLIENT_TRACE_H
#define GYRE_IO_HTTP_CLIENT_TRACE_H

#include <stdint.h>

#include "timers/time.h"

/* What has happened to a call: in this order, but that it is referred, or asked
   again over a new connection, and then begins anew at a turn. */
enum gyre_http_step {
    GYRE_HTTP_STEP_CALL,   /* it was made, and is no nonsense */
    GYRE_HTTP_STEP_QUEUED, /* it waits for a connection: there are too many */
    GYRE_HTTP_STEP_TURN,   /* it has waited */
    GYRE_HTTP_STEP_REUSED, /* a kept connection is as good as it was */
    GYRE_HTTP_STEP_CONNECTING, /* or there is to be a new one */
    GYRE_HTTP_STEP_RESOLVED,   /* addresses are known; not told of connectors */
    GYRE_HTTP_STEP_CONNECTED,  /* TLS and all */
    GYRE_HTTP_STEP_SENT,       /* the request, or as much as was wanted */
    GYRE_HTTP_STEP_HEARD,      /* something has come */
    GYRE_HTTP_STEP_ANSWERED,   /* the head; `result` is the status */
    GYRE_HTTP_STEP_ENDED,      /* all of the body was read */
    GYRE_HTTP_STEP_REFERRED,   /* to another URL: `url`; `result` as above */
    GYRE_HTTP_STEP_FAILED      /* `result` is the error */
};

struct gyre_http_event {
    enum gyre_http_step step;
    gyre_time at;    /* the loop's */
    uint64_t call;   /* which, of the session: 1 is the first */
    const char *url; /* that is asked for, without a password; good for now */
    int result;      /* or 0 */
};

/* A listener.  Embedded; keep it as long as the session. */
struct gyre_http_trace {
    /* Called in the task of the call, or whoever reads the answer.  May not
       park, nor make calls of the session. */
    void (*tell)(struct gyre_http_trace *t, const struct gyre_http_event *e);
};

#pragma GCC visibility push(default)

/* The name of a step, as "connected", for messages; static. */
const char *gyre_http_step_name(enum gyre_http_step step);

#pragma GCC visibility pop

#endif
