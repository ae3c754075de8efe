/*
 * utf8 TIMES   1,000 bytes of text are checked for being UTF-8: English with a
 *              few typographic marks, as most text of messages is
 *
 * Looks beneath the public headers, which check it as part of more.
 */
#include <string.h>

#include "io/http/utf8.h"
#include "bench/bench.h"

enum { LENGTH = 1000 };

static const char words[] = "What waits, waits its turn \xe2\x80\x94 and is "
                            "told when it\xe2\x80\x99s due. ";

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 1);
    char text[LENGTH];
    struct bench b;

    memset(text, ' ', sizeof text);
    for (size_t i = 0; i + sizeof words <= LENGTH; i += sizeof words - 1)
        memcpy(text + i, words, sizeof words - 1);
    bench_start(&b);
    for (uint64_t i = 0; i < n; i++) {
        struct gyre_utf8 u = {0};

        bench_require(gyre_utf8_take(&u, text, LENGTH) &&
                          gyre_utf8_is_complete(&u),
                      "being UTF-8");
    }
    bench_stop(&b);
    bench_print(&b, n);
    return 0;
}
