/*
 * compose.c - writes the head of a message.
 *
 * What it will be of is put into an outline first, in which all lengths are
 * known: then room is asked for once, and written in without a further look.
 */
#include "io/http/compose.h"

#include <errno.h>

#include "io/http/date.h"
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

/* `n` in decimal. */
static char *put_decimal(char *to, uint64_t n)
{
    if (n > 9)
        to = put_decimal(to, n / 10);
    *to = (char)('0' + n % 10);
    return to + 1;
}

static char *put_framing(char *to, const struct gyre_http_outline *o)
{
    if (o->framing == GYRE_HTTP_CHUNKED)
        return put(to, SPAN("Transfer-Encoding: chunked\r\n"));
    if (o->framing != GYRE_HTTP_LENGTH)
        return to;
    to = put_decimal(put(to, SPAN("Content-Length: ")), o->length);
    return put(to, SPAN("\r\n"));
}

static char *put_connection(char *to, const struct gyre_http_outline *o)
{
    if (o->upgrade_to.at != NULL)
        return put_line(to,
                        o->keep_alive
                            ? SPAN("Connection: upgrade\r\nUpgrade: ")
                            : SPAN("Connection: close, upgrade\r\nUpgrade: "),
                        o->upgrade_to);
    if (!o->keep_alive)
        return put(to, SPAN("Connection: close\r\n"));
    if (o->old)
        return put(to, SPAN("Connection: keep-alive\r\n"));
    return to;
}

/* Is there a field called `name` among the user's? */
static bool has(const struct gyre_http_outline *o, struct gyre_span name)
{
    return o->fields->text.length > 0 && gyre_http_fields_have(o->fields, name);
}

static struct gyre_span text_of(const struct gyre_http_fields *f)
{
    return gyre_span_from(f->text.at, f->text.length);
}

static GYRE_SELDOM char *put_defaults(char *to,
                                      const struct gyre_http_outline *o)
{
    struct gyre_span rest = text_of(o->defaults), line, name;

    while (gyre_http_next_line(&rest, &line, &name))
        if (!has(o, name) || gyre_span_equals_nocase(name, SPAN("Vary")))
            to = put(to, line);
    return to;
}

/* All of a head behind what is its kind's own. */
static char *put_rest(char *to, const struct gyre_http_outline *o)
{
    to = put_framing(to, o);
    to = put_connection(to, o);
    to = put(to, text_of(o->fields));
    if (o->defaults->text.length > 0)
        to = put_defaults(to, o);
    if (o->type.at != NULL && !has(o, SPAN("Content-Type")))
        to = put_line(to, SPAN("Content-Type: "), o->type);
    return put(to, SPAN("\r\n"));
}

/* Room behind what `out` has: for our words, for `own` bytes of what is its
   kind's own, and for what the outline has. */
static inline char *reserve(struct gyre_buf *out, size_t own,
                            const struct gyre_http_outline *o)
{
    enum { WORDS = 256 }; /* and a date, and a phrase of those above */
    size_t n = WORDS + own + o->fields->text.length + o->defaults->text.length +
               o->upgrade_to.length + o->type.length + o->body.length;

    return gyre_buf_reserve(out, n);
}

/* Hold what was written, up to `end`. */
static void hold(struct gyre_buf *out, const char *end)
{
    gyre_buf_grow(out, (size_t)(end - out->at) - out->length);
}

/* ---- from an envelope ---- */

static struct gyre_http_outline outline_of(const struct gyre_http_envelope *e)
{
    static const struct gyre_http_fields none;

    return (struct gyre_http_outline){
        .fields = e->fields != NULL ? e->fields : &none,
        .defaults = e->defaults != NULL ? e->defaults : &none,
        .framing = e->framing,
        .length = e->length,
        .keep_alive = e->keep_alive,
        .old = e->old,
        .upgrade_to = gyre_span_of(e->upgrade_to),
        .type = gyre_span_of(e->type),
    };
}

static int check_outline(const struct gyre_http_outline *o)
{
    if (!gyre_http_all(o->upgrade_to, GYRE_HTTP_TOKEN) ||
        !gyre_http_is_text(o->type))
        return -EINVAL;
    return 0;
}

