/*
 * course.c - how a call goes: the times that bound its steps.
 *
 * A step is bounded by three times, of which the nearest ends it.  Which that
 * is, is known when it begins; so it is noted then, and means something only if
 * the step comes to -ETIMEDOUT.
 */
#include "io/http/client/course.h"

#include "task/task.h"

void gyre_http_course_begin(struct gyre_http_course *c, gyre_time span)
{
    c->total = gyre_in(span);
    c->next = GYRE_HTTP_NO_TIMEOUT;
    c->proxy_status = 0;
}

gyre_time gyre_http_course_step(struct gyre_http_course *c,
                                enum gyre_http_timeout kind, gyre_time span,
                                gyre_time deadline)
{
    gyre_time until = gyre_in(span);

    c->next = kind;
    if (c->total < until) {
        until = c->total;
        c->next = GYRE_HTTP_TOTAL_TIME;
    }
    if (deadline < until) {
        until = deadline;
        c->next = GYRE_HTTP_DEADLINE;
    }
    return until;
}

bool gyre_http_course_over(struct gyre_http_course *c)
{
    if (c->total == GYRE_FOREVER || gyre_in(0) < c->total)
        return false;
    c->next = GYRE_HTTP_TOTAL_TIME;
    return true;
}

const char *gyre_http_timeout_name(enum gyre_http_timeout timeout)
{
    static const char *const names[] = {
        "none",         "deadline",  "total_time",  "turn_time",
        "connect_time", "send_time", "answer_time", "stall_time"};

    return names[timeout];
}
