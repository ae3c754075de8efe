/*
 * head.c - reads the lines of a head.
 *
 * A line is looked at once, when its end has come.  Until then only its new
 * bytes are searched, for a line feed: so a head that trickles in costs no more
 * than one that comes whole, and the two cannot be read differently, for
 * nothing ever depends on where a read ended.
 *
 * Invariants:
 *   - line <= seen: data[line, seen) has no line feed;
 *   - the spans of lines before `line` point into `data`, and move with it;
 *   - a line that is read has its carriage return right behind it.
 */
#include "io/http/head.h"

#include <errno.h>
#include <string.h>

#include "io/http/internal.h"

enum { DEFAULT_LINE = 8190, DEFAULT_HEAD = 16384 };

enum { BEFORE_START, AT_START, IN_FIELDS };

void gyre_http_head_init(struct gyre_http_head *h, enum gyre_http_kind kind,
                         struct gyre_http_field *fields, size_t capacity,
                         const struct gyre_http_limits *limits)
{
    memset(h, 0, sizeof *h);
    h->kind = kind;
    h->fields = fields;
    h->capacity = capacity;
    if (limits != NULL)
        h->limits = *limits;
    if (h->limits.line == 0)
        h->limits.line = DEFAULT_LINE;
    if (h->limits.head == 0)
        h->limits.head = DEFAULT_HEAD;
    h->stage = kind == GYRE_HTTP_REQUEST ? BEFORE_START : AT_START;
}

int gyre_http_head_refuse(struct gyre_http_head *h, int answer, const char *why)
{
    h->answer = answer;
    h->why = why;
    h->err = answer == 414 || answer == 431 ? -EMSGSIZE : -EPROTO;
    return h->err;
}

static int refuse(struct gyre_http_head *h, int answer, const char *why)
{
    return gyre_http_head_refuse(h, answer, why);
}

/* `s`, which pointed into the buffer at `old`, in the one at `data`. */
static struct gyre_span moved(struct gyre_span s, const char *old,
                              const char *data)
{
    /* The old buffer may be freed: its addresses are numbers now. */
    size_t offset = (size_t)((uintptr_t)s.at - (uintptr_t)old);

    return s.at != NULL ? gyre_span_from(data + offset, s.length) : s;
}

/* Let the spans found so far point into `data`. */
static void follow(struct gyre_http_head *h, const char *data)
{
    if (h->data == data)
        return;
    h->method = moved(h->method, h->data, data);
    h->target = moved(h->target, h->data, data);
    h->reason = moved(h->reason, h->data, data);
    for (size_t i = 0; i < h->field_count; i++) {
        struct gyre_http_field *f = &h->fields[i];

        f->name = moved(f->name, h->data, data);
        f->value = moved(f->value, h->data, data);
    }
    h->data = data;
}

/* How many bytes of the class `class` a line begins with.  The carriage return
   behind the line is of none, so there is no need to count. */
static size_t run(struct gyre_span line, enum gyre_http_class class)
{
    const char *end = line.at;

    if (line.length >= GYRE_HTTP_GLANCE)
        end += gyre_http_leap(line, class);
    while (gyre_http_is(*end, class))
        end++;
    return (size_t)(end - line.at);
}

/* Take the bytes of the class `class` off the front of `line`, and the space
   that must follow; absent if it does not. */
static struct gyre_span word(struct gyre_span *line, enum gyre_http_class class)
{
    struct gyre_span s = {line->at, run(*line, class)};

    if (s.at[s.length] != ' ')
        return gyre_span_of(NULL);
    line->at += s.length + 1;
    line->length -= s.length + 1;
    return s;
}

static int read_version(struct gyre_http_head *h, struct gyre_span s)
{
    if (s.length != 8 || memcmp(s.at, "HTTP/", 5) != 0 || s.at[6] != '.' ||
        !gyre_http_is_digit(s.at[5]) || !gyre_http_is_digit(s.at[7]))
        return refuse(h, 400, "malformed version");
    if (s.at[5] != '1' || s.at[7] > '1')
        return refuse(h, 505, "neither HTTP/1.0 nor HTTP/1.1");
    h->minor = s.at[7] - '0';
    return 0;
}

