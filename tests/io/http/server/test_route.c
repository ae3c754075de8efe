/*
 * test_route.c - the most exact route is found, and what is missing is told.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/http/server/files.h"
#include "io/http/server/route.h"
#include "tests/support/faults.h"

/* A table leaves out what a route has not, as users' do. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static int handler(struct gyre_http_request *request)
{
    (void)request;
    return 0;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", handler, .name = "root"},
    {"GET", "/json/{name}", handler, .name = "json"},
    {"GET", "/index", handler, .name = "index"},
    {"GET", "/public/{path:tail}", .directory = "public", .name = "public"},
    {"GET", "/users/{name}", handler, .name = "by name"},
    {"GET", "/users/{id:int}", handler, .name = "by id"},
    {"GET", "/users/me", handler, .name = "me"},
    {"POST", "/users/{name}", handler, .name = "post"},
    {"GET", "/users/{rest:tail}", handler, .name = "rest"},
    {"GET", "/users/{a}/x/{b}", handler, .name = "a x b"},
    {"GET", "/users/{a}/{b}/c", handler, .name = "a b c"},
    {"GET", "/slash/", handler, .name = "slash"},
    {"PUT", "/put", handler, .name = "put"},
    {"DELETE", "/put", handler, .name = "delete"},
    {"GET", "/head", handler, .name = "get"},
    {"HEAD", "/head", handler, .name = "head"},
    {"OPTIONS", "/options", handler, .name = "options"},
    {"GET", "/a b/\xc3\xa9", handler, .name = "plain"},
    {"GET", "/%41", handler, .name = "percent"},
    {0},
};

static struct gyre_http_router *router;

static void make_router(void)
{
    cr_assert_eq(gyre_http_router_new(&router, routes, NULL, NULL, NULL), 0);
}

static void free_router(void)
{
    gyre_http_router_free(router);
}

TestSuite(route, .init = make_router, .fini = free_router);

/* Find a route, and say its name and parameters, or the status. */
static void check(const char *method, const char *path, const char *expected)
{
    struct gyre_http_match m;
    char found[256];
    int status = gyre_http_router_find(router, gyre_span_of(method),
                                       gyre_span_of(path), &m);

    snprintf(found, sizeof found, "%d", status);
    if (status == 0)
        snprintf(found, sizeof found, "%s", m.route->name);
    for (size_t i = 0; status == 0 && i < m.param_count; i++) {
        size_t n = strlen(found);

        snprintf(found + n, sizeof found - n, " %.*s=%.*s",
                 (int)m.params[i].name.length, m.params[i].name.at,
                 (int)m.params[i].value.length, m.params[i].value.at);
    }
    cr_expect_str_eq(found, expected, "%s %s: %s and not %s", method, path,
                     found, expected);
}

Test(route, paths_are_matched_segment_by_segment)
{
    check("GET", "/", "root");
    check("GET", "/index", "index");
    check("GET", "/index/", "404");
    check("GET", "/inde", "404");
    check("GET", "/indexx", "404");
    check("GET", "/Index", "404");
    check("GET", "/slash/", "slash");
    check("GET", "/slash", "404");
    check("GET", "//", "404");
    check("GET", "", "404");
    check("GET", "*", "404");
    check("GET", "index", "404");
    check("GET", "/json/x", "json name=x");
    check("GET", "/json/", "404");
    check("GET", "/json", "404");
    check("GET", "/json/x/", "404");
    check("GET", "/json/x/y", "404");
}

Test(route, a_tail_is_all_that_is_left)
{
    check("GET", "/public/a", "public path=a");
    check("GET", "/public/a/b/", "public path=a/b/");
    check("GET", "/public/", "public path=");
    check("GET", "/public//", "public path=/");
    check("GET", "/public", "404");
}

