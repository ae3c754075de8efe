/*
 * sizes WHAT   bytes of one of the objects that a program in callbacks has, and
 *              of what is allocated for it
 */
#include <string.h>

#include "loop/job.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "loop/signal.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "io/connecting.h"
#include "io/datagram.h"
#include "io/pipe.h"
#include "io/process/ending.h"
#include "io/process/process.h"
#include "io/reading.h"
#include "io/receiving.h"
#include "io/writing.h"
#include "bench/bench.h"

static size_t allocated;

static void *resize(struct gyre_allocator *a, void *p, size_t old, size_t size)
{
    (void)a;
    allocated += size - old;
    if (size > 0)
        return realloc(p, size);
    free(p);
    return NULL;
}

static struct gyre_allocator counting = {.resize = resize};

static struct gyre_loop *open_loop(void)
{
    struct gyre_loop_options options = {.allocator = &counting};
    struct gyre_loop *loop;

    bench_require(gyre_loop_new_with(&loop, &options) == 0,
                  "gyre_loop_new_with");
    return loop;
}

static size_t of_loop(void)
{
    (void)open_loop();
    return allocated;
}

/* One that is read from. */
static size_t of_connection(void)
{
    struct gyre_loop *loop = open_loop();
    size_t before = allocated;
    struct gyre_stream *s;

    bench_require(
        gyre_stream_adopt(loop, socket(AF_INET, SOCK_STREAM, 0), &s) == 0,
        "gyre_stream_adopt");
    return allocated - before + sizeof(struct gyre_reading);
}

static const struct {
    const char *what;
    size_t bytes;
} sizes[] = {
    {"timer", sizeof(struct gyre_timer)},
    {"job", sizeof(struct gyre_job)},
    {"watch", sizeof(struct gyre_watch)},
    {"post", sizeof(struct gyre_post)},
    {"signal", sizeof(struct gyre_signal)},
    {"connecting", sizeof(struct gyre_connecting)},
    {"writing", sizeof(struct gyre_writing)},
    {"datagrams",
     sizeof(struct gyre_datagrams) + sizeof(struct gyre_receiving)},
    {"process", sizeof(struct gyre_process) + sizeof(struct gyre_ending)},
};

static size_t size_of(const char *what)
{
    if (strcmp(what, "loop") == 0)
        return of_loop();
    if (strcmp(what, "connection") == 0)
        return of_connection();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (strcmp(what, sizes[i].what) == 0)
            return sizes[i].bytes;
    bench_require(0, "finding that");
    return 0;
}

int main(int argc, char **argv)
{
    printf("ops=1 bytes=%zu\n", size_of(argc > 1 ? argv[1] : ""));
    return 0;
}
