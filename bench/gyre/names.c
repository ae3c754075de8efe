/*
 * names OPS HOST   the addresses of HOST, which are of the loopback, asked for
 *                  by ten tasks at a time, each again and again
 */
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/addr.h"
#include "bench/bench.h"

enum { TASKS = 10 };

static uint64_t each;
static const char *host;

static intptr_t ask(void *arg)
{
    uint64_t times = *(uint64_t *)arg;
    struct gyre_addr found[4];
    int n = 1;

    for (uint64_t i = 0; n > 0 && i < times; i++) {
        n = gyre_resolve(host, 80, found, 4, GYRE_FOREVER);
        bench_require(n < 0 || gyre_addr_port(&found[0]) == 80, "the port");
        bench_require(n < 0 || found[0].is.any.sa_family != AF_INET ||
                          found[0].is.v4.sin_addr.s_addr ==
                              htonl(INADDR_LOOPBACK),
                      "finding the loopback");
    }
    return n > 0 ? 0 : n;
}

static intptr_t all(uint64_t times)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < TASKS; i++)
        gyre_spawn(&scope, NULL, ask, &times);
    return gyre_scope_close(&scope, 0);
}

static intptr_t measure(void *arg)
{
    struct bench b;
    intptr_t err = all(1); /* the threads are started */

    (void)arg;
    bench_start(&b);
    if (err == 0)
        err = all(each);
    bench_stop(&b);
    bench_print(&b, TASKS * each);
    return err;
}

int main(int argc, char **argv)
{
    each = bench_number(argc, argv, 1) / TASKS;
    bench_require(each > 0 && argc > 2, "so many");
    host = argv[2];
    bench_require(gyre_run(measure, NULL) == 0, "asking");
    return 0;
}
