/*
 * router TIMES   the route of a request is found, among 40 of an application:
 *                in turn one without parameters, with one, and with two, and
 *                one that is not there
 */
#include "io/http/server/route.h"
#include "bench/bench.h"

static int answer(struct gyre_http_request *request)
{
    (void)request;
    return 0;
}

/* What an application lets be done with one kind of thing. */
static const struct gyre_http_route things[] = {
    {"GET", "/", .handler = answer},
    {"POST", "/", .handler = answer},
    {"GET", "/{id}", .handler = answer},
    {"DELETE", "/{id}", .handler = answer},
    {"GET", "/{id}/notes/{note}", .handler = answer},
    {0}};

static const struct gyre_http_route routes[] = {
    {NULL, "/users", .routes = things},
    {NULL, "/articles", .routes = things},
    {NULL, "/comments", .routes = things},
    {NULL, "/tags", .routes = things},
    {NULL, "/images", .routes = things},
    {NULL, "/orders", .routes = things},
    {NULL, "/reports", .routes = things},
    {NULL, "/sessions", .routes = things},
    {0}};

static const struct request {
    const char *path;
    int found;
    size_t params;
} requests[] = {
    {"/comments/", 0, 0},
    {"/articles/2024-11-what-is-a-loop", 0, 1},
    {"/orders/90125/notes/7", 0, 2},
    {"/favicon.ico", 404, 0},
};

enum { REQUESTS = sizeof requests / sizeof requests[0] };

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 1);
    struct gyre_http_router *router;
    struct gyre_span method = gyre_span_of("GET"), paths[REQUESTS];
    struct bench b;

    bench_require(gyre_http_router_new(&router, routes, NULL, NULL, NULL) == 0,
                  "making a router");
    for (size_t i = 0; i < REQUESTS; i++)
        paths[i] = gyre_span_of(requests[i].path);
    bench_start(&b);
    for (uint64_t i = 0; i < n; i++) {
        const struct request *r = &requests[i % REQUESTS];
        struct gyre_http_match match;
        int found =
            gyre_http_router_find(router, method, paths[i % REQUESTS], &match);

        bench_require(found == r->found &&
                          (found != 0 || match.param_count == r->params),
                      "finding the route");
    }
    bench_stop(&b);
    bench_print(&b, n);
    gyre_http_router_free(router);
    return 0;
}
