/*
 * escape.c - undoes and makes escapes.
 */
#include "io/http/escape.h"

#include <errno.h>

#include "io/http/internal.h"

/*
 * Take one byte off the front of `s`, an escape undone, or -EINVAL if that is
 * broken, or stands for NUL.
 */
static int take(struct gyre_span *s, bool form)
{
    int byte = (unsigned char)s->at[0];
    size_t n = 1;

    if (byte == '%') {
        int high = s->length > 2 ? gyre_http_hex(s->at[1]) : -1;
        int low = s->length > 2 ? gyre_http_hex(s->at[2]) : -1;

        byte = high < 0 || low < 0 ? -EINVAL : 16 * high + low;
        n = 3;
    } else if (byte == '+' && form) {
        byte = ' ';
    }
    if (byte <= 0)
        return -EINVAL;
    s->at += n;
    s->length -= n;
    return byte;
}

ssize_t gyre_url_unescape(char *out, struct gyre_span text, bool form)
{
    size_t n = 0;

    while (text.length > 0) {
        int byte = take(&text, form);

        if (byte < 0)
            return byte;
        out[n++] = (char)byte;
    }
    out[n] = '\0';
    return (ssize_t)n;
}

bool gyre_url_unescapes_to(struct gyre_span text, struct gyre_span plain,
                           bool form)
{
    for (size_t i = 0; i < plain.length; i++)
        if (text.length == 0 || take(&text, form) != (unsigned char)plain.at[i])
            return false;
    return text.length == 0;
}

int gyre_url_escape(struct gyre_buf *out, struct gyre_span text,
                    const char *keep)
{
    static const char digits[] = "0123456789ABCDEF";
    char *to;
    size_t n = 0;

    if (text.length > SIZE_MAX / 3)
        return -ENOMEM;
    to = gyre_buf_reserve(out, 3 * text.length);
    if (to == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (gyre_http_is((char)c, GYRE_HTTP_PLAIN) ||
            memchr(keep, c, strlen(keep)) != NULL) {
            to[n++] = (char)c;
        } else {
            to[n++] = '%';
            to[n++] = digits[c >> 4];
            to[n++] = digits[c & 15];
        }
    }
    gyre_buf_grow(out, n);
    return 0;
}

bool gyre_url_next_pair(struct gyre_span *query, struct gyre_span *name,
                        struct gyre_span *value)
{
    while (query->length > 0) {
        const char *end = memchr(query->at, '&', query->length);
        size_t n = end != NULL ? (size_t)(end - query->at) : query->length;
        const char *equals = memchr(query->at, '=', n);

        *name = gyre_span_from(query->at, n);
        *value = gyre_span_of(NULL);
        if (equals != NULL) {
            name->length = (size_t)(equals - query->at);
            *value = gyre_span_from(equals + 1, n - name->length - 1);
        }
        query->at += end != NULL ? n + 1 : n;
        query->length -= end != NULL ? n + 1 : n;
        if (n > 0)
            return true;
    }
    return false;
}

struct gyre_span gyre_url_find_pair(struct gyre_span query, const char *name)
{
    struct gyre_span wanted = gyre_span_of(name);
    struct gyre_span key, value;

    while (gyre_url_next_pair(&query, &key, &value))
        if (gyre_url_unescapes_to(key, wanted, true))
            return value.at != NULL ? value : gyre_span_of("");
    return gyre_span_of(NULL);
}

/* Whether a segment of a path may be the name of a file. */
static bool is_name(struct gyre_span s)
{
    if (s.length == 0 || gyre_span_equals(s, gyre_span_of(".")) ||
        gyre_span_equals(s, gyre_span_of("..")))
        return false;
    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.at[i];

        if (c < ' ' || c == 0x7f || c == '\\' || c == '/')
            return false;
    }
    return true;
}

/* Append the segment `escaped` to `out`.  Returns its length or -EINVAL. */
static ssize_t put_name(char *out, struct gyre_span escaped)
{
    ssize_t n = gyre_url_unescape(out, escaped, false);

    if (n < 0 || !is_name(gyre_span_from(out, (size_t)n)))
        return -EINVAL;
    return n;
}

ssize_t gyre_url_file_name(char *out, struct gyre_span path)
{
    ssize_t n = 0;

    out[0] = '\0';
    if (path.length > 0 && path.at[0] == '/') {
        path.at++;
        path.length--;
    }
    while (path.length > 0) {
        const char *slash = memchr(path.at, '/', path.length);
        size_t segment = slash ? (size_t)(slash - path.at) : path.length;
        ssize_t put = put_name(out + n, gyre_span_from(path.at, segment));

        if (put < 0)
            return put;
        n += put;
        if (slash != NULL)
            out[n++] = '/';
        out[n] = '\0';
        path.at += slash ? segment + 1 : segment;
        path.length -= slash ? segment + 1 : segment;
    }
    return n;
}
