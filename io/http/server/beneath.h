/*
 * beneath.h - opens files that are in a directory, and never one outside it.
 *
 * Where a path comes from a peer, ".." and symbolic links must not lead out of
 * the directory that was meant.  The kernel sees to that where it can
 * (openat2); elsewhere the path is walked a name at a time, to the same effect.
 */
#ifndef GYRE_IO_HTTP_BENEATH_H
#define GYRE_IO_HTTP_BENEATH_H

#include <sys/stat.h>

#pragma GCC visibility push(default)

/*
 * Open for reading the regular file at `path`, which is relative, beneath the
 * open directory `directory`, and fill in `status` from what was opened.
 * Symbolic links are followed as long as they stay beneath.  Returns a
 * descriptor that is the caller's to close, with O_CLOEXEC.  It never waits:
 * not for a pipe's other end either.
 *
 * -EXDEV if the path leads outside; -ELOOP after forty links; -EISDIR for a
 * directory, and -EACCES for anything else that is no regular file; -EINVAL for
 * an absolute or empty path; -ENAMETOOLONG; or as openat(2).
 */
int gyre_open_beneath(int directory, const char *path, struct stat *status);

#pragma GCC visibility pop

#endif
