/*
 * base64.h - bytes as letters and back (RFC 4648, section 4).
 *
 * Pure, and strict: there is one text for any bytes, and what is another is
 * refused.  Neither call takes a time that depends on what the bytes are.
 */
#ifndef GYRE_IO_HTTP_BASE64_H
#define GYRE_IO_HTTP_BASE64_H

#include <stddef.h>
#include <sys/types.h>

#include "io/http/span.h"

/* What the text of `n` bytes takes, with its NUL. */
#define GYRE_BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

#pragma GCC visibility push(default)

/* Write the text of `n` bytes to `out`, of GYRE_BASE64_SIZE(n), with a NUL.
   Returns its length without that.  Cannot fail. */
size_t gyre_base64_encode(char *out, const void *bytes, size_t n);

/* Write to `out`, with room for text.length / 4 * 3, the bytes that `text` is
   of.  Returns how many; -EINVAL for other characters, blanks and ends of lines
   among them, padding that is missing or too much, and bits that are left. */
ssize_t gyre_base64_decode(void *out, struct gyre_span text);

#pragma GCC visibility pop

#endif
