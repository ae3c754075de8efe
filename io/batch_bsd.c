/*
 * batch_bsd.c - many datagrams, one by one.
 *
 * FreeBSD's recvmmsg is a loop in libc, and macOS has none.
 */
#include "io/batch.h"

#include <errno.h>

#include "io/sys.h"

int gyre_batch_receive(int fd, struct gyre_datagram *m, int n, int *after)
{
    for (int i = 0; i < n; i++) {
        ssize_t got =
            gyre_sys_receive_from(fd, m[i].bytes, m[i].size, &m[i].addr);

        if (got < 0 && i == 0)
            return (int)got;
        if (got < 0 && got != -EAGAIN)
            *after = (int)got;
        if (got < 0)
            return i;
        m[i].length = (size_t)got;
    }
    return n;
}

/* The first, for its own outcome is its own. */
int gyre_batch_send(int fd, const struct gyre_datagram *m, int n,
                    uint16_t *bound)
{
    const struct gyre_addr *to = m->addr.length > 0 ? &m->addr : NULL;
    int err = gyre_sys_send_to(fd, m->bytes, m->size, to);

    (void)n;
    (void)bound;
    return err ? err : 1;
}
