/* Four routes: a redirect, an empty answer, a file, and JSON out of path and query. */
#include "number.h"

#include <gyre.h>
#include <stdio.h>

static int redirected(struct gyre_http_request *request)
{
    return gyre_http_redirect(request, 302, gyre_http_url_for(request, "index"));
}

static int empty(struct gyre_http_request *request)
{
    return gyre_http_reply(request, 200, NULL, 0);
}

static int get_json(struct gyre_http_request *request)
{
    struct gyre_json *json = gyre_http_reply_json(request, 200);

    gyre_json_open(json, '{');
    gyre_json_string(json, "path_name_variable", gyre_http_param(request, "name"));
    gyre_json_string(json, "query_param_a", gyre_http_query(request, "a")); /* NULL is null */
    gyre_json_string(json, "query_param_b", gyre_http_query(request, "b"));
    return gyre_json_close(json);
}

static int index_page(struct gyre_http_request *request)
{
    return gyre_http_reply_file(request, "examples/public/index.html");
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", redirected},
    {"GET", "/empty", empty},
    {"GET", "/json/{name}", get_json},
    {"GET", "/index", index_page, .name = "index"},
    {"GET", "/public/{path:tail}", .directory = "examples/public"},
    {0},
};

/* Serves on the port given, or 8080, until SIGINT or SIGTERM; then finishes what is
   in flight. */
int main(int argc, char **argv)
{
    int port = argc > 1 ? port_in(argv[1]) : 8080;
    int err = gyre_http_run(routes, "127.0.0.1", port, NULL);

    if (err)
        fprintf(stderr, "web_app: %s\n", gyre_strerror(err));
    return err != 0;
}
