/*
 * save.c - an answer's body into a file, which is there once it is whole.
 *
 * The part is locked while somebody writes to it.  Who opened it before it was
 * put in its place, or taken away, and has the lock after that, has hold of
 * something else: so it is looked whether the name still means it.
 */
#include "io/http/client/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/buf.h"
#include "io/file/file.h"
#include "io/file/path.h"
#include "io/file/whole.h"
#include "io/http/date.h"
#include "io/http/internal.h"
#include "io/http/client/session.h"

enum {
    PIECE = 16384, /* bytes that are read and written at a time */
    NOTE = 16384   /* of what a part is, at most */
};

/* What ranges are of. */
#define UNIT "bytes "

/* How long taking away what is left may take, also when all is cancelled. */
#define PATIENCE (5 * GYRE_SECOND)

/* A saving under way. */
struct save {
    struct gyre_http_session *session;
    struct gyre_http_call *call;
    struct gyre_http_saving *saving;
    struct gyre_http_fields fields; /* the call's, and Range */
    struct gyre_buf part, of;       /* the names, with a NUL */
    struct gyre_buf url;            /* whole, and without a user */
    struct gyre_buf note;           /* "URL\nvalidator", with a NUL; or empty */
    struct gyre_span known;         /* the validator there, if there is a part
                                       that is good */
    int fd;                         /* of the part, locked */
    int64_t from;                   /* bytes of it that are good */
    gyre_time deadline;
};

/* ---- the part ---- */

static int put_name(struct gyre_buf *b, const char *path, const char *end)
{
    int err = gyre_buf_append_string(b, path);

    return err ? err : gyre_buf_append(b, end, strlen(end) + 1);
}

/* Is it still what its name means? */
static int check_part(struct save *s, struct stat *st)
{
    struct stat named;
    int err = gyre_file_stat(s->fd, st, s->deadline);

    if (err == 0)
        err = gyre_path_stat(s->part.at, 0, &named, s->deadline);
    if (err == -ENOENT)
        return -EBUSY;
    if (err == 0 && (named.st_ino != st->st_ino || named.st_dev != st->st_dev))
        return -EBUSY;
    return err;
}

static int open_part(struct save *s, struct stat *st)
{
    int err;

    s->fd = gyre_file_open(s->part.at, O_RDWR | O_CREAT | O_NOFOLLOW, 0666,
                           s->deadline);
    if (s->fd < 0)
        return s->fd;
    err = flock(s->fd, LOCK_EX | LOCK_NB) < 0 ? -EBUSY : check_part(s, st);
    if (err)
        (void)!gyre_file_close(s->fd, GYRE_NOW);
    return err;
}

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

/* How much of the part is good, and by what it is known: what was noted, if it
   is of the same URL.  A note that was damaged is like none. */
