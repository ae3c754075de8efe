/*
 * process.c - a child, from its spawn to its end.
 *
 *      RUNNING ---> ENDED [notice] ---> CLOSED [gyre_process_close]
 *         \                            /
 *          +--------------------------+   killed, or left, and reaped later
 *
 * Invariants:
 *   - while it runs it has not been reaped, by us, so its number is its own;
 *     the leader of a group has not before it is closed;
 *   - while it runs either `watch` is started, or `vigil` is not NULL;
 *   - when it has ended nobody is in `waiting`.
 */
#include "io/process/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/background.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/wait.h"
#include "io/line.h"
#include "io/process/internal.h"
#include "io/process/pidfd.h"
#include "io/process/vigil.h"
#include "io/stream.h"

#define MERCILESS (10 * GYRE_SECOND) /* after SIGKILL */

enum { RUNNING, ENDED };

void gyre_process_init(struct gyre_process *p, struct gyre_loop *l)
{
    *p = (struct gyre_process){.pid = -1, .fd = -1, .loop = l, .ended = ENDED};
}

/* ---- its end ---- */

/* Nothing looks out for its end any more. */
static void look_away(struct gyre_process *p)
{
    gyre_watch_stop(p->loop, &p->watch);
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
    p->vigil = NULL;
}

static void note_how(struct gyre_process *p, const siginfo_t *how)
{
    bool exited = how->si_code == CLD_EXITED;

    p->code = exited ? how->si_status : -1;
    p->signal = exited ? 0 : how->si_status;
}

/* Reap it if it has ended, or not yet, and tell all who wait. */
static void notice(struct gyre_process *p)
{
    siginfo_t how;
    int err = gyre_pidfd_reap(p->fd, p->pid, p->group ? WNOWAIT : 0, &how);

    if (err == -EAGAIN)
        return;
    look_away(p);
    if (err == 0)
        note_how(p, &how);
    p->ended = err ? err : ENDED;
    gyre_line_send_home(&p->waiting, p->ended);
}

static void ready(struct gyre_watch *w, unsigned events)
{
    (void)events;
    notice(GYRE_OWNER(w, struct gyre_process, watch));
}

static void ended(void *owner)
{
    struct gyre_process *p = owner;

    p->vigil = NULL;
    notice(p);
}

/* If there is no descriptor for it, for whatever reason, a thread will do. */
int gyre_process_watch(struct gyre_process *p, pid_t pid, bool group)
{
    int err;

    p->watch = (struct gyre_watch){.ready = ready, .background = true};
    p->fd = gyre_pidfd_open(pid);
    err = p->fd < 0 ? p->fd
                    : gyre_watch_start(p->loop, &p->watch, p->fd, GYRE_READ);
    if (err == 0 && !gyre_watch_polled(&p->watch))
        err = -EPERM; /* it would be told of as ended, again and again */
    if (err) {
        look_away(p);
        err = gyre_vigil_start(&p->vigil, p->loop, pid, ended, p);
    }
    if (err)
        return err;
    p->pid = pid;
    p->group = group;
    p->code = -1;
    p->ended = RUNNING;
    return 0;
}

/* ---- waiting ---- */

static void describe(const struct gyre_wait *w, char *text, size_t n)
{
    const struct gyre_process *p = w->on;

    snprintf(text, n, "process %ld", (long)p->pid);
}

static const struct gyre_wait_kind ends = {
    .name = "for the end of a program",
    .abandon = gyre_line_give_up,
    .describe = describe,
};

static int park(struct gyre_process *p, struct gyre_caller *c,
                gyre_time deadline)
{
    struct gyre_loop *l = p->loop;
    int err;

    if (deadline == GYRE_NOW)
        return -ETIMEDOUT;
    gyre_awaits_begin(l);
    err = gyre_line_park(c, &ends, p, deadline);
    gyre_awaits_end(l);
    return err;
}

/* Who does not want to wait has it looked at, unless a thread does that: it
   must not be reaped from under it. */
