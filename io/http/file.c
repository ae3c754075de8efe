/*
 * file.c - replies that are files, or parts of them.
 *
 * A file is known to its clients by its size and the time it was changed: its
 * ETag says both, so they ask again only for what is new (RFC 9110, 13).
 * Ranges are served if there is one; several at once would be an answer in
 * parts, which nobody needs who can ask twice, and the whole file is a correct
 * answer (14.2).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/http/beneath.h"
#include "io/http/escape.h"
#include "io/http/exchange.h"
#include "io/http/internal.h"
#include "io/http/mime.h"

enum { SMALL = 16384 /* bytes of a file that are sent with its head */ };

#define INDEX "index.html"

static struct gyre_span field(const struct gyre_http_request *r,
                              const char *name)
{
    return gyre_http_field_find(r->head.fields, r->head.field_count, name);
}

/* ---- what the client has ---- */

static void write_etag(char *out, size_t n, const struct stat *st)
{
    snprintf(out, n, "\"%llx-%llx\"", (unsigned long long)st->st_mtime,
             (unsigned long long)st->st_size);
}

/* Is `etag` among those listed?  Weak ones count as they are (13.1.2). */
static bool lists_etag(struct gyre_span list, const char *etag)
{
    struct gyre_span one;

    while (gyre_span_next(&list, &one)) {
        if (one.length > 2 && memcmp(one.at, "W/", 2) == 0)
            one = gyre_span_from(one.at + 2, one.length - 2);
        if (gyre_span_equals(one, gyre_span_of(etag)) ||
            gyre_span_equals(one, gyre_span_of("*")))
            return true;
    }
    return false;
}

static bool changed_since(struct gyre_span date, const struct stat *st)
{
    int64_t seconds;

    return gyre_http_date_read(date, (int64_t)time(NULL), &seconds) != 0 ||
           st->st_mtime > seconds;
}

static bool is_get(const struct gyre_http_request *r)
{
    return gyre_span_equals(r->head.method, gyre_span_of("GET"));
}

/* Has the client got this very file already?  Only who asks for it may say
   so. */
static bool has_it(struct gyre_http_request *r, const struct stat *st,
                   const char *etag)
{
    struct gyre_span tags = field(r, "If-None-Match");
    struct gyre_span since = field(r, "If-Modified-Since");

    if (!is_get(r) && !gyre_http_is_head(r))
        return false;
    if (tags.at != NULL)
        return lists_etag(tags, etag);
    return since.at != NULL && !changed_since(since, st);
}

/* ---- ranges ---- */

/* Does the client want its range of this file only, and is it another? */
static bool range_of_another(struct gyre_http_request *r, const struct stat *st,
                             const char *etag)
{
    struct gyre_span condition = field(r, "If-Range");
    int64_t seconds;

    if (condition.at == NULL)
        return false;
    if (condition.length > 0 && condition.at[0] == '"')
        return !gyre_span_equals(condition, gyre_span_of(etag));
    return gyre_http_date_read(condition, (int64_t)time(NULL), &seconds) != 0 ||
           seconds != st->st_mtime;
}

/* A number of digits alone; -1 for none, INT64_MAX for one that is larger. */
static int64_t number(struct gyre_span s)
{
    uint64_t value;

    if (s.length == 0 || !gyre_http_is_digit(s.at[0]))
        return -1;
    if (gyre_http_decimal(s, INT64_MAX, &value) == 0)
        return (int64_t)value;
    for (size_t i = 0; i < s.length; i++) {
        if (!gyre_http_is_digit(s.at[i]))
            return -1;
    }
    return INT64_MAX;
}

/* What a range of `size` bytes asks for. */
enum asked {
    ASKED_ALL, /* or what we do not understand: the same */
    ASKED_PART,
    ASKED_BEYOND
};

