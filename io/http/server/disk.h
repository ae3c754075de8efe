/*
 * disk.h - files for tasks that must not keep the loop while a disk is asked.
 *
 * Private to io/http/server/.  Most of what is served is in memory, and a
 * thread costs more than to open and read that.  So the system is asked to do
 * it only if it takes no disk, and a thread does what does; where the system
 * cannot tell, the loop waits.
 */
#ifndef GYRE_IO_HTTP_DISK_H
#define GYRE_IO_HTTP_DISK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "timers/time.h"

/* As gyre_open_beneath, or gyre_offload. */
int gyre_disk_open(int directory, const char *path, struct stat *status,
                   gyre_time deadline) __attribute__((warn_unused_result));

/* Have the `n` bytes of `file` from `offset` in memory, as far as there are
   any.  What goes wrong there is found by who reads.  As gyre_offload. */
int gyre_disk_fetch(int file, int64_t offset, size_t n, gyre_time deadline)
    __attribute__((warn_unused_result));

#endif
