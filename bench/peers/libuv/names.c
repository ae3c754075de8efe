/*
 * names OPS HOST   the addresses of HOST, which are of the loopback, asked for
 *                  ten times at a time, through libuv's pool; each request is
 *                  made again when it is done
 *
 * By uv_getaddrinfo whatever the host, as a program does that is told of one
 * and does not look whether it is a number.  For streams alone, or there would
 * be three of each address; and for families of which this machine has an
 * address, as libc does when it is told nothing, and Gyre.
 */
#include <netdb.h>
#include <uv.h>

#include "bench/bench.h"

enum { AT_A_TIME = 10 };

static uv_getaddrinfo_t requests[AT_A_TIME];
static uint64_t to_begin, done;
static const char *host;

static void ask(uv_getaddrinfo_t *r);

static void asked(uv_getaddrinfo_t *r, int status, struct addrinfo *found)
{
    struct sockaddr_in first = {0};

    bench_require(status == 0 && found != NULL, "uv_getaddrinfo");
    if (found->ai_family == AF_INET) {
        first = *(struct sockaddr_in *)found->ai_addr;
        bench_require(first.sin_addr.s_addr == htonl(INADDR_LOOPBACK),
                      "finding the loopback");
    }
    uv_freeaddrinfo(found);
    done++;
    ask(r);
}

static void ask(uv_getaddrinfo_t *r)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_ADDRCONFIG};

    if (to_begin == 0)
        return;
    to_begin--;
    bench_require(
        uv_getaddrinfo(uv_default_loop(), r, asked, host, "80", &hints) == 0,
        "uv_getaddrinfo");
}

static void all(uint64_t ops)
{
    to_begin = ops;
    done = 0;
    for (int i = 0; i < AT_A_TIME; i++)
        ask(&requests[i]);
    bench_require(uv_run(uv_default_loop(), UV_RUN_DEFAULT) == 0, "uv_run");
    bench_require(done == ops, "asking so often");
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1) / AT_A_TIME * AT_A_TIME;
    struct bench b;

    bench_require(ops > 0 && argc > 2, "so many");
    host = argv[2];
    all(AT_A_TIME); /* the threads are started */
    bench_start(&b);
    all(ops);
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
