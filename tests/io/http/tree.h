/*
 * tree.h - a folder of files, for a test to serve.
 */
#ifndef TESTS_IO_HTTP_TREE_H
#define TESTS_IO_HTTP_TREE_H

#include <time.h>

/* When the files of a tree were changed, if nothing else is said. */
#define TREE_TIME 1000000000

/* Make an empty folder the current one; and leave it, and remove it with all
   that is in it. */
void tree_enter(void);
void tree_leave(void);

/* Make a file that holds `text`, and the folders it is in, as of `seconds`. */
void tree_put_at(const char *path, const char *text, time_t seconds);

/* The same as of TREE_TIME. */
void tree_put(const char *path, const char *text);

/* Make a link at `path` that says `text`. */
void tree_link(const char *text, const char *path);

#endif
