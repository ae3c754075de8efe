/*
 * result.h - the one return channel: a value, or why there is none.
 *
 * Whatever can fail returns an error as a negative errno, in [-4095, -1], and
 * anything else is a number or a pointer.  What might compute a number in that
 * range uses storage of the caller's instead.
 */
#ifndef GYRE_LOOP_RESULT_H
#define GYRE_LOOP_RESULT_H

#include <stdbool.h>
#include <stdint.h>

/* Is `r` an error? */
static inline bool gyre_is_error(intptr_t r)
{
    return r < 0 && r >= -4095;
}

#pragma GCC visibility push(default)

/*
 * What the error `err` means, in words; "success" for what is no error.  For
 * the library's own codes it says what they mean here, for others what strerror
 * says, whose string is good until the next call.
 */
const char *gyre_strerror(int err);

#pragma GCC visibility pop

#endif
