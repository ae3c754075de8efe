/*
 * internal.h - what the files of io/http/ share, and nobody else.
 */
#ifndef GYRE_IO_HTTP_INTERNAL_H
#define GYRE_IO_HTTP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/http/compose.h"
#include "io/http/head.h"
#include "io/http/span.h"

/* A function that most messages do without is none of the way they all go,
   which keeps fewer registers for it. */
#define GYRE_SELDOM __attribute__((noinline))

/* What a byte may be part of. */
enum gyre_http_class {
    GYRE_HTTP_TEXT = 1,   /* a field value: visible, blank, or above ASCII */
    GYRE_HTTP_TARGET = 2, /* a request target: visible ASCII but for '#' */
    GYRE_HTTP_TOKEN = 4,  /* a method or a field name */
    GYRE_HTTP_PLAIN = 8   /* a host; what a URL need not escape */
};

extern const unsigned char gyre_http_classes[256];

/* Whether `c` is of the class `class`. */
static inline bool gyre_http_is(char c, enum gyre_http_class class)
{
    return (gyre_http_classes[(unsigned char)c] & class) != 0;
}

/* How many of the first bytes of `s` are of the class `class`. */
static inline size_t gyre_http_prefix(struct gyre_span s,
                                      enum gyre_http_class class)
{
    size_t i = 0;

    while (i < s.length && gyre_http_is(s.at[i], class))
        i++;
    return i;
}

/* Whether `s` is of the class `class` throughout.  An empty one is. */
static inline bool gyre_http_all(struct gyre_span s, enum gyre_http_class class)
{
    return gyre_http_prefix(s, class) == s.length;
}

/* The same for GYRE_HTTP_TEXT, which most of a head is, and faster. */
bool gyre_http_is_text(struct gyre_span s);

enum {
    GYRE_HTTP_GLANCE = 16 /* bytes that are looked at together */
};

/* How many of the first bytes of `s`, which has a glance at least, are of the
   class GYRE_HTTP_TOKEN, or of GYRE_HTTP_TARGET, as far as one sees at a
   glance: there may be more. */
size_t gyre_http_leap_name(struct gyre_span s);
size_t gyre_http_leap_target(struct gyre_span s);

/* In lower case, if it is an ASCII letter. */
static inline char gyre_http_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool gyre_http_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit; -1 if it is none. */
int gyre_http_hex(char c);

/* Write `n` in hexadecimal; return the place behind it. */
char *gyre_http_put_hex(char *to, uint64_t n);

/*
 * The value of a decimal number of digits alone, up to `max`, which is
 * INT64_MAX at most.  -EINVAL if it is anything else, or more.
 */
int gyre_http_decimal(struct gyre_span s, uint64_t max, uint64_t *value);

/*
 * Take the next of the fields to send off the front of `rest`, which is their
 * text at first, with its CRLF, and find its name.  False at the end.
 */
bool gyre_http_next_line(struct gyre_span *rest, struct gyre_span *line,
                         struct gyre_span *name);

/* The value of the field `name`, or absent.  -EPROTO if there are two, of which
   somebody before us may have believed the other. */
int gyre_http_field_only(const struct gyre_http_head *h, const char *name,
                         struct gyre_span *value);

/* Whether there is a field called `name` among them. */
bool gyre_http_fields_have(const struct gyre_http_fields *f,
                           struct gyre_span name);

/* What is among the fields now stays when they are undone, unless it is
   replaced or removed. */
static inline void gyre_http_fields_keep(struct gyre_http_fields *f)
{
    f->kept = f->text.length;
}

/* Undo what has come since, or all. */
static inline void gyre_http_fields_undo(struct gyre_http_fields *f)
{
    gyre_buf_cut(&f->text, f->kept);
}

static inline void gyre_http_fields_clear(struct gyre_http_fields *f)
{
    f->kept = 0;
    gyre_http_fields_undo(f);
}

/* Ready `h`, which has read a head, or failed to, for another of the kind that
   it was made for, with the same room and limits. */
void gyre_http_head_again(struct gyre_http_head *h);

/*
 * Refuse the head: note the status a server should answer with, and why, a
 * constant string.  Returns the error that gyre_http_head_parse is to return.
 */
int gyre_http_head_refuse(struct gyre_http_head *h, int answer,
                          const char *why);

/*
 * Decide what a head whose fields are all read says: whom it is for, how its
 * body is framed, what becomes of the connection.  0, or as refused.
 */
int gyre_http_head_judge(struct gyre_http_head *h);

/* Whether what the name of a cookie promises by its prefix is so.  Clients know
   prefixes in any case. */
bool gyre_cookie_keeps_promise(struct gyre_span name, bool secure,
                               struct gyre_span path, struct gyre_span domain);

/* An envelope, and its body or what of that goes right behind the head.  It has
   fields and defaults, if empty ones; what else there is none of is absent. */
struct gyre_http_outline {
    const struct gyre_http_fields *fields;
    const struct gyre_http_fields *defaults;
    enum gyre_http_framing framing;
    bool keep_alive;
    bool old;
    uint64_t length;
    struct gyre_span upgrade_to;
    struct gyre_span type;
    struct gyre_span body;
};

/* As gyre_http_compose_response, of parts that were checked when they were set,
   with the usual phrase and a date from date.h: -ENOMEM. */
int gyre_http_put_response(struct gyre_buf *out, int status, const char *date,
                           const struct gyre_http_outline *o);

struct gyre_multipart;

/* Read the lines of a part's head, each with its CRLF, at most
   GYRE_MULTIPART_HEAD bytes.  -EPROTO. */
int gyre_multipart_read_head(struct gyre_multipart *m, struct gyre_span lines);

#endif
