/*
 * forked.h - the child of a fork, and what it finds.
 */
#ifndef TESTS_SUPPORT_FORKED_H
#define TESTS_SUPPORT_FORKED_H

/* Fork; the child calls `finds`, which returns the number of the first thing
   that is wrong there, or 0, and says nothing to Criterion.  It is expected to
   be 0. */
void fork_and_expect(int (*finds)(void));

#endif
