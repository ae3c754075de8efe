/*
 * hello PORT FOLDER   HTTP: 13 bytes of text, and the files of FOLDER
 */
#include "io/http/server/request.h"
#include "io/http/server/route.h"
#include "io/http/server/server.h"
#include "bench/bench.h"

static int hello(struct gyre_http_request *r)
{
    return gyre_http_reply_text(r, 200, "Hello, world!");
}

int main(int argc, char **argv)
{
    const struct gyre_http_route routes[] = {
        {.method = "GET", .path = "/", .handler = hello},
        {.method = "GET",
         .path = "/files/{path:tail}",
         .directory = argc > 2 ? argv[2] : "."},
        {0},
    };
    const struct gyre_http_options options = {.connections = 16000};
    int port = (int)bench_number(argc, argv, 1);

    return gyre_http_run(routes, "127.0.0.1", port, &options) != 0;
}
