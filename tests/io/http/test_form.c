/*
 * test_form.c - forms are read as they were written.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/form.h"
#include "tests/io/http/table.h"
#include "tests/support/faults.h"

static void read_form(struct gyre_span text, struct gyre_buf *outcome)
{
    struct gyre_form f = {0};
    int err = gyre_form_read(&f, text);

    if (err)
        table_say(outcome, "%s", err == -EPROTO ? "malformed" : "?");
    cr_assert(err == 0 || f.count == 0);
    for (size_t i = 0; i < f.count; i++)
        table_say(outcome, "(%s=%s)", f.pairs[i].name, f.pairs[i].value);
    gyre_form_free(&f);
}

Test(form, is_read_as_the_vectors_say)
{
    table_run("form.txt", read_form);
}

/* What is read of a changed text is composed, and read as the same. */
static void read_twice(struct gyre_span text, struct gyre_buf *outcome)
{
    struct gyre_form f = {0};
    struct gyre_buf composed = {0}, again = {0};

    read_form(text, outcome);
    if (gyre_form_read(&f, text) == 0) {
        for (size_t i = 0; i < f.count; i++)
            cr_assert_eq(
                gyre_form_add(&composed, f.pairs[i].name, f.pairs[i].value), 0);
        read_form(gyre_span_from(composed.at, composed.length), &again);
        cr_assert_eq(again.length, outcome->length);
        cr_assert(again.length == 0 ||
                  memcmp(again.at, outcome->at, again.length) == 0);
    }
    gyre_form_free(&f);
    gyre_buf_free(&composed);
    gyre_buf_free(&again);
}

Test(form, goes_there_and_back)
{
    table_mutate("form.txt", read_twice, 300);
}

Test(form, is_asked_by_name)
{
    struct gyre_form f = {0};

    cr_expect_eq(gyre_form_read(&f, gyre_span_of("a=1&b&a=2&%63=3")), 0);
    cr_expect_str_eq(gyre_form_get(&f, "a"), "1");
    cr_expect_str_eq(gyre_form_get(&f, "b"), "");
    cr_expect_str_eq(gyre_form_get(&f, "c"), "3");
    cr_expect_null(gyre_form_get(&f, "A"));
    cr_expect_null(gyre_form_get(&f, ""));
    cr_expect_eq(gyre_form_read(&f, gyre_span_of("x=%")), -EPROTO);
    cr_expect_null(gyre_form_get(&f, "a"));
    cr_expect_eq(gyre_form_read(&f, gyre_span_of("x=y")), 0);
    cr_expect_str_eq(gyre_form_get(&f, "x"), "y");
    cr_expect_eq(gyre_form_read(&f, gyre_span_of("long=er&z")), 0);
    cr_expect_eq(f.count, 2);
    cr_expect_str_eq(gyre_form_get(&f, "long"), "er");
    cr_expect_str_eq(gyre_form_get(&f, "z"), "");
    gyre_form_free(&f);
    cr_expect_null(gyre_form_get(&f, "long"));
}

Test(form, is_composed_of_pairs)
{
    struct gyre_buf out = {0};

    cr_expect_eq(gyre_form_add(&out, "a b", "1&2"), 0);
    cr_expect_eq(gyre_form_add(&out, "", "+"), 0);
    cr_expect(gyre_span_equals(gyre_span_from(out.at, out.length),
                               gyre_span_of("a%20b=1%262&=%2B")));
    gyre_buf_free(&out);
}

Test(form, has_an_end)
{
    static char text[2 * GYRE_FORM_PAIRS + 3];
    struct gyre_form f = {0};

    for (int i = 0; i <= GYRE_FORM_PAIRS; i++)
        memcpy(text + 2 * i, "a&", 2);
    cr_expect_eq(gyre_form_read(&f, gyre_span_from(text, 2 * GYRE_FORM_PAIRS)),
                 0);
    cr_expect_eq(f.count, GYRE_FORM_PAIRS);
    cr_expect_eq(gyre_form_read(&f, gyre_span_of(text)), -EMSGSIZE);
    cr_expect_eq(f.count, 0);
    gyre_form_free(&f);
}

static int read_and_compose(void)
{
    struct gyre_form f = {0};
    struct gyre_buf out = {0};
    int err = gyre_form_read(
        &f, gyre_span_of("a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=10&k=11&l=12&"
                         "m=13&n=14&o=15&p=16&q=17&r=18"));

    for (int i = 0; err == 0 && i < 100; i++) {
        size_t before = out.length;

        err = gyre_form_add(&out, "name", "a value");
        cr_expect(err == 0 || out.length == before);
    }
    gyre_form_free(&f);
    gyre_buf_free(&out);
    return err;
}

Test(form, without_memory_says_so)
{
    cr_expect(faults_in_memory(read_and_compose) > 4);
}
