/*
 * faults.c - memory and descriptors that run out, and the books of both.
 *
 * The linker's --wrap sends every call of malloc from the binary's own objects
 * to __wrap_malloc, and leaves the true one under __real_malloc.  Descriptors
 * run out by a limit on their number, which the system sees to.
 */
#include "tests/support/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "loop/list.h"
#include "tests/support/calls.h"

enum { DESCRIPTORS = 1000 };

static atomic_long blocks;
static atomic_long asked;          /* times */
static atomic_long countdown = -1; /* allocations until the one that fails */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__real_mmap(void *at, size_t n, int protection, int flags, int fd,
                  off_t offset);
void *__wrap_mmap(void *at, size_t n, int protection, int flags, int fd,
                  off_t offset);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

/* True for the one that must fail.  From then on the countdown is below 0. */
static bool fails(void)
{
    atomic_fetch_add(&asked, 1);
    return atomic_load(&countdown) >= 0 && atomic_fetch_sub(&countdown, 1) == 0;
}

static void *count(void *p)
{
    if (p != NULL)
        atomic_fetch_add(&blocks, 1);
    return p;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : count(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
    if (fails())
        return NULL;
    return p == NULL ? count(__real_malloc(size)) : __real_realloc(p, size);
}

void __wrap_free(void *p)
{
    if (p != NULL)
        atomic_fetch_sub(&blocks, 1);
    __real_free(p);
}

long faults_blocks(void)
{
    return atomic_load(&blocks);
}

long faults_asked(void)
{
    return atomic_load(&asked);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

int faults_descriptors(void)
{
    int n = 0;

    for (int fd = 0; fd < DESCRIPTORS; fd++)
        n += is_open(fd);
    return n;
}

/* Let `n` more descriptors be opened; all of them for a negative `n`. */
static void limit_descriptors(int n)
{
    struct rlimit limit;
    int fd = 0;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    if (n >= 0) {
        while (n > 0 || is_open(fd))
            n -= !is_open(fd++);
        limit.rlim_cur = (rlim_t)fd;
    }
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* One run of `scenario`, which may fail with `error`; true if none is left. */
static bool clean(int (*scenario)(void), int error, int *result)
{
    long had_blocks = faults_blocks();
    int had_open = faults_descriptors(), open;

    *result = scenario();
    open = faults_descriptors();
    if ((*result == 0 || *result == error) && open == had_open &&
        faults_blocks() == had_blocks)
        return true;
    fprintf(stderr, "returned %d, and left %ld blocks and %d descriptors\n",
            *result, faults_blocks() - had_blocks, open - had_open);
    return false;
}

int faults_in_memory(int (*scenario)(void))
{
    for (int n = 0;; n++) {
        int result;
        bool ok, failed;

        atomic_store(&countdown, n);
        ok = clean(scenario, -ENOMEM, &result);
        failed = atomic_exchange(&countdown, -1) < 0;
        if (!ok || (!failed && result != 0)) {
            fprintf(stderr, "with allocation %d failing\n", n);
            return -1;
        }
        if (!failed)
            return n;
    }
}

int faults_in_descriptors(int (*scenario)(void))
{
    for (int n = 0; n < DESCRIPTORS; n++) {
        int result;
        bool ok;

        limit_descriptors(n);
        ok = clean(scenario, -EMFILE, &result);
        limit_descriptors(-1);
        if (!ok) {
            fprintf(stderr, "with room for %d descriptors\n", n);
            return -1;
        }
        if (result == 0)
            return n;
    }
    return -1;
}

static bool no_mapping;

void faults_in_mapping(bool failing)
{
    no_mapping = failing;
}

void *__wrap_mmap(void *at, size_t n, int protection, int flags, int fd,
                  off_t offset)
{
    if (calls_fails(CALL_MMAP))
        return MAP_FAILED;
    if (!no_mapping)
        return __real_mmap(at, n, protection, flags, fd, offset);
    errno = ENOMEM;
    return MAP_FAILED;
}

/* The size is noted before the block, in as much as keeps it aligned. */
union header {
    size_t size;
    max_align_t align;
};

static void *release(struct ledger *l, union header *h)
{
    l->blocks--;
    l->bytes -= h->size;
    free(h);
    return NULL;
}

void *faults_resize(struct gyre_allocator *a, void *p, size_t old, size_t size)
{
    struct ledger *l = GYRE_OWNER(a, struct ledger, base);
    union header *h = p == NULL ? NULL : (union header *)p - 1;

    l->calls++;
    if (old != (h == NULL ? 0 : h->size) || (h == NULL && size == 0))
        l->wrong = true;
    if (size == 0)
        return h == NULL ? NULL : release(l, h);
    h = realloc(h, sizeof *h + size);
    if (h == NULL)
        return NULL;
    l->blocks += p == NULL;
    l->bytes += size - old;
    h->size = size;
    return h + 1;
}
