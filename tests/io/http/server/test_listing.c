/*
 * test_listing.c - what is in a directory, for people and for programs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/run/run.h"
#include "task/sim/inject.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/http/server/entries.h"
#include "io/http/server/files.h"
#include "io/http/server/request.h"
#include "tests/io/http/site.h"
#include "tests/io/http/tree.h"
#include "tests/support/faults.h"

static const struct gyre_http_files listed = {.listing = true,
                                              .compressed = true},
                                    shown = {.listing = true, .hidden = true};

static const struct gyre_http_route routes[] = {
    {"GET", "/plain/{path:tail}", .directory = "root"},
    {"GET", "/shown/{path:tail}", .directory = "root", .files = &shown},
    {"GET", "/list/{path:tail}", .directory = "root", .files = &listed},
    {0},
};

static void put_all(void)
{
    tree_enter();
    tree_put("secret", "a secret");
    tree_put("root/b.txt", "bee");
    tree_put("root/a b.txt", "12345");
    tree_put("root/.hidden", "");
    tree_put("root/zoo/index.html", "animals");
    tree_put("root/empty/.keep", "");
    tree_put("root/back\\slash", "");
    tree_put("root/line\nfeed", "");
    tree_put("root/sub/x", "");
    tree_link("../secret", "root/out");
    tree_link("/etc", "root/etc");
    tree_link("nothing", "root/dangling");
    tree_link("b.txt", "root/within");
    tree_link("../b.txt", "root/sub/up");
    cr_expect_eq(mkfifo("root/pipe", 0644), 0);
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

/* The names that are linked to on a page, each with a ' ' behind it. */
static const char *names_on(const char *page)
{
    static char names[1000];
    size_t used = 0;

    names[0] = '\0';
    while ((page = strstr(page, "<a href=\"")) != NULL) {
        page += 9;
        used += (size_t)snprintf(names + used, sizeof names - used, "%.*s ",
                                 (int)strcspn(page, "\""), page);
    }
    return names;
}

CLAIM(listing, is_for_who_asks_for_it)
{
    struct site s;

    open_site(&s);
    cr_expect_str_eq(site_brief(site_get(&s, "/plain/", "")), "404 ");
    cr_expect_eq(strncmp(site_get(&s, "/list/", ""), "HTTP/1.1 200 ", 13), 0);
    cr_expect_str_eq(site_brief(site_get(&s, "/list/zoo/", "")), "200 animals");
    cr_expect_str_eq(site_brief(site_get(&s, "/list/sub", "")), "301 ");
    cr_expect_str_eq(site_brief(site_get(&s, "/list/none/", "")), "404 ");
    cr_expect_str_eq(site_brief(site_get(&s, "/list/b.txt/", "")), "404 ");
    cr_expect_str_eq(site_brief(site_get(&s, "/list/etc/", "")), "404 ");
    cr_expect_str_eq(site_brief(site_get(&s, "/list/../", "")), "404 ");
    close_site(&s);
}

/* Directories first.  What would not be served is not there. */
CLAIM(listing, has_what_can_be_asked_for_and_nothing_else)
{
    struct site s;

    open_site(&s);
    cr_expect_str_eq(names_on(site_get(&s, "/list/", "")),
                     "./empty/ ./sub/ ./zoo/ ./a%20b.txt ./b.txt ./within ");
    cr_expect_str_eq(names_on(site_get(&s, "/shown/", "")),
                     "./empty/ ./sub/ ./zoo/ ./.hidden ./a%20b.txt ./b.txt "
                     "./within ");
    cr_expect_str_eq(names_on(site_get(&s, "/list/sub/", "")), "../ ./up ./x ");
    cr_expect_str_eq(names_on(site_get(&s, "/list/empty/", "")), "../ ");
    close_site(&s);
}

