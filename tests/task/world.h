/*
 * world.h - a simulated world to hold claims in, and tasks to people it with.
 */
#ifndef TESTS_TASK_WORLD_H
#define TESTS_TASK_WORLD_H

#include <criterion/criterion.h>

#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "loop/sim.h"
#include "task/run/run.h"

#define MS GYRE_MILLISECOND

/*
 * A claim that is held in the main task of a simulated run; what follows its
 * name is Criterion's.  With GYRE_SEED in the environment the run takes another
 * order, in which a task that was spawned before a yield need not have run
 * after it: let_others_run() is to be called for that, between one spawn and
 * the next where those are to arrive in order.  Where the order is what is
 * claimed, `.init = in_order`.
 */
#define CLAIM(suite, name, ...)                                                \
    static void name(void);                                                    \
    Test(suite, name, ##__VA_ARGS__)                                           \
    {                                                                          \
        hold_in_task(name);                                                    \
    }                                                                          \
    static void name(void)

/*
 * A loop on a simulation, with books kept of failures nobody awaits, of memory
 * and of descriptors.
 */
struct world {
    struct gyre_sim *sim;
    struct gyre_loop *loop;
    struct gyre_failure_hook hook;
    int failures;    /* told of so far */
    int failure;     /* the latest */
    char failed[32]; /* and who it was */
    long blocks;
    int descriptors;
};

void world_open(struct world *w);

/* The seed of its loop: GYRE_SEED in the environment, or 0.  From now on it is
   0, for claims about an order, or about who has come how far after a yield. */
uint64_t world_seed(void);
void in_order(void);

/* Check that the loop has nothing started; and nothing to wait for. */
void world_expect_nothing_started(struct world *w);
void world_expect_idle(struct world *w);

/* And that all it took has been given back. */
void world_close(struct world *w);

/* Run fn(arg) in `w`, check that it left nothing, and return the result. */
intptr_t world_run(struct world *w, intptr_t (*fn)(void *arg), void *arg);

/* Run it in a world of its own. */
intptr_t simulate(intptr_t (*fn)(void *arg), void *arg);
void hold_in_task(void (*claim)(void));

/* A claim, and the task that holds it. */
struct claim {
    void (*hold)(void);
};

intptr_t hold_claim(void *claim);

/* Hold a claim in the main task of a real run, whose pools have so many threads
   each; 0: as many as usual.  All memory comes back, of threads left alone in
   their own time. */
void hold_for_real(void (*claim)(void), unsigned threads);

/* The world of the claim being held; and how long it has existed. */
extern struct world *world;
gyre_time elapsed(void);

/* An expectation that is met at no cost, for loops: Criterion's own are sent to
   another process, met or not.  `unmet` counts those that were not. */
#define must(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            unmet++;                                                           \
            cr_expect(condition);                                              \
        }                                                                      \
    } while (0)

extern int unmet;

/* Let the other tasks come as far as they can without any time passing. */
void let_others_run(void);

/* Do so until that holds: for what other threads, or the system, are about to
   do, of which nothing else could tell. */
#define wait_until(condition)                                                  \
    while (!(condition))                                                       \
    let_others_run()

/* Nothing comes of what was begun: the loop has asked the system many a
   time. */
void let_all_settle(void);

/* ---- a diary ---- */

/* Add a letter; compare with what is expected, and begin anew. */
void note(char c);
#define expect_notes(text)                                                     \
    do {                                                                       \
        cr_expect_str_eq(notes, text);                                         \
        notes[0] = '\0';                                                       \
    } while (0)

/* The same of tasks that had their turns in one pass: the letters are given in
   the order of their codes. */
#define expect_notes_in_any_order(text)                                        \
    do {                                                                       \
        sort_notes();                                                          \
        expect_notes(text);                                                    \
    } while (0)

void sort_notes(void);

extern char notes[256];

/* ---- tasks ---- */

/* What a task is to do: sleep, write its name down (in upper case, if it was
   cancelled), and end with `result`, or with the error. */
struct part {
    char name;      /* '\0' writes nothing */
    gyre_time span; /* 0: does not even sleep */
    intptr_t result;
};

intptr_t play(void *part);

/* For gyre_spawn; alive as long as the block it is called in. */
#define PLAY(name, span, result)                                               \
    play, &(struct part)                                                       \
    {                                                                          \
        name, span, result                                                     \
    }

/* Sleeps for so many nanoseconds. */
intptr_t nap(void *span);

#endif
