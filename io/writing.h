/*
 * writing.h - writes that are told of when they are done: for callbacks.
 *
 * A task that writes waits until all is taken (io/stream.h).  A callback cannot
 * wait: it starts a writing, which stands in the stream's line of writers among
 * tasks and other writings, first come, first served, and calls back.  What can
 * be written at once is: before the start returns, or, when a task starts it,
 * or while another of the stream is yet to be told, in the loop's next pass,
 * together with what is started meanwhile.  So many small ones, started one
 * after the other, cost few system calls.
 *
 * Nothing is copied or allocated: the writing, the pieces and their bytes are
 * the caller's, and stay in place until it is over.  It keeps the loop alive
 * meanwhile.
 */
#ifndef GYRE_IO_WRITING_H
#define GYRE_IO_WRITING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "loop/job.h"
#include "io/line.h"

struct gyre_stream;

/* Pieces to be written, and how far that is. */
struct gyre_pieces {
    /* private */
    const struct iovec *iov;
    int n;
    size_t skip; /* bytes of the first that were written */
};

/* Set `written`, and `last`; zero the rest.  May be started again when it is
   over. */
struct gyre_writing {
    /* All was taken, 0; or an error, as of gyre_writev, or of gyre_shutdown.
       Called from the loop, and never inside of another call; may start `w`
       anew, free it, or close the stream. */
    void (*written)(struct gyre_writing *w, int err);
    bool last; /* end the writing half, when all was taken */

    /* private */
    struct gyre_stream *stream; /* NULL when idle */
    struct gyre_caller caller;  /* in stream->writers, then stream->told */
    struct gyre_pieces left;
    size_t taken; /* bytes, so far */
    bool waits;   /* its job is the stream's to start */
    bool over;    /* all but the telling */
    int err;
    struct gyre_job job;
};

#pragma GCC visibility push(default)

/*
 * Write the bytes of `n` pieces to `s`, when those who came before have written
 * theirs.  Whatever comes of it is told by `written`.  By a callback or a task,
 * cancelled or not: it is no cancel point.  One system call at most.
 */
void gyre_writing_start(struct gyre_writing *w, struct gyre_stream *s,
                        const struct iovec *iov, int n);

/*
 * Write no more of it, and do not tell.  Returns how many bytes were taken: if
 * they are some and not all, the writing half is broken, as when gyre_writev
 * fails.  An idle one is left alone, and that is 0.  O(1).
 */
size_t gyre_writing_stop(struct gyre_writing *w);

/* True from gyre_writing_start until it is stopped or about to be told, or the
   stream is closed. */
bool gyre_writing_started(const struct gyre_writing *w);

/* How many bytes were taken so far, of the latest start. */
size_t gyre_writing_taken(const struct gyre_writing *w);

/*
 * The first of the writings of `s` that are started, or NULL.  gyre_close makes
 * them idle, and tells nobody, as is the way of all that stops something; whose
 * memory is to be freed then is taken back before:
 *
 *      while ((w = gyre_stream_writing(s)) != NULL) {
 *          gyre_writing_stop(w);
 *          free(w);
 *      }
 *      gyre_close(s);
 */
struct gyre_writing *gyre_stream_writing(struct gyre_stream *s);

#pragma GCC visibility pop

#endif
