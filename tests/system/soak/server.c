/*
 * server.c - the soak's server: echoes, runs out of descriptors on purpose, and
 * says what became of every connection and every byte.
 *
 *     server tasks|callbacks [BEGIN LENGTH]
 *
 * In the second BEGIN, for LENGTH seconds, it may have half the descriptors
 * that it has then.  Every call of accept goes through here (the linker's
 * --wrap), so that it is known how often it was tried in vain.  SIGTERM ends
 * it, when all its connections have ended.
 */
#include "tests/system/soak/server.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/result.h"
#include "loop/signal.h"
#include "loop/timer.h"
#include "io/addr.h"
#include "io/tcp.h"
#include "tests/system/soak/books.h"

/* ---- what becomes of connections ---- */

void server_begins(struct server *s)
{
    s->accepted++;
    s->now++;
    if (s->now > s->most)
        s->most = s->now;
}

static struct ending *ending_of(struct server *s, ssize_t result)
{
    if (result == 0)
        return &s->ended;
    return result == -ECONNRESET || result == -EPIPE ? &s->reset : &s->failed;
}

void server_ends(struct server *s, ssize_t result, struct tally bytes)
{
    struct ending *e = ending_of(s, result);

    e->connections++;
    e->bytes.in += bytes.in;
    e->bytes.out += bytes.out;
    s->now--;
}

static void print_ending(const char *how, const struct ending *e)
{
    printf("%s: %" PRIu64 "\n%s, bytes read: %" PRIu64
           "\n%s, bytes written: %" PRIu64 "\n",
           how, e->connections, how, e->bytes.in, how, e->bytes.out);
}

static void print(const struct server *s)
{
    printf("accepted: %" PRIu64 "\nat a time: %" PRIu64
           "\nwrites that waited: %" PRIu64 "\n",
           s->accepted, s->most, s->blocked);
    print_ending("ended", &s->ended);
    print_ending("reset", &s->reset);
    print_ending("failed", &s->failed);
}

/* ---- a shortage of descriptors ---- */

struct shortage {
    struct gyre_timer timer; /* its beginning, then its end */
    struct gyre_loop *loop;
    gyre_time span;   /* of the timer */
    gyre_time length; /* so far */
    struct rlimit before;
};

/* Of all calls of accept, those that found no descriptor. */
static uint64_t attempts, in_vain;

int __real_accept4(int fd, struct sockaddr *a, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *a, socklen_t *length, int flags);
int __real_accept(int fd, struct sockaddr *a, socklen_t *length);
int __wrap_accept(int fd, struct sockaddr *a, socklen_t *length);

static int count(int fd)
{
    attempts++;
    if (fd < 0 && errno == EMFILE)
        in_vain++;
    return fd;
}

int __wrap_accept4(int fd, struct sockaddr *a, socklen_t *length, int flags)
{
    return count(__real_accept4(fd, a, length, flags));
}

int __wrap_accept(int fd, struct sockaddr *a, socklen_t *length)
{
    return count(__real_accept(fd, a, length));
}

static void go_on(struct shortage *s)
{
    s->length += s->span;
    gyre_timer_start(s->loop, &s->timer, gyre_loop_in(s->loop, s->span));
}

/* Only when it was felt: on a busy machine it may be that nobody came. */
static void end_shortage(struct gyre_timer *t)
{
    struct shortage *s = GYRE_OWNER(t, struct shortage, timer);

    if (in_vain == 0)
        go_on(s);
    else
        setrlimit(RLIMIT_NOFILE, &s->before);
}

static void begin_shortage(struct gyre_timer *t)
{
    struct shortage *s = GYRE_OWNER(t, struct shortage, timer);
    struct rlimit fewer;

    getrlimit(RLIMIT_NOFILE, &s->before);
    fewer = s->before;
    fewer.rlim_cur = (rlim_t)books_descriptors() / 2;
    setrlimit(RLIMIT_NOFILE, &fewer);
    t->fire = end_shortage;
    go_on(s);
}

static void print_shortage(const struct shortage *s)
{
    printf("short of descriptors, ms: %" PRId64 "\naccepts: %" PRIu64
           "\naccepts in vain: %" PRIu64 "\n",
           (int64_t)(s->length / GYRE_MILLISECOND), attempts, in_vain);
}

/* ---- the program ---- */

struct ending_signal {
    struct gyre_signal signal;
    struct server *server;
};

static void terminate(struct gyre_signal *s, unsigned times)
{
    (void)times;
    gyre_listener_close(
        GYRE_OWNER(s, struct ending_signal, signal)->server->listener);
}

static int listen_at_any_port(struct server *s)
{
    char text[GYRE_ADDR_TEXT];
    struct gyre_addr a;
    int err = gyre_addr_parse(&a, "127.0.0.1", 0);

    if (err == 0)
        err = gyre_tcp_listen_at(s->loop, &a, NULL, &s->listener);
    if (err == 0)
        err = gyre_listener_addr(s->listener, &a);
    if (err == 0)
        printf("listening on %s\n", gyre_addr_format(&a, text, sizeof text));
    fflush(stdout);
    return err;
}

static int serve(struct server *server, const char *face)
{
    struct ending_signal end = {.signal = {.caught = terminate, .once = true},
                                .server = server};
    int err = gyre_signal_start(server->loop, &end.signal, SIGTERM);

    if (err == 0)
        err = listen_at_any_port(server);
    if (err == 0)
        err = strcmp(face, "tasks") == 0 ? serve_by_tasks(server)
                                         : serve_by_callbacks(server);
    gyre_signal_stop(server->loop, &end.signal);
    return err;
}

static void prepare(struct shortage *s, struct gyre_loop *l, char **words)
{
    gyre_time begin = strtoll(words[0], NULL, 10) * GYRE_SECOND;

    *s =
        (struct shortage){.timer = {.fire = begin_shortage, .background = true},
                          .loop = l,
                          .span = strtoll(words[1], NULL, 10) * GYRE_SECOND};
    gyre_timer_start(l, &s->timer, gyre_loop_in(l, begin));
}

int main(int argc, char **argv)
{
    struct books books;
    struct gyre_loop_options options = {.allocator = &books.allocator};
    struct server server = {0};
    struct shortage shortage = {0};
    int err;

    books_open(&books);
    err = argc < 2 ? -EINVAL : gyre_loop_new_with(&server.loop, &options);
    if (err == 0) {
        if (argc > 3)
            prepare(&shortage, server.loop, argv + 2);
        err = serve(&server, argv[1]);
        gyre_loop_free(server.loop);
        print(&server);
        print_shortage(&shortage);
        books_close(&books);
    }
    if (err)
        fprintf(stderr, "server: %s\n", gyre_strerror(err));
    return err != 0;
}
