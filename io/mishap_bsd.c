/*
 * mishap_bsd.c - what befell datagrams that were sent: there is no list of it.
 */
#include "io/mishap.h"

#include <errno.h>

int gyre_datagrams_hear_mishaps(struct gyre_datagrams *d)
{
    (void)d;
    return -ENOTSUP;
}

bool gyre_datagrams_mishap(struct gyre_datagrams *d, struct gyre_mishap *out,
                           void *buf, size_t n)
{
    (void)d;
    (void)out;
    (void)buf;
    (void)n;
    return false;
}
