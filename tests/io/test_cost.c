/*
 * test_cost.c - a cancel point that need not wait, for it fails at once, or
 * what it asks for is there, is one all the same: it costs a credit, so that a
 * loop around it starves nobody, and in a cancelled scope it says -ECANCELED.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/io/pairs.h"
#include "tests/task/world.h"

enum { CREDITS = 32 };

/* A call that fails, and how; or what it returns when it does not. */
struct failure {
    const char *name;
    int (*call)(void);
    int err;
};

static bool others_ran;

static intptr_t run_too(void *arg)
{
    (void)arg;
    others_ran = true;
    return 0;
}

static void expect_cost(const struct failure *f)
{
    struct gyre_scope s;
    int n = 0;

    others_ran = false;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, run_too, NULL);
    while (n <= CREDITS && !others_ran) {
        int err = f->call();

        cr_expect_eq(err, f->err, "%s returned %d", f->name, err);
        n++;
    }
    cr_expect(others_ran, "nobody else runs beside %s", f->name);
    gyre_scope_cancel(&s);
    cr_expect_eq(f->call(), -ECANCELED, "%s", f->name);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* The list ends with one that has no name. */
static void expect_costs(const struct failure *f)
{
    for (; f->name != NULL; f++)
        expect_cost(f);
}

/* ---- a second reader ---- */

static int read_second(void)
{
    char byte;

    return (int)gyre_read(ours, &byte, 1, GYRE_FOREVER);
}

static int read_exact_second(void)
{
    char byte;

    return gyre_read_exact(ours, &byte, 1, GYRE_FOREVER);
}

static int read_until_second(void)
{
    char byte;

    return (int)gyre_read_until(ours, '\n', &byte, 1, GYRE_FOREVER);
}

static intptr_t read_first(void *arg)
{
    (void)arg;
    return read_second();
}

CLAIM_OF_STREAMS(cost, is_paid_by_a_second_reader)
{
    static const struct failure failures[] = {
        {"read", read_second, -EBUSY},
        {"read_exact", read_exact_second, -EBUSY},
        {"read_until", read_until_second, -EBUSY},
        {NULL, NULL, 0},
    };
    struct gyre_scope s;

    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_first, NULL);
    let_others_run();
    expect_costs(failures);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

/* ---- a broken stream ---- */

static int file;

static int do_write(void)
{
    return gyre_write(ours, "x", 1, GYRE_FOREVER);
}

static int do_write_nothing(void)
{
    return gyre_writev(ours, NULL, 0, GYRE_FOREVER);
}

static int do_write_some(void)
{
    return (int)gyre_write_some(ours, "x", 1, GYRE_FOREVER);
}

static int do_send_file(void)
{
    return gyre_send_file(ours, file, 0, 1, GYRE_FOREVER);
}

static int do_shutdown(void)
{
    return gyre_shutdown(ours, GYRE_FOREVER);
}

CLAIM_OF_STREAMS(cost, is_paid_by_who_writes_to_a_broken_stream)
{
    static const struct failure failures[] = {
        {"write", do_write, -EPIPE},
        {"write nothing", do_write_nothing, -EPIPE},
        {"write_some", do_write_some, -EPIPE},
        {"send_file", do_send_file, -EPIPE},
        {"shutdown", do_shutdown, -EPIPE},
        {NULL, NULL, 0},
    };
    static char bytes[LARGE];

    file = make_file(10);
    open_pair(4);
    cr_expect_eq(gyre_write(ours, bytes, LARGE, GYRE_NOW), -ETIMEDOUT);
    cr_expect(gyre_stream_broken(ours));
    expect_costs(failures);
    close_pair();
    close(file);
}

CLAIM_OF_STREAMS(cost, is_paid_by_who_sends_a_file_that_is_none)
{
    static const struct failure failures[] = {
        {"send_file", do_send_file, -EINVAL},
        {NULL, NULL, 0},
    };

    file = -1;
    open_pair(0);
    expect_costs(failures);
    close_pair();
}

/* A half that was shut down is not broken, but says the same. */
CLAIM_OF_STREAMS(cost, is_paid_by_who_writes_after_the_end)
{
    static const struct failure failures[] = {
        {"write", do_write, -EPIPE},
        {"write_some", do_write_some, -EPIPE},
        {"send_file", do_send_file, -EPIPE},
        {NULL, NULL, 0},
    };

    file = make_file(10);
    open_pair(0);
    cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    expect_costs(failures);
    close_pair();
    close(file);
}

/* ---- when all is there ---- */

