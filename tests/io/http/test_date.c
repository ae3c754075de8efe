/*
 * test_date.c - dates agree with the C library's calendar.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <time.h>

#include "io/http/date.h"
#include "tests/io/http/table.h"

static const int64_t now = INT64_C(1767225600); /* the first of 2026 */

static void check_round(int64_t seconds)
{
    static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT",
                                        "%A, %d-%b-%y %H:%M:%S GMT",
                                        "%a %b %e %H:%M:%S %Y"};
    time_t t = (time_t)seconds;
    struct tm tm;
    char ours[GYRE_HTTP_DATE_SIZE], theirs[64];

    gmtime_r(&t, &tm);
    gyre_http_date_write(ours, seconds);
    for (int i = 0; i < 3; i++) {
        int64_t read = -1;

        strftime(theirs, sizeof theirs, forms[i], &tm);
        if (i == 0)
            cr_assert_str_eq(ours, theirs);
        /* Two digits tell the year for a century alone. */
        if (i == 1 && (tm.tm_year < 77 || tm.tm_year > 176))
            continue;
        cr_assert_eq(gyre_http_date_read(gyre_span_of(theirs), now, &read), 0,
                     "%s", theirs);
        cr_assert_eq(read, seconds, "%s", theirs);
    }
}

Test(date, agrees_with_the_c_library)
{
    int64_t step = INT64_C(86400) * 17 + 3671;

    for (int64_t t = 0; t < INT64_C(253402300800); t += step)
        check_round(t);
    for (int64_t day = 0; day < 400 * 366; day++)
        check_round(INT64_C(946684800) + day * 86400);
    for (int64_t second = 0; second < 86400; second += 7)
        check_round(INT64_C(784111777) + second);
}

Test(date, stays_in_the_years_that_have_four_digits)
{
    char text[GYRE_HTTP_DATE_SIZE];

    gyre_http_date_write(text, INT64_MIN);
    cr_expect_str_eq(text, "Sat, 01 Jan 0000 00:00:00 GMT");
    gyre_http_date_write(text, INT64_MAX);
    cr_expect_str_eq(text, "Fri, 31 Dec 9999 23:59:59 GMT");
    gyre_http_date_write(text, -1);
    cr_expect_str_eq(text, "Wed, 31 Dec 1969 23:59:59 GMT");
    gyre_http_date_write(text, 784111777);
    cr_expect_str_eq(text, "Sun, 06 Nov 1994 08:49:37 GMT");
}

Test(date, of_two_digits_is_at_most_fifty_years_ahead)
{
    static const struct {
        const char *text;
        int64_t now;
        const char *year;
    } cases[] = {
        {"Sunday, 06-Nov-45 08:49:37 GMT", 820454400, "2045"}, /* in 1996 */
        {"Sunday, 06-Nov-46 08:49:37 GMT", 820454400, "2046"},
        {"Sunday, 06-Nov-47 08:49:37 GMT", 820454400, "1947"},
        {"Sunday, 06-Nov-00 08:49:37 GMT", 820454400, "2000"},
        {"Sunday, 06-Nov-99 08:49:37 GMT", 978307200, "1999"}, /* in 2001 */
        {"Sunday, 06-Nov-51 08:49:37 GMT", 978307200, "2051"},
        {"Sunday, 06-Nov-52 08:49:37 GMT", 978307200, "1952"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[GYRE_HTTP_DATE_SIZE];
        int64_t seconds;

        cr_assert_eq(gyre_http_date_read(gyre_span_of(cases[i].text),
                                         cases[i].now, &seconds),
                     0);
        gyre_http_date_write(text, seconds);
        cr_expect(strncmp(text + 12, cases[i].year, 4) == 0, "%zu: %s", i,
                  text);
    }
}

static void say_date(struct gyre_span text, struct gyre_buf *out)
{
    char written[GYRE_HTTP_DATE_SIZE];
    int64_t seconds;
    int err = gyre_http_date_read(text, now, &seconds);

    cr_expect(err == 0 || err == -EINVAL);
    if (err == 0)
        gyre_http_date_write(written, seconds);
    table_say(out, "%s", err ? "refused" : written);
}

Test(date, what_is_no_date_is_refused)
{
    table_run("date.txt", say_date);
}

Test(date, a_damaged_one_is_not_read_beyond)
{
    table_mutate("date.txt", say_date, 300);
}
