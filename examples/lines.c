/* Standard input, or a FIFO, line by line, numbered; whatever it is, and standard output. */
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

/* The next line; the last one may lack its end. */
static ssize_t read_line(struct gyre_stream *in, char *line, size_t n)
{
    ssize_t got = gyre_read_until(in, '\n', line, n, GYRE_FOREVER);

    return got == -EPIPE ? gyre_read(in, line, n, GYRE_FOREVER) : got;
}

static ssize_t number(struct gyre_stream *in, struct gyre_stream *out)
{
    char line[4096], text[4120];
    ssize_t n;

    for (int i = 1; (n = read_line(in, line, sizeof line)) > 0; i++) {
        int length = snprintf(text, sizeof text, "%d: %.*s", i, (int)n, line);
        int err = gyre_write(out, text, (size_t)length, GYRE_FOREVER);

        if (err)
            return err;
    }
    return n;
}

static intptr_t program(void *fifo)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_stream *in, *out;
    int err = fifo != NULL ? gyre_fifo_open(fifo, GYRE_READ, &in, GYRE_FOREVER)
                           : gyre_stream_share(l, STDIN_FILENO, &in);

    if (err)
        return err;
    err = gyre_stream_share(l, STDOUT_FILENO, &out);
    if (err == 0) {
        err = (int)number(in, out);
        gyre_close(out);
    }
    gyre_close(in);
    return err;
}

int main(int argc, char **argv)
{
    int err = (int)gyre_run(program, argc > 1 ? argv[1] : NULL);

    if (err)
        fprintf(stderr, "lines: %s\n", gyre_strerror(err));
    return err != 0;
}
