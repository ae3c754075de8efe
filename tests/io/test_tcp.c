/*
 * test_tcp.c - the claims of tcp.h about connections, and of stream.h about
 * TCP.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "tests/io/loopback.h"
#include "tests/support/network.h"
#include "tests/task/world.h"

#define MS GYRE_MILLISECOND

static struct gyre_stream *ours, *theirs;

static void close_pair(void)
{
    gyre_close(ours);
    gyre_close(theirs);
}

CLAIM_ON_LOOPBACK(tcp, carries_bytes_both_ways)
{
    char buf[8];

    connect_pair(&ours, &theirs);
    cr_expect_eq(gyre_write(ours, "ping", 4, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read_exact(theirs, buf, 4, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_write(theirs, "pong", 4, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read(ours, buf, 8, GYRE_FOREVER), 4);
    cr_expect(memcmp(buf, "pong", 4) == 0);
    close_pair();
}

CLAIM_ON_LOOPBACK(tcp, carries_bytes_by_v6_too)
{
    struct gyre_listener *l;
    struct gyre_addr a;
    char buf[4];

    cr_expect_eq(gyre_tcp_listen("::1", 0, &l, GYRE_NOW), 0);
    cr_expect_eq(gyre_listener_addr(l, &a), 0);
    cr_expect_eq(gyre_tcp_connect_to(&a, &ours, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_accept(l, &theirs, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_write(ours, "ping", 4, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read_exact(theirs, buf, 4, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_write(theirs, "pong", 4, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read_exact(ours, buf, 4, GYRE_FOREVER), 0);
    cr_expect(memcmp(buf, "pong", 4) == 0);
    close_pair();
    gyre_listener_close(l);
}

CLAIM_ON_LOOPBACK(tcp, knows_both_addresses)
{
    struct gyre_addr a, b;
    char one[GYRE_ADDR_TEXT], other[GYRE_ADDR_TEXT];

    connect_pair(&ours, &theirs);
    cr_expect_eq(gyre_stream_local(ours, &a), 0);
    cr_expect_eq(gyre_stream_peer(theirs, &b), 0);
    cr_expect_str_eq(gyre_addr_format(&a, one, sizeof one),
                     gyre_addr_format(&b, other, sizeof other));
    close_pair();
}

enum { LARGE = 4 * 1024 * 1024 };

static unsigned char pattern(size_t i)
{
    return (unsigned char)(i * 7 + i / 251);
}

static intptr_t write_large(void *arg)
{
    static unsigned char bytes[LARGE];

    (void)arg;
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = pattern(i);
    cr_expect_eq(gyre_write(ours, bytes, LARGE, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_shutdown(ours, GYRE_FOREVER), 0);
    return 0;
}

CLAIM_ON_LOOPBACK(tcp, slows_a_writer_down_and_loses_nothing)
{
    struct gyre_scope s;
    unsigned char buf[10007];
    size_t total = 0, wrong = 0;
    ssize_t n;

    connect_pair(&ours, &theirs);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_large, NULL);
    while ((n = gyre_read(theirs, buf, sizeof buf, GYRE_FOREVER)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            wrong += buf[i] != pattern(total + (size_t)i);
        total += (size_t)n;
    }
    cr_expect_eq(n, 0);
    cr_expect_eq(total, LARGE);
    cr_expect_eq(wrong, 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

static intptr_t speak_and_leave(void *arg)
{
    int *fd = arg;

    cr_expect_eq(send(*fd, "last", 4, 0), 4);
    close(*fd);
    return 0;
}

/* They come in one event; the read that takes the bytes is short; and no event
   will ever tell of the end again. */
CLAIM_ON_LOOPBACK(tcp, sees_the_end_that_comes_with_the_last_bytes)
{
    struct gyre_scope s;
    char buf[64];
    int fd;

    for (int i = 0; i < 20; i++) {
        connect_raw(&ours, &fd);
        cr_expect_eq(gyre_read(ours, buf, 64, gyre_in(MS)), -ETIMEDOUT);
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, speak_and_leave, &fd);
        cr_expect_eq(gyre_read(ours, buf, 64, gyre_in(10 * GYRE_SECOND)), 4);
        cr_expect_eq(gyre_read(ours, buf, 64, gyre_in(10 * GYRE_SECOND)), 0);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        gyre_close(ours);
    }
}

