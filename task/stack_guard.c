/*
 * stack_guard.c - what lies below a stack, and faults when it is touched.
 *
 * MADV_GUARD_INSTALL marks page table entries: the mapping is not split, and
 * the marks survive MADV_DONTNEED.  Whether a kernel has it cannot be learnt
 * from its answer alone: emulators return 0 and do nothing.  So the first guard
 * is put to the test by MADV_POPULATE_READ, which must fail with EFAULT.  On a
 * locked mapping (mlockall) guards are refused; that stack, too, gets its guard
 * from mprotect.
 *
 * A call for each guard would be a sixth of what a stack costs that is new; so
 * they are made sixteen at a time, ahead of the stacks, if the kernel lets a
 * process advise itself.
 */
#include "task/stack_guard.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* Linux has these by number, whatever the age of the headers. */
#ifdef MADV_NOHUGEPAGE
#include <sys/syscall.h>
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#endif

/* Stands for the process that asks, where a descriptor of one is expected. */
#define SELF (-10000)

enum { TOGETHER = 16 };

static bool install(char *gap, size_t size)
{
#ifdef MADV_GUARD_INSTALL
    return madvise(gap, size, MADV_GUARD_INSTALL) == 0;
#else
    (void)gap;
    (void)size;
    return false;
#endif
}

static bool is_guard(char *gap, size_t size)
{
#ifdef MADV_POPULATE_READ
    return madvise(gap, size, MADV_POPULATE_READ) != 0 && errno == EFAULT;
#else
    (void)gap;
    (void)size;
    return false;
#endif
}

static bool make(enum gyre_guard *mode, char *gap, size_t size)
{
    if (*mode != GYRE_GUARD_MPROTECT && install(gap, size)) {
        if (*mode != GYRE_GUARD_BEST)
            return true;
        if (is_guard(gap, size)) {
            *mode = GYRE_GUARD_TOGETHER;
            return true;
        }
    }
    if (*mode == GYRE_GUARD_BEST)
        *mode = GYRE_GUARD_MPROTECT;
    return mprotect(gap, size, PROT_NONE) == 0;
}

/* How many were made, from the first on: 0 where that cannot be done. */
static size_t install_together(char *first, size_t size, size_t stride,
                               size_t n)
{
#if defined(SYS_process_madvise) && defined(MADV_GUARD_INSTALL)
    struct iovec gaps[TOGETHER];
    long advised;

    if (n > TOGETHER)
        n = TOGETHER;
    for (size_t i = 0; i < n; i++)
        gaps[i] = (struct iovec){first + i * stride, size};
    advised =
        syscall(SYS_process_madvise, SELF, gaps, n, MADV_GUARD_INSTALL, 0);
    return advised > 0 ? (size_t)advised / size : 0;
#else
    (void)first;
    (void)size;
    (void)stride;
    (void)n;
    return 0;
#endif
}

size_t gyre_guards_make(enum gyre_guard *mode, char *first, size_t size,
                        size_t stride, size_t n)
{
    if (*mode == GYRE_GUARD_TOGETHER) {
        size_t made = install_together(first, size, stride, n);

        if (made > 0)
            return made;
        *mode = GYRE_GUARD_INSTALL;
    }
    return make(mode, first, size) ? 1 : 0;
}
