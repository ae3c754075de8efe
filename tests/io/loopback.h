/*
 * loopback.h - claims held in a task of a real run, over the loopback network.
 */
#ifndef TESTS_IO_LOOPBACK_H
#define TESTS_IO_LOOPBACK_H

#include <criterion/criterion.h>

#include "io/stream.h"
#include "io/tcp.h"

/* A claim that is held in the main task of a run; it must leave no block of
   memory and no descriptor behind. */
#define CLAIM_ON_LOOPBACK(suite, name)                                         \
    static void name(void);                                                    \
    Test(suite, name)                                                          \
    {                                                                          \
        hold_on_loopback(name);                                                \
    }                                                                          \
    static void name(void)

void hold_on_loopback(void (*claim)(void));

/* A listener on a free port of 127.0.0.1, and that port. */
struct gyre_listener *listen_anywhere(int *port);

/* A port of 127.0.0.1 and of ::1 at which nobody listens, nor will, until the
   descriptor that is returned has been closed. */
int keep_port(int *port);

/* A connection: `ours` to `theirs`. */
void connect_pair(struct gyre_stream **ours, struct gyre_stream **theirs);

/* The same, with a plain blocking socket at the other end, to misbehave
   with. */
void connect_raw(struct gyre_stream **ours, int *theirs);

/* From here on failures that nobody awaits are written down. */
void hear_failures(void);

extern struct told {
    int times;
    int err; /* of the latest */
    gyre_time when;
    char what[64];
} told;

/* Receive from a plain socket, but let the loop run until there is something:
   the count, or -errno. */
ssize_t receive_raw(int fd, void *buf, size_t n);

/* Connect a plain blocking socket to that port of 127.0.0.1. */
int connect_to_port(int port);

/* Let no descriptor have that number or a higher one; -1: lift that. */
void limit_descriptors(int lowest);

/* Use up all descriptors there may be; and give them back. */
void use_up_descriptors(void);
void give_back_descriptors(void);

#endif
