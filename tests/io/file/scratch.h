/*
 * scratch.h - claims held in a folder of their own.
 */
#ifndef TESTS_IO_FILE_SCRATCH_H
#define TESTS_IO_FILE_SCRATCH_H

#include "tests/io/loopback.h"
#include "tests/task/world.h"

/* A claim that is held in the main task of a run, in an empty folder that is
   the current one.  It must leave no block of memory, no descriptor, and no
   file. */
#define CLAIM_IN_A_FOLDER(suite, name)                                         \
    static void name(void);                                                    \
    Test(suite, name)                                                          \
    {                                                                          \
        enter_scratch();                                                       \
        hold_on_loopback(name);                                                \
        leave_scratch();                                                       \
    }                                                                          \
    static void name(void)

/* Go into a new folder; and leave it, which must be empty by then. */
void enter_scratch(void);
void leave_scratch(void);

/* Make a file that holds `text`; and what one holds, in the function's own
   storage, cut at some length. */
void put_file(const char *path, const char *text);
const char *held_by(const char *path);

/* Wait until nobody reads from the pipe `fd` any more. */
void wait_for_no_reader(int fd);

/* A pipe that takes no more bytes, but does not say EAGAIN: [0] to read. */
void open_full_pipe(int fds[2]);

#define SOON gyre_in(20 * GYRE_SECOND)

#endif
