/*
 * account.h - what a task has cost: see task/show/accounts.h.
 */
#ifndef GYRE_TASK_ACCOUNT_H
#define GYRE_TASK_ACCOUNT_H

#include <stdint.h>

#include "timers/time.h"

struct gyre_task;

/* A turn is from when a task runs until it parks, gives way, or ends; it is
   queued from when it is ready until its turn. */
struct gyre_task_account {
    uint64_t turns;
    gyre_time ran; /* in all */
    gyre_time longest_turn;
    gyre_time queued; /* in all */
    gyre_time longest_queued;

    /* private */
    gyre_time ready; /* since then */
};

/* Told of each task of a run when it has been made, and when it has ended, on
   its own stack still. */
struct gyre_task_hook {
    /* private */
    void (*made)(struct gyre_task_hook *h, struct gyre_task *t);
    void (*ended)(struct gyre_task_hook *h, struct gyre_task *t);
};

#endif
