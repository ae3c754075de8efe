/*
 * test_resolve.c - the claims of addr.h about finding the addresses of names,
 * and of resolver.h.
 */
#include <errno.h>
#include <netdb.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>

#include "loop/list.h"
#include "task/future.h"
#include "task/local.h"
#include "task/pool.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/addr.h"
#include "io/resolver.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"
#include "tests/support/network.h"

#define SOON gyre_in(20 * GYRE_SECOND)

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
    int n = gyre_resolve("localhost", 80, a, 4, SOON);

    cr_expect_geq(n, 1);
    for (int i = 0; i < n; i++) {
        char text[GYRE_ADDR_TEXT];

        gyre_addr_format(&a[i], text, sizeof text);
        cr_expect(strcmp(text, "127.0.0.1:80") == 0 ||
                      strcmp(text, "[::1]:80") == 0,
                  "%s", text);
    }
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

/* The name says which: "7.name" is at 10.0.0.7. */
static int say_which(const char *host, struct addrinfo **out)
{
    static struct sockaddr_in at[10];
    static struct addrinfo answers[10];
    int i = host[0] - '0';

    at[i] = (struct sockaddr_in){.sin_family = AF_INET,
                                 .sin_addr.s_addr =
                                     htonl(0x0a000000u + (unsigned)i)};
    answers[i] = (struct addrinfo){.ai_family = AF_INET,
                                   .ai_addr = (struct sockaddr *)&at[i],
                                   .ai_addrlen = sizeof at[i]};
    *out = &answers[i];
    return 0;
}

static intptr_t ask_for_number(void *name)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_resolve(name, 80, &a, 1, SOON), 1);
    return (intptr_t)(ntohl(a.is.v4.sin_addr.s_addr) & 0xff);
}

CLAIM_ON_LOOPBACK(resolve, gives_each_his_own_of_many_who_ask_at_once)
{
    static char names[10][8];
    struct gyre_future done[10];
    struct gyre_scope s;

    network_look_up = say_which;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 10; i++) {
        names[i][0] = (char)('0' + i);
        strcpy(names[i] + 1, ".name");
        gyre_spawn(&s, &done[i], ask_for_number, names[i]);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    for (int i = 0; i < 10; i++)
        cr_expect_eq(gyre_future_result(&done[i]), i);
}

/* ---- names that are too long, or no names ---- */

static char asked_for[512];

static int note_name(const char *host, struct addrinfo **out)
{
    (void)out;
    strcpy(asked_for, host);
    return EAI_NONAME;
}

static int ask_for(const char *name)
{
    struct gyre_addr a;

    asked_for[0] = '\0';
    return gyre_resolve(name, 1, &a, 1, SOON);
}

/* As long as may be, of labels as long as may be. */
static void put_longest(char name[256], size_t n)
{
    memset(name, 'a', n);
    for (size_t i = 63; i < n; i += 64)
        name[i] = '.';
    name[n] = '\0';
}

/* CVE-2024-24806: a name that was cut to fit a buffer is another name, and
   whoever chose it has chosen which. */
CLAIM_ON_LOOPBACK(resolve, asks_for_the_whole_name_or_for_none)
{
    char name[256];

    network_look_up = note_name;
    put_longest(name, 253);
    cr_expect_eq(ask_for(name), -ENOENT);
    cr_expect_str_eq(asked_for, name);
    put_longest(name, 254);
    cr_expect_eq(ask_for(name), -EINVAL);
    cr_expect_str_eq(asked_for, "");
    memset(name, 'a', 64);
    strcpy(name + 64, ".b");
    cr_expect_eq(ask_for(name), -EINVAL);
    cr_expect_str_eq(asked_for, "");
}

/* CVE-2021-22918: no letters of others are made into ours, or read at all. */
CLAIM_ON_LOOPBACK(resolve, leaves_other_letters_to_who_is_asked)
{
    static const char *const names[] = {
        "xn--bcher-kva.example", "b\303\274cher.example", "a\xff", "xn--"};

    network_look_up = note_name;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_expect_eq(ask_for(names[i]), -ENOENT);
        cr_expect_str_eq(asked_for, names[i]);
    }
}

/* ---- a resolver of one's own ---- */

struct mine {
    struct gyre_resolver base;
    int asked, answer;
};

static int resolve(struct gyre_resolver *r, const char *host, int port,
                   struct gyre_addr *out, int n, gyre_time deadline)
{
    struct mine *m = GYRE_OWNER(r, struct mine, base);

    (void)deadline;
    m->asked++;
    cr_expect_eq(n, 4);
    if (strcmp(host, "known.to.libc") == 0)
        return gyre_resolve(host, port, out, n, deadline);
    for (int i = 0; i < m->answer; i++)
        cr_expect_eq(gyre_addr_parse(&out[i], "10.0.0.1", port), 0);
    return m->answer;
}

static intptr_t ask_in_a_task(void *arg)
{
    struct gyre_addr a[4];

    (void)arg;
    return gyre_resolve("a.name", 7, a, 4, SOON);
}

