/*
 * test_folder.c - the claims of folder.h.
 */
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/pool.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/file/folder.h"
#include "tests/io/file/scratch.h"
#include "tests/support/disk.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

static struct gyre_folder *folder;

static void open_here(void)
{
    cr_expect_eq(gyre_folder_open(".", &folder, SOON), 0);
}

static int next(struct gyre_folder_entry *e)
{
    return gyre_folder_next(folder, e, SOON);
}

CLAIM_IN_A_FOLDER(folder, tells_what_each_entry_is)
{
    struct gyre_folder_entry e;
    unsigned seen = 0;

    put_file("a", "");
    cr_expect_eq(mkdir("d", 0700), 0);
    cr_expect_eq(symlink("nowhere", "l"), 0);
    cr_expect_eq(mkfifo("p", 0600), 0);
    open_here();
    while (next(&e) == 1) {
        seen |= 1u << (e.name[0] - 'a');
        cr_expect_eq(e.type, e.name[0] == 'a'   ? S_IFREG
                             : e.name[0] == 'd' ? S_IFDIR
                             : e.name[0] == 'l' ? S_IFLNK
                                                : S_IFIFO);
    }
    cr_expect_eq(seen, 1u << 0 | 1u << 3 | 1u << 11 | 1u << 15);
    cr_expect_eq(next(&e), 0, "the end is there to stay");
    gyre_folder_close(folder);
    unlink("a");
    unlink("l");
    unlink("p");
    rmdir("d");
}

CLAIM_IN_A_FOLDER(folder, may_be_empty_or_none_at_all)
{
    struct gyre_folder_entry e;
    char *far = malloc(40000);

    open_here();
    cr_expect_eq(next(&e), 0);
    gyre_folder_close(folder);
    gyre_folder_close(NULL);
    put_file("a", "");
    cr_expect_eq(gyre_folder_open("none", &folder, SOON), -ENOENT);
    cr_expect_eq(gyre_folder_open("a", &folder, SOON), -ENOTDIR);
    cr_expect_eq(gyre_folder_open(".", &folder, GYRE_NOW), -ETIMEDOUT);
    memset(far, 'x', 40000);
    far[39999] = '\0';
    cr_expect_eq(gyre_folder_open(far, &folder, SOON), -ENAMETOOLONG);
    free(far);
    unlink("a");
}

enum { MANY = 1000 };

static void name_of(int i, char *name)
{
    sprintf(name, "%03d-%060d", i, 0);
}

/* More than are in hand at a time: each comes once, and the thread was asked
   less often than there are entries. */
CLAIM_IN_A_FOLDER(folder, of_many_entries_comes_a_batch_at_a_time)
{
    static bool seen[MANY];
    struct gyre_folder_entry e;
    char name[100];
    int n = 0;

    for (int i = 0; i < MANY; i++) {
        name_of(i, name);
        put_file(name, "");
    }
    open_here();
    while (next(&e) == 1) {
        int i = atoi(e.name);

        cr_expect(!seen[i]);
        seen[i] = true;
        n++;
    }
    cr_expect_eq(n, MANY);
    cr_expect_leq(gyre_pool_stats(gyre_run_pool(GYRE_POOL_FILES)).done, 10);
    gyre_folder_close(folder);
    for (int i = 0; i < MANY; i++) {
        name_of(i, name);
        unlink(name);
    }
}

CLAIM_IN_A_FOLDER(folder, may_be_closed_before_its_end)
{
    struct gyre_folder_entry e;

    put_file("a", "");
    put_file("b", "");
    open_here();
    cr_expect_eq(next(&e), 1);
    gyre_folder_close(folder);
    unlink("a");
    unlink("b");
}

/* FAT, NTFS, and others allow for 255 characters, each of which may be three
   bytes: struct dirent has no room for them, but readdir gives them. */
CLAIM_IN_A_FOLDER(folder, has_names_longer_than_the_headers_say)
{
    struct gyre_folder_entry e;
    int n = 0;

    disk_long_names = 300;
    open_here();
    while (next(&e) == 1) {
        cr_expect_eq(strlen(e.name), DISK_LONG_NAME);
        n++;
    }
    cr_expect_eq(n, 300);
    gyre_folder_close(folder);
}

/* ---- walking away ---- */

static sem_t gate;

static void wait_at_the_gate(void)
{
    sem_wait(&gate);
}

static bool is_walked_away_from(void)
{
    return gyre_pool_stats(gyre_run_pool(GYRE_POOL_FILES)).abandoned > 0;
}

static void walk_away(void)
{
    struct gyre_folder_entry e;

    do
        cr_expect_eq(gyre_folder_next(folder, &e, gyre_in(20 * MS)),
                     -ETIMEDOUT);
    while (!is_walked_away_from());
    cr_expect_eq(next(&e), -EBUSY);
}

static void open_the_gate(void)
{
    for (int i = 0; i < 10; i++)
        sem_post(&gate);
}

static intptr_t come_back(void *arg)
{
    struct gyre_folder_entry e = {0};
    int n;

    (void)arg;
    open_here();
    walk_away();
    open_the_gate();
    wait_until((n = next(&e)) != -EBUSY);
    cr_expect_eq(n, 1);
    cr_expect_str_eq(e.name, "a");
    cr_expect_eq(next(&e), 0);
    gyre_folder_close(folder);
    return 0;
}

static intptr_t leave(void *arg)
{
    (void)arg;
    open_here();
    walk_away();
    gyre_folder_close(folder);
    open_the_gate();
    return 0;
}

static void hold_at_the_gate(intptr_t (*claim)(void *arg))
{
    enter_scratch();
    put_file("a", "");
    sem_init(&gate, 0, 0);
    disk_before_readdir = wait_at_the_gate;
    cr_expect_eq(gyre_run(claim, NULL), 0);
    unlink("a");
    leave_scratch();
}

/* C1: what the thread has read by then is there. */
Test(folder, that_was_walked_away_from_has_lost_nothing)
{
    hold_at_the_gate(come_back);
}

/* The thread frees it: a build with SAN=address sees it if nobody does. */
Test(folder, may_be_closed_while_a_thread_is_at_it)
{
    hold_at_the_gate(leave);
}
