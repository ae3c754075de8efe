/*
 * head TIMES   the same head read by http_parser, what it finds written down
 */
#include <http_parser.h>
#include <stdbool.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/heads.h"

enum { FIELDS = 100 };

struct span {
    const char *at;
    size_t length;
};

struct head {
    http_parser parser;
    struct span url, names[FIELDS], values[FIELDS];
    size_t fields;
    bool complete;
};

static int on_url(http_parser *p, const char *at, size_t n)
{
    ((struct head *)p)->url = (struct span){at, n};
    return 0;
}

static int on_name(http_parser *p, const char *at, size_t n)
{
    struct head *h = (struct head *)p;

    if (h->fields == FIELDS)
        return 1;
    h->names[h->fields] = (struct span){at, n};
    return 0;
}

static int on_value(http_parser *p, const char *at, size_t n)
{
    struct head *h = (struct head *)p;

    h->values[h->fields++] = (struct span){at, n};
    return 0;
}

static int on_complete(http_parser *p)
{
    ((struct head *)p)->complete = true;
    return 0;
}

int main(int argc, char **argv)
{
    static const http_parser_settings settings = {
        .on_url = on_url,
        .on_header_field = on_name,
        .on_header_value = on_value,
        .on_headers_complete = on_complete,
    };
    uint64_t n = bench_number(argc, argv, 1);
    struct head head;
    struct bench b;

    bench_start(&b);
    for (uint64_t i = 0; i < n; i++) {
        http_parser_init(&head.parser, HTTP_REQUEST);
        head.fields = 0;
        head.complete = false;
        http_parser_execute(&head.parser, &settings, bench_head,
                            sizeof bench_head - 1);
        bench_require(head.complete, "parsing");
    }
    bench_stop(&b);
    bench_print(&b, n);
    return 0;
}
