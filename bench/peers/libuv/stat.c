/*
 * What the file system knows of this folder.
 *
 *     stat OPS        asked for at once, by uv_fs_stat without a callback
 *     stat OPS N      asked for N times at a time through libuv's pool; each
 *                     request is made again when it is done
 */
#include <uv.h>

#include "bench/bench.h"

enum { MOST = 64 };

static uv_fs_t requests[MOST];
static uint64_t to_begin, done;

static void check(uv_fs_t *r)
{
    bench_require(r->result == 0 && (r->statbuf.st_mode & S_IFMT) == S_IFDIR,
                  "finding a folder");
    uv_fs_req_cleanup(r);
}

static void ask(uv_fs_t *r);

static void asked(uv_fs_t *r)
{
    check(r);
    done++;
    ask(r);
}

static void ask(uv_fs_t *r)
{
    if (to_begin == 0)
        return;
    to_begin--;
    bench_require(uv_fs_stat(uv_default_loop(), r, ".", asked) == 0,
                  "uv_fs_stat");
}

static void all(uint64_t n, uint64_t ops)
{
    to_begin = ops;
    done = 0;
    for (uint64_t i = 0; i < n; i++)
        ask(&requests[i]);
    bench_require(uv_run(uv_default_loop(), UV_RUN_DEFAULT) == 0, "uv_run");
    bench_require(done == ops, "asking so often");
}

static void at_once(uint64_t ops)
{
    for (uint64_t i = 0; i < ops; i++) {
        (void)uv_fs_stat(NULL, requests, ".", NULL);
        check(requests);
    }
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    uint64_t n = argc > 2 ? bench_number(argc, argv, 2) : 0;
    struct bench b;

    bench_require(n <= MOST, "so many at a time");
    if (n > 0)
        all(32, 32); /* the threads are started */
    bench_start(&b);
    if (n > 0)
        all(n, ops);
    else
        at_once(ops);
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