/* "5-9", "5-", "-5", of a file of `size` bytes. */
static enum asked read_range(struct gyre_span s, int64_t size, int64_t *from,
                             int64_t *length)
{
    const char *dash = memchr(s.at, '-', s.length);
    size_t before = dash != NULL ? (size_t)(dash - s.at) : 0;
    int64_t first, last;

    if (dash == NULL || memchr(s.at, ',', s.length) != NULL)
        return ASKED_ALL;
    first = number(gyre_span_from(s.at, before));
    last = number(gyre_span_from(dash + 1, s.length - before - 1));
    if ((first < 0 && (before > 0 || last < 0)) ||
        (last < 0 && before + 1 < s.length) || (last >= 0 && first > last))
        return ASKED_ALL;
    if (first >= size || (first < 0 && (last == 0 || size == 0)))
        return ASKED_BEYOND;
    if (first < 0)
        first = last < size ? size - last : 0, last = size - 1;
    if (last < 0 || last >= size)
        last = size - 1;
    *from = first;
    *length = last - first + 1;
    return ASKED_PART;
}

static enum asked asked_range(struct gyre_http_request *r,
                              const struct stat *st, const char *etag,
                              int64_t *from, int64_t *length)
{
    static const char unit[] = "bytes=";
    struct gyre_span s = field(r, "Range");

    if (!is_get(r) || s.at == NULL || s.length < sizeof unit ||
        !gyre_span_equals_nocase(gyre_span_from(s.at, sizeof unit - 1),
                                 gyre_span_of(unit)) ||
        range_of_another(r, st, etag))
        return ASKED_ALL;
    s = gyre_span_from(s.at + sizeof unit - 1, s.length - (sizeof unit - 1));
    return read_range(gyre_span_trim(s), st->st_size, from, length);
}

/* ---- the reply ---- */

static int describe(struct gyre_http_request *r, const struct stat *st,
                    const char *etag)
{
    char date[GYRE_HTTP_DATE_SIZE];
    int err = gyre_http_set_header(r, "ETag", etag);

    gyre_http_date_write(date, st->st_mtime);
    if (err == 0)
        err = gyre_http_set_header(r, "Last-Modified", date);
    if (err == 0)
        err = gyre_http_set_header(r, "Accept-Ranges", "bytes");
    return err;
}

/* Record `length` bytes of the file `fd`, from `from`; it is taken over. */
static int record(struct gyre_http_request *r, int status, int fd, int64_t from,
                  int64_t length)
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

static int record_part(struct gyre_http_request *r, int fd, int64_t from,
                       int64_t length, int64_t size)
{
    char text[80];
    int err;

    snprintf(text, sizeof text, "bytes %lld-%lld/%lld", (long long)from,
             (long long)(from + length - 1), (long long)size);
    err = gyre_http_set_header(r, "Content-Range", text);
    return err ? err : record(r, 206, fd, from, length);
}

static int answer_beyond(struct gyre_http_request *r, int64_t size)
{
    char text[40];
    int err;

    snprintf(text, sizeof text, "bytes */%lld", (long long)size);
    err = gyre_http_set_header(r, "Content-Range", text);
    return err ? err : gyre_http_reply(r, 416, NULL, 0);
}

/* Record the reply that the open file `fd` makes.  0 if it took `fd` over, 1 if
   it had no use for it, or an error. */
static int record_file(struct gyre_http_request *r, int fd,
                       const struct stat *st)
{
    int64_t from = 0, length = st->st_size;
    char etag[40];
    int err;

    write_etag(etag, sizeof etag, st);
    err = describe(r, st, etag);
    if (err)
        return err;
    if (has_it(r, st, etag)) {
        err = gyre_http_reply(r, 304, NULL, 0);
        return err ? err : 1;
    }
    switch (asked_range(r, st, etag, &from, &length)) {
    case ASKED_PART: return record_part(r, fd, from, length, st->st_size);
    case ASKED_BEYOND:
        err = answer_beyond(r, st->st_size);
        return err ? err : 1;
    default: return record(r, 200, fd, 0, st->st_size);
    }
}

