/*
 * resolve.c - the addresses of a name, by libc's getaddrinfo on a thread, or by
 * a resolver.
 *
 * getaddrinfo cannot be interrupted, so whoever has waited long enough walks
 * away from it, and leaves the question, with its answer, to the thread.
 */
#include "io/resolver.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "task/local.h"
#include "task/offload.h"
#include "task/pool.h"
#include "task/wait.h"
#include "io/internal.h"

#define LONGEST_NAME  253 /* RFC 1035, 2.3.4 */
#define LONGEST_LABEL 63

struct question {
    int err;                 /* what came of it */
    struct addrinfo *answer; /* NULL if there is none */
    char host[LONGEST_NAME + 1];
};

/* Could `host` be a name at all?  libc's resolvers have been led astray by what
   could not. */
static bool is_name(const char *host)
{
    size_t n = strlen(host), label = 0;

    if (n == 0 || n > LONGEST_NAME)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)host[i];

        if (c <= ' ' || c == ':' || c == 0x7f ||
            ++label > LONGEST_LABEL + (c == '.'))
            return false;
        if (c != '.')
            continue;
        if (label == 1)
            return false;
        label = 0;
    }
    return true;
}

/* Is the last label a number?  No name of a host ends so, but libc takes 127.1
   and 0x7f000001 for addresses, behind the back of whoever looked at the
   text. */
static bool is_numeral(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *label = dot != NULL && dot[1] != '\0' ? dot + 1 : host;
    size_t n = strspn(label, "0123456789abcdefABCDEFxX.");

    return label[n] == '\0' && label[0] >= '0' && label[0] <= '9' &&
           (strspn(label, "0123456789.") == n || label[1] == 'x' ||
            label[1] == 'X');
}

static struct question *new_question(const char *host)
{
    struct question *q = malloc(sizeof *q);

    if (q == NULL)
        return NULL;
    *q = (struct question){0};
    strcpy(q->host, host);
    return q;
}

static void release(void *arg)
{
    struct question *q = arg;

    if (q->answer != NULL)
        freeaddrinfo(q->answer);
    free(q);
}

/* What the system says, unless it means that nobody could be asked. */
static int of_the_system(int err)
{
    if (err == EAGAIN || err == ETIMEDOUT)
        return -EHOSTUNREACH;
    return err != 0 ? -err : -EIO;
}

int gyre_resolve_outcome(int failure, int system)
{
    switch (failure) {
    case 0: return 0;
    case EAI_MEMORY: return -ENOMEM;
    case EAI_OVERFLOW: return -EMSGSIZE;
    case EAI_AGAIN:
    case EAI_FAIL: return -EHOSTUNREACH;
    case EAI_SYSTEM: return of_the_system(system);
    default: return -ENOENT;
    }
}

static void ask(void *arg)
{
    struct question *q = arg;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_ADDRCONFIG};
    int failure;

    errno = 0;
    failure = getaddrinfo(q->host, NULL, &hints, &q->answer);
    q->err = gyre_resolve_outcome(failure, errno);
}

/* Copy the answers that are addresses we know, with the port. */
static int copy(const struct addrinfo *answer, int port, struct gyre_addr *out,
                int n)
{
    int used = 0;

    for (; answer != NULL && used < n; answer = answer->ai_next) {
        struct gyre_addr *a = &out[used];

        if (answer->ai_family != AF_INET && answer->ai_family != AF_INET6)
            continue;
        memset(a, 0, sizeof *a);
        a->length = answer->ai_addrlen;
        memcpy(&a->is, answer->ai_addr, answer->ai_addrlen);
        if (answer->ai_family == AF_INET)
            a->is.v4.sin_port = htons((uint16_t)port);
        else
            a->is.v6.sin6_port = htons((uint16_t)port);
        used++;
    }
    return used > 0 ? used : -ENOENT;
}

static int ask_libc(const char *host, int port, struct gyre_addr *out, int n,
                    gyre_time deadline)
{
    struct question *q = new_question(host);
    int result;

    if (q == NULL)
        return -ENOMEM;
    result = gyre_offload_abandonable_to(gyre_run_pool(GYRE_POOL_NAMES), ask, q,
                                         release, deadline);
    if (result)
        return result;
    result = q->err ? q->err : copy(q->answer, port, out, n);
    release(q);
    return result;
}

/* ---- who is asked ---- */

static const struct gyre_local_key resolver = {NULL};

const struct gyre_local_key *gyre_resolver_key(void)
{
    return &resolver;
}

/* What it asks for in its turn is not asked of it again. */
static int ask_resolver(struct gyre_resolver *r, const char *host, int port,
                        struct gyre_addr *out, int n, gyre_time deadline)
{
    struct gyre_local none;
    int found;

    gyre_local_bind(&none, &resolver, NULL);
    found = r->resolve(r, host, port, out, n, deadline);
    gyre_local_unbind(&none);
    assert(found <= n);
    return found != 0 ? found : -ENOENT;
}

int gyre_resolve(const char *host, int port, struct gyre_addr *out, int n,
                 gyre_time deadline)
{
    struct gyre_resolver *r;
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (gyre_addr_parse(out, host, port) == 0)
        return 1;
    if (port < 0 || port > 65535 || !is_name(host) || is_numeral(host))
        return -EINVAL;
    r = gyre_local(&resolver);
    return r != NULL ? ask_resolver(r, host, port, out, n, deadline)
                     : ask_libc(host, port, out, n, deadline);
}