Test(route, the_more_exact_wins_whatever_the_order)
{
    check("GET", "/users/me", "me");
    check("GET", "/users/7", "by id id=7");
    check("GET", "/users/-7", "by id id=-7");
    check("GET", "/users/9223372036854775807", "by id id=9223372036854775807");
    check("GET", "/users/9223372036854775808",
          "by name name=9223372036854775808");
    check("GET", "/users/-9223372036854775808",
          "by id id=-9223372036854775808");
    check("GET", "/users/-9223372036854775809",
          "by name name=-9223372036854775809");
    check("GET", "/users/18446744073709551617",
          "by name name=18446744073709551617");
    check("GET", "/users/0000000000000000000000000007",
          "by id id=0000000000000000000000000007");
    check("GET", "/users/--7", "by name name=--7");
    check("GET", "/users/7a", "by name name=7a");
    check("GET", "/users/-", "by name name=-");
    check("GET", "/users/+7", "by name name=+7");
    check("GET", "/users/you", "by name name=you");
    check("GET", "/users/you/them", "rest rest=you/them");
    check("GET", "/users/", "rest rest=");
    check("GET", "/users/1/x/2", "a x b a=1 b=2");
    check("GET", "/users/1/x/c", "a x b a=1 b=c");
    check("GET", "/users/1/y/c", "a b c a=1 b=y");
    check("GET", "/users/1/y/d", "rest rest=1/y/d");
}

Test(route, escapes_are_undone_behind_the_slashes)
{
    check("GET", "/%69ndex", "index");
    check("GET", "/i%6Edex", "index");
    check("GET", "/index%2f", "404");
    check("GET", "/json%2fx", "404");
    check("GET", "/json/a%2fb", "json name=a%2fb");
    check("GET", "/users/%6de", "me");
    check("GET", "/a%20b/%C3%A9", "plain");
    check("GET", "/a+b/%C3%A9", "404");
    check("GET", "/users/%37", "by id id=%37");
    check("GET", "/users/%2d%37%38", "by id id=%2d%37%38");
    check("GET", "/users/7%2", "400");
    check("GET", "/users/7%2d", "by name name=7%2d");
    check("GET", "/users/%2537", "by name name=%2537");
    check("GET", "/json/%", "400");
    check("GET", "/json/%2", "400");
    check("GET", "/json/%zz", "400");
    check("GET", "/json/a%00", "400");
    check("GET", "/nothing/%zz", "400");
    check("GET", "/json/%25%20%41", "json name=%25%20%41");
    check("GET", "/%2541", "percent");
    check("GET", "/%41", "404");
}

Test(route, a_method_that_is_missing_is_told_from_a_path_that_is)
{
    check("POST", "/users/me", "post name=me");
    check("POST", "/index", "405");
    check("POST", "/nothing", "404");
    check("get", "/index", "405");
    check("PATCH", "/put", "405");
    check("DELETE", "/put", "delete");
    check("HEAD", "/index", "index");
    check("HEAD", "/head", "head");
    check("GET", "/head", "get");
    check("HEAD", "/put", "405");
    check("OPTIONS", "/index", "204");
    check("OPTIONS", "/options", "options");
    check("OPTIONS", "/nothing", "404");
    check("OPTIONS", "*", "204");
    check("GET", "/options", "405");
}

static void check_allow(const char *path, const char *expected)
{
    struct gyre_buf out = {0};

    gyre_buf_append_string(&out, "Allow: ");
    cr_expect_eq(gyre_http_router_allow(router, gyre_span_of(path), &out), 0);
    gyre_buf_append(&out, "", 1);
    cr_expect_str_eq(out.at + 7, expected);
    gyre_buf_free(&out);
}

