/*
 * report.c - what came of it all, in words and in JSON.
 */
#include "fetch.h"

#include <errno.h>
#include <string.h>

enum { URL_SHOWN = 2048 };

int verdict(const struct fetch *f)
{
    const struct options *o = f->options;
    bool strict = o->fail || o->place != TO_STDOUT;

    if (f->result >= 400)
        return strict ? REFUSED : ALL_WELL;
    if (f->result > 0)
        return (o->place == TO_FILE || o->place == TO_NAMES) && f->result != 200 && f->result != 206
                   ? REFUSED
                   : ALL_WELL;
    if (f->local)
        return FAILED;
    if (f->result == -ETIMEDOUT)
        return TIMED_OUT;
    return f->step == GYRE_HTTP_STEP_CONNECTING || f->step == GYRE_HTTP_STEP_RESOLVED ? UNREACHED
                                                                                      : FAILED;
}

/* The URL to show: without whom it says asks, and since it may go to a terminal, what is no
   character of a URL is a question mark. */
static const char *shown(const struct fetch *f, char *out, size_t n)
{
    size_t scheme = strcspn(f->url, ":/?#"), from = 0;

    if (strncmp(f->url + scheme, "://", 3) == 0) {
        size_t host = scheme + 3, end = host + strcspn(f->url + host, "/?#");

        for (size_t i = host; i < end; i++)
            from = f->url[i] == '@' ? i + 1 : from;
    }
    if (from == 0)
        scheme = 0;
    snprintf(out, n, "%.*s%s%s", (int)scheme, f->url, from > 0 ? "://" : "", f->url + from);
    for (char *c = out; *c != '\0'; c++)
        *c = *c > ' ' && *c <= '~' ? *c : '?';
    return out;
}

/* ---- what failed ---- */

/* What it was at that is here. */
static const char *place(const struct fetch *f)
{
    const struct options *o = f->options;

    if (f->path[0] != '\0')
        return f->path;
    if (f->bytes > 0)
        return "standard output";
    if (o->part_count > 0)
        return "the form";
    return o->upload != NULL ? o->upload : o->data != NULL ? o->data : "here";
}

/* How it was connecting. */
static const char *connecting(const struct fetch *f)
{
    const struct gyre_http_session_options *s = &f->options->session;

    if (f->result == -ENOTSUP)
        return "https, for which this program has no TLS";
    if (s->unix_path != NULL)
        return s->unix_path;
    if (s->proxy != NULL)
        return "by the proxy";
    return f->step == GYRE_HTTP_STEP_RESOLVED ? "connecting" : "finding the host";
}

static const char *phase(const struct fetch *f)
{
    if (f->local)
        return place(f);
    switch (f->step) {
    case GYRE_HTTP_STEP_CONNECTING:
    case GYRE_HTTP_STEP_RESOLVED: return connecting(f);
    case GYRE_HTTP_STEP_QUEUED: return "waiting for a connection";
    case GYRE_HTTP_STEP_REUSED:
    case GYRE_HTTP_STEP_CONNECTED: return "sending";
    case GYRE_HTTP_STEP_SENT: return "waiting for an answer";
    case GYRE_HTTP_STEP_HEARD: return "reading the answer";
    case GYRE_HTTP_STEP_ANSWERED: return "reading the body";
    default: return "asking";
    }
}

void say_what_failed(const struct fetch *f)
{
    char url[URL_SHOWN];

    fprintf(stderr, "gyre-fetch: %s: ", shown(f, url, sizeof url));
    if (f->result > 0)
        fprintf(stderr, "status %d %s", f->result, gyre_http_reason(f->result));
    else
        fprintf(stderr, "%s: %s", phase(f), gyre_strerror(f->result));
    if (f->result == -ETIMEDOUT && f->timeout != GYRE_HTTP_NO_TIMEOUT)
        fprintf(stderr, " (%s)", gyre_http_timeout_name(f->timeout));
    if (f->proxy_status != 0)
        fprintf(stderr, " (the proxy says %d)", f->proxy_status);
    if (f->tries > 1)
        fprintf(stderr, " (tried %d times)", f->tries);
    putc('\n', stderr);
}

/* ---- the summary ---- */

static const char *word(const struct fetch *f)
{
    int code = verdict(f);

    return code == ALL_WELL ? "ok" : code == REFUSED ? "refused" : "failed";
}

void summarize(const struct fetch *all, int count, FILE *to)
{
    char url[URL_SHOWN];

    for (const struct fetch *f = all; f < all + count; f++) {
        fprintf(to, "%-10s %10lld bytes %7.1f ms  ", word(f), (long long)f->bytes,
                (double)f->took / GYRE_MILLISECOND);
        fprintf(to, "%s\n", shown(f, url, sizeof url));
    }
}

static void put_fetch(struct gyre_json *j, const struct fetch *f)
{
    char url[URL_SHOWN];

    gyre_json_open(j, '{');
    gyre_json_string(j, "url", shown(f, url, sizeof url));
    gyre_json_string(j, "result", word(f));
    if (f->result > 0)
        gyre_json_number(j, "status", f->result);
    else
        gyre_json_string(j, "error", gyre_strerror(f->result));
    if (f->result == -ETIMEDOUT)
        gyre_json_string(j, "timeout", gyre_http_timeout_name(f->timeout));
    gyre_json_number(j, "bytes", f->bytes);
    if (f->from > 0)
        gyre_json_number(j, "from", f->from);
    if (f->path[0] != '\0')
        gyre_json_string(j, "path", f->path);
    gyre_json_double(j, "ms", (double)f->took / GYRE_MILLISECOND);
    gyre_json_number(j, "tries", f->tries);
    gyre_json_close(j);
}

int summarize_in_json(const struct fetch *all, int count, FILE *to)
{
    struct gyre_buf out = {0};
    struct gyre_json j;
    int err;

    gyre_json_init(&j, &out);
    gyre_json_open(&j, '[');
    for (const struct fetch *f = all; f < all + count; f++)
        put_fetch(&j, f);
    gyre_json_close(&j);
    err = gyre_json_finish(&j);
    if (err == 0)
        fprintf(to, "%.*s\n", (int)out.length, out.at);
    gyre_buf_free(&out);
    return err;
}
