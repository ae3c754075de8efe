/*
 * cookie_date.c - the dates of cookies, which servers write in many ways.
 *
 * They are taken apart as RFC 6265 (5.1.1) says, and what is found is put into
 * the form that HTTP has now, and read by its rules.
 */
#include <errno.h>
#include <stdio.h>

#include "io/http/cookie.h"
#include "io/http/date.h"
#include "io/http/internal.h"

struct date {
    bool time_found;
    int hour, minute, second;
    int day, year;     /* -1: not found */
    const char *month; /* three letters; NULL: not found */
};

/* Blanks, and all else of ASCII but digits, letters, and the colon. */
static bool divides(char c)
{
    char lower = gyre_http_lower(c);

    return c == '\t' ||
           (c >= ' ' && c <= '~' && c != ':' && !gyre_http_is_digit(c) &&
            (lower < 'a' || lower > 'z'));
}

/* Take the next word off the front of `text`; empty at the end. */
static struct gyre_span next_word(struct gyre_span *text)
{
    struct gyre_span word;
    size_t n = 0;

    while (text->length > 0 && divides(text->at[0]))
        *text = gyre_span_from(text->at + 1, text->length - 1);
    while (n < text->length && !divides(text->at[n]))
        n++;
    word = gyre_span_from(text->at, n);
    *text = gyre_span_from(text->at + n, text->length - n);
    return word;
}

/* Take `least` to `most` digits off the front of `s`, where no digit follows;
   -1 if there are not so many. */
static int take_number(struct gyre_span *s, size_t least, size_t most)
{
    size_t n = 0;
    int sum = 0;

    while (n < s->length && n <= most && gyre_http_is_digit(s->at[n]))
        n++;
    if (n < least || n > most)
        return -1;
    for (size_t i = 0; i < n; i++)
        sum = 10 * sum + (s->at[i] - '0');
    *s = gyre_span_from(s->at + n, s->length - n);
    return sum;
}

static bool take_colon(struct gyre_span *s)
{
    if (s->length == 0 || s->at[0] != ':')
        return false;
    *s = gyre_span_from(s->at + 1, s->length - 1);
    return true;
}

static bool read_time(struct gyre_span word, struct date *d)
{
    int hour = take_number(&word, 1, 2), minute, second;

    if (hour < 0 || !take_colon(&word))
        return false;
    minute = take_number(&word, 1, 2);
    if (minute < 0 || !take_colon(&word))
        return false;
    second = take_number(&word, 1, 2);
    if (second < 0)
        return false;
    d->time_found = true;
    d->hour = hour;
    d->minute = minute;
    d->second = second;
    return true;
}

static const char *month_of(struct gyre_span word)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr",
                                       "May", "Jun", "Jul", "Aug",
                                       "Sep", "Oct", "Nov", "Dec"};

    if (word.length < 3)
        return NULL;
    for (size_t i = 0; i < 12; i++)
        if (gyre_span_equals_nocase(gyre_span_from(word.at, 3),
                                    gyre_span_of(months[i])))
            return months[i];
    return NULL;
}

/* Each word is the first of what it can be and was not found yet. */
static void read_word(struct gyre_span word, struct date *d)
{
    if (!d->time_found && read_time(word, d))
        return;
    if (d->day < 0) {
        struct gyre_span rest = word;

        d->day = take_number(&rest, 1, 2);
        if (d->day >= 0)
            return;
    }
    if (d->month == NULL && (d->month = month_of(word)) != NULL)
        return;
    if (d->year < 0)
        d->year = take_number(&word, 2, 4);
}

int gyre_cookie_date(struct gyre_span text, int64_t *seconds)
{
    struct date d = {.day = -1, .year = -1};
    struct gyre_span word;
    char form[64];

    while ((word = next_word(&text)).length > 0)
        read_word(word, &d);
    if (!d.time_found || d.day < 0 || d.month == NULL || d.year < 0)
        return -EINVAL;
    if (d.year < 100)
        d.year += d.year < 70 ? 2000 : 1900;
    if (d.year < 1601 || d.second > 59)
        return -EINVAL;
    snprintf(form, sizeof form, "Sun, %02d %s %04d %02d:%02d:%02d GMT", d.day,
             d.month, d.year, d.hour, d.minute, d.second);
    return gyre_http_date_read(gyre_span_of(form), 0, seconds);
}
