/*
 * partial.h - what there is of a file that is being saved, and by what it is
 * known: PATH.part, and PATH.part.of.
 *
 * Private to io/http/.  The part is locked while somebody writes to it.  Who
 * opened it before it was put in its place, or taken away, and has the lock
 * after that, has hold of something else: so it is looked whether the name
 * still means it.
 */
#ifndef GYRE_IO_HTTP_PARTIAL_H
#define GYRE_IO_HTTP_PARTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "timers/time.h"
#include "io/buf.h"
#include "io/http/span.h"
#include "io/http/client/response.h"

struct gyre_allocator;

struct gyre_http_partial {
    struct gyre_buf part, of; /* the names, with a NUL */
    struct gyre_buf note;     /* "URL\nvalidator", with a NUL; or empty */
    struct gyre_span known;   /* the validator there, if some is good */
    int fd;                   /* of the part; or -1 */
    int64_t size;             /* of the part, when it was opened */
    int64_t from;             /* bytes of it that are good */
};

/* Prepare that of what is to be at `path`: -ENOMEM; it is to be freed in any
   case. */
int gyre_http_partial_init(struct gyre_http_partial *p, const char *path,
                           struct gyre_allocator *a);
void gyre_http_partial_free(struct gyre_http_partial *p);

/* Open the part, and lock it.  -EBUSY if somebody else has it; as
   gyre_file_open. */
int gyre_http_partial_open(struct gyre_http_partial *p, gyre_time deadline)
    __attribute__((warn_unused_result));

/* How much of the part is good, and by what it is known: what was noted, if it
   is of `url`.  A note that was damaged is like none. */
int gyre_http_partial_look(struct gyre_http_partial *p, struct gyre_span url,
                           gyre_time deadline)
    __attribute__((warn_unused_result));

/* Note by what the file at `url` will be known that is answered, if that is
   sure; NULL if it is of no use.  Nothing stays of what was noted before. */
int gyre_http_partial_note(const struct gyre_http_partial *p,
                           struct gyre_span url,
                           const struct gyre_http_response *r,
                           gyre_time deadline)
    __attribute__((warn_unused_result));

/* Does the answer say itself that it is of another file than the part?  Who
   knows ranges, but not If-Range, answers with those of any. */
bool gyre_http_partial_differs(const struct gyre_http_partial *p,
                               const struct gyre_http_response *r);

/* Take away the part, and the note of it, though all may be cancelled. */
void gyre_http_partial_remove(const struct gyre_http_partial *p, bool part,
                              bool of);

#endif
