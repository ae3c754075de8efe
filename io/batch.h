/*
 * batch.h - many datagrams by one system call, where there is one for that.
 *
 * Private to io/, installed nowhere.  One file a system has it, as sys.h.  With
 * at least one datagram both return how many it was, at least 1, or -errno if
 * it went wrong with the first.  What went wrong behind those that were
 * received, if the system does not tell of it again, is in `*after`, else left
 * alone.
 *
 * `*bound` is the socket's, 0 at first: how short datagrams must be for the
 * system to be given many as one, and to divide that.
 */
#ifndef GYRE_IO_BATCH_H
#define GYRE_IO_BATCH_H

#include <stdint.h>

#include "io/datagram.h"

int gyre_batch_receive(int fd, struct gyre_datagram *m, int n, int *after);
int gyre_batch_send(int fd, const struct gyre_datagram *m, int n,
                    uint16_t *bound);

#endif
