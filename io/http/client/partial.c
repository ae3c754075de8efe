/*
 * partial.c - what there is of a file that is being saved, and by what it is
 * known.
 */
#include "io/http/client/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/file/file.h"
#include "io/file/path.h"
#include "io/file/whole.h"
#include "io/http/date.h"
#include "io/http/internal.h"

enum { NOTE = 16384 /* bytes of what a part is, at most */ };

/* How long taking away what is left may take, also when all is cancelled. */
#define PATIENCE (5 * GYRE_SECOND)

static int put_name(struct gyre_buf *b, const char *path, const char *end)
{
    int err = gyre_buf_append_string(b, path);

    return err ? err : gyre_buf_append(b, end, strlen(end) + 1);
}

int gyre_http_partial_init(struct gyre_http_partial *p, const char *path,
                           struct gyre_allocator *a)
{
    int err;

    *p = (struct gyre_http_partial){
        .part.allocator = a, .of.allocator = a, .note.allocator = a, .fd = -1};
    err = put_name(&p->part, path, ".part");
    return err ? err : put_name(&p->of, path, ".part.of");
}

void gyre_http_partial_free(struct gyre_http_partial *p)
{
    if (p->fd >= 0)
        (void)!gyre_file_close(p->fd, GYRE_NOW);
    gyre_buf_free(&p->part);
    gyre_buf_free(&p->of);
    gyre_buf_free(&p->note);
}

/* ---- the part ---- */

/* Lock it: is it still what its name means then? */
static int lock(struct gyre_http_partial *p, gyre_time deadline)
{
    struct stat st, named;
    int err = flock(p->fd, LOCK_EX | LOCK_NB) < 0 ? -EBUSY : 0;

    if (err == 0)
        err = gyre_file_stat(p->fd, &st, deadline);
    if (err == 0)
        err = gyre_path_stat(p->part.at, 0, &named, deadline);
    if (err == -ENOENT)
        return -EBUSY;
    if (err == 0 && (named.st_ino != st.st_ino || named.st_dev != st.st_dev))
        return -EBUSY;
    p->size = err == 0 ? st.st_size : 0;
    return err;
}

int gyre_http_partial_open(struct gyre_http_partial *p, gyre_time deadline)
{
    p->fd = gyre_file_open(p->part.at, O_RDWR | O_CREAT | O_NOFOLLOW, 0666,
                           deadline);
    return p->fd < 0 ? p->fd : lock(p, deadline);
}

void gyre_http_partial_remove(const struct gyre_http_partial *p, bool part,
                              bool of)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield, gyre_in(PATIENCE));
    if (part)
        (void)!gyre_path_unlink(p->part.at, GYRE_FOREVER);
    if (of)
        (void)!gyre_path_unlink(p->of.at, GYRE_FOREVER);
    (void)gyre_scope_close(&shield, 0);
}

/* ---- what it is known by ---- */

/* Is it an ETag that promises each byte? */
static bool is_strong(struct gyre_span tag)
{
    return tag.length >= 2 && tag.at[0] == '"' &&
           memchr(tag.at + 1, '"', tag.length - 1) == tag.at + tag.length - 1 &&
           gyre_http_is_text(tag);
}

static bool is_date(struct gyre_span date)
{
    int64_t seconds;

    return gyre_http_date_read(date, (int64_t)time(NULL), &seconds) == 0;
}

int gyre_http_partial_look(struct gyre_http_partial *p, struct gyre_span url,
                           gyre_time deadline)
{
    size_t n = url.length;
    int err = gyre_file_read_whole(p->of.at, &p->note, NOTE, deadline);
    struct gyre_span known;

    if (err == -ENOENT || err == -EMSGSIZE)
        return 0;
    if (err == 0)
        err = gyre_buf_append(&p->note, "", 1);
    if (err)
        return err;
    if (p->note.length < n + 2 || p->note.at[n] != '\n' ||
        memcmp(p->note.at, url.at, n) != 0)
        return 0;
    known = gyre_span_from(p->note.at + n + 1, p->note.length - n - 2);
    if (is_strong(known) || is_date(known)) {
        p->known = known;
        p->from = p->size;
    }
    return 0;
}

/* Was it sent later than in the second of its last change?  Otherwise that time
   may be one of two files (RFC 9110, 8.8.2.2). */
static bool is_past(struct gyre_span changed, struct gyre_span date)
{
    int64_t now = (int64_t)time(NULL), then, sent = now;

    if (gyre_http_date_read(changed, now, &then) < 0)
        return false;
    if (date.at != NULL && gyre_http_date_read(date, now, &sent) < 0)
        return false;
    return sent > then;
}

/* By what the file is known for sure; empty if by nothing. */
static struct gyre_span validator(const struct gyre_http_response *r)
{
    struct gyre_span tag = gyre_http_response_header(r, "ETag"), changed;

    if (tag.at != NULL)
        return is_strong(tag) ? tag : gyre_span_of(NULL);
    changed = gyre_http_response_header(r, "Last-Modified");
    return is_past(changed, gyre_http_response_header(r, "Date"))
               ? changed
               : gyre_span_of(NULL);
}

/* Nothing may be noted of what was there before: that is gone. */
static int forget(const struct gyre_http_partial *p, gyre_time deadline)
{
    int err = gyre_path_unlink(p->of.at, deadline);

    return err == -ENOENT ? 0 : err;
}

int gyre_http_partial_note(const struct gyre_http_partial *p,
                           struct gyre_span url,
                           const struct gyre_http_response *r,
                           gyre_time deadline)
{
    struct gyre_span tag = r != NULL ? validator(r) : gyre_span_of("");
    struct gyre_buf text = {.allocator = p->note.allocator};
    int err;

    if (tag.length == 0)
        return forget(p, deadline);
    err = gyre_buf_append(&text, url.at, url.length);
    if (err == 0)
        err = gyre_buf_append(&text, "\n", 1);
    if (err == 0)
        err = gyre_buf_append(&text, tag.at, tag.length);
    if (err == 0)
        err = gyre_file_replace(p->of.at, text.at, text.length, 0666, deadline);
    gyre_buf_free(&text);
    return err;
}

bool gyre_http_partial_differs(const struct gyre_http_partial *p,
                               const struct gyre_http_response *r)
{
    struct gyre_span now = gyre_http_response_header(
        r, p->known.at[0] == '"' ? "ETag" : "Last-Modified");

    return now.at != NULL && !gyre_span_equals(now, p->known);
}
