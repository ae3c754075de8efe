/*
 * program.c - a whole program that is a web server.
 *
 * Each thread has a loop, and a server on it.  The first makes the sockets,
 * when its lifetimes have begun, and the others wait for it; it hears signals,
 * too, and has all servers stopped.  A member can be told from when it has a
 * server to when it has none: then its mailbox is here.
 *
 * Once they stop nobody listens any more, though what is in flight may take its
 * time: each member is told by its server and closes its own, and the copies
 * are closed with the lock.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "loop/loop.h"
#include "loop/mailbox.h"
#include "task/run/run.h"
#include "task/run/threads.h"
#include "task/sync/channel.h"
#include "task/task.h"
#include "io/program.h"
#include "io/tcp.h"
#include "io/http/server/connection.h"
#include "io/http/server/listening.h"
#include "io/http/server/server.h"

struct http_program;

/* One of the servers. */
struct member {
    struct http_program *program;
    struct gyre_http_server *server; /* or NULL */
    struct gyre_http_listening listening;
    bool listens;                 /* all of that is there, and may be closed */
    struct gyre_mailbox *mailbox; /* while it can be told; or NULL */
    struct gyre_post stop;
};

struct http_program {
    const struct gyre_http_route *routes;
    const char *host;
    int port;
    struct gyre_http_options options;
    int passed;                       /* sockets, by a service manager */
    bool taken;                       /* those are closed, and all given */
    struct gyre_program base;         /* the first one's */
    struct gyre_channel *ready;       /* a word for each of the others */
    pthread_mutex_t lock;             /* of what follows, and mailboxes */
    struct gyre_http_sockets sockets; /* for these others */
    bool stopped;                     /* all are, and who begins is at once */
    unsigned n;
    struct member *members;
};

/* ---- stopping ---- */

static void stop_here(struct gyre_post *post)
{
    struct member *m = GYRE_OWNER(post, struct member, stop);

    if (m->server != NULL)
        gyre_http_server_stop(m->server);
}

/* Nobody can join any more; with the lock. */
static void tell_all(struct http_program *p)
{
    p->stopped = true;
    gyre_http_sockets_close(&p->sockets);
    for (unsigned i = 0; i < p->n; i++)
        if (p->members[i].mailbox != NULL)
            (void)gyre_post(p->members[i].mailbox, &p->members[i].stop);
}

static void stop_all(struct http_program *p)
{
    pthread_mutex_lock(&p->lock);
    if (!p->stopped)
        tell_all(p);
    pthread_mutex_unlock(&p->lock);
}

static void close_listening(struct member *m)
{
    if (m->listens)
        gyre_http_listening_close(&m->listening);
    m->listens = false;
}

/* A server stops, and so do all.  Who comes now is better told than left to
   wait for one that will not serve him; and who takes our place may listen
   there. */
static void stopped(struct gyre_http_server *s)
{
    struct member *m = s->owner;

    close_listening(m);
    stop_all(m->program);
}

static void stop(struct gyre_program *base)
{
    stop_all(GYRE_OWNER(base, struct http_program, base));
}

/* The member has a server; and has none any more. */
static void enter(struct member *m)
{
    struct http_program *p = m->program;

    bool late;

    pthread_mutex_lock(&p->lock);
    m->mailbox = gyre_loop_mailbox(gyre_loop_current());
    late = p->stopped;
    pthread_mutex_unlock(&p->lock);
    if (late)
        gyre_http_server_stop(m->server);
}

static void leave(struct member *m)
{
    struct gyre_http_server *s = m->server;

    pthread_mutex_lock(&m->program->lock);
    m->mailbox = NULL;
    pthread_mutex_unlock(&m->program->lock);
    m->server = NULL;
    gyre_http_server_free(s);
}

/* ---- listening ---- */

/* What was given is ours, whether or not we have come to listen there. */
static void close_given(struct http_program *p)
{
    if (!p->taken)
        gyre_http_close_given(&p->options, p->passed);
    p->taken = true;
}

/* Copies for the others, unless they have no use for them any more. */
static int share(struct http_program *p, const struct gyre_http_listening *x)
{
    int err = 0;

    pthread_mutex_lock(&p->lock);
    if (!p->stopped)
        err = gyre_http_listening_copy(x, &p->sockets);
    pthread_mutex_unlock(&p->lock);
    return err;
}

/* Make the sockets, and let the others have them. */
static int listen_first(struct member *m)
{
    struct http_program *p = m->program;
    int err = gyre_http_listening_open(&m->listening, p->host, p->port,
                                       &p->options, p->passed, GYRE_FOREVER);

    close_given(p);
    if (err)
        return err;
    for (int i = 0; i < m->listening.n && !p->options.quiet; i++)
        gyre_program_announce(m->listening.l[i]);
    if (p->n > 1)
        err = share(p, &m->listening);
    for (unsigned i = 1; i < p->n && !err; i++)
        err = gyre_channel_put(p->ready, &i, GYRE_FOREVER);
    if (err)
        gyre_http_listening_close(&m->listening);
    return err;
}

