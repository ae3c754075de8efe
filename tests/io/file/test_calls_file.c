/*
 * test_calls_file.c - files, whole files, and what watches them, whose system
 * calls fail one after the other: the claims of file.h, path.h, temporary.h,
 * whole.h, and watcher.h about that.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/buf.h"
#include "io/file/file.h"
#include "io/file/path.h"
#include "io/file/temporary.h"
#include "io/file/watcher.h"
#include "io/file/whole.h"
#include "tests/io/file/scratch.h"
#include "tests/io/promises.h"

TestSuite(calls_file, .init = enter_scratch, .fini = leave_scratch);

/* As io/, but a file that says EAGAIN is asked again as soon as it may be,
   and not if it is a lease of somebody's, or new.  A name that is taken is
   no reason not to try another. */
static struct promise file_promised(enum call c, int err)
{
    if ((c == CALL_OPEN || c == CALL_WRITEV) && err == EAGAIN)
        return (struct promise){.error = -EBUSY};
    if (c == CALL_OPEN && err == EEXIST)
        return (struct promise){.error = -EEXIST, .hidden = true};
    if (err == EAGAIN)
        return (struct promise){.hidden = true};
    return io_promised(c, err);
}

/* Take away what the scenarios make; what else is there they have left. */
static void clear(void)
{
    DIR *d = opendir(".");
    struct dirent *e;

    while ((e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            unlink(e->d_name);
        else if (e->d_name[1] == 'g')
            note_left();
    closedir(d);
}

/* ---- by their descriptors ---- */

/* Written in two ways, and read in two: "hello", of which it holds two. */
static int write_and_read(int fd)
{
    char bytes[16];
    int err =
        gyre_file_write(fd, "hello", 5, GYRE_FILE_POSITION, in_good_time());
    ssize_t n = 0;

    if (err == 0)
        err = gyre_file_write(fd, "hello", 5, 5, in_good_time());
    if (err == 0)
        err = gyre_file_sync(fd, in_good_time());
    if (err == 0)
        n = gyre_file_read(fd, bytes, 5, 0, in_good_time());
    if (err == 0 && n >= 0)
        n = gyre_file_read(fd, bytes + 5, 5, GYRE_FILE_POSITION,
                           in_good_time());
    if (err || n < 0)
        return err ? err : (int)n;
    return memcmp(bytes, "hellohello", 10) == 0 ? 0 : -EBADMSG;
}

static int use_file(int fd)
{
    struct stat st;
    int err = write_and_read(fd), closed;

    if (err == 0)
        err = gyre_file_stat(fd, &st, in_good_time());
    closed = gyre_file_close(fd, in_good_time());
    return err ? err : closed;
}

static void use_files(void)
{
    int flags = O_RDWR | O_CREAT | O_EXCL;
    int fd = gyre_file_open("one", flags, 0600, in_good_time());

    if (note_error(fd) >= 0 && note_error(use_file(fd)) == 0) {
        note_error(gyre_path_rename("one", "two", in_good_time()));
        fd = gyre_temporary_file(".", in_good_time());
        if (note_error(fd) >= 0)
            note_error(gyre_file_close(fd, in_good_time()));
    }
    clear();
}

static int play_files(void)
{
    return play_in_run(use_files);
}

static const struct scenario files = {play_files, file_promised};

Test(calls_file, a_file_tells_why_and_hides_what_is_temporary)
{
    cr_expect_geq(fails_cleanly_but(&files, CALL_OPEN, 1), 2 * 26);
    cr_expect_geq(fails_cleanly(&files, CALL_WRITE), 11);
    cr_expect_geq(fails_cleanly(&files, CALL_PWRITE), 14);
    cr_expect_geq(fails_cleanly(&files, CALL_READ), 7);
    cr_expect_geq(fails_cleanly(&files, CALL_PREAD), 10);
    cr_expect_geq(fails_cleanly(&files, CALL_FSTAT), 10);
    cr_expect_geq(fails_cleanly(&files, CALL_FSYNC), 7);
    cr_expect_geq(fails_cleanly(&files, CALL_RENAME), 18);
}

/* ---- as a whole ---- */

static void use_whole(void)
{
    struct gyre_buf b = {0};
    int err = gyre_file_replace("one", "hello", 5, 0600, in_good_time());

    if (err == 0)
        err = gyre_file_read_whole("one", &b, 100, in_good_time());
    if (err == 0 && (b.length != 5 || memcmp(b.at, "hello", 5) != 0))
        err = -EBADMSG;
    note_error(err);
    gyre_buf_free(&b);
    clear();
}

static int play_whole(void)
{
    return play_in_run(use_whole);
}

static const struct scenario whole = {play_whole, file_promised};

/* Some file systems cannot be told to keep a name, and say EINVAL. */
Test(calls_file, a_file_is_replaced_as_a_whole_or_its_new_one_is_gone)
{
    cr_expect_geq(fails_cleanly(&whole, CALL_OPEN), 3 * 26);
    cr_expect_geq(fails_cleanly(&whole, CALL_WRITEV), 12);
    cr_expect_geq(fails_cleanly(&whole, CALL_READ), 2 * 7);
    cr_expect_geq(fails_cleanly_but(&whole, CALL_FSYNC, 1), 2 * 7);
    cr_expect_geq(fails_cleanly(&whole, CALL_RENAME), 18);
}

/* ---- what watches them ---- */

static int touch(const char *path)
{
    int fd = gyre_file_open(path, O_WRONLY, 0, in_good_time());
    int err = fd < 0 ? fd : 0, closed;

    if (err)
        return err;
    err = gyre_file_write(fd, "!", 1, 0, in_good_time());
    closed = gyre_file_close(fd, in_good_time());
    return err ? err : closed;
}

static intptr_t change(void *arg)
{
    (void)arg;
    return note_error(touch("watched"));
}

/* It waits when there is a change, so that it must be told. */
static int hear_of_change(struct gyre_watcher *w, int id)
{
    struct gyre_change c;
    struct gyre_scope s;
    int err;

    gyre_scope_open(&s, GYRE_FOREVER);
    err = gyre_spawn(&s, NULL, change, NULL);
    if (err == 0)
        err = gyre_watcher_next(w, &c, in_time());
    if (err == 0 && (c.id != id || c.kind != GYRE_CHANGED))
        err = -EBADMSG;
    (void)gyre_scope_close(&s, 0);
    return err;
}

static int watch(struct gyre_watcher *w)
{
    int id = gyre_watcher_add(w, "watched", in_good_time());
    int err = id < 0 ? id : hear_of_change(w, id);

    gyre_watcher_remove(w, id);
    id = err ? err : gyre_watcher_add(w, "watched", GYRE_NOW);
    return id < 0 ? id : 0;
}

static void use_watcher(void)
{
    struct gyre_watcher *w;

    fclose(fopen("watched", "w"));
    if (note_error(gyre_watcher_open(gyre_loop_current(), &w)) == 0) {
        note_error(watch(w));
        gyre_watcher_close(w);
    }
    clear();
}

static int play_watcher(void)
{
    return play_in_run(use_watcher);
}

/* A notice is waited for as the bytes of a pipe are. */
static struct promise watcher_promised(enum call c, int err)
{
    if (c == CALL_OPEN)
        return file_promised(c, err);
    return io_promised(c, err);
}

static const struct scenario watcher = {play_watcher, watcher_promised};

/* What is not there by the one name may be by the other. */
Test(calls_file, a_watcher_tells_why_and_loses_no_change)
{
    int added = fails_cleanly_but(&watcher, CALL_INOTIFY_ADD_WATCH, 2);
    int changed = fails_cleanly_but_up_to(&watcher, CALL_KEVENT, 4);
    int opened = fails_cleanly(&watcher, CALL_INOTIFY_INIT);
    int opened_kq = fails_cleanly(&watcher, CALL_KQUEUE);
    int read = fails_cleanly(&watcher, CALL_READ);
    int waited = fails_cleanly_but_up_to(&watcher, CALL_KEVENT_WAIT, 4);

    cr_expect(added >= 0 && changed >= 0);
    cr_expect_geq(added + changed, 10);
    cr_expect(opened >= 0 && opened_kq >= 0);
    cr_expect_geq(opened + opened_kq, 3);
    cr_expect(read >= 0 && waited >= 0);
    cr_expect_geq(read + waited, 7);
    cr_expect_geq(fails_cleanly(&watcher, CALL_OPEN), 3 * 25);
}
