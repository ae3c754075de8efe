/*
 * filter.h - one filter of a kqueue: its epoll instance, and its notes.
 */
#ifndef TESTS_SUPPORT_KQUEUE_FILTER_H
#define TESTS_SUPPORT_KQUEUE_FILTER_H

#include <stddef.h>
#include <sys/event.h>

enum filter_kind { READING, WRITING, URGENT, EXITING, CHANGING, FILTERS };

struct note;

struct filter {
    enum filter_kind kind;
    int epfd;
    struct note *notes; /* by descriptor */
    size_t room;
};

/* The kind of filter that `k` is about; FILTERS if there is none. */
enum filter_kind filter_kind(const struct kevent *k);

/* 0, or -1 with errno; then too it is to be closed. */
int filter_open(struct filter *f, enum filter_kind kind);
void filter_close(struct filter *f);

/* Add, delete, enable, or disable; 0 or an errno. */
int filter_change(struct filter *f, const struct kevent *k);

/* Descriptor `fd` is about to be closed. */
void filter_lose(struct filter *f, int fd);

/* Tell of what is ready, `room` at most; how many. */
int filter_collect(struct filter *f, struct kevent *events, int room);

/* Zeroed memory that is not malloc's, for a kernel's is not; or NULL. */
void *kernel_memory(size_t size);

/* As close, which is not what it was. */
int kernel_close(int fd);

#endif
