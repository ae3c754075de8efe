/*
 * multipart_head.c - what is said about a part of a form.
 *
 * Its strings are written to the reader's own text, one behind the other: each
 * is of bytes of the head that no other is of, so there is room.
 */
#include <errno.h>

#include "io/http/internal.h"
#include "io/http/multipart.h"
#include "io/http/params.h"

static void skip(struct gyre_span *s, size_t n)
{
    *s = gyre_span_from(s->at + n, s->length - n);
}

/* What is behind the last slash. */
static const char *base_name(const char *path)
{
    const char *base = path;

    for (; *path != '\0'; path++)
        if (*path == '/' || *path == '\\')
            base = path + 1;
    return strcmp(base, ".") == 0 || strcmp(base, "..") == 0 ? "" : base;
}

/* Write a string to `*to`, behind those that stand in `m->text`. */
static int put(const char **string, char **to, struct gyre_span value)
{
    if (*string != NULL)
        return -EPROTO;
    *string = *to;
    *to = gyre_http_param_write(*to, value) + 1;
    return 0;
}

static int read_disposition(struct gyre_multipart *m, char **to,
                            struct gyre_span value)
{
    struct gyre_span name, param;
    int more, err = 0;

    if (!gyre_span_equals_nocase(gyre_http_take_value(&value),
                                 gyre_span_of("form-data")))
        return -EPROTO;
    while (err == 0 && (more = gyre_http_next_param(&value, &name, &param))) {
        if (more < 0)
            return more;
        if (gyre_span_equals_nocase(name, gyre_span_of("name")))
            err = put(&m->name, to, param);
        else if (gyre_span_equals_nocase(name, gyre_span_of("filename")))
            err = put(&m->filename, to, param);
    }
    return err;
}

static int read_field(struct gyre_multipart *m, char **to,
                      struct gyre_span line)
{
    size_t n = gyre_http_prefix(line, GYRE_HTTP_TOKEN);
    struct gyre_span name = {line.at, n}, value;

    if (n == 0 || n == line.length || line.at[n] != ':' ||
        !gyre_http_is_text(line))
        return -EPROTO;
    value =
        gyre_span_trim(gyre_span_from(line.at + n + 1, line.length - n - 1));
    if (gyre_span_equals_nocase(name, gyre_span_of("Content-Disposition")))
        return read_disposition(m, to, value);
    if (gyre_span_equals_nocase(name,
                                gyre_span_of("Content-Transfer-Encoding")))
        return -EPROTO;
    if (!gyre_span_equals_nocase(name, gyre_span_of("Content-Type")))
        return 0;
    if (m->type != NULL)
        return -EPROTO;
    m->type = *to;
    memcpy(*to, value.at, value.length);
    *to += value.length;
    *(*to)++ = '\0';
    return 0;
}

int gyre_multipart_read_head(struct gyre_multipart *m, struct gyre_span lines)
{
    char *to = m->text;
    int err = 0;

    m->name = m->filename = m->type = NULL;
    while (err == 0 && lines.length > 0) {
        const char *end = memmem(lines.at, lines.length, "\r\n", 2);
        size_t n = (size_t)(end - lines.at);

        err = read_field(m, &to, gyre_span_from(lines.at, n));
        skip(&lines, n + 2);
    }
    if (err || m->name == NULL)
        return -EPROTO;
    if (m->filename != NULL)
        m->filename = base_name(m->filename);
    if (m->type == NULL)
        m->type = "text/plain";
    return 0;
}
