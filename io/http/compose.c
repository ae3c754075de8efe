/*
 * compose.c - writes the head of a message.
 */
#include "io/http/compose.h"

#include <errno.h>

#include "io/http/internal.h"
#include "io/http/url.h"

struct phrase {
    int status;
    const char *reason;
};

static const struct phrase phrases[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {511, "Network Authentication Required"},
};

const char *gyre_http_reason(int status)
{
    if (status == 200)
        return "OK";
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (phrases[i].status == status)
            return phrases[i].reason;
    return "";
}

/* A constant string. */
#define SPAN(literal) gyre_span_from(literal, sizeof(literal) - 1)

/* Write `s` where there is room for it; return the place behind it. */
static inline char *put(char *to, struct gyre_span s)
{
    if (s.length > 0)
        memcpy(to, s.at, s.length);
    return to + s.length;
}

/* A line, of what comes before its value, and that. */
static inline char *put_line(char *to, struct gyre_span before,
                             struct gyre_span value)
{
    return put(put(put(to, before), value), SPAN("\r\n"));
}

/* `n` in decimal, at the end of `digits`. */
static struct gyre_span decimal(char digits[20], uint64_t n)
{
    char *at = digits + 20;

    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    return gyre_span_from(at, (size_t)(digits + 20 - at));
}

static char *put_framing(char *to, const struct gyre_http_envelope *e)
{
    char digits[20];

    if (e->framing == GYRE_HTTP_CHUNKED)
        return put(to, SPAN("Transfer-Encoding: chunked\r\n"));
    if (e->framing == GYRE_HTTP_LENGTH)
        return put_line(to, SPAN("Content-Length: "),
                        decimal(digits, e->length));
    return to;
}

static char *put_connection(char *to, const struct gyre_http_envelope *e)
{
    if (e->upgrade_to != NULL)
        return put_line(to,
                        e->keep_alive
                            ? SPAN("Connection: upgrade\r\nUpgrade: ")
                            : SPAN("Connection: close, upgrade\r\nUpgrade: "),
                        gyre_span_of(e->upgrade_to));
    if (!e->keep_alive)
        return put(to, SPAN("Connection: close\r\n"));
    if (e->old)
        return put(to, SPAN("Connection: keep-alive\r\n"));
    return to;
}

/* Is there a field called `name` among the user's? */
static bool has(const struct gyre_http_envelope *e, struct gyre_span name)
{
    return e->fields != NULL && e->fields->text.length > 0 &&
           gyre_http_fields_have(e->fields, name);
}

/* All of them; a NULL has none. */
static struct gyre_span text_of(const struct gyre_http_fields *f)
{
    return f != NULL ? gyre_span_from(f->text.at, f->text.length)
                     : gyre_span_of(NULL);
}

static char *put_defaults(char *to, const struct gyre_http_envelope *e)
{
    struct gyre_span rest = text_of(e->defaults), line, name;

    while (gyre_http_next_line(&rest, &line, &name))
        if (!has(e, name) || gyre_span_equals_nocase(name, SPAN("Vary")))
            to = put(to, line);
    return to;
}

/* All of a head behind what is its kind's own. */
static char *put_rest(char *to, const struct gyre_http_envelope *e,
                      struct gyre_span type)
{
    to = put_framing(to, e);
    to = put_connection(to, e);
    to = put(to, text_of(e->fields));
    to = put_defaults(to, e);
    if (type.at != NULL && !has(e, SPAN("Content-Type")))
        to = put_line(to, SPAN("Content-Type: "), type);
    return put(to, SPAN("\r\n"));
}

/*
 * Room behind what `out` has for a head: for our words in it, for `own` bytes
 * of its first lines and its type, and for what the envelope has.  It is asked
 * for once, and then the head is written without a further look.
 */
static char *reserve(struct gyre_buf *out, size_t own,
                     const struct gyre_http_envelope *e)
{
    enum { WORDS = 256 };
    size_t n = WORDS + own + text_of(e->fields).length +
               text_of(e->defaults).length + gyre_span_of(e->upgrade_to).length;

    return gyre_buf_reserve(out, n);
}

