/*
 * bell.c - a pipe that wakes whoever polls its reading end.
 *
 * pipe2 is not everywhere; so a child forked by another thread between two
 * calls may inherit the pipe, which harms nobody.
 */
#include "loop/bell.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int prepare(int fd)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        return -errno;
    return 0;
}

int gyre_bell_open(struct gyre_bell *b)
{
    int fds[2], err;

    *b = (struct gyre_bell){.ear = -1, .hammer = -1};
    if (pipe(fds) < 0)
        return -errno;
    *b = (struct gyre_bell){.ear = fds[0], .hammer = fds[1]};
    err = prepare(b->ear);
    if (err == 0)
        err = prepare(b->hammer);
    if (err)
        gyre_bell_close(b);
    return err;
}

void gyre_bell_close(struct gyre_bell *b)
{
    if (b->ear >= 0)
        close(b->ear);
    if (b->hammer >= 0)
        close(b->hammer);
    b->ear = b->hammer = -1;
}

void gyre_bell_ring(struct gyre_bell *b)
{
    int kept = errno;

    /* A full pipe has been rung already. */
    (void)!write(b->hammer, "", 1);
    errno = kept;
}

void gyre_bell_hush(struct gyre_bell *b)
{
    char buf[256];

    while (read(b->ear, buf, sizeof buf) == sizeof buf)
        continue;
}