CLAIM_ON_LOOPBACK(tcp, reads_bytes_that_came_before_a_reset_or_says_so)
{
    struct linger none = {.l_onoff = 1};
    char buf[8];
    ssize_t n;
    int fd;

    connect_raw(&ours, &fd);
    cr_expect_eq(gyre_read(ours, buf, 8, gyre_in(MS)), -ETIMEDOUT);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
    n = gyre_read(ours, buf, 8, gyre_in(10 * GYRE_SECOND));
    cr_expect_eq(n, -ECONNRESET);
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_NOW), -EPIPE);
    gyre_close(ours);
}

/* Memory differs in these two, as its header says. */
CLAIM_ON_LOOPBACK(tcp, takes_a_write_that_the_closed_peer_will_reset)
{
    connect_pair(&ours, &theirs);
    gyre_close(theirs);
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_FOREVER), 0);
    gyre_close(ours);
}

CLAIM_ON_LOOPBACK(tcp, resets_when_closed_with_bytes_unread)
{
    char buf[8];

    connect_pair(&ours, &theirs);
    cr_expect_eq(gyre_write(ours, "unread", 6, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read(theirs, buf, 1, gyre_in(10 * GYRE_SECOND)), 1);
    gyre_close(theirs);
    cr_expect_eq(gyre_read(ours, buf, 8, gyre_in(10 * GYRE_SECOND)),
                 -ECONNRESET);
    gyre_close(ours);
}

/* Where the system keeps urgent bytes apart, a read that ends before them is
   short though more is there. */
CLAIM_ON_LOOPBACK(tcp, reads_on_after_urgent_bytes)
{
    char buf[8] = "";
    ssize_t n;
    int fd;

    connect_raw(&ours, &fd);
    cr_expect_eq(gyre_read(ours, buf, 8, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(send(fd, "ab", 2, 0), 2);
    cr_expect_eq(send(fd, "!", 1, MSG_OOB), 1);
    cr_expect_eq(send(fd, "cd", 2, 0), 2);
    do
        n = gyre_read(ours, buf, 8, gyre_in(10 * GYRE_SECOND));
    while (n > 0 && buf[n - 1] != 'd');
    cr_expect_gt(n, 0);
    cr_expect_eq(gyre_read(ours, buf, 8, gyre_in(MS)), -ETIMEDOUT);
    close(fd);
    gyre_close(ours);
}

CLAIM_ON_LOOPBACK(tcp, goes_on_reading_after_it_was_shut_down)
{
    char buf[8];

    connect_pair(&ours, &theirs);
    cr_expect_eq(gyre_shutdown(ours, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read(theirs, buf, 8, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read(theirs, buf, 8, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_write(theirs, "late", 4, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read_exact(ours, buf, 4, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_FOREVER), -EPIPE);
    close_pair();
}

static intptr_t read_until_closed(void *arg)
{
    char byte;

    (void)arg;
    return gyre_read(ours, &byte, 1, GYRE_FOREVER) == -EBADF ? 0 : -EIO;
}

static intptr_t write_until_closed(void *arg)
{
    static char bytes[65536];
    int err = 0;

    (void)arg;
    while (err == 0)
        err = gyre_write(ours, bytes, sizeof bytes, GYRE_FOREVER);
    return err == -EBADF ? 0 : -EIO;
}

CLAIM_ON_LOOPBACK(tcp, sends_reader_and_writer_home_when_it_is_closed)
{
    struct gyre_scope s;

    connect_pair(&ours, &theirs);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_until_closed, NULL);
    gyre_spawn(&s, NULL, write_until_closed, NULL);
    let_all_settle();
    gyre_close(ours);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_close(theirs);
}

CLAIM_ON_LOOPBACK(tcp, has_one_reader)
{
    struct gyre_job j = {0};
    struct gyre_scope s;
    char byte;

    connect_pair(&ours, &theirs);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_until_closed, NULL);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_read(ours, &byte, 1, GYRE_FOREVER), -EBUSY);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), -EBUSY);
    gyre_close(ours);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_close(theirs);
}

/* ---- connecting ---- */

CLAIM_ON_LOOPBACK(tcp, says_when_a_connection_is_refused)
{
    int port, kept = keep_port(&port);

    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, &ours, GYRE_FOREVER),
                 -ECONNREFUSED);
    close(kept);
    cr_expect_eq(gyre_tcp_connect("127.0.0.1", 70000, &ours, GYRE_FOREVER),
                 -EINVAL);
    cr_expect_eq(gyre_tcp_connect("", -1, &ours, GYRE_FOREVER), -EINVAL);
}

