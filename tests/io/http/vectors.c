/*
 * vectors.c - messages and what is to come of them, from text files.
 */
#include "tests/io/http/vectors.h"

#include <criterion/criterion.h>

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/internal.h"

/* A message longer than LONG is divided at every STEPth place alone. */
enum { LONG = 2000, STEP = 41 };

static void append(struct gyre_buf *b, const void *at, size_t n)
{
    cr_assert_eq(gyre_buf_append(b, at, n), 0);
}

void vectors_print(struct gyre_buf *outcome, const char *format, va_list args)
{
    char text[1024];
    int n = vsnprintf(text, sizeof text, format, args);

    cr_assert(n >= 0 && (size_t)n < sizeof text);
    append(outcome, text, (size_t)n);
}

void vectors_say(struct gyre_buf *outcome, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vectors_print(outcome, format, args);
    va_end(args);
    append(outcome, "\n", 1);
}

/* The brace that closes the one at `open`. */
static const char *closing(const char *open, const char *end)
{
    int depth = 0;

    for (; open < end; open++) {
        depth += (*open == '{') - (*open == '}');
        if (depth == 0)
            return open;
    }
    return NULL;
}

/* Append what the escape at `at`, behind its backslash, stands for, and return
   where it ends. */
static const char *unescape_one(struct gyre_buf *to, const char *at,
                                const char *end)
{
    static const char letters[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
    const char *letter = strchr(letters, *at);
    char byte;

    if (*at == 'x') {
        byte = (char)(16 * gyre_http_hex(at[1]) + gyre_http_hex(at[2]));
        append(to, &byte, 1);
        return at + 3;
    }
    if (*at == '*') {
        char *open;
        long times = strtol(at + 1, &open, 10);
        const char *close = closing(open, end);

        cr_assert(*open == '{' && close != NULL);
        while (times-- > 0)
            vectors_unescape(to, open + 1, close);
        return close + 1;
    }
    cr_assert(letter != NULL && *at != '\0', "no such escape: \\%c", *at);
    append(to, &bytes[letter - letters], 1);
    return at + 1;
}

void vectors_unescape(struct gyre_buf *to, const char *at, const char *end)
{
    while (at < end) {
        if (*at == '\\') {
            at = unescape_one(to, at + 1, end);
        } else {
            append(to, at++, 1);
        }
    }
}

static struct vector *add(struct vectors *v, const char *name)
{
    v->all = realloc(v->all, (v->n + 1) * sizeof *v->all);
    cr_assert_not_null(v->all);
    memset(&v->all[v->n], 0, sizeof *v->all);
    v->all[v->n].name = strdup(name);
    return &v->all[v->n++];
}

static void read_line(struct vectors *v, char *line)
{
    struct vector *last = v->n > 0 ? &v->all[v->n - 1] : NULL;
    size_t n = strcspn(line, "\n");

    line[n] = '\0';
    if (strncmp(line, "== ", 3) == 0) {
        add(v, line + 3);
    } else if (strncmp(line, "=> ", 3) == 0) {
        cr_assert(last && last->expected_count < EXPECTATIONS_MAX);
        last->expected[last->expected_count++] = strdup(line + 3);
    } else if (last != NULL && last->expected_count == 0) {
        vectors_unescape(&last->message, line, line + n);
    } else {
        cr_assert(n == 0 || *line == '#', "not understood: %s", line);
    }
}

struct vectors vectors_read(const char *file)
{
    struct vectors v = {NULL, 0};
    char path[256];
    char line[4096];
    FILE *f;

    snprintf(path, sizeof path, "tests/io/http/vectors/%s", file);
    f = fopen(path, "r");
    cr_assert_not_null(f, "cannot open %s", path);
    while (fgets(line, sizeof line, f) != NULL)
        read_line(&v, line);
    fclose(f);
    for (size_t i = 0; i < v.n; i++)
        cr_assert(v.all[i].expected_count > 0, "%s expects nothing",
                  v.all[i].name);
    return v;
}

struct vectors vectors_read_lines(const char *path)
{
    struct vectors v = {NULL, 0};
    char line[16384];
    FILE *f = fopen(path, "r");

    cr_assert_not_null(f, "cannot open %s", path);
    while (fgets(line, sizeof line, f) != NULL) {
        const char *arrow = strstr(line, " => ");
        const char *end = arrow != NULL ? arrow : line + strcspn(line, "\n");

        if (end > line && line[0] != '#')
            vectors_unescape(&add(&v, line)->message, line, end);
    }
    fclose(f);
    return v;
}

void vectors_free(struct vectors *v)
{
    for (size_t i = 0; i < v->n; i++) {
        free(v->all[i].name);
        gyre_buf_free(&v->all[i].message);
        for (size_t j = 0; j < v->all[i].expected_count; j++)
            free(v->all[i].expected[j]);
    }
    free(v->all);
    v->all = NULL;
    v->n = 0;
}

/* The outcome of `message` in pieces, ended by a NUL. */
static void outcome(vectors_reader *read, const struct gyre_buf *message,
                    const size_t *ends, size_t n, struct gyre_buf *to)
{
    gyre_buf_cut(to, 0);
    read(message, ends, n, to);
    append(to, "", 1);
}

static bool has_line(const char *text, const char *line)
{
    size_t n = strlen(line);

    while (*text != '\0') {
        if (strncmp(text, line, n) == 0 && text[n] == '\n')
            return true;
        text += strcspn(text, "\n") + 1;
    }
    return false;
}

static void check_expected(const struct vector *v, const char *text)
{
    size_t n = strlen(v->expected[0]);

    cr_expect(strncmp(text, v->expected[0], n) == 0 && text[n] == '\n',
              "%s: expected\n%s\nbut came\n%.800s", v->name, v->expected[0],
              text);
    for (size_t i = 0; i < v->expected_count; i++)
        cr_expect(has_line(text, v->expected[i]), "%s: no line\n%s\nin\n%.800s",
                  v->name, v->expected[i], text);
}

static void run(const struct vector *v, vectors_reader *read)
{
    struct gyre_buf whole = {0}, parts = {0};
    size_t length = v->message.length;
    size_t *ends = malloc((length + 1) * sizeof *ends);
    size_t step = length > LONG ? STEP : 1;

    cr_assert_not_null(ends);
    outcome(read, &v->message, &length, 1, &whole);
    check_expected(v, whole.at);
    for (size_t i = 0; i < length; i++)
        ends[i] = i + 1;
    outcome(read, &v->message, ends, length, &parts);
    cr_expect_str_eq(parts.at, whole.at, "%s: byte by byte", v->name);
    for (size_t i = 1; i < length; i += step) {
        outcome(read, &v->message, (size_t[]){i, length}, 2, &parts);
        cr_expect_str_eq(parts.at, whole.at, "%s: divided at %zu", v->name, i);
    }
    free(ends);
    gyre_buf_free(&whole);
    gyre_buf_free(&parts);
}

void vectors_run(const char *file, vectors_reader *read)
{
    struct vectors v = vectors_read(file);

    cr_assert(v.n > 10, "hardly a vector in %s", file);
    for (size_t i = 0; i < v.n; i++)
        run(&v.all[i], read);
    vectors_free(&v);
}

static uint32_t random_number(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Put bytes that matter to a parser in a few places of `message`. */
static void mutate(struct gyre_buf *message, uint32_t *seed)
{
    static const char bytes[] = "\r\n\t\0 :;,0a%/\x7f\xff?{";

    for (uint32_t n = random_number(seed) % 4; n > 0; n--) {
        size_t at = random_number(seed) % message->length;

        message->at[at] = bytes[random_number(seed) % (sizeof bytes - 1)];
    }
    if (random_number(seed) % 4 == 0)
        gyre_buf_cut(message, 1 + random_number(seed) % message->length);
}

/* Divide `length` at random. */
static size_t divide(size_t *ends, size_t length, uint32_t *seed)
{
    size_t n = 0, at = 0;

    while (at < length) {
        at += 1 + random_number(seed) % (random_number(seed) % 2 ? 3 : 90);
        ends[n++] = at < length ? at : length;
    }
    return n;
}

static void run_mutated(const struct vector *v, vectors_reader *read,
                        uint32_t *seed)
{
    struct gyre_buf message = {0}, whole = {0}, parts = {0};
    size_t *ends, n;

    append(&message, v->message.at, v->message.length);
    mutate(&message, seed);
    ends = malloc(message.length * sizeof *ends);
    cr_assert_not_null(ends);
    outcome(read, &message, &message.length, 1, &whole);
    n = divide(ends, message.length, seed);
    outcome(read, &message, ends, n, &parts);
    cr_expect_str_eq(parts.at, whole.at, "%s, mutated: %.*s", v->name,
                     (int)message.length, message.at);
    free(ends);
    gyre_buf_free(&message);
    gyre_buf_free(&whole);
    gyre_buf_free(&parts);
}

void vectors_mutate(const char *file, vectors_reader *read, int rounds)
{
    struct vectors v = vectors_read(file);
    uint32_t seed = 2026;

    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < v.n; i++)
            if (v.all[i].message.length > 0)
                run_mutated(&v.all[i], read, &seed);
    vectors_free(&v);
}
