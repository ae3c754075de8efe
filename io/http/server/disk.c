/*
 * disk.c - has threads ask the disk, when it must be asked.
 */
#include "io/http/server/disk.h"

#include <errno.h>
#include <unistd.h>

#include "task/offload.h"
#include "task/pool.h"
#include "io/http/server/internal.h"

enum { SCRATCH = 65536 /* bytes that are read to have them read */ };

static int have_done(intptr_t (*work)(void *arg), void *arg, gyre_time deadline)
{
    return (int)gyre_offload_to(gyre_run_pool(GYRE_POOL_FILES), work, arg,
                                deadline);
}

/* ---- opening ---- */

struct opening {
    int directory;
    const char *path;
};

static intptr_t open_file(void *arg)
{
    const struct opening *o = arg;

    return gyre_beneath_open(o->directory, o->path);
}

int gyre_disk_open(int directory, const char *path, struct stat *status,
                   gyre_time deadline)
{
    struct opening o = {directory, path};
    int fd;

    if (*path == '\0' || *path == '/')
        return -EINVAL;
    fd = gyre_beneath_open_now(directory, path);
    if (fd == -EAGAIN)
        fd = have_done(open_file, &o, deadline);
    return gyre_beneath_regular(fd, status);
}

/* ---- reading ---- */

struct range {
    int file;
    int64_t offset;
    size_t n;
};

static intptr_t read_range(void *arg)
{
    struct range *r = arg;
    char scratch[SCRATCH];
    ssize_t got = 1;

    while (r->n > 0 && got > 0) {
        got =
            pread(r->file, scratch, r->n < SCRATCH ? r->n : SCRATCH, r->offset);
        r->offset += got;
        r->n -= got > 0 ? (size_t)got : 0;
    }
    return 0;
}

/* Ahead of a reader the system has read, so the ends tell of what is
   between. */
int gyre_disk_fetch(int file, int64_t offset, size_t n, gyre_time deadline)
{
    struct range r = {file, offset, n};
    char byte;

    if (n == 0 ||
        (gyre_read_now(file, &byte, 1, offset) != -EAGAIN &&
         gyre_read_now(file, &byte, 1, offset + (int64_t)n - 1) != -EAGAIN))
        return 0;
    return have_done(read_range, &r, deadline);
}
