/*
 * stat OPS   what the file system knows of this folder, asked for at once, by
 *            the system call: what a program of Gyre's does that may wait, for
 *            there is nothing that a library could add
 */
#include <sys/stat.h>

#include "bench/bench.h"

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    struct bench b;

    bench_start(&b);
    for (uint64_t i = 0; i < ops; i++) {
        struct stat found;

        bench_require(stat(".", &found) == 0 && S_ISDIR(found.st_mode),
                      "finding a folder");
    }
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
