/*
 * stat OPS N   what the file system knows of this folder, asked for by N tasks
 *              at a time, each again and again, through the pool for files
 */
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/file/path.h"
#include "bench/bench.h"

static uint64_t each, n;

static intptr_t ask(void *arg)
{
    uint64_t times = *(uint64_t *)arg;
    struct stat found;
    int err = 0;

    for (uint64_t i = 0; err == 0 && i < times; i++) {
        err = gyre_path_stat(".", 0, &found, GYRE_FOREVER);
        bench_require(err != 0 || S_ISDIR(found.st_mode), "finding a folder");
    }
    return err;
}

static intptr_t all(uint64_t tasks, uint64_t times)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint64_t i = 0; i < tasks; i++)
        gyre_spawn(&scope, NULL, ask, &times);
    return gyre_scope_close(&scope, 0);
}

static intptr_t measure(void *arg)
{
    struct bench b;
    intptr_t err = all(32, 1); /* the threads are started */

    (void)arg;
    bench_start(&b);
    if (err == 0)
        err = all(n, each);
    bench_stop(&b);
    bench_print(&b, n * each);
    return err;
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);

    n = bench_number(argc, argv, 2);
    each = ops / n;
    bench_require(each > 0 && gyre_run(measure, NULL) == 0, "asking");
    return 0;
}
