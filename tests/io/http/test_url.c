/*
 * test_url.c - URLs come apart where RFC 3986 says, and references lead where
 * its section 5.4 says.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>

#include "io/http/url.h"
#include "tests/support/faults.h"

static void check(const char *text, const char *expected)
{
    struct gyre_url url;
    char parts[256] = "refused";

    if (gyre_url_parse(gyre_span_of(text), &url) == 0)
        snprintf(parts, sizeof parts, "%s %.*s %d %.*s %.*s%s",
                 url.secure ? "https" : "http", (int)url.host.length,
                 url.host.at, url.port, (int)url.path.length, url.path.at,
                 (int)url.query.length, url.query.at ? url.query.at : "",
                 url.query.at ? "" : "-");
    cr_expect_str_eq(parts, expected, "%s is %s and not %s", text, parts,
                     expected);
}

Test(url, comes_apart)
{
    check("http://a/", "http a 80 / -");
    check("http://a", "http a 80 / -");
    check("HTTPS://Example.com/b/c?d=e", "https Example.com 443 /b/c d=e");
    check("http://a:8080/b", "http a 8080 /b -");
    check("http://127.0.0.1:1/", "http 127.0.0.1 1 / -");
    check("http://[::1]:8080/b", "http ::1 8080 /b -");
    check("http://[2001:db8::1]", "http 2001:db8::1 80 / -");
    check("http://[::ffff:1.2.3.4]/", "http ::ffff:1.2.3.4 80 / -");
    check("http://a?b", "http a 80 / b");
    check("http://a/?", "http a 80 / ");
    check("http://a/b#c", "http a 80 /b -");
    check("http://a#c?d", "http a 80 / -");
    check("http://a/b?c#d", "http a 80 /b c");
    check("http://a_b.c-d~e/", "http a_b.c-d~e 80 / -");
    check("http://a/b//c;d=1,2:3@4", "http a 80 /b//c;d=1,2:3@4 -");
}

Test(url, is_refused_if_it_is_none)
{
    static const char *const texts[] = {
        "",
        "a",
        "/a",
        "//a/b",
        "http",
        "http:",
        "http:/a",
        "http:a",
        "http://",
        "http:///a",
        "http://:80/",
        "ftp://a/",
        "file:///a",
        "httpx://a/",
        "http://a:/",
        "http://a:0/",
        "http://a:65536/",
        "http://a:8x/",
        "http://a:+8/",
        "http://a:000080/",
        "http://u@a/",
        "http://u:p@a/",
        "http://a b/",
        "http://a/b c",
        "http://a/\r\nX: y",
        "http://a\r\n/",
        "http://a/\xc3\xa9",
        "http://\xc3\xa9/",
        "http://[::1/",
        "http://[]/",
        "http://[1.2.3.4]/",
        "http://[::1]x/",
        "http://[::1%25lo]/",
        "http://::1/",
        "http://a%41/",
        "http://a/\x7f",
        "http://a\\b/",
        "javascript:alert(1)",
        " http://a/",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check(texts[i], "refused");
}

Test(url, a_nul_is_no_part_of_one)
{
    static const char *const where[] = {
        "h@tp://a/",    "http@//a/",      "http://a@b/",  "http://a/@b",
        "http://a/?@b", "http://[::1@]/", "http://a:8@0/"};
    struct gyre_url url;

    for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
        char text[32];
        size_t n = strlen(where[i]);

        memcpy(text, where[i], n);
        *(char *)memchr(text, '@', n) = '\0';
        cr_expect_eq(gyre_url_parse(gyre_span_from(text, n), &url), -EINVAL,
                     "%s", where[i]);
    }
}

Test(url, a_host_is_at_most_255_bytes)
{
    struct gyre_url url;
    char host[256];

    memset(host, 'a', sizeof host);
    cr_expect_eq(gyre_url_parse_host(gyre_span_from(host, 255), &url), 0);
    cr_expect_eq(url.port, 0);
    cr_expect_eq(gyre_url_parse_host(gyre_span_from(host, 256), &url), -EINVAL);
}

static void check_resolved(const char *base, const char *reference,
                           const char *expected)
{
    struct gyre_buf out = {0};
    struct gyre_url url;
    int err;

    cr_assert_eq(gyre_url_parse(gyre_span_of(base), &url), 0);
    gyre_buf_append_string(&out, "before ");
    err = gyre_url_resolve(&out, &url, gyre_span_of(reference));
    cr_expect_eq(err, expected ? 0 : -EINVAL, "%s at %s", reference, base);
    gyre_buf_append(&out, "", 1);
    cr_expect_str_eq(out.at + strlen("before "), expected ? expected : "",
                     "%s at %s is %s", reference, base, out.at);
    gyre_buf_free(&out);
}

/* RFC 3986, 5.4, less what concerns other schemes and fragments. */
Test(url, references_lead_where_the_rfc_says)
{
    static const char *const cases[][2] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {"g?y#s", "http://a/b/c/g?y"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/../x", "http://a/b/c/g"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_resolved("http://a/b/c/d;p?q", cases[i][0], cases[i][1]);
}

Test(url, references_of_other_servers_and_schemes)
{
    check_resolved("http://a:81/b", "c", "http://a:81/c");
    check_resolved("https://a/b", "//c:8443/d?e", "https://c:8443/d?e");
    check_resolved("http://a/", "HTTPS://B/../c", "https://B/c");
    check_resolved("http://a", "b", "http://a/b");
    check_resolved("http://a", "?b", "http://a/?b");
    check_resolved("http://a/b", "/c:d", "http://a/c:d");
    check_resolved("http://a/b", "./c:d", "http://a/c:d");
    check_resolved("http://[::1]:80/b", "c", "http://[::1]:80/c");
}

Test(url, references_that_lead_nowhere)
{
    check_resolved("http://a/b", "ftp://c/", NULL);
    check_resolved("http://a/b", "mailto:x", NULL);
    check_resolved("http://a/b", "http:c", NULL);
    check_resolved("http://a/b", "http://u:p@c/", NULL);
    check_resolved("http://a/b", "//", NULL);
    check_resolved("http://a/b", "///c", NULL);
    check_resolved("http://a/b", "c d", NULL);
    check_resolved("http://a/b", "\r\nX: y", NULL);
    check_resolved("http://a/b", "//c\r\nX: y/", NULL);
}

static int resolve(void)
{
    struct gyre_buf out = {0};
    struct gyre_url base;
    int err = gyre_url_parse(gyre_span_of("http://a/b/c"), &base);

    if (!err)
        err = gyre_url_resolve(&out, &base, gyre_span_of("../d?e"));
    if (err)
        cr_expect_eq(out.length, 0);
    gyre_buf_free(&out);
    return err;
}

Test(url, without_memory_nothing_is_resolved)
{
    cr_expect(faults_in_memory(resolve) >= 2);
}
