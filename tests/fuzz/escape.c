/*
 * escape.c - escapes, base64, queries, and the names of files.
 *
 * What is escaped is what it was once that is undone, and has none but harmless
 * bytes.  Undoing in place is undoing.  There is one text in base64 for any
 * bytes.  A file's name leads nowhere but down.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/base64.h"
#include "io/http/escape.h"
#include "tests/fuzz/fuzz.h"

/* `text` with its escapes undone, twice: elsewhere and in place. */
static void check_unescape(struct gyre_span text, bool form)
{
    char *out = malloc(text.length + 1), *place = fuzz_string(text);
    ssize_t n, k;

    always(out != NULL);
    n = gyre_url_unescape(out, text, form);
    k = gyre_url_unescape(place, gyre_span_from(place, text.length), form);
    always(n == k && (n == -EINVAL || n >= 0));
    if (n >= 0) {
        struct gyre_span plain = gyre_span_from(out, (size_t)n);

        always((size_t)n <= text.length && strlen(out) == (size_t)n);
        always(strcmp(out, place) == 0);
        always(gyre_url_unescapes_to(text, plain, form));
        plain.length -= n > 0;
        always(n == 0 || !gyre_url_unescapes_to(text, plain, form));
    }
    free(out);
    free(place);
}

static bool is_harmless(char c)
{
    return c > ' ' && c < 0x7f && strchr("&=+?#/\\\"<>", c) == NULL;
}

static void check_escape(struct gyre_span text)
{
    struct gyre_buf out = {0};
    ssize_t n;

    always(gyre_url_escape(&out, text, "") == 0);
    for (size_t i = 0; i < out.length; i++)
        always(is_harmless(out.at[i]));
    always(gyre_buf_append(&out, "", 1) == 0);
    n = gyre_url_unescape(out.at, gyre_span_from(out.at, out.length - 1), true);
    if (text.length > 0 && memchr(text.at, '\0', text.length) != NULL)
        always(n == -EINVAL);
    else
        always(gyre_span_equals(gyre_span_from(out.at, (size_t)n), text));
    gyre_buf_free(&out);
}

/* Bytes are what their text says, and a text that is read is that of its
   bytes. */
static void check_base64(struct gyre_span text)
{
    size_t size = GYRE_BASE64_SIZE(text.length), n;
    char *encoded = malloc(size), *decoded = malloc(text.length + 3);
    char *again = malloc(size);
    ssize_t k;

    always(encoded != NULL && decoded != NULL && again != NULL);
    n = gyre_base64_encode(encoded, text.at, text.length);
    always(n == size - 1 && encoded[n] == '\0');
    k = gyre_base64_decode(decoded, gyre_span_from(encoded, n));
    always(k == (ssize_t)text.length);
    always(k == 0 || memcmp(decoded, text.at, text.length) == 0);
    k = gyre_base64_decode(decoded, text);
    always(k == -EINVAL || (k >= 0 && (size_t)k <= text.length / 4 * 3));
    if (k >= 0) {
        n = gyre_base64_encode(again, decoded, (size_t)k);
        always(gyre_span_equals(gyre_span_from(again, n), text));
    }
    free(encoded);
    free(decoded);
    free(again);
}

/* Pairs lie in the query in order, and the first of a name is found. */
static void check_pairs(struct gyre_span query)
{
    struct gyre_span rest = query, name, value, found;

    while (gyre_url_next_pair(&rest, &name, &value)) {
        char *plain = malloc(name.length + 1);

        always(plain != NULL);
        always(fuzz_within(name, query.at, query.length));
        always(fuzz_within(value, query.at, query.length));
        always(memchr(name.at, '=', name.length) == NULL);
        always(memchr(name.at, '&', name.length) == NULL);
        always(value.length == 0 ||
               memchr(value.at, '&', value.length) == NULL);
        if (gyre_url_unescape(plain, name, true) >= 0) {
            found = gyre_url_find_pair(query, plain);
            always(found.at != NULL);
            always(found.length == 0 || found.at <= rest.at);
        }
        free(plain);
    }
}

static void check_file_name(struct gyre_span path)
{
    char *out = malloc(path.length + 1);
    const char *at = out;
    ssize_t n;

    always(out != NULL);
    n = gyre_url_file_name(out, path);
    always(n == -EINVAL || (n >= 0 && (size_t)n <= path.length));
    if (n >= 0) {
        always(strlen(out) == (size_t)n);
        always(out[0] != '/' && strchr(out, '\\') == NULL);
        always(strstr(out, "//") == NULL);
        while (*at != '\0') {
            size_t segment = strcspn(at, "/");

            always(!(segment == 1 && at[0] == '.'));
            always(!(segment == 2 && memcmp(at, "..", 2) == 0));
            at += segment + (at[segment] == '/');
        }
        for (size_t i = 0; i < (size_t)n; i++)
            always((unsigned char)out[i] >= ' ' && out[i] != 0x7f);
    }
    free(out);
}

void fuzz_escape(const char *data, size_t n)
{
    char *copy = fuzz_copy(data, n);
    struct gyre_span text = gyre_span_from(copy, n);

    check_unescape(text, false);
    check_unescape(text, true);
    check_escape(text);
    check_base64(text);
    check_pairs(text);
    check_file_name(text);
    free(copy);
}
