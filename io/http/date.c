/*
 * date.c - dates as HTTP writes them.
 *
 * Days are counted in years that begin in March, so that the leap day, where
 * there is one, is the last of its year, and every month but that last one has
 * a fixed place.  4 such years have 1461 days, 400 have 146097, whichever they
 * are; the first day of 1970 is day 719468 of the year 0.
 */
#include "io/http/date.h"

#include <errno.h>
#include <stdbool.h>

#include "io/http/internal.h"

enum { DAY = 86400, ERA_DAYS = 146097, ERA_YEARS = 400, EPOCH_DAY = 719468 };

/* Of the years 0 and 9999, in seconds from 1970. */
#define FIRST_SECOND INT64_C(-62167219200)
#define LAST_SECOND  INT64_C(253402300799)

static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct date {
    int year, month, day; /* month and day from 1 */
    int hour, minute, second;
};

/* The day `month`/`day` of `year`, counted from the first of 1970. */
static int64_t day_of(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t era = (y >= 0 ? y : y - (ERA_YEARS - 1)) / ERA_YEARS;
    int64_t of_era = y - era * ERA_YEARS;
    int64_t of_year = (153 * m + 2) / 5 + day - 1;

    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           EPOCH_DAY;
}

/* Fill in the year, month and day of a day counted from the first of 1970. */
static void from_day(struct date *d, int64_t day)
{
    int64_t shifted = day + EPOCH_DAY;
    int64_t era =
        (shifted >= 0 ? shifted : shifted - (ERA_DAYS - 1)) / ERA_DAYS;
    int64_t of_era = shifted - era * ERA_DAYS;
    /* Leave the leap days out, and every year has 365. */
    int64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;

    d->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    d->month = (int)(month < 10 ? month + 3 : month - 9);
    d->year = (int)(year + era * ERA_YEARS + (d->month <= 2));
}

/* Write `n` in as many digits as `width`. */
static void put_digits(char *out, int n, int width)
{
    while (width-- > 0) {
        out[width] = (char)('0' + n % 10);
        n /= 10;
    }
}

void gyre_http_date_write(char out[GYRE_HTTP_DATE_SIZE], int64_t seconds)
{
    struct date d;
    int64_t day;
    int clock;

    if (seconds < FIRST_SECOND)
        seconds = FIRST_SECOND;
    if (seconds > LAST_SECOND)
        seconds = LAST_SECOND;
    day = (seconds - FIRST_SECOND) / DAY + FIRST_SECOND / DAY;
    clock = (int)(seconds - day * DAY);
    from_day(&d, day);
    memcpy(out, "Sun, 00 Jan 0000 00:00:00 GMT", GYRE_HTTP_DATE_SIZE);
    /* The first of the year 0 was a Saturday. */
    memcpy(out, days[(day - FIRST_SECOND / DAY + 6) % 7], 3);
    put_digits(out + 5, d.day, 2);
    memcpy(out + 8, months + 3 * (d.month - 1), 3);
    put_digits(out + 12, d.year, 4);
    put_digits(out + 17, clock / 3600, 2);
    put_digits(out + 20, clock / 60 % 60, 2);
    put_digits(out + 23, clock % 60, 2);
}

/*
 * Read `text` as `form` shows it: D, Y, h, m and s stand for a digit of the
 * day, year, hour, minute and second, '_' for a space in place of a digit of
 * the day, N for a letter of the month's name, and all else for itself.
 */
static bool read_form(struct gyre_span text, const char *form, struct date *d)
{
    static const char letters[] = "DYhms";
    int *const numbers[] = {&d->day, &d->year, &d->hour, &d->minute,
                            &d->second};
    const char *month = months;

    *d = (struct date){0};
    if (text.length != strlen(form))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        char shown = form[i] == '_' && text.at[i] != ' ' ? 'D' : form[i];
        const char *letter = strchr(letters, shown);

        if (letter != NULL) {
            if (!gyre_http_is_digit(text.at[i]))
                return false;
            *numbers[letter - letters] *= 10;
            *numbers[letter - letters] += text.at[i] - '0';
        } else if (shown != 'N' && shown != '_' && shown != text.at[i]) {
            return false;
        }
    }
    text.at += strcspn(form, "N");
    for (d->month = 1; d->month <= 12; d->month++, month += 3)
        if (memcmp(text.at, month, 3) == 0)
            return true;
    return false;
}

/* Whether `word` names a day of the week, in full or by three letters. */
static bool is_weekday(struct gyre_span word, bool full)
{
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct gyre_span day = gyre_span_of(days[i]);

        if (!full)
            day.length = 3;
        if (gyre_span_equals(word, day))
            return true;
    }
    return false;
}

static bool is_date(const struct date *d)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);

    /* A leap second may be the 60th of its minute. */
    return d->day >= 1 && d->day <= lengths[d->month - 1] &&
           (d->month != 2 || d->day < 29 || leap) && d->hour < 24 &&
           d->minute < 60 && d->second <= 60;
}

/* The year that two digits mean: at most fifty after that of `now`. */
static int full_year(int digits, int64_t now)
{
    struct date d;

    from_day(&d, now / DAY);
    digits += d.year / 100 * 100;
    while (digits > d.year + 50)
        digits -= 100;
    while (digits <= d.year - 50)
        digits += 100;
    return digits;
}

int gyre_http_date_read(struct gyre_span text, int64_t now, int64_t *seconds)
{
    struct gyre_span word = {text.at, 0};
    struct date d;
    bool full = false;

    while (word.length < text.length && text.at[word.length] != ',' &&
           text.at[word.length] != ' ')
        word.length++;
    text = gyre_span_from(text.at + word.length, text.length - word.length);
    if (read_form(text, ", DD-NNN-YY hh:mm:ss GMT", &d)) {
        d.year = full_year(d.year, now);
        full = true;
    } else if (!read_form(text, ", DD NNN YYYY hh:mm:ss GMT", &d) &&
               !read_form(text, " NNN _D hh:mm:ss YYYY", &d)) {
        return -EINVAL;
    }
    if (!is_weekday(word, full) || !is_date(&d))
        return -EINVAL;
    *seconds = day_of(d.year, d.month, d.day) * DAY + d.hour * 3600 +
               d.minute * 60 + d.second;
    return 0;
}