static int reply_open_file(struct gyre_http_request *r, const char *name,
                           int fd, const struct stat *st)
{
    int err = record_file(r, fd, st);

    if (err == 0)
        r->type = gyre_http_mime(name);
    else
        close(fd);
    return err > 0 ? 0 : err;
}

int gyre_http_reply_file(struct gyre_http_request *r, const char *path)
{
    struct stat st = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return errno == ENOENT ? gyre_http_reply(r, 404, NULL, 0) : -errno;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return reply_open_file(r, path, fd, &st);
    close(fd);
    return S_ISDIR(st.st_mode) ? -EISDIR : -EACCES;
}

/* ---- directories ---- */

/*
 * A directory was asked for as if it were a file: its relative links would lead
 * astray, so the client is to ask again, with a slash.  The reference is
 * relative itself: a whole path that began with two slashes would name another
 * host.
 */
static int redirect_to_slash(struct gyre_http_request *r)
{
    struct gyre_buf url = {.allocator = r->arena.allocator};
    struct gyre_span path = r->head.path;
    size_t last = path.length;
    int err;

    while (last > 0 && path.at[last - 1] != '/')
        last--;
    if (last == path.length) /* it had one: its index is a directory, too */
        return 404;
    err = gyre_buf_append_string(&url, "./");
    if (err == 0)
        err = gyre_buf_append(&url, path.at + last, path.length - last);
    if (err == 0)
        err = gyre_buf_append(&url, "/", 2);
    if (err == 0)
        err = gyre_http_redirect(r, 301, url.at);
    gyre_buf_free(&url);
    return err;
}

static int answer_failure(struct gyre_http_request *r, int err)
{
    switch (err) {
    case -EISDIR: return redirect_to_slash(r);
    case -EACCES: return 403;
    case -ENOMEM:
    case -EMFILE:
    case -ENFILE: return 503;
    default: return 404;
    }
}

int gyre_http_reply_tail(struct gyre_http_request *r, int directory)
{
    struct gyre_span tail = r->match.params[r->match.param_count - 1].value;
    char *name = gyre_arena_take(&r->arena, tail.length + sizeof INDEX);
    struct stat st;
    ssize_t n;
    int fd;

    if (name == NULL)
        return -ENOMEM;
    n = tail.length > 0 ? gyre_url_file_name(name, tail) : 0;
    if (n < 0)
        return 404;
    if (n == 0 || name[n - 1] == '/')
        memcpy(name + n, INDEX, sizeof INDEX);
    fd = gyre_open_beneath(directory, name, &st);
    if (fd < 0)
        return answer_failure(r, fd);
    return reply_open_file(r, name, fd, &st);
}

/* ---- sending ---- */

/* Put a small file behind its head, so that they leave together. */
static int gather(struct gyre_http_request *r)
{
    while (r->file_left > 0) {
        char *room = gyre_buf_reserve(&r->out, (size_t)r->file_left);
        ssize_t n;

        if (room == NULL)
            return -ENOMEM;
        n = pread(r->file, room, (size_t)r->file_left, r->file_at);
        if (n <= 0)
            return n < 0 ? -errno : -ENODATA;
        gyre_buf_grow(&r->out, (size_t)n);
        r->file_at += n;
        r->file_left -= n;
    }
    return 0;
}

/* Send as much of it as has a time of its own; see gyre_http_flush. */
static int send_slice(struct gyre_http_request *r)
{
    size_t n =
        r->file_left < GYRE_HTTP_SLICE ? (size_t)r->file_left : GYRE_HTTP_SLICE;
    int err;

    if (r->connection->stream == NULL)
        return -EBADF;
    err = gyre_send_file(r->connection->stream, r->file, r->file_at, n,
                         gyre_http_write_deadline(r, n, GYRE_FOREVER));
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
    uint64_t length = (uint64_t)r->file_left;
    int err = length <= SMALL ? gather(r) : send_large(r);

    close(r->file);
    r->file = -1;
    if (err)
        return err;
    r->body_sent = length;
    r->kind = GYRE_HTTP_SENT;
    return 0;
}