static int check_response(int status, struct gyre_span reason,
                          struct gyre_span date,
                          const struct gyre_http_outline *o)
{
    bool silent = status < 200 || status == 204;

    if (status < 100 || status > 999 || !gyre_http_is_text(reason) ||
        !gyre_http_is_text(date))
        return -EINVAL;
    if (o->framing == GYRE_HTTP_NO_BODY ? !silent && status != 304 : silent)
        return -EINVAL;
    if (o->framing == GYRE_HTTP_CHUNKED && o->old)
        return -EINVAL;
    if (o->framing == GYRE_HTTP_UNTIL_CLOSE && o->keep_alive)
        return -EINVAL;
    return check_outline(o);
}

/* Of `status` there are three digits. */
static char *put_status_line(char *to, int status, struct gyre_span reason)
{
    to = put(to, SPAN("HTTP/1.1 "));
    *to++ = (char)('0' + status / 100);
    *to++ = (char)('0' + status / 10 % 10);
    *to++ = (char)('0' + status % 10);
    return put_line(to, SPAN(" "), reason);
}

static GYRE_SELDOM char *put_usual_line(char *to, int status)
{
    return put_status_line(to, status, gyre_span_of(gyre_http_reason(status)));
}

int gyre_http_put_response(struct gyre_buf *out, int status, const char *date,
                           const struct gyre_http_outline *o)
{
    char *to = reserve(out, 0, o);

    if (to == NULL)
        return -ENOMEM;
    if (status == 200)
        to = put(to, SPAN("HTTP/1.1 200 OK\r\n"));
    else
        to = put_usual_line(to, status);
    if (!has(o, SPAN("Date")))
        to = put_line(to, SPAN("Date: "),
                      gyre_span_from(date, GYRE_HTTP_DATE_SIZE - 1));
    hold(out, put(put_rest(to, o), o->body));
    return 0;
}

int gyre_http_compose_response(struct gyre_buf *out, int status,
                               const char *reason, const char *date,
                               const struct gyre_http_envelope *envelope)
{
    struct gyre_http_outline o = outline_of(envelope);
    struct gyre_span phrase =
        gyre_span_of(reason != NULL ? reason : gyre_http_reason(status));
    struct gyre_span day = gyre_span_of(date);
    char *to;
    int err = check_response(status, phrase, day, &o);

    if (err)
        return err;
    to = reserve(out, phrase.length + day.length, &o);
    if (to == NULL)
        return -ENOMEM;
    to = put_status_line(to, status, phrase);
    if (day.at != NULL && !has(&o, SPAN("Date")))
        to = put_line(to, SPAN("Date: "), day);
    hold(out, put_rest(to, &o));
    return 0;
}

static int check_request(struct gyre_span method, struct gyre_span target,
                         struct gyre_span host,
                         const struct gyre_http_outline *o)
{
    struct gyre_url url;

    if (method.length == 0 || !gyre_http_all(method, GYRE_HTTP_TOKEN) ||
        target.length == 0 || !gyre_http_all(target, GYRE_HTTP_TARGET) ||
        gyre_url_parse_host(host, &url) < 0 ||
        o->framing == GYRE_HTTP_UNTIL_CLOSE)
        return -EINVAL;
    return check_outline(o);
}

int gyre_http_compose_request(struct gyre_buf *out, const char *method,
                              struct gyre_span target, struct gyre_span host,
                              const struct gyre_http_envelope *envelope)
{
    struct gyre_http_outline o = outline_of(envelope);
    struct gyre_span verb = gyre_span_of(method);
    char *to;
    int err = check_request(verb, target, host, &o);

    if (err)
        return err;
    to = reserve(out, verb.length + target.length + host.length, &o);
    if (to == NULL)
        return -ENOMEM;
    to = put(to, verb);
    to = put(to, SPAN(" "));
    to = put_line(to, target, SPAN(" HTTP/1.1"));
    to = put_line(to, SPAN("Host: "), host);
    hold(out, put_rest(to, &o));
    return 0;
}
