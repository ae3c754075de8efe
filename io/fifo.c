/*
 * fifo.c - opening a FIFO.
 */
#include "io/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/offload.h"
#include "task/pool.h"
#include "task/task.h"
#include "io/internal.h"

/* On the heap, for a thread may have it longer than the caller. */
struct opening {
    int flags;
    int fd; /* or -errno */
    char path[];
};

static int open_fifo(const char *path, int flags)
{
    struct stat st;
    int fd, err;

    do
        fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return errno == EAGAIN ? -EBUSY : -errno; /* a lease is broken first */
    if (fstat(fd, &st) < 0)
        err = -errno;
    else if (!S_ISFIFO(st.st_mode))
        err = -EINVAL;
    else
        return fd;
    close(fd);
    return err;
}

static void work(void *arg)
{
    struct opening *o = arg;

    o->fd = open_fifo(o->path, o->flags);
}

static void release(void *arg)
{
    struct opening *o = arg;

    if (o->fd >= 0)
        close(o->fd);
    free(o);
}

int gyre_fifo_open(const char *path, unsigned event, struct gyre_stream **out,
                   gyre_time deadline)
{
    size_t n = strlen(path) + 1;
    struct opening *o = malloc(sizeof *o + n);
    int err;

    if (o == NULL)
        return -ENOMEM;
    o->flags = event == GYRE_WRITE ? O_WRONLY : O_RDONLY;
    o->fd = -1;
    memcpy(o->path, path, n);
    err = gyre_offload_abandonable_to(gyre_run_pool(GYRE_POOL_FILES), work, o,
                                      release, deadline);
    if (err)
        return err;
    err = o->fd < 0
              ? o->fd
              : gyre_pipe_new(gyre_loop_current(), o->fd, GYRE_PIPE_OWN, out);
    if (err == 0)
        o->fd = -1;
    release(o);
    return err;
}
