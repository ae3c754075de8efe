/*
 * test_share.c - the claims of pipe.h about what others share.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "task/scope.h"
#include "task/task.h"
#include "tests/io/loopback.h"
#include "tests/io/pipes.h"
#include "tests/task/world.h"

/* A pipe, and a socket, of which the latter cannot be opened once more. */
static void open_shared(bool sockets, int fds[2])
{
    cr_expect_eq(sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds),
                 0);
}

CLAIM_ON_LOOPBACK(pipe, that_is_shared_is_left_as_it_is)
{
    for (int sockets = 0; sockets < 2; sockets++) {
        struct gyre_stream *in, *out;
        int fds[2];
        char byte;

        open_shared(sockets, fds);
        in = share(fds[0]);
        out = share(fds[1]);
        cr_expect_eq(gyre_read(in, &byte, 1, GYRE_NOW), -ETIMEDOUT);
        cr_expect_eq(gyre_read(in, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
        cr_expect_eq(gyre_write(out, "hello", 5, SOON), 0);
        expect_read(in, "hello");
        cr_expect(blocks(fds[0]));
        cr_expect(blocks(fds[1]));
        gyre_close(in);
        gyre_close(out);
        cr_expect_eq(write(fds[1], "x", 1), 1, "and open");
        close(fds[0]);
        close(fds[1]);
    }
}

static struct gyre_stream *shared_out;

static intptr_t write_shared(void *arg)
{
    static char bytes[LARGE];
    int err = gyre_write(shared_out, bytes, LARGE, SOON);

    (void)arg;
    cr_expect_eq(err, 0);
    return 0;
}

/* Were it to block, nobody would read. */
CLAIM_ON_LOOPBACK(pipe, that_is_shared_never_blocks)
{
    for (int sockets = 0; sockets < 2; sockets++) {
        struct gyre_stream *in;
        struct gyre_scope s;
        char some[5000];
        int fds[2];

        open_shared(sockets, fds);
        in = share(fds[0]);
        shared_out = share(fds[1]);
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, write_shared, NULL);
        for (size_t left = LARGE; left > 0;) {
            ssize_t n = gyre_read(in, some, sizeof some, SOON);

            cr_expect_gt(n, 0);
            left = n > 0 ? left - (size_t)n : 0;
        }
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        gyre_close(in);
        gyre_close(shared_out);
        close(fds[0]);
        close(fds[1]);
    }
}

/* inetd, and socket units of systemd: standard output is a connection. */
CLAIM_ON_LOOPBACK(pipe, that_is_a_shared_socket_can_end_what_it_says)
{
    struct gyre_stream *s;
    int fds[2];
    char byte;

    open_shared(true, fds);
    s = share(fds[0]);
    cr_expect_eq(gyre_write(s, "x", 1, SOON), 0);
    cr_expect_eq(gyre_shutdown(s, SOON), 0);
    cr_expect_eq(gyre_write(s, "x", 1, SOON), -EPIPE);
    cr_expect_eq(read(fds[1], &byte, 1), 1);
    cr_expect_eq(read(fds[1], &byte, 1), 0);
    cr_expect_eq(write(fds[1], "y", 1), 1);
    expect_read(s, "y");
    gyre_close(s);
    close(fds[0]);
    close(fds[1]);
}

/* A shell that says `{ prog; cat; } < file` reads on where prog has stopped. */
CLAIM_ON_LOOPBACK(pipe, that_is_a_shared_file_has_one_offset)
{
    const char *path = a_path();
    int fd = open_path(path, O_RDWR | O_CREAT | O_EXCL);
    struct gyre_stream *s;
    char byte = '?';

    cr_expect_eq(write(fd, "ab", 2), 2);
    lseek(fd, 0, SEEK_SET);
    s = share(fd);
    cr_expect_eq(gyre_read(s, &byte, 1, SOON), 1);
    gyre_close(s);
    cr_expect_eq(read(fd, &byte, 1), 1);
    cr_expect_eq(byte, 'b');
    close(fd);
    unlink(path);
}
