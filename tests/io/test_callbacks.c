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
#include "io/read.h"
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

/* ---- in turn ---- */

/* One end of a connection, of whose reading is told what `name` it has. */
struct ear {
    struct gyre_reading reading;
    struct gyre_stream *stream;
    int peer;
    char name, buf[2];
};

static char heard[8];

static void hear(struct gyre_reading *r, ssize_t n)
{
    cr_expect_eq(n, 1);
    strncat(heard, &GYRE_OWNER(r, struct ear, reading)->name, 1);
}

static void open_ear(struct ear *e, char name)
{
    struct gyre_addr a;

    listen_at(&a);
    e->name = name;
    e->peer = connect_to_port(gyre_addr_port(&a));
    accepting.accepted = take;
    cr_expect_eq(gyre_accepting_start(&accepting, listener), 0);
    cr_expect_eq(gyre_loop_run(loop), 0);
    gyre_listener_close(listener);
    e->stream = accepted;
    e->reading = (struct gyre_reading){
        .read = hear, .buf = e->buf, .size = 1, .background = true};
    cr_expect_eq(gyre_reading_start(&e->reading, e->stream), 0);
    cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0); /* nothing is there */
}

static void tell(const struct ear *e, const char *text)
{
    cr_expect_eq(send(e->peer, text, strlen(text), 0), (ssize_t)strlen(text));
}

static void run_until_heard(size_t n)
{
    while (strlen(heard) < n)
        cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
}

static void close_ear(struct ear *e)
{
    gyre_close(e->stream);
    close(e->peer);
}

Test(callbacks, that_read_have_one_turn_each_however_much_has_come)
{
    struct ear ears[2];

    open_loop();
    open_ear(&ears[0], 'a');
    open_ear(&ears[1], 'b');
    tell(&ears[0], "123");
    tell(&ears[1], "123");
    run_until_heard(6);
    cr_expect(strcmp(heard, "ababab") == 0 || strcmp(heard, "bababa") == 0,
              "%s", heard);
    close_ear(&ears[0]);
    close_ear(&ears[1]);
    close_loop();
}

static struct ear *other;

static void hear_and_start_the_other(struct gyre_reading *r, ssize_t n)
{
    hear(r, n);
    r->read = hear;
    cr_expect_eq(gyre_reading_start(&other->reading, other->stream), 0);
}

/* It has its turn in the next pass: what the loop is told meanwhile does not
   make it two. */
Test(callbacks, that_begin_to_read_what_is_there_have_one_turn_too)
{
    struct ear ears[2];

    open_loop();
    open_ear(&ears[0], 'a');
    open_ear(&ears[1], 'b');
    tell(&ears[1], "12");
    run_until_heard(1);
    gyre_reading_stop(&ears[1].reading); /* with one of two */
    other = &ears[1];
    ears[0].reading.read = hear_and_start_the_other;
    tell(&ears[0], "1");
    tell(&ears[1], "3");
    cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    cr_expect_str_eq(heard, "ba");
    run_until_heard(4);
    cr_expect_str_eq(heard, "babb");
    close_ear(&ears[0]);
    close_ear(&ears[1]);
    close_loop();
}

/* What is ahead is no news of the descriptor's, and what comes behind it is:
   also for a reading that was told of such before. */
Test(callbacks, that_read_go_on_behind_what_was_read_ahead)
{
    struct ear ear;

    open_loop();
    open_ear(&ear, 'a');
    gyre_reading_stop(&ear.reading);
    cr_expect_eq(gyre_stream_unread(ear.stream, "1", 1), 0);
    cr_expect_eq(gyre_reading_start(&ear.reading, ear.stream), 0);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    cr_expect_str_eq(heard, "a");
    tell(&ear, "2");
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    cr_expect_str_eq(heard, "aa");
    close_ear(&ear);
    close_loop();
}

static void hear_and_close_the_other(struct gyre_reading *r, ssize_t n)
{
    struct ear *e = GYRE_OWNER(r, struct ear, reading);

    hear(r, n);
    other = e->name == 'a' ? e + 1 : e - 1;
    gyre_close(other->stream);
    other->stream = NULL;
}

Test(callbacks, that_read_may_close_what_the_same_poll_has_told_of)
{
    struct ear ears[2];

    open_loop();
    open_ear(&ears[0], 'a');
    open_ear(&ears[1], 'b');
    ears[0].reading.read = ears[1].reading.read = hear_and_close_the_other;
    tell(&ears[0], "1");
    tell(&ears[1], "1");
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    cr_expect_eq(strlen(heard), 1, "%s", heard);
    cr_expect(!gyre_reading_started(&other->reading));
    close_ear(&ears[0]);
    close_ear(&ears[1]);
    close_loop();
}

/* How many jobs there are to reading three times what has just come. */
static uint64_t jobs_of_three(uint64_t seed)
{
    struct gyre_loop_options options = {.allocator = &books.base, .seed = seed};
    struct ear ear;
    uint64_t before;

    heard[0] = '\0';
    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    open_ear(&ear, 'a');
    ear.reading.size = sizeof ear.buf; /* more than comes */
    before = gyre_loop_stats(loop).jobs;
    for (size_t i = 1; i <= 3; i++) {
        tell(&ear, "1");
        run_until_heard(i);
    }
    before = gyre_loop_stats(loop).jobs - before;
    close_ear(&ear);
    close_loop();
    return before;
}

Test(callbacks, that_read_need_no_job_but_in_a_loop_with_a_seed)
{
    cr_expect_eq(jobs_of_three(0), 0);
    cr_expect_eq(jobs_of_three(7), 3);
}
