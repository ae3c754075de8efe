/*
 * course.c - how a call goes: the times that bound its steps, and who is told.
 *
 * A step is bounded by three times, of which the nearest ends it.  Which that
 * is, is known when it begins; so it is noted then, and means something only if
 * the step comes to -ETIMEDOUT.
 */
#include "io/http/client/course.h"

#include "task/task.h"
#include "io/http/client/session.h"

void gyre_http_course_begin(struct gyre_http_course *c,
                            struct gyre_http_session *s)
{
    *c = (struct gyre_http_course){.total = gyre_in(s->options.total_time),
                                   .trace = s->options.trace,
                                   .number = ++s->calls};
}

void gyre_http_course_tell(struct gyre_http_course *c, enum gyre_http_step step,
                           int result)
{
    struct gyre_http_event e = {
        .step = step, .call = c->number, .url = c->url, .result = result};

    if (step != GYRE_HTTP_STEP_FAILED)
        c->step = step;
    if (c->trace == NULL)
        return;
    e.at = gyre_in(0);
    c->trace->tell(c->trace, &e);
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

const char *gyre_http_step_name(enum gyre_http_step step)
{
    static const char *const names[] = {
        "call",     "queued",    "turn",  "reused", "connecting",
        "resolved", "connected", "sent",  "heard",  "answered",
        "ended",    "referred",  "failed"};

    return names[step];
}

const char *gyre_http_timeout_name(enum gyre_http_timeout timeout)
{
    static const char *const names[] = {
        "none",         "deadline",  "total_time",  "turn_time",
        "connect_time", "send_time", "answer_time", "stall_time"};

    return names[timeout];
}
