/*
 * test_body.c - bodies are found whole, however they arrive, and never guessed.
 */
#include <criterion/criterion.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/body.h"
#include "tests/io/http/vectors.h"

/* Read all the pieces of one arrival; returns the bytes taken or the error. */
static ssize_t read_arrival(struct gyre_http_body *b, const char *data,
                            size_t n, struct gyre_buf *body)
{
    size_t taken = 0;

    while (taken < n && !gyre_http_body_ended(b)) {
        struct gyre_span piece;
        ssize_t k = gyre_http_body_read(b, data + taken, n - taken, &piece);

        if (k < 0)
            return k;
        cr_assert(k > 0, "a read took nothing, and the body has not ended");
        gyre_buf_append(body, piece.at, piece.length);
        taken += (size_t)k;
    }
    return (ssize_t)taken;
}

/* `body` between quotes, with what cannot be seen escaped. */
static void say_body(struct gyre_buf *out, const char *before,
                     const struct gyre_buf *body, const char *after)
{
    char text[1024] = "";
    char *to = text;

    for (size_t i = 0; i < body->length && to < text + 1000; i++)
        if (body->at[i] == '\r' || body->at[i] == '\n')
            to += sprintf(to, "\\%c", body->at[i] == '\r' ? 'r' : 'n');
        else
            *to++ = body->at[i];
    vectors_say(out, "%s \"%s\"%s", before, text, after);
}

static void read_chunked(const struct gyre_buf *message, const size_t *ends,
                         size_t n, struct gyre_buf *out)
{
    struct gyre_buf body = {0};
    struct gyre_http_body b;
    size_t taken = 0;
    ssize_t k = 0;
    char rest[32];

    cr_assert_eq(gyre_http_body_expect(&b, GYRE_HTTP_CHUNKED, 0, UINT64_MAX),
                 0);
    for (size_t i = 0; i < n && k >= 0; i++) {
        char *data = malloc(ends[i] - taken + 1);

        memcpy(data, message->at + taken, ends[i] - taken);
        k = read_arrival(&b, data, ends[i] - taken, &body);
        taken += k > 0 ? (size_t)k : 0;
        free(data);
    }
    snprintf(rest, sizeof rest, " rest %zu", message->length - taken);
    if (k < 0)
        vectors_say(out, "%s%s", k == -EMSGSIZE ? "too much: " : "", b.why);
    else if (gyre_http_body_ended(&b))
        say_body(out, "ended", &body, rest);
    else
        say_body(out, "more", &body, "");
    if (k >= 0)
        k = gyre_http_body_ended(&b) ? 0 : -EPIPE;
    cr_expect_eq(gyre_http_body_close(&b), k);
    gyre_buf_free(&body);
}

Test(body, chunks_are_read_alike_however_they_arrive)
{
    vectors_run("chunked.txt", read_chunked);
}

Test(body, damaged_chunks_are_read_alike_however_they_arrive)
{
    vectors_mutate("chunked.txt", read_chunked, 500);
}

/* What comes of `byte` between two texts: the error, or 0. */
static int error_of(const char *before, int byte, const char *after)
{
    char text[128];
    int n = snprintf(text, sizeof text, "%s@%s", before, after);
    struct gyre_buf body = {0};
    struct gyre_http_body b;
    ssize_t k;

    *strchr(text, '@') = (char)byte;
    gyre_http_body_expect(&b, GYRE_HTTP_CHUNKED, 0, UINT64_MAX);
    k = read_arrival(&b, text, (size_t)n, &body);
    gyre_buf_free(&body);
    return k < 0 ? (int)k : 0;
}

Test(body, every_byte_is_refused_where_it_may_not_stand)
{
    for (int byte = 0; byte < 256; byte++) {
        bool visible = byte > ' ' && byte < 0x7f;
        bool text = visible || byte == ' ' || byte == '\t' || byte >= 0x80;
        bool token = visible && !strchr("\"(),/:;<=>?@[\\]{}", byte);

        cr_expect_eq(error_of("0", byte, "\r\n"),
                     isxdigit(byte) || byte == ';' ? 0 : -EPROTO,
                     "0x%02x behind a size", byte);
        cr_expect_eq(error_of("", byte, "0\r\n"), isxdigit(byte) ? 0 : -EPROTO,
                     "0x%02x before a size", byte);
        cr_expect_eq(error_of("0;a", byte, "b\r\n\r\n"),
                     text && byte != '"' ? 0 : -EPROTO,
                     "0x%02x in an extension", byte);
        cr_expect_eq(error_of("0\r\nX", byte, "y: z\r\n\r\n"),
                     token || byte == ':' ? 0 : -EPROTO,
                     "0x%02x in a trailer's name", byte);
        cr_expect_eq(error_of("0\r\nX: a", byte, "b\r\n\r\n"),
                     text ? 0 : -EPROTO, "0x%02x in a trailer", byte);
        cr_expect_eq(error_of("1\r\na", byte, "\n0\r\n\r\n"),
                     byte == '\r' ? 0 : -EPROTO, "0x%02x behind a chunk", byte);
        cr_expect_eq(error_of("0\r\n\r", byte, ""), byte == '\n' ? 0 : -EPROTO,
                     "0x%02x at the end", byte);
    }
}

