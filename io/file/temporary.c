/*
 * temporary.c - files and folders for a while.
 */
#include "io/file/temporary.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/file/job.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz234567" /* 32: five bits each */
#define BLANKS  "XXXXXX"

enum {
    BLANK_LENGTH = sizeof BLANKS - 1,
    TRIES = 100, /* names that are taken, until we give up */
};

/* Where the blanks begin; NULL if there are none. */
static char *blanks_of(char *path)
{
    size_t n = strlen(path);
    char *blanks = n >= BLANK_LENGTH ? path + n - BLANK_LENGTH : NULL;

    return blanks != NULL && strcmp(blanks, BLANKS) == 0 ? blanks : NULL;
}

/* Fill them in.  Another name each time is all that matters, for the system
   tells if there is such a file. */
static void fill_in(char *blanks)
{
    struct timespec now;
    uint64_t mixed;

    clock_gettime(CLOCK_REALTIME, &now);
    mixed = (uint64_t)now.tv_nsec + ((uint64_t)now.tv_sec << 30);
    mixed = (mixed ^ (uint64_t)getpid() << 40 ^ (uintptr_t)blanks) *
            0x9e3779b97f4a7c15u;
    for (int i = 0; i < BLANK_LENGTH; i++)
        blanks[i] = LETTERS[mixed >> (64 - 5 * (i + 1)) & 31];
}

int gyre_file_make(char *path, mode_t mode)
{
    char *blanks = blanks_of(path);
    int fd = -1;

    if (blanks == NULL)
        return -EINVAL;
    for (int i = 0; i < TRIES && fd < 0; i++) {
        fill_in(blanks);
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd < 0 && errno != EEXIST && errno != EINTR)
            return -errno;
    }
    return fd < 0 ? -EEXIST : fd;
}

/* ---- without a name ---- */

/* One that has none from the beginning, where there are such. */
static int make_nameless(const char *folder)
{
#ifdef O_TMPFILE
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);

    return fd < 0 ? -errno : fd;
#else
    (void)folder;
    return -ENOTSUP;
#endif
}

static intptr_t make_and_unlink(struct gyre_file_job *j)
{
    int fd;

    snprintf(j->data, j->n, "%s/.gyre-" BLANKS, j->path);
    fd = gyre_file_make(j->data, S_IRUSR | S_IWUSR);
    if (fd >= 0)
        unlink(j->data);
    return fd;
}

/* Where the system, or the file system, has none without a name, the name goes
   at once.  What is wrong with the folder comes up again there. */
static intptr_t make_temporary(struct gyre_file_job *j)
{
    int fd;

    if (*j->path == '\0') /* with a slash behind it, it would be the root */
        return -ENOENT;
    fd = make_nameless(j->path);
    return fd >= 0 ? fd : make_and_unlink(j);
}

int gyre_temporary_file(const char *folder, gyre_time deadline)
{
    struct gyre_file_job j = {.work = make_temporary,
                              .undo = gyre_file_close_result,
                              .path = folder,
                              .n = strlen(folder) + sizeof "/.gyre-" BLANKS};

    return (int)gyre_file_do(&j, deadline);
}

/* ---- with a name ---- */

static intptr_t make_named(struct gyre_file_job *j)
{
    return gyre_file_make(j->data, S_IRUSR | S_IWUSR);
}

static void unlink_named(struct gyre_file_job *j)
{
    unlink(j->data);
    gyre_file_close_result(j);
}

int gyre_temporary_named(char *path, gyre_time deadline)
{
    struct gyre_file_job j = {.work = make_named,
                              .undo = unlink_named,
                              .path = path,
                              .in = path,
                              .out = path,
                              .n = strlen(path) + 1};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t make_folder(struct gyre_file_job *j)
{
    return mkdtemp(j->data) != NULL ? 0 : -errno;
}

static void remove_folder(struct gyre_file_job *j)
{
    rmdir(j->data);
}

int gyre_temporary_folder(char *path, gyre_time deadline)
{
    struct gyre_file_job j = {.work = make_folder,
                              .undo = remove_folder,
                              .path = path,
                              .in = path,
                              .out = path,
                              .n = strlen(path) + 1};

    return (int)gyre_file_do(&j, deadline);
}
