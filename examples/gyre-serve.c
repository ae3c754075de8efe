/*
 * gyre-serve DIR [PORT]: serves the files of a directory, and logs what was asked in
 * the common format, to standard error.
 */
#include "number.h"

#include <gyre.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void add(struct gyre_buf *line, const char *text)
{
    (void)gyre_buf_append_string(line, text);
}

/* "GET / HTTP/1.1"; or "-", if what was asked was not understood. */
static void add_request(struct gyre_buf *line, const struct gyre_http_access *access)
{
    struct gyre_span target = access->target;

    if (access->method.length == 0) {
        add(line, "-");
        return;
    }
    (void)gyre_buf_append(line, access->method.at, access->method.length);
    add(line, " ");
    for (size_t i = 0; i < target.length; i++) {
        if (target.at[i] == '"' || target.at[i] == '\\')
            add(line, "\\");
        (void)gyre_buf_append(line, target.at + i, 1);
    }
    add(line, access->minor == 0 ? " HTTP/1.0" : " HTTP/1.1");
}

/* 127.0.0.1 - - [23/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 123, in one
   write: others may log to the same file. */
static void log_access(struct gyre_http_log *log, const struct gyre_http_access *access)
{
    const char *port = strrchr(access->peer, ':');
    struct gyre_buf line = {0};
    char text[100];
    time_t now = time(NULL);
    struct tm tm;

    (void)log;
    if (port != NULL)
        (void)gyre_buf_append(&line, access->peer, (size_t)(port - access->peer));
    else
        add(&line, "-");
    strftime(text, sizeof text, " - - [%d/%b/%Y:%H:%M:%S +0000] \"", gmtime_r(&now, &tm));
    add(&line, text);
    add_request(&line, access);
    snprintf(text, sizeof text, "\" %d %llu\n", access->status, (unsigned long long)access->bytes);
    add(&line, text);
    fwrite(line.at, 1, line.length, stderr);
    gyre_buf_free(&line);
}

int main(int argc, char **argv)
{
    struct gyre_http_route routes[] = {
        {"GET", "/{path:tail}", .directory = argc > 1 ? argv[1] : NULL},
        {0},
    };
    struct gyre_http_log log = {.access = log_access};
    struct gyre_http_options options = {.log = &log};
    int port = argc > 2 ? port_in(argv[2]) : 8080;
    int err;

    if (argc < 2 || argc > 3 || port < 0) {
        fprintf(stderr, "usage: gyre-serve DIR [PORT]\n");
        return 2;
    }
    err = gyre_http_run(routes, "127.0.0.1", port, &options);
    if (err)
        fprintf(stderr, "gyre-serve: %s\n", gyre_strerror(err));
    return err != 0;
}
