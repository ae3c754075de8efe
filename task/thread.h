/*
 * thread.h - threads of the library's own.
 *
 * Private to task/ and what is above it, installed nowhere.
 */
#ifndef GYRE_TASK_THREAD_H
#define GYRE_TASK_THREAD_H

#include <pthread.h>
#include <stddef.h>

/*
 * Start a thread that takes no signals: they are for the program's own threads.
 * But a fault is the fault of the thread, and kills it unheard if it is
 * blocked.  -ENOMEM.
 */
int gyre_thread_start(pthread_t *thread, size_t stack_size,
                      void *(*run)(void *arg), void *arg);

/* The current thread is to be called gyre-`name`, in as much of it as the
   system keeps, if that keeps names at all. */
void gyre_thread_name(const char *name);

/* How many processors there are for this process: those it may run on, where
   the system tells, or else those that are on.  At least 1. */
unsigned gyre_thread_processors(void);

#endif
