/*
 * params.c - a value and its parameters.
 */
#include "io/http/params.h"

#include <errno.h>

#include "io/http/internal.h"

static void skip(struct gyre_span *s, size_t n)
{
    *s = gyre_span_from(s->at + n, s->length - n);
}

static void skip_blanks(struct gyre_span *s)
{
    while (s->length > 0 && (s->at[0] == ' ' || s->at[0] == '\t'))
        skip(s, 1);
}

struct gyre_span gyre_http_take_value(struct gyre_span *field)
{
    const char *end =
        field->length > 0 ? memchr(field->at, ';', field->length) : NULL;
    size_t n = end != NULL ? (size_t)(end - field->at) : field->length;
    struct gyre_span value = gyre_span_trim(gyre_span_from(field->at, n));

    skip(field, n);
    return value;
}

static bool is_escape(struct gyre_span s, size_t i)
{
    return s.at[i] == '\\' && i + 1 < s.length &&
           (s.at[i + 1] == '"' || s.at[i + 1] == '\\');
}

static int take_quoted(struct gyre_span *s, struct gyre_span *value)
{
    size_t n = 0;

    skip(s, 1);
    while (n < s->length && s->at[n] != '"')
        n += is_escape(*s, n) ? 2 : 1;
    if (n >= s->length)
        return -EPROTO;
    *value = gyre_span_from(s->at, n);
    skip(s, n + 1);
    return 0;
}

/* What is not quoted is a token; but is understood if it is none, up to the
   next blank or semicolon. */
static int take_plain(struct gyre_span *s, struct gyre_span *value)
{
    size_t n = 0;

    while (n < s->length && s->at[n] != ';' && s->at[n] != ' ' &&
           s->at[n] != '\t' && s->at[n] != '"')
        n++;
    *value = gyre_span_from(s->at, n);
    skip(s, n);
    return 0;
}

int gyre_http_next_param(struct gyre_span *params, struct gyre_span *name,
                         struct gyre_span *value)
{
    size_t n;
    int err;

    skip_blanks(params);
    if (params->length == 0)
        return 0;
    if (params->at[0] != ';')
        return -EPROTO;
    skip(params, 1);
    skip_blanks(params);
    if (params->length == 0)
        return 0;
    n = gyre_http_prefix(*params, GYRE_HTTP_TOKEN);
    if (n == 0 || n == params->length || params->at[n] != '=')
        return -EPROTO;
    *name = gyre_span_from(params->at, n);
    skip(params, n + 1);
    err = params->length > 0 && params->at[0] == '"'
              ? take_quoted(params, value)
              : take_plain(params, value);
    return err ? err : 1;
}

char *gyre_http_param_write(char *out, struct gyre_span value)
{
    for (size_t i = 0; i < value.length; i++) {
        i += is_escape(value, i);
        *out++ = value.at[i];
    }
    *out = '\0';
    return out;
}
