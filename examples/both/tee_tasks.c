/* Standard input to standard output and to a file, by a task. */
#include <fcntl.h>
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

static int open_all(const char *path, struct gyre_stream **in,
                    struct gyre_stream *out[2])
{
    struct gyre_loop *loop = gyre_loop_current();
    int fd, err = gyre_stream_share(loop, STDIN_FILENO, in);

    if (err == 0)
        err = gyre_stream_share(loop, STDOUT_FILENO, &out[0]);
    if (err)
        return err;
    fd = gyre_file_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666, GYRE_FOREVER);
    if (fd < 0)
        return fd;
    err = gyre_stream_adopt(loop, fd, &out[1]);
    if (err)
        close(fd);
    return err;
}

static intptr_t program(void *path)
{
    struct gyre_stream *in = NULL, *out[2] = {NULL, NULL};
    char buf[16384];
    ssize_t n = 0;
    int err = open_all(path, &in, out);

    while (err == 0 && (n = gyre_read(in, buf, sizeof buf, GYRE_FOREVER)) > 0)
        for (int i = 0; i < 2 && err == 0; i++)
            err = gyre_write(out[i], buf, (size_t)n, GYRE_FOREVER);
    gyre_close(in);
    gyre_close(out[0]);
    gyre_close(out[1]);
    return err ? err : n;
}

int main(int argc, char **argv)
{
    int err = argc == 2 ? (int)gyre_run(program, argv[1]) : -EINVAL;

    if (err)
        fprintf(stderr, "tee: %s\n", gyre_strerror(err));
    return err != 0;
}
