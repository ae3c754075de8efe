/*
 * save.c - an answer's body into a file, which is there once it is whole.
 */
#include "io/http/client/save.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/buf.h"
#include "io/file/file.h"
#include "io/file/path.h"
#include "io/http/internal.h"
#include "io/http/client/partial.h"
#include "io/http/client/session.h"

enum { PIECE = 16384 /* bytes that are read and written at a time */ };

/* What ranges are of. */
#define UNIT "bytes "

/* A saving under way. */
struct save {
    struct gyre_http_session *session;
    struct gyre_http_call *call;
    struct gyre_http_saving *saving;
    struct gyre_http_fields fields; /* the call's, and Range */
    struct gyre_buf url;            /* whole, and without a user */
    struct gyre_http_partial partial;
    gyre_time deadline;
};

/* ---- asking ---- */

/* Ask for what is behind the part, if the file is still the same. */
static int ask_for_rest(struct save *s)
{
    const struct gyre_http_partial *p = &s->partial;
    char range[40];
    int err;

    snprintf(range, sizeof range, "bytes=%lld-", (long long)p->from);
    err = gyre_http_fields_set(&s->fields, "Range", range);
    return err ? err
               : gyre_http_fields_set(&s->fields, "If-Range", p->known.at);
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

/* ---- the body ---- */

static int write_body(struct save *s, struct gyre_http_response *r)
{
    struct gyre_http_saving *to = s->saving;
    char piece[PIECE];
    ssize_t n;

    while ((n = gyre_http_response_read(r, piece, sizeof piece, s->deadline)) >
           0) {
        int err = gyre_file_write(s->partial.fd, piece, (size_t)n, to->bytes,
                                  s->deadline);

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

/* All of it comes: begin anew.  Who will not go on with it needs no note. */
static int begin_anew(struct save *s, const struct gyre_http_response *r)
{
    struct gyre_span url = gyre_span_from(s->url.at, s->url.length);
    int err = gyre_file_truncate(s->partial.fd, 0, s->deadline);

    s->partial.from = 0;
    if (err)
        return err;
    return gyre_http_partial_note(&s->partial, url,
                                  s->saving->resume ? r : NULL, s->deadline);
}

/* Take the body, if there is one to be had.  1 if it is to be asked for once
   more, from its beginning. */
static int take(struct save *s, struct gyre_http_response *r, bool *whole)
{
    struct gyre_http_partial *p = &s->partial;
    int status = gyre_http_status(r), err = 0;
    int64_t total = -1;

    s->saving->status = status;
    *whole = false;
    if (p->from > 0 &&
        (status == 416 || (status == 206 && gyre_http_partial_differs(p, r))))
        return 1;
    if (status == 206 && (p->from == 0 || !is_rest(r, p->from, &total)))
        return -EPROTO;
    if (status == 206 && total < 0) /* is that all there is? */
        return 1;
    if (status != 200 && status != 206)
        return 0;
    if (status == 200)
        err = begin_anew(s, r);
    s->saving->from = s->saving->bytes = p->from;
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
    int err = s->partial.from > 0 ? ask_for_rest(s) : 0;

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
    const char *part = s->partial.part.at, *path = s->saving->path;

    if (s->saving->replace)
        return gyre_path_rename(part, path, s->deadline);
    return gyre_path_rename_new(part, path, s->deadline);
}

/* Ask, and once more from the beginning if need be. */
static int ask_for_all(struct save *s, bool *whole)
{
    int err = ask(s, whole);

    if (err != 1)
        return err;
    gyre_http_fields_remove(&s->fields, "Range");
    gyre_http_fields_remove(&s->fields, "If-Range");
    s->partial.from = 0;
    return ask(s, whole);
}

static int run(struct save *s)
{
    struct gyre_http_saving *to = s->saving;
    struct gyre_http_partial *p = &s->partial;
    bool whole = false, left, renamed;
    int err = gyre_http_partial_open(p, s->deadline);

    if (err)
        return err;
    if (to->resume)
        err = gyre_http_partial_look(
            p, gyre_span_from(s->url.at, s->url.length), s->deadline);
    to->from = to->bytes = p->from;
    if (err == 0)
        err = ask_for_all(s, &whole);
    if (whole)
        err = put_in_place(s);

    /* A part stays that one can go on with; one that was not touched, too. */
    left = to->resume && !whole && to->bytes > 0;
    renamed = whole && err == 0;
    gyre_http_partial_remove(p, !left && !renamed, !left);
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
    const struct gyre_http_fields *given = s->call->fields;
    int err = 0;

    if (given != NULL && gyre_http_fields_get(given, "Range").at != NULL)
        return -EINVAL;
    if (!s->saving->replace)
        err = gyre_path_access(s->saving->path, F_OK, s->deadline);
    if (!s->saving->replace && err != -ENOENT)
        return err ? err : -EEXIST;
    err = name_url(s);
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
                     .url.allocator = a,
                     .deadline = deadline};
    int err = gyre_http_partial_init(&s.partial, saving->path, a);

    saving->status = 0;
    saving->from = saving->bytes = 0;
    if (err == 0)
        err = begin(&s);
    call->fields = &s.fields;
    if (err == 0)
        err = run(&s);
    call->fields = given;
    gyre_http_fields_free(&s.fields);
    gyre_http_partial_free(&s.partial);
    gyre_buf_free(&s.url);
    return err;
}
