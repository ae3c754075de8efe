/*
 * disk.h - what the system says of files, as a test would have it.
 *
 * The test binaries are linked so that their own objects' calls of readdir,
 * mkdtemp, fsync, and open, the library's among them, come through here.  Each
 * test is a process of its own, so nothing need be put back.
 */
#ifndef TESTS_SUPPORT_DISK_H
#define TESTS_SUPPORT_DISK_H

#include <stdatomic.h>

/* Called before each readdir, by who makes it, unless NULL. */
extern void (*disk_before_readdir)(void);

/* So many entries more come first, with names of so many bytes. */
enum { DISK_LONG_NAME = 765 };
extern int disk_long_names;

/* The same before something is made, by open or mkdtemp, or opened that is
   there; and how often something was made, whatever came of it. */
extern void (*disk_before_making)(void);
extern void (*disk_before_opening)(void);
extern atomic_int disk_makings;

/* Where errors come from next: the first fsync after so many that are made gets
   EIO; below 0: none does.  And how many were made. */
extern atomic_int disk_syncs_left;
extern atomic_int disk_syncs;

#endif
