/*
 * A program is run, one after another: what it says is read to the end, through
 * a pipe, and how it ended is asked for.
 *
 *     process OPS PROGRAM
 *
 * PROGRAM is bench/load/nothing.c's; its processor time counts as well.  The
 * handles are in place, and so is the buffer that is read into, as in libuv's
 * own.
 */
#include <string.h>
#include <uv.h>

#include "bench/child.h"

static uv_loop_t *loop;
static char *program;
static uv_process_t process;
static uv_pipe_t out;
static char text[64];
static size_t length;
static int to_come; /* its end, and that of what it says */
static uint64_t left;

static void begin(void);

static void closed(uv_handle_t *h)
{
    (void)h;
    if (--to_come > 0)
        return;
    bench_require(length == 6 && memcmp(text, "hello\n", 6) == 0, "saying so");
    if (--left > 0)
        begin();
}

static void lend(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)h;
    (void)suggested;
    *buf = uv_buf_init(text + length, (unsigned)(sizeof text - length));
}

static void said(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    bench_require(n >= 0 || n == UV_EOF, "reading");
    if (n > 0)
        length += (size_t)n;
    else if (n < 0)
        uv_close((uv_handle_t *)s, closed);
}

static void ended(uv_process_t *p, int64_t code, int signal)
{
    bench_require(code == 42 && signal == 0, "ending with 42");
    uv_close((uv_handle_t *)p, closed);
}

static void begin(void)
{
    char *argv[] = {program, NULL};
    uv_stdio_container_t files[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
         .data.stream = (uv_stream_t *)&out},
        {.flags = UV_IGNORE},
    };
    uv_process_options_t options = {.exit_cb = ended,
                                    .file = program,
                                    .args = argv,
                                    .stdio = files,
                                    .stdio_count = 3};

    length = 0;
    to_come = 2;
    bench_require(uv_pipe_init(loop, &out, 0) == 0, "uv_pipe_init");
    bench_require(uv_spawn(loop, &process, &options) == 0, "uv_spawn");
    bench_require(uv_read_start((uv_stream_t *)&out, lend, said) == 0,
                  "uv_read_start");
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    struct bench b;

    bench_require(argc > 2, "naming a program");
    left = ops;
    program = argv[2];
    loop = uv_default_loop();
    bench_start(&b);
    begin();
    bench_require(uv_run(loop, UV_RUN_DEFAULT) == 0, "uv_run");
    bench_stop(&b);
    b.cpu += bench_cpu_of_children();
    bench_require(left == 0, "running all");
    bench_print(&b, ops);
    return 0;
}
