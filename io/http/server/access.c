/*
 * access.c - an access log in the common format, or the combined one.
 */
#include "io/http/server/access.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/list.h"
#include "io/http/date.h"

enum { PATIENCE = 1000 /* ms, for room for the rest of a line */ };

/* Append, unless something before could not be. */
static void add(struct gyre_buf *out, int *err, const char *text, size_t n)
{
    if (*err == 0)
        *err = gyre_buf_append(out, text, n);
}

static void add_string(struct gyre_buf *out, int *err, const char *text)
{
    add(out, err, text, strlen(text));
}

static bool is_visible(unsigned char c, unsigned char first)
{
    return c >= first && c <= 0x7e && c != '"' && c != '\\';
}

static void add_hidden(struct gyre_buf *out, int *err, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char escape[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};

    if (c == '"' || c == '\\') {
        escape[1] = (char)c;
        add(out, err, escape, 2);
    } else {
        add(out, err, escape, 4);
    }
}

/* What a peer has chosen; what is below `first` is not visible. */
static void add_visible(struct gyre_buf *out, int *err, struct gyre_span s,
                        unsigned char first)
{
    size_t done = 0;

    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.at[i];

        if (is_visible(c, first))
            continue;
        add(out, err, s.at + done, i - done);
        add_hidden(out, err, c);
        done = i + 1;
    }
    if (done < s.length)
        add(out, err, s.at + done, s.length - done);
}

static void add_escaped(struct gyre_buf *out, int *err, struct gyre_span s)
{
    add_visible(out, err, s, ' ');
}

/* The address alone: what is before the last ':', without brackets.  That of a
   local socket is a path, of the peer's own making. */
static void add_address(struct gyre_buf *out, int *err, const char *peer)
{
    const char *colon = strrchr(peer, ':');
    size_t n = colon != NULL ? (size_t)(colon - peer) : strlen(peer);

    if (n > 2 && peer[0] == '[' && peer[n - 1] == ']') {
        peer++;
        n -= 2;
    }
    add_visible(out, err, gyre_span_from(n > 0 ? peer : "-", n > 0 ? n : 1),
                '!');
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" as "[06/Nov/1994:08:49:37 +0000]". */
static void add_date(struct gyre_buf *out, int *err, const char *date)
{
    char text[40];

    if (date == NULL || strlen(date) != GYRE_HTTP_DATE_SIZE - 1) {
        add_string(out, err, " - - [-]");
        return;
    }
    snprintf(text, sizeof text, " - - [%.2s/%.3s/%.4s:%.8s +0000]", date + 5,
             date + 8, date + 12, date + 17);
    add_string(out, err, text);
}

static void add_request(struct gyre_buf *out, int *err,
                        const struct gyre_http_access *a)
{
    add_string(out, err, " \"");
    if (a->method.length == 0) {
        add_string(out, err, "-\"");
        return;
    }
    add_escaped(out, err, a->method);
    add_string(out, err, " ");
    add_escaped(out, err, a->target);
    add_string(out, err, a->minor == 0 ? " HTTP/1.0\"" : " HTTP/1.1\"");
}

static void add_quoted(struct gyre_buf *out, int *err, struct gyre_span s)
{
    add_string(out, err, " \"");
    if (s.at == NULL)
        s = gyre_span_of("-");
    add_escaped(out, err, s);
    add_string(out, err, "\"");
}

int gyre_http_access_line(struct gyre_buf *out,
                          const struct gyre_http_access *access,
                          enum gyre_http_log_format format)
{
    size_t start = out->length;
    char text[40];
    int err = 0;

    add_address(out, &err, access->peer);
    add_date(out, &err, access->date);
    add_request(out, &err, access);
    snprintf(text, sizeof text, " %d %" PRIu64, access->status, access->bytes);
    add_string(out, &err, text);
    if (format == GYRE_HTTP_COMBINED) {
        add_quoted(out, &err, access->referrer);
        add_quoted(out, &err, access->agent);
    }
    add_string(out, &err, "\n");
    if (err)
        gyre_buf_cut(out, start);
    return err;
}

/* Once a write has failed: what was begun waits for somebody to read. */
static bool may_go_on(int descriptor, bool begun)
{
    struct pollfd p = {.fd = descriptor, .events = POLLOUT};

    if (errno == EINTR)
        return true;
    return begun && errno == EAGAIN && poll(&p, 1, PATIENCE) > 0;
}

/* Behind a part of a line the next one could not be told from it.  If it fails
   there is nobody to tell. */
static void write_all(int descriptor, const char *at, size_t n)
{
    bool begun = false;

    while (n > 0) {
        ssize_t some = write(descriptor, at, n);

        if (some < 0 && !may_go_on(descriptor, begun))
            return;
        if (some < 0)
            continue;
        begun = true;
        at += some;
        n -= (size_t)some;
    }
}

static void write_line(struct gyre_http_log *log,
                       const struct gyre_http_access *access)
{
    const struct gyre_http_access_log *l =
        GYRE_OWNER(log, struct gyre_http_access_log, log);
    struct gyre_buf line = {0};

    if (gyre_http_access_line(&line, access, l->format) == 0)
        write_all(l->descriptor, line.at, line.length);
    gyre_buf_free(&line);
}

void gyre_http_access_log_init(struct gyre_http_access_log *l, int descriptor,
                               enum gyre_http_log_format format)
{
    *l = (struct gyre_http_access_log){
        .log.access = write_line, .descriptor = descriptor, .format = format};
}
