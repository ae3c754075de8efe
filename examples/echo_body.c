/* Sends back what is posted to /, as it comes: POST a file, or in chunks. */
#include "number.h"

#include <gyre.h>
#include <stdio.h>

static int echo(struct gyre_http_request *request)
{
    const char *type = gyre_http_header(request, "Content-Type");
    char buf[16384];
    ssize_t n;
    int err =
        gyre_http_set_header(request, "Content-Type", type ? type : "application/octet-stream");

    if (err == 0)
        err = gyre_http_reply_begin(request, 200, -1);
    while (err == 0) {
        n = gyre_http_read_body(request, buf, sizeof buf, GYRE_FOREVER);
        if (n <= 0)
            return (int)n;
        err = gyre_http_reply_write(request, buf, (size_t)n, GYRE_FOREVER);
    }
    return err;
}

static const struct gyre_http_route routes[] = {
    {"POST", "/", echo},
    {0},
};

int main(int argc, char **argv)
{
    struct gyre_http_options options = {.body_limit = 64 * 1024 * 1024};
    int port = argc > 1 ? port_in(argv[1]) : 8080;
    int err = gyre_http_run(routes, "127.0.0.1", port, &options);

    if (err)
        fprintf(stderr, "echo_body: %s\n", gyre_strerror(err));
    return err != 0;
}
