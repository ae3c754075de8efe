/*
 * start        nothing
 * start OPS    be run so often
 */
#include "bench/starts.h"

int main(int argc, char **argv)
{
    if (argc > 1)
        bench_starts(bench_number(argc, argv, 1));
    return 0;
}
