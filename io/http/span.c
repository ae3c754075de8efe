/*
 * span.c - comparing spans, and walking lists of them.
 */
#include "io/http/span.h"

#include "io/http/internal.h"

bool gyre_span_equals_nocase(struct gyre_span s, struct gyre_span t)
{
    size_t i = 0;

    if (s.length != t.length)
        return false;
    while (i + 8 <= s.length && memcmp(s.at + i, t.at + i, 8) == 0)
        i += 8;
    for (; i < s.length; i++)
        if (s.at[i] != t.at[i] &&
            gyre_http_lower(s.at[i]) != gyre_http_lower(t.at[i]))
            return false;
    return true;
}

bool gyre_span_next(struct gyre_span *list, struct gyre_span *element)
{
    while (list->length > 0) {
        const char *comma = memchr(list->at, ',', list->length);
        size_t n = comma != NULL ? (size_t)(comma - list->at) : list->length;
        size_t past = comma != NULL ? n + 1 : n;

        *element = gyre_span_trim(gyre_span_from(list->at, n));
        list->at += past;
        list->length -= past;
        if (element->length > 0)
            return true;
    }
    return false;
}

bool gyre_span_lists(struct gyre_span list, const char *token)
{
    struct gyre_span wanted = gyre_span_of(token);
    struct gyre_span element;

    while (gyre_span_next(&list, &element))
        if (gyre_span_equals_nocase(element, wanted))
            return true;
    return false;
}
