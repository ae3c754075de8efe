/*
 * probe.h - what the tests of the queue share: a queue, and timers that write
 * down that they fired.
 */
#ifndef TESTS_TIMERS_PROBE_H
#define TESTS_TIMERS_PROBE_H

#include <criterion/criterion.h>

#include <string.h>

#include "timers/timers.h"

enum { MANY = 64 };

/* A timer that writes its name into a log, and does what else it is told. */
struct probe {
    struct gyre_timer timer; /* first, so that a cast finds the probe */
    char name;
    void (*then)(struct probe *p);
    struct probe *other; /* for `then` */
    gyre_time at;        /* for `then` */
};

static struct gyre_timers q;
static struct probe a, b, c;
static char fired[MANY + 1]; /* a string of names */

static inline void note(struct gyre_timer *t)
{
    struct probe *p = (struct probe *)t;
    size_t n = strlen(fired);

    cr_assert_lt(n, MANY);
    fired[n] = p->name;
    fired[n + 1] = '\0';
    if (p->then != NULL)
        p->then(p);
}

/* Fire at `now`; the names of those fired. */
static inline const char *pass(gyre_time now)
{
    fired[0] = '\0';
    gyre_timers_fire(&q, now);
    return fired;
}

static inline void start(struct probe *p, gyre_time at)
{
    gyre_timers_start(&q, &p->timer, at);
}

static inline void set_up(void)
{
    a = (struct probe){.timer = {.fire = note}, .name = 'a'};
    b = (struct probe){.timer = {.fire = note}, .name = 'b'};
    c = (struct probe){.timer = {.fire = note}, .name = 'c'};
}

/* Spans from within a tick to all of time, on the borders and off,
   ascending. */
static const gyre_time spans[] = {
    1,
    (1 << 18) - 1,
    1 << 18,
    (1 << 18) + 1,
    GYRE_MILLISECOND,
    1 << 24,
    INT64_C(1) << 30,
    (INT64_C(1) << 30) + 1,
    30 * GYRE_SECOND,
    INT64_C(1) << 36,
    INT64_C(1) << 42,
    (INT64_C(1) << 48) - 1,
    INT64_C(1) << 48,
    INT64_C(1) << 54,
    INT64_C(1) << 62,
    GYRE_FOREVER - 1,
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

#endif
