/*
 * course.h - how a call goes: the times that bound its steps, and who is told.
 *
 * Private to io/http/.
 */
#ifndef GYRE_IO_HTTP_COURSE_H
#define GYRE_IO_HTTP_COURSE_H

#include <stdbool.h>
#include <stdint.h>

#include "timers/time.h"
#include "io/http/client/client.h"
#include "io/http/client/trace.h"

/* Of one call; goes over to its response. */
struct gyre_http_course {
    gyre_time total;             /* when all of it is to be over */
    enum gyre_http_timeout next; /* what ends the step in hand, if time does */
    int proxy_status;            /* with which a proxy has refused, or 0 */
    struct gyre_http_trace *trace; /* who is told, or NULL */
    uint64_t number;               /* of the call */
    enum gyre_http_step step;      /* the latest, but that it failed */
    const char *url;               /* asked for now */
};

/* Begin one: the next of the session's. */
void gyre_http_course_begin(struct gyre_http_course *c,
                            struct gyre_http_session *s);

/* Begin a step that may last `span`, and is bounded by the total and by
   `deadline` too: until when it may take. */
gyre_time gyre_http_course_step(struct gyre_http_course *c,
                                enum gyre_http_timeout kind, gyre_time span,
                                gyre_time deadline);

/* It has come to a step: note that, and tell who is to be told. */
void gyre_http_course_tell(struct gyre_http_course *c, enum gyre_http_step step,
                           int result);

/* Is the time for all of it over?  Who need not wait would not notice. */
bool gyre_http_course_over(struct gyre_http_course *c);

#endif
