/*
 * kevent.h - kevent(2), made again when it was interrupted.
 *
 * Private to loop/ and what is above it, installed nowhere: for what has a
 * kqueue.
 */
#ifndef GYRE_LOOP_KEVENT_H
#define GYRE_LOOP_KEVENT_H

struct kevent;
struct timespec;

/* As kevent, but for -errno; not to wait with, which an interruption ends. */
int gyre_kevent(int kq, const struct kevent *changes, int n,
                struct kevent *events, int room,
                const struct timespec *patience);

#endif
