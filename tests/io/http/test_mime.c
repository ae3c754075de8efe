/*
 * test_mime.c - a file's name tells its kind.
 */
#include <criterion/criterion.h>

#include "io/http/mime.h"

Test(mime, goes_by_the_end_of_the_name)
{
    static const char *const cases[][2] = {
        {"index.html", "text/html; charset=utf-8"},
        {"a/b.c/INDEX.HTML", "text/html; charset=utf-8"},
        {"a.tar.gz", "application/gzip"},
        {"a.svg", "image/svg+xml"},
        {"a.woff2", "font/woff2"},
        {"a.mjs", "text/javascript; charset=utf-8"},
        {"a.7z", "application/x-7z-compressed"},
        {"a.wasm", "application/wasm"},
        {"a.yml", "application/yaml"},
        {"a.zst", "application/zstd"},
        {"a", "application/octet-stream"},
        {"", "application/octet-stream"},
        {".html", "application/octet-stream"},
        {"a/.png", "application/octet-stream"},
        {"a.html/b", "application/octet-stream"},
        {"a.", "application/octet-stream"},
        {"a.unknown", "application/octet-stream"},
        {"a.htmlx", "application/octet-stream"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(gyre_http_mime(cases[i][0]), cases[i][1], "%s",
                         cases[i][0]);
}
