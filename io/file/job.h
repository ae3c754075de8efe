/*
 * job.h - a call that blocks in a file system, made by a thread.
 *
 * Private to io/, installed nowhere.  What all calls on files are made of: say
 * what the work is, and what it takes, in a struct on the caller's stack; the
 * thread has a copy of all that, and works on this, so that the caller may walk
 * away at any time.
 */
#ifndef GYRE_IO_FILE_JOB_H
#define GYRE_IO_FILE_JOB_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "timers/time.h"

_Static_assert(sizeof(off_t) == 8, "_FILE_OFFSET_BITS is to be 64");

struct gyre_file_job {
    /* On the thread: >= 0, or -errno; after -EINTR it is called again. */
    intptr_t (*work)(struct gyre_file_job *j);

    /* It succeeded, and nobody will be told: undo what would be lost.  Or
       NULL. */
    void (*undo)(struct gyre_file_job *j);

    const char *path; /* copied; NULL: it is about `fd` */
    const char *to;   /* copied; or NULL */
    int fd;
    bool closes;    /* and has it closed, whatever else happens */
    const void *in; /* `n` bytes that it takes, copied to `data`; or NULL */
    void *out;      /* where `n` bytes of `data` go if it succeeds; or NULL */
    size_t n;       /* bytes of `data`; the work may make it less */
    char *data;     /* the work's, aligned for anything; NULL if `n` is 0 */
    size_t done;    /* of `data`, so far, for the use of the work */

    int flags;
    mode_t mode;
    int64_t offset;
    uid_t owner;
    gid_t group;
    struct timespec times[2];
    intptr_t result; /* of the work */
};

/* Have it done, and return its result.  -ENOMEM; as gyre_offload; or that.  A
   cancel point. */
intptr_t gyre_file_do(const struct gyre_file_job *j, gyre_time deadline)
    __attribute__((warn_unused_result));

/* What a system call that returned `n` has come to. */
static inline intptr_t gyre_file_result(intptr_t n)
{
    return n < 0 ? -errno : n;
}

/* An `undo`: close what was opened. */
void gyre_file_close_result(struct gyre_file_job *j);

/* As fsync, but as far as to the disk itself. */
int gyre_file_flush(int fd);

/* temporary.c: open a new file, whose name ends in XXXXXX: that is filled in.
   A descriptor, or -errno. */
int gyre_file_make(char *path, mode_t mode);

#endif
