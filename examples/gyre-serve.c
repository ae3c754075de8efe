/*
 * gyre-serve DIR [PORT]: serves the files of a directory, and logs what was asked in
 * the common format, to standard error.
 */
#include <gyre.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void print_quoted(struct gyre_span s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.at[i] == '"' || s.at[i] == '\\')
            putc('\\', stderr);
        putc(s.at[i], stderr);
    }
}

/* 127.0.0.1 - - [23/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 123 */
static void log_access(struct gyre_http_log *log, const struct gyre_http_access *access)
{
    const char *port = strrchr(access->peer, ':');
    char when[40];
    time_t now = time(NULL);
    struct tm tm;

    (void)log;
    strftime(when, sizeof when, "%d/%b/%Y:%H:%M:%S +0000", gmtime_r(&now, &tm));
    fprintf(stderr, "%.*s - - [%s] \"%.*s ", port != NULL ? (int)(port - access->peer) : 1,
            port != NULL ? access->peer : "-", when, (int)access->method.length, access->method.at);
    print_quoted(access->target);
    fprintf(stderr, " HTTP/1.%d\" %d %llu\n", access->minor, access->status,
            (unsigned long long)access->bytes);
}

int main(int argc, char **argv)
{
    struct gyre_http_route routes[] = {
        {"GET", "/{path:tail}", .directory = argc > 1 ? argv[1] : NULL},
        {0},
    };
    struct gyre_http_log log = {.access = log_access};
    struct gyre_http_options options = {.log = &log};
    int err;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: gyre-serve DIR [PORT]\n");
        return 2;
    }
    err = gyre_http_run(routes, "127.0.0.1", argc > 2 ? atoi(argv[2]) : 8080, &options);
    if (err)
        fprintf(stderr, "gyre-serve: %s\n", gyre_strerror(err));
    return err != 0;
}
