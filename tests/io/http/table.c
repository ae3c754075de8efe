/*
 * table.c - texts and what is to come of them, a line for each, from files.
 */
#include "tests/io/http/table.h"

#include <criterion/criterion.h>

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/io/http/vectors.h"

struct row {
    struct gyre_buf text;
    char *expected;
};

struct table {
    struct row *rows;
    size_t n;
};

void table_say(struct gyre_buf *outcome, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vectors_print(outcome, format, args);
    va_end(args);
}

static void add(struct table *t, char *line)
{
    char *arrow = strstr(line, " => ");
    struct row *row;

    line[strcspn(line, "\n")] = '\0';
    if (*line == '\0' || *line == '#')
        return;
    cr_assert_not_null(arrow, "not understood: %s", line);
    t->rows = realloc(t->rows, (t->n + 1) * sizeof *t->rows);
    cr_assert_not_null(t->rows);
    row = &t->rows[t->n++];
    row->text = (struct gyre_buf){0};
    vectors_unescape(&row->text, line, arrow);
    row->expected = strdup(arrow + 4);
}

static struct table read_table(const char *file)
{
    struct table t = {0};
    char path[256], line[4096];
    FILE *f;

    snprintf(path, sizeof path, "tests/io/http/vectors/%s", file);
    f = fopen(path, "r");
    cr_assert_not_null(f, "cannot open %s", path);
    while (fgets(line, sizeof line, f) != NULL)
        add(&t, line);
    fclose(f);
    cr_assert(t.n > 10, "hardly a line in %s", file);
    return t;
}

static void free_table(struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        gyre_buf_free(&t->rows[i].text);
        free(t->rows[i].expected);
    }
    free(t->rows);
}

/* What comes of a copy of `text` that ends where its block does, with a NUL. */
static void outcome(struct gyre_span text, table_reader *read,
                    struct gyre_buf *to)
{
    char *block = malloc(text.length + (text.length == 0));

    cr_assert_not_null(block);
    if (text.length > 0)
        memcpy(block, text.at, text.length);
    gyre_buf_cut(to, 0);
    read(gyre_span_from(block, text.length), to);
    cr_assert_eq(gyre_buf_append(to, "", 1), 0);
    free(block);
}

void table_run(const char *file, table_reader *read)
{
    struct table t = read_table(file);
    struct gyre_buf came = {0};

    for (size_t i = 0; i < t.n; i++) {
        const struct gyre_buf *text = &t.rows[i].text;

        outcome(gyre_span_from(text->at, text->length), read, &came);
        cr_expect_str_eq(came.at, t.rows[i].expected, "%.*s: %s",
                         (int)text->length, text->at, came.at);
    }
    gyre_buf_free(&came);
    free_table(&t);
}

static uint32_t random_number(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Bytes of other rows in place of some, and often an early end. */
static void mutate(struct gyre_buf *text, const struct table *t, uint32_t *seed)
{
    for (uint32_t n = random_number(seed) % 4; n > 0; n--) {
        const struct gyre_buf *from = &t->rows[random_number(seed) % t->n].text;

        if (from->length > 0)
            text->at[random_number(seed) % text->length] =
                from->at[random_number(seed) % from->length];
    }
    if (random_number(seed) % 4 == 0)
        gyre_buf_cut(text, random_number(seed) % text->length);
}

void table_mutate(const char *file, table_reader *read, int rounds)
{
    struct table t = read_table(file);
    struct gyre_buf text = {0}, came = {0};
    uint32_t seed = 2026;

    for (size_t i = 0; i < t.n * (size_t)rounds; i++) {
        const struct gyre_buf *from = &t.rows[i % t.n].text;

        if (from->length == 0)
            continue;
        gyre_buf_cut(&text, 0);
        cr_assert_eq(gyre_buf_append(&text, from->at, from->length), 0);
        mutate(&text, &t, &seed);
        outcome(gyre_span_from(text.at, text.length), read, &came);
    }
    gyre_buf_free(&text);
    gyre_buf_free(&came);
    free_table(&t);
}
