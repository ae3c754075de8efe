/*
 * whereabouts.h - what another thread is doing.
 *
 * Private to task/, installed nowhere.
 */
#ifndef GYRE_TASK_SHOW_WHEREABOUTS_H
#define GYRE_TASK_SHOW_WHEREABOUTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GYRE_WHEREABOUTS_FRAMES = 24 };

struct gyre_whereabouts {
    uint64_t task;  /* which has its turn; 0: none has */
    char name[120]; /* of it, or "" */
    uintptr_t fn;   /* what it runs */
    size_t n;       /* frames there are, the innermost first */
    const void *frames[GYRE_WHEREABOUTS_FRAMES];
};

/*
 * Ask `thread`, which must not end meanwhile, by SIGURG.  False if that is not
 * at its default, or if there is no answer for a second.  One asks at a time.
 */
bool gyre_whereabouts_ask(pthread_t thread, struct gyre_whereabouts *out);

#endif
