/*
 * listing.c - a directory, as a page to look at, or as JSON.
 *
 * What is in it was named by strangers: on the page all of it is escaped, and
 * the page may load and run nothing.  A link begins with "./", so that no name
 * is taken for another scheme or host.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "loop/loop.h"
#include "io/http/accept.h"
#include "io/http/escape.h"
#include "io/http/server/entries.h"
#include "io/http/server/exchange.h"

enum { PIECE = 8192 /* bytes of the page that are gathered, or some more */ };

static void write_time(char out[40], const char *format, time_t when)
{
    struct tm tm;

    if (gmtime_r(&when, &tm) == NULL || strftime(out, 40, format, &tm) == 0)
        out[0] = '\0';
}

/* ---- as a page ---- */

static int put(struct gyre_buf *out, const char *text)
{
    return gyre_buf_append_string(out, text);
}

/* `text` as HTML has it, between tags or quotes. */
static int put_escaped(struct gyre_buf *out, const char *text)
{
    int err = 0;

    for (; *text != '\0' && err == 0; text++) {
        switch (*text) {
        case '&': err = put(out, "&amp;"); break;
        case '<': err = put(out, "&lt;"); break;
        case '>': err = put(out, "&gt;"); break;
        case '"': err = put(out, "&quot;"); break;
        case '\'': err = put(out, "&#39;"); break;
        default: err = gyre_buf_append(out, text, 1);
        }
    }
    return err;
}

static int put_head(struct gyre_buf *out, const char *path, bool is_top)
{
    static const char *const between[] = {
        ("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>"),
        "</title>\n<h1>",
        "</h1>\n<table>\n",
    };
    int err = put(out, between[0]);

    if (err == 0)
        err = put_escaped(out, path);
    if (err == 0)
        err = put(out, between[1]);
    if (err == 0)
        err = put_escaped(out, path);
    if (err == 0)
        err = put(out, between[2]);
    if (err == 0 && !is_top)
        err = put(out, "<tr><td><a href=\"../\">../</a><td><td>\n");
    return err;
}

static int put_entry(struct gyre_buf *out, const struct gyre_http_entry *e)
{
    const char *slash = e->is_directory ? "/" : "";
    char date[40], rest[100], size[24] = "";
    int err = put(out, "<tr><td><a href=\"./");

    write_time(date, "%Y-%m-%d %H:%M", e->changed);
    if (!e->is_directory)
        snprintf(size, sizeof size, "%lld", (long long)e->size);
    snprintf(rest, sizeof rest, "%s</a><td align=\"right\">%s<td>%s\n", slash,
             size, date);
    if (err == 0)
        err = gyre_url_escape(out, gyre_span_of(e->name), "");
    if (err == 0)
        err = put(out, slash);
    if (err == 0)
        err = put(out, "\">");
    if (err == 0)
        err = put_escaped(out, e->name);
    return err ? err : put(out, rest);
}

static int send_so_far(struct gyre_http_request *r, struct gyre_buf *out)
{
    int err = gyre_http_reply_write(r, out->at, out->length, GYRE_FOREVER);

    gyre_buf_cut(out, 0);
    return err;
}

static int send_page(struct gyre_http_request *r, const char *path, bool is_top,
                     const struct gyre_http_entries *entries)
{
    struct gyre_buf out = {.allocator = r->arena.allocator};
    int err = put_head(&out, path, is_top);

    for (size_t i = 0; i < entries->count && err == 0; i++) {
        err = put_entry(&out, &entries->at[i]);
        if (err == 0 && out.length >= PIECE)
            err = send_so_far(r, &out);
    }
    if (err == 0)
        err = put(&out,
                  entries->more ? "</table>\n<p>And more.\n" : "</table>\n");
    if (err == 0)
        err = send_so_far(r, &out);
    gyre_buf_free(&out);
    return err;
}

/* Set by name, since a reply that is begun has no other fields. */
static int begin_page(struct gyre_http_request *r)
{
    static const char *const fields[][2] = {
        {"Content-Type", "text/html; charset=utf-8"},
        {"Content-Security-Policy", "default-src 'none'"},
        {"X-Content-Type-Options", "nosniff"},
    };
    int err = gyre_http_add_header(r, "Vary", "Accept");

    for (size_t i = 0; i < sizeof fields / sizeof fields[0] && !err; i++)
        err = gyre_http_set_header(r, fields[i][0], fields[i][1]);
    return err ? err : gyre_http_reply_begin(r, 200, -1);
}

static int reply_page(struct gyre_http_request *r, bool is_top,
                      const struct gyre_http_entries *entries)
{
    const char *path = gyre_http_path(r);
    int err = path != NULL ? begin_page(r) : -ENOMEM;

    return err ? err : send_page(r, path, is_top, entries);
}

/* ---- as JSON ---- */

static void write_entry(struct gyre_json *j, const struct gyre_http_entry *e)
{
    char changed[40];

    write_time(changed, "%Y-%m-%dT%H:%M:%SZ", e->changed);
    gyre_json_open(j, '{');
    gyre_json_string(j, "name", e->name);
    gyre_json_string(j, "type", e->is_directory ? "directory" : "file");
    if (!e->is_directory)
        gyre_json_number(j, "size", e->size);
    gyre_json_string(j, "changed", changed);
    gyre_json_close(j);
}

static int reply_json(struct gyre_http_request *r,
                      const struct gyre_http_entries *entries)
{
    struct gyre_json *j = gyre_http_reply_json(r, 200);
    int err;

    gyre_json_open(j, '{');
    gyre_json_key(j, "entries");
    gyre_json_open(j, '[');
    for (size_t i = 0; i < entries->count; i++)
        write_entry(j, &entries->at[i]);
    gyre_json_close(j);
    gyre_json_bool(j, "more", entries->more);
    err = gyre_json_close(j);
    return err ? err : gyre_http_reply_field(r, "Vary", "Accept");
}

static bool wants_json(const struct gyre_http_request *r)
{
    return gyre_http_accepts(&r->head, "Accept", "application/json") >
           gyre_http_accepts(&r->head, "Accept", "text/html");
}

int gyre_http_reply_listing(struct gyre_http_request *r, int top,
                            const char *path, bool hidden)
{
    struct gyre_allocator *a = r->arena.allocator;
    struct gyre_http_entries entries;
    int err =
        gyre_http_entries_read(&entries, a, top, path, hidden, GYRE_FOREVER);

    if (err)
        return err;
    err = wants_json(r) ? reply_json(r, &entries)
                        : reply_page(r, path[0] == '\0', &entries);
    gyre_http_entries_free(&entries, a);
    return err;
}
