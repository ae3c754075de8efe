/*
 * multipart.c - reads forms with files, piece by piece.
 *
 * A delimiter is CRLF, two dashes, and the boundary, and belongs to none of the
 * parts.  Before the first one, and behind the head of a part, a line begins
 * without a CRLF of its own: there it is looked for without, too ("fresh").
 *
 *     PREAMBLE -> DELIMITED -> PADDED -> HEAD -> CONTENT -> DELIMITED ...
 *                     `-> EPILOGUE
 */
#include "io/http/multipart.h"

#include <errno.h>

#include "io/http/internal.h"
#include "io/http/params.h"

enum state {
    PREAMBLE,
    DELIMITED, /* right behind a delimiter */
    PADDED,    /* and behind blanks that may follow it */
    HEAD,
    CONTENT,
    EPILOGUE,
    FAILED
};

enum { MORE = 0, GO_ON = -1000 /* what comes next is not known yet */ };

static int fail(struct gyre_multipart *m, int err, const char *why)
{
    m->state = FAILED;
    m->why = why;
    m->err = err;
    return err;
}

static void skip(struct gyre_span *s, size_t n)
{
    *s = gyre_span_from(s->at + n, s->length - n);
}

/* ---- the boundary ---- */

static bool is_boundary(struct gyre_span s)
{
    static const char marks[] = "'()+_,-./:=? ";

    if (s.length == 0 || s.length > GYRE_MULTIPART_BOUNDARY ||
        s.at[s.length - 1] == ' ')
        return false;
    for (size_t i = 0; i < s.length; i++) {
        char c = gyre_http_lower(s.at[i]);

        if (!gyre_http_is_digit(c) && (c < 'a' || c > 'z') &&
            memchr(marks, c, sizeof marks - 1) == NULL)
            return false;
    }
    return true;
}

int gyre_multipart_begin(struct gyre_multipart *m,
                         struct gyre_span content_type)
{
    struct gyre_span form_data = gyre_span_of("multipart/form-data");
    struct gyre_span name, value, boundary = {0};
    int more;

    memset(m, 0, offsetof(struct gyre_multipart, delimiter));
    if (!gyre_span_equals_nocase(gyre_http_take_value(&content_type),
                                 form_data))
        return fail(m, -ENOTSUP, "it is no multipart/form-data");
    while ((more = gyre_http_next_param(&content_type, &name, &value)) > 0)
        if (gyre_span_equals_nocase(name, gyre_span_of("boundary"))) {
            if (boundary.at != NULL)
                return fail(m, -EPROTO, "a second boundary");
            boundary = value;
        }
    if (more < 0 || !is_boundary(boundary))
        return fail(m, -EPROTO, "it has no proper boundary");
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.at, boundary.length);
    m->length = 4 + boundary.length;
    m->fresh = true;
    return 0;
}

/* ---- delimiters ---- */

/* How many of the first bytes of `s` are as in the delimiter, from `from`. */
static size_t common(const struct gyre_multipart *m, size_t from,
                     struct gyre_span s)
{
    size_t n = 0;

    while (n < s.length && from + n < m->length &&
           s.at[n] == m->delimiter[from + n])
        n++;
    return n;
}

/*
 * How many of the first bytes of `text` are surely before a delimiter; `found`
 * is the length of the one that follows them, or 0 if there is none, or perhaps
 * the beginning of one.
 */
static size_t plain(const struct gyre_multipart *m, struct gyre_span text,
                    size_t *found)
{
    size_t i = 0;

    *found = 0;
    if (m->fresh) {
        size_t n = common(m, 2, text);

        if (n == m->length - 2)
            *found = n;
        if (n == m->length - 2 || n == text.length)
            return 0;
    }
    while (i < text.length) {
        const char *cr = memchr(text.at + i, '\r', text.length - i);
        size_t n;

        if (cr == NULL)
            return text.length;
        i = (size_t)(cr - text.at);
        n = common(m, 0, gyre_span_from(cr, text.length - i));
        if (n == m->length)
            *found = n;
        if (n == m->length || i + n == text.length)
            return i;
        /* No other can begin within what was alike, for only the first byte of
           a delimiter is a CR. */
        i += n;
    }
    return i;
}

