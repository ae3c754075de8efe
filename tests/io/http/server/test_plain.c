/*
 * test_plain.c - what has no parameters is found as a whole, and nothing else.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "io/http/server/router.h"

/* A table leaves out what a route has not, as users' do. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static int handler(struct gyre_http_request *request)
{
    (void)request;
    return 0;
}

static const struct gyre_http_route below[] = {
    {"GET", "/", handler},
    {"PUT", "/abc", handler},
    {"GET", "/{name}", handler},
    {0},
};

static const struct gyre_http_route routes[] = {
    {"POST", "/bb", handler},
    {"GET", "/bb", handler},
    {"GET", "/a", handler},
    {"GET", "/c", handler},
    {"PUT", "/bb", handler},
    {"GET", "/ab", handler},
    {"GET", "/", handler},
    {"GET", "/{id:int}/a", handler},
    {"GET", "/%41", handler},
    {.path = "/below", .routes = below},
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

TestSuite(plain, .init = make_router, .fini = free_router);

static const struct gyre_http_place *find(const char *method, const char *path)
{
    return gyre_http_plain_find(router, gyre_span_of(method),
                                gyre_span_of(path));
}

static bool is_plain(const char *path)
{
    return strpbrk(path, "{%") == NULL;
}

Test(plain, all_without_parameters_are_found_and_no_others)
{
    size_t n = 0;

    for (struct gyre_http_place *p = router->places; p != NULL; p = p->next) {
        const struct gyre_http_place *expected = is_plain(p->path) ? p : NULL;

        cr_expect_eq(find(p->route->method, p->path), expected, "%s", p->path);
        n += expected != NULL;
    }
    cr_expect_eq(n, 9);
}

Test(plain, what_is_not_there_is_not_found)
{
    cr_expect_null(find("HEAD", "/bb"));
    cr_expect_null(find("GETS", "/bb"));
    cr_expect_null(find("GET", "/b"));
    cr_expect_null(find("GET", "/cc"));
    cr_expect_null(find("GET", ""));
    cr_expect_null(find("GET", "/below"));
    cr_expect_null(find("GET", "/below/abc"));
}

Test(plain, a_router_may_have_none)
{
    const struct gyre_http_route none[] = {{"GET", "/{name}", handler}, {0}};
    struct gyre_http_router *other;

    cr_assert_eq(gyre_http_router_new(&other, none, NULL, NULL, NULL), 0);
    cr_expect_null(gyre_http_plain_find(other, gyre_span_of("GET"),
                                        gyre_span_of("/{name}")));
    gyre_http_router_free(other);
}
