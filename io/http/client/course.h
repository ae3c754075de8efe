/*
 * course.h - how a call goes: the times that bound its steps.
 *
 * Private to io/http/.
 */
#ifndef GYRE_IO_HTTP_COURSE_H
#define GYRE_IO_HTTP_COURSE_H

#include <stdbool.h>

#include "timers/time.h"
#include "io/http/client/client.h"

/* Of one call; goes over to its response. */
struct gyre_http_course {
    gyre_time total;             /* when all of it is to be over */
    enum gyre_http_timeout next; /* what ends the step in hand, if time does */
    int proxy_status;            /* with which a proxy has refused, or 0 */
};

/* Begin one, which may last `span`. */
void gyre_http_course_begin(struct gyre_http_course *c, gyre_time span);

/* Begin a step that may last `span`, and is bounded by the total and by
   `deadline` too: until when it may take. */
gyre_time gyre_http_course_step(struct gyre_http_course *c,
                                enum gyre_http_timeout kind, gyre_time span,
                                gyre_time deadline);

/* Is the time for all of it over?  Who need not wait would not notice. */
bool gyre_http_course_over(struct gyre_http_course *c);

#endif
