/*
 * test_url.c - URLs come apart where RFC 3986 says, and references lead where
 * its section 5.4 says.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "io/http/url.h"
#include "tests/io/http/table.h"
#include "tests/support/faults.h"

static void say_parts(struct gyre_span text, struct gyre_buf *out)
{
    struct gyre_url url;

    if (gyre_url_parse(text, &url) != 0)
        table_say(out, "refused");
    else
        table_say(out, "%s %.*s %d %.*s %.*s%s", url.secure ? "https" : "http",
                  (int)url.host.length, url.host.at, url.port,
                  (int)url.path.length, url.path.at, (int)url.query.length,
                  url.query.at ? url.query.at : "", url.query.at ? "" : "-");
}

Test(url, comes_apart_or_is_refused)
{
    table_run("url.txt", say_parts);
}

Test(url, a_damaged_one_is_not_read_beyond)
{
    table_mutate("url.txt", say_parts, 300);
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

/* A base, a blank, and a reference. */
static void say_where_it_leads(struct gyre_span text, struct gyre_buf *out)
{
    const char *blank = memchr(text.at, ' ', text.length);
    size_t n = blank != NULL ? (size_t)(blank - text.at) : text.length;
    struct gyre_span reference = {text.at + n, text.length - n};
    struct gyre_url base;
    int err;

    if (reference.length > 0) {
        reference.at++;
        reference.length--;
    }
    if (gyre_url_parse(gyre_span_from(text.at, n), &base) != 0) {
        table_say(out, "no base");
        return;
    }
    err = gyre_url_resolve(out, &base, reference);
    cr_expect(err == 0 || (err == -EINVAL && out->length == 0));
    if (err)
        table_say(out, "refused");
}

Test(url, references_lead_where_the_rfc_says)
{
    table_run("url_resolve.txt", say_where_it_leads);
}

Test(url, what_is_resolved_is_appended)
{
    struct gyre_buf out = {0};
    struct gyre_url base;

    cr_assert_eq(gyre_url_parse(gyre_span_of("http://a/b"), &base), 0);
    gyre_buf_append_string(&out, "before ");
    cr_expect_eq(gyre_url_resolve(&out, &base, gyre_span_of("//")), -EINVAL);
    cr_expect_eq(out.length, strlen("before "));
    cr_expect_eq(gyre_url_resolve(&out, &base, gyre_span_of("c")), 0);
    gyre_buf_append(&out, "", 1);
    cr_expect_str_eq(out.at, "before http://a/c");
    gyre_buf_free(&out);
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
