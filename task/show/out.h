/*
 * out.h - a text on its way out, through a small buffer.
 *
 * Private to task/ and what is above it; installed nowhere.  Nothing here
 * allocates, so a text of any length gets out of a process that has no memory
 * left, and from a small stack.  After an error nothing more is written, so
 * that only the end need look.
 */
#ifndef GYRE_TASK_SHOW_OUT_H
#define GYRE_TASK_SHOW_OUT_H

#include <stddef.h>

/* Set `write`, zero the rest; embed it in whatever that needs. */
struct gyre_out {
    /* Take `n` bytes: 0, or an error. */
    int (*write)(struct gyre_out *o, const char *bytes, size_t n);

    /* private */
    int err; /* the first that there was */
    size_t n;
    char bytes[512];
};

/* One that goes to a descriptor. */
struct gyre_out_fd {
    struct gyre_out out;
    int fd;
};

/* Write to `fd`, which stays the caller's.  Waits, with the thread, where that
   would block. */
void gyre_out_init_fd(struct gyre_out_fd *o, int fd);

/* Add `text`, `n` bytes, or a formatted text that is never long: what does not
   fit into 160 bytes is cut off. */
void gyre_put(struct gyre_out *o, const char *text);
void gyre_put_bytes(struct gyre_out *o, const char *bytes, size_t n);
void gyre_put_format(struct gyre_out *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Add `text` as JSON and DOT want it between double quotes: control characters,
   and what would end it, are escaped; and what is no UTF-8, such as a character
   that was cut off, becomes U+FFFD, a byte each. */
void gyre_put_escaped(struct gyre_out *o, const char *text);

/* Write what is left.  0, or the first error that there was. */
int gyre_out_end(struct gyre_out *o);

#endif
