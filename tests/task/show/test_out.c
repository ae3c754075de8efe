/*
 * test_out.c - the claims of out.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "loop/list.h"
#include "task/show/out.h"

/* One that keeps what it is given, and fails once it has so many bytes. */
struct kept {
    struct gyre_out out;
    char text[4096];
    size_t n;
    size_t fails_at;
    int calls;
};

static int keep(struct gyre_out *o, const char *bytes, size_t n)
{
    struct kept *k = GYRE_OWNER(o, struct kept, out);

    k->calls++;
    if (k->n + n > k->fails_at)
        return -EIO;
    memcpy(k->text + k->n, bytes, n);
    k->n += n;
    return 0;
}

#define KEPT(limit)                                                            \
    {                                                                          \
        .out.write = keep, .fails_at = (limit)                                 \
    }

Test(out, brings_all_out_in_order_whatever_the_pieces)
{
    for (size_t size = 1; size < 1200; size += 97) {
        struct kept k = KEPT(sizeof k.text);
        char piece[1200], expected[4096] = "";

        memset(piece, 'a', size);
        piece[size] = '\0';
        for (int i = 0; i < 3; i++) {
            piece[0] = (char)('0' + i);
            gyre_put(&k.out, piece);
            strcat(expected, piece);
        }
        cr_expect_eq(gyre_out_end(&k.out), 0);
        cr_expect_eq(k.n, 3 * size);
        cr_expect_str_eq(k.text, expected);
    }
}

Test(out, formats_what_is_short)
{
    struct kept k = KEPT(sizeof k.text);
    char text[400];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    gyre_put_format(&k.out, "%d %s,", 7, "seven");
    gyre_put_format(&k.out, "%s", text);
    cr_expect_eq(gyre_out_end(&k.out), 0);
    cr_expect_eq(k.n, strlen("7 seven,") + 159);
    cr_expect_eq(strncmp(k.text, "7 seven,xxx", 11), 0);
}

/* Each between stars, as it is or, byte for byte, replaced. */
Test(out, has_no_text_that_is_not_utf_8)
{
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc3",
                                      "\xe0\x9f\xbf",
                                      "\xe2\x82",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf0\x9f\x98",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff"};
    static const char good[] =
        "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf";

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct kept k = KEPT(sizeof k.text);
        char expected[64] = "*";

        for (size_t n = 0; n < strlen(bad[i]); n++)
            strcat(expected, "\xef\xbf\xbd");
        gyre_put(&k.out, "*");
        gyre_put_escaped(&k.out, bad[i]);
        gyre_put_escaped(&k.out, good);
        cr_expect_eq(gyre_out_end(&k.out), 0);
        k.text[k.n] = '\0';
        cr_expect_str_eq(k.text, strcat(expected, good), "%zu", i);
    }
}

Test(out, escapes)
{
    struct kept k = KEPT(sizeof k.text);

    gyre_put_escaped(&k.out, "a \"b\" \\ \n\t\x01 \xc3\xa4");
    cr_expect_eq(gyre_out_end(&k.out), 0);
    cr_expect_str_eq(k.text, "a \\\"b\\\" \\\\ \\u000a\\u0009\\u0001 \xc3\xa4");
}

Test(out, says_the_first_error_and_writes_no_more)
{
    struct kept k = KEPT(700);

    for (int i = 0; i < 2000; i++)
        gyre_put(&k.out, "x");
    cr_expect_eq(gyre_out_end(&k.out), -EIO);
    cr_expect_eq(gyre_out_end(&k.out), -EIO);
    cr_expect_eq(k.calls, 2);
    cr_expect_lt(k.n, 700);
}

Test(out, says_why_a_descriptor_does_not_take_it)
{
    struct gyre_out_fd o;

    gyre_out_init_fd(&o, -1);
    gyre_put(&o.out, "x");
    cr_expect_eq(gyre_out_end(&o.out), -EBADF);
}

/* Reads until the end, and says how much there was. */
static void *drain(void *fd)
{
    char bytes[4096];
    ssize_t n, sum = 0;

    while ((n = read(*(int *)fd, bytes, sizeof bytes)) > 0)
        sum += n;
    return (void *)sum;
}

Test(out, waits_for_room_where_writing_does_not_block)
{
    struct gyre_out_fd o;
    pthread_t reader;
    void *sum;
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    gyre_out_init_fd(&o, ends[1]);
    cr_assert_eq(pthread_create(&reader, NULL, drain, &ends[0]), 0);
    for (int i = 0; i < 1024 * 1024 / 8; i++)
        gyre_put(&o.out, "12345678");
    cr_expect_eq(gyre_out_end(&o.out), 0);
    close(ends[1]);
    cr_assert_eq(pthread_join(reader, &sum), 0);
    cr_expect_eq((intptr_t)sum, 1024 * 1024);
    close(ends[0]);
}
