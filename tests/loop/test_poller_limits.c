/*
 * test_poller_limits.c - a poller in a crowd, in another poller, and in want.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loop/poller.h"
#include "tests/loop/pollers.h"

/* ---- many events ---- */

enum { CROWD = 300, ROOM = 1000 };

/* Count in `seen` who is told of in one wait for `n` events at most. */
static int take(struct gyre_poller *p, int n, int seen[ROOM])
{
    static struct gyre_poll_event ev[ROOM];
    int got = p->ops->wait(p, ev, n, GYRE_FOREVER);

    cr_assert(got > 0 && got <= n);
    for (int i = 0; i < got; i++) {
        cr_assert_lt(ev[i].tag, ROOM);
        seen[ev[i].tag]++;
    }
    return got;
}

CLAIM(poller_limits, tells_of_everybody_in_turn)
{
    static const int batches[] = {1, 7, 256, ROOM};
    int pair[2], crowd[CROWD];

    open_pipe(pair);
    put(pair[1], "x");
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = dup(pair[0]);
        cr_assert_geq(crowd[i], 0);
        watch(p, crowd[i], GYRE_READ);
    }
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        int seen[ROOM] = {0};

        for (int told_of = 0; told_of < 2 * CROWD;)
            told_of += take(p, batches[b], seen);
        for (int i = 0; i < CROWD; i++)
            cr_expect_geq(seen[crowd[i]], 1);
    }
    for (int i = 0; i < CROWD; i++) {
        unwatch(p, crowd[i], GYRE_READ);
        close(crowd[i]);
    }
    close_pair(pair);
}

CLAIM(poller_limits, does_not_lose_a_wake_in_a_crowd)
{
    int pair[2], told_of = 0;
    struct gyre_poll_event ev;

    open_pipe(pair);
    watch(p, pair[0], GYRE_READ);
    put(pair[1], "x");
    p->ops->wake(p);
    for (int i = 0; i < 3; i++)
        told_of += p->ops->wait(p, &ev, 1, GYRE_NOW);
    cr_expect_eq(told_of, 2, "one wait of the three was the wake's");
    unwatch(p, pair[0], GYRE_READ);
    cr_expect(waited_until(p, p->ops->now(p) + GYRE_MILLISECOND), "told once");
    close_pair(pair);
}

/* ---- embedding ---- */

static bool polls_readable(int fd)
{
    struct pollfd f = {.fd = fd, .events = POLLIN};

    return poll(&f, 1, 0) == 1 && (f.revents & POLLIN);
}

CLAIM(poller_limits, has_a_descriptor_that_polls_when_it_has_something_to_tell)
{
    int fd = p->ops->fd(p), pair[2];

    cr_assert_geq(fd, 0);
    cr_expect_eq(p->ops->fd(p), fd);
    open_pipe(pair);
    watch(p, pair[0], GYRE_READ);
    cr_expect_not(polls_readable(fd));
    put(pair[1], "x");
    cr_expect(polls_readable(fd));
    cr_expect_eq(told(p, pair[0]), GYRE_READ);
    cr_expect(polls_readable(fd), "a level stays");
    drain(pair[0]);
    cr_expect_not(polls_readable(fd));
    unwatch(p, pair[0], GYRE_READ);
    for (int i = 0; i < 3; i++) {
        p->ops->wake(p);
        cr_expect(polls_readable(fd));
        waited_until(p, GYRE_NOW);
        cr_expect_not(polls_readable(fd), "a wake is told of once");
    }
    waited_until(p, p->ops->now(p) + GYRE_MILLISECOND);
    cr_expect_not(polls_readable(fd), "a deadline is told of once");
    close_pair(pair);
}

/* A poller within a poller, as somebody else's loop would have it. */
CLAIM(poller_limits, may_be_watched_by_another_poller)
{
    struct gyre_poller *outer;
    int pair[2], fd = p->ops->fd(p);

    cr_assert_eq(gyre_poller_new(&outer), 0);
    open_pipe(pair);
    watch(outer, fd, GYRE_READ);
    watch(p, pair[0], GYRE_READ);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(told(outer, fd), 0);
        put(pair[1], "x");
        cr_expect_eq(await_told(outer, fd, GYRE_READ), GYRE_READ);
        cr_expect_eq(told(p, pair[0]), GYRE_READ);
        drain(pair[0]);
    }
    if (p->ops->renew != NULL) {
        cr_expect_eq(p->ops->renew(p), 0);
        cr_expect_eq(p->ops->fd(p), fd);
        waited_until(p, GYRE_NOW);
        cr_expect_eq(told(outer, fd), 0);
        watch(p, pair[0], GYRE_READ);
        put(pair[1], "x");
        cr_expect_eq(await_told(outer, fd, GYRE_READ), GYRE_READ);
    }
    unwatch(p, pair[0], GYRE_READ);
    unwatch(outer, fd, GYRE_READ);
    close_pair(pair);
    outer->ops->free(outer);
}

/* ---- running out of descriptors ---- */

Test(poller_limits, no_program_we_start_gets_its_descriptors)
{
    for (size_t i = 0; i < n_poller_kinds; i++) {
        bool open_before[100];
        struct gyre_poller *p;

        for (int fd = 0; fd < 100; fd++)
            open_before[fd] = fcntl(fd, F_GETFD) != -1;
        cr_assert_eq(poller_kinds[i].make(&p), 0);
        cr_assert_geq(p->ops->fd(p), 0);
        for (int fd = 0; fd < 100; fd++) {
            int flags = fcntl(fd, F_GETFD);

            cr_expect(open_before[fd] || flags == -1 || flags & FD_CLOEXEC);
        }
        p->ops->free(p);
    }
}

/* Leave the process `n` descriptors more; the limit to put back. */
static struct rlimit leave_only(int n)
{
    struct rlimit old, new;
    int fd = 0;

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    while (fcntl(fd, F_GETFD) != -1 || n-- > 0)
        fd++;
    new = old;
    new.rlim_cur = (rlim_t)fd;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &new), 0);
    return old;
}

static int make_with(const struct poller_kind *kind, int n,
                     struct gyre_poller **out)
{
    struct rlimit old = leave_only(n);
    int err = kind->make(out);

    setrlimit(RLIMIT_NOFILE, &old);
    return err;
}

Test(poller_limits, making_one_fails_cleanly_for_want_of_descriptors)
{
    for (size_t i = 0; i < n_poller_kinds; i++) {
        int before = count_open(), n = 0, err;
        struct gyre_poller *p = NULL;

        while ((err = make_with(&poller_kinds[i], n, &p)) != 0) {
            cr_assert_eq(err, -EMFILE);
            cr_assert_null(p);
            cr_assert_eq(count_open(), before);
            cr_assert_lt(n++, 9);
        }
        cr_expect_geq(n, 2, "it was made of less than it needs");
        p->ops->free(p);
        cr_expect_eq(count_open(), before);
    }
}

CLAIM(poller_limits, lending_and_renewing_fail_cleanly_for_want_of_descriptors)
{
    int before = count_open(), fd;
    struct rlimit old = leave_only(0);

    fd = p->ops->fd(p);
    cr_expect(fd >= 0 || fd == -EMFILE);
    if (p->ops->renew != NULL)
        cr_expect_eq(p->ops->renew(p), -EMFILE);
    setrlimit(RLIMIT_NOFILE, &old);
    cr_expect_eq(count_open(), before);
    p->ops->wake(p);
    cr_expect_not(waited_until(p, far_off(p)), "it still works");
    cr_expect_geq(p->ops->fd(p), 0);
}
