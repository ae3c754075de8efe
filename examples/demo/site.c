/*
 * site.c - thirty pages, each of which takes 100 to 300 ms to make.
 */
#include "demo.h"

#include <stdio.h>
#include <stdlib.h>

/* As slow as a page from a database, and as slow every time. */
static gyre_time delay_of(int year)
{
    return (100 + year * 7919 % 201) * GYRE_MILLISECOND;
}

/* A page of a few hundred lines, made while the client waits. */
static int write_page(struct gyre_http_request *request, int year)
{
    struct gyre_buf page = {0};
    char line[80];
    int err = gyre_buf_append_string(&page, "<!doctype html>\n<ul>\n");

    for (int day = 1; err == 0 && day <= DAYS; day++) {
        snprintf(line, sizeof line, "<li>day %d of %d\n", day, year);
        err = gyre_buf_append_string(&page, line);
    }
    if (err == 0)
        err = gyre_http_set_header(request, "Content-Type", "text/html");
    if (err == 0)
        err = gyre_http_reply(request, 200, page.at, page.length);
    gyre_buf_free(&page);
    return err;
}

static int serve_page(struct gyre_http_request *request)
{
    const char *text = gyre_http_param(request, "year");
    int year = text != NULL ? atoi(text) : 0;
    int err;

    if (year < FIRST || year > LAST)
        return 404;
    err = gyre_sleep(gyre_in(delay_of(year)));
    return err ? err : write_page(request, year);
}

static const struct gyre_http_route routes[] = {
    {"GET", "/pages/{year:int}", .handler = serve_page},
    {0},
};

static int serve_on(struct site *site)
{
    struct gyre_addr a;
    int err = gyre_listener_addr(site->listener, &a);

    if (err)
        return err;
    site->port = gyre_addr_port(&a);
    return gyre_http_server_new(&site->server, routes, NULL);
}

int site_open(struct site *site)
{
    int err = gyre_tcp_listen("127.0.0.1", 0, &site->listener, GYRE_FOREVER);

    if (err)
        return err;
    err = serve_on(site);
    if (err)
        gyre_listener_close(site->listener);
    return err;
}

intptr_t site_serve(void *arg)
{
    struct site *site = arg;

    return gyre_http_serve(site->server, site->listener, GYRE_FOREVER);
}

void site_close(struct site *site)
{
    gyre_http_server_free(site->server);
    gyre_listener_close(site->listener);
}
