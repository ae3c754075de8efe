/*
 * trace_ring.h - what a trace is made of: records, in a ring.
 *
 * Private to task/, installed nowhere.  trace.c fills it, and trace_json.c
 * writes it down.
 */
#ifndef GYRE_TASK_SHOW_TRACE_RING_H
#define GYRE_TASK_SHOW_TRACE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "loop/probe.h"

/* What a record tells of.  All but the first two begin something, and end what
   was begun before. */
enum gyre_trace_what {
    GYRE_TRACE_SPAWN, /* a task was made ready, for the first time */
    GYRE_TRACE_START, /* a job was started, as that of a task that is woken */
    GYRE_TRACE_NONE,  /* nothing begins: what does is the loop itself */
    GYRE_TRACE_POLL,
    GYRE_TRACE_TASK, /* from here on, something is called */
    GYRE_TRACE_JOB,
    GYRE_TRACE_POST,
    GYRE_TRACE_SIGNAL,
    GYRE_TRACE_WATCH,
    GYRE_TRACE_TIMER,
};

/* A name of nobody's storage is kept: it is looked up when it is written. */
struct gyre_trace_record {
    gyre_time at;
    const struct gyre_job *job; /* of a task's turn, a job, or its start */
    uintptr_t fn;               /* what is called */
    const char *name;           /* of the task, or NULL */
    uint64_t task;              /* its number, or 0 */
    uint32_t arrow;             /* that begins or ends here, or 0; while it is
                                   written */
    int16_t events;             /* of the poll that ends here */
    uint8_t what;
    bool first; /* of its task's turns; while it is written */
};

struct gyre_trace {
    struct gyre_probes probes;
    struct gyre_loop *loop;             /* while it is started; else NULL */
    const struct gyre_runtime *spawner; /* of the latest task spawned */
    uint64_t spawned;                   /* its number */
    gyre_time end;                      /* when it was stopped */
    size_t size;                        /* records there is room for */
    size_t used;
    size_t next; /* where the next one goes */
    struct gyre_trace_record records[];
};

/* The i-th of the records there are, the oldest first. */
static inline struct gyre_trace_record *gyre_trace_at(struct gyre_trace *t,
                                                      size_t i)
{
    return &t->records[(t->next + t->size - t->used + i) % t->size];
}

#endif
