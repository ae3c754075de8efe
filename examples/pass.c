/* A descriptor, passed through a local socket: who has it can write to a pipe he has never opened. */
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

/* Receive a descriptor, and write to whatever it is. */
static int take(struct gyre_stream *s)
{
    struct gyre_descriptors d;
    char request[64];
    ssize_t n = gyre_receive_descriptors(s, request, sizeof request, &d, GYRE_FOREVER);

    if (n < 0)
        return (int)n;
    printf("asked to \"%.*s\", with %d descriptor\n", (int)n, request, d.n);
    for (int i = 0; i < d.n; i++) {
        n = write(d.fd[i], "hello", 5);
        close(d.fd[i]);
    }
    return n == 5 ? 0 : -EIO;
}

/* Hand over the end of a pipe to write to, and have what is written there. */
static int talk(struct gyre_stream *one, struct gyre_stream *other)
{
    struct gyre_descriptors d = {.n = 1};
    int ends[2], err;
    char buf[16];

    if (pipe(ends) < 0)
        return -errno;
    d.fd[0] = ends[1];
    err = gyre_send_descriptors(one, "greet", 5, &d, GYRE_FOREVER);
    close(ends[1]); /* a copy is under way */
    if (err == 0)
        err = take(other);
    if (err == 0 && read(ends[0], buf, 5) == 5)
        printf("the pipe says \"%.5s\"\n", buf);
    close(ends[0]);
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_stream *s[2];
    int err = gyre_unix_pair(gyre_loop_current(), s);

    (void)arg;
    if (err)
        return err;
    err = talk(s[0], s[1]);
    gyre_close(s[0]);
    gyre_close(s[1]);
    return err;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
