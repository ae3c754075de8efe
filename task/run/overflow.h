/*
 * overflow.h - a task that overflows its stack is named.
 *
 * Private to task/, installed nowhere.  What touches the guard of a stack gets
 * SIGSEGV or SIGBUS, and dies of it as ever; but while there are runs, a
 * handler of ours says first whose stack it was.  It is put up only where no
 * other stands: a program's own, or a sanitizer's, is left alone.
 */
#ifndef GYRE_TASK_OVERFLOW_H
#define GYRE_TASK_OVERFLOW_H

/* What a run has for it, in the frame that calls the loop.  It need not be
   zeroed, and had better not be. */
struct gyre_overflow {
    char room[32 * 1024]; /* the handler's, which needs one: if the thread had
                             none, this is its alternate stack */
};

/* Have overflows on this thread reported, until stopped by the same thread.
   Cannot fail: where it does not work, the process dies unreported.  In the
   child of a fork the runs of the parent are none of its own. */
void gyre_overflow_start(struct gyre_overflow *o);
void gyre_overflow_stop(struct gyre_overflow *o);

#endif
