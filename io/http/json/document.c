/*
 * document.c - takes a JSON text apart.
 *
 * The text is copied once, and strings are unescaped where they stand, since
 * none grows by it.  A NUL stands behind the text, so that looking at the next
 * byte is always allowed; one in it is refused like any byte out of place.
 *
 * There is no recursion: while an array or an object is open, `all` of its node
 * is the index of the one around it.
 */
#include "io/http/json/document.h"

#include <errno.h>

#include "io/http/internal.h"
#include "io/http/utf8.h"
#include "io/http/json/internal.h"

struct parser {
    struct gyre_json_document *d;
    char *at;        /* what comes next */
    const char *end; /* of the text */
    size_t open;     /* the innermost array or object; 0 for none */
    unsigned depth;  /* of them */
};

static int fail(struct parser *p, int err, const char *why)
{
    p->d->why = why;
    p->d->failed_at = p->at ? (size_t)(p->at - p->d->text.at) : 0;
    return err;
}

static int refuse(struct parser *p, const char *why)
{
    return fail(p, -EPROTO, p->at < p->end ? why : "it ends early");
}

/* ---- nodes ---- */

static struct gyre_json_value *node(struct parser *p, size_t i)
{
    return (struct gyre_json_value *)p->d->nodes.at + i;
}

static size_t count(const struct parser *p)
{
    return p->d->nodes.length / sizeof(struct gyre_json_value);
}

static int add(struct parser *p, unsigned kind, const char *at, size_t length)
{
    struct gyre_json_value v = {at, (uint32_t)length, kind, 1};

    if (gyre_buf_append(&p->d->nodes, &v, sizeof v) < 0)
        return fail(p, -ENOMEM, "there is no memory");
    if (p->open != 0 && kind != GYRE_JSON_KEY)
        node(p, p->open)->length++;
    return 0;
}

/* ---- what a text is made of ---- */

