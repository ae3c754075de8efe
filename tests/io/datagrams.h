/*
 * datagrams.h - what the tests of datagrams share: two sockets, of each kind,
 * and what goes from one to the other.
 */
#ifndef TESTS_IO_DATAGRAMS_H
#define TESTS_IO_DATAGRAMS_H

#include <criterion/criterion.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "task/task.h"
#include "io/datagram.h"
#include "io/unix.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

/* Two sockets, and where they are. */
static struct gyre_datagrams ours, theirs;
static struct gyre_addr here, there;

static inline struct gyre_addr at(const char *host, int port)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, host, port), 0);
    return a;
}

static inline void open_one(struct gyre_datagrams *d, const char *host,
                            struct gyre_addr *out)
{
    struct gyre_addr a = at(host, 0);

    cr_expect_eq(gyre_datagrams_open(d, gyre_loop_current(), &a, NULL), 0);
    cr_expect_eq(gyre_datagrams_local(d, out), 0);
}

static inline void open_local(struct gyre_datagrams *d, const char *name,
                              struct gyre_addr *out)
{
    char path[64];

    snprintf(path, sizeof path, "/tmp/gyre-%s-%d", name, (int)getpid());
    cr_expect_eq(gyre_unix_datagrams(d, gyre_loop_current(), path, 0), 0);
    cr_expect_eq(gyre_datagrams_local(d, out), 0);
}

static inline void open_both(void)
{
    open_one(&ours, "127.0.0.1", &here);
    open_one(&theirs, "127.0.0.1", &there);
}

static inline void open_both_of_v6(void)
{
    open_one(&ours, "::1", &here);
    open_one(&theirs, "::1", &there);
}

static inline void open_both_locally(void)
{
    open_local(&ours, "ours", &here);
    open_local(&theirs, "theirs", &there);
}

static inline void close_both(void)
{
    gyre_datagrams_close(&ours);
    gyre_datagrams_close(&theirs);
}

static inline bool same(const struct gyre_addr *a, const struct gyre_addr *b)
{
    char one[GYRE_ADDR_TEXT], other[GYRE_ADDR_TEXT];

    return strcmp(gyre_addr_format(a, one, sizeof one),
                  gyre_addr_format(b, other, sizeof other)) == 0;
}

static inline void send_text(const char *text)
{
    cr_expect_eq(gyre_send(&theirs, text, strlen(text), &here, SOON), 0);
}

static inline void expect_text(const char *text)
{
    struct gyre_addr from;
    char buf[64] = "";

    cr_expect_eq(gyre_receive(&ours, buf, sizeof buf, &from, SOON),
                 (ssize_t)strlen(text));
    cr_expect_str_eq(buf, text);
    cr_expect(same(&from, &there));
}

static inline void connect_ours(void)
{
    cr_expect_eq(gyre_datagrams_connect(&ours, &there), 0);
}

/* Who has another peer takes nothing of ours, as if nobody were there; and
   keeps the port, so that nobody else can be.  And take it again. */
static inline void turn_away(void)
{
    bool v6 = there.is.any.sa_family == AF_INET6;
    struct gyre_addr discard = at(v6 ? "::1" : "127.0.0.1", 9);

    cr_expect_eq(gyre_datagrams_connect(&theirs, &discard), 0);
}

static inline void turn_back(void)
{
    cr_expect_eq(gyre_datagrams_connect(&theirs, &here), 0);
}

/* For gyre_spawn. */
static inline intptr_t receive_in_turn(void *text)
{
    expect_text(text);
    return 0;
}

/* Of every kind there is. */
static void (*const kinds[])(void) = {open_both, open_both_of_v6,
                                      open_both_locally};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

#endif
