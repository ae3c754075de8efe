/*
 * A program is run, one after another: what it says is read to the end, through
 * a pipe, and how it ended is asked for.  By callbacks.
 *
 *     process OPS PROGRAM
 *
 * PROGRAM is bench/load/nothing.c's; its processor time counts as well.
 */
#include <string.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "io/process/ending.h"
#include "io/process/process.h"
#include "io/reading.h"
#include "bench/child.h"

struct child {
    struct gyre_process process;
    struct gyre_reading reading;
    struct gyre_ending ending;
    char said[64];
    size_t n;
    int to_come; /* its end, and that of what it says */
};

static struct gyre_loop *loop;
static const char *program;
static struct child child;
static uint64_t left;

static void begin(struct child *c);

static void finish(struct child *c)
{
    if (--c->to_come > 0)
        return;
    bench_require(c->process.code == 42, "ending with 42");
    bench_require(c->n == 6 && memcmp(c->said, "hello\n", 6) == 0, "saying so");
    gyre_process_close(&c->process);
    if (--left > 0)
        begin(c);
}

static void said(struct gyre_reading *r, ssize_t n)
{
    struct child *c = GYRE_OWNER(r, struct child, reading);

    bench_require(n >= 0 && c->n + (size_t)n < sizeof c->said, "reading");
    c->n += (size_t)n;
    r->buf = c->said + c->n;
    r->size = sizeof c->said - c->n;
    if (n == 0)
        finish(c);
}

static void ended(struct gyre_ending *e, int err)
{
    bench_require(err == 0, "waiting");
    finish(GYRE_OWNER(e, struct child, ending));
}

static void begin(struct child *c)
{
    const char *argv[] = {program, NULL};
    struct gyre_process_options options = {.argv = argv,
                                           .in.is = GYRE_CHILD_NULL,
                                           .out.is = GYRE_CHILD_PIPE,
                                           .err.is = GYRE_CHILD_NULL};

    *c = (struct child){.ending.ended = ended, .to_come = 2};
    c->reading = (struct gyre_reading){
        .read = said, .buf = c->said, .size = sizeof c->said};
    bench_require(gyre_process_spawn(&c->process, loop, &options) == 0,
                  "gyre_process_spawn");
    bench_require(gyre_reading_start(&c->reading, c->process.out) == 0,
                  "gyre_reading_start");
    gyre_ending_start(&c->ending, &c->process);
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    struct bench b;

    bench_require(argc > 2, "naming a program");
    left = ops;
    program = argv[2];
    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    bench_start(&b);
    begin(&child);
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    bench_stop(&b);
    b.cpu += bench_cpu_of_children();
    bench_require(left == 0, "running all");
    bench_print(&b, ops);
    return 0;
}
