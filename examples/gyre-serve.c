/*
 * gyre-serve DIR [PORT]: serves the files of a directory, and logs what was asked in
 * the common format, to standard error.
 */
#include "number.h"

#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct gyre_http_route routes[] = {
        {"GET", "/{path:tail}", .directory = argc > 1 ? argv[1] : NULL},
        {0},
    };
    struct gyre_http_access_log log;
    struct gyre_http_options options = {.log = &log.log};
    int port = argc > 2 ? port_in(argv[2]) : 8080;
    int err;

    if (argc < 2 || argc > 3 || port < 0) {
        fprintf(stderr, "usage: gyre-serve DIR [PORT]\n");
        return 2;
    }
    gyre_http_access_log_init(&log, STDERR_FILENO, GYRE_HTTP_COMMON);
    err = gyre_http_run(routes, "127.0.0.1", port, &options);
    if (err)
        fprintf(stderr, "gyre-serve: %s\n", gyre_strerror(err));
    return err != 0;
}
