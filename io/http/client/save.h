/*
 * save.h - an answer's body into a file, which is there once it is whole.
 *
 * It is written to PATH.part, and put in its place at the end.  What breaks off
 * may be gone on with, by whoever asks for the same URL later: the server is
 * then asked for the rest (Range), if its file is still the same one
 * (If-Range).  By what it knows that, is kept in PATH.part.of, behind the URL,
 * without a user in it: an ETag that promises each byte, or else a time, if the
 * answer was of a later second (RFC 9110, 8.8.2.2).  A server that gives
 * neither is asked for all of it again; so is one that answers with the rest of
 * what it says itself is another file, or does not say how much there is in all
 * (a range of "*"); and so is any, where what was kept has been damaged.
 */
#ifndef GYRE_IO_HTTP_CLIENT_SAVE_H
#define GYRE_IO_HTTP_CLIENT_SAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/http/client/client.h"

/* What is to be saved where, and what came of it. */
struct gyre_http_saving {
    const char *path; /* of the file, in a folder that is there */
    bool replace;     /* what is there; otherwise that is -EEXIST */
    bool resume;      /* go on with what is there of it, and leave there what
                         breaks off; otherwise nothing is left */

    /* Called when `n` bytes more have been written: may park, to slow down; an
       error ends it.  Or NULL. */
    int (*came)(struct gyre_http_saving *s, size_t n);

    /* Set: */
    int status;    /* of the answer; 0 if there was none */
    int64_t from;  /* how many bytes were there already */
    int64_t bytes; /* how many are in the file, or in its part */
};

#pragma GCC visibility push(default)

/*
 * Make the call, which has no field Range (-EINVAL), and save the body of an
 * answer of 200, or of the 206 that was asked for.  0 with any other status
 * too: then nothing is saved.  -EBUSY if somebody saves to the same path;
 * -EPROTO for a part that is not the one asked for; -EPIPE if less comes than
 * there is.  Otherwise as gyre_http_call, gyre_http_response_read,
 * gyre_file_write, and gyre_path_rename_new, where nothing may be replaced.  It
 * is as whole as the system, but has not reached the disk (gyre_file_sync).
 *
 * A cancel point.  After an error `path` is as it was.
 */
int gyre_http_save(struct gyre_http_session *s, struct gyre_http_call *call,
                   struct gyre_http_saving *saving, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
