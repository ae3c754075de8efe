/*
 * test_watching.c - the claims of watching.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/file/watching.h"
#include "tests/io/file/scratch.h"
#include "tests/task/world.h"

static struct gyre_watcher *watcher;

/* What has been told. */
static struct {
    struct gyre_event news;
    int n, err, id;
} heard;

static void hear(struct gyre_watching *w, const struct gyre_change *c, int err)
{
    cr_expect_eq(gyre_watching_started(w), err == 0);
    heard.n++;
    heard.err = err;
    heard.id = c != NULL ? c->id : 0;
    gyre_event_set(&heard.news);
}

static void wait_for_news(void)
{
    cr_expect_eq(gyre_event_wait(&heard.news, SOON), 0);
    gyre_event_clear(&heard.news);
}

static int watch_here(void)
{
    int id;

    cr_expect_eq(gyre_watcher_open(gyre_loop_current(), &watcher), 0);
    id = gyre_watcher_add(watcher, ".", GYRE_NOW);
    cr_expect_gt(id, 0);
    return id;
}

static void make_and_remove(void)
{
    cr_expect_eq(mkdir("a", 0700), 0);
    cr_expect_eq(rmdir("a"), 0);
}

CLAIM_IN_A_FOLDER(watching, tells_from_the_loop_until_it_is_stopped)
{
    struct gyre_watching w = {.changed = hear};
    int id = watch_here(), n;

    make_and_remove();
    cr_expect_eq(gyre_watching_start(&w, watcher), 0);
    cr_expect_eq(heard.n, 0);
    wait_for_news();
    cr_expect_eq(heard.id, id);
    let_all_settle();
    make_and_remove();
    wait_for_news();
    gyre_watching_stop(&w);
    gyre_watching_stop(&w);
    n = heard.n;
    make_and_remove();
    let_all_settle();
    cr_expect_eq(heard.n, n);
    cr_expect_eq(gyre_watching_start(&w, watcher), 0);
    gyre_event_clear(&heard.news);
    wait_for_news();
    cr_expect_gt(heard.n, n, "what came meanwhile is told of");
    gyre_watching_stop(&w);
    gyre_watcher_close(watcher);
}

static intptr_t wait_for_change(void *arg)
{
    struct gyre_change c;

    (void)arg;
    return gyre_watcher_next(watcher, &c, SOON);
}

CLAIM_IN_A_FOLDER(watching, is_in_the_place_of_tasks)
{
    struct gyre_watching w = {.changed = hear}, other = w;
    struct gyre_scope s;

    watch_here();
    cr_expect_eq(gyre_watching_start(&w, watcher), 0);
    cr_expect_eq(gyre_watching_start(&other, watcher), -EBUSY);
    cr_expect_eq(wait_for_change(NULL), -EBUSY);
    gyre_watching_stop(&w);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, wait_for_change, NULL);
    let_all_settle();
    cr_expect_eq(gyre_watching_start(&w, watcher), -EBUSY);
    make_and_remove();
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_watcher_close(watcher);
}

CLAIM_IN_A_FOLDER(watching, is_idle_once_its_watcher_is_closed)
{
    struct gyre_watching w = {.changed = hear};

    watch_here();
    make_and_remove();
    cr_expect_eq(gyre_watching_start(&w, watcher), 0);
    gyre_watcher_close(watcher);
    cr_expect(!gyre_watching_started(&w));
    let_all_settle();
    cr_expect_eq(heard.n, 0);
}

static void close_and_free(struct gyre_watching *w, const struct gyre_change *c,
                           int err)
{
    hear(w, c, err);
    gyre_watcher_close(watcher);
    free(w);
}

CLAIM_IN_A_FOLDER(watching, may_be_freed_with_its_watcher_when_told)
{
    struct gyre_watching *w = calloc(1, sizeof *w);

    w->changed = close_and_free;
    watch_here();
    cr_expect_eq(gyre_watching_start(w, watcher), 0);
    make_and_remove();
    wait_for_news();
    cr_expect_eq(heard.n, 1);
}

CLAIM_IN_A_FOLDER(watching, is_silent_of_what_is_gone_once_it_is_closed)
{
    struct gyre_watching w = {.changed = hear};

    cr_expect_eq(mkdir("d", 0700), 0);
    cr_expect_eq(gyre_watcher_open(gyre_loop_current(), &watcher), 0);
    cr_expect_gt(gyre_watcher_add(watcher, "d", GYRE_NOW), 0);
    cr_expect_eq(gyre_watching_start(&w, watcher), 0);
    cr_expect_eq(rmdir("d"), 0);
    gyre_watcher_close(watcher);
    let_all_settle();
    cr_expect_eq(heard.n, 0);
}

CLAIM_IN_A_FOLDER(watching, may_be_stopped_and_closed_before_the_loop_goes_on)
{
    struct gyre_watching w = {.changed = hear};

    for (int stopped = 0; stopped < 2; stopped++) {
        watch_here();
        cr_expect_eq(gyre_watching_start(&w, watcher), 0);
        if (stopped)
            gyre_watching_stop(&w);
        gyre_watcher_close(watcher);
        cr_expect(!gyre_watching_started(&w));
    }
    let_all_settle();
    cr_expect_eq(heard.n, 0);
}

static void hear_once(struct gyre_watching *w, const struct gyre_change *c,
                      int err)
{
    hear(w, c, err);
    gyre_watching_stop(w);
}

CLAIM_IN_A_FOLDER(watching, that_is_stopped_when_told_tells_no_more)
{
    struct gyre_watching w = {.changed = hear_once};

    watch_here();
    make_and_remove();
    make_and_remove();
    cr_expect_eq(gyre_watching_start(&w, watcher), 0);
    wait_for_news();
    make_and_remove();
    let_all_settle();
    cr_expect_eq(heard.n, 1);
    cr_expect(!gyre_watching_started(&w));
    gyre_watcher_close(watcher);
}

static void start_in_vain(void)
{
    struct gyre_watching w = {.changed = hear};

    cr_expect_eq(gyre_watcher_open(gyre_loop_current(), &watcher), 0);
    cr_expect_eq(gyre_watching_start(&w, watcher), -ENOTSUP);
    cr_expect(!gyre_watching_started(&w));
    gyre_watching_stop(&w);
    gyre_watcher_close(watcher);
}

Test(watching, is_not_started_under_simulation)
{
    hold_in_task(start_in_vain);
}

/* ---- without tasks ---- */

static void stop_at_once(struct gyre_watching *w, const struct gyre_change *c,
                         int err)
{
    (void)c;
    cr_expect_eq(err, 0);
    heard.n++;
    gyre_watching_stop(w);
}

/* It keeps a loop going, or not. */
Test(watching, is_awaited_unless_in_the_background)
{
    struct gyre_watching w = {.changed = stop_at_once};
    struct gyre_loop *l;

    enter_scratch();
    cr_expect_eq(gyre_loop_new(&l), 0);
    cr_expect_eq(gyre_watcher_open(l, &watcher), 0);
    cr_expect_gt(gyre_watcher_add(watcher, ".", GYRE_NOW), 0);
    w.background = true;
    cr_expect_eq(gyre_watching_start(&w, watcher), 0);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(heard.n, 0);
    gyre_watching_stop(&w);
    w.background = false;
    make_and_remove();
    cr_expect_eq(gyre_watching_start(&w, watcher), 0);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(heard.n, 1);
    gyre_watcher_close(watcher);
    gyre_loop_free(l);
    leave_scratch();
}
