/*
 * test_handshake.c - keys, and what is chosen of lists.
 */
#include <criterion/criterion.h>

#include "io/http/websocket/handshake.h"

/* RFC 6455, 1.3. */
Test(websocket_handshake, proves_as_the_standard_has_it)
{
    char proof[GYRE_WEBSOCKET_PROOF_SIZE];

    gyre_websocket_prove(proof, gyre_span_of("dGhlIHNhbXBsZSBub25jZQ=="));
    cr_expect_str_eq(proof, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

Test(websocket_handshake, takes_keys_of_sixteen_bytes_alone)
{
    static const char *const bad[] = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZR==",
        "dGhlIHNhbXBsZSBub25jZTE=",
        "dGhlIHNhbXBsZSBub25j\tQ==",
        "dGhlIHNhbXBsZSBub25jZQ== ",
    };

    cr_expect(gyre_websocket_is_key(gyre_span_of("dGhlIHNhbXBsZSBub25jZQ==")));
    cr_expect(gyre_websocket_is_key(gyre_span_of("AAAAAAAAAAAAAAAAAAAAAA==")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect_not(gyre_websocket_is_key(gyre_span_of(bad[i])), "%s",
                      bad[i]);
    cr_expect_not(gyre_websocket_is_key(gyre_span_of(NULL)));
}

static void expect_choice(const char *ours, const char *theirs,
                          const char *choice)
{
    cr_expect(gyre_span_equals(
        gyre_websocket_choose(gyre_span_of(ours), gyre_span_of(theirs)),
        gyre_span_of(choice)));
}

Test(websocket_handshake, chooses_the_first_of_its_own)
{
    expect_choice("a, b", "b,a", "a");
    expect_choice("a, b", "c, b", "b");
    expect_choice("a,b", "A, ab", NULL);
    expect_choice(NULL, "a", NULL);
    expect_choice("a", NULL, NULL);
    expect_choice("", "", NULL);
}
