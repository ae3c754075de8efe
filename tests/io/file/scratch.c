/*
 * scratch.c - claims held in a folder of their own.
 */
#include "tests/io/file/scratch.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/gyre-scratch-XXXXXX";

void enter_scratch(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

void leave_scratch(void)
{
    cr_expect_eq(chdir("/"), 0);
    cr_expect_eq(rmdir(folder), 0, "%s is not empty", folder);
}

void put_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    cr_expect_geq(fd, 0);
    cr_expect_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

const char *held_by(const char *path)
{
    static char text[256];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n < 0 ? "(nothing)" : text;
}

void wait_for_no_reader(int fd)
{
    struct pollfd f = {.fd = fd};

    cr_expect_eq(poll(&f, 1, -1), 1);
    cr_expect(f.revents & POLLERR);
}

void open_full_pipe(int fds[2])
{
    static const char bytes[4096];

    cr_expect_eq(pipe(fds), 0);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    while (write(fds[1], bytes, sizeof bytes) > 0)
        continue;
    fcntl(fds[1], F_SETFL, 0);
}