static int read_nothing(void)
{
    return (int)gyre_read(ours, NULL, 0, GYRE_FOREVER);
}

static int read_exactly_nothing(void)
{
    return gyre_read_exact(ours, NULL, 0, GYRE_FOREVER);
}

/* Directly, and from what was read ahead. */
CLAIM_OF_STREAMS(cost, is_paid_by_who_finds_what_he_reads)
{
    static const struct failure successes[] = {
        {"read", read_second, 1},
        {"read_until", read_until_second, 1},
        {"read, of what was read ahead", read_second, 1},
        {"read_exact", read_exact_second, 0},
        {"read of nothing", read_nothing, 0},
        {"read_exact of nothing", read_exactly_nothing, 0},
        {NULL, NULL, 0},
    };
    static char lines[1000];

    memset(lines, '\n', sizeof lines);
    open_pair(0);
    cr_expect_eq(gyre_write(theirs, lines, sizeof lines, SOON), 0);
    expect_costs(successes);
    close_pair();
}

CLAIM_OF_STREAMS(cost, is_paid_by_who_reads_at_the_end)
{
    static const struct failure ends[] = {
        {"read", read_second, 0},
        {"read_exact", read_exact_second, -EPIPE},
        {"read_until", read_until_second, 0},
        {NULL, NULL, 0},
    };

    open_pair(0);
    cr_expect_eq(gyre_shutdown(theirs, SOON), 0);
    expect_costs(ends);
    close_pair();
}

CLAIM_OF_STREAMS(cost, is_paid_by_who_has_room_to_write)
{
    static const struct failure successes[] = {
        {"write", do_write, 0},
        {"write nothing", do_write_nothing, 0},
        {"write_some", do_write_some, 1},
        {"send_file", do_send_file, 0},
        {NULL, NULL, 0},
    };

    file = make_file(10);
    open_pair(0);
    expect_costs(successes);
    close_pair();
    close(file);
}

/* ---- connecting, and names ---- */

static struct gyre_stream *stream;
static struct gyre_listener *listener;
static struct gyre_addr addr;

static int do_accept(void)
{
    int err = gyre_accept(listener, &stream, GYRE_FOREVER);

    if (err == 0)
        gyre_close(stream);
    return err;
}

CLAIM_ON_LOOPBACK(cost, is_paid_by_who_accepts_what_waits)
{
    static const struct failure successes[] = {
        {"accept", do_accept, 0},
        {NULL, NULL, 0},
    };
    int port, clients[CREDITS + 8];

    listener = listen_anywhere(&port);
    for (int i = 0; i < CREDITS + 8; i++)
        clients[i] = connect_to_port(port);
    expect_costs(successes);
    for (int i = 0; i < CREDITS + 8; i++)
        close(clients[i]);
    gyre_listener_close(listener);
}

static int do_connect(void)
{
    return gyre_tcp_connect("127.0.0.1", 1, &stream, GYRE_FOREVER);
}

static int do_connect_to(void)
{
    return gyre_tcp_connect_to(&addr, &stream, GYRE_FOREVER);
}

static int do_listen(void)
{
    return gyre_tcp_listen("127.0.0.1", 0, &listener, GYRE_FOREVER);
}

static int do_listen_elsewhere(void)
{
    return gyre_tcp_listen("192.0.2.1", 0, &listener, GYRE_FOREVER);
}

static int do_connect_to_no_name(void)
{
    return gyre_tcp_connect("a..b", 1, &stream, GYRE_FOREVER);
}

static int do_resolve(void)
{
    return gyre_resolve("a..b", 1, &addr, 1, GYRE_FOREVER);
}

CLAIM_ON_LOOPBACK(cost, is_paid_by_who_gets_no_descriptor)
{
    static const struct failure failures[] = {
        {"connect", do_connect, -EMFILE},
        {"connect_to", do_connect_to, -EMFILE},
        {"listen", do_listen, -EMFILE},
        {NULL, NULL, 0},
    };

    cr_expect_eq(gyre_addr_parse(&addr, "127.0.0.1", 1), 0);
    use_up_descriptors();
    expect_costs(failures);
    give_back_descriptors();
}

CLAIM_ON_LOOPBACK(cost, is_paid_by_who_asks_for_what_is_not)
{
    static const struct failure failures[] = {
        {"listen", do_listen_elsewhere, -EADDRNOTAVAIL},
        {"connect", do_connect_to_no_name, -EINVAL},
        {"resolve", do_resolve, -EINVAL},
        {NULL, NULL, 0},
    };

    expect_costs(failures);
}
