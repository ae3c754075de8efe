/*
 * promises.h - what is promised of calls that fail, and scenarios to hold it
 * against.
 */
#ifndef TESTS_IO_PROMISES_H
#define TESTS_IO_PROMISES_H

#include <criterion/criterion.h>

#include <stdint.h>
#include <sys/types.h>

#include "tests/support/failing.h"

struct gyre_loop;

/* Are these the calls of a BSD?  The Makefile may choose those on Linux. */
#if defined __linux__ && !defined st_mtimespec
enum { OF_A_BSD = 0 };
#else
enum { OF_A_BSD = 1 };
#endif

/*
 * What the headers of io/ say of each error:
 *   - most are passed on, as they are;
 *   - EINTR is nobody's business, nor is EAGAIN, but that one waits;
 *   - -ETIMEDOUT is the deadline's, so the system's has another name;
 *   - a connection that could not be accepted is no reason not to accept the
 *     next, nor is a shortage, of which the failure hook is told;
 *   - no stack is to be had: -ENOMEM, whatever the system says;
 *   - what cannot be polled, and would block, cannot be waited for: -EPERM.
 */
struct promise io_promised(enum call c, int err);

/* Play `act` in the main task of a run, whose failure hook tells failing.h.
   The first that went wrong, or why the run failed, or 0. */
int play_in_run(void (*act)(void));

/* Play it without tasks: what `begin` starts in a loop, until the loop is
   stopped or nothing is awaited, and `end` gives up what is left. */
int play_in_loop(void (*begin)(struct gyre_loop *l),
                 void (*end)(struct gyre_loop *l));

/* If that is an error, and the first, it is what went wrong; but that something
   is cancelled follows from something else.  Returns it. */
intptr_t note_error(intptr_t result);

/* Has nothing gone wrong yet? */
bool went_well(void);

/* Is that what befalls a connection which is turned away, and has the hook been
   told?  Then who comes again must be let in. */
bool is_turned_away(int err);

/* That is worse than whatever went wrong before: something was left. */
void note_left(void);

/* The deadline of a call in a scenario: failing_patience() from now. */
gyre_time in_time(void);

/* The same of one that a thread makes: who does not wait for that leaves it to
   itself, with all that it has. */
gyre_time in_good_time(void);

#endif
