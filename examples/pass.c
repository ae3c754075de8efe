/* A descriptor, passed through a local socket: who has it can write to a pipe he has never opened. */
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

/* Receive a descriptor, and write to whatever it is. */
static intptr_t take(void *stream)
{
    struct gyre_descriptors d;
    char request[64];
    ssize_t n = gyre_receive_descriptors(stream, request, sizeof request, &d, GYRE_FOREVER);

    if (n < 0)
        return n;
    printf("asked to \"%.*s\", with %d descriptor\n", (int)n, request, d.n);
    for (int i = 0; i < d.n; i++) {
        n = write(d.fd[i], "hello", 5);
        close(d.fd[i]);
    }
    return n == 5 ? 0 : -EIO;
}

/* Hand over the end of a pipe to write to, and read what comes. */
static intptr_t hand_over(void *stream)
{
    struct gyre_descriptors d = {.n = 1};
    int ends[2];
    struct gyre_fd pipe_end;
    char buf[16];
    ssize_t n;

    if (pipe(ends) < 0)
        return -errno;
    d.fd[0] = ends[1];
    n = gyre_send_descriptors(stream, "greet", 5, &d, GYRE_FOREVER);
    close(ends[1]); /* a copy is under way */
    gyre_fd_nonblocking(ends[0]);
    gyre_fd_open(&pipe_end, gyre_loop_current(), ends[0], GYRE_FD_OTHER);
    if (n == 0)
        n = gyre_fd_read(&pipe_end, buf, sizeof buf, GYRE_FOREVER);
    if (n > 0)
        printf("the pipe says \"%.*s\"\n", (int)n, buf);
    gyre_fd_close(&pipe_end);
    return n < 0 ? n : 0;
}

static intptr_t program(void *arg)
{
    struct gyre_stream *ends[2];
    struct gyre_scope scope;
    intptr_t result = gyre_unix_pair(gyre_loop_current(), ends);

    (void)arg;
    if (result != 0)
        return result;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, take, ends[0]);
    gyre_spawn(&scope, NULL, hand_over, ends[1]);
    result = gyre_scope_close(&scope, 0);
    gyre_close(ends[0]);
    gyre_close(ends[1]);
    return result;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
