/*
 * test_base64.c - the claims of base64.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "io/http/base64.h"

/* RFC 4648, section 10, and the ends of the alphabet. */
static const struct {
    const char *bytes, *text;
} pairs[] = {{"", ""},
             {"f", "Zg=="},
             {"fo", "Zm8="},
             {"foo", "Zm9v"},
             {"foob", "Zm9vYg=="},
             {"fooba", "Zm9vYmE="},
             {"foobar", "Zm9vYmFy"},
             {"\xff\xef\xbe", "/+++"},
             {"Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}};

Test(base64, goes_both_ways)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        size_t n = strlen(pairs[i].bytes);
        char text[64], bytes[64];

        cr_expect_eq(gyre_base64_encode(text, pairs[i].bytes, n),
                     strlen(pairs[i].text));
        cr_expect_str_eq(text, pairs[i].text);
        cr_expect_eq(gyre_base64_decode(bytes, gyre_span_of(text)), (ssize_t)n);
        cr_expect_arr_eq(bytes, pairs[i].bytes, n);
    }
}

Test(base64, needs_the_room_it_says)
{
    for (size_t n = 0; n < 50; n++) {
        char bytes[50] = {0}, text[GYRE_BASE64_SIZE(50)];

        memset(text, 'x', sizeof text);
        cr_expect_eq(gyre_base64_encode(text, bytes, n) + 1,
                     GYRE_BASE64_SIZE(n));
        cr_expect_eq(strlen(text) + 1, GYRE_BASE64_SIZE(n));
    }
}

Test(base64, brings_back_every_byte_in_every_place)
{
    for (int value = 0; value < 256; value++) {
        for (size_t place = 0; place < 3; place++) {
            unsigned char bytes[3] = {0x55, 0xaa, 0x55}, back[3];
            char text[GYRE_BASE64_SIZE(3)];

            bytes[place] = (unsigned char)value;
            gyre_base64_encode(text, bytes, 3);
            cr_assert_eq(gyre_base64_decode(back, gyre_span_of(text)), 3);
            cr_assert_arr_eq(back, bytes, 3);
        }
    }
}

Test(base64, knows_sixty_four_letters_and_no_other)
{
    int known = 0;

    for (int c = 0; c < 256; c++) {
        char text[4] = {(char)c, 'A', 'A', 'A'}, bytes[3];

        known += gyre_base64_decode(bytes, gyre_span_from(text, 4)) == 3;
    }
    cr_expect_eq(known, 64);
}

Test(base64, refuses_what_is_not_the_one_text_of_any_bytes)
{
    static const char *const wrong[] = {
        "Z",     "Zg",     "Zg=",      "Zg===", "Z===",     "====", "=",
        "Zm9vZ", "Zm9v\n", "Zm 9",     "Z=g=",  "Zg==Zg==", "Zh==", "Zm9=",
        " Zm9v", "Zm9v=",  "Zm9v====", "Zm-_",  "Zm8=v",    "=Zm8", "Zm8=\r\n"};
    char bytes[64];

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_expect_eq(gyre_base64_decode(bytes, gyre_span_of(wrong[i])), -EINVAL,
                     "%s", wrong[i]);
}
