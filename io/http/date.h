/*
 * date.h - dates as HTTP writes them, for Date, Last-Modified and their kin.
 *
 * Neither the locale nor the time zone has a say, and no clock is read.
 */
#ifndef GYRE_IO_HTTP_DATE_H
#define GYRE_IO_HTTP_DATE_H

#include <stdint.h>

#include "io/http/span.h"

enum {
    GYRE_HTTP_DATE_SIZE = 30 /* "Sun, 06 Nov 1994 08:49:37 GMT" and a NUL */
};

#pragma GCC visibility push(default)

/* Write the time `seconds` after 1970 began, UTC.  One outside the years 0 to
   9999 is taken to their nearest end.  Cannot fail. */
void gyre_http_date_write(char out[GYRE_HTTP_DATE_SIZE], int64_t seconds);

/*
 * Read a date in the form above or one of the two it replaced, "Sunday,
 * 06-Nov-94 08:49:37 GMT" and "Sun Nov  6 08:49:37 1994".  Two digits are a
 * year at most fifty after that of `now`, which is in seconds too.  The day of
 * the week must be one, but is not checked against the date.  -EINVAL if it is
 * none of the three, or no date of the calendar.
 */
int gyre_http_date_read(struct gyre_span text, int64_t now, int64_t *seconds);

#pragma GCC visibility pop

#endif
