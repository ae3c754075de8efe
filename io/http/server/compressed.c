/*
 * compressed.c - files that were compressed beforehand, in place of what they
 * were made of.
 *
 * They lie beside it, and may have been forgotten there: one that is older than
 * its original is passed over.  Copying a tree may leave both with any time at
 * all, and then the worst is that nothing is sent compressed.
 */
#include <string.h>
#include <unistd.h>

#include "io/http/accept.h"
#include "io/http/server/disk.h"
#include "io/http/server/exchange.h"

/* The smaller before the larger. */
static const struct {
    const char *name, *ending;
} codings[] = {{"br", ".br"}, {"zstd", ".zst"}, {"gzip", ".gz"}};

enum { CODINGS = sizeof codings / sizeof codings[0] };

/* The coding that is wanted most, and at least as `least`; or CODINGS. */
static size_t best(const int wanted[CODINGS], int least)
{
    size_t found = CODINGS;

    for (size_t i = 0; i < CODINGS; i++) {
        if (wanted[i] > 0 && wanted[i] >= least) {
            found = i;
            least = wanted[i] + 1;
        }
    }
    return found;
}

/* Open the file `name`, which has the ending now, in place of `file`. */
static bool replace(int directory, const char *name, int *file,
                    struct stat *status)
{
    struct stat st;
    int fd = gyre_disk_open(directory, name, &st, GYRE_FOREVER);

    if (fd < 0)
        return false;
    if (st.st_mtime < status->st_mtime) {
        close(fd);
        return false;
    }
    close(*file);
    *file = fd;
    *status = st;
    return true;
}

const char *gyre_http_open_compressed(const struct gyre_http_request *r,
                                      int directory, char *name, int *file,
                                      struct stat *status)
{
    static const char field[] = "Accept-Encoding";
    int least = gyre_http_accepts(&r->head, field, "identity");
    size_t end = strlen(name), i;
    int wanted[CODINGS];
    bool found = false;

    for (i = 0; i < CODINGS; i++)
        wanted[i] = gyre_http_accepts(&r->head, field, codings[i].name);
    while (!found && (i = best(wanted, least)) < CODINGS) {
        strcpy(name + end, codings[i].ending);
        found = replace(directory, name, file, status);
        wanted[i] = 0;
    }
    name[end] = '\0';
    return found ? codings[i].name : NULL;
}
