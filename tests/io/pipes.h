/*
 * pipes.h - what the tests of pipes share.
 */
#ifndef TESTS_IO_PIPES_H
#define TESTS_IO_PIPES_H

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"
#include "loop/poller.h"
#include "task/task.h"
#include "io/pipe.h"
#include "io/stream.h"

#define SOON gyre_in(20 * GYRE_SECOND)

/* More than a pipe holds, or a socket. */
enum { LARGE = 1 << 20 };

/* What is read from `s` next; and that it has ended. */
static inline void expect_read(struct gyre_stream *s, const char *text)
{
    char got[64] = "";

    cr_expect_eq(gyre_read_exact(s, got, strlen(text), SOON), 0);
    cr_expect_str_eq(got, text);
}

static inline void expect_end(struct gyre_stream *s)
{
    char byte;

    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_read(s, &byte, 1, SOON), 0);
}

static inline bool blocks(int fd)
{
    return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* Where there is nothing yet. */
static inline const char *a_path(void)
{
    static char path[64];

    snprintf(path, sizeof path, "/tmp/gyre-pipe.%ld", (long)getpid());
    unlink(path);
    return path;
}

static inline int open_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);

    cr_expect_geq(fd, 0);
    return fd;
}

/* What others have as well: see share.c. */
static inline struct gyre_stream *share(int fd)
{
    struct gyre_stream *s = NULL;

    cr_expect_eq(gyre_stream_share(gyre_loop_current(), fd, &s), 0);
    return s;
}

#endif