/* While it is sent, which may take long. */
CLAIM(listing, keeps_no_more_memory_than_what_it_lists)
{
    static const struct {
        const char *path;
        size_t count;
        const char *last;
    } cases[] = {{"", 6, "within"}, {"empty/", 0, ""}};
    struct ledger l = {.base = FAULTS_LEDGER};
    struct gyre_http_entries e;
    int top;

    put_all();
    top = open("root", O_RDONLY | O_DIRECTORY);
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(gyre_http_entries_read(&e, &l.base, top, cases[i].path,
                                            false, GYRE_FOREVER),
                     0);
        cr_expect_lt(l.bytes, 1000);
        cr_expect_eq(e.count, cases[i].count);
        if (e.count > 0)
            cr_expect_str_eq(e.at[e.count - 1].name, cases[i].last);
        gyre_http_entries_free(&e, &l.base);
        cr_expect_eq(l.blocks, 0);
    }
    cr_expect(!l.wrong);
    close(top);
    tree_leave();
}

CLAIM(listing, tells_sizes_and_times)
{
    struct site s;
    const char *page;

    open_site(&s);
    page = site_get(&s, "/list/", "");
    cr_expect_not_null(strstr(page, "\">a b.txt</a><td align=\"right\">5"
                                    "<td>2001-09-09 01:46\n"));
    cr_expect_not_null(strstr(page, "\">within</a><td align=\"right\">3"
                                    "<td>2001-09-09 01:46\n"));
    cr_expect_not_null(strstr(page, "\">zoo/</a><td align=\"right\"><td>"));
    cr_expect_not_null(strstr(page, "<title>/list/</title>"));
    cr_expect_not_null(strstr(page, "Content-Type: text/html; charset=utf-8"));
    close_site(&s);
}

/* Names are strangers' words. */
CLAIM(listing, runs_nothing_and_leads_nowhere_else)
{
    struct site s;
    const char *page;

    open_site(&s);
    tree_put("root/sub/<script>alert('\"&", "");
    tree_put("root/sub/javascript:alert(1)", "");
    tree_put("root/<b>/x", "");
    page = site_get(&s, "/list/sub/", "");
    cr_expect_str_eq(names_on(page), "../ ./%3Cscript%3Ealert%28%27%22%26 "
                                     "./javascript%3Aalert%281%29 ./up ./x ");
    cr_expect_null(strstr(page, "<script"));
    cr_expect_not_null(
        strstr(page, ">&lt;script&gt;alert(&#39;&quot;&amp;</a>"));
    cr_expect_not_null(
        strstr(page, "Content-Security-Policy: default-src 'none'\r\n"));
    cr_expect_not_null(strstr(page, "X-Content-Type-Options: nosniff\r\n"));
    page = site_get(&s, "/list/%3Cb%3E/", "");
    cr_expect_null(strstr(page, "<b>"));
    cr_expect_not_null(strstr(page, "<h1>/list/&lt;b&gt;/</h1>"));
    close_site(&s);
}

CLAIM(listing, is_json_for_who_would_rather_have_that)
{
    struct site s;
    const char *answer;

    open_site(&s);
    answer = site_get(&s, "/list/sub/", "Accept: application/json\r\n");
    cr_expect_str_eq(site_brief(answer),
                     "200 {\"entries\":["
                     "{\"name\":\"up\",\"type\":\"file\",\"size\":3,"
                     "\"changed\":\"2001-09-09T01:46:40Z\"},"
                     "{\"name\":\"x\",\"type\":\"file\",\"size\":0,"
                     "\"changed\":\"2001-09-09T01:46:40Z\"}],"
                     "\"more\":false}");
    cr_expect_not_null(strstr(answer, "Vary: Accept\r\n"));
    cr_expect_not_null(strstr(answer, "Content-Type: application/json\r\n"));
    answer = site_get(&s, "/list/", "Accept: application/json, */*;q=0.1\r\n");
    cr_expect_not_null(
        strstr(answer, "{\"name\":\"sub\",\"type\":\"directory\",\"changed\""));
    answer = site_get(&s, "/list/", "Accept: text/html, application/json\r\n");
    cr_expect_not_null(strstr(answer, "<h1>"));
    cr_expect_not_null(strstr(answer, "Vary: Accept\r\n"));
    cr_expect_not_null(
        strstr(site_get(&s, "/list/", "Accept: */*\r\n"), "<h1>"));
    close_site(&s);
}

