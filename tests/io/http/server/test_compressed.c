/*
 * test_compressed.c - files that were compressed beforehand, and who gets them.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/task.h"
#include "io/memory.h"
#include "io/http/server/files.h"
#include "io/http/server/request.h"
#include "tests/io/http/site.h"
#include "tests/io/http/tree.h"
#include "tests/support/faults.h"

static const struct gyre_http_files compressed = {.compressed = true,
                                                  .listing = true};

static int vary_by_origin(struct gyre_http_request *r)
{
    int err = gyre_http_set_header(r, "Vary", "Origin");

    return err ? err : gyre_http_next(r);
}

static int replace(struct gyre_http_request *r)
{
    int status = gyre_http_next(r);

    return status < 0 ? status : gyre_http_reply_text(r, 200, "another");
}

static const struct gyre_http_around replaced[] = {{replace}, {0}};

static const struct gyre_http_around varied[] = {{vary_by_origin}, {0}};

static const struct gyre_http_route routes[] = {
    {"GET", "/plain/{path:tail}", .directory = "root"},
    {"GET", "/varied/{path:tail}", .directory = "root", .files = &compressed,
     .around = varied},
    {"GET", "/replaced/{path:tail}", .directory = "root", .files = &compressed,
     .around = replaced},
    {"GET", "/{path:tail}", .directory = "root", .files = &compressed},
    {0},
};

static void put_all(void)
{
    tree_enter();
    tree_put("secret", "secret");
    tree_put("root/all.css", "as it is");
    tree_put("root/all.css.br", "brotli");
    tree_put("root/all.css.gz", "zipped");
    tree_put("root/all.css.zst", "standard");
    tree_put("root/zip.js", "as it is");
    tree_put("root/zip.js.gz", "zipped");
    tree_put("root/index.html", "index");
    tree_put("root/index.html.gz", "zipped index");
    tree_put("root/none.txt", "as it is");
    tree_put("root/old.txt", "as it is");
    tree_put_at("root/old.txt.gz", "old", TREE_TIME - 1);
    tree_put("root/orphan.txt.gz", "orphan");
    tree_put("root/out.txt", "as it is");
    tree_put("root/out.txt.zst", "standard");
    tree_link("../secret", "root/out.txt.gz");
    tree_link("/etc/passwd", "root/out.txt.br");
    tree_put("root/pipe.txt", "as it is");
    cr_expect_eq(mkfifo("root/pipe.txt.gz", 0644), 0);
    tree_put("root/folder.txt", "as it is");
    tree_put("root/folder.txt.gz/x", "");
}

static void open_site(struct site *s)
{
    put_all();
    site_open(s, routes, NULL, 0);
}

static void close_site(struct site *s)
{
    site_close(s);
    tree_leave();
}

static const char *ask(struct site *s, const char *target, const char *accepted,
                       const char *fields)
{
    static char text[1000];

    snprintf(text, sizeof text,
             "GET %s HTTP/1.1\r\nHost: x\r\nAccept-Encoding: %s\r\n%s\r\n",
             target, accepted, fields);
    return site_ask(s, text);
}

CLAIM(compressed, is_what_the_client_wants_most_of_what_there_is)
{
    static const struct {
        const char *target, *accepted, *answer;
    } cases[] = {
        {"/all.css", "gzip, deflate, br, zstd", "200 brotli"},
        {"/all.css", "gzip, zstd", "200 standard"},
        {"/all.css", "gzip", "200 zipped"},
        {"/all.css", "gzip, br;q=0.9, zstd;q=0.95", "200 zipped"},
        {"/all.css", "gzip;q=0.1, br;q=0.2", "200 brotli"},
        {"/all.css", "br;q=0, *", "200 standard"},
        {"/all.css", "*", "200 brotli"},
        {"/all.css", "*;q=0", "200 as it is"},
        {"/all.css", "gzip;q=0", "200 as it is"},
        {"/all.css", "gzip;q=0.5, identity", "200 as it is"},
        {"/all.css", "gzip, identity;q=0.5", "200 zipped"},
        {"/all.css", "deflate", "200 as it is"},
        {"/all.css", "", "200 as it is"},
        {"/all.css", "x-gzip2", "200 as it is"},
        {"/zip.js", "br, zstd, gzip", "200 zipped"},
        {"/zip.js", "br, zstd", "200 as it is"},
        {"/", "gzip", "200 zipped index"},
        {"/none.txt", "gzip, br, zstd", "200 as it is"},
        {"/all.css.gz", "gzip", "200 zipped"},
        {"/plain/all.css", "gzip, br", "200 as it is"},
    };
    struct site s;

    open_site(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_str_eq(
            site_brief(ask(&s, cases[i].target, cases[i].accepted, "")),
            cases[i].answer, "%s as %s", cases[i].target, cases[i].accepted);
    close_site(&s);
}

/* What lies outside, or is no file, is as if it were not there. */
CLAIM(compressed, is_beneath_the_directory_as_any_file)
{
    struct site s;

    open_site(&s);
    cr_expect_str_eq(site_brief(ask(&s, "/out.txt", "br, gzip", "")),
                     "200 as it is");
    cr_expect_str_eq(site_brief(ask(&s, "/out.txt", "br, gzip, zstd", "")),
                     "200 standard");
    cr_expect_str_eq(site_brief(ask(&s, "/pipe.txt", "gzip", "")),
                     "200 as it is");
    cr_expect_str_eq(site_brief(ask(&s, "/folder.txt", "gzip", "")),
                     "200 as it is");
    close_site(&s);
}