static int wait_in_line(struct gyre_process *p, struct gyre_caller *c,
                        gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err || c->sent_home)
        return err;
    if (gyre_loop_inherited(p->loop))
        return -ECANCELED;
    if (!gyre_process_ended(p) && deadline == GYRE_NOW && p->vigil == NULL)
        notice(p);
    return gyre_process_ended(p) ? p->ended : park(p, c, deadline);
}

int gyre_process_wait(struct gyre_process *p, gyre_time deadline)
{
    struct gyre_caller c;
    int err;

    gyre_line_join(&p->waiting, &c);
    err = wait_in_line(p, &c, deadline);
    gyre_line_leave(&p->waiting, &c);
    if (c.sent_home)
        err = c.sent_home;
    return err == ENDED ? 0 : err;
}

bool gyre_process_ended(const struct gyre_process *p)
{
    return p->ended != RUNNING;
}

/* ---- having it end ---- */

/* Whoever is in its group: it is itself, be it as a zombie, unless somebody
   else has reaped it. */
static int signal_group(struct gyre_process *p, int number)
{
    if (p->ended < 0)
        return -ESRCH;
    return kill(-p->pid, number) < 0 ? -errno : 0;
}

int gyre_process_signal(struct gyre_process *p, int number)
{
    if (gyre_loop_inherited(p->loop))
        return -ECANCELED;
    if (p->group)
        return signal_group(p, number);
    if (gyre_process_ended(p))
        return -ESRCH;
    return gyre_pidfd_signal(p->fd, p->pid, number);
}

/* Though the task is cancelled. */
static int wait_shielded(struct gyre_process *p, gyre_time span)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield, gyre_in(span));
    return (int)gyre_scope_close(&shield, gyre_process_wait(p, GYRE_FOREVER));
}

int gyre_process_stop(struct gyre_process *p, gyre_time grace)
{
    int err;

    if (gyre_process_ended(p) && !p->group)
        return 0;
    (void)gyre_process_signal(p, SIGTERM);
    err = wait_shielded(p, grace);
    if (err != -ETIMEDOUT && (err || !p->group))
        return err;
    (void)gyre_process_signal(p, SIGKILL);
    return wait_shielded(p, MERCILESS);
}

int gyre_process_finish(struct gyre_process *p, gyre_time grace,
                        gyre_time deadline)
{
    int err = gyre_process_wait(p, deadline);

    if (err == -ECANCELED || err == -ETIMEDOUT)
        (void)gyre_process_stop(p, grace);
    return err;
}

/* ---- letting go ---- */

/* The thread that waits for it already reaps it; or there will be one, unless
   it has ended. */
static int leave(struct gyre_process *p)
{
    if (gyre_process_ended(p)) {
        if (p->group && p->ended == ENDED)
            gyre_vigil_keep(p->pid);
        return 0;
    }
    if (p->vigil == NULL)
        return gyre_vigil_adopt(p->pid);
    gyre_vigil_leave(p->vigil);
    return 0;
}

static void let_go(struct gyre_process *p)
{
    look_away(p);
    p->ended = ENDED;
    p->group = false;
    gyre_line_send_home(&p->waiting, -EBADF);
    gyre_line_send_home(&p->told, -EBADF);
    gyre_close(p->in);
    gyre_close(p->out);
    gyre_close(p->err);
    p->in = p->out = p->err = NULL;
}

int gyre_process_detach(struct gyre_process *p)
{
    int err = gyre_loop_inherited(p->loop) ? -ECANCELED : leave(p);

    if (err == 0)
        let_go(p);
    return err;
}

/* Who was killed ends soon; but not at once, and in a driver perhaps never.  So
   to wait here is for when there is no thread. */
static void kill_and_leave(struct gyre_process *p)
{
    (void)gyre_process_signal(p, SIGKILL);
    if (leave(p) != 0)
        gyre_vigil_keep(p->pid);
}

void gyre_process_close(struct gyre_process *p)
{
    if (p->loop == NULL)
        return;
    if (!gyre_loop_inherited(p->loop))
        kill_and_leave(p);
    let_go(p);
}
