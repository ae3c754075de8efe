/*
 * job.c - a call that blocks in a file system, made by a thread.
 *
 * A job is the thread's while it runs, and in the end belongs to the caller, or
 * to nobody, as the pool decides (task/offload.h).
 */
#include "io/file/job.h"

#include <fcntl.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "task/offload.h"
#include "task/pool.h"
#include "io/file/users.h"

/* A job, and all that it may need. */
struct order {
    struct gyre_file_job job;
    struct gyre_file_user user; /* of job.fd, unless it has a path */
    bool done;                  /* the work is */
    alignas(max_align_t) char data[];
};

static size_t size_of(const char *string)
{
    return string != NULL ? strlen(string) + 1 : 0;
}

/* Copy `string` to `at`, and return the copy. */
static char *copy_string(char *at, const char *string)
{
    return string != NULL ? strcpy(at, string) : NULL;
}

static struct order *new_order(const struct gyre_file_job *j)
{
    size_t path = size_of(j->path), to = size_of(j->to);
    struct order *o = malloc(sizeof *o + j->n + path + to);

    if (o == NULL)
        return NULL;
    o->job = *j;
    o->done = false;
    o->job.data = j->n > 0 ? o->data : NULL;
    o->job.path = copy_string(o->data + j->n, j->path);
    o->job.to = copy_string(o->data + j->n + path, j->to);
    if (j->in != NULL && j->n > 0)
        memcpy(o->data, j->in, j->n);
    if (j->path == NULL)
        gyre_file_use(&o->user, j->fd, j->closes);
    return o;
}

/* The descriptor is used no more.  Only who is there to close it is told how
   that went. */
static void leave(struct order *o)
{
    int err = o->job.path == NULL ? gyre_file_unuse(&o->user) : 0;

    if (err && o->job.closes)
        o->job.result = err;
}

static void run(void *arg)
{
    struct order *o = arg;
    struct gyre_file_job *j = &o->job;

    do
        j->result = j->work(j);
    while (j->result == -EINTR);
    leave(o);
    o->done = true;
}

/* Nobody waits for it any more. */
static void release(void *arg)
{
    struct order *o = arg;

    if (!o->done)
        leave(o);
    else if (o->job.result >= 0 && o->job.undo != NULL)
        o->job.undo(&o->job);
    free(o);
}

/* There is no memory to ask a thread, but what is to be closed is. */
static int do_without(const struct gyre_file_job *j)
{
    struct gyre_file_user u;

    if (!j->closes)
        return -ENOMEM;
    gyre_file_use(&u, j->fd, true);
    return gyre_file_unuse(&u);
}

/* A network's file system may say that it has waited for too long, but
   -ETIMEDOUT is the deadline's alone. */
static intptr_t outcome(intptr_t result)
{
    if (result == -EAGAIN)
        return -EBUSY;
    return result == -ETIMEDOUT ? -EIO : result;
}

intptr_t gyre_file_do(const struct gyre_file_job *j, gyre_time deadline)
{
    struct order *o = new_order(j);
    intptr_t result;
    int err;

    if (o == NULL)
        return do_without(j);
    err = gyre_offload_abandonable_to(gyre_run_pool(GYRE_POOL_FILES), run, o,
                                      release, deadline);
    if (err)
        return err;
    result = outcome(o->job.result);
    if (result >= 0 && j->out != NULL && o->job.n > 0)
        memcpy(j->out, o->data, o->job.n);
    free(o);
    return result;
}

void gyre_file_close_result(struct gyre_file_job *j)
{
    close((int)j->result);
}

int gyre_file_flush(int fd)
{
#ifdef F_FULLFSYNC
    if (fcntl(fd, F_FULLFSYNC) == 0)
        return 0;
#endif
    return fsync(fd) < 0 ? -errno : 0;
}
