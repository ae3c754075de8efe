/*
 * test_resolve.c - the claims of addr.h about finding the addresses of names.
 */
#include <errno.h>
#include <netdb.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>

#include "task/pool.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/addr.h"
#include "tests/io/loopback.h"
#include "tests/support/network.h"

TestSuite(resolve, .timeout = 60);

CLAIM_ON_LOOPBACK(resolve, looks_nothing_up_that_is_an_address)
{
    struct gyre_addr a[4];
    char text[GYRE_ADDR_TEXT];

    cr_expect_eq(gyre_resolve("127.0.0.9", 80, a, 4, GYRE_NOW), 1);
    cr_expect_str_eq(gyre_addr_format(a, text, sizeof text), "127.0.0.9:80");
    cr_expect_eq(gyre_resolve(NULL, 80, a, 4, GYRE_NOW), 1);
    cr_expect_str_eq(gyre_addr_format(a, text, sizeof text), "0.0.0.0:80");
}

CLAIM_ON_LOOPBACK(resolve, finds_this_machine)
{
    struct gyre_addr a[4];
    int n = gyre_resolve("localhost", 80, a, 4, gyre_in(20 * GYRE_SECOND));

    cr_expect_geq(n, 1);
    for (int i = 0; i < n; i++)
        cr_expect_eq(gyre_addr_port(&a[i]), 80);
}

/* So that a silent name server holds up nothing else. */
CLAIM_ON_LOOPBACK(resolve, asks_in_the_pool_for_names)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_resolve("localhost", 1, &a, 1, GYRE_FOREVER), 1);
    cr_expect_eq(gyre_pool_stats(gyre_run_pool(GYRE_POOL_NAMES)).done, 1);
    cr_expect_eq(gyre_pool_stats(gyre_run_pool(GYRE_POOL_WORK)).done, 0);
}

CLAIM_ON_LOOPBACK(resolve, refuses_what_can_be_no_name)
{
    char longest[300], label[80];
    struct gyre_addr a;
    const char *names[] = {".",    "a..b",  ".a",    "a b",
                           "a\nb", "a\x7f", longest, label};

    memset(longest, 'a', sizeof longest);
    for (size_t i = 10; i < sizeof longest; i += 10)
        longest[i] = '.';
    longest[254] = '\0';
    memset(label, 'b', 64);
    label[64] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        cr_expect_eq(gyre_resolve(names[i], 1, &a, 1, GYRE_FOREVER), -EINVAL,
                     "name %zu", i);
    cr_expect_eq(gyre_resolve("localhost", 65536, &a, 1, GYRE_FOREVER),
                 -EINVAL);
}

