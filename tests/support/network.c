/*
 * network.c - what the system says of the network, as a test would have it.
 */
#include "tests/support/network.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "tests/support/calls.h"

int (*network_look_up)(const char *host, struct addrinfo **out);
atomic_int network_freed;
int (*network_name)(char *host, size_t host_size, char *service,
                    size_t service_size);
int network_outcome;
bool network_is_itself;
bool network_ports_agree;
int network_refusal;
atomic_int network_accepts;
int network_loss;

int __real_getaddrinfo(const char *host, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out);
void __real_freeaddrinfo(struct addrinfo *answer);
int __real_getnameinfo(const struct sockaddr *a, socklen_t length, char *host,
                       socklen_t host_size, char *service,
                       socklen_t service_size, int flags);
int __real_getsockopt(int fd, int level, int name, void *value,
                      socklen_t *length);
int __real_getsockname(int fd, struct sockaddr *a, socklen_t *length);
int __real_getpeername(int fd, struct sockaddr *a, socklen_t *length);
int __real_accept(int fd, struct sockaddr *a, socklen_t *length);
int __real_accept4(int fd, struct sockaddr *a, socklen_t *length, int flags);

/* Ours; tests of the floors below have none. */
#define WEAK __attribute__((weak))
WEAK ssize_t __real_gyre_sys_receive(int fd, void *buf, size_t n);
WEAK ssize_t __real_gyre_sys_send(int fd, const struct iovec *iov, int n);
WEAK ssize_t __real_gyre_sys_sendfile(int out, int in, off_t offset, size_t n);

int __wrap_getaddrinfo(const char *host, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out);
void __wrap_freeaddrinfo(struct addrinfo *answer);
int __wrap_getnameinfo(const struct sockaddr *a, socklen_t length, char *host,
                       socklen_t host_size, char *service,
                       socklen_t service_size, int flags);
int __wrap_getsockopt(int fd, int level, int name, void *value,
                      socklen_t *length);
int __wrap_getsockname(int fd, struct sockaddr *a, socklen_t *length);
int __wrap_accept(int fd, struct sockaddr *a, socklen_t *length);
int __wrap_accept4(int fd, struct sockaddr *a, socklen_t *length, int flags);
ssize_t __wrap_gyre_sys_receive(int fd, void *buf, size_t n);
ssize_t __wrap_gyre_sys_send(int fd, const struct iovec *iov, int n);
ssize_t __wrap_gyre_sys_sendfile(int out, int in, off_t offset, size_t n);

int __wrap_getaddrinfo(const char *host, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out)
{
    if (network_look_up != NULL)
        return network_look_up(host, out);
    return __real_getaddrinfo(host, service, hints, out);
}

void __wrap_freeaddrinfo(struct addrinfo *answer)
{
    if (network_look_up == NULL)
        __real_freeaddrinfo(answer);
    atomic_fetch_add(&network_freed, 1);
}

int __wrap_getnameinfo(const struct sockaddr *a, socklen_t length, char *host,
                       socklen_t host_size, char *service,
                       socklen_t service_size, int flags)
{
    if (network_name != NULL)
        return network_name(host, host_size, service, service_size);
    return __real_getnameinfo(a, length, host, host_size, service, service_size,
                              flags);
}

int __wrap_getsockopt(int fd, int level, int name, void *value,
                      socklen_t *length)
{
    int result;

    if (calls_fails(CALL_GETSOCKOPT))
        return -1;
    result = __real_getsockopt(fd, level, name, value, length);

    if (network_outcome != 0 && level == SOL_SOCKET && name == SO_ERROR) {
        *(int *)value = network_outcome;
        network_outcome = 0;
    }
    return result;
}

/* Our address, at the port of the other end: of IPv4. */
static int name_at_their_port(int fd, struct sockaddr *a, socklen_t *length)
{
    struct sockaddr_in theirs;
    socklen_t room = sizeof theirs;

    if (__real_getpeername(fd, (struct sockaddr *)&theirs, &room) < 0 ||
        __real_getsockname(fd, a, length) < 0)
        return -1;
    ((struct sockaddr_in *)a)->sin_port = theirs.sin_port;
    return 0;
}

int __wrap_getsockname(int fd, struct sockaddr *a, socklen_t *length)
{
    if (calls_fails(CALL_GETSOCKNAME))
        return -1;
    if (network_ports_agree)
        return name_at_their_port(fd, a, length);
    return network_is_itself ? __real_getpeername(fd, a, length)
                             : __real_getsockname(fd, a, length);
}

static int refused(void)
{
    network_accepts++;
    if (calls_fails(CALL_ACCEPT))
        return 1;
    if (network_refusal != 0)
        errno = network_refusal;
    return network_refusal != 0;
}

int __wrap_accept(int fd, struct sockaddr *a, socklen_t *length)
{
    return refused() ? -1 : __real_accept(fd, a, length);
}

int __wrap_accept4(int fd, struct sockaddr *a, socklen_t *length, int flags)
{
    return refused() ? -1 : __real_accept4(fd, a, length, flags);
}

/* Where the library makes the system call itself there is no function of libc's
   to fail in its place.  To be interrupted it keeps to itself. */
static int fails(enum call c)
{
    if (calls_fails(c) && errno != EINTR)
        return -errno;
    return -network_loss;
}

ssize_t __wrap_gyre_sys_receive(int fd, void *buf, size_t n)
{
    int err = fails(CALL_RECV);

    return err ? err : __real_gyre_sys_receive(fd, buf, n);
}

ssize_t __wrap_gyre_sys_send(int fd, const struct iovec *iov, int n)
{
    int err = fails(CALL_SEND);

    return err ? err : __real_gyre_sys_send(fd, iov, n);
}

ssize_t __wrap_gyre_sys_sendfile(int out, int in, off_t offset, size_t n)
{
    if (network_loss)
        return -network_loss;
    return __real_gyre_sys_sendfile(out, in, offset, n);
}
