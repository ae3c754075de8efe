/*
 * paper.h - something to write on, and read afterwards.
 */
#ifndef TESTS_TASK_SHOW_PAPER_H
#define TESTS_TASK_SHOW_PAPER_H

/* A descriptor to write to, anew: one at a time. */
int paper(void);

/* What was written since, as text; good until the next call. */
const char *read_paper(void);

#endif
