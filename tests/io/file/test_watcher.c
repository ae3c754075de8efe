/*
 * test_watcher.c - the claims of watcher.h.
 *
 * Where the system does not name the entries of folders a change of one is one
 * of the folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/pool.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/file/watcher.h"
#include "tests/io/file/scratch.h"
#include "tests/support/disk.h"
#include "tests/support/faults.h"
#include "tests/support/forked.h"
#include "tests/task/world.h"

static struct gyre_watcher *watcher;

static void open_watcher(void)
{
    cr_expect_eq(gyre_watcher_open(gyre_loop_current(), &watcher), 0);
}

static int watch(const char *path)
{
    int id = gyre_watcher_add(watcher, path, SOON);

    cr_expect_gt(id, 0);
    return id;
}

static struct gyre_change next(void)
{
    struct gyre_change c = {.kind = GYRE_OVERFLOW};

    cr_expect_eq(gyre_watcher_next(watcher, &c, SOON), 0);
    return c;
}

static void expect_nothing(void)
{
    struct gyre_change c;

    cr_expect_eq(gyre_watcher_next(watcher, &c, GYRE_NOW), -ETIMEDOUT);
}

/* Changes of the thing itself, of which others may come before. */
static void expect_change(int id, enum gyre_change_kind kind)
{
    struct gyre_change c = next();

    while (c.id == id && c.kind != kind && c.kind != GYRE_OVERFLOW)
        c = next();
    cr_expect_eq(c.id, id);
    cr_expect_eq(c.kind, kind);
    cr_expect_null(c.name);
}

/* A change of an entry, where these are named.  Returns its pair. */
static uint32_t expect_entry(int id, enum gyre_change_kind kind,
                             const char *name)
{
    struct gyre_change c = next();

    cr_expect_eq(c.id, id);
    if (c.name == NULL) {
        cr_expect_eq(c.kind, GYRE_CHANGED);
        return 1;
    }
    cr_expect_eq(c.kind, kind);
    cr_expect_str_eq(c.name, name);
    return c.pair;
}

static void drain(void)
{
    struct gyre_change c;

    while (gyre_watcher_next(watcher, &c, GYRE_NOW) == 0)
        continue;
}

CLAIM_IN_A_FOLDER(watcher, tells_that_a_file_has_changed)
{
    int id;

    put_file("a", "");
    open_watcher();
    id = watch("a");
    expect_nothing();
    put_file("a", "hello");
    expect_change(id, GYRE_CHANGED);
    drain();
    cr_expect_eq(chmod("a", 0640), 0);
    expect_change(id, GYRE_ATTRIBUTES);
    drain();
    cr_expect_eq(rename("a", "b"), 0);
    expect_change(id, GYRE_MOVED);
    put_file("b", "again");
    expect_change(id, GYRE_CHANGED);
    gyre_watcher_close(watcher);
    unlink("b");
}

CLAIM_IN_A_FOLDER(watcher, tells_of_a_folders_entries)
{
    int id, from, to;

    open_watcher();
    id = watch(".");
    cr_expect_eq(mkdir("a", 0700), 0);
    expect_entry(id, GYRE_CREATED, "a");
    drain();
    cr_expect_eq(rename("a", "b"), 0);
    from = (int)expect_entry(id, GYRE_MOVED_FROM, "a");
    to = from;
    if (from != 1)
        to = (int)expect_entry(id, GYRE_MOVED_TO, "b");
    cr_expect_neq(from, 0);
    cr_expect_eq(from, to);
    drain();
    cr_expect_eq(rmdir("b"), 0);
    expect_entry(id, GYRE_REMOVED, "b");
    gyre_watcher_close(watcher);
}

/* And is told of no more. */
CLAIM_IN_A_FOLDER(watcher, tells_that_what_is_watched_is_gone)
{
    int file, folder;

    put_file("a", "");
    cr_expect_eq(mkdir("d", 0700), 0);
    open_watcher();
    file = watch("a");
    folder = watch("d");
    unlink("a");
    expect_change(file, GYRE_GONE);
    cr_expect_eq(rmdir("d"), 0);
    expect_change(folder, GYRE_GONE);
    expect_nothing();
    gyre_watcher_remove(watcher, file);
    put_file("a", "");
    file = watch("a");
    put_file("a", "hello");
    expect_change(file, GYRE_CHANGED);
    gyre_watcher_close(watcher);
    unlink("a");
}

