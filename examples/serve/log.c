/*
 * log.c - what was asked of gyre-serve, line by line, and in all.
 *
 * A line leaves in one write: others may log to the same file.
 */
#include "serve.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void add(struct gyre_buf *line, const char *text)
{
    (void)gyre_buf_append_string(line, text);
}

/* What a stranger has sent: nothing of it may end the quotes, or move a terminal's cursor. */
static void add_strange(struct gyre_buf *line, struct gyre_span s)
{
    char escaped[5];

    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.at[i];

        if (c < ' ' || c >= 0x7f) {
            snprintf(escaped, sizeof escaped, "\\x%02x", c);
            add(line, escaped);
            continue;
        }
        if (c == '"' || c == '\\')
            add(line, "\\");
        (void)gyre_buf_append(line, s.at + i, 1);
    }
}

/* ` "text"`, or ` "-"`. */
static void add_quoted(struct gyre_buf *line, struct gyre_span s)
{
    add(line, " \"");
    if (s.at != NULL)
        add_strange(line, s);
    else
        add(line, "-");
    add(line, "\"");
}

/* The address of the peer without its port; a local one has none. */
static struct gyre_span address_of(const struct gyre_http_access *access)
{
    const char *port = strrchr(access->peer, ':');

    return port != NULL ? gyre_span_from(access->peer, (size_t)(port - access->peer))
                        : gyre_span_of("-");
}

static void put_time(char *out, size_t size, const char *format)
{
    time_t now = time(NULL);
    struct tm tm;

    strftime(out, size, format, gmtime_r(&now, &tm));
}

/* 127.0.0.1 - - [23/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 123; the request is "-" if it
   was not understood. */
static void put_common(struct gyre_buf *line, const struct gyre_http_access *access)
{
    struct gyre_span address = address_of(access);
    char text[100];

    (void)gyre_buf_append(line, address.at, address.length);
    put_time(text, sizeof text, " - - [%d/%b/%Y:%H:%M:%S +0000] \"");
    add(line, text);
    if (access->method.length > 0) {
        add_strange(line, access->method);
        add(line, " ");
        add_strange(line, access->target);
    }
    snprintf(text, sizeof text, "%s\" %d %llu",
             access->method.length == 0 ? "-"
             : access->minor == 0       ? " HTTP/1.0"
                                        : " HTTP/1.1",
             access->status, (unsigned long long)access->bytes);
    add(line, text);
}

static void put_json(struct gyre_buf *line, const struct gyre_http_access *access)
{
    struct gyre_json j;
    char now[40];

    put_time(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ");
    gyre_json_init(&j, line);
    gyre_json_open(&j, '{');
    gyre_json_string(&j, "time", now);
    gyre_json_string(&j, "peer", access->peer);
    gyre_json_span(&j, "method", access->method);
    gyre_json_span(&j, "target", access->target);
    gyre_json_number(&j, "status", access->status);
    gyre_json_number(&j, "bytes", (int64_t)access->bytes);
    gyre_json_double(&j, "seconds", (double)access->took / GYRE_SECOND);
    gyre_json_span(&j, "referrer", access->referrer);
    gyre_json_span(&j, "agent", access->agent);
    gyre_json_close(&j);
}

void log_access(struct gyre_http_log *base, const struct gyre_http_access *access)
{
    struct log *log = GYRE_OWNER(base, struct log, base);
    struct gyre_buf line = {0};

    log->requests++;
    log->bytes += access->bytes;
    log->statuses[access->status / 100]++;
    if (log->format == LOG_NONE)
        return;
    if (log->format == LOG_JSON)
        put_json(&line, access);
    else
        put_common(&line, access);
    if (log->format == LOG_COMBINED) {
        add_quoted(&line, access->referrer);
        add_quoted(&line, access->agent);
    }
    add(&line, "\n");
    fwrite(line.at, 1, line.length, stderr);
    gyre_buf_free(&line);
}

void log_summary(const struct log *log, gyre_time took)
{
    static const char *const classes[] = {NULL, NULL, "2xx", "3xx", "4xx", "5xx"};
    struct gyre_buf out = {0};
    struct gyre_json j;

    gyre_json_init(&j, &out);
    gyre_json_open(&j, '{');
    gyre_json_number(&j, "requests", (int64_t)log->requests);
    gyre_json_number(&j, "bytes", (int64_t)log->bytes);
    gyre_json_key(&j, "statuses");
    gyre_json_open(&j, '{');
    for (int i = 2; i < 6; i++)
        gyre_json_number(&j, classes[i], (int64_t)log->statuses[i]);
    gyre_json_close(&j);
    gyre_json_double(&j, "seconds", (double)took / GYRE_SECOND);
    if (gyre_json_close(&j) == 0)
        printf("%.*s\n", (int)out.length, out.at);
    gyre_buf_free(&out);
}
