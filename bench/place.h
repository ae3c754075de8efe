/*
 * place.h - a path at which a program's own server may listen.
 */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/bench.h"

/* Private: a folder, and in it a socket. */
static char bench_folder[] = "/tmp/bench.XXXXXX";
static char bench_path_in_it[sizeof bench_folder + sizeof "/socket"];

static void bench_leave_place(void)
{
    (void)unlink(bench_path_in_it);
    (void)rmdir(bench_folder);
}

/* The path of a local socket, in a folder that goes when the program exits. */
static inline const char *bench_socket_path(void)
{
    if (bench_path_in_it[0] != '\0')
        return bench_path_in_it;
    bench_require(mkdtemp(bench_folder) != NULL, "mkdtemp");
    (void)snprintf(bench_path_in_it, sizeof bench_path_in_it, "%s/socket",
                   bench_folder);
    bench_require(atexit(bench_leave_place) == 0, "atexit");
    return bench_path_in_it;
}

#endif
