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

/* Append the strings of a list that NULL ends. */
static int put(struct gyre_buf *out, const char *const strings[])
{
    int err = 0;

    for (; *strings != NULL && !err; strings++)
        err = gyre_buf_append_string(out, *strings);
    return err;
}

static int put_span(struct gyre_buf *out, struct gyre_span s)
{
    return gyre_buf_append(out, s.at, s.length);
}

/* `n` in decimal, at the end of `digits`, which ends in a NUL. */
static const char *decimal(char digits[21], uint64_t n)
{
    char *at = digits + 20;

    *at = '\0';
    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    return at;
}

static int put_framing(struct gyre_buf *out, const struct gyre_http_envelope *e)
{
    char digits[21];

    if (e->framing == GYRE_HTTP_CHUNKED)
        return gyre_buf_append_string(out, "Transfer-Encoding: chunked\r\n");
    if (e->framing == GYRE_HTTP_LENGTH)
        return put(out, (const char *[]){
                            "Content-Length: ", decimal(digits, e->length),
                            "\r\n", NULL});
    return 0;
}

static int put_connection(struct gyre_buf *out,
                          const struct gyre_http_envelope *e)
{
    if (e->upgrade_to != NULL)
        return put(out, (const char *[]){"Connection: upgrade\r\nUpgrade: ",
                                         e->upgrade_to, "\r\n", NULL});
    if (!e->keep_alive)
        return gyre_buf_append_string(out, "Connection: close\r\n");
    if (e->old)
        return gyre_buf_append_string(out, "Connection: keep-alive\r\n");
    return 0;
}

static int put_fields(struct gyre_buf *out, const struct gyre_http_fields *f)
{
    return f != NULL ? gyre_buf_append(out, f->text.at, f->text.length) : 0;
}

static int put_defaults(struct gyre_buf *out,
                        const struct gyre_http_envelope *e)
{
    struct gyre_span rest, line, name;
    int err = 0;

    if (e->fields == NULL || e->fields->text.length == 0)
        return put_fields(out, e->defaults);
    rest = gyre_span_from(e->defaults->text.at, e->defaults->text.length);
    while (!err && gyre_http_next_line(&rest, &line, &name))
        if (!gyre_http_fields_have(e->fields, name))
            err = put_span(out, line);
    return err;
}

/* All of a head behind what is its kind's own. */
static int put_rest(struct gyre_buf *out, const struct gyre_http_envelope *e)
{
    int err = put_framing(out, e);

    if (!err)
        err = put_connection(out, e);
    if (!err)
        err = put_fields(out, e->fields);
    if (!err && e->defaults != NULL)
        err = put_defaults(out, e);
    return err ? err : gyre_buf_append_string(out, "\r\n");
}

static bool is_text(const char *s, enum gyre_http_class class)
{
    return s == NULL || gyre_http_all(gyre_span_of(s), class);
}

static int check_response(int status, const char *reason, const char *date,
                          const struct gyre_http_envelope *e)
{
    bool silent = status < 200 || status == 204;

    if (status < 100 || status > 999 || !is_text(reason, GYRE_HTTP_TEXT) ||
        !is_text(date, GYRE_HTTP_TEXT) ||
        !is_text(e->upgrade_to, GYRE_HTTP_TOKEN))
        return -EINVAL;
    if (e->framing == GYRE_HTTP_NO_BODY ? !silent && status != 304 : silent)
        return -EINVAL;
    if (e->framing == GYRE_HTTP_CHUNKED && e->old)
        return -EINVAL;
    if (e->framing == GYRE_HTTP_UNTIL_CLOSE && e->keep_alive)
        return -EINVAL;
    return 0;
}

int gyre_http_compose_response(struct gyre_buf *out, int status,
                               const char *reason, const char *date,
                               const struct gyre_http_envelope *envelope)
{
    size_t start = out->length;
    char digits[21];
    int err = check_response(status, reason, date, envelope);

    if (err)
        return err;
    if (envelope->fields != NULL &&
        gyre_http_fields_get(envelope->fields, "Date").at != NULL)
        date = NULL;
    /* Without a date the list ends before its field. */
    err = put(out, (const char *[]){
                       "HTTP/1.1 ", decimal(digits, (uint64_t)status), " ",
                       reason ? reason : gyre_http_reason(status), "\r\n",
                       date ? "Date: " : NULL, date, "\r\n", NULL});
    if (!err)
        err = put_rest(out, envelope);
    if (err)
        gyre_buf_cut(out, start);
    return err;
}

static int check_request(const char *method, struct gyre_span target,
                         struct gyre_span host,
                         const struct gyre_http_envelope *e)
{
    struct gyre_url url;

    if (*method == '\0' || !is_text(method, GYRE_HTTP_TOKEN) ||
        target.length == 0 || !gyre_http_all(target, GYRE_HTTP_TARGET) ||
        gyre_url_parse_host(host, &url) < 0 ||
        !is_text(e->upgrade_to, GYRE_HTTP_TOKEN) ||
        e->framing == GYRE_HTTP_UNTIL_CLOSE)
        return -EINVAL;
    return 0;
}

int gyre_http_compose_request(struct gyre_buf *out, const char *method,
                              struct gyre_span target, struct gyre_span host,
                              const struct gyre_http_envelope *envelope)
{
    size_t start = out->length;
    int err = check_request(method, target, host, envelope);

    if (err)
        return err;
    err = put(out, (const char *[]){method, " ", NULL});
    if (!err)
        err = put_span(out, target);
    if (!err)
        err = gyre_buf_append_string(out, " HTTP/1.1\r\nHost: ");
    if (!err)
        err = put_span(out, host);
    if (!err)
        err = gyre_buf_append_string(out, "\r\n");
    if (!err)
        err = put_rest(out, envelope);
    if (err)
        gyre_buf_cut(out, start);
    return err;
}