/* Not even of what the system has noted already, or we have in hand. */
CLAIM_IN_A_FOLDER(watcher, tells_nothing_of_what_it_watches_no_more)
{
    struct gyre_change c;
    int ids[3];

    for (int i = 0; i < 3; i++) {
        char name[] = {(char)('a' + i), '\0'};

        cr_expect_eq(mkdir(name, 0700), 0);
    }
    open_watcher();
    for (int i = 0; i < 3; i++)
        ids[i] = watch((const char[]){(char)('a' + i), '\0'});
    cr_expect_eq(mkdir("a/x", 0700), 0);
    cr_expect_eq(mkdir("b/x", 0700), 0);
    cr_expect_eq(mkdir("c/x", 0700), 0);
    gyre_watcher_remove(watcher, ids[1]);
    expect_entry(ids[0], GYRE_CREATED, "x");
    gyre_watcher_remove(watcher, ids[2]);
    gyre_watcher_remove(watcher, ids[2]);
    cr_expect_eq(rmdir("b/x"), 0);
    cr_expect_eq(rmdir("c/x"), 0);
    while (gyre_watcher_next(watcher, &c, GYRE_NOW) == 0)
        cr_expect_eq(c.id, ids[0]);
    gyre_watcher_close(watcher);
    rmdir("a/x");
    rmdir("a");
    rmdir("b");
    rmdir("c");
}

/* More than there is room for at first, and in no order. */
CLAIM_IN_A_FOLDER(watcher, tells_many_apart)
{
    enum { MANY = 20 };
    int ids[MANY];
    char name[20];

    open_watcher();
    for (int i = 0; i < MANY; i++) {
        sprintf(name, "d%d", i);
        cr_expect_eq(mkdir(name, 0700), 0);
        ids[i] = watch(name);
    }
    for (int i = 0; i < MANY; i += 2)
        gyre_watcher_remove(watcher, ids[i]);
    for (int i = MANY; i-- > 0;) {
        sprintf(name, "d%d/x", i);
        cr_expect_eq(mkdir(name, 0700), 0);
        if (i % 2 == 1)
            expect_entry(ids[i], GYRE_CREATED, "x");
        drain();
    }
    gyre_watcher_close(watcher);
    for (int i = 0; i < MANY; i++) {
        sprintf(name, "d%d/x", i);
        rmdir(name);
        name[strlen(name) - 2] = '\0';
        rmdir(name);
    }
}

/* By one path or by another: the system gives it one id or two. */
CLAIM_IN_A_FOLDER(watcher, may_be_told_to_watch_a_thing_twice)
{
    struct gyre_change c;
    int one, other;

    put_file("a", "");
    open_watcher();
    one = watch("a");
    other = watch("./a");
    put_file("a", "hello");
    c = next();
    cr_expect(c.id == one || c.id == other);
    drain();
    gyre_watcher_remove(watcher, one);
    put_file("a", "again");
    if (other == one)
        expect_nothing();
    else
        expect_change(other, GYRE_CHANGED);
    gyre_watcher_close(watcher);
    unlink("a");
}

/* Guards against a name that is compared as far as the other goes. */
CLAIM_IN_A_FOLDER(watcher, takes_no_name_for_one_that_begins_so)
{
    put_file("a", "");
    put_file("ab", "");
    open_watcher();
    watch("a");
    put_file("ab", "hello");
    unlink("ab");
    put_file("b", "");
    expect_nothing();
    gyre_watcher_close(watcher);
    unlink("a");
    unlink("b");
}

CLAIM_IN_A_FOLDER(watcher, tells_nothing_of_what_is_deeper)
{
    cr_expect_eq(mkdir("d", 0700), 0);
    cr_expect_eq(mkdir("d/e", 0700), 0);
    open_watcher();
    watch(".");
    put_file("d/e/a", "");
    unlink("d/e/a");
    expect_nothing();
    gyre_watcher_close(watcher);
    rmdir("d/e");
    rmdir("d");
}

CLAIM_IN_A_FOLDER(watcher, may_watch_the_root)
{
    open_watcher();
    gyre_watcher_remove(watcher, watch("/"));
    gyre_watcher_close(watcher);
}

static intptr_t make_later(void *arg)
{
    int err = gyre_sleep(gyre_in(MS));

    (void)arg;
    cr_expect_eq(mkdir("a", 0700), 0);
    return err;
}

