/*
 * files.h - how a route serves the files of a directory.
 *
 * A route that has a directory (io/http/server/route.h) answers with the file
 * that the tail of its path names, if that is beneath the directory, links and
 * all, and with its type by its name.  ETag and Last-Modified, conditions and a
 * single range are as gyre_http_reply_file has them; of several ranges the
 * whole file is sent (RFC 9110, 14.2).  "X-Content-Type-Options: nosniff" goes
 * with it, since its name says what it is.
 *
 *   - a directory, without a slash:    301 to the same with one, relative
 *   - a directory, with a slash:       its index, its listing, or 404
 *   - what may not be read, no file:   403
 *   - what is hidden or leads outside: 404, as what is not there
 *
 * The directory is opened once, when the server is made, and followed where it
 * is moved: what takes its name later, a link put in its place, say, is not
 * served.
 *
 * What takes a disk is done by a thread, where the system can tell (Linux, on
 * most of its file systems); elsewhere the whole loop waits for it.
 */
#ifndef GYRE_IO_HTTP_FILES_H
#define GYRE_IO_HTTP_FILES_H

#include <stdbool.h>

/* What a route may want otherwise; zeroed is as without one.  The caller's, and
   constant, as long as the routes. */
struct gyre_http_files {
    const char *index; /* the file that stands for a directory: "index.html" */

    /* The value of a Cache-Control field, sent with each file and with 304;
       NULL: none. */
    const char *cache_control;

    /* Send "name.br", "name.zst" or "name.gz" in place of "name", by what the
       client accepts (RFC 9110, 12.5.3), if it is no older than that; at equal
       preference in this order.  It is a file with an ETag of its own, and
       opened as beneath the directory as any. */
    bool compressed;

    /* Serve what has a name, or is in a directory whose name begins with a dot,
       too: ".git/config". */
    bool hidden;

    /* For a directory without an index send a list of what can be asked for in
       it: a page, or JSON to whom would rather have that (Accept).  Directories
       come first, each by its name; of one with thousands of names, those of
       256 KiB, and a word that there are more.  A thread reads them. */
    bool listing;
};

#endif
