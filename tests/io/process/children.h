/*
 * children.h - children to hold claims about.
 */
#ifndef TESTS_IO_PROCESS_CHILDREN_H
#define TESTS_IO_PROCESS_CHILDREN_H

#include <criterion/criterion.h>

#include "io/process/process.h"
#include "loop/loop.h"
#include "task/task.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

/* A claim that is held in a task of a real run, once with a descriptor for each
   child, and once with a thread for each. */
#define CLAIM_OF_CHILDREN(suite, name)                                         \
    static void name(void);                                                    \
    Test(suite, name)                                                          \
    {                                                                          \
        hold_of_children(name);                                                \
    }                                                                          \
    static void name(void)

void hold_of_children(void (*claim)(void));

/* The child at hand; closed by the claim. */
extern struct gyre_process child;

/* How it is made; zeroed at the beginning of each claim. */
extern struct gyre_process_options making;

/* Have a shell do that.  Its input is a pipe, and so is its output, but for
   what `making` says. */
void run_shell(const char *text);

/* It has ended so. */
void expect_code(int code);
void expect_signal(int number);

/* It says just that, and no more; or that, to begin with. */
void expect_said(const char *text);
void expect_line(const char *text);

/* A file without a name that says so, to be read from its beginning; and what
   it says by now. */
int make_file_saying(const char *text);
void expect_holds(int file, const char *text);

/* Close it: and nothing is left of it, very soon. */
void close_child(void);

/* Nothing is left of the child that had this number, very soon. */
void expect_reaped(pid_t pid);

#endif
