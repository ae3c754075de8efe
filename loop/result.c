/*
 * result.c - errors in words.
 */
#include "loop/result.h"

#include <errno.h>
#include <string.h>

/* The library's own codes, each with the one meaning it has here. */
static const struct {
    int err;
    const char *words;
} own[] = {
    {-ECANCELED, "cancelled"},
    {-ETIMEDOUT, "timed out"},
    {-EPIPE, "the other side has ended"},
    {-EPROTO, "the other side broke the protocol"},
    {-EMSGSIZE, "too long"},
    {-EBUSY, "somebody else waits there already"},
    {-EBADF, "closed meanwhile"},
    {-EOWNERDEAD, "whoever had it has ended"},
    {-ECHILD, "no task is left to wait for"},
    {-ENOTSUP, "not supported here"},
    {-EDEADLK, "deadlock: nothing that is awaited can happen"},
    {-ENOTEMPTY, "something was left behind"},
    {-ENOMEM, "out of memory"},
};

const char *gyre_strerror(int err)
{
    if (err >= 0)
        return "success";
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (own[i].err == err)
            return own[i].words;
    }
    return strerror(-err);
}
