/*
 * test_users.c - the claims of users.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/file/users.h"

static int some_descriptor(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

Test(users, leave_a_descriptor_open_that_is_not_to_be_closed)
{
    int fd = some_descriptor();
    struct gyre_file_user a;

    gyre_file_use(&a, fd, false);
    cr_expect_eq(gyre_file_unuse(&a), 0);
    cr_expect(is_open(fd));
}

/* In whatever order they leave. */
Test(users, that_are_the_last_close_it)
{
    for (int first = 0; first < 3; first++) {
        struct gyre_file_user u[3], other;
        int fd = some_descriptor();

        gyre_file_use(&other, fd + 1, false);
        for (int i = 0; i < 3; i++)
            gyre_file_use(&u[i], fd, i == 1);
        for (int i = 0; i < 3; i++) {
            cr_expect(is_open(fd));
            cr_expect_eq(gyre_file_unuse(&u[(first + i) % 3]), 0);
        }
        cr_expect(!is_open(fd));
        cr_expect_eq(gyre_file_unuse(&other), 0);
    }
}

Test(users, are_told_how_closing_went)
{
    struct gyre_file_user a;

    gyre_file_use(&a, 999, true);
    cr_expect_eq(gyre_file_unuse(&a), -EBADF);
}

static int child(int fd)
{
    struct gyre_file_user a;

    gyre_file_use(&a, fd, true);
    return gyre_file_unuse(&a) == 0 && !is_open(fd);
}

/* The threads that use it are the parent's. */
Test(users, are_none_in_the_child_of_a_fork)
{
    int fd = some_descriptor(), status = 0;
    struct gyre_file_user a;
    pid_t pid;

    gyre_file_use(&a, fd, false);
    pid = fork();
    if (pid == 0)
        _exit(child(fd));
    cr_expect_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(WEXITSTATUS(status), 1);
    cr_expect_eq(gyre_file_unuse(&a), 0);
    cr_expect(is_open(fd));
}
