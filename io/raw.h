/*
 * raw.h - a system call of Linux, and nothing around it.
 *
 * Private to io/, installed nowhere.  For the calls that every message takes.
 * libc's functions for these are cancellation points of threads, and once a
 * process has two they take 30 instructions more, each time, to say so; and
 * syscall(2) takes 20, to move arguments from where functions have them to
 * where the kernel does.
 */
#ifndef GYRE_IO_RAW_H
#define GYRE_IO_RAW_H

#include <stddef.h>
#include <sys/syscall.h>

/* Make the call with these arguments, and 0 for a fifth and a sixth; return
   what the kernel does, which is negative errno on failure. */
#if defined(__x86_64__) && defined(__LP64__)

static inline long gyre_raw(long number, long a, const void *b, size_t c,
                            long d)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = 0;
    register long r9 __asm__("r9") = 0;

    __asm__ volatile("syscall"
                     : "+a"(number)
                     : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return number;
}

#elif defined(__aarch64__) && defined(__LP64__)

static inline long gyre_raw(long number, long a, const void *b, size_t c,
                            long d)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register const void *x1 __asm__("x1") = b;
    register size_t x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = 0;
    register long x5 __asm__("x5") = 0;

    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
}

#else

#include <errno.h>
#include <unistd.h>

static inline long gyre_raw(long number, long a, const void *b, size_t c,
                            long d)
{
    long result = syscall(number, a, b, c, d, 0L, 0L);

    return result < 0 ? -errno : result;
}

#endif

#endif
