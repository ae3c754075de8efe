/*
 * head TIMES   the head of a browser's request read, every check included
 */
#include "io/http/head.h"
#include "bench/bench.h"
#include "bench/heads.h"

enum { FIELDS = 100 };

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 1);
    struct gyre_http_field fields[FIELDS];
    struct gyre_http_head head;
    struct bench b;

    bench_start(&b);
    for (uint64_t i = 0; i < n; i++) {
        ssize_t read;

        gyre_http_head_init(&head, GYRE_HTTP_REQUEST, fields, FIELDS, NULL);
        read = gyre_http_head_parse(&head, bench_head, sizeof bench_head - 1);
        bench_require(read == sizeof bench_head - 1, "parsing");
    }
    bench_stop(&b);
    bench_print(&b, n);
    return 0;
}