/* Wait for these; there may be none, if the first one is not to listen. */
static int listen_next(struct member *m)
{
    struct http_program *p = m->program;
    unsigned i;
    int err = gyre_channel_take(p->ready, &i, GYRE_FOREVER);

    if (err)
        return err == -EPIPE ? 0 : err;
    pthread_mutex_lock(&p->lock);
    err = gyre_http_listening_join(&m->listening, &p->sockets);
    pthread_mutex_unlock(&p->lock);
    return err;
}

/* ---- serving ---- */

struct serving {
    struct gyre_http_server *server;
    struct gyre_listener *listener;
};

static intptr_t serve_one(void *arg)
{
    struct serving *s = arg;

    return gyre_http_serve(s->server, s->listener, GYRE_FOREVER);
}

static int serve_each(struct member *m)
{
    struct serving servings[GYRE_HTTP_LISTENERS];
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < m->listening.n; i++) {
        servings[i] = (struct serving){m->server, m->listening.l[i]};
        gyre_spawn(&scope, NULL, serve_one, &servings[i]);
    }
    return (int)gyre_scope_close(&scope, 0);
}

static int begin_listening(struct gyre_http_server *s)
{
    struct member *m = s->owner;

    if (m == m->program->members)
        return listen_first(m);
    return listen_next(m);
}

/* What is within all lifetimes.  Who is to stop before he listens does so
   nowhere. */
static int serve(struct gyre_http_server *s)
{
    struct member *m = s->owner;
    int err = gyre_http_begin(s, begin_listening);

    if (err)
        return err;
    m->listens = true;
    err = serve_each(m);
    close_listening(m);
    return err;
}

/* ---- each of them ---- */

static int run_server(struct member *m)
{
    struct http_program *p = m->program;
    int err = gyre_http_server_new(&m->server, p->routes, &p->options);

    if (err)
        return err;
    m->server->live = serve;
    m->server->stopped = stopped;
    m->server->owner = m;
    enter(m);
    err = gyre_http_live(m->server);
    leave(m);
    stop_all(p);
    return err;
}

static int run_first(struct member *m)
{
    struct http_program *p = m->program;
    int err = gyre_program_start(gyre_loop_current(), &p->base);

    if (err)
        return err;
    err = run_server(m);
    gyre_program_stop(&p->base);
    gyre_channel_close(p->ready);
    return err;
}

static intptr_t run(unsigned index, void *arg)
{
    struct http_program *p = arg;

    return index == 0 ? run_first(&p->members[0])
                      : run_server(&p->members[index]);
}

/* ---- all of them ---- */

static int run_all(struct http_program *p)
{
    struct gyre_run_options how = {.ignore_interrupt = true};
    int err = gyre_channel_new(&p->ready, sizeof(unsigned), p->n);

    if (err)
        return err;
    p->members = malloc(p->n * sizeof *p->members);
    if (p->members == NULL)
        err = -ENOMEM;
    for (unsigned i = 0; i < p->n && err == 0; i++)
        p->members[i] = (struct member){.program = p, .stop.run = stop_here};
    if (err == 0)
        err = (int)gyre_run_threads(&how, p->n, run, p);
    gyre_http_sockets_close(&p->sockets);
    free(p->members);
    gyre_channel_release(p->ready);
    return err;
}

/* Say which route makes no sense. */
static int check(const struct gyre_http_route *routes)
{
    struct gyre_http_router *router = NULL;
    const struct gyre_http_route *wrong;
    int err = gyre_http_router_new(&router, routes, NULL, NULL, &wrong);

    if (err == -EINVAL)
        fprintf(stderr, "gyre: http: the route %s %s makes no sense\n",
                wrong->method != NULL ? wrong->method : "(no method)",
                wrong->path);
    gyre_http_router_free(router);
    return err;
}

int gyre_http_run(const struct gyre_http_route *routes, const char *host,
                  int port, const struct gyre_http_options *options)
{
    struct http_program p = {.routes = routes,
                             .host = host,
                             .port = port,
                             .base.stop = stop,
                             .lock = PTHREAD_MUTEX_INITIALIZER};
    int err = check(routes);

    if (options != NULL)
        p.options = *options;
    p.passed = gyre_http_count_passed(&p.options);
    p.n = p.options.threads > 0 ? p.options.threads : 1;
    if (err == 0)
        err = run_all(&p);
    close_given(&p);
    pthread_mutex_destroy(&p.lock);
    return err;
}
