/*
 * conditions.c - what a request for a file asks for, given what its client has.
 *
 * A file is known to its clients by its ETag, and by the time it was changed.
 * The ETag says which file it is, when it was changed, to the nanosecond, and
 * how long it is.  But a file that was changed a moment ago may be changed
 * again before the system's clock has moved on; so for a second it has a weak
 * one, which is good for "do you have it already" and not for putting parts
 * together (RFC 9110, 8.8.1).
 *
 * Conditions count for GET and HEAD alone.  Whoever replies to anything else
 * with a file has done what was asked by then, and 412 would be untrue.
 *
 * Ranges are served if there is one; several at once would be an answer in
 * parts, which nobody needs who can ask twice, and the whole file is a correct
 * answer (14.2).
 */
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "io/http/server/exchange.h"
#include "io/http/internal.h"
#include "io/http/server/internal.h"

static struct gyre_span field(const struct gyre_http_request *r,
                              const char *name)
{
    return gyre_http_field_find(r->head.fields, r->head.field_count, name);
}

static bool is_get(const struct gyre_http_request *r)
{
    return gyre_span_equals(r->head.method, gyre_span_of("GET"));
}

/* ---- the file's ---- */

/* May it be changed once more, and nobody could tell by the time? */
static bool is_young(const struct stat *st)
{
    return st->st_mtime >= (int64_t)time(NULL) - 1;
}

void gyre_http_etag(char out[GYRE_HTTP_ETAG_SIZE], const struct stat *st)
{
    const uint64_t parts[] = {(uint64_t)st->st_ino, (uint64_t)st->st_mtime,
                              (uint64_t)gyre_stat_nanoseconds(st),
                              (uint64_t)st->st_size};
    char *to = out;

    if (is_young(st)) {
        memcpy(to, "W/", 2);
        to += 2;
    }
    for (int i = 0; i < 4; i++) {
        *to++ = "\"-.-"[i];
        to = gyre_http_put_hex(to, parts[i]);
    }
    memcpy(to, "\"", 2);
}

static bool is_weak(struct gyre_span etag)
{
    return etag.length > 2 && memcmp(etag.at, "W/", 2) == 0;
}

/* Are these one (8.8.3.2)?  Strongly compared, weak ones are like none. */
static bool same_etag(struct gyre_span a, struct gyre_span b, bool strong)
{
    if (strong && (is_weak(a) || is_weak(b)))
        return false;
    if (is_weak(a))
        a = gyre_span_from(a.at + 2, a.length - 2);
    if (is_weak(b))
        b = gyre_span_from(b.at + 2, b.length - 2);
    return gyre_span_equals(a, b);
}

static bool is_in(struct gyre_span list, const char *etag, bool strong)
{
    struct gyre_span one;

    while (gyre_span_next(&list, &one)) {
        if (gyre_span_equals(one, gyre_span_of("*")) ||
            same_etag(one, gyre_span_of(etag), strong))
            return true;
    }
    return false;
}

/* Is it in the list that the fields called `name` make together (5.3)? */
static bool lists_etag(const struct gyre_http_request *r, const char *name,
                       const char *etag, bool strong)
{
    const struct gyre_http_field *f = r->head.fields;
    const struct gyre_http_field *end = f + r->head.field_count;

    for (; f < end; f++) {
        if (gyre_span_equals_nocase(f->name, gyre_span_of(name)) &&
            is_in(f->value, etag, strong))
            return true;
    }
    return false;
}

/* Was the file changed after `date`?  `otherwise`, if that is no date. */
static bool changed_since(struct gyre_span date, const struct stat *st,
                          bool otherwise)
{
    int64_t seconds;

    if (gyre_http_date_read(date, (int64_t)time(NULL), &seconds) != 0)
        return otherwise;
    return st->st_mtime > seconds;
}

/* ---- the conditions, in their order (13.2.2) ---- */

/* Is this a file that the client does not want to hear of? */
static bool is_another(const struct gyre_http_request *r, const struct stat *st,
                       const char *etag)
{
    struct gyre_span since = field(r, "If-Unmodified-Since");

    if (field(r, "If-Match").at != NULL)
        return !lists_etag(r, "If-Match", etag, true);
    return since.at != NULL && changed_since(since, st, false);
}

/* Has the client got this very file already? */
static bool has_it(const struct gyre_http_request *r, const struct stat *st,
                   const char *etag)
{
    struct gyre_span since = field(r, "If-Modified-Since");

    if (field(r, "If-None-Match").at != NULL)
        return lists_etag(r, "If-None-Match", etag, false);
    return since.at != NULL && !changed_since(since, st, true);
}

/* Does the client want its range of this file only, and is it another? */
static bool range_of_another(const struct gyre_http_request *r,
                             const struct stat *st, const char *etag)
{
    struct gyre_span condition = field(r, "If-Range");
    int64_t seconds;

    if (condition.at == NULL)
        return false;
    if (is_weak(condition) || memchr(condition.at, '"', condition.length))
        return !same_etag(condition, gyre_span_of(etag), true);
    return gyre_http_date_read(condition, (int64_t)time(NULL), &seconds) != 0 ||
           seconds != st->st_mtime || is_young(st);
}

/* ---- ranges ---- */

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

/* The last `n` bytes, or as many as there are. */
static enum asked suffix(int64_t n, int64_t size, int64_t *from,
                         int64_t *length)
{
    *length = n < size ? n : size;
    *from = size - *length;
    return ASKED_PART;
}

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
        return suffix(last, size, from, length);
    if (last < 0 || last >= size)
        last = size - 1;
    *from = first;
    *length = last - first + 1;
    return ASKED_PART;
}

static enum asked asked_range(const struct gyre_http_request *r,
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

int gyre_http_wanted(const struct gyre_http_request *r, const struct stat *st,
                     const char *etag, int64_t *from, int64_t *length)
{
    *from = 0;
    *length = st->st_size;
    if (!is_get(r) && !gyre_http_is_head(r))
        return 200;
    if (is_another(r, st, etag))
        return 412;
    if (has_it(r, st, etag))
        return 304;
    switch (asked_range(r, st, etag, from, length)) {
    case ASKED_PART: return 206;
    case ASKED_BEYOND: return 416;
    default: return 200;
    }
}
