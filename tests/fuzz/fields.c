/*
 * fields.c - what stands in fields: lists, weights, dates, who asks; and fields
 * that are set.
 *
 * The first line is a name, the second a value; both lines are also a list and
 * a date each.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/accept.h"
#include "io/http/base64.h"
#include "io/http/basic.h"
#include "io/http/date.h"
#include "io/http/fields.h"
#include "io/http/params.h"
#include "tests/fuzz/fuzz.h"

/* The first second that has no date; the leap second before it is read as
   it. */
#define YEAR_10000 INT64_C(253402300800)

static void check_list(struct gyre_span list)
{
    struct gyre_span rest = list, element;
    const char *before = list.at;

    while (gyre_span_next(&rest, &element)) {
        char *token = fuzz_string(element);

        always(fuzz_within(element, list.at, list.length));
        always(element.length > 0 && element.at >= before);
        always(memchr(element.at, ',', element.length) == NULL);
        always(gyre_span_equals(gyre_span_trim(element), element));
        always(memchr(element.at, '\0', element.length) != NULL ||
               gyre_span_lists(list, token));
        before = element.at + element.length;
        free(token);
    }
}

/* Parameters lie in the field, in order; what they stand for is no longer. */
static void check_params(struct gyre_span field)
{
    struct gyre_span rest = field, name, value;
    int more;

    always(fuzz_within(gyre_http_take_value(&rest), field.at, field.length));
    while ((more = gyre_http_next_param(&rest, &name, &value)) > 0) {
        char *plain = malloc(value.length + 1), *end;

        always(plain != NULL && name.length > 0);
        always(fuzz_within(name, field.at, field.length));
        always(fuzz_within(value, field.at, field.length));
        end = gyre_http_param_write(plain, value);
        always(end >= plain && end <= plain + value.length && *end == '\0');
        free(plain);
    }
    always(more == 0 || more == -EPROTO);
}

static int accepts(struct gyre_span value, const char *what)
{
    struct gyre_http_field field = {gyre_span_of("Accept"), value};
    struct gyre_http_head h = {.fields = &field, .field_count = 1};

    return gyre_http_accepts(&h, "Accept", what);
}

/* A weight is one, and what says nothing matches nothing. */
static void check_accepts(struct gyre_span field)
{
    int html = accepts(field, "text/html");
    int gzip = accepts(field, "gzip");

    always(html >= 0 && html <= 1000 && gzip >= 0 && gzip <= 1000);
    always(field.length > 0 || (html == 0 && gzip == 0));
}

/* Who asks is told in base64, and in nothing else. */
static void check_basic(const char *user, const char *password)
{
    struct gyre_http_fields f = {{0}};
    int err = gyre_http_fields_set_basic(&f, "Authorization", user, password);
    struct gyre_span got = gyre_http_fields_get(&f, "Authorization");
    char plain[4096];
    ssize_t n;

    always(err == 0 || err == -EINVAL || err == -EMSGSIZE);
    always((got.at != NULL) == (err == 0));
    if (err == 0 && got.length < sizeof plain) {
        always(memcmp(got.at, "Basic ", 6) == 0);
        n = gyre_base64_decode(plain,
                               gyre_span_from(got.at + 6, got.length - 6));
        always(n == (ssize_t)(strlen(user) + 1 + strlen(password)));
        always(memcmp(plain, user, strlen(user)) == 0);
        always(plain[strlen(user)] == ':');
    }
    gyre_http_fields_free(&f);
}

/* A date that is read is written as one that reads as the same. */
static void check_date(struct gyre_span text)
{
    int64_t now = INT64_C(1767225600), seconds = 0, again = 0;
    char out[GYRE_HTTP_DATE_SIZE];

    if (gyre_http_date_read(text, now, &seconds) != 0)
        return;
    gyre_http_date_write(out, seconds);
    always(strlen(out) == GYRE_HTTP_DATE_SIZE - 1);
    always(gyre_http_date_read(gyre_span_of(out), now, &again) == 0);
    always(again == (seconds < YEAR_10000 ? seconds : YEAR_10000 - 1));
    if (text.length == GYRE_HTTP_DATE_SIZE - 1 && text.at[3] == ',' &&
        memcmp(text.at + 23, "60", 2) != 0)
        always(memcmp(text.at + 4, out + 4, text.length - 4) == 0);
}

/* What is set is one line, and can be got; what cannot be changes nothing. */
static void check_set(const char *name, const char *value)
{
    struct gyre_http_fields f = {{0}};
    int err;

    always(gyre_http_fields_add(&f, "Before", "x") == 0);
    err = gyre_http_fields_add(&f, name, value);
    always(err == 0 || err == -EINVAL || err == -EMSGSIZE);
    if (err == 0) {
        struct gyre_span got = gyre_http_fields_get(&f, name);
        const char *line = f.text.at + strlen("Before: x\r\n");
        size_t n = f.text.length - strlen("Before: x\r\n");

        always(got.at != NULL);
        always(memchr(line, '\r', n) == line + n - 2);
        always(memchr(line, '\n', n) == line + n - 1);
        always(memchr(line, '\0', n) == NULL);
        always(gyre_http_fields_set(&f, name, "other") == 0);
        always(gyre_span_equals(gyre_http_fields_get(&f, name),
                                gyre_span_of("other")));
        gyre_http_fields_remove(&f, name);
        always(gyre_http_fields_get(&f, name).at == NULL);
    } else {
        always(f.text.length == strlen("Before: x\r\n"));
    }
    gyre_http_fields_free(&f);
}

void fuzz_fields(const char *data, size_t n)
{
    const char *feed = n > 0 ? memchr(data, '\n', n) : NULL;
    size_t first = feed != NULL ? (size_t)(feed - data) : n;
    size_t rest = feed != NULL ? n - first - 1 : 0;
    char *name = fuzz_string(gyre_span_from(data, first));
    char *value =
        fuzz_string(gyre_span_from(feed != NULL ? feed + 1 : data, rest));
    char *list = fuzz_copy(data, n);

    check_list(gyre_span_from(list, n));
    check_date(gyre_span_from(name, first));
    check_date(gyre_span_from(value, rest));
    check_params(gyre_span_from(list, n));
    check_accepts(gyre_span_from(list, n));
    check_basic(name, value);
    check_set(name, value);
    free(name);
    free(value);
    free(list);
}
