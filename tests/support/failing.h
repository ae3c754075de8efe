/*
 * failing.h - scenarios in which one system call after the other fails, with
 * each error that its manual page lists.
 */
#ifndef TESTS_SUPPORT_FAILING_H
#define TESTS_SUPPORT_FAILING_H

#include <stdbool.h>

#include "timers/time.h"
#include "tests/support/calls.h"

/* What a scenario may come to when a call in it fails. */
struct promise {
    int error;   /* this, if it is not 0: -errno */
    int other;   /* or this */
    int told;    /* the failure hook hears this, whatever else it comes to */
    bool hidden; /* 0: nobody need know */
    bool late;   /* -ETIMEDOUT: it waits, for what a kernel would tell of, or
                    for what fails for good to be over */
};

struct scenario {
    /* Plays it: 0, or what went wrong first.  Takes no longer than
       failing_patience() for any of it. */
    int (*play)(void);

    /* What is promised of a call that fails with `err`. */
    struct promise (*promised)(enum call c, int err);

    /* After the first time it is one error of each kind of promise, for
       scenarios that take long. */
    bool brief;
};

/* How long to wait for anything: until the deadline passes if it may, and else
   for so long that it does not. */
gyre_time failing_patience(void);

/* What the failure hook is told: the first of it, since the play began. */
void failing_tell(int err);
int failing_told(void);

/*
 * Play `s` with the first `c` in it failing, the second, and so on until it
 * gets through; with each error of its page, once, and once from then on for
 * good if nothing is to be repeated until it does not fail.  Each time it must
 * come to what is promised, have made no more calls than a scenario can, and
 * leave no block of memory and no descriptor.  Returns how many calls were made
 * to fail, or -1 after saying of each that did not do so what went wrong.
 */
int fails_cleanly(const struct scenario *s, enum call c);

/* The same where it can do without `spare` of the calls: the failures of these,
   and of no fewer, are hidden. */
int fails_cleanly_but(const struct scenario *s, enum call c, int spare);

/* The same where it is for the time to tell how many these are: `most`, or
   fewer. */
int fails_cleanly_but_up_to(const struct scenario *s, enum call c, int most);

#endif
