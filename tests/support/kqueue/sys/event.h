/*
 * sys/event.h - kqueue(2) for Linux, so that what is written for it can be run.
 *
 * As much of it as Gyre uses, with the limits told in ../kqueue.c.  The numbers
 * are those of FreeBSD and macOS.
 */
#ifndef TESTS_SUPPORT_KQUEUE_SYS_EVENT_H
#define TESTS_SUPPORT_KQUEUE_SYS_EVENT_H

#include <stdint.h>

struct timespec;

#define EVFILT_READ   (-1)
#define EVFILT_WRITE  (-2)
#define EVFILT_VNODE  (-4)
#define EVFILT_PROC   (-5)
#define EVFILT_EXCEPT (-15)

#define EV_ADD      0x0001
#define EV_DELETE   0x0002
#define EV_ENABLE   0x0004
#define EV_DISABLE  0x0008
#define EV_ONESHOT  0x0010
#define EV_CLEAR    0x0020
#define EV_RECEIPT  0x0040
#define EV_DISPATCH 0x0080
#define EV_ERROR    0x4000
#define EV_EOF      0x8000

#define NOTE_OOB    0x00000002u
#define NOTE_EXIT   0x80000000u
#define NOTE_DELETE 0x00000001u
#define NOTE_WRITE  0x00000002u
#define NOTE_EXTEND 0x00000004u
#define NOTE_ATTRIB 0x00000008u
#define NOTE_LINK   0x00000010u
#define NOTE_RENAME 0x00000020u
#define NOTE_REVOKE 0x00000040u

struct kevent {
    uintptr_t ident;
    short filter;
    unsigned short flags;
    unsigned fflags;
    intptr_t data;
    void *udata;
};

#define EV_SET(kev, ident_, filter_, flags_, fflags_, data_, udata_)           \
    (*(kev) = (struct kevent){.ident = (ident_),                               \
                              .filter = (filter_),                             \
                              .flags = (flags_),                               \
                              .fflags = (fflags_),                             \
                              .data = (data_),                                 \
                              .udata = (udata_)})

int kqueue(void);
int kevent(int kq, const struct kevent *changes, int nchanges,
           struct kevent *events, int nevents, const struct timespec *timeout);

#endif
