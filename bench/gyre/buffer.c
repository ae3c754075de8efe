/*
 * buffer TIMES   64 bytes are put behind what a buffer holds, and 48 or 80
 *                taken off its front, as between a stream and a parser
 */
#include "io/buf.h"
#include "bench/bench.h"

enum { PUT = 64, LESS = 48, MORE = 80, HELD = 1024 };

int main(int argc, char **argv)
{
    static const char bytes[HELD];
    uint64_t n = bench_number(argc, argv, 1);
    struct gyre_buf buf = {0};
    struct bench b;

    bench_require(gyre_buf_append(&buf, bytes, HELD) == 0, "appending");
    bench_start(&b);
    for (uint64_t i = 0; i < n; i++) {
        bench_require(gyre_buf_append(&buf, bytes, PUT) == 0, "appending");
        gyre_buf_take(&buf, i % 2 == 0 ? LESS : MORE);
    }
    bench_stop(&b);
    bench_require(buf.length == HELD + (n % 2) * (PUT - LESS), "holding them");
    bench_print(&b, n);
    gyre_buf_free(&buf);
    return 0;
}