/* The next byte that is not blank. */
static char peek(struct parser *p)
{
    while (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t')
        p->at++;
    return *p->at;
}

static void digits(struct parser *p)
{
    while (gyre_http_is_digit(*p->at))
        p->at++;
}

static int number(struct parser *p)
{
    char *start = p->at;

    p->at += *p->at == '-';
    if (!gyre_http_is_digit(*p->at))
        return refuse(p, "no value stands here");
    if (*p->at == '0')
        p->at++;
    else
        digits(p);
    if (*p->at == '.') {
        p->at++;
        if (!gyre_http_is_digit(*p->at))
            return refuse(p, "a point without digits");
        digits(p);
    }
    if (*p->at == 'e' || *p->at == 'E') {
        p->at++;
        p->at += *p->at == '-' || *p->at == '+';
        if (!gyre_http_is_digit(*p->at))
            return refuse(p, "an exponent without digits");
        digits(p);
    }
    return add(p, GYRE_JSON_NUMBER, start, (size_t)(p->at - start));
}

static int literal(struct parser *p, const char *word, unsigned kind)
{
    size_t n = strlen(word);

    if (strncmp(p->at, word, n) != 0)
        return refuse(p, "no value stands here");
    p->at += n;
    return add(p, kind, NULL, kind == GYRE_JSON_BOOL && *word == 't');
}

/* ---- strings ---- */

/* How many bytes stand for themselves. */
static size_t plain(const struct parser *p)
{
    const char *s = p->at;
    size_t n = 1;

    while (n > 0) {
        while ((unsigned char)*s >= ' ' && (unsigned char)*s < 0x80 &&
               *s != '"' && *s != '\\')
            s++;
        n = 0;
        if ((unsigned char)*s >= 0x80)
            n = gyre_utf8_length(gyre_span_from(s, (size_t)(p->end - s)));
        s += n;
    }
    return (size_t)(s - p->at);
}

static int string(struct parser *p, unsigned kind)
{
    char *start = ++p->at, *to = start;

    for (;;) {
        size_t n = plain(p);

        memmove(to, p->at, n);
        to += n;
        p->at += n;
        if (*p->at == '"')
            break;
        if (*p->at != '\\')
            return refuse(p, "a byte that may not be in a string");
        to = gyre_json_unescape(&p->at, to);
        if (to == NULL)
            return refuse(p, "an escape that is none");
    }
    p->at++;
    *to = '\0';
    return add(p, kind, start, (size_t)(to - start));
}

/* ---- what it is built of ---- */

static bool in_object(struct parser *p)
{
    return p->open != 0 && node(p, p->open)->kind == GYRE_JSON_OBJECT;
}

static char closing(struct parser *p)
{
    return in_object(p) ? '}' : ']';
}

static int key(struct parser *p)
{
    int err;

    if (peek(p) != '"')
        return refuse(p, "no key stands here");
    err = string(p, GYRE_JSON_KEY);
    if (err)
        return err;
    if (peek(p) != ':')
        return refuse(p, "no colon behind a key");
    p->at++;
    return 0;
}

/* An array or an object begins: 1 if there is something in it. */
static int open(struct parser *p, unsigned kind)
{
    size_t around = p->open;
    int err;

    if (p->depth == GYRE_JSON_DEPTH)
        return fail(p, -EMSGSIZE, "it is too deep");
    err = add(p, kind, NULL, 0);
    if (err)
        return err;
    p->at++;
    p->depth++;
    p->open = count(p) - 1;
    node(p, p->open)->all = (unsigned)around;
    return peek(p) != closing(p);
}

static void close(struct parser *p)
{
    struct gyre_json_value *v = node(p, p->open);
    size_t around = v->all;

    v->all = (unsigned)(count(p) - p->open);
    p->open = around;
    p->depth--;
    p->at++;
}

/* A value, with its key: 0 if it is whole; 1 if it has begun, and the first of
   those in it comes next. */
static int value(struct parser *p)
{
    int err = in_object(p) ? key(p) : 0;

    if (err)
        return err;
    switch (peek(p)) {
    case '{': return open(p, GYRE_JSON_OBJECT);
    case '[': return open(p, GYRE_JSON_ARRAY);
    case '"': return string(p, GYRE_JSON_STRING);
    case 't': return literal(p, "true", GYRE_JSON_BOOL);
    case 'f': return literal(p, "false", GYRE_JSON_BOOL);
    case 'n': return literal(p, "null", GYRE_JSON_NULL);
    default: return number(p);
    }
}

/* What may stand behind a value: ends of what is around it, and a comma, and
   then 1, for another value follows. */
static int follow(struct parser *p)
{
    while (p->open != 0 && peek(p) == closing(p))
        close(p);
    if (p->open == 0)
        return peek(p), p->at == p->end ? 0 : refuse(p, "something behind it");
    if (*p->at != ',')
        return refuse(p, "no comma, nor the end, behind a value");
    p->at++;
    return 1;
}

static int parse(struct parser *p)
{
    int more = add(p, GYRE_JSON_ABSENT, NULL, 0);

    if (more < 0)
        return more;
    do {
        more = value(p);
        if (more == 0)
            more = follow(p);
    } while (more > 0);
    return more;
}

/* A copy of `text`, with a NUL. */
static int copy(struct gyre_buf *to, struct gyre_span text)
{
    int err;

    gyre_buf_cut(to, 0);
    err = gyre_buf_append(to, text.at, text.length);
    return err ? err : gyre_buf_append(to, "", 1);
}

int gyre_json_parse(struct gyre_json_document *d, struct gyre_span text,
                    const struct gyre_json_value **root)
{
    struct parser p = {.d = d};
    int err;

    *root = NULL;
    d->why = NULL;
    d->failed_at = 0;
    gyre_buf_cut(&d->nodes, 0);
    if (text.length > GYRE_JSON_TEXT_MAX)
        return fail(&p, -EMSGSIZE, "it is too long");
    err = copy(&d->text, text);
    if (err)
        return fail(&p, err, "there is no memory");
    p.at = d->text.at;
    p.end = p.at + text.length;
    err = parse(&p);
    if (err == 0)
        *root = node(&p, 1);
    return err;
}

void gyre_json_free(struct gyre_json_document *d)
{
    gyre_buf_free(&d->text);
    gyre_buf_free(&d->nodes);
}
