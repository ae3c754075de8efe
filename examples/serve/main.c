/*
 * gyre-serve [options] [DIR [PORT]]: serves the files of a directory.  See options.c.
 */
#include "serve.h"

#include <signal.h>
#include <stdio.h>

struct program {
    struct options *options;
    const struct gyre_http_route *routes;
    const struct log *log;
    struct gyre_http_server *server;
    struct gyre_signal interrupt, terminate;
};

static int complain(const char *what, int err)
{
    fprintf(stderr, "gyre-serve: %s: %s\n", what, gyre_strerror(err));
    return err;
}

static int let_anybody_read(struct gyre_http_request *r)
{
    int err = gyre_http_set_header(r, "Access-Control-Allow-Origin", "*");

    return err ? err : gyre_http_next(r);
}

static const struct gyre_http_around cors[] = {{let_anybody_read}, {0}};

/* The first signal asks it to end; the second ends it as usual. */
static void interrupted(struct gyre_signal *s, unsigned times)
{
    (void)times;
    gyre_http_server_stop(GYRE_OWNER(s, struct program, interrupt)->server);
}

static void terminated(struct gyre_signal *s, unsigned times)
{
    (void)times;
    gyre_http_server_stop(GYRE_OWNER(s, struct program, terminate)->server);
}

static int start_signals(struct program *p)
{
    struct gyre_loop *l = gyre_loop_current();
    int err = 0;

    p->interrupt = (struct gyre_signal){.caught = interrupted, .once = true};
    p->terminate = (struct gyre_signal){.caught = terminated, .once = true};
    if (!gyre_signal_ignored(SIGINT))
        err = gyre_signal_start(l, &p->interrupt, SIGINT);
    if (err == 0)
        err = gyre_signal_start(l, &p->terminate, SIGTERM);
    return err;
}

static void stop_signals(struct program *p)
{
    gyre_signal_stop(gyre_loop_current(), &p->interrupt);
    gyre_signal_stop(gyre_loop_current(), &p->terminate);
}

static int open_listener(const struct options *o, struct gyre_listener **l)
{
    char where[300];
    int err = o->path != NULL ? gyre_unix_listen(gyre_loop_current(), o->path, 0666, l)
                              : gyre_tcp_listen(o->host, o->port, l, GYRE_FOREVER);

    snprintf(where, sizeof where, "%s:%d", o->host, o->port);
    return err ? complain(o->path != NULL ? o->path : where, err) : 0;
}

static void announce(const struct gyre_listener *l)
{
    struct gyre_addr a;
    char text[GYRE_ADDR_TEXT];

    if (gyre_listener_addr(l, &a) != 0)
        return;
    printf("listening on %s\n", gyre_addr_format(&a, text, sizeof text));
    fflush(stdout);
}

static int listen_and_serve(struct program *p)
{
    struct gyre_listener *l;
    int err = open_listener(p->options, &l);

    if (err)
        return err;
    err = start_signals(p);
    if (err == 0 && !p->options->quiet)
        announce(l);
    if (err == 0)
        err = gyre_http_serve(p->server, l, GYRE_FOREVER);
    stop_signals(p);
    gyre_listener_close(l);
    return err ? complain("serving", err) : 0;
}

static intptr_t run(void *arg)
{
    struct program *p = arg;
    gyre_time began = gyre_in(0);
    int err = gyre_http_server_new(&p->server, p->routes, &p->options->http);

    if (err)
        return complain(p->options->directory, err);
    err = listen_and_serve(p);
    gyre_http_server_free(p->server);
    if (err == 0 && p->options->summary)
        log_summary(p->log, gyre_in(0) - began);
    return err;
}

int main(int argc, char **argv)
{
    struct options o;
    int code = read_options(&o, argc, argv);
    struct gyre_http_route routes[] = {
        {"GET", "/{path:tail}", .directory = o.directory, .files = &o.files}, {0}};
    struct log log = {.base.access = log_access, .format = o.quiet ? LOG_NONE : o.log};
    struct pace pace = {.base.wrap = pace_wrap, .rate = o.rate};
    struct gyre_run_options how = {.ignore_interrupt = true};
    struct program p = {.options = &o, .routes = routes, .log = &log};

    if (code >= 0)
        return code;
    o.http.log = &log.base;
    o.http.around = o.cors ? cors : NULL;
    o.http.wrapper = o.rate > 0 ? &pace.base : NULL;
    o.http.write_rate = o.rate > 0 && o.rate < 1000 ? ((uint64_t)o.rate + 1) / 2 : 0;
    return gyre_run_with(&how, run, &p) != 0;
}
