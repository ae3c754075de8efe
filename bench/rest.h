/*
 * rest.h - what a socket did not take at once of an echo, for servers that make
 * their own calls.
 */
#ifndef BENCH_REST_H
#define BENCH_REST_H

#include <errno.h>
#include <string.h>

#include "bench/bench.h"

/* A zeroed one holds nothing. */
struct bench_rest {
    char *bytes; /* or NULL */
    size_t size;
    size_t left; /* bytes of that, its last */
};

/* Send as much as is taken: how much, or an error other than -EAGAIN. */
static inline ssize_t bench_send_some(int fd, const char *bytes, size_t n)
{
    size_t at = 0;

    while (at < n) {
        ssize_t sent = send(fd, bytes + at, n - at, MSG_NOSIGNAL);

        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent < 0)
            return -errno;
        at += (size_t)sent;
    }
    return (ssize_t)at;
}

/* Send what is left.  0; -EAGAIN: not all of it went; another error. */
static inline int bench_rest_flush(struct bench_rest *r, int fd)
{
    ssize_t sent;

    if (r->bytes == NULL)
        return 0;
    sent = bench_send_some(fd, r->bytes + r->size - r->left, r->left);
    if (sent < 0)
        return (int)sent;
    r->left -= (size_t)sent;
    if (r->left > 0)
        return -EAGAIN;
    free(r->bytes);
    r->bytes = NULL;
    return 0;
}

/* The same for `n` bytes that have come, while nothing is left: what is not
   taken at once is kept. */
static inline int bench_rest_send(struct bench_rest *r, int fd,
                                  const char *bytes, size_t n)
{
    ssize_t sent = bench_send_some(fd, bytes, n);

    if (sent < 0 || (size_t)sent == n)
        return sent < 0 ? (int)sent : 0;
    r->size = r->left = n - (size_t)sent;
    r->bytes = malloc(r->size);
    bench_require(r->bytes != NULL, "malloc");
    memcpy(r->bytes, bytes + sent, r->size);
    return -EAGAIN;
}

#endif
