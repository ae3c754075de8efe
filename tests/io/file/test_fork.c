/*
 * test_fork.c - watchers of files, and the child of a fork.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/run/run.h"
#include "task/task.h"
#include "io/file/watcher.h"
#include "io/file/watching.h"
#include "tests/io/file/scratch.h"
#include "tests/support/forked.h"

static int changes;

static void count_one(struct gyre_watching *w, const struct gyre_change *c,
                      int err)
{
    changes += c != NULL && err == 0;
    gyre_watching_stop(w);
}

/* A watcher of its own, on a loop of its own. */
static int watch_afresh(void)
{
    struct gyre_watching w = {.changed = count_one};
    struct gyre_watcher *mine;
    struct gyre_loop *l;

    gyre_run_forget();
    if (gyre_loop_new(&l) != 0 || gyre_watcher_open(l, &mine) != 0)
        return 1;
    if (gyre_watcher_add(mine, ".", GYRE_NOW) <= 0)
        return 2;
    if (mkdir("a", 0700) != 0 || rmdir("a") != 0)
        return 3;
    if (gyre_watching_start(&w, mine) != 0 || gyre_loop_run(l) != 0)
        return 4;
    gyre_watcher_close(mine);
    gyre_loop_free(l);
    return changes == 1 ? 0 : 5;
}

CLAIM_IN_A_FOLDER(fork_in_files, the_child_may_have_a_watcher_of_its_own)
{
    fork_and_expect(watch_afresh);
}

static struct gyre_watcher *watcher;

/* Wait for a change of the folder, and take what else has come. */
static void expect_change(int id)
{
    struct gyre_change c = {0};

    cr_expect_eq(gyre_watcher_next(watcher, &c, SOON), 0);
    cr_expect_eq(c.id, id);
    while (gyre_watcher_next(watcher, &c, GYRE_NOW) == 0)
        continue;
}

/* What the child does there is told of, and what comes later is told here. */
CLAIM_IN_A_FOLDER(fork_in_files, the_parents_watcher_goes_on)
{
    struct gyre_change c;
    int id;

    cr_expect_eq(gyre_watcher_open(gyre_loop_current(), &watcher), 0);
    id = gyre_watcher_add(watcher, ".", SOON);
    cr_expect_eq(gyre_watcher_next(watcher, &c, gyre_in(MS)), -ETIMEDOUT);
    fork_and_expect(watch_afresh);
    expect_change(id);
    cr_expect_eq(mkdir("b", 0700), 0);
    expect_change(id);
    gyre_watcher_close(watcher);
    rmdir("b");
}
