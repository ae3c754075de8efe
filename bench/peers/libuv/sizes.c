/*
 * sizes        which libuv this is
 * sizes WHAT   bytes of one of its objects, by what bench/gyre/sizes.c calls
 *              what is in its place, and of what is allocated for it
 */
#include <string.h>
#include <uv.h>

#include "bench/bench.h"

static size_t allocated;

static void *count_malloc(size_t n)
{
    allocated += n;
    return malloc(n);
}

static void *count_realloc(void *p, size_t n)
{
    allocated += n; /* nothing is made larger here */
    return realloc(p, n);
}

static void *count_calloc(size_t n, size_t size)
{
    allocated += n * size;
    return calloc(n, size);
}

static size_t of_loop(void)
{
    uv_loop_t loop;

    bench_require(uv_replace_allocator(count_malloc, count_realloc,
                                       count_calloc, free) == 0,
                  "uv_replace_allocator");
    bench_require(uv_loop_init(&loop) == 0, "uv_loop_init");
    return sizeof loop + allocated;
}

static const struct {
    const char *what;
    size_t bytes;
} sizes[] = {
    {"timer", sizeof(uv_timer_t)},     {"job", sizeof(uv_idle_t)},
    {"watch", sizeof(uv_poll_t)},      {"post", sizeof(uv_async_t)},
    {"signal", sizeof(uv_signal_t)},   {"connecting", sizeof(uv_connect_t)},
    {"writing", sizeof(uv_write_t)},   {"datagrams", sizeof(uv_udp_t)},
    {"process", sizeof(uv_process_t)}, {"connection", sizeof(uv_tcp_t)},
};

static size_t size_of(const char *what)
{
    if (strcmp(what, "loop") == 0)
        return of_loop();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (strcmp(what, sizes[i].what) == 0)
            return sizes[i].bytes;
    bench_require(0, "finding that");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        printf("ops=1 bytes=%zu\n", size_of(argv[1]));
    else
        printf("version=%s\n", uv_version_string());
    return 0;
}