static int look_at_part(struct save *s, const struct stat *st)
{
    size_t n = s->url.length;
    int err = gyre_file_read_whole(s->of.at, &s->note, NOTE, s->deadline);
    struct gyre_span known;

    if (err == -ENOENT || err == -EMSGSIZE)
        return 0;
    if (err == 0)
        err = gyre_buf_append(&s->note, "", 1);
    if (err)
        return err;
    if (s->note.length < n + 2 || s->note.at[n] != '\n' ||
        memcmp(s->note.at, s->url.at, n) != 0)
        return 0;
    known = gyre_span_from(s->note.at + n + 1, s->note.length - n - 2);
    if (is_strong(known) || is_date(known)) {
        s->known = known;
        s->from = st->st_size;
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
static int forget(const struct save *s)
{
    int err = gyre_path_unlink(s->of.at, s->deadline);

    return err == -ENOENT ? 0 : err;
}

/* Note by what the file will be known, if that is sure, and of use. */
static int note(struct save *s, const struct gyre_http_response *r)
{
    struct gyre_span tag = validator(r);
    struct gyre_buf text = {.allocator = s->note.allocator};
    int err;

    if (tag.length == 0 || !s->saving->resume)
        return forget(s);
    err = gyre_buf_append(&text, s->url.at, s->url.length);
    if (err == 0)
        err = gyre_buf_append(&text, "\n", 1);
    if (err == 0)
        err = gyre_buf_append(&text, tag.at, tag.length);
    if (err == 0)
        err = gyre_file_replace(s->of.at, text.at, text.length, 0666,
                                s->deadline);
    gyre_buf_free(&text);
    return err;
}

/* ---- asking ---- */

/* Ask for what is behind the part, if the file is still the same. */
static int ask_for_rest(struct save *s)
{
    char range[40];
    int err;

    snprintf(range, sizeof range, "bytes=%lld-", (long long)s->from);
    err = gyre_http_fields_set(&s->fields, "Range", range);
    return err ? err
               : gyre_http_fields_set(&s->fields, "If-Range", s->known.at);
}

static bool is_number(struct gyre_span s, int64_t *n)
{
    uint64_t value;

    if (gyre_http_decimal(s, INT64_MAX, &value) < 0)
        return false;
    *n = (int64_t)value;
    return true;
}

/* Take a number, and `end` behind it, off the front of `s`. */
static bool take_number(struct gyre_span *s, char end, int64_t *n)
{
    const char *at = s->length > 0 ? memchr(s->at, end, s->length) : NULL;
    size_t length = at != NULL ? (size_t)(at - s->at) : 0;

    if (!is_number(gyre_span_from(s->at, length), n))
        return false;
    *s = gyre_span_from(s->at + length + 1, s->length - length - 1);
    return true;
}

/* Does Content-Range say that this is what was asked for?  `total` is how long
   all of it is, or -1 if nobody knows. */
static bool is_rest(const struct gyre_http_response *r, int64_t from,
                    int64_t *total)
{
    struct gyre_span s = gyre_http_response_header(r, "Content-Range");
    int64_t length = gyre_http_response_length(r), first, last;
    const size_t n = sizeof UNIT - 1;

    *total = -1;
    if (s.length < n || memcmp(s.at, UNIT, n) != 0)
        return false;
    s = gyre_span_from(s.at + n, s.length - n);
    if (!take_number(&s, '-', &first) || !take_number(&s, '/', &last) ||
        (!gyre_span_equals(s, gyre_span_of("*")) && !is_number(s, total)))
        return false;
    if (first != from || last < first || last == INT64_MAX ||
        (*total >= 0 && last >= *total))
        return false;
    return length < 0 || length == last - first + 1;
}

/* Does the answer say itself that it is of another file than the part?  Who
   knows ranges, but not If-Range, answers with those of any. */
static bool is_of_another(const struct save *s,
                          const struct gyre_http_response *r)
{
    struct gyre_span now = gyre_http_response_header(
        r, s->known.at[0] == '"' ? "ETag" : "Last-Modified");

    return now.at != NULL && !gyre_span_equals(now, s->known);
}

/* ---- the body ---- */

static int write_body(struct save *s, struct gyre_http_response *r)
{
    struct gyre_http_saving *to = s->saving;
    char piece[PIECE];
    ssize_t n;

    while ((n = gyre_http_response_read(r, piece, sizeof piece, s->deadline)) >
           0) {
        int err =
            gyre_file_write(s->fd, piece, (size_t)n, to->bytes, s->deadline);

        if (err)
            return err;
        to->bytes += n;
        if (to->came != NULL)
            err = to->came(to, (size_t)n);
        if (err)
            return err;
    }
    if (n == -ETIMEDOUT)
        s->call->timeout = gyre_http_response_timeout(r);
    return (int)n;
}

/* All of it comes: begin anew. */
static int begin_anew(struct save *s, const struct gyre_http_response *r)
{
    int err = gyre_file_truncate(s->fd, 0, s->deadline);

    s->from = 0;
    return err ? err : note(s, r);
}

/* Take the body, if there is one to be had.  1 if it is to be asked for once
   more, from its beginning. */
static int take(struct save *s, struct gyre_http_response *r, bool *whole)
{
    int status = gyre_http_status(r), err = 0;
    int64_t total = -1;

    s->saving->status = status;
    *whole = false;
    if (s->from > 0 &&
        (status == 416 || (status == 206 && is_of_another(s, r))))
        return 1;
    if (status == 206 && (s->from == 0 || !is_rest(r, s->from, &total)))
        return -EPROTO;
    if (status == 206 && total < 0) /* is that all there is? */
        return 1;
    if (status != 200 && status != 206)
        return 0;
    if (status == 200)
        err = begin_anew(s, r);
    s->saving->from = s->saving->bytes = s->from;
    if (err == 0)
        err = write_body(s, r);
    if (err == 0 && status == 206 && s->saving->bytes != total)
        err = -EPIPE;
    *whole = err == 0;
    return err;
}

static int ask(struct save *s, bool *whole)
{
    struct gyre_http_response *r;
    int err = s->from > 0 ? ask_for_rest(s) : 0;

    if (err == 0)
        err = gyre_http_call(s->session, s->call, &r, s->deadline);
    if (err)
        return err;
    err = take(s, r, whole);
    gyre_http_response_free(r);
    return err;
}

/* ---- the end ---- */

static int put_in_place(struct save *s)
{
    const char *path = s->saving->path;

    if (s->saving->replace)
        return gyre_path_rename(s->part.at, path, s->deadline);
    return gyre_path_rename_new(s->part.at, path, s->deadline);
}

/* What is not to stay goes, though all may be cancelled. */
static void take_away(struct save *s, bool part, bool of)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield, gyre_in(PATIENCE));
    if (part)
        (void)!gyre_path_unlink(s->part.at, GYRE_FOREVER);
    if (of)
        (void)!gyre_path_unlink(s->of.at, GYRE_FOREVER);
    (void)gyre_scope_close(&shield, 0);
}

