/*
 * test_lookalike.c - the kqueue(2) of tests/support/kqueue/, where it is used.
 *
 * What the poller does with it is in test_poller.c; here is the rest of what a
 * kqueue is good for.
 */
#if defined __linux__ && __has_include(<sys/event.h>)

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/loop/pollers.h"

static int kq, pair[2];

static void set_up(void)
{
    kq = kqueue();
    cr_assert_geq(kq, 0);
    open_unix(pair);
}

static void tear_down(void)
{
    close_pair(pair);
    close(kq);
}

TestSuite(lookalike, .init = set_up, .fini = tear_down);

/* 0, or the errno of the change. */
static int change(uintptr_t ident, short filter, unsigned flags,
                  unsigned fflags)
{
    struct kevent k;

    EV_SET(&k, ident, filter, (unsigned short)flags, fflags, 0, NULL);
    return kevent(kq, &k, 1, NULL, 0, NULL) < 0 ? errno : 0;
}

static int look(struct kevent *k)
{
    const struct timespec none = {0};

    return kevent(kq, NULL, 0, k, 1, &none);
}

Test(lookalike, counts_the_bytes_to_read)
{
    struct kevent k;

    cr_assert_eq(change((uintptr_t)pair[0], EVFILT_READ, EV_ADD, 0), 0);
    put(pair[1], "seven..");
    cr_expect_eq(look(&k), 1);
    cr_expect_eq(k.ident, (uintptr_t)pair[0]);
    cr_expect_eq(k.filter, EVFILT_READ);
    cr_expect_eq(k.data, 7);
    cr_expect_eq(k.flags & (EV_EOF | EV_ADD), 0);
    close_end(&pair[1]);
    cr_expect_eq(look(&k), 1);
    cr_expect(k.flags & EV_EOF);
}

Test(lookalike, tells_one_shots_once)
{
    uintptr_t fd = (uintptr_t)pair[0];
    struct kevent k;

    cr_assert_eq(change(fd, EVFILT_WRITE, EV_ADD | EV_ONESHOT, 0), 0);
    cr_expect_eq(look(&k), 1);
    cr_expect_eq(look(&k), 0);
    cr_expect_eq(change(fd, EVFILT_WRITE, EV_DELETE, 0), ENOENT);
}

Test(lookalike, is_silent_about_what_is_disabled)
{
    uintptr_t fd = (uintptr_t)pair[0];
    struct kevent k;

    cr_assert_eq(change(fd, EVFILT_WRITE, EV_ADD | EV_DISABLE, 0), 0);
    cr_expect_eq(look(&k), 0);
    cr_assert_eq(change(fd, EVFILT_WRITE, EV_ENABLE, 0), 0);
    cr_expect_eq(look(&k), 1);
    cr_assert_eq(change(fd, EVFILT_WRITE, EV_DISABLE, 0), 0);
    cr_expect_eq(look(&k), 0);
    cr_assert_eq(change(fd, EVFILT_WRITE, EV_DELETE, 0), 0);

    cr_assert_eq(change(fd, EVFILT_WRITE, EV_ADD | EV_DISPATCH, 0), 0);
    cr_expect_eq(look(&k), 1);
    cr_expect_eq(look(&k), 0);
    cr_assert_eq(change(fd, EVFILT_WRITE, EV_ENABLE, 0), 0);
    cr_expect_eq(look(&k), 1);
}

Test(lookalike, answers_with_receipts_or_errno)
{
    struct kevent k[2];

    EV_SET(&k[0], (uintptr_t)pair[0], EVFILT_WRITE, EV_ADD | EV_RECEIPT, 0, 0,
           NULL);
    EV_SET(&k[1], (uintptr_t)pair[0], EVFILT_READ, EV_DELETE, 0, 0, NULL);
    cr_expect_eq(kevent(kq, k, 2, k, 2, NULL), 2);
    cr_expect(k[0].flags & EV_ERROR && k[1].flags & EV_ERROR);
    cr_expect_eq(k[0].data, 0);
    cr_expect_eq(k[1].data, ENOENT);

    cr_expect_eq(change(999, EVFILT_READ, EV_ADD, 0), EBADF);
    cr_expect_eq(change((uintptr_t)pair[0], -99, EV_ADD, 0), EINVAL);
    close(kq);
    cr_expect_eq(change((uintptr_t)pair[0], EVFILT_READ, EV_ADD, 0), EBADF);
    kq = kqueue();
}

/* The status that is told of a child that waits to be told to go on. */
static int told_status(void (*end)(pid_t pid, int go_on))
{
    int go_on[2], status;
    struct kevent k;
    pid_t pid;

    cr_assert_eq(pipe(go_on), 0);
    pid = fork();
    if (pid == 0) {
        close(go_on[1]);
        (void)!read(go_on[0], &(char){0}, 1);
        _exit(7);
    }
    cr_assert_gt(pid, 0);
    close(go_on[0]);
    cr_assert_eq(change((uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_EXIT), 0);
    cr_expect_eq(look(&k), 0);
    end(pid, go_on[1]);
    cr_expect_eq(kevent(kq, NULL, 0, &k, 1, NULL), 1);
    cr_expect_eq(k.ident, (uintptr_t)pid);
    cr_expect_eq(k.fflags, NOTE_EXIT);
    cr_expect_eq(look(&k), 0, "told once");
    cr_expect_eq(waitpid(pid, &status, 0), pid, "it is left to be waited for");
    cr_expect_eq(status, (int)k.data);
    return status;
}

static void let_go(pid_t pid, int go_on)
{
    (void)pid;
    close(go_on);
}

static void shoot(pid_t pid, int go_on)
{
    kill(pid, SIGTERM);
    close(go_on);
}

Test(lookalike, tells_of_exits)
{
    int before = count_open(), status;

    status = told_status(let_go);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    status = told_status(shoot);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    cr_expect_eq(count_open(), before);
    cr_expect_eq(change((uintptr_t)getpid(), EVFILT_PROC, EV_ADD, 0), EINVAL);
}

/* As a child that is awaited would be. */
Test(lookalike, may_hold_another)
{
    int outer = kqueue(), inner = kq;
    struct kevent k;

    cr_assert_eq(change((uintptr_t)pair[0], EVFILT_READ, EV_ADD, 0), 0);
    kq = outer;
    cr_assert_eq(change((uintptr_t)inner, EVFILT_READ, EV_ADD, 0), 0);
    cr_expect_eq(look(&k), 0);
    put(pair[1], "x");
    cr_expect_eq(look(&k), 1);
    cr_expect_eq(k.ident, (uintptr_t)inner);
    drain(pair[0]);
    cr_expect_eq(look(&k), 0);
    close(outer);
    kq = inner;
}

Test(lookalike, is_gone_in_a_child)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(fcntl(kq, F_GETFD) == -1 ? 0 : 1);
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0);
    cr_expect_eq(change((uintptr_t)pair[0], EVFILT_READ, EV_ADD, 0), 0);
}

#endif
