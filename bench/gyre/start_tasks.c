/*
 * start_tasks        a run, whose main task does nothing
 * start_tasks OPS    be run so often
 */
#include "task/run/run.h"
#include "bench/starts.h"

static intptr_t nothing(void *arg)
{
    (void)arg;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        bench_starts(bench_number(argc, argv, 1));
    else
        bench_require(gyre_run(nothing, NULL) == 0, "gyre_run");
    return 0;
}
