/*
 * test_addr_name.c - the claims of addr.h about the names of addresses.
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
#include "tests/support/faults.h"
#include "tests/support/network.h"
#include "tests/task/world.h"

#define SOON gyre_in(20 * GYRE_SECOND)

static const int numeric = NI_NUMERICHOST | NI_NUMERICSERV;

static struct gyre_addr address_of(const char *host)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, host, 8080), 0);
    return a;
}

/* And so it works with no time at all. */
CLAIM_ON_LOOPBACK(addr_name, that_is_numeric_is_asked_of_nobody)
{
    static const char *const hosts[] = {"127.0.0.1", "::1", "fe80::1%lo"};
    struct gyre_addr_name name;

    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct gyre_addr a = address_of(hosts[i]);

        cr_expect_eq(gyre_addr_name(&a, numeric, &name, GYRE_NOW), 0);
        cr_expect_str_eq(name.host, hosts[i]);
        cr_expect_str_eq(name.service, "8080");
    }
    cr_expect_eq(gyre_pool_stats(gyre_run_pool(GYRE_POOL_NAMES)).done, 0);
}

static int failure, system_error;

static int say(char *host, size_t host_size, char *service, size_t service_size)
{
    cr_expect_geq(host_size, 254);
    cr_expect_geq(service_size, 16);
    strcpy(host, "a.name");
    strcpy(service, "echo");
    errno = system_error;
    return failure;
}

CLAIM_ON_LOOPBACK(addr_name, is_asked_for_in_the_pool_for_names)
{
    struct gyre_addr a = address_of("127.0.0.1");
    struct gyre_addr_name name;

    network_name = say;
    cr_expect_eq(gyre_addr_name(&a, 0, &name, SOON), 0);
    cr_expect_str_eq(name.host, "a.name");
    cr_expect_str_eq(name.service, "echo");
    cr_expect_eq(gyre_pool_stats(gyre_run_pool(GYRE_POOL_NAMES)).done, 1);
}

static void ask_here(void)
{
    struct gyre_addr a = address_of("127.0.0.1");
    struct gyre_addr_name name;

    cr_expect_eq(gyre_addr_name(&a, NI_NUMERICHOST, &name, GYRE_FOREVER), 0);
    cr_expect_str_eq(name.host, "127.0.0.1");
}

Test(addr_name, is_asked_for_under_simulation_too)
{
    hold_in_task(ask_here);
}

CLAIM_ON_LOOPBACK(addr_name, that_is_not_to_be_had_is_told_of_in_our_words)
{
    static const struct {
        int failure, system, err;
    } cases[] = {
        {EAI_NONAME, 0, -ENOENT},     {EAI_AGAIN, 0, -EHOSTUNREACH},
        {EAI_FAIL, 0, -EHOSTUNREACH}, {EAI_MEMORY, 0, -ENOMEM},
        {EAI_OVERFLOW, 0, -EMSGSIZE}, {EAI_SYSTEM, EMFILE, -EMFILE},
        {EAI_SYSTEM, 0, -EIO},
    };
    struct gyre_addr a = address_of("127.0.0.1"), other = a;
    struct gyre_addr_name name = {.host = "before"};

    network_name = say;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        failure = cases[i].failure;
        system_error = cases[i].system;
        cr_expect_eq(gyre_addr_name(&a, 0, &name, SOON), cases[i].err,
                     "case %zu", i);
        cr_expect_str_eq(name.host, "before");
    }
    other.is.any.sa_family = AF_UNIX;
    cr_expect_eq(gyre_addr_name(&other, 0, &name, SOON), -EINVAL);
}

static sem_t go;

static int stay(char *host, size_t host_size, char *service,
                size_t service_size)
{
    sem_wait(&go);
    return say(host, host_size, service, service_size);
}

/* The threads may be at it still when the run has ended, so no books are kept
   here. */
static intptr_t walk_away(void *arg)
{
    struct gyre_addr a = address_of("127.0.0.1");
    struct gyre_addr_name name = {.host = "before"};
    struct gyre_scope s;

    (void)arg;
    cr_expect_eq(gyre_addr_name(&a, 0, &name, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_addr_name(&a, 0, &name, gyre_in(20 * MS)), -ETIMEDOUT);
    gyre_scope_open(&s, gyre_in(20 * MS));
    cr_expect_eq(gyre_addr_name(&a, 0, &name, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    cr_expect_str_eq(name.host, "before");
    return 0;
}

/* C1: a deadline holds though libc blocks. */
Test(addr_name, is_walked_away_from_when_time_is_up)
{
    sem_init(&go, 0, 0);
    network_name = stay;
    cr_expect_eq(gyre_run(walk_away, NULL), 0);
    for (int i = 0; i < 3; i++)
        sem_post(&go);
}

static intptr_t ask_once(void *arg)
{
    struct gyre_addr a = address_of("127.0.0.1");
    struct gyre_addr_name name;

    (void)arg;
    network_name = say;
    return gyre_addr_name(&a, 0, &name, SOON);
}

static int scenario(void)
{
    return (int)gyre_run(ask_once, NULL);
}

Test(addr_name, leaves_nothing_when_memory_runs_out)
{
    cr_expect_geq(faults_in_memory(scenario), 3);
}
