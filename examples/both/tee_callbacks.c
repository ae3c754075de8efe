/* Standard input to standard output and to a file, by callbacks. */
#include <fcntl.h>
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

static struct gyre_loop *loop;
static struct gyre_stream *in, *out[2];
static char buf[16384];
static struct iovec piece = {.iov_base = buf}; /* read, and to be written */
static int unwritten;                          /* to so many yet */
static int failed;

static void has_read(struct gyre_reading *r, ssize_t n);
static void written(struct gyre_writing *w, int err);

static struct gyre_reading reading = {has_read, buf, sizeof buf};
static struct gyre_writing writing[2] = {{written}, {written}};

static void fail(int err)
{
    failed = err;
    gyre_loop_stop(loop);
}

/* Both have it: so input is read no faster than the slower of them takes it. */
static void written(struct gyre_writing *w, int err)
{
    (void)w;
    if (err == 0 && --unwritten == 0)
        err = gyre_reading_start(&reading, in);
    if (err)
        fail(err);
}

/* At the end nothing is started any more, and so the loop comes to its own. */
static void has_read(struct gyre_reading *r, ssize_t n)
{
    gyre_reading_stop(r);
    if (n < 0)
        fail((int)n);
    if (n <= 0)
        return;
    piece.iov_len = (size_t)n;
    unwritten = 2;
    for (int i = 0; i < 2; i++)
        gyre_writing_start(&writing[i], out[i], &piece, 1);
}

static int open_all(const char *path)
{
    int fd, err = gyre_stream_share(loop, STDIN_FILENO, &in);

    if (err == 0)
        err = gyre_stream_share(loop, STDOUT_FILENO, &out[0]);
    if (err)
        return err;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    err = gyre_stream_adopt(loop, fd, &out[1]);
    if (err)
        close(fd);
    return err;
}

int main(int argc, char **argv)
{
    int err = argc == 2 ? gyre_loop_new(&loop) : -EINVAL;

    if (err == 0)
        err = open_all(argv[1]);
    if (err == 0)
        err = gyre_reading_start(&reading, in);
    if (err == 0)
        err = gyre_loop_run(loop);
    gyre_close(in);
    gyre_close(out[0]);
    gyre_close(out[1]);
    gyre_loop_free(loop);
    if (err || failed)
        fprintf(stderr, "tee: %s\n", gyre_strerror(err ? err : failed));
    return err || failed;
}
