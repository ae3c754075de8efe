/*
 * test_utf8.c - what is UTF-8 and what is not, against a reading of it by
 * numbers; and wherever it is divided.
 */
#include <criterion/criterion.h>

#include <stdint.h>
#include <string.h>

#include "io/http/utf8.h"

static bool is_utf8(const unsigned char *at, size_t n)
{
    struct gyre_utf8 u = {0};

    return gyre_utf8_take(&u, at, n) && gyre_utf8_is_complete(&u);
}

/* How long what stands there is, as one character. */
static size_t length_of(const unsigned char *at, size_t n)
{
    return gyre_utf8_length(gyre_span_from((const char *)at, n));
}

/* Write the character `c` in `n` bytes, be they too many. */
static void write_in(unsigned char *out, uint32_t c, size_t n)
{
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

    if (n == 1) {
        out[0] = (unsigned char)c;
        return;
    }
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (unsigned char)(0x80 | (c & 0x3f));
    out[0] = (unsigned char)(first[n] | c);
}

Test(utf8, has_each_character_in_one_way)
{
    for (uint32_t c = 0; c < 0x200000; c++) {
        size_t shortest = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        bool exists = c < 0x110000 && (c < 0xd800 || c > 0xdfff);
        unsigned char bytes[4];

        for (size_t n = shortest; n <= 4; n++) {
            write_in(bytes, c, n);
            if (is_utf8(bytes, n) != (exists && n == shortest) ||
                length_of(bytes, n) != (exists && n == shortest ? n : 0) ||
                (n > 1 && length_of(bytes, n - 1) != 0))
                cr_assert_fail("U+%04X in %zu bytes", (unsigned)c, n);
        }
    }
}

Test(utf8, lacks_something_until_a_character_is_whole)
{
    static const unsigned char text[] = "a\xc2\xb5\xe2\x82\xac\xf0\x9f\x98\x80"
                                        "all that is plain is read at once"
                                        "\xc3\xa9";
    static const char whole[] = "1"
                                "01"
                                "001"
                                "0001";
    struct gyre_utf8 u = {0};

    for (size_t i = 0; i < sizeof whole - 1; i++) {
        cr_expect(gyre_utf8_take(&u, text + i, 1));
        cr_expect_eq(gyre_utf8_is_complete(&u), whole[i] == '1');
    }
    for (size_t i = 0; i < sizeof text - 1; i++) {
        u = (struct gyre_utf8){0};
        cr_expect(gyre_utf8_take(&u, text, i));
        cr_expect(gyre_utf8_take(&u, text + i, sizeof text - 1 - i));
        cr_expect(gyre_utf8_is_complete(&u));
    }
}

Test(utf8, is_found_wrong_wherever_that_is)
{
    unsigned char text[40];

    for (size_t i = 0; i < sizeof text; i++) {
        memset(text, 'x', sizeof text);
        text[i] = 0xff;
        cr_expect_not(is_utf8(text, sizeof text));
        text[i] = 0x80;
        cr_expect_not(is_utf8(text, sizeof text));
    }
}
