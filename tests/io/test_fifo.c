/*
 * test_fifo.c - the claims of pipe.h about FIFOs.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/pipe.h"
#include "tests/io/loopback.h"
#include "tests/io/pipes.h"
#include "tests/task/world.h"

static struct gyre_stream *open_fifo(const char *path, unsigned event)
{
    struct gyre_stream *s = NULL;

    cr_expect_eq(gyre_fifo_open(path, event, &s, SOON), 0);
    return s;
}

/* `prog < fifo`, where who has written was quicker: to open it once more must
   not make a reader that waits for the first who writes. */
CLAIM_ON_LOOPBACK(fifo, that_is_shared_after_its_writer_has_gone_has_an_end)
{
    const char *path = a_path();
    struct gyre_stream *s;
    int in, out;

    cr_expect_eq(mkfifo(path, 0600), 0);
    in = open_path(path, O_RDONLY | O_NONBLOCK);
    out = open_path(path, O_WRONLY);
    cr_expect_eq(write(out, "bye", 3), 3);
    close(out);
    s = share(in);
    expect_read(s, "bye");
    expect_end(s);
    gyre_close(s);
    close(in);
    unlink(path);
}

static intptr_t write_to_fifo(void *path)
{
    struct gyre_stream *s = open_fifo(path, GYRE_WRITE);

    cr_expect_eq(gyre_write(s, "late", 4, SOON), 0);
    gyre_close(s);
    return 0;
}

CLAIM_ON_LOOPBACK(pipe, that_is_a_fifo_has_not_ended_before_somebody_wrote)
{
    const char *path = a_path();
    struct gyre_stream *in;
    struct gyre_scope s;
    char byte;

    cr_expect_eq(mkfifo(path, 0600), 0);
    in = open_fifo(path, GYRE_READ);
    cr_expect_eq(gyre_read(in, &byte, 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_read(in, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_to_fifo, (void *)path);
    expect_read(in, "late");
    expect_end(in);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_close(in);
    unlink(path);
}

CLAIM_ON_LOOPBACK(pipe, that_is_a_fifo_whose_writer_said_nothing_has_ended)
{
    const char *path = a_path();
    struct gyre_stream *in;

    cr_expect_eq(mkfifo(path, 0600), 0);
    in = open_fifo(path, GYRE_READ);
    gyre_close(open_fifo(path, GYRE_WRITE));
    expect_end(in);
    gyre_close(in);
    unlink(path);
}

CLAIM_ON_LOOPBACK(pipe, that_is_a_fifo_says_why_it_cannot_be_opened)
{
    const char *path = a_path();
    struct gyre_stream *s;
    struct gyre_scope scope;

    cr_expect_eq(gyre_fifo_open(path, GYRE_READ, &s, SOON), -ENOENT);
    cr_expect_eq(gyre_fifo_open("/dev/null", GYRE_READ, &s, SOON), -EINVAL);
    cr_expect_eq(mkfifo(path, 0600), 0);
    cr_expect_eq(gyre_fifo_open(path, GYRE_WRITE, &s, SOON), -ENXIO);
    cr_expect_eq(gyre_fifo_open(path, GYRE_READ, &s, GYRE_NOW), -ETIMEDOUT);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_fifo_open(path, GYRE_READ, &s, SOON), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    unlink(path);
}
