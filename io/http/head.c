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

void gyre_http_head_again(struct gyre_http_head *h)
{
    const struct gyre_span none = {NULL, 0};

    h->method = h->target = h->path = h->query = h->host = h->reason = none;
    h->status = h->minor = 0;
    h->field_count = 0;
    h->framing = GYRE_HTTP_NO_BODY;
    h->length = 0;
    h->keep_alive = h->expect_continue = h->upgrade = false;
    h->answer = 0;
    h->why = NULL;
    h->line = h->seen = 0;
    h->stage = h->kind == GYRE_HTTP_REQUEST ? BEFORE_START : AT_START;
    h->err = 0;
}

void gyre_http_head_init(struct gyre_http_head *h, enum gyre_http_kind kind,
                         struct gyre_http_field *fields, size_t capacity,
                         const struct gyre_http_limits *limits)
{
    h->kind = kind;
    h->fields = fields;
    h->capacity = capacity;
    h->limits = (struct gyre_http_limits){DEFAULT_LINE, DEFAULT_HEAD};
    if (limits != NULL && limits->line > 0)
        h->limits.line = limits->line;
    if (limits != NULL && limits->head > 0)
        h->limits.head = limits->head;
    h->data = NULL;
    h->known_length = 0;
    gyre_http_head_again(h);
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
    const char *old = h->data;

    h->data = data;
    if (h->line == 0 || old == data)
        return;
    h->method = moved(h->method, old, data);
    h->target = moved(h->target, old, data);
    h->reason = moved(h->reason, old, data);
    for (size_t i = 0; i < h->field_count; i++) {
        struct gyre_http_field *f = &h->fields[i];

        f->name = moved(f->name, old, data);
        f->value = moved(f->value, old, data);
    }
}

/* How many bytes of the class `class` stand at `at`.  The carriage return
   behind the line is of none, so there is no need to count. */
static inline size_t run(const char *at, enum gyre_http_class class)
{
    const char *end = at;

    while (gyre_http_is(*end, class))
        end++;
    return (size_t)(end - at);
}

/* The same, of what may be long. */
static inline size_t run_name(struct gyre_span line)
{
    size_t n = line.length < GYRE_HTTP_GLANCE ? 0 : gyre_http_leap_name(line);

    return n + run(line.at + n, GYRE_HTTP_TOKEN);
}

static inline size_t run_target(struct gyre_span line)
{
    size_t n = line.length < GYRE_HTTP_GLANCE ? 0 : gyre_http_leap_target(line);

    return n + run(line.at + n, GYRE_HTTP_TARGET);
}

/* Take `n` bytes off the front of `line`, and the space that must follow;
   absent if it does not. */
static inline struct gyre_span word(struct gyre_span *line, size_t n)
{
    struct gyre_span s = {line->at, n};

    if (s.at[n] != ' ')
        return gyre_span_of(NULL);
    line->at += n + 1;
    line->length -= n + 1;
    return s;
}

static bool looks_like_version(struct gyre_span s)
{
    return s.length == 8 && memcmp(s.at, "HTTP/", 5) == 0 &&
           gyre_http_is_digit(s.at[5]) && s.at[6] == '.' &&
           gyre_http_is_digit(s.at[7]);
}

static int read_version(struct gyre_http_head *h, struct gyre_span s)
{
    if (s.length == 8 && memcmp(s.at, "HTTP/1.", 7) == 0 &&
        (s.at[7] == '1' || s.at[7] == '0')) {
        h->minor = s.at[7] - '0';
        return 0;
    }
    return looks_like_version(s)
               ? refuse(h, 505, "neither HTTP/1.0 nor HTTP/1.1")
               : refuse(h, 400, "malformed version");
}

static int read_request_line(struct gyre_http_head *h, struct gyre_span line)
{
    h->method = word(&line, run(line.at, GYRE_HTTP_TOKEN));
    if (h->method.length == 0)
        return refuse(h, 400, "malformed method");
    h->target = word(&line, run_target(line));
    if (h->target.length == 0)
        return refuse(h, 400, "malformed target");
    return read_version(h, line);
}

static int read_status_line(struct gyre_http_head *h, struct gyre_span line)
{
    struct gyre_span version = word(&line, run(line.at, GYRE_HTTP_TARGET));
    struct gyre_span code = word(&line, run(line.at, GYRE_HTTP_TOKEN));
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
    size_t n = run_name(line);
    struct gyre_span value;

    if (n == 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
        return refuse(h, 400, "folded field");
    if (n == 0 || line.at[n] != ':')
        return refuse(h, 400, "malformed field name");
    if (h->field_count == h->capacity)
        return refuse(h, 431, "too many fields");
    value = gyre_span_from(line.at + n + 1, line.length - n - 1);
    if (!gyre_http_is_text(value))
        return refuse(h, 400, "control byte in field");
    h->fields[h->field_count++] = (struct gyre_http_field){
        gyre_span_from(line.at, n), gyre_span_trim(value)};
    return 0;
}

/*
 * Whether a line that has come to `n` bytes, carriage return included, and the
 * head to `all`, are still within limits.  Asked of a line that has ended and
 * of one that has not, so that the two are refused alike.
 */
static int check_length(struct gyre_http_head *h, size_t n, size_t all)
{
    if ((n == 0 || n - 1 <= h->limits.line) && all < h->limits.head)
        return 0;
    if (h->stage != IN_FIELDS)
        return refuse(h, 414, "first line too long");
    return refuse(h, 431, "head too long");
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

/* The line feed that ends the line which goes on at `at`, if it is there.  The
   last line of a head is nothing but its end. */
static inline const char *line_feed(const char *at, const char *behind)
{
    size_t n = (size_t)(behind - at);

    return n >= 2 && at[0] == '\r' && at[1] == '\n' ? at + 1
                                                    : memchr(at, '\n', n);
}

/* Read the lines that have ended, of the `n` bytes so far.  1 if the last of
   the head was among them. */
static int read_lines(struct gyre_http_head *h, const char *data, size_t n)
{
    const char *line = data + h->line, *at = data + h->seen, *end;
    int last = 0;

    while (!last && (end = line_feed(at, data + n)) != NULL) {
        size_t length = (size_t)(end - line);

        last = check_length(h, length, (size_t)(end - data));
        if (last == 0)
            last = read_line(h, gyre_span_from(line, length));
        line = at = end + 1;
    }
    h->line = (size_t)(line - data);
    h->seen = last ? h->line : n;
    return last;
}

ssize_t gyre_http_head_parse(struct gyre_http_head *h, const char *data,
                             size_t n)
{
    int last;

    if (h->err || n == h->seen)
        return h->err;
    follow(h, data);
    last = read_lines(h, data, n);
    if (last == 0)
        return check_length(h, n - h->line, n);
    if (last > 0)
        last = gyre_http_head_judge(h);
    return last < 0 ? last : (ssize_t)h->line;
}
