/*
 * entries.c - reads directories, into one block of memory.
 *
 * Entries are at the block's beginning, and their names at its end; it is full
 * when they meet.  So a directory costs what it may and no more, however many
 * names it has.
 */
#include "io/http/server/entries.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "task/offload.h"
#include "task/pool.h"
#include "io/http/server/internal.h"

/* A directory being read. */
struct reading {
    struct gyre_http_entries *entries;
    char *names; /* the first of them, in the block */
    int top;
    const char *path;
    bool hidden;
};

/* ---- on the thread ---- */

/* Can it be asked for?  See gyre_url_file_name. */
static bool is_shown(const struct reading *w, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        (name[0] == '.' && !w->hidden))
        return false;
    for (; *name != '\0'; name++) {
        if ((unsigned char)*name < ' ' || *name == 0x7f || *name == '\\')
            return false;
    }
    return true;
}

/* What a link leads to, if that is what a request would get. */
static bool look_through(const struct reading *w, const char *name,
                         struct stat *st)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s%s", w->path, name);
    int fd = (size_t)n < sizeof path ? gyre_beneath_open(w->top, path) : -1;
    bool found = fd >= 0 && fstat(fd, st) == 0;

    if (fd >= 0)
        close(fd);
    return found;
}

static bool look_at(const struct reading *w, int folder, const char *name,
                    struct stat *st)
{
    if (fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) < 0 ||
        (S_ISLNK(st->st_mode) && !look_through(w, name, st)))
        return false;
    return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

static void add(struct reading *w, const char *name, const struct stat *st)
{
    struct gyre_http_entries *e = w->entries;
    size_t n = strlen(name) + 1;
    size_t left = (size_t)(w->names - (char *)(e->at + e->count));

    if (left < n + sizeof *e->at) {
        e->more = true;
        return;
    }
    w->names -= n;
    memcpy(w->names, name, n);
    e->at[e->count++] =
        (struct gyre_http_entry){.name = w->names,
                                 .is_directory = S_ISDIR(st->st_mode),
                                 .size = st->st_size,
                                 .changed = st->st_mtime};
}

static int compare(const void *a, const void *b)
{
    const struct gyre_http_entry *s = a, *t = b;

    if (s->is_directory != t->is_directory)
        return s->is_directory ? -1 : 1;
    return strcmp(s->name, t->name);
}

static int add_each(struct reading *w, DIR *folder)
{
    const struct dirent *d;
    struct stat st;
    int err = 0;

    do {
        errno = 0;
        d = readdir(folder);
        if (d == NULL)
            err = -errno;
        else if (is_shown(w, d->d_name) &&
                 look_at(w, dirfd(folder), d->d_name, &st))
            add(w, d->d_name, &st);
    } while (d != NULL && !w->entries->more);
    return err;
}

static int open_folder(const struct reading *w, DIR **folder)
{
    int fd = gyre_beneath_open(w->top, w->path[0] != '\0' ? w->path : ".");
    int err;

    if (fd < 0)
        return fd;
    *folder = fdopendir(fd);
    if (*folder != NULL)
        return 0;
    err = -errno;
    close(fd);
    return err;
}

static intptr_t read_all(void *arg)
{
    struct reading *w = arg;
    struct gyre_http_entries *e = w->entries;
    DIR *folder;
    int err = open_folder(w, &folder);

    if (err)
        return err;
    err = add_each(w, folder);
    closedir(folder);
    qsort(e->at, e->count, sizeof *e->at, compare);
    return err;
}

/* ---- in the task ---- */

/* Move all to a block that has room for them alone. */
static void fit(struct gyre_http_entries *e, struct gyre_allocator *a,
                const char *names)
{
    size_t table = e->count * sizeof *e->at;
    size_t text = (size_t)((char *)e->at + e->size - names);
    char *to = gyre_resize(a, NULL, 0, table + text + 1); /* never nothing */

    if (to == NULL)
        return;
    for (size_t i = 0; i < e->count; i++)
        e->at[i].name = to + table + (e->at[i].name - names);
    memcpy(to, e->at, table);
    memcpy(to + table, names, text);
    gyre_http_entries_free(e, a);
    e->at = (struct gyre_http_entry *)(void *)to;
    e->size = table + text + 1;
}

int gyre_http_entries_read(struct gyre_http_entries *e,
                           struct gyre_allocator *a, int top, const char *path,
                           bool hidden, gyre_time deadline)
{
    struct reading w = {
        .entries = e, .top = top, .path = path, .hidden = hidden};
    int err;

    *e = (struct gyre_http_entries){
        .at = gyre_resize(a, NULL, 0, GYRE_HTTP_ENTRIES_SIZE),
        .size = GYRE_HTTP_ENTRIES_SIZE};
    if (e->at == NULL)
        return -ENOMEM;
    w.names = (char *)e->at + e->size;
    err = (int)gyre_offload_to(gyre_run_pool(GYRE_POOL_FILES), read_all, &w,
                               deadline);
    if (err)
        gyre_http_entries_free(e, a);
    else
        fit(e, a, w.names);
    return err;
}

void gyre_http_entries_free(struct gyre_http_entries *e,
                            struct gyre_allocator *a)
{
    gyre_resize(a, e->at, e->size, 0);
    e->at = NULL;
}