CLAIM_ON_LOOPBACK(tcp, connects_to_a_name)
{
    int port;
    struct gyre_listener *l = listen_anywhere(&port);

    cr_expect_eq(
        gyre_tcp_connect("localhost", port, &ours, gyre_in(10 * GYRE_SECOND)),
        0);
    cr_expect_eq(gyre_accept(l, &theirs, GYRE_FOREVER), 0);
    close_pair();
    gyre_listener_close(l);
}

/* A listener whose queue is full answers nobody. */
static int fill_queue(int fds[8], struct gyre_addr *a)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    gyre_addr_parse(a, "127.0.0.1", 0);
    cr_expect_eq(bind(fd, &a->is.any, a->length), 0);
    cr_expect_eq(listen(fd, 0), 0);
    cr_expect_eq(getsockname(fd, &a->is.any, &a->length), 0);
    for (int i = 0; i < 8; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fds[i], &a->is.any, a->length);
    }
    return fd;
}

CLAIM_ON_LOOPBACK(tcp, gives_up_connecting_when_time_is_up_or_it_is_cancelled)
{
    struct gyre_scope s;
    struct gyre_addr a;
    int fds[8], fd = fill_queue(fds, &a);

    cr_expect_eq(gyre_tcp_connect_to(&a, &ours, gyre_in(20 * MS)), -ETIMEDOUT);
    gyre_scope_open(&s, gyre_in(20 * MS));
    cr_expect_eq(gyre_tcp_connect_to(&a, &ours, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    close(fd);
    for (int i = 0; i < 8; i++)
        close(fds[i]);
}

/* ---- a name with several addresses ---- */

/* What any name stands for: up to three addresses, of IPv4. */
static const char *hosts[3];

static int know_hosts(const char *host, struct addrinfo **out)
{
    static struct gyre_addr a[3];
    static struct addrinfo answer[3];

    (void)host;
    for (int i = 2; i >= 0; i--) {
        if (hosts[i] == NULL)
            continue;
        cr_expect_eq(gyre_addr_parse(&a[i], hosts[i], 0), 0);
        answer[i] = (struct addrinfo){
            .ai_family = AF_INET,
            .ai_addr = &a[i].is.any,
            .ai_addrlen = a[i].length,
            .ai_next = i < 2 && hosts[i + 1] != NULL ? &answer[i + 1] : NULL};
    }
    *out = answer;
    return 0;
}

static struct gyre_listener *listen_behind(const char *first,
                                           const char *second, int *port)
{
    hosts[0] = first;
    hosts[1] = second;
    network_look_up = know_hosts;
    return listen_anywhere(port);
}

static void expect_connected(struct gyre_listener *l, int port)
{
    cr_expect_eq(gyre_tcp_connect("a.name", port, &ours, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_accept(l, &theirs, GYRE_FOREVER), 0);
    close_pair();
}

CLAIM_ON_LOOPBACK(tcp, tries_the_next_address_when_one_refuses)
{
    int port;
    struct gyre_listener *l = listen_behind("127.0.0.2", "127.0.0.1", &port);

    expect_connected(l, port);
    gyre_listener_close(l);
    cr_expect_eq(gyre_tcp_connect("a.name", port, &ours, GYRE_FOREVER),
                 -ECONNREFUSED);
}

/* The system loses patience, while the caller has any amount of it. */
CLAIM_ON_LOOPBACK(tcp, tries_the_next_address_when_the_system_gives_one_up)
{
    int port;
    struct gyre_listener *l = listen_behind("127.0.0.1", "127.0.0.1", &port);
    struct gyre_stream *given_up;

    network_outcome = ETIMEDOUT;
    cr_expect_eq(gyre_tcp_connect("a.name", port, &ours, GYRE_FOREVER), 0);
    cr_expect_eq(network_outcome, 0);
    cr_expect_eq(gyre_accept(l, &given_up, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_accept(l, &theirs, GYRE_FOREVER), 0);
    gyre_close(given_up);
    close_pair();

    hosts[1] = NULL;
    network_outcome = ETIMEDOUT;
    cr_expect_eq(gyre_tcp_connect("a.name", port, &ours, GYRE_FOREVER),
                 -EHOSTUNREACH);
    gyre_listener_close(l);
}

CLAIM_ON_LOOPBACK(tcp, tries_no_further_address_when_time_is_up)
{
    struct gyre_scope s;
    struct gyre_addr a;
    int fds[8], fd = fill_queue(fds, &a);

    hosts[0] = hosts[1] = "127.0.0.1";
    network_look_up = know_hosts;
    cr_expect_eq(gyre_tcp_connect("a.name", gyre_addr_port(&a), &ours,
                                  gyre_in(100 * MS)),
                 -ETIMEDOUT);
    gyre_scope_open(&s, gyre_in(100 * MS));
    cr_expect_eq(
        gyre_tcp_connect("a.name", gyre_addr_port(&a), &ours, GYRE_FOREVER),
        -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    close(fd);
    for (int i = 0; i < 8; i++)
        close(fds[i]);
}

/* ---- the loop's books ---- */

CLAIM_ON_LOOPBACK(tcp, forgets_who_stopped_waiting)
{
    struct gyre_loop *l = gyre_loop_current();
    char byte;

    connect_pair(&ours, &theirs);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_read(ours, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    cr_expect(!gyre_loop_alive(l), "something is still awaited");
    close_pair();
}

static void note_readable(struct gyre_job *j)
{
    j->run = NULL;
}

CLAIM_ON_LOOPBACK(tcp, starts_a_job_when_there_is_something_to_read)
{
    struct gyre_job j = {.run = note_readable};
    char buf[8];

    connect_pair(&ours, &theirs);
    cr_expect_eq(gyre_read(ours, buf, 8, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    let_all_settle();
    cr_expect_not_null((void *)(uintptr_t)j.run);
    cr_expect_eq(gyre_write(theirs, "x", 1, GYRE_FOREVER), 0);
    wait_until(j.run == NULL);
    cr_expect_null((void *)(uintptr_t)j.run);
    cr_expect_eq(gyre_read(ours, buf, 8, GYRE_NOW), 1);
    close_pair();
}

/* ---- files ---- */

static intptr_t send_it(void *arg)
{
    return gyre_send_file(ours, *(int *)arg, 3, 300000, GYRE_FOREVER);
}

CLAIM_ON_LOOPBACK(tcp, sends_a_file)
{
    FILE *f = tmpfile();
    struct gyre_scope s;
    unsigned char byte;
    int fd = fileno(f), wrong = 0;

    for (size_t i = 0; i < 300003; i++)
        putc(pattern(i), f);
    fflush(f);
    connect_pair(&ours, &theirs);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, send_it, &fd);
    for (size_t i = 3; i < 300003; i++) {
        wrong += gyre_read_exact(theirs, &byte, 1, GYRE_FOREVER) != 0;
        wrong += byte != pattern(i);
    }
    cr_expect_eq(wrong, 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    fclose(f);
    close_pair();
}

CLAIM_ON_LOOPBACK(tcp, resets_when_it_was_told_to)
{
    char byte;
    int fd;

    connect_raw(&ours, &fd);
    cr_expect_eq(gyre_tcp_reset_on_close(ours), 0);
    gyre_close(ours);
    cr_expect_eq(recv(fd, &byte, 1, 0), -1);
    cr_expect_eq(errno, ECONNRESET);
    close(fd);
}
