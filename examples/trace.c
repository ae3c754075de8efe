/* What the tasks of a program did, and when, for ui.perfetto.dev: trace FILE */
#include <fcntl.h>
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

static intptr_t tick(void *seconds)
{
    int err = 0;

    for (int i = 0; i < 3 && err == 0; i++)
        err = gyre_sleep(gyre_in((intptr_t)seconds * GYRE_SECOND));
    return err;
}

static intptr_t tick_tock(void)
{
    struct gyre_call clocks[] = {{tick, (void *)1}, {tick, (void *)2}};

    return gyre_gather(clocks, 2, GYRE_GATHER_ALL, GYRE_FOREVER);
}

static intptr_t program(void *file)
{
    struct gyre_trace *trace;
    intptr_t why;
    int fd, err = gyre_trace_new(&trace, 0);

    if (err)
        return err;
    gyre_trace_start(trace, gyre_loop_current());
    why = tick_tock();
    gyre_trace_stop(trace);
    fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    err = fd < 0 ? -errno : gyre_trace_write(trace, fd);
    if (fd >= 0)
        close(fd);
    gyre_trace_free(trace);
    return err ? err : why;
}

int main(int argc, char **argv)
{
    intptr_t why = gyre_simulate(program, argc > 1 ? argv[1] : "trace.json");

    if (gyre_is_error(why))
        fprintf(stderr, "trace: %s\n", gyre_strerror((int)why));
    return why != 0;
}
