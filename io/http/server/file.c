/*
 * file.c - replies that are files, or parts of them.
 *
 * Which part, if any, is for conditions.c to say.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/http/server/exchange.h"
#include "io/http/mime.h"
#include "io/http/server/disk.h"
#include "io/http/server/internal.h"

enum { SMALL = 16384 /* bytes of a file that are sent with its head */ };

/* ---- the reply ---- */

/* Record `length` bytes of the file `fd`, from `from`; it is taken over if that
   returns 0. */
static int reply_bytes(struct gyre_http_request *r, int status, int fd,
                       int64_t from, int64_t length)
{
    int err = gyre_http_reply(r, status, NULL, 0);

    if (err)
        return err;
    r->kind = GYRE_HTTP_FILE;
    r->file = fd;
    r->file_at = from;
    r->file_left = length;
    return 0;
}

/* What the client may know the file by, when it asks again. */
static int describe(struct gyre_http_request *r, const struct stat *st,
                    const char *etag)
{
    char date[GYRE_HTTP_DATE_SIZE];
    int err = gyre_http_reply_field(r, "ETag", etag);

    gyre_http_date_write(date, st->st_mtime);
    if (err == 0)
        err = gyre_http_reply_field(r, "Last-Modified", date);
    if (err == 0)
        err = gyre_http_reply_field(r, "Accept-Ranges", "bytes");
    return err;
}

/* Which part of the file this is, or that there is no such part. */
static int describe_part(struct gyre_http_request *r, int64_t from,
                         int64_t length, int64_t size)
{
    char text[80];

    if (r->status == 206)
        snprintf(text, sizeof text, "bytes %lld-%lld/%lld", (long long)from,
                 (long long)(from + length - 1), (long long)size);
    else if (r->status == 416)
        snprintf(text, sizeof text, "bytes */%lld", (long long)size);
    else
        return 0;
    return gyre_http_reply_field(r, "Content-Range", text);
}

/* Record the reply that the open file `fd` makes, which is taken over. */
static int record(struct gyre_http_request *r, int fd, const struct stat *st)
{
    char etag[GYRE_HTTP_ETAG_SIZE];
    int64_t from, length;
    int status, err;

    gyre_http_etag(etag, st);
    status = gyre_http_wanted(r, st, etag, &from, &length);
    if (status == 200 || status == 206) {
        err = reply_bytes(r, status, fd, from, length);
        if (err)
            close(fd);
    } else {
        close(fd);
        err = gyre_http_reply(r, status, NULL, 0);
    }
    if (err == 0)
        err = describe(r, st, etag);
    return err ? err : describe_part(r, from, length, st->st_size);
}

int gyre_http_reply_open(struct gyre_http_request *r, const char *name, int fd,
                         const struct stat *st)
{
    int err = record(r, fd, st);

    if (err == 0 && r->kind == GYRE_HTTP_FILE)
        r->type = gyre_span_of(gyre_http_mime(name));
    return err;
}

int gyre_http_reply_file(struct gyre_http_request *r, const char *path)
{
    struct stat st;
    int fd = open(path, GYRE_BENEATH_FLAGS);

    fd = gyre_beneath_regular(fd < 0 ? -errno : fd, &st);
    if (fd == -ENOENT)
        return gyre_http_reply(r, 404, NULL, 0);
    return fd < 0 ? fd : gyre_http_reply_open(r, path, fd, &st);
}

/* ---- sending ---- */

/* Put a small file behind its head, so that they leave together; -EAGAIN if
   that takes a disk. */
static int gather(struct gyre_http_request *r)
{
    size_t length = (size_t)r->file_left, done = 0;
    char *room = gyre_buf_reserve(&r->out, length);

    if (room == NULL)
        return -ENOMEM;
    while (done < length) {
        ssize_t n = gyre_read_now(r->file, room + done, length - done,
                                  r->file_at + (int64_t)done);

        if (n <= 0)
            return n < 0 ? (int)n : -ENODATA;
        done += (size_t)n;
    }
    gyre_buf_grow(&r->out, length);
    r->body_sent = length;
    return 0;
}

/* Have the next `n` bytes of it in memory.  Where there is no thread to be had,
   whoever reads them waits for the disk: half a reply would be worse. */
static int fetch(struct gyre_http_request *r, size_t n)
{
    int err = gyre_disk_fetch(r->file, r->file_at, n, GYRE_FOREVER);

    return err == -EBUSY || err == -ENOMEM ? 0 : err;
}

/* Send as much of it as has a time of its own; see gyre_http_flush. */
static int send_slice(struct gyre_http_request *r)
{
    size_t n =
        r->file_left < GYRE_HTTP_SLICE ? (size_t)r->file_left : GYRE_HTTP_SLICE;
    int err = fetch(r, n);

    if (err)
        return err;
    if (r->connection->stream == NULL)
        return -EBADF;
    err = gyre_send_file(r->connection->stream, r->file, r->file_at, n,
                         gyre_http_write_deadline(r, n, GYRE_FOREVER));
    if (err == 0) {
        r->body_sent += n;
        gyre_http_server_of(r)->counts.bytes_out += n;
    }
    r->file_at += (int64_t)n;
    r->file_left -= (int64_t)n;
    return err;
}

static int send_large(struct gyre_http_request *r)
{
    int err = gyre_http_flush(r, GYRE_FOREVER);

    while (err == 0 && r->file_left > 0)
        err = send_slice(r);
    return err;
}

int gyre_http_send_file(struct gyre_http_request *r)
{
    int err = r->file_left <= SMALL ? gather(r) : -EAGAIN;

    if (err == -EAGAIN)
        err = send_large(r);

    close(r->file);
    r->file = -1;
    if (err == 0)
        r->kind = GYRE_HTTP_SENT;
    return err;
}
