/*
 * log.c - what was asked of gyre-serve, line by line, and in all.
 *
 * A line leaves in one write: others may log to the same file.
 */
#include "serve.h"

#include <stdio.h>
#include <time.h>

static int put_json(struct gyre_buf *line, const struct gyre_http_access *access)
{
    struct gyre_json j;
    char now[40];
    time_t t = time(NULL);
    struct tm tm;
    int err;

    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
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
    err = gyre_json_close(&j);
    return err ? err : gyre_buf_append(line, "\n", 1);
}

/* Of which there is no half, if there is no memory. */
static int put_line(struct gyre_buf *line, const struct log *log,
                    const struct gyre_http_access *access)
{
    switch (log->format) {
    case LOG_JSON: return put_json(line, access);
    case LOG_COMBINED: return gyre_http_access_line(line, access, GYRE_HTTP_COMBINED);
    default: return gyre_http_access_line(line, access, GYRE_HTTP_COMMON);
    }
}

void log_access(struct gyre_http_log *base, const struct gyre_http_access *access)
{
    struct log *log = GYRE_OWNER(base, struct log, base);
    struct gyre_buf line = {0};

    log->requests++;
    log->bytes += access->bytes;
    log->statuses[access->status / 100]++;
    if (log->format != LOG_NONE && put_line(&line, log, access) == 0)
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
