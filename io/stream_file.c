/*
 * stream_file.c - files, written to streams.
 */
#include "io/stream.h"

#include <errno.h>
#include <unistd.h>

#include "io/patience.h"
#include "io/turn.h"

#define COPIED 8192 /* of a file, at a time: on a task's stack */

/* As files have it (io/file/job.c): of these two the codes are not the
   file's. */
static int reading_failed(int err)
{
    if (err == EAGAIN)
        return -EBUSY;
    return err == ETIMEDOUT ? -EIO : -err;
}

/* Read some of the file, and write it: as gyre_stream_ops.write. */
static ssize_t copy_file(struct gyre_stream *s, int file, off_t offset,
                         size_t n, gyre_time deadline)
{
    char some[COPIED];
    struct iovec iov = {.iov_base = some};
    ssize_t got;

    do
        got = pread(file, some, n < sizeof some ? n : sizeof some, offset);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return got < 0 ? reading_failed(errno) : 0;
    iov.iov_len = (size_t)got;
    return s->ops->write(s, &iov, 1, deadline);
}

static ssize_t send_some(struct gyre_stream *s, int file, off_t offset,
                         size_t n, gyre_time deadline)
{
    gyre_time until = gyre_stream_until(s, deadline);
    ssize_t sent = -ENOTSUP;

    if (s->ops->send_file != NULL)
        sent = s->ops->send_file(s, file, offset, n, until);
    if (sent == -ENOTSUP || sent == -EINVAL)
        sent = copy_file(s, file, offset, n, until);
    return sent;
}

int gyre_send_file(struct gyre_stream *s, int file, off_t offset, size_t n,
                   gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t sent = 0;
    size_t done = 0;
    int err = gyre_turn_wait(s, &c, deadline);

    if (err)
        return err;
    if (n == 0)
        return gyre_turn_end(s, &c, 0, false);
    while (done < n) {
        sent = send_some(s, file, offset + (off_t)done, n - done, deadline);
        if (sent <= 0 || c.sent_home)
            break;
        done += (size_t)sent;
    }
    if (sent == 0) /* the file is shorter: what was promised cannot come */
        return gyre_turn_end(s, &c, -ENODATA, true);
    if (sent == -EBADF) /* of the file; or we are sent home, and it is ours */
        sent = -EINVAL;
    return gyre_turn_end(s, &c, sent < 0 ? (int)sent : 0, done > 0);
}
