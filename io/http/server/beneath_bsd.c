/*
 * beneath_bsd.c - opening beneath a directory where the kernel has no call for
 * it.
 */
#include "io/http/server/internal.h"

int gyre_beneath_open(int directory, const char *path)
{
    return gyre_beneath_walk(directory, path);
}

long gyre_stat_nanoseconds(const struct stat *status)
{
    return status->st_mtimespec.tv_nsec;
}