/* Hold what was written, up to `end`. */
static void hold(struct gyre_buf *out, const char *end)
{
    gyre_buf_grow(out, (size_t)(end - out->at) - out->length);
}

static bool is_token(const char *s)
{
    return s == NULL || gyre_http_all(gyre_span_of(s), GYRE_HTTP_TOKEN);
}

static int check_envelope(const struct gyre_http_envelope *e)
{
    if (!is_token(e->upgrade_to) || !gyre_http_is_text(gyre_span_of(e->type)))
        return -EINVAL;
    return 0;
}

static int check_response(int status, struct gyre_span reason,
                          struct gyre_span date,
                          const struct gyre_http_envelope *e)
{
    bool silent = status < 200 || status == 204;

    if (status < 100 || status > 999 || !gyre_http_is_text(reason) ||
        !gyre_http_is_text(date))
        return -EINVAL;
    if (e->framing == GYRE_HTTP_NO_BODY ? !silent && status != 304 : silent)
        return -EINVAL;
    if (e->framing == GYRE_HTTP_CHUNKED && e->old)
        return -EINVAL;
    if (e->framing == GYRE_HTTP_UNTIL_CLOSE && e->keep_alive)
        return -EINVAL;
    return check_envelope(e);
}

/* Of `status` there are three digits. */
static char *put_status_line(char *to, int status, struct gyre_span phrase)
{
    to = put(to, SPAN("HTTP/1.1 "));
    *to++ = (char)('0' + status / 100);
    *to++ = (char)('0' + status / 10 % 10);
    *to++ = (char)('0' + status % 10);
    return put_line(to, SPAN(" "), phrase);
}

int gyre_http_put_response(struct gyre_buf *out, int status,
                           struct gyre_span reason, struct gyre_span date,
                           const struct gyre_http_envelope *envelope)
{
    struct gyre_span type = gyre_span_of(envelope->type);
    char *to =
        reserve(out, reason.length + date.length + type.length, envelope);

    if (to == NULL)
        return -ENOMEM;
    to = put_status_line(to, status, reason);
    if (date.at != NULL && !has(envelope, SPAN("Date")))
        to = put_line(to, SPAN("Date: "), date);
    hold(out, put_rest(to, envelope, type));
    return 0;
}

int gyre_http_compose_response(struct gyre_buf *out, int status,
                               const char *reason, const char *date,
                               const struct gyre_http_envelope *envelope)
{
    struct gyre_span phrase =
        gyre_span_of(reason != NULL ? reason : gyre_http_reason(status));
    struct gyre_span day = gyre_span_of(date);
    int err = check_response(status, phrase, day, envelope);

    if (err)
        return err;
    return gyre_http_put_response(out, status, phrase, day, envelope);
}

static int check_request(struct gyre_span method, struct gyre_span target,
                         struct gyre_span host,
                         const struct gyre_http_envelope *e)
{
    struct gyre_url url;

    if (method.length == 0 || !gyre_http_all(method, GYRE_HTTP_TOKEN) ||
        target.length == 0 || !gyre_http_all(target, GYRE_HTTP_TARGET) ||
        gyre_url_parse_host(host, &url) < 0 ||
        e->framing == GYRE_HTTP_UNTIL_CLOSE)
        return -EINVAL;
    return check_envelope(e);
}

int gyre_http_compose_request(struct gyre_buf *out, const char *method,
                              struct gyre_span target, struct gyre_span host,
                              const struct gyre_http_envelope *envelope)
{
    struct gyre_span verb = gyre_span_of(method);
    struct gyre_span type = gyre_span_of(envelope->type);
    char *to;
    int err = check_request(verb, target, host, envelope);

    if (err)
        return err;
    to = reserve(out, verb.length + target.length + host.length + type.length,
                 envelope);
    if (to == NULL)
        return -ENOMEM;
    to = put(to, verb);
    to = put(to, SPAN(" "));
    to = put_line(to, target, SPAN(" HTTP/1.1"));
    to = put_line(to, SPAN("Host: "), host);
    hold(out, put_rest(to, envelope, type));
    return 0;
}