Test(body, a_length_is_kept_to)
{
    struct gyre_http_body b;
    struct gyre_span piece;

    cr_assert_eq(gyre_http_body_expect(&b, GYRE_HTTP_LENGTH, 5, 5), 0);
    cr_expect_eq(gyre_http_body_read(&b, "", 0, &piece), 0);
    cr_expect_eq(gyre_http_body_read(&b, "he", 2, &piece), 2);
    cr_expect_eq(piece.length, 2);
    cr_expect(!gyre_http_body_ended(&b));
    cr_expect_eq(gyre_http_body_read(&b, "lloGET", 6, &piece), 3);
    cr_expect_eq(piece.length, 3);
    cr_expect(gyre_http_body_ended(&b));
    cr_expect_eq(gyre_http_body_read(&b, "GET", 3, &piece), 0);
    cr_expect_eq(piece.length, 0);
    cr_expect_eq(gyre_http_body_close(&b), 0);
}

Test(body, no_body_has_ended_before_it_began)
{
    struct gyre_http_body b;
    struct gyre_span piece;

    gyre_http_body_expect(&b, GYRE_HTTP_NO_BODY, 7, 0);
    cr_expect(gyre_http_body_ended(&b));
    cr_expect_eq(gyre_http_body_read(&b, "x", 1, &piece), 0);
    gyre_http_body_expect(&b, GYRE_HTTP_LENGTH, 0, 0);
    cr_expect(gyre_http_body_ended(&b));
    cr_expect_eq(gyre_http_body_close(&b), 0);
}

Test(body, one_cut_short_is_an_error_and_one_until_close_is_not)
{
    struct gyre_http_body b;
    struct gyre_span piece;

    gyre_http_body_expect(&b, GYRE_HTTP_LENGTH, 5, 5);
    gyre_http_body_read(&b, "hell", 4, &piece);
    cr_expect_eq(gyre_http_body_close(&b), -EPIPE);
    cr_expect(!gyre_http_body_ended(&b));

    gyre_http_body_expect(&b, GYRE_HTTP_UNTIL_CLOSE, 0, 10);
    cr_expect_eq(gyre_http_body_read(&b, "hell", 4, &piece), 4);
    cr_expect(!gyre_http_body_ended(&b));
    cr_expect_eq(gyre_http_body_close(&b), 0);
    cr_expect(gyre_http_body_ended(&b));
}

Test(body, more_than_the_limit_is_refused_before_it_is_read)
{
    struct gyre_http_body b;
    struct gyre_span piece;

    cr_expect_eq(gyre_http_body_expect(&b, GYRE_HTTP_LENGTH, 11, 10),
                 -EMSGSIZE);
    cr_expect_eq(gyre_http_body_read(&b, "x", 1, &piece), -EMSGSIZE);

    gyre_http_body_expect(&b, GYRE_HTTP_CHUNKED, 0, 10);
    cr_expect_eq(gyre_http_body_read(&b, "a\r\n0123456789", 13, &piece), 13);
    cr_expect_eq(piece.length, 10);
    cr_expect_eq(gyre_http_body_read(&b, "\r\n1\r", 4, &piece), -EMSGSIZE);

    gyre_http_body_expect(&b, GYRE_HTTP_CHUNKED, 0, 10);
    cr_expect_eq(gyre_http_body_read(&b, "7fffffffffffffff\r", 17, &piece),
                 -EMSGSIZE);

    gyre_http_body_expect(&b, GYRE_HTTP_UNTIL_CLOSE, 0, 10);
    cr_expect_eq(gyre_http_body_read(&b, "0123456789", 10, &piece), 10);
    cr_expect_eq(gyre_http_body_read(&b, "x", 1, &piece), -EMSGSIZE);
    cr_expect_eq(gyre_http_body_close(&b), -EMSGSIZE);
}

Test(body, what_is_framed_is_read_back)
{
    static const uint64_t sizes[] = {
        1, 9, 10, 15, 16, 255, 256, 65536, 1000000, UINT32_MAX, INT64_MAX};
    char head[GYRE_HTTP_CHUNK_HEAD_MAX + 1], expected[32];

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct gyre_http_body b;
        struct gyre_span piece;
        size_t n = gyre_http_chunk_head(head, sizes[i]);

        head[n] = '\0';
        snprintf(expected, sizeof expected, "%llx\r\n",
                 (unsigned long long)sizes[i]);
        cr_expect_str_eq(head, expected);
        gyre_http_body_expect(&b, GYRE_HTTP_CHUNKED, 0, sizes[i]);
        cr_expect_eq(gyre_http_body_read(&b, head, n, &piece), (ssize_t)n);
        cr_expect_eq(gyre_http_body_read(&b, "x", 1, &piece), 1);
        cr_expect_eq(piece.length, 1);
    }
}

/* Were a chunk's cost to grow with those before it, this would take hours. */
Test(body, a_million_chunks_of_a_byte_cost_what_their_bytes_cost)
{
    enum { CHUNKS = 1000000 };
    struct gyre_buf text = {0}, body = {0};
    struct gyre_http_body b;

    for (int i = 0; i < CHUNKS; i++)
        gyre_buf_append_string(&text, "1\r\nx" GYRE_HTTP_CHUNK_TAIL);
    gyre_buf_append_string(&text, GYRE_HTTP_LAST_CHUNK);
    gyre_http_body_expect(&b, GYRE_HTTP_CHUNKED, 0, CHUNKS);
    cr_expect_eq(read_arrival(&b, text.at, text.length, &body),
                 (ssize_t)text.length);
    cr_expect(gyre_http_body_ended(&b));
    cr_expect_eq(body.length, CHUNKS);
    gyre_buf_free(&text);
    gyre_buf_free(&body);
}