static int read_request_line(struct gyre_http_head *h, struct gyre_span line)
{
    h->method = word(&line, GYRE_HTTP_TOKEN);
    if (h->method.length == 0)
        return refuse(h, 400, "malformed method");
    h->target = word(&line, GYRE_HTTP_TARGET);
    if (h->target.length == 0)
        return refuse(h, 400, "malformed target");
    return read_version(h, line);
}

static int read_status_line(struct gyre_http_head *h, struct gyre_span line)
{
    struct gyre_span version = word(&line, GYRE_HTTP_TARGET);
    struct gyre_span code = word(&line, GYRE_HTTP_TOKEN);
    uint64_t status;
    int err = read_version(h, version);

    if (err)
        return err;
    if (code.at == NULL) {
        /* The space before a missing reason is missing too, often enough. */
        code = line;
        line.length = 0;
    }
    if (code.length != 3 || gyre_http_decimal(code, 999, &status) < 0 ||
        status < 100)
        return refuse(h, 400, "malformed status");
    if (!gyre_http_is_text(line))
        return refuse(h, 400, "control byte in reason");
    h->status = (int)status;
    h->reason = line;
    return 0;
}

static int read_field(struct gyre_http_head *h, struct gyre_span line)
{
    size_t n = run(line, GYRE_HTTP_TOKEN);
    struct gyre_http_field *f;

    if (line.at[0] == ' ' || line.at[0] == '\t')
        return refuse(h, 400, "folded field");
    if (n == 0 || line.at[n] != ':')
        return refuse(h, 400, "malformed field name");
    if (h->field_count == h->capacity)
        return refuse(h, 431, "too many fields");
    f = &h->fields[h->field_count++];
    f->name = gyre_span_from(line.at, n);
    f->value = gyre_span_from(line.at + n + 1, line.length - n - 1);
    if (!gyre_http_is_text(f->value))
        return refuse(h, 400, "control byte in field");
    f->value = gyre_span_trim(f->value);
    return 0;
}

/* Read one line, its line feed taken off.  1 if it was the last of the head. */
static int read_line(struct gyre_http_head *h, struct gyre_span line)
{
    int stage = h->stage;

    if (line.length == 0 || line.at[line.length - 1] != '\r')
        return refuse(h, 400, "bare line feed");
    line.length--;
    if (stage == IN_FIELDS)
        return line.length > 0 ? read_field(h, line) : 1;
    if (line.length == 0 && stage == BEFORE_START) {
        h->stage = AT_START;
        return 0;
    }
    h->stage = IN_FIELDS;
    return h->kind == GYRE_HTTP_REQUEST ? read_request_line(h, line)
                                        : read_status_line(h, line);
}

/*
 * Whether a line that has come to `n` bytes, carriage return included, is still
 * within limits.  Asked of a line that has ended and of one that has not, so
 * that the two are refused alike.
 */
static int check_length(struct gyre_http_head *h, size_t n)
{
    if ((n == 0 || n - 1 <= h->limits.line) && h->line + n < h->limits.head)
        return 0;
    if (h->stage != IN_FIELDS)
        return refuse(h, 414, "first line too long");
    return refuse(h, 431, "head too long");
}

ssize_t gyre_http_head_parse(struct gyre_http_head *h, const char *data,
                             size_t n)
{
    int last = 0;

    if (h->err || n == h->seen)
        return h->err;
    follow(h, data);
    while (!last) {
        const char *line = data + h->line;
        const char *end = memchr(data + h->seen, '\n', n - h->seen);

        h->seen = end != NULL ? (size_t)(end - data) : n;
        if (check_length(h, h->seen - h->line) < 0)
            return h->err;
        if (end == NULL)
            return 0;
        last = read_line(h, gyre_span_from(line, h->seen - h->line));
        if (last < 0)
            return last;
        h->line = ++h->seen;
    }
    last = gyre_http_head_judge(h);
    return last < 0 ? last : (ssize_t)h->line;
}
