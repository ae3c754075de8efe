/*
 * batch_bsd.c - many datagrams, one after the other.
 *
 * FreeBSD's recvmmsg is a loop in libc, and macOS has none.
 */
#include "io/batch.h"

#include "io/sys.h"

int gyre_batch_receive(int fd, struct gyre_datagram *m, int n)
{
    for (int i = 0; i < n; i++) {
        ssize_t got =
            gyre_sys_receive_from(fd, m[i].bytes, m[i].size, &m[i].addr);

        if (got < 0)
            return i > 0 ? i : (int)got;
        m[i].length = (size_t)got;
    }
    return n;
}

int gyre_batch_send(int fd, const struct gyre_datagram *m, int n)
{
    for (int i = 0; i < n; i++) {
        const struct gyre_addr *to = m[i].addr.length > 0 ? &m[i].addr : NULL;
        int err = gyre_sys_send_to(fd, m[i].bytes, m[i].size, to);

        if (err)
            return i > 0 ? i : err;
    }
    return n;
}