static int run(struct save *s)
{
    struct gyre_http_saving *to = s->saving;
    bool whole = false, left, renamed;
    struct stat st;
    int err = open_part(s, &st);

    if (err)
        return err;
    if (to->resume && st.st_size > 0)
        err = look_at_part(s, &st);
    to->from = to->bytes = s->from;
    if (err == 0)
        err = ask(s, &whole);
    if (err == 1) {
        gyre_http_fields_remove(&s->fields, "Range");
        gyre_http_fields_remove(&s->fields, "If-Range");
        s->from = 0;
        err = ask(s, &whole);
    }
    if (whole)
        err = put_in_place(s);

    /* A part stays that one can go on with; one that was not touched, too. */
    left = to->resume && !whole && to->bytes > 0;
    renamed = whole && err == 0;
    take_away(s, !left && !renamed, !left);
    (void)!gyre_file_close(s->fd, GYRE_NOW);
    return err;
}

/* What a part is of: sessions may differ in what a URL means, and nobody who is
   in one is to be told to a file. */
static int name_url(struct save *s)
{
    struct gyre_http_fields user = {.text.allocator = s->url.allocator};
    int err =
        gyre_http_base_resolve(&s->session->base, s->call->url, &s->url, &user);

    gyre_http_fields_free(&user);
    return err;
}

static int begin(struct save *s)
{
    const char *path = s->saving->path;
    const struct gyre_http_fields *given = s->call->fields;
    int err = 0;

    if (given != NULL && gyre_http_fields_get(given, "Range").at != NULL)
        return -EINVAL;
    if (!s->saving->replace)
        err = gyre_path_access(path, F_OK, s->deadline);
    if (!s->saving->replace && err != -ENOENT)
        return err ? err : -EEXIST;
    err = name_url(s);
    if (err == 0)
        err = put_name(&s->part, path, ".part");
    if (err == 0)
        err = put_name(&s->of, path, ".part.of");
    if (err == 0 && given != NULL)
        err = gyre_buf_append(&s->fields.text, given->text.at,
                              given->text.length);
    return err;
}

int gyre_http_save(struct gyre_http_session *session,
                   struct gyre_http_call *call, struct gyre_http_saving *saving,
                   gyre_time deadline)
{
    struct gyre_allocator *a = gyre_loop_allocator(gyre_loop_current());
    const struct gyre_http_fields *given = call->fields;
    struct save s = {.session = session,
                     .call = call,
                     .saving = saving,
                     .fields.text.allocator = a,
                     .part.allocator = a,
                     .of.allocator = a,
                     .url.allocator = a,
                     .note.allocator = a,
                     .deadline = deadline};
    int err;

    saving->status = 0;
    saving->from = saving->bytes = 0;
    err = begin(&s);
    call->fields = &s.fields;
    if (err == 0)
        err = run(&s);
    call->fields = given;
    gyre_http_fields_free(&s.fields);
    gyre_buf_free(&s.part);
    gyre_buf_free(&s.of);
    gyre_buf_free(&s.url);
    gyre_buf_free(&s.note);
    return err;
}
