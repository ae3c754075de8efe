/*
 * gyre-serve [options] [DIR [PORT]]: serves the files of a directory.  See options.c.
 */
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int complain(const char *what, int err)
{
    fprintf(stderr, "gyre-serve: %s: %s\n", what, gyre_strerror(err));
    return 1;
}

static int let_anybody_read(struct gyre_http_request *r)
{
    int err = gyre_http_set_header(r, "Access-Control-Allow-Origin", "*");

    return err ? err : gyre_http_next(r);
}

static const struct gyre_http_around cors[] = {{let_anybody_read}, {0}};

static gyre_time now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * GYRE_SECOND + t.tv_nsec;
}

/* What is wrong with the directory, for what goes wrong later is the place it listens at. */
static int check_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static int serve(const struct options *o, const struct gyre_http_route *routes)
{
    const char *host = o->path == NULL ? o->host : NULL;
    char where[300];
    int err = check_directory(o->directory);

    if (err)
        return complain(o->directory, err);
    err = gyre_http_run(routes, host, host != NULL ? o->port : -1, &o->http);
    snprintf(where, sizeof where, "%s:%d", o->host, o->port);
    return err ? complain(host != NULL ? where : o->path, err) : 0;
}

int main(int argc, char **argv)
{
    struct options o;
    int code = read_options(&o, argc, argv);
    struct gyre_http_route routes[] = {
        {"GET", "/{path:tail}", .directory = o.directory, .files = &o.files}, {0}};
    struct gyre_http_listen socket[] = {{.path = o.path, .mode = 0666}, {0}};
    struct log log = {.base.access = log_access, .format = o.http.quiet ? LOG_NONE : o.log};
    struct pace pace = {.base.wrap = pace_wrap, .rate = o.rate};
    gyre_time began = now();

    if (code >= 0)
        return code;
    o.http.listen = o.path != NULL ? socket : NULL;
    o.http.log = &log.base;
    o.http.around = o.cors ? cors : NULL;
    o.http.wrapper = o.rate > 0 ? &pace.base : NULL;
    o.http.write_rate = o.rate > 0 && o.rate < 1000 ? ((uint64_t)o.rate + 1) / 2 : 0;
    code = serve(&o, routes);
    if (code == 0 && o.summary)
        log_summary(&log, now() - began);
    return code;
}
