/*
 * pollers.h - pollers to hold against their contract, and what to watch.
 */
#ifndef TESTS_LOOP_POLLERS_H
#define TESTS_LOOP_POLLERS_H

#include <criterion/criterion.h>

#include <stdbool.h>
#include <stddef.h>

#include "loop/poller.h"

/* A poller this build has, and a way to force what the system may not need. */
struct poller_kind {
    const char *name;
    int (*make)(struct gyre_poller **out);
};

extern const struct poller_kind poller_kinds[];
extern const size_t n_poller_kinds;

/*
 * Hold a fresh poller of each kind against `claim`, which must leave as many
 * descriptors open as it found.  `--verbose` tells which kind is at it.
 */
void each_poller(void (*claim)(struct gyre_poller *p));

/* A test that is run on a poller `p` of each kind. */
#define CLAIM(suite, name)                                                     \
    static void name(struct gyre_poller *p);                                   \
    Test(suite, name)                                                          \
    {                                                                          \
        each_poller(name);                                                     \
    }                                                                          \
    static void name(struct gyre_poller *p)

/* The same for what the simulation promises too, and the world's time and
   descriptors have no part in. */
void each_poller_and_simulation(void (*claim)(struct gyre_poller *p));

#define CLAIM_OF_ALL(suite, name)                                              \
    static void name(struct gyre_poller *p);                                   \
    Test(suite, name)                                                          \
    {                                                                          \
        each_poller_and_simulation(name);                                      \
    }                                                                          \
    static void name(struct gyre_poller *p)

/* Two ends that do not block; what is written to [1] is read from [0]. */
struct pair_kind {
    const char *name;
    void (*open)(int pair[2]);
};

void open_pipe(int pair[2]);
void open_unix(int pair[2]);
void open_tcp(int pair[2]);
void close_pair(int pair[2]);

extern const struct pair_kind pair_kinds[];
extern const size_t n_pair_kinds;

/* Hold a fresh pair of each kind against `claim`, which may close ends of it by
   close_end. */
void each_pair(struct gyre_poller *p,
               void (*claim)(struct gyre_poller *p, int pair[2]));
void close_end(int *fd);

/* Ask for `events` of `fd`, unset until now, under its number as the tag. */
void watch(struct gyre_poller *p, int fd, unsigned events);
void unwatch(struct gyre_poller *p, int fd, unsigned events);

/* What is told at once of `fd`, watched so, and of nothing else. */
unsigned told(struct gyre_poller *p, int fd);

/*
 * Wait until `fd` was told to be ready for all of `events`; returns what was
 * told until then.  The test fails if that takes 20 s.
 */
unsigned await_told(struct gyre_poller *p, int fd, unsigned events);

/* A time no test gets to. */
gyre_time far_off(struct gyre_poller *p);

/* Wait until `until`, with nothing to tell of; true if that time has come. */
bool waited_until(struct gyre_poller *p, gyre_time until);

void put(int fd, const char *bytes);
size_t drain(int fd);
void fill(int fd);

/* How many descriptors are open, of the first thousand. */
int count_open(void);

#endif
