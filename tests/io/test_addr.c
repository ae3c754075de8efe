/*
 * test_addr.c - the claims of addr.h about addresses as text.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "io/addr.h"

Test(addr, reads_and_writes_addresses)
{
    static const struct {
        const char *host;
        int port;
        const char *text;
    } cases[] = {
        {"127.0.0.1", 80, "127.0.0.1:80"},
        {"0.0.0.0", 0, "0.0.0.0:0"},
        {"::1", 8080, "[::1]:8080"},
        {"::", 65535, "[::]:65535"},
        {NULL, 7, "0.0.0.0:7"},
        {"", 7, "0.0.0.0:7"},
        {"::1%lo", 1, "[::1%lo]:1"},
        {"::1%1", 1, "[::1%lo]:1"},
        {"fe80::1%4294967295", 1, "[fe80::1%4294967295]:1"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[GYRE_ADDR_TEXT];
        struct gyre_addr a;

        cr_expect_eq(gyre_addr_parse(&a, cases[i].host, cases[i].port), 0);
        cr_expect_eq(gyre_addr_port(&a), cases[i].port);
        cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text),
                         cases[i].text);
    }
}

Test(addr, does_not_take_a_name_for_an_address)
{
    static const char *const hosts[] = {
        "localhost",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "01.2.3.4x",
        "::g",
        "1:2",
        " 127.0.0.1",
        "127.0.0.1 ",
        "::1%nosuchinterface",
        "[::1]",
        "00000000000000000000000000000000000000000000000000000000::1",
    };
    struct gyre_addr a;

    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        cr_expect_eq(gyre_addr_parse(&a, hosts[i], 1), -EINVAL, "%s", hosts[i]);
    cr_expect_eq(gyre_addr_parse(&a, "127.0.0.1", -1), -EINVAL);
    cr_expect_eq(gyre_addr_parse(&a, "127.0.0.1", 65536), -EINVAL);
}

Test(addr, writes_local_names_and_cuts_what_does_not_fit)
{
    struct gyre_addr a = {0};
    char text[GYRE_ADDR_TEXT], few[5];

    a.is.local.sun_family = AF_UNIX;
    strcpy(a.is.local.sun_path, "/run/x.sock");
    a.length = sizeof a.is.local;
    cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text), "/run/x.sock");
    cr_expect_str_eq(gyre_addr_format(&a, few, sizeof few), "/run");
    memcpy(a.is.local.sun_path, "\0hidden", 7);
    a.length = offsetof(struct sockaddr_un, sun_path) + 7;
    cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text), "@hidden");
    cr_expect_eq(gyre_addr_port(&a), 0);
}
