/*
 * trial.h - one run in a simulated world, and what it leaves behind.
 *
 * Private to task/, installed nowhere.  The world is made for the run and ends
 * with it, so what is left is the doing of the run: something started on the
 * loop, memory of the loop's allocator, descriptors.
 */
#ifndef GYRE_TASK_SIM_TRIAL_H
#define GYRE_TASK_SIM_TRIAL_H

#include <stddef.h>
#include <stdint.h>

struct gyre_injector;
struct gyre_probes;

/* Set what is to be run; zero the rest. */
struct gyre_trial {
    intptr_t (*fn)(void *arg);
    void *arg;
    uint64_t seed;                  /* of the loop */
    size_t stack_size;              /* as in gyre_run_options */
    struct gyre_probes *probes;     /* of the loop, or NULL */
    struct gyre_injector *injector; /* of the run, or NULL */

    intptr_t result; /* of the run */
    char left[160];  /* what it left, in words; "" if nothing */
};

/*
 * Does the environment say which number to try, GYRE_SEED=17 or the like?  True
 * with `n`, or false; -EINVAL, said on standard error, if that is no number.
 */
int gyre_trial_asked(const char *variable, uint64_t *n);

/* Run it.  0; -ENOTEMPTY if something is left; or why there is no world. */
int gyre_trial_run(struct gyre_trial *t);

#endif
