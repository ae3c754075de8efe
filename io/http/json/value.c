/*
 * value.c - finds values in a document, and says what they are.
 */
#include <errno.h>

#include "io/http/json/document.h"
#include "io/http/json/internal.h"

enum gyre_json_kind gyre_json_kind(const struct gyre_json_value *v)
{
    return v != NULL ? (enum gyre_json_kind)v->kind : GYRE_JSON_ABSENT;
}

size_t gyre_json_count(const struct gyre_json_value *v)
{
    switch (gyre_json_kind(v)) {
    case GYRE_JSON_ARRAY:
    case GYRE_JSON_OBJECT: return v->length;
    default: return 0;
    }
}

const struct gyre_json_value *gyre_json_next(const struct gyre_json_value *v,
                                             const struct gyre_json_value *last)
{
    const struct gyre_json_value *next;

    if (gyre_json_count(v) == 0)
        return NULL;
    next = last != NULL ? last + last->all : v + 1;
    if (next == v + v->all)
        return NULL;
    return next->kind == GYRE_JSON_KEY ? next + 1 : next;
}

const struct gyre_json_value *gyre_json_at(const struct gyre_json_value *v,
                                           size_t i)
{
    const struct gyre_json_value *found = NULL;

    if (i >= gyre_json_count(v))
        return NULL;
    do
        found = gyre_json_next(v, found);
    while (i-- > 0);
    return found;
}

static struct gyre_span span_of(const struct gyre_json_value *v)
{
    return gyre_span_from(v->at, v->length);
}

const struct gyre_json_value *gyre_json_get(const struct gyre_json_value *v,
                                            const char *key)
{
    const struct gyre_json_value *found = NULL, *member = NULL;
    struct gyre_span wanted = gyre_span_of(key);

    if (gyre_json_kind(v) != GYRE_JSON_OBJECT)
        return NULL;
    while ((member = gyre_json_next(v, member)) != NULL)
        if (gyre_span_equals(span_of(member - 1), wanted))
            found = member;
    return found;
}

/* A node that is no key stands before the first value of a document. */
struct gyre_span gyre_json_name(const struct gyre_json_value *v)
{
    if (v == NULL || v[-1].kind != GYRE_JSON_KEY)
        return gyre_span_of(NULL);
    return span_of(v - 1);
}

static int expect(const struct gyre_json_value *v, enum gyre_json_kind kind)
{
    if (v == NULL)
        return -ENOENT;
    return gyre_json_kind(v) == kind ? 0 : -EINVAL;
}

int gyre_json_as_int(const struct gyre_json_value *v, int64_t *out)
{
    int err = expect(v, GYRE_JSON_NUMBER);
    bool negative;
    int64_t sum = 0;

    if (err)
        return err;
    negative = v->at[0] == '-';
    for (uint32_t i = negative; i < v->length; i++) {
        int digit = v->at[i] - '0';

        if (digit < 0 || digit > 9)
            return -ERANGE;
        /* Below zero there is one number more than above. */
        if (sum < (INT64_MIN + digit) / 10)
            return -ERANGE;
        sum = 10 * sum - digit;
    }
    if (!negative && sum == INT64_MIN)
        return -ERANGE;
    *out = negative ? sum : -sum;
    return 0;
}

int gyre_json_as_double(const struct gyre_json_value *v, double *out)
{
    int err = expect(v, GYRE_JSON_NUMBER);

    return err ? err : gyre_json_decimal(span_of(v), out);
}

int gyre_json_as_bool(const struct gyre_json_value *v, bool *out)
{
    int err = expect(v, GYRE_JSON_BOOL);

    if (err == 0)
        *out = v->length != 0;
    return err;
}

const char *gyre_json_as_string(const struct gyre_json_value *v)
{
    if (expect(v, GYRE_JSON_STRING) < 0 || strlen(v->at) != v->length)
        return NULL;
    return v->at;
}

struct gyre_span gyre_json_as_span(const struct gyre_json_value *v)
{
    enum gyre_json_kind kind = gyre_json_kind(v);

    if (kind != GYRE_JSON_STRING && kind != GYRE_JSON_NUMBER)
        return gyre_span_of(NULL);
    return span_of(v);
}
