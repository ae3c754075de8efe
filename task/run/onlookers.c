/*
 * onlookers.c - who looks on while a program runs, as its environment asks.
 *
 * Whatever goes wrong with them is said, and is no failure of the run.
 */
#include "task/run/onlookers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "loop/environment.h"
#include "loop/loop.h"
#include "loop/result.h"
#include "task/internal.h"
#include "task/show/out.h"
#include "task/show/put.h"
#include "task/show/trace.h"
#include "task/task.h"

#define LONGEST 1000000000 /* limit, in milliseconds: twelve days */

static void complain(const struct gyre_onlookers *o, int err)
{
    fprintf(stderr, "gyre: no trace in %s: %s\n", o->file, gyre_strerror(err));
}

/* The environment has the last word, if it makes sense. */
static gyre_time watchdog_limit(struct gyre_loop *l, gyre_time wanted)
{
    long ms = gyre_environment_number(l, "GYRE_WATCHDOG", LONGEST);

    if (ms > 0)
        return ms * GYRE_MILLISECOND;
    if (ms == 0 && gyre_environment("GYRE_WATCHDOG") != NULL)
        return GYRE_FOREVER;
    return wanted > 0 ? wanted : GYRE_SECOND;
}

void gyre_onlookers_begin(struct gyre_onlookers *o, struct gyre_loop *l,
                          gyre_time stall_limit)
{
    gyre_time limit = watchdog_limit(l, stall_limit);

    if (limit != GYRE_FOREVER && !gyre_loop_simulated(l))
        gyre_watchdog_start(&o->watched, l, limit);
}

static int start_trace(struct gyre_onlookers *o, struct gyre_loop *l)
{
    int err = gyre_trace_new(&o->trace, 0);

    if (err == 0)
        gyre_trace_start(o->trace, l);
    return err;
}

void gyre_onlookers_enter(struct gyre_onlookers *o)
{
    struct gyre_loop *l = gyre_loop_current();
    int err = 0;

    o->file = gyre_environment_asks("GYRE_TRACE");
    if (o->file != NULL && o->trace == NULL)
        err = start_trace(o, l);
    if (err)
        complain(o, err);
    o->tracing.lasting |= o->file != NULL;
    o->printing = gyre_environment_number(l, "GYRE_ACCOUNTS", 1) > 0;
    o->counting.lasting |= o->printing;
    if (o->printing && o->accounts.runtime == NULL)
        (void)gyre_accounts_start(&o->accounts);
}

void gyre_onlookers_leave(struct gyre_onlookers *o)
{
    if (o->printing && o->accounts.runtime != NULL)
        (void)gyre_accounts_print(&o->accounts, STDERR_FILENO);
    gyre_accounts_stop(&o->accounts);
}

/* ---- accounts, for who asks ---- */

void gyre_onlookers_top(struct gyre_onlookers *o, struct gyre_out *out)
{
    if (o->accounts.runtime != NULL) {
        gyre_put_accounts(out, &o->accounts);
    } else if (gyre_accounts_start(&o->accounts) == 0) {
        o->counting.lasting = true;
        gyre_put(out, "Accounts are kept from now on: ask again.\n");
    } else {
        gyre_put(out, "The program keeps accounts of its own.\n");
    }
}

void gyre_onlookers_top_begin(struct gyre_onlookers *o)
{
    o->counting.spans++;
    if (o->accounts.runtime == NULL)
        (void)gyre_accounts_start(&o->accounts);
}

/* Is it kept no longer? */
static bool ends(struct gyre_keeping *k)
{
    return --k->spans == 0 && !k->lasting;
}

void gyre_onlookers_top_end(struct gyre_onlookers *o)
{
    if (ends(&o->counting))
        gyre_accounts_stop(&o->accounts);
}

/* ---- a trace, for who asks ---- */

void gyre_onlookers_trace(struct gyre_onlookers *o, struct gyre_out *out)
{
    int err = 0;

    if (o->trace != NULL) {
        err = gyre_put_trace(out, o->trace);
    } else if ((err = start_trace(o, gyre_running->loop)) == 0) {
        o->tracing.lasting = true;
        gyre_put(out, "A trace is made from now on: ask again.\n");
    }
    if (err)
        gyre_put_format(out, "%s\n", gyre_strerror(err));
}

void gyre_onlookers_trace_begin(struct gyre_onlookers *o)
{
    o->tracing.spans++;
    if (o->trace == NULL)
        (void)start_trace(o, gyre_running->loop);
}

static void drop_trace(struct gyre_onlookers *o)
{
    gyre_trace_free(o->trace);
    o->trace = NULL;
}

void gyre_onlookers_trace_end(struct gyre_onlookers *o)
{
    if (ends(&o->tracing))
        drop_trace(o);
}

/* ---- the end ---- */

static int write_trace(struct gyre_onlookers *o)
{
    int fd = open(o->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int err;

    if (fd < 0)
        return -errno;
    err = gyre_trace_write(o->trace, fd);
    close(fd);
    return err;
}

/* After the main task the loop has polled once more, and who asks at the socket
   then may have begun to keep accounts. */
void gyre_onlookers_end(struct gyre_onlookers *o)
{
    int err;

    gyre_watchdog_stop(&o->watched);
    gyre_accounts_stop(&o->accounts);
    if (o->trace == NULL)
        return;
    gyre_trace_stop(o->trace);
    err = o->file != NULL ? write_trace(o) : 0;
    if (err)
        complain(o, err);
    drop_trace(o);
}

int gyre_onlookers_step(struct gyre_loop *l)
{
    long fd = gyre_environment_number(l, "GYRE_STEP", INT_MAX);

    return fd > 0 ? (int)fd : 0;
}
