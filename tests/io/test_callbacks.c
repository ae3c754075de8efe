/*
 * test_callbacks.c - a program without a task: its streams keep the loop alive,
 * and once it is under way it allocates nothing.
 */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/look.h"
#include "loop/loop.h"
#include "io/accepting.h"
#include "io/connecting.h"
#include "io/reading.h"
#include "io/tcp.h"
#include "io/writing.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"

enum { ROUNDS = 1000, SETTLED = 10 };

static struct gyre_loop *loop;
static struct ledger books = {.base = FAULTS_LEDGER};

static void open_loop(void)
{
    struct gyre_loop_options options = {.allocator = &books.base};

    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
}

static void close_loop(void)
{
    gyre_loop_free(loop);
    cr_expect_eq(books.blocks, 0);
    cr_expect(!books.wrong);
}

/* ---- an echo server, and a client that counts ---- */

/* One end of the connection: what it reads, it writes. */
struct end {
    struct gyre_stream *stream;
    struct gyre_reading reading;
    struct gyre_writing writing;
    struct iovec iov;
    char buf[16];
};

static struct gyre_listener *listener;
static struct gyre_accepting accepting;
static struct gyre_connecting connecting;
static struct end server, client;
static int rounds;
static long asked_settled, asked_ended;

static void write_back(struct gyre_reading *r, ssize_t n)
{
    struct end *e = GYRE_OWNER(r, struct end, reading);

    cr_expect_geq(n, 0);
    if (n <= 0) {
        gyre_close(e->stream);
        return;
    }
    e->iov = (struct iovec){e->buf, (size_t)n};
    gyre_reading_stop(r); /* until it is written: no more than one buffer */
    gyre_writing_start(&e->writing, e->stream, &e->iov, 1);
}

static void read_again(struct gyre_writing *w, int err)
{
    struct end *e = GYRE_OWNER(w, struct end, writing);

    cr_expect_eq(err, 0);
    cr_expect_eq(gyre_reading_start(&e->reading, e->stream), 0);
}

static void count(struct gyre_reading *r, ssize_t n)
{
    rounds++;
    if (rounds == SETTLED)
        asked_settled = faults_asked();
    if (rounds < ROUNDS) {
        write_back(r, n);
        return;
    }
    asked_ended = faults_asked();
    gyre_close(client.stream);
}

static void begin(struct end *e, struct gyre_stream *s,
                  void (*read)(struct gyre_reading *r, ssize_t n))
{
    e->stream = s;
    e->reading = (struct gyre_reading){
        .read = read, .buf = e->buf, .size = sizeof e->buf};
    e->writing = (struct gyre_writing){.written = read_again};
}

static void serve(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    cr_expect_eq(err, 0);
    begin(&server, s, write_back);
    cr_expect_eq(gyre_reading_start(&server.reading, s), 0);
    gyre_accepting_stop(a);
    gyre_listener_close(listener);
}

static void ask(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    (void)c;
    cr_expect_eq(err, 0);
    begin(&client, s, count);
    client.iov = (struct iovec){"hello", 5};
    gyre_writing_start(&client.writing, s, &client.iov, 1);
}

static void listen_at(struct gyre_addr *a)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_expect_eq(gyre_addr_parse(a, "127.0.0.1", 0), 0);
    cr_expect_eq(bind(fd, &a->is.any, a->length), 0);
    cr_expect_eq(listen(fd, 8), 0);
    cr_expect_eq(gyre_listener_adopt(loop, fd, &listener), 0);
    cr_expect_eq(gyre_listener_addr(listener, a), 0);
}

Test(callbacks, echo_and_allocate_nothing_once_they_are_under_way)
{
    struct gyre_addr a;

    open_loop();
    listen_at(&a);
    accepting.accepted = serve;
    connecting.connected = ask;
    cr_expect_eq(gyre_accepting_start(&accepting, listener), 0);
    cr_expect_eq(gyre_connecting_start(&connecting, loop, &a), 0);
    cr_expect_eq(gyre_loop_run(loop), 0);
    cr_expect_eq(rounds, ROUNDS);
    cr_expect_eq(asked_ended, asked_settled);
    cr_expect(!gyre_loop_alive(loop));
    close_loop();
}

/* ---- being alive ---- */

Test(callbacks, keep_the_loop_alive_unless_they_are_in_the_background)
{
    struct gyre_addr a;

    open_loop();
    listen_at(&a);
    accepting.background = true;
    cr_expect_eq(gyre_accepting_start(&accepting, listener), 0);
    cr_expect_eq(gyre_loop_run(loop), 0);
    cr_expect(!gyre_loop_alive(loop));
    cr_expect_eq(gyre_connecting_start(&connecting, loop, &a), 0);
    cr_expect(gyre_loop_alive(loop));
    gyre_connecting_stop(&connecting);
    gyre_accepting_stop(&accepting);
    accepting.background = false;
    cr_expect_eq(gyre_accepting_start(&accepting, listener), 0);
    gyre_listener_close(listener);
    cr_expect_eq(gyre_loop_run(loop), 0);
    close_loop();
}

static void ignore(struct gyre_failure_hook *h, const char *what, int err)
{
    (void)h;
    (void)what;
    cr_expect_eq(err, -EMFILE);
}

Test(callbacks, in_the_background_wait_out_no_shortage)
{
    struct gyre_failure_hook hook = {.failed = ignore};
    struct gyre_addr a;
    int fd;

    open_loop();
    gyre_loop_on_failure(loop, &hook);
    listen_at(&a);
    fd = connect_to_port(gyre_addr_port(&a));
    use_up_descriptors();
    accepting.background = true;
    cr_expect_eq(gyre_accepting_start(&accepting, listener), 0);
    cr_expect_eq(gyre_loop_run(loop), 0);
    cr_expect(!gyre_loop_alive(loop));
    give_back_descriptors();
    gyre_listener_close(listener);
    close(fd);
    close_loop();
}

/* ---- of their own accord ---- */

static struct gyre_stream *accepted, *connected;

static void take(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    cr_expect_eq(err, 0);
    accepted = s;
    gyre_accepting_stop(a);
}

static void keep(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    (void)c;
    cr_expect_eq(err, 0);
    connected = s;
}

/* Each run ends by itself: what is open and not asked for anything is not
   waited for. */
Test(callbacks, are_awaited_and_what_is_open_is_not)
{
    struct gyre_addr a;

    open_loop();
    listen_at(&a);
    cr_expect(!gyre_loop_alive(loop));
    accepting.accepted = take;
    connecting.connected = keep;
    cr_expect_eq(gyre_accepting_start(&accepting, listener), 0);
    cr_expect_eq(gyre_connecting_start(&connecting, loop, &a), 0);
    cr_expect_eq(gyre_loop_run(loop), 0);
    cr_expect_not_null(accepted);
    cr_expect_not_null(connected);
    cr_expect(!gyre_loop_alive(loop));
    gyre_close(accepted);
    gyre_close(connected);
    gyre_listener_close(listener);
    close_loop();
}