CLAIM_ON_LOOPBACK(resolve, is_a_cancel_point_even_for_an_address)
{
    struct gyre_scope s;
    struct gyre_addr a;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_resolve("127.0.0.1", 1, &a, 1, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_resolve("localhost", 1, &a, 1, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* libc would take them for addresses, whatever we think of the text. */
CLAIM_ON_LOOPBACK(resolve, looks_up_no_number_and_no_half_of_an_address)
{
    static const char *const hosts[] = {
        "127.1",       "2130706433", "0x7f000001",       "0x7f.1",
        "127.0.0.0x1", "a.b.127",    "0177.0.0.1",       "127.0.0.1.",
        "0",           "1.2.3.4.5",  "256.0.0.1",        "0X7F000001",
        "a-name.0x7f", "::1%0",      "::ffff:1.2.3.4%0", "fe80::1%nowhere",
    };
    struct gyre_addr a;

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        cr_expect_eq(gyre_resolve(hosts[i], 1, &a, 1, GYRE_FOREVER), -EINVAL,
                     "%s", hosts[i]);
}

CLAIM_ON_LOOPBACK(resolve, keeps_the_zone_of_an_address)
{
    char text[GYRE_ADDR_TEXT];
    struct gyre_addr a;

    cr_expect_eq(gyre_resolve("fe80::1%lo", 80, &a, 1, GYRE_NOW), 1);
    cr_expect_neq(a.is.v6.sin6_scope_id, 0);
    cr_expect_str_eq(gyre_addr_format(&a, text, sizeof text),
                     "[fe80::1%lo]:80");
}

/* ---- what libc answers ---- */

static int failure, system_error;
static struct addrinfo *answer;

static int say(const char *host, struct addrinfo **out)
{
    (void)host;
    errno = system_error;
    *out = answer;
    return failure;
}

CLAIM_ON_LOOPBACK(resolve, says_in_our_words_what_went_wrong)
{
    static const struct {
        int failure, system, err;
    } cases[] = {
        {EAI_NONAME, 0, -ENOENT},
        {EAI_AGAIN, 0, -EHOSTUNREACH},
        {EAI_FAIL, 0, -EHOSTUNREACH},
        {EAI_MEMORY, 0, -ENOMEM},
        {EAI_SYSTEM, EMFILE, -EMFILE},
        {EAI_SYSTEM, ETIMEDOUT, -EHOSTUNREACH},
        {EAI_SYSTEM, EAGAIN, -EHOSTUNREACH},
        {EAI_SYSTEM, 0, -EIO},
    };
    struct gyre_addr a;

    network_look_up = say;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        failure = cases[i].failure;
        system_error = cases[i].system;
        cr_expect_eq(gyre_resolve("a.name", 1, &a, 1, GYRE_FOREVER),
                     cases[i].err, "case %zu", i);
    }
}

CLAIM_ON_LOOPBACK(resolve, gives_as_many_addresses_as_there_is_room_for)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr other = {.sa_family = AF_UNIX};
    struct addrinfo third = {.ai_family = AF_INET,
                             .ai_addr = (struct sockaddr *)&v4,
                             .ai_addrlen = sizeof v4};
    struct addrinfo second = {.ai_family = AF_INET6,
                              .ai_addr = (struct sockaddr *)&v6,
                              .ai_addrlen = sizeof v6,
                              .ai_next = &third};
    struct addrinfo first = {.ai_family = AF_UNIX,
                             .ai_addr = &other,
                             .ai_addrlen = sizeof other,
                             .ai_next = &second};
    struct gyre_addr a[4];

    network_look_up = say;
    answer = &first;
    for (int room = 1; room <= 4; room++) {
        cr_expect_eq(gyre_resolve("a.name", 80, a, room, GYRE_FOREVER),
                     room < 2 ? room : 2);
        cr_expect_eq(a[0].is.any.sa_family, AF_INET6);
        cr_expect_eq(gyre_addr_port(&a[0]), 80);
    }
    cr_expect_eq(a[1].is.any.sa_family, AF_INET);
    first.ai_next = NULL;
    cr_expect_eq(gyre_resolve("a.name", 80, a, 4, GYRE_FOREVER), -ENOENT);
}

/* ---- walking away ---- */

static sem_t go;

static int stay(const char *host, struct addrinfo **out)
{
    (void)host;
    (void)out;
    sem_wait(&go);
    return EAI_NONAME;
}

/* Nobody answers, and nobody waits for longer than he said.  The threads may be
   at it still when the run has ended, so no books are kept here. */
static intptr_t walk_away(void *arg)
{
    struct gyre_scope s;
    struct gyre_addr a;

    (void)arg;
    cr_expect_eq(gyre_resolve("a.name", 1, &a, 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(
        gyre_resolve("a.name", 1, &a, 1, gyre_in(20 * GYRE_MILLISECOND)),
        -ETIMEDOUT);
    gyre_scope_open(&s, gyre_in(20 * GYRE_MILLISECOND));
    cr_expect_eq(gyre_resolve("a.name", 1, &a, 1, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    return 0;
}

Test(resolve, walks_away_when_time_is_up)
{
    sem_init(&go, 0, 0);
    network_look_up = stay;
    cr_expect_eq(gyre_run(walk_away, NULL), 0);
    for (int i = 0; i < 3; i++)
        sem_post(&go);
}