Test(route, the_methods_of_a_path_are_listed_once)
{
    check_allow("/index", "GET, HEAD, OPTIONS");
    check_allow("/put", "PUT, DELETE, OPTIONS");
    check_allow("/head", "GET, HEAD, OPTIONS");
    check_allow("/options", "OPTIONS");
    check_allow("/users/me", "GET, HEAD, POST, OPTIONS");
    check_allow("*", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
}

Test(route, parameters_are_found_by_name)
{
    struct gyre_http_match m;

    cr_assert_eq(gyre_http_router_find(router, gyre_span_of("GET"),
                                       gyre_span_of("/users/1/x/2"), &m),
                 0);
    cr_expect(
        gyre_span_equals(gyre_http_match_param(&m, "b"), gyre_span_of("2")));
    cr_expect_null(gyre_http_match_param(&m, "c").at);
}

Test(route, a_table_that_makes_no_sense_is_refused)
{
    static const struct gyre_http_files hidden = {.hidden = true};
    static const struct gyre_http_route tables[][3] = {
        {{"GET", "", handler}},
        {{"GET", "a", handler}},
        {{"GET", "/{}", handler}},
        {{"GET", "/{a", handler}},
        {{"GET", "/a}", handler}},
        {{"GET", "/x{a}", handler}},
        {{"GET", "/{a}x", handler}},
        {{"GET", "/{a}{b}", handler}},
        {{"GET", "/{a:}", handler}},
        {{"GET", "/{a:str}", handler}},
        {{"GET", "/{:int}", handler}},
        {{"GET", "/{a b}", handler}},
        {{"GET", "/{a:tail}/b", handler}},
        {{"GET", "/{a}/{a}", handler}},
        {{"GET", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", handler}},
        {{"GET", "/", NULL}},
        {{NULL, "/", handler}},
        {{"", "/", handler}},
        {{"GET POST", "/", handler}},
        {{"GET", "/{a:tail}", handler, .directory = "x"}},
        {{"GET", "/a", .directory = "x"}},
        {{"POST", "/{a:tail}", .directory = "x"}},
        {{"GET", "/{a:tail}", handler, .files = &hidden}},
        {{"GET", "/a", .routes = routes}},
        {{NULL, "/a", handler, .routes = routes}},
        {{NULL, "/a", .directory = "x", .routes = routes}},
        {{NULL, "/a/", .routes = routes}},
        {{NULL, "/", .routes = routes}},
        {{NULL, "a", .routes = routes}},
        {{NULL, "/{a:tail}", .routes = routes}},
        {{NULL, "/{a", .routes = routes}},
        {{"GET", "/a", handler}, {"GET", "/a", handler}},
        {{"GET", "/{a}", handler}, {"GET", "/{b}", handler}},
        {{"GET", "/a", handler, .name = "x"},
         {"GET", "/b", handler, .name = "x"}},
    };

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct gyre_http_route *wrong = NULL;
        struct gyre_http_router *none = NULL;

        cr_expect_eq(gyre_http_router_new(&none, tables[i], NULL, NULL, &wrong),
                     -EINVAL, "table %zu", i);
        cr_expect_eq(wrong, &tables[i][tables[i][1].path != NULL]);
        cr_expect_null(none);
    }
}

static const struct gyre_http_route of_a[] = {{"GET", "/{a}", handler}, {0}};
static const struct gyre_http_route with_a[] = {
    {"GET", "/a", handler, .name = "a"}, {0}};
static const struct gyre_http_route endless[] = {{NULL, "", .routes = endless},
                                                 {0}};

Test(route, a_table_that_makes_no_sense_below_another_is_refused)
{
    static const struct gyre_http_route tables[][3] = {
        {{NULL, "/{a}", .routes = of_a}},
        {{NULL, "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}", .routes = of_a}},
        {{NULL, "", .routes = endless}},
        {{"GET", "/a", handler}, {NULL, "", .routes = with_a}},
        {{"GET", "/b/a", handler}, {NULL, "/b", .routes = with_a}},
        {{NULL, "/b", .routes = with_a}, {NULL, "/b", .routes = with_a}},
        {{"GET", "/x", handler, .name = "b:a"},
         {NULL, "/b", .routes = with_a, .name = "b"}},
    };
    static const struct gyre_http_route *const blamed[] = {
        of_a, of_a, endless, with_a, with_a, with_a, with_a};

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct gyre_http_route *wrong = NULL;
        struct gyre_http_router *none;

        cr_expect_eq(gyre_http_router_new(&none, tables[i], NULL, NULL, &wrong),
                     -EINVAL, "table %zu", i);
        cr_expect_eq(wrong, blamed[i], "table %zu", i);
    }
}

Test(route, a_table_may_be_empty)
{
    const struct gyre_http_route *none =
        routes + sizeof routes / sizeof *routes;
    struct gyre_http_router *empty;
    struct gyre_http_match m;

    cr_assert_eq(gyre_http_router_new(&empty, none - 1, NULL, NULL, NULL), 0);
    cr_expect_eq(gyre_http_router_find(empty, gyre_span_of("GET"),
                                       gyre_span_of("/"), &m),
                 404);
    gyre_http_router_free(empty);
}

static void check_url(const char *name, const char *param, const char *value,
                      const char *expected, int err)
{
    struct gyre_http_param params[] = {
        {gyre_span_of(param), gyre_span_of(value)}};
    struct gyre_buf out = {0};

    cr_expect_eq(
        gyre_http_router_url(router, name, params, param != NULL, &out), err,
        "%s %s", name, value);
    gyre_buf_append(&out, "", 1);
    cr_expect_str_eq(out.at, expected);
    gyre_buf_free(&out);
}

Test(route, a_path_is_made_as_it_would_be_matched)
{
    check_url("index", NULL, NULL, "/index", 0);
    check_url("root", NULL, NULL, "/", 0);
    check_url("slash", NULL, NULL, "/slash/", 0);
    check_url("plain", NULL, NULL, "/a%20b/%C3%A9", 0);
    check_url("json", "name", "a/b?c#d%e", "/json/a%2Fb%3Fc%23d%25e", 0);
    check_url("json", "name", "a;b=c@d", "/json/a;b=c@d", 0);
    check_url("public", "path", "a b/c", "/public/a%20b/c", 0);
    check_url("public", "path", "", "/public/", 0);
    check_url("by id", "id", "-7", "/users/-7", 0);
    check_url("by id", "id", "x", "", -EINVAL);
    check_url("by id", "id", "%37", "", -EINVAL);
    check_url("by id", "id", "-9223372036854775808",
              "/users/-9223372036854775808", 0);
    check_url("json", "name", "", "", -EINVAL);
    check_url("json", "name", "..", "", -EINVAL);
    check_url("json", "other", "x", "", -EINVAL);
    check_url("json", NULL, NULL, "", -EINVAL);
    check_url("nothing", NULL, NULL, "", -ENOENT);
}

static int make_both(void)
{
    struct gyre_http_router *mine;
    struct gyre_http_param name = {gyre_span_of("name"), gyre_span_of("a b")};
    struct gyre_buf out = {0};
    int err = gyre_http_router_new(&mine, routes, NULL, NULL, NULL);

    if (err)
        return err;
    err = gyre_http_router_url(mine, "json", &name, 1, &out);
    if (err)
        cr_expect_eq(out.length, 0);
    gyre_buf_free(&out);
    if (!err)
        err = gyre_http_router_allow(mine, gyre_span_of("*"), &out);
    gyre_buf_free(&out);
    gyre_http_router_free(mine);
    return err;
}

Test(route, without_memory_no_path_is_made)
{
    cr_expect(faults_in_memory(make_both) >= 2);
}

/* ---- tables below tables ---- */

static const struct gyre_http_around one[] = {{handler}, {0}};
static const struct gyre_http_around two[] = {{handler}, {handler}, {0}};
static const struct gyre_http_around four[] = {
    {handler}, {handler}, {handler}, {handler}, {0}};

static const struct gyre_http_route comments[] = {
    {"GET", "/{number:int}", handler, .name = "one"},
    {"POST", "/", handler, .name = "post"},
    {0},
};

static const struct gyre_http_route blog[] = {
    {"GET", "/", handler, .name = "index", .around = four},
    {"GET", "/{article}", handler, .name = "article"},
    {NULL, "/{article}/comments", .routes = comments, .name = "comments",
     .around = four},
    {0},
};

static const struct gyre_http_route group[] = {
    {"GET", "/secret", handler, .name = "secret"},
    {"PUT", "/blog/news", handler, .name = "news"},
    {0},
};

static const struct gyre_http_route others[] = {
    {"GET", "/never/mind", handler, .name = "never"},
    {0},
};

static const struct gyre_http_route site[] = {
    {"GET", "/", handler, .name = "root"},
    {NULL, "/blog", .routes = blog, .name = "blog", .around = two},
    {NULL, "", .routes = group, .around = four},
    {"GET", "/blog/about", handler, .name = "about"},
    {NULL, "/{other}", .routes = others, .name = "other", .around = four},
    {0},
};

/* How many are around what is found, or not. */
static size_t count_around(const char *method, const char *path)
{
    struct gyre_http_match m;
    size_t n = 0;

    (void)gyre_http_router_find(router, gyre_span_of(method),
                                gyre_span_of(path), &m);
    while (m.around != NULL && m.around[n].handler != NULL)
        n++;
    return n;
}

static void make_site(void)
{
    cr_assert_eq(gyre_http_router_new(&router, site, one, NULL, NULL), 0);
}

TestSuite(tables, .init = make_site, .fini = free_router);

Test(tables, below_another_are_as_if_in_it)
{
    check("GET", "/", "root");
    check("GET", "/blog", "404");
    check("GET", "/blog/", "index");
    check("GET", "/blog/about", "about");
    check("GET", "/blog/x", "article article=x");
    check("HEAD", "/blog/x", "article article=x");
    check("GET", "/blog/x/comments", "404");
    check("GET", "/blog/x/comments/7", "one article=x number=7");
    check("GET", "/%62log/x/comments/7", "one article=x number=7");
    check("POST", "/blog/x/comments/", "post article=x");
    check("GET", "/blog/x/comments/", "405");
    check("GET", "/blog/x/comments/y", "404");
    check("POST", "/secret", "405");
    check("GET", "/secret", "secret");
    check("PUT", "/blog/news", "news");
    check("GET", "/blog/news", "article article=news");
    check("DELETE", "/blog/news", "405");
    check("OPTIONS", "/blog/news", "204");
}

Test(tables, have_their_methods_listed_together)
{
    check_allow("/blog/news", "PUT, GET, HEAD, OPTIONS");
    check_allow("/blog/x/comments/", "POST, OPTIONS");
    check_allow("*", "GET, HEAD, POST, PUT, OPTIONS");
}

Test(tables, have_around_what_is_in_them_what_is_around_them)
{
    cr_expect_eq(count_around("GET", "/"), 1);
    cr_expect_eq(count_around("GET", "/blog/about"), 1);
    cr_expect_eq(count_around("GET", "/blog/x"), 3);
    cr_expect_eq(count_around("GET", "/blog/"), 7);
    cr_expect_eq(count_around("GET", "/blog/x/comments/7"), 7);
    cr_expect_eq(count_around("GET", "/secret"), 5);
}

Test(tables, have_it_around_what_is_not_found_in_them)
{
    cr_expect_eq(count_around("GET", "/nothing"), 5);
    cr_expect_eq(count_around("GET", "//x"), 1);
    cr_expect_eq(count_around("GET", "/%zz"), 1);
    cr_expect_eq(count_around("POST", "/secret"), 5);
    cr_expect_eq(count_around("GET", "/blog/x/y"), 3);
    cr_expect_eq(count_around("POST", "/blog/x"), 3);
    cr_expect_eq(count_around("GET", "/blog/x/comments/y"), 7);
    cr_expect_eq(count_around("GET", "/blogs"), 5);
    cr_expect_eq(count_around("POST", "/blog/about"), 3);
}

Test(tables, give_their_routes_names_of_their_own)
{
    check_url("blog:index", NULL, NULL, "/blog/", 0);
    check_url("blog:article", "article", "a b", "/blog/a%20b", 0);
    check_url("blog:comments:post", "article", "x", "/blog/x/comments/", 0);
    check_url("secret", NULL, NULL, "/secret", 0);
    check_url("article", "article", "x", "", -ENOENT);
    check_url("blog", NULL, NULL, "", -ENOENT);
}

static int make_tables(void)
{
    struct gyre_http_router *mine;
    int err = gyre_http_router_new(&mine, site, one, NULL, NULL);

    if (!err)
        gyre_http_router_free(mine);
    return err;
}

Test(tables, leave_nothing_without_memory)
{
    cr_expect(faults_in_memory(make_tables) >= 10);
}