static int pass_over(struct gyre_multipart *m, struct gyre_span *text)
{
    size_t found, n = plain(m, *text, &found);

    if (n > 0)
        m->fresh = false;
    skip(text, n + found);
    if (found == 0)
        return MORE;
    m->state = DELIMITED;
    return GO_ON;
}

static int content(struct gyre_multipart *m, struct gyre_span *text,
                   struct gyre_span *data)
{
    size_t found, n = plain(m, *text, &found);

    if (n > 0) {
        m->fresh = false;
        *data = gyre_span_from(text->at, n);
        return GYRE_MULTIPART_DATA;
    }
    if (found == 0)
        return MORE;
    skip(text, found);
    m->state = DELIMITED;
    return GYRE_MULTIPART_PART_END;
}

static int delimited(struct gyre_multipart *m, struct gyre_span *text)
{
    if (text->length == 0)
        return MORE;
    m->state = PADDED;
    if (text->at[0] != '-')
        return GO_ON;
    if (text->length < 2) {
        m->state = DELIMITED;
        return MORE;
    }
    if (text->at[1] != '-')
        return fail(m, -EPROTO, "something behind a boundary");
    m->state = EPILOGUE;
    m->ended = true;
    return GO_ON;
}

static int padded(struct gyre_multipart *m, struct gyre_span *text)
{
    while (text->length > 0 && (text->at[0] == ' ' || text->at[0] == '\t'))
        skip(text, 1);
    if (text->length == 0 || (text->length == 1 && text->at[0] == '\r'))
        return MORE;
    if (text->at[0] != '\r' || text->at[1] != '\n')
        return fail(m, -EPROTO, "something behind a boundary");
    skip(text, 2);
    m->state = HEAD;
    m->searched = 0;
    return GO_ON;
}

/* ---- the head of a part ---- */

/* Where the empty line at the end of a head begins, or NULL. */
static const char *head_end(struct gyre_multipart *m, struct gyre_span text)
{
    size_t from = m->searched > 3 ? m->searched - 3 : 0;
    const char *end;

    if (text.length >= 2 && memcmp(text.at, "\r\n", 2) == 0)
        return text.at;
    m->searched = text.length;
    if (text.length <= from)
        return NULL;
    end = memmem(text.at + from, text.length - from, "\r\n\r\n", 4);
    return end != NULL ? end + 2 : NULL;
}

static int head(struct gyre_multipart *m, struct gyre_span *text)
{
    const char *end = head_end(m, *text);
    size_t n = end != NULL ? (size_t)(end - text->at) : text->length;

    /* The CR of the empty line may be there already. */
    if (n > GYRE_MULTIPART_HEAD + (end == NULL))
        return fail(m, -EMSGSIZE, "the head of a part is too long");
    if (end == NULL)
        return MORE;
    if (m->parts++ == GYRE_MULTIPART_PARTS)
        return fail(m, -EMSGSIZE, "too many parts");
    if (gyre_multipart_read_head(m, gyre_span_from(text->at, n)) < 0)
        return fail(m, -EPROTO, "the head of a part is malformed");
    skip(text, n + 2);
    m->state = CONTENT;
    m->fresh = true;
    return GYRE_MULTIPART_PART;
}

/* ---- all of it ---- */

int gyre_multipart_next(struct gyre_multipart *m, struct gyre_span *text,
                        struct gyre_span *data)
{
    int next = GO_ON;

    while (next == GO_ON) {
        switch ((enum state)m->state) {
        case PREAMBLE: next = pass_over(m, text); break;
        case DELIMITED: next = delimited(m, text); break;
        case PADDED: next = padded(m, text); break;
        case HEAD: next = head(m, text); break;
        case CONTENT: next = content(m, text, data); break;
        case EPILOGUE:
            skip(text, text->length);
            next = MORE;
            break;
        case FAILED: next = m->err; break;
        }
    }
    return next;
}