CLAIM(compressed, is_no_older_than_what_it_was_made_of)
{
    struct site s;

    open_site(&s);
    cr_expect_str_eq(site_brief(ask(&s, "/old.txt", "gzip", "")),
                     "200 as it is");
    cr_expect_str_eq(site_brief(ask(&s, "/orphan.txt", "gzip", "")), "404 ");
    close_site(&s);
}

/* Copy the value of a field, with its CRLF. */
static void copy_field(char out[100], const char *answer, const char *name)
{
    const char *at = strstr(answer, name);

    out[0] = '\0';
    if (at != NULL)
        snprintf(out, 100, "%.*s", (int)strcspn(at + strlen(name), "\n") + 1,
                 at + strlen(name));
}

CLAIM(compressed, has_the_type_of_what_it_was_made_of_and_an_etag_of_its_own)
{
    char field[100], etag[100], own[100], fields[150];
    const char *answer;
    struct site s;

    open_site(&s);
    copy_field(etag, ask(&s, "/all.css", "", ""), "ETag: ");
    answer = ask(&s, "/all.css", "br", "");
    copy_field(own, answer, "ETag: ");
    cr_expect_str_neq(etag, own);
    copy_field(field, answer, "Content-Type: ");
    cr_expect_str_eq(field, "text/css; charset=utf-8\r\n");
    copy_field(field, answer, "Content-Encoding: ");
    cr_expect_str_eq(field, "br\r\n");
    copy_field(field, answer, "Content-Length: ");
    cr_expect_str_eq(field, "6\r\n");
    snprintf(fields, sizeof fields, "If-None-Match: %s", own);
    cr_expect_str_eq(site_brief(ask(&s, "/all.css", "br", fields)), "304 ");
    cr_expect_str_eq(site_brief(ask(&s, "/all.css", "gzip", fields)),
                     "200 zipped");
    snprintf(fields, sizeof fields, "Range: bytes=0-2\r\nIf-Range: %s", own);
    cr_expect_str_eq(site_brief(ask(&s, "/all.css", "br", fields)), "206 bro");
    cr_expect_str_eq(site_brief(ask(&s, "/all.css", "gzip", fields)),
                     "200 zipped");
    close_site(&s);
}

/* A cache between must not give it to the next client, whatever that takes. */
CLAIM(compressed, may_be_another_for_the_next_client)
{
    static const char vary[] = "Vary: Accept-Encoding\r\n";
    struct site s;

    open_site(&s);
    cr_expect_not_null(strstr(ask(&s, "/all.css", "br", ""), vary));
    cr_expect_not_null(strstr(ask(&s, "/none.txt", "br", ""), vary));
    cr_expect_not_null(strstr(ask(&s, "/all.css", "", ""), vary));
    cr_expect_not_null(
        strstr(ask(&s, "/all.css", "br", "If-None-Match: *\r\n"), vary));
    cr_expect_null(strstr(ask(&s, "/plain/all.css", "br", ""), "Vary"));
    cr_expect_null(strstr(ask(&s, "/all.css", "", ""), "Content-Encoding"));
    cr_expect_null(strstr(ask(&s, "/all.css", "br", "If-None-Match: *\r\n"),
                          "Content-Encoding"));
    cr_expect_null(strstr(ask(&s, "/all.css", "br", "Range: bytes=9-\r\n"),
                          "Content-Encoding"));
    close_site(&s);
}

static void expect_both(const char *answer)
{
    cr_expect_not_null(strstr(answer, "Vary: Origin\r\n"), "%s", answer);
    cr_expect_not_null(strstr(answer, "Vary: Accept"), "%s", answer);
}

/* For one reason more, and not for another. */
CLAIM(compressed, varies_by_what_others_say_as_well)
{
    struct site s;

    open_site(&s);
    expect_both(ask(&s, "/varied/all.css", "br", ""));
    expect_both(ask(&s, "/varied/all.css", "br", "If-None-Match: *\r\n"));
    expect_both(ask(&s, "/varied/folder.txt.gz/", "", ""));
    expect_both(
        ask(&s, "/varied/folder.txt.gz/", "", "Accept: application/json\r\n"));
    close_site(&s);
}

CLAIM(compressed, that_is_replaced_leaves_nothing_behind)
{
    const char *answer;
    struct site s;

    open_site(&s);
    answer = ask(&s, "/replaced/all.css", "br", "");
    cr_expect_str_eq(site_brief(answer), "200 another");
    cr_expect_null(strstr(answer, "Vary"));
    cr_expect_null(strstr(answer, "Content-Encoding"));
    close_site(&s);
}
