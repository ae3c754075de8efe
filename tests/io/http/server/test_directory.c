/*
 * test_directory.c - what a directory's options make of a path.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/http/server/files.h"
#include "io/http/server/request.h"
#include "tests/io/http/site.h"
#include "tests/io/http/tree.h"

static const struct gyre_http_files shown = {.hidden = true},
                                    kept = {.cache_control = "max-age=60",
                                            .index = "start.htm"};

static const struct gyre_http_route routes[] = {
    {"GET", "/plain/{path:tail}", .directory = "root"},
    {"GET", "/shown/{path:tail}", .directory = "root", .files = &shown},
    {"GET", "/kept/{path:tail}", .directory = "root", .files = &kept},
    {0},
};

static void open_site(struct site *s)
{
    tree_enter();
    tree_put("secret", "secret");
    tree_put("root/index.html", "index");
    tree_put("root/start.htm", "start");
    tree_put("root/file.txt", "file");
    tree_put("root/.secret", "hidden");
    tree_put("root/.git/config", "config");
    tree_put("root/a/.b/c", "deep");
    tree_put("root/a/b.c/d.e", "dots");
    tree_link(".secret", "root/pointer");
    site_open(s, routes, NULL, 0);
}

static void close_site(struct site *s)
{
    site_close(s);
    tree_leave();
}

/* What is linked to is what whoever made the link wants shown. */
CLAIM(directory, keeps_what_is_hidden_unless_it_is_to_be_shown)
{
    static const struct {
        const char *target, *answer;
    } cases[] = {
        {"/plain/.secret", "404 "},
        {"/plain/%2esecret", "404 "},
        {"/plain/.git/config", "404 "},
        {"/plain/.git", "404 "},
        {"/plain/.git/", "404 "},
        {"/plain/a/.b/c", "404 "},
        {"/plain/a/b.c/d.e", "200 dots"},
        {"/plain/pointer", "200 hidden"},
        {"/shown/.secret", "200 hidden"},
        {"/shown/.git/config", "200 config"},
        {"/shown/.git", "301 "},
        {"/shown/a/.b/c", "200 deep"},
        {"/shown/../secret", "404 "},
        {"/shown/..", "404 "},
        {"/shown/.", "404 "},
        {"/shown/a/../.secret", "404 "},
    };
    struct site s;

    open_site(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_str_eq(site_brief(site_get(&s, cases[i].target, "")),
                         cases[i].answer, "%s", cases[i].target);
    close_site(&s);
}

CLAIM(directory, has_the_index_that_is_named)
{
    struct site s;

    open_site(&s);
    cr_expect_str_eq(site_brief(site_get(&s, "/plain/", "")), "200 index");
    cr_expect_str_eq(site_brief(site_get(&s, "/kept/", "")), "200 start");
    close_site(&s);
}

/* Or an intermediary would keep for ever what is not there for a moment. */
CLAIM(directory, has_files_kept_and_nothing_else)
{
    static const char field[] = "Cache-Control: max-age=60\r\n";
    struct site s;

    open_site(&s);
    cr_expect_not_null(strstr(site_get(&s, "/kept/file.txt", ""), field));
    cr_expect_not_null(
        strstr(site_get(&s, "/kept/file.txt", "Range: bytes=1-2\r\n"), field));
    cr_expect_not_null(
        strstr(site_get(&s, "/kept/file.txt", "If-None-Match: *\r\n"), field));
    cr_expect_null(
        strstr(site_get(&s, "/kept/file.txt", "If-Match: \"x\"\r\n"), field));
    cr_expect_null(
        strstr(site_get(&s, "/kept/file.txt", "Range: bytes=9-\r\n"), field));
    cr_expect_null(strstr(site_get(&s, "/kept/nothing", ""), field));
    cr_expect_null(strstr(site_get(&s, "/kept/a", ""), field));
    cr_expect_null(
        strstr(site_get(&s, "/plain/file.txt", ""), "Cache-Control"));
    close_site(&s);
}

CLAIM(directory, forbids_to_guess_the_type_of_what_it_sends)
{
    static const char field[] = "X-Content-Type-Options: nosniff\r\n";
    struct site s;

    open_site(&s);
    cr_expect_not_null(strstr(site_get(&s, "/plain/file.txt", ""), field));
    cr_expect_not_null(
        strstr(site_get(&s, "/plain/file.txt", "Range: bytes=1-2\r\n"), field));
    cr_expect_null(strstr(site_get(&s, "/plain/nothing", ""), field));
    close_site(&s);
}

CLAIM(directory, is_the_one_that_had_the_name_when_the_server_was_made)
{
    struct site s;

    open_site(&s);
    cr_expect_eq(rename("root", "moved"), 0);
    tree_put("root/index.html", "another");
    cr_expect_str_eq(site_brief(site_get(&s, "/plain/", "")), "200 index");
    close_site(&s);
}
