/*
 * books.c - what a process of the soak has: descriptors and memory.
 */
#include "tests/system/soak/books.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "loop/list.h"

int books_descriptors(void)
{
    DIR *all = opendir("/dev/fd");
    int n = 0;

    if (all == NULL)
        return -1;
    while (readdir(all) != NULL)
        n++;
    closedir(all);
    return n - 3; /* ".", "..", and its own */
}

/* libc keeps what was freed, as it likes, between blocks that are in use: what
   is left over is to be ours. */
static void give_back(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/* What /proc has under `key`, in KiB; 0 where there is no such thing. */
static long status(const char *key)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    long found = 0;

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            found = strtol(line + strlen(key), NULL, 10);
    fclose(file);
    return found;
}

static void *resize(struct gyre_allocator *a, void *p, size_t old, size_t size)
{
    struct books *b = GYRE_OWNER(a, struct books, allocator);
    void *q = NULL;

    if (size > 0)
        q = realloc(p, size);
    else
        free(p);
    if (size > 0 && q == NULL)
        return NULL;
    b->blocks += (size_t)(size > 0) - (size_t)(old > 0);
    b->bytes += size - old;
    return q;
}

void books_open(struct books *b)
{
    *b = (struct books){.allocator.resize = resize,
                        .descriptors = books_descriptors(),
                        .resident = status("VmRSS:")};
}

void books_close(const struct books *b)
{
    long most = status("VmHWM:");

    give_back();
    printf("descriptors before: %d\n"
           "descriptors after: %d\n"
           "blocks left: %zu\n"
           "bytes left: %zu\n"
           "resident KiB before: %ld\n"
           "resident KiB at most: %ld\n"
           "resident KiB after: %ld\n",
           b->descriptors, books_descriptors(), b->blocks, b->bytes,
           b->resident, most, status("VmRSS:"));
}
