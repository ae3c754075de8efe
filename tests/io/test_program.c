/*
 * test_program.c - the claims of tcp.h about a server that is a whole program.
 *
 * It is run in the test's own process; its client is a thread, which learns
 * from what it prints where to connect.
 */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "tests/support/faults.h"

#define MS GYRE_MILLISECOND

/* ---- the client ---- */

static FILE *printed;

/* Connects, and stays until the server hangs up. */
static void *be_client(void *arg)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), port = 0;
    char byte;

    (void)arg;
    if (fscanf(printed, "listening on 127.0.0.1:%d", &port) != 1)
        port = 0;
    a.sin_port = htons((uint16_t)port);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        (void)!read(fd, &byte, 1);
    close(fd);
    return NULL;
}

static pthread_t client;

/* With standard output going to it. */
static void start_client(void)
{
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    fflush(stdout);
    dup2(fds[1], STDOUT_FILENO);
    close(fds[1]);
    printed = fdopen(fds[0], "r");
    cr_assert_eq(pthread_create(&client, NULL, be_client, NULL), 0);
}

static int serve(intptr_t (*handler)(struct gyre_stream *s, void *arg))
{
    int err;

    start_client();
    err = gyre_tcp_run("127.0.0.1", 0, handler, NULL);
    pthread_join(client, NULL);
    fclose(printed);
    return err;
}

/* ---- its end ---- */

static int cancelled;

static intptr_t terminate(struct gyre_stream *s, void *arg)
{
    char byte;
    ssize_t n;

    (void)arg;
    raise(SIGTERM);
    n = gyre_read(s, &byte, 1, GYRE_FOREVER);
    cancelled += n == -ECANCELED;
    return n;
}

static intptr_t interrupt(struct gyre_stream *s, void *arg)
{
    char byte;
    ssize_t n;

    (void)arg;
    raise(SIGINT);
    n = gyre_read(s, &byte, 1, GYRE_FOREVER);
    cancelled += n == -ECANCELED;
    return n;
}

Test(program, stops_when_it_is_told_to)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    cr_expect_eq(serve(terminate), 0);
    cr_expect_eq(cancelled, 1);
    cr_expect_eq(serve(interrupt), 0);
    cr_expect_eq(cancelled, 2);
    cr_expect_eq((uintptr_t)signal(SIGINT, SIG_DFL), (uintptr_t)SIG_DFL);
    cr_expect_eq((uintptr_t)signal(SIGTERM, SIG_DFL), (uintptr_t)SIG_DFL);
}

static intptr_t interrupt_in_vain(struct gyre_stream *s, void *arg)
{
    raise(SIGINT);
    cr_expect_eq(gyre_sleep(gyre_in(20 * MS)), 0);
    cr_expect_eq((uintptr_t)signal(SIGINT, SIG_IGN), (uintptr_t)SIG_IGN);
    return terminate(s, arg);
}

Test(program, goes_on_ignoring_what_it_was_started_to_ignore)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    cr_expect_eq(serve(interrupt_in_vain), 0);
    cr_expect_eq(cancelled, 1);
}

/* Cancelled, it takes its time, and somebody loses patience. */
static intptr_t linger(struct gyre_stream *s, void *arg)
{
    struct gyre_scope shield;

    (void)terminate(s, arg);
    gyre_scope_open_shielded(&shield, gyre_in(20 * GYRE_SECOND));
    raise(SIGTERM);
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
    return gyre_scope_close(&shield, 0);
}

Test(program, is_ended_by_a_second_signal, .signal = SIGTERM)
{
    signal(SIGTERM, SIG_DFL);
    (void)serve(linger);
}

static intptr_t refuse(struct gyre_stream *s, void *arg)
{
    (void)s;
    (void)arg;
    return 0;
}

Test(program, says_why_it_cannot_listen)
{
    int descriptors = faults_descriptors();
    long blocks = faults_blocks();

    cr_expect_eq(gyre_tcp_run("192.0.2.1", 0, refuse, NULL), -EADDRNOTAVAIL);
    cr_expect_eq(gyre_tcp_run("a..b", 0, refuse, NULL), -EINVAL);
    cr_expect_eq(faults_descriptors(), descriptors);
    cr_expect_eq(faults_blocks(), blocks);
}