CLAIM_ON_LOOPBACK(resolve, asks_the_resolver_that_is_bound)
{
    struct mine m = {.base.resolve = resolve, .answer = 2};
    struct gyre_addr a[4];
    struct gyre_future done;
    struct gyre_scope s;
    struct gyre_local b;

    network_look_up = note_name;
    gyre_local_bind(&b, gyre_resolver_key(), &m.base);
    cr_expect_eq(gyre_resolve("a.name", 80, a, 4, SOON), 2);
    cr_expect_eq(gyre_addr_port(&a[1]), 80);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, ask_in_a_task, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(m.asked, 2);
    cr_expect_str_eq(asked_for, "", "libc was not");
    gyre_local_unbind(&b);
    cr_expect_eq(ask_for("a.name"), -ENOENT);
    cr_expect_str_eq(asked_for, "a.name");
}

CLAIM_ON_LOOPBACK(resolve, gives_the_resolvers_errors_as_they_are)
{
    static const int errors[] = {-ENOENT,    -EHOSTUNREACH, -ECANCELED,
                                 -ETIMEDOUT, -ENOMEM,       -EPROTO};
    struct mine m = {.base.resolve = resolve};
    struct gyre_addr a[4];
    struct gyre_local b;

    gyre_local_bind(&b, gyre_resolver_key(), &m.base);
    cr_expect_eq(gyre_resolve("a.name", 1, a, 4, SOON), -ENOENT, "of none");
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        m.answer = errors[i];
        cr_expect_eq(gyre_resolve("a.name", 1, a, 4, SOON), errors[i]);
    }
    gyre_local_unbind(&b);
}

/* What can be no name, and what is an address, is not its affair. */
CLAIM_ON_LOOPBACK(resolve, asks_the_resolver_for_names_alone)
{
    struct mine m = {.base.resolve = resolve, .answer = 1};
    struct gyre_addr a[4];
    struct gyre_scope s;
    struct gyre_local b;

    gyre_local_bind(&b, gyre_resolver_key(), &m.base);
    cr_expect_eq(gyre_resolve("127.0.0.1", 1, a, 4, SOON), 1);
    cr_expect_eq(gyre_resolve("a..b", 1, a, 4, SOON), -EINVAL);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_resolve("a.name", 1, a, 4, SOON), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(m.asked, 0);
    gyre_local_unbind(&b);
}

/* It need not know everything: what it asks for goes to libc. */
CLAIM_ON_LOOPBACK(resolve, asks_libc_for_who_resolves)
{
    struct mine m = {.base.resolve = resolve};
    struct gyre_addr a[4];
    struct gyre_local b;

    network_look_up = note_name;
    gyre_local_bind(&b, gyre_resolver_key(), &m.base);
    cr_expect_eq(gyre_resolve("known.to.libc", 1, a, 4, SOON), -ENOENT);
    cr_expect_eq(m.asked, 1);
    cr_expect_str_eq(asked_for, "known.to.libc");
    cr_expect_eq(gyre_resolve("a.name", 1, a, 4, SOON), -ENOENT);
    cr_expect_eq(m.asked, 2, "it is bound still");
    gyre_local_unbind(&b);
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

static struct sockaddr_in loopback = {.sin_family = AF_INET};
static struct addrinfo late = {.ai_family = AF_INET,
                               .ai_addr = (struct sockaddr *)&loopback,
                               .ai_addrlen = sizeof loopback};

static int answer_late(const char *host, struct addrinfo **out)
{
    (void)host;
    sem_wait(&go);
    *out = &late;
    return 0;
}

static intptr_t walk_away_once(void *arg)
{
    struct gyre_pool *names = gyre_run_pool(GYRE_POOL_NAMES);
    struct gyre_addr a;

    (void)arg;
    do
        cr_expect_eq(
            gyre_resolve("a.name", 1, &a, 1, gyre_in(20 * GYRE_MILLISECOND)),
            -ETIMEDOUT);
    while (gyre_pool_stats(names).abandoned == 0);
    return 0;
}

/* C1: libc's memory is freed by the thread that nobody waits for any more. */
Test(resolve, frees_an_answer_that_comes_too_late)
{
    sem_init(&go, 0, 0);
    network_look_up = answer_late;
    cr_expect_eq(gyre_run(walk_away_once, NULL), 0);
    cr_expect_eq(network_freed, 0);
    sem_post(&go);
    while (network_freed == 0)
        sched_yield();
}

static intptr_t find_machine(void *arg)
{
    struct gyre_addr a;
    int n = gyre_resolve("localhost", 1, &a, 1, SOON);

    (void)arg;
    return n < 0 ? n : 0;
}

static int scenario(void)
{
    return (int)gyre_run(find_machine, NULL);
}

Test(resolve, leaves_nothing_when_memory_runs_out)
{
    cr_expect_geq(faults_in_memory(scenario), 3);
}
