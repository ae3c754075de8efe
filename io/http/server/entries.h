/*
 * entries.h - what there is to be asked for in a directory.
 *
 * Private to io/http/server/.
 */
#ifndef GYRE_IO_HTTP_ENTRIES_H
#define GYRE_IO_HTTP_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "timers/time.h"

struct gyre_allocator;

enum {
    GYRE_HTTP_ENTRIES_SIZE = 262144 /* bytes for those of one directory */
};

struct gyre_http_entry {
    const char *name;
    bool is_directory;
    int64_t size; /* bytes of a file */
    time_t changed;
};

/* Those of a directory: directories first, each by its name. */
struct gyre_http_entries {
    struct gyre_http_entry *at; /* the block they are in, and their names */
    size_t count;
    size_t size; /* of the block */
    bool more;   /* there are, and no room for them */
};

/*
 * Read those of the directory `path`, "" or with a '/' at its end, beneath the
 * open directory `top`: files and directories, and links to either as long as
 * they stay beneath; with names that a URL can have, and without a dot at their
 * beginning unless `hidden`.  A thread does it.  They may be kept for long: the
 * block is cut to what is in it, if there is memory for that.  The caller frees
 * them, unless there was an error: of gyre_open_beneath or gyre_offload.
 */
int gyre_http_entries_read(struct gyre_http_entries *e,
                           struct gyre_allocator *a, int top, const char *path,
                           bool hidden, gyre_time deadline)
    __attribute__((warn_unused_result));

void gyre_http_entries_free(struct gyre_http_entries *e,
                            struct gyre_allocator *a);

#endif
