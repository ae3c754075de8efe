/*
 * promises.c - what is promised of calls that fail, and scenarios to hold it
 * against.
 */
#include "tests/io/promises.h"

#include <errno.h>

#include "loop/list.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "loop/result.h"
#include "loop/timer.h"
#include "task/run/run.h"
#include "task/task.h"

static const struct promise hidden = {.hidden = true};
static const struct promise waits = {.hidden = true, .late = true};

/* Of the network, or of a connection that is gone already; or a shortage,
   which the hook is told of and nobody else, and whose end who connects waits
   for, or comes again for who was turned away. */
static struct promise of_accept(int err)
{
    switch (err) {
    case EBADF:
    case EFAULT:
    case EINVAL:
    case ENOTSOCK: return (struct promise){.error = -err};
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
#ifdef ENOSR
    case ENOSR:
#endif
        return (struct promise){.told = -err, .hidden = true, .late = true};
    default: return waits;
    }
}

static struct promise of_connect(int err)
{
    switch (err) {
    case EINPROGRESS: return hidden;
    case EAGAIN: return (struct promise){.error = -ECONNREFUSED};
    case ETIMEDOUT: return (struct promise){.error = -EHOSTUNREACH};
    default: return (struct promise){.error = -err};
    }
}

/* Of each of two it is said that the other is the right one, which here it is
   not; and what cannot be polled is asked once more before that is told. */
static struct promise of_epoll_ctl(int err)
{
    if (err == EPERM)
        return (struct promise){.error = -EPERM, .hidden = true};
    if (err == EEXIST || err == ENOENT)
        return (struct promise){.error = -EEXIST, .other = -ENOENT};
    return (struct promise){.error = -err};
}

struct promise io_promised(enum call c, int err)
{
    if (err == EINTR)
        return hidden;
    switch (c) {
    case CALL_ACCEPT: return of_accept(err);
    case CALL_CONNECT: return of_connect(err);
    case CALL_EPOLL_CTL: return of_epoll_ctl(err);
    case CALL_MMAP: return (struct promise){.error = -ENOMEM, .hidden = true};
    default: break;
    }
    if (err == EAGAIN)
        return waits;
    return (struct promise){.error = err == ETIMEDOUT ? -ECONNRESET : -err};
}

/* ---- scenarios ---- */

static int wrong;

intptr_t note_error(intptr_t result)
{
    if (wrong == 0 && gyre_is_error(result) && result != -ECANCELED)
        wrong = (int)result;
    return result;
}

bool went_well(void)
{
    return wrong == 0;
}

bool is_turned_away(int err)
{
    return failing_told() != 0 && (err == -ECONNRESET || err == -EPIPE);
}

void note_left(void)
{
    wrong = -EEXIST;
}

gyre_time in_time(void)
{
    return gyre_in(failing_patience());
}

gyre_time in_good_time(void)
{
    return gyre_in(20 * GYRE_SECOND);
}

static void failed(struct gyre_failure_hook *h, const char *what, int err)
{
    (void)h;
    (void)what;
    failing_tell(err);
}

static void (*to_play)(void);

static void hear_of_failures(struct gyre_loop *l)
{
    static struct gyre_failure_hook hook = {.failed = failed};

    gyre_loop_on_failure(l, &hook);
}

static intptr_t play(void *arg)
{
    (void)arg;
    hear_of_failures(gyre_loop_current());
    to_play();
    return 0;
}

int play_in_run(void (*act)(void))
{
    wrong = 0;
    to_play = act;
    note_error(gyre_run(play, NULL));
    return wrong;
}

/* Who runs out of patience, without a task to say so. */
struct limit {
    struct gyre_timer timer;
    struct gyre_loop *loop;
};

static void run_out(struct gyre_timer *t)
{
    note_error(-ETIMEDOUT);
    gyre_loop_stop(GYRE_OWNER(t, struct limit, timer)->loop);
}

int play_in_loop(void (*begin)(struct gyre_loop *l),
                 void (*end)(struct gyre_loop *l))
{
    struct limit limit = {.timer = {.fire = run_out, .background = true}};

    wrong = 0;
    if (note_error(gyre_loop_new(&limit.loop)))
        return wrong;
    hear_of_failures(limit.loop);
    begin(limit.loop);
    gyre_timer_start(limit.loop, &limit.timer,
                     gyre_loop_in(limit.loop, failing_patience()));
    if (wrong == 0)
        note_error(gyre_loop_run(limit.loop));
    end(limit.loop);
    gyre_timer_stop(limit.loop, &limit.timer);
    gyre_loop_free(limit.loop);
    return wrong;
}
