/*
 * dumped.h - a dump of the run, to be compared with what is expected.
 */
#ifndef TESTS_TASK_SHOW_DUMPED_H
#define TESTS_TASK_SHOW_DUMPED_H

#include "task/show/dump.h"

/* The latest dump, or what was said; masked. */
extern char dumped[32 * 1024];

/* Make one.  Addresses and places become `*`, lines with frames go. */
void dump(enum gyre_dump_format format);

/* What is written to standard error between the two, masked, is in `dumped`. */
void hear_begin(void);
void hear_end(void);

#define expect_dumped(text) cr_expect_str_eq(dumped, text)

#endif
