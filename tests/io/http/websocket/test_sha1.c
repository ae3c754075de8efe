/*
 * test_sha1.c - SHA-1, against the standard's examples.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "io/http/websocket/sha1.h"

static void expect_digest(const void *bytes, size_t n, const char *hex)
{
    unsigned char out[GYRE_SHA1_SIZE];
    char text[2 * GYRE_SHA1_SIZE + 1];

    gyre_sha1(out, bytes, n);
    for (size_t i = 0; i < sizeof out; i++)
        sprintf(text + 2 * i, "%02x", out[i]);
    cr_expect_str_eq(text, hex);
}

Test(sha1, is_as_the_standard_has_it)
{
    static char million[1000000];

    expect_digest("", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    expect_digest("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
    expect_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                  56, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    memset(million, 'a', sizeof million);
    expect_digest(million, sizeof million,
                  "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

/* About the ends of blocks: 55 bytes are the most that end in one. */
Test(sha1, ends_in_one_block_or_two)
{
    static const char text[65] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    expect_digest(text, 55, "accfa188bccab15065e9feaf805d00217e958ec0");
    expect_digest(text, 56, "edc9055eaab6e86d803e41dd99272b3da1468595");
    expect_digest(text, 63, "ef717286343f6da3f4e6f68c6de02a5148a801c4");
    expect_digest(text, 64, "ce4303f6b22257d9c9cf314ef1dee4707c6e1c13");
}
