/*
 * The same as process.c, by a task.
 *
 *     process_tasks OPS PROGRAM
 */
#include <string.h>

#include "task/run/run.h"
#include "task/task.h"
#include "io/process/process.h"
#include "io/stream.h"
#include "bench/child.h"

static uint64_t ops;
static const char *program;

static int read_to_end(struct gyre_stream *s)
{
    char said[64];
    ssize_t n, all = 0;

    while ((n = gyre_read(s, said + all, sizeof said - (size_t)all,
                          GYRE_FOREVER)) > 0)
        all += n;
    bench_require(n < 0 || (all == 6 && memcmp(said, "hello\n", 6) == 0),
                  "saying so");
    return (int)n;
}

static int run_one(void)
{
    const char *argv[] = {program, NULL};
    struct gyre_process_options options = {.argv = argv,
                                           .in.is = GYRE_CHILD_NULL,
                                           .out.is = GYRE_CHILD_PIPE,
                                           .err.is = GYRE_CHILD_NULL};
    struct gyre_process p;
    int err = gyre_process_spawn(&p, gyre_loop_current(), &options);

    if (err)
        return err;
    err = read_to_end(p.out);
    if (err == 0)
        err = gyre_process_wait(&p, GYRE_FOREVER);
    bench_require(err != 0 || p.code == 42, "ending with 42");
    gyre_process_close(&p);
    return err;
}

static intptr_t run_all(void *arg)
{
    struct bench b;
    int err = 0;

    (void)arg;
    bench_start(&b);
    for (uint64_t i = 0; err == 0 && i < ops; i++)
        err = run_one();
    bench_stop(&b);
    b.cpu += bench_cpu_of_children();
    bench_print(&b, ops);
    return err;
}

int main(int argc, char **argv)
{
    ops = bench_number(argc, argv, 1);
    bench_require(argc > 2, "naming a program");
    program = argv[2];
    bench_require(gyre_run(run_all, NULL) == 0, "running all");
    return 0;
}
