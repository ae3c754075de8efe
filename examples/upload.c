/* Stores the files of a form: upload [PORT [DIRECTORY]]. */
#include "number.h"

#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

static int show_form(struct gyre_http_request *request)
{
    static const char page[] = "<!doctype html><title>upload</title>"
                               "<form method=post enctype=multipart/form-data>"
                               "<input type=file name=file multiple><button>Send</button></form>";
    int err = gyre_http_set_header(request, "Content-Type", "text/html");

    return err ? err : gyre_http_reply(request, 200, page, sizeof page - 1);
}

/* What a client calls a file is no name to store it by: it gets one of ours. */
static int store_part(struct gyre_http_request *request)
{
    char buf[16384], path[200];
    ssize_t n = 1;
    int fd, err = 0, closed;

    snprintf(path, sizeof path, "%.150s/upload-XXXXXX", (char *)gyre_http_context(request));
    fd = gyre_temporary_named(path, GYRE_FOREVER);
    if (fd < 0)
        return fd;
    while (err == 0 && (n = gyre_http_read_part(request, buf, sizeof buf, GYRE_FOREVER)) > 0)
        err = gyre_file_write(fd, buf, n, GYRE_FILE_POSITION, GYRE_FOREVER);
    closed = gyre_file_close(fd, GYRE_FOREVER);
    err = err ? err : n < 0 ? (int)n : closed;
    if (err)
        unlink(path);
    return err;
}

static int upload(struct gyre_http_request *request)
{
    struct gyre_http_part part;
    char text[40];
    int err = 0, more = 0, files = 0;

    while (err == 0 && (more = gyre_http_next_part(request, &part, GYRE_FOREVER)) > 0)
        if (part.filename != NULL && (err = store_part(request)) == 0)
            files++;
    snprintf(text, sizeof text, "%d stored\n", files);
    return err ? err : more < 0 ? more : gyre_http_reply_text(request, 201, text);
}

int main(int argc, char **argv)
{
    static const struct gyre_http_route routes[] = {
        {"GET", "/", show_form}, {"POST", "/", upload, .body_limit = 64 << 20}, {0}};
    struct gyre_http_options options = {.context = argc > 2 ? argv[2] : "."};

    return gyre_http_run(routes, "127.0.0.1", argc > 1 ? port_in(argv[1]) : 8080, &options) != 0;
}