CLAIM_IN_A_FOLDER(watcher, is_waited_for)
{
    struct gyre_scope s;
    int id;

    open_watcher();
    id = watch(".");
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++) {
        gyre_spawn(&s, NULL, make_later, NULL);
        expect_entry(id, GYRE_CREATED, "a");
        drain();
        rmdir("a");
        drain();
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_watcher_close(watcher);
}

CLAIM_IN_A_FOLDER(watcher, is_waited_for_no_longer_than_the_deadline)
{
    struct gyre_change c;
    struct gyre_scope s;
    int id;

    open_watcher();
    id = watch(".");
    cr_expect_eq(gyre_watcher_next(watcher, &c, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(mkdir("a", 0700), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_watcher_next(watcher, &c, SOON), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_entry(id, GYRE_CREATED, "a");
    gyre_watcher_close(watcher);
    rmdir("a");
}

static intptr_t wait_in_vain(void *arg)
{
    struct gyre_change c;

    (void)arg;
    cr_expect_eq(gyre_watcher_next(watcher, &c, SOON), -EBADF);
    return 0;
}

CLAIM_IN_A_FOLDER(watcher, that_is_closed_sends_its_waiters_home)
{
    struct gyre_scope s;

    open_watcher();
    watch(".");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, wait_in_vain, NULL);
    gyre_spawn(&s, NULL, wait_in_vain, NULL);
    let_all_settle();
    gyre_watcher_close(watcher);
    gyre_watcher_close(NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- what is at a path ---- */

CLAIM_IN_A_FOLDER(watcher, follows_links_and_tells_of_one_thing_once)
{
    struct gyre_change c;
    int id, other;

    put_file("a", "");
    cr_expect_eq(symlink("a", "l"), 0);
    cr_expect_eq(link("a", "b"), 0);
    open_watcher();
    id = watch("l");
    drain();
    put_file("a", "hello");
    expect_change(id, GYRE_CHANGED);
    drain();
    other = watch("b");
    drain();
    put_file("a", "again");
    for (bool one = false, two = false; !one || !two;) {
        c = next();
        cr_expect(c.id == id || c.id == other);
        one = one || c.id == id;
        two = two || c.id == other;
    }
    drain();
    gyre_watcher_remove(watcher, id);
    if (other == id)
        expect_nothing();
    gyre_watcher_close(watcher);
    unlink("a");
    unlink("b");
    unlink("l");
}

/* As programs save files. */
CLAIM_IN_A_FOLDER(watcher, tells_that_another_has_come_in_the_place)
{
    int id;

    put_file("a", "old");
    put_file("b", "new");
    open_watcher();
    id = watch("a");
    cr_expect_eq(rename("b", "a"), 0);
    expect_change(id, GYRE_GONE);
    put_file("a", "newer");
    expect_nothing();
    id = watch("a");
    put_file("a", "newest");
    expect_change(id, GYRE_CHANGED);
    gyre_watcher_close(watcher);
    unlink("a");
}

CLAIM_IN_A_FOLDER(watcher, looks_a_path_up_by_a_thread_if_there_is_time)
{
    struct gyre_pool *files = gyre_run_pool(GYRE_POOL_FILES);

    open_watcher();
    cr_expect_gt(gyre_watcher_add(watcher, ".", GYRE_NOW), 0);
    cr_expect_eq(gyre_pool_stats(files).done, 0);
    watch("..");
    cr_expect_eq(gyre_pool_stats(files).done, 1);
    gyre_watcher_close(watcher);
}

static sem_t gate;

static void wait_at_the_gate(void)
{
    sem_wait(&gate);
}

static intptr_t add_in_vain(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_watcher_add(watcher, ".", SOON), -EBADF);
    return 0;
}

/* On a disk that does not answer. */
CLAIM_IN_A_FOLDER(watcher, may_be_closed_or_left_while_a_thread_looks)
{
    struct gyre_pool *files = gyre_run_pool(GYRE_POOL_FILES);
    struct gyre_change c;
    struct gyre_scope s;

    sem_init(&gate, 0, 0);
    disk_before_opening = wait_at_the_gate;
    open_watcher();
    while (gyre_pool_stats(files).abandoned == 0)
        cr_expect_eq(gyre_watcher_add(watcher, ".", gyre_in(20 * MS)),
                     -ETIMEDOUT);
    sem_post(&gate);
    wait_until(gyre_pool_stats(files).abandoned <= 0);
    cr_expect_eq(mkdir("a", 0700), 0);
    cr_expect_eq(gyre_watcher_next(watcher, &c, GYRE_NOW), -ETIMEDOUT);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, add_in_vain, NULL);
    wait_until(gyre_pool_stats(files).running != 0);
    gyre_watcher_close(watcher);
    sem_post(&gate);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    rmdir("a");
}

CLAIM_IN_A_FOLDER(watcher, says_what_it_cannot_watch)
{
    open_watcher();
    cr_expect_eq(gyre_watcher_add(watcher, "none", SOON), -ENOENT);
    gyre_watcher_remove(watcher, 77);
    gyre_watcher_close(watcher);
}

/* A change that is lost must not be lost in silence.  Where there are no names
   changes of one kind are one, and none is lost. */
CLAIM_IN_A_FOLDER(watcher, says_that_changes_were_lost)
{
    FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
    struct gyre_change c = {.kind = GYRE_CHANGED};
    int fds[2], most = 0, n = 0;

    if (f != NULL) {
        cr_expect_eq(fscanf(f, "%d", &most), 1);
        fclose(f);
    }
    open_watcher();
    for (int i = 0; i < 2; i++) {
        fds[i] = open(i == 0 ? "a" : "b", O_WRONLY | O_CREAT, 0600);
        watch(i == 0 ? "a" : "b");
    }
    for (int i = 0; i <= most; i++)
        must(pwrite(fds[i % 2], "x", 1, 0) == 1);
    while (gyre_watcher_next(watcher, &c, GYRE_NOW) == 0 &&
           c.kind != GYRE_OVERFLOW)
        n++;
    if (n > 10)
        cr_expect_eq(c.kind, GYRE_OVERFLOW);
    expect_nothing();
    gyre_watcher_close(watcher);
    for (int i = 0; i < 2; i++) {
        close(fds[i]);
        unlink(i == 0 ? "a" : "b");
    }
}

static void watch_in_vain(void)
{
    struct gyre_change c;

    open_watcher();
    cr_expect_eq(gyre_watcher_next(watcher, &c, SOON), -ENOTSUP);
    gyre_watcher_close(watcher);
}

Test(watcher, is_not_waited_for_under_simulation)
{
    hold_in_task(watch_in_vain);
}

/* ---- running out ---- */

static intptr_t use_watcher(void *arg)
{
    struct gyre_change c;
    int err = gyre_watcher_open(gyre_loop_current(), &watcher);

    (void)arg;
    if (err)
        return err;
    for (int i = 0; err == 0 && i < 2; i++) {
        err = gyre_watcher_add(watcher, i == 0 ? "." : "..", SOON);
        err = err < 0 ? err : 0;
    }
    if (err == 0) {
        cr_expect_eq(mkdir("a", 0700), 0);
        err = gyre_watcher_next(watcher, &c, SOON);
        rmdir("a");
    }
    gyre_watcher_close(watcher);
    return err;
}

static int scenario(void)
{
    return (int)gyre_run(use_watcher, NULL);
}

Test(watcher, whose_nth_allocation_fails_leaves_nothing)
{
    enter_scratch();
    cr_expect_geq(faults_in_memory(scenario), 4);
    leave_scratch();
}

Test(watcher, whose_nth_descriptor_fails_leaves_nothing)
{
    enter_scratch();
    cr_expect_geq(faults_in_descriptors(scenario), 3);
    leave_scratch();
}

/* ---- in the child of a fork ---- */

static int watched;

/* It shares what the system keeps for its parent. */
static int watch_no_more(void)
{
    if (gyre_watcher_add(watcher, "..", GYRE_NOW) != -ECANCELED)
        return 1;
    gyre_watcher_remove(watcher, watched);
    gyre_watcher_close(watcher);
    return 0;
}

CLAIM_IN_A_FOLDER(watcher, is_its_parents_and_no_forked_childs)
{
    open_watcher();
    watched = watch(".");
    fork_and_expect(watch_no_more);
    cr_expect_eq(mkdir("a", 0700), 0);
    expect_entry(watched, GYRE_CREATED, "a");
    gyre_watcher_close(watcher);
    rmdir("a");
}
