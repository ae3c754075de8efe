/*
 * fields.c - header fields that came, and those that will be sent.
 *
 * What will be sent is kept as it will be sent, "Name: value" and CRLF, line
 * behind line; writing a head is then one copy.  There are few lines, and
 * finding one among them is a walk: no peer can make it long.
 */
#include "io/http/fields.h"

#include <errno.h>

#include "io/http/internal.h"

struct gyre_span gyre_http_field_find(const struct gyre_http_field *fields,
                                      size_t n, const char *name)
{
    struct gyre_span wanted = gyre_span_of(name);

    for (size_t i = 0; i < n; i++)
        if (gyre_span_equals_nocase(fields[i].name, wanted))
            return fields[i].value;
    return gyre_span_of(NULL);
}

int gyre_http_field_only(const struct gyre_http_head *h, const char *name,
                         struct gyre_span *value)
{
    struct gyre_span wanted = gyre_span_of(name);
    int n = 0;

    *value = gyre_span_of(NULL);
    for (size_t i = 0; i < h->field_count; i++)
        if (gyre_span_equals_nocase(h->fields[i].name, wanted)) {
            *value = h->fields[i].value;
            n++;
        }
    return n > 1 ? -EPROTO : 0;
}

#define NAME(literal)                                                          \
    {                                                                          \
        literal, sizeof(literal) - 1                                           \
    }

/* Names that say whom a message is for, or where it or its connection ends. */
static bool is_ours(struct gyre_span name)
{
    static const struct gyre_span ours[] = {NAME("Content-Length"),
                                            NAME("Transfer-Encoding"),
                                            NAME("Connection"),
                                            NAME("Keep-Alive"),
                                            NAME("Trailer"),
                                            NAME("Upgrade"),
                                            NAME("Host")};

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (gyre_span_equals_nocase(name, ours[i]))
            return true;
    return false;
}

static int check(struct gyre_span name, struct gyre_span value)
{
    if (name.length == 0 || !gyre_http_all(name, GYRE_HTTP_TOKEN) ||
        is_ours(name) || !gyre_http_is_text(value))
        return -EINVAL;
    return 0;
}

/* The line of the text that begins at `start`, with its CRLF. */
static struct gyre_span line_at(const struct gyre_http_fields *f, size_t start)
{
    const char *at = f->text.at + start;
    const char *end = memchr(at, '\n', f->text.length - start);

    return gyre_span_from(at, (size_t)(end + 1 - at));
}

static bool is_named(struct gyre_span line, struct gyre_span name)
{
    return line.length > name.length && line.at[name.length] == ':' &&
           gyre_span_equals_nocase(gyre_span_from(line.at, name.length), name);
}

/* Drop the lines called `name` among the first `n` bytes of the text. */
static void drop(struct gyre_http_fields *f, struct gyre_span name, size_t n)
{
    size_t i = 0;

    while (i < n) {
        struct gyre_span line = line_at(f, i);
        size_t length = line.length;

        if (!is_named(line, name)) {
            i += length;
            continue;
        }
        memmove(f->text.at + i, line.at + length, f->text.length - i - length);
        gyre_buf_cut(&f->text, f->text.length - length);
        if (i < f->kept)
            f->kept -= length;
        n -= length;
    }
}

/* Append one line, whose parts are checked. */
static int add(struct gyre_http_fields *f, struct gyre_span name,
               struct gyre_span value)
{
    size_t room = GYRE_HTTP_FIELDS_MAX - f->text.length;
    size_t around = sizeof ": \r\n" - 1;
    char *to;

    if (name.length > room || value.length > room ||
        name.length + value.length + around > room)
        return -EMSGSIZE;
    to = gyre_buf_reserve(&f->text, name.length + value.length + around);
    if (to == NULL)
        return -ENOMEM;
    memcpy(to, name.at, name.length);
    memcpy(to + name.length, ": ", 2);
    memcpy(to + name.length + 2, value.at, value.length);
    memcpy(to + name.length + 2 + value.length, "\r\n", 2);
    gyre_buf_grow(&f->text, name.length + value.length + around);
    return 0;
}

int gyre_http_fields_add(struct gyre_http_fields *f, const char *name,
                         const char *value)
{
    struct gyre_span key = gyre_span_of(name);
    struct gyre_span text = gyre_span_trim(gyre_span_of(value));
    int err = check(key, text);

    return err ? err : add(f, key, text);
}

int gyre_http_fields_set(struct gyre_http_fields *f, const char *name,
                         const char *value)
{
    size_t before = f->text.length;
    int err = gyre_http_fields_add(f, name, value);

    /* The old goes once the new is in, so that an error changes nothing. */
    if (!err)
        drop(f, gyre_span_of(name), before);
    return err;
}

void gyre_http_fields_remove(struct gyre_http_fields *f, const char *name)
{
    drop(f, gyre_span_of(name), f->text.length);
}

static struct gyre_span get(const struct gyre_http_fields *f,
                            struct gyre_span wanted)
{
    struct gyre_span line;

    for (size_t i = 0; i < f->text.length; i += line.length) {
        line = line_at(f, i);
        if (is_named(line, wanted))
            return gyre_span_from(line.at + wanted.length + 2,
                                  line.length - wanted.length - 4);
    }
    return gyre_span_of(NULL);
}

struct gyre_span gyre_http_fields_get(const struct gyre_http_fields *f,
                                      const char *name)
{
    return get(f, gyre_span_of(name));
}

bool gyre_http_fields_have(const struct gyre_http_fields *f,
                           struct gyre_span name)
{
    return get(f, name).at != NULL;
}

bool gyre_http_next_line(struct gyre_span *rest, struct gyre_span *line,
                         struct gyre_span *name)
{
    const char *end, *colon;

    if (rest->length == 0)
        return false;
    end = (const char *)memchr(rest->at, '\n', rest->length) + 1;
    colon = memchr(rest->at, ':', rest->length);
    *line = gyre_span_from(rest->at, (size_t)(end - rest->at));
    *name = gyre_span_from(rest->at, (size_t)(colon - rest->at));
    *rest = gyre_span_from(end, rest->length - line->length);
    return true;
}

void gyre_http_fields_free(struct gyre_http_fields *f)
{
    f->kept = 0;
    gyre_buf_free(&f->text);
}
