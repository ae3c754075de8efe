/*
 * folder.c - what is in a folder, one entry after the other.
 *
 * A thread fills the batch, and the task takes from it.  Both have a share in
 * the folder while a thread is at it, so that either may leave first, and what
 * the thread has read for who has walked away is there when he comes back.
 *
 * Invariant: while `busy` the batch, and the stream, are the thread's.
 */
#include "io/file/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "task/offload.h"
#include "task/pool.h"
#include "task/wait.h"

enum {
    BATCH = 32 * 1024,
    LONGEST = PATH_MAX, /* with its NUL, that a system gives: more than there
                           may be room for in struct dirent */
};

struct gyre_folder {
    DIR *stream;        /* NULL if it could not be opened */
    atomic_int sharers; /* the last frees it */
    atomic_bool busy;   /* a thread is at it */
    bool ended;         /* nothing comes after the batch */
    int err;            /* or this does, once */
    size_t at, length; /* of the batch: from where it is unread, and to where */
    char batch[BATCH]; /* entries: a type, a name, and a NUL; first, the path */
};

static void let_go(struct gyre_folder *f)
{
    if (atomic_fetch_sub(&f->sharers, 1) > 1)
        return;
    if (f->stream != NULL)
        closedir(f->stream);
    free(f);
}

/* ---- on the thread ---- */

static void open_stream(void *arg)
{
    struct gyre_folder *f = arg;

    f->stream = opendir(f->batch);
    f->err = f->stream == NULL ? -errno : 0;
}

/* What an entry is; some file systems do not say it in passing. */
static mode_t type_of(struct gyre_folder *f, const struct dirent *e)
{
    struct stat st;

    if (e->d_type != DT_UNKNOWN)
        return DTTOIF(e->d_type);
    if (fstatat(dirfd(f->stream), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    return st.st_mode & S_IFMT;
}

static void put(struct gyre_folder *f, const struct dirent *e)
{
    mode_t type;

    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
        return;
    type = type_of(f, e);
    memcpy(f->batch + f->length, &type, sizeof type);
    f->length += sizeof type;
    strcpy(f->batch + f->length, e->d_name);
    f->length += strlen(e->d_name) + 1;
}

/* Read entries until there is no room for the longest there may be. */
static void fill(void *arg)
{
    struct gyre_folder *f = arg;
    const struct dirent *e = NULL;

    f->at = f->length = 0;
    do {
        errno = 0;
        e = readdir(f->stream);
        if (e != NULL)
            put(f, e);
    } while (e != NULL && BATCH - f->length >= sizeof(mode_t) + LONGEST);
    f->err = e == NULL ? -errno : 0;
    f->ended = e == NULL && f->err == 0;
}

static void release(void *arg)
{
    struct gyre_folder *f = arg;

    atomic_store(&f->busy, false);
    let_go(f);
}

/* ---- in the task ---- */

/* Have a thread do `work`. */
static int ask(struct gyre_folder *f, void (*work)(void *folder),
               gyre_time deadline)
{
    int err;

    atomic_fetch_add(&f->sharers, 1);
    atomic_store(&f->busy, true);
    err = gyre_offload_abandonable_to(gyre_run_pool(GYRE_POOL_FILES), work, f,
                                      release, deadline);
    if (err == 0)
        release(f);
    return err;
}

int gyre_folder_open(const char *path, struct gyre_folder **out,
                     gyre_time deadline)
{
    struct gyre_folder *f;
    int err;

    if (strlen(path) >= BATCH)
        return -ENAMETOOLONG;
    f = malloc(sizeof *f);
    if (f == NULL)
        return -ENOMEM;
    *f = (struct gyre_folder){.sharers = 1};
    strcpy(f->batch, path);
    err = ask(f, open_stream, deadline);
    if (err == 0)
        err = f->err;
    if (err)
        let_go(f);
    else
        *out = f;
    return err;
}

/* See to it that there is something in the batch, unless it is the end. */
static int refill(struct gyre_folder *f, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (atomic_load(&f->busy))
        return -EBUSY;
    if (f->at < f->length || f->ended)
        return 0;
    if (f->err == 0)
        err = ask(f, fill, deadline);
    if (err || f->at < f->length)
        return err;
    err = f->err;
    f->err = 0;
    return err;
}

int gyre_folder_next(struct gyre_folder *f, struct gyre_folder_entry *out,
                     gyre_time deadline)
{
    int err = refill(f, deadline);

    if (err)
        return err;
    if (f->at == f->length)
        return 0;
    memcpy(&out->type, f->batch + f->at, sizeof out->type);
    out->name = f->batch + f->at + sizeof out->type;
    f->at += sizeof out->type + strlen(out->name) + 1;
    return 1;
}

void gyre_folder_close(struct gyre_folder *f)
{
    if (f != NULL)
        let_go(f);
}