CLAIM(listing, of_a_crowd_ends_somewhere_and_says_so)
{
    char name[250];
    size_t length = 0;
    const char *page;
    struct site s;

    open_site(&s);
    for (int i = 0; i < 1300; i++) {
        snprintf(name, sizeof name, "root/crowd/%0200d", i);
        tree_put(name, "");
    }
    page = site_get(&s, "/list/crowd/", "");
    while (page[0] != '\0' && strstr(page, "And more.") == NULL) {
        length += strlen(page);
        page = site_ask(&s, "");
    }
    cr_expect_neq(page[0], '\0');
    cr_expect_gt(length, 200000);
    cr_expect_lt(length, 1000000);
    close_site(&s);
}

CLAIM(listing, has_a_head_too)
{
    static const char request[] = "HEAD /list/ HTTP/1.1\r\nHost: x\r\n\r\n";
    const char *answer;
    struct site s;

    open_site(&s);
    answer = site_ask(&s, request);
    cr_expect_eq(strncmp(answer, "HTTP/1.1 200 ", 13), 0);
    cr_expect_str_eq(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
    cr_expect_str_eq(site_brief(site_get(&s, "/list/zoo/", "")), "200 animals");
    close_site(&s);
}

/* ---- a shortage ---- */

static intptr_t serve(void *arg)
{
    struct site *s = arg;

    return gyre_http_serve_stream(s->server, s->peer, GYRE_FOREVER);
}

/* Ask for a page, for JSON, and for a file, and hear the end. */
static int talk(struct gyre_stream *s)
{
    static const char text[] =
        "GET /list/sub/ HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /list/sub/ HTTP/1.1\r\nHost: x\r\n"
        "Accept: application/json\r\n\r\n"
        "GET /list/b.txt HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br\r\n"
        "Connection: close\r\n\r\n";
    char buf[4096];
    ssize_t n = gyre_write(s, text, strlen(text), GYRE_FOREVER);

    while (n >= 0 && (n = gyre_read(s, buf, sizeof buf, GYRE_FOREVER)) > 0)
        continue;
    return n == -EPIPE ? 0 : (int)n;
}

static int converse_with(struct site *s)
{
    struct gyre_stream *ends[2];
    int err = gyre_memory_pair(gyre_loop_current(), 0, ends);

    if (err)
        return err;
    s->peer = ends[1];
    gyre_scope_open(&s->scope, GYRE_FOREVER);
    err = gyre_spawn(&s->scope, &s->served, serve, s);
    if (err)
        gyre_close(ends[1]);
    else
        err = talk(ends[0]);
    gyre_close(ends[0]);
    return (int)gyre_scope_close(&s->scope, err);
}

static void say_nothing(struct gyre_http_log *log, const char *peer,
                        const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
}

static intptr_t converse(void *arg)
{
    struct gyre_http_log log = {.error = say_nothing};
    struct gyre_http_options options = {.log = &log};
    struct site s = {0};
    int err = gyre_http_server_new(&s.server, routes, &options);

    (void)arg;
    if (err)
        return err;
    err = converse_with(&s);
    gyre_http_server_free(s.server);
    return err;
}

static int scenario(void)
{
    return (int)gyre_simulate(converse, NULL);
}

Test(listing, survives_the_nth_allocation_failing)
{
    put_all();
    tree_put("root/b.txt.br", "b");
    cr_expect_gt(faults_in_memory(scenario), 15);
    tree_leave();
}

/* ---- a cancellation ---- */

static int no_descriptor_is_left(void *before)
{
    return faults_descriptors() == *(int *)before ? 0 : -EMFILE;
}

Test(listing, leaves_nothing_open_wherever_it_is_cancelled)
{
    int before;

    put_all();
    tree_put("root/b.txt.br", "b");
    before = faults_descriptors();
    for (int only_task = 0; only_task < 2; only_task++) {
        struct gyre_injection j = {.check = no_descriptor_is_left,
                                   .only_task = only_task};

        cr_expect_eq(gyre_inject(&j, converse, &before), 0);
        cr_expect_gt(j.points, 15);
    }
    tree_leave();
}
