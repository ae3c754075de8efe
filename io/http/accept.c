/*
 * accept.c - weighs what a client would rather have.
 */
#include "io/http/accept.h"

#include "io/http/internal.h"

enum { WHOLE = 1000 };

/* Take what is before the next ';' off the front of `s`. */
static struct gyre_span next_part(struct gyre_span *s)
{
    const char *end = s->length > 0 ? memchr(s->at, ';', s->length) : NULL;
    size_t n = end != NULL ? (size_t)(end - s->at) : s->length;
    struct gyre_span part = gyre_span_trim(gyre_span_from(s->at, n));

    n += end != NULL;
    *s = gyre_span_from(s->at + n, s->length - n);
    return part;
}

/* "0.5", with three digits behind the dot at most, in thousandths. */
static int read_weight(struct gyre_span s)
{
    int weight = 0, unit = WHOLE;

    if (s.length == 0 || s.length > 5 || (s.at[0] != '0' && s.at[0] != '1') ||
        (s.length > 1 && s.at[1] != '.'))
        return 0;
    weight = (s.at[0] - '0') * WHOLE;
    for (size_t i = 2; i < s.length; i++) {
        if (!gyre_http_is_digit(s.at[i]))
            return 0;
        unit /= 10;
        weight += (s.at[i] - '0') * unit;
    }
    return weight <= WHOLE ? weight : 0;
}

/* The weight among the parameters of an element; all of it without one. */
static int weight_of(struct gyre_span parameters)
{
    while (parameters.length > 0) {
        struct gyre_span p = next_part(&parameters);

        if (p.length >= 2 && gyre_http_lower(p.at[0]) == 'q' && p.at[1] == '=')
            return read_weight(gyre_span_from(p.at + 2, p.length - 2));
    }
    return WHOLE;
}

/* How exactly `range` means `what`; 0: not at all. */
static int exactness(struct gyre_span range, struct gyre_span what)
{
    const char *slash =
        what.length > 0 ? memchr(what.at, '/', what.length) : NULL;
    size_t type = slash != NULL ? (size_t)(slash - what.at) + 1 : 0;

    if (gyre_span_equals_nocase(range, what))
        return 3;
    if (type > 0 && gyre_span_equals(range, gyre_span_of("*/*")))
        return 1;
    if (range.length != type + 1 || range.at[type] != '*' ||
        !gyre_span_equals_nocase(gyre_span_from(range.at, type),
                                 gyre_span_from(what.at, type)))
        return 0;
    return type > 0 ? 2 : 1;
}

/* The most exact that was found, and how much that is wanted. */
struct choice {
    int exact, weight;
};

static void choose(struct choice *c, struct gyre_span list,
                   struct gyre_span wanted)
{
    struct gyre_span element;

    while (gyre_span_next(&list, &element)) {
        int exact = exactness(next_part(&element), wanted);

        if (exact > c->exact) {
            c->exact = exact;
            c->weight = weight_of(element);
        }
    }
}

int gyre_http_accepts(const struct gyre_http_head *h, const char *name,
                      const char *what)
{
    struct choice c = {0};

    for (size_t i = 0; i < h->field_count; i++) {
        const struct gyre_http_field *f = &h->fields[i];

        if (gyre_span_equals_nocase(f->name, gyre_span_of(name)))
            choose(&c, f->value, gyre_span_of(what));
    }
    return c.weight;
}
