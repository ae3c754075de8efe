/*
 * test_poller.c - what a poller tells of descriptors: the claims of poller.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/poller.h"
#include "tests/loop/pollers.h"

/* ---- states ---- */

static void reads(struct gyre_poller *p, int pair[2])
{
    watch(p, pair[0], GYRE_READ);
    cr_expect_eq(told(p, pair[0]), 0);
    put(pair[1], "x");
    cr_expect_eq(await_told(p, pair[0], GYRE_READ), GYRE_READ);
    cr_expect_eq(drain(pair[0]), 1);
    cr_expect_eq(told(p, pair[0]), 0);
    unwatch(p, pair[0], GYRE_READ);
}

CLAIM(poller, tells_of_bytes_until_they_are_read)
{
    each_pair(p, reads);
}

static void writes(struct gyre_poller *p, int pair[2])
{
    watch(p, pair[1], GYRE_WRITE);
    cr_expect_eq(told(p, pair[1]), GYRE_WRITE);
    fill(pair[1]);
    cr_expect_eq(told(p, pair[1]), 0);
    while (told(p, pair[1]) == 0)
        drain(pair[0]);
    cr_expect_eq(told(p, pair[1]), GYRE_WRITE);
    unwatch(p, pair[1], GYRE_WRITE);
}

CLAIM(poller, tells_of_room_until_it_is_filled)
{
    each_pair(p, writes);
}

static void level(struct gyre_poller *p, int pair[2])
{
    watch(p, pair[0], GYRE_READ);
    put(pair[1], "x");
    for (int i = 0; i < 3; i++)
        cr_expect_eq(await_told(p, pair[0], GYRE_READ), GYRE_READ);
    unwatch(p, pair[0], GYRE_READ);
}

CLAIM(poller, tells_of_a_level_at_each_wait)
{
    each_pair(p, level);
}

static void edge(struct gyre_poller *p, int pair[2])
{
    unsigned events = GYRE_READ | GYRE_EDGE;

    watch(p, pair[0], events);
    for (int i = 0; i < 3; i++) {
        put(pair[1], "x");
        cr_expect_eq(await_told(p, pair[0], GYRE_READ), GYRE_READ);
        cr_expect_eq(told(p, pair[0]), 0);
    }
    cr_expect_eq(drain(pair[0]), 3);
    unwatch(p, pair[0], events);
}

CLAIM(poller, tells_of_each_edge_once)
{
    each_pair(p, edge);
}

static void edge_set_late(struct gyre_poller *p, int pair[2])
{
    unsigned events = GYRE_READ | GYRE_EDGE;

    put(pair[1], "x");
    watch(p, pair[0], events);
    cr_expect_eq(await_told(p, pair[0], GYRE_READ), GYRE_READ);
    cr_expect_eq(told(p, pair[0]), 0);
    unwatch(p, pair[0], events);
}

CLAIM(poller, tells_of_a_state_older_than_the_watch_as_of_an_edge)
{
    each_pair(p, edge_set_late);
}

/* As one asks who registers once. */
static void everything(struct gyre_poller *p, int pair[2])
{
    unsigned all =
        GYRE_READ | GYRE_WRITE | GYRE_HANGUP | GYRE_PRIORITY | GYRE_EDGE;

    watch(p, pair[1], all);
    cr_expect_eq(await_told(p, pair[1], GYRE_WRITE), GYRE_WRITE);
    cr_expect_eq(told(p, pair[1]), 0);
    unwatch(p, pair[1], all);

    watch(p, pair[0], all);
    told(p, pair[0]);
    put(pair[1], "x");
    cr_expect(await_told(p, pair[0], GYRE_READ) & GYRE_READ);
    cr_expect_eq(told(p, pair[0]), 0);
    unwatch(p, pair[0], all);
}

CLAIM(poller, may_be_asked_for_everything_at_once)
{
    each_pair(p, everything);
}

/* ---- changes ---- */

static void change(struct gyre_poller *p, int fd, unsigned from, unsigned to)
{
    cr_assert_eq(p->ops->set(p, fd, (uint64_t)fd, from, to), 0);
}

CLAIM(poller, tells_only_of_what_is_asked_for_now)
{
    unsigned both = GYRE_READ | GYRE_WRITE;
    int pair[2];

    open_unix(pair);
    put(pair[1], "x");
    watch(p, pair[0], GYRE_READ);
    cr_expect_eq(told(p, pair[0]), GYRE_READ);
    change(p, pair[0], GYRE_READ, GYRE_WRITE);
    cr_expect_eq(told(p, pair[0]), GYRE_WRITE);
    change(p, pair[0], GYRE_WRITE, both);
    cr_expect_eq(told(p, pair[0]), both);
    change(p, pair[0], both, GYRE_READ);
    cr_expect_eq(told(p, pair[0]), GYRE_READ);
    unwatch(p, pair[0], GYRE_READ);
    cr_expect_eq(told(p, pair[0]), 0);
    close_pair(pair);
}

CLAIM(poller, may_change_from_levels_to_edges_and_back)
{
    unsigned sharp = GYRE_READ | GYRE_EDGE;
    int pair[2];

    open_unix(pair);
    put(pair[1], "x");
    watch(p, pair[0], GYRE_READ);
    cr_expect_eq(told(p, pair[0]), GYRE_READ);
    change(p, pair[0], GYRE_READ, sharp);
    cr_expect_eq(told(p, pair[0]), GYRE_READ);
    cr_expect_eq(told(p, pair[0]), 0);
    change(p, pair[0], sharp, GYRE_READ);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(told(p, pair[0]), GYRE_READ);
    unwatch(p, pair[0], GYRE_READ);
    close_pair(pair);
}

CLAIM(poller, tells_an_edge_again_when_it_is_asked_for_again)
{
    unsigned sharp = GYRE_READ | GYRE_EDGE;
    int pair[2];

    open_unix(pair);
    put(pair[1], "x");
    watch(p, pair[0], sharp);
    cr_expect_eq(told(p, pair[0]), GYRE_READ);
    change(p, pair[0], sharp, sharp);
    cr_expect_eq(told(p, pair[0]), GYRE_READ);
    cr_expect_eq(told(p, pair[0]), 0);
    unwatch(p, pair[0], sharp);
    close_pair(pair);
}

CLAIM(poller, gives_back_the_whole_tag)
{
    static const uint64_t tags[] = {0, 1, UINT64_C(1) << 63, UINT64_MAX - 2,
                                    UINT64_C(0x123456789abcdef0)};
    int pair[2];

    open_unix(pair);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        struct gyre_poll_event ev;

        cr_assert_eq(p->ops->set(p, pair[0], tags[i], 0, GYRE_WRITE), 0);
        cr_expect_eq(p->ops->wait(p, &ev, 1, GYRE_NOW), 1);
        cr_expect_eq(ev.tag, tags[i]);
        cr_expect_eq(ev.events, GYRE_WRITE);
        cr_assert_eq(p->ops->set(p, pair[0], tags[i], GYRE_WRITE, 0), 0);
    }
    close_pair(pair);
}

enum { MANY = 64 };

/* How often each of MANY tags, `shift` bits apart, is told of in one wait. */
static void count_tags(struct gyre_poller *p, int shift, int seen[MANY])
{
    struct gyre_poll_event ev[4 * MANY];
    int n = p->ops->wait(p, ev, 4 * MANY, GYRE_NOW);

    cr_assert_eq(n, MANY);
    for (int i = 0; i < n; i++) {
        cr_assert_lt(ev[i].tag >> shift, MANY);
        cr_assert_eq(ev[i].events, GYRE_READ | GYRE_WRITE);
        seen[ev[i].tag >> shift]++;
    }
}

CLAIM(poller, tells_descriptors_apart_by_any_bit_of_their_tags)
{
    static const int shifts[] = {0, 8, 9, 10, 32, 41};
    unsigned both = GYRE_READ | GYRE_WRITE;
    int pair[2], fds[MANY];

    open_unix(pair);
    put(pair[1], "x");
    for (size_t s = 0; s < sizeof shifts / sizeof *shifts; s++) {
        int shift = shifts[s], seen[MANY] = {0};

        for (uint64_t i = 0; i < MANY; i++) {
            fds[i] = dup(pair[0]);
            cr_assert_eq(p->ops->set(p, fds[i], i << shift, 0, both), 0);
        }
        count_tags(p, shift, seen);
        for (uint64_t i = 0; i < MANY; i++) {
            cr_expect_eq(seen[i], 1);
            cr_assert_eq(p->ops->set(p, fds[i], i << shift, both, 0), 0);
            close(fds[i]);
        }
    }
    close_pair(pair);
}

/* ---- what cannot be polled ---- */

CLAIM(poller, refuses_what_is_always_ready)
{
    static const char *const paths[] = {"/dev/null", "/etc/passwd", "/"};
    static const unsigned asked[] = {GYRE_READ, GYRE_READ | GYRE_EDGE};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int fd = open(paths[i], O_RDONLY);

        cr_assert_geq(fd, 0);
        cr_expect_eq(p->ops->set(p, fd, 1, 0, asked[0]), -EPERM);
        cr_expect_eq(p->ops->set(p, fd, 1, asked[0], asked[1]), -EPERM);
        p->ops->set(p, fd, 1, asked[1], 0);
        cr_expect_eq(told(p, fd), 0);
        close(fd);
    }
}

CLAIM(poller, refuses_what_is_not_open)
{
    int fd = dup(STDIN_FILENO);

    close(fd);
    cr_expect_eq(p->ops->set(p, fd, 1, 0, GYRE_READ), -EBADF);
    cr_expect_eq(p->ops->set(p, -1, 1, 0, GYRE_READ), -EBADF);
}

/* ---- closed too early ---- */

CLAIM(poller, knows_a_new_file_under_a_watched_number)
{
    int old[2], new[2], number;

    open_unix(old);
    number = old[0];
    watch(p, number, GYRE_READ);
    close_end(&old[0]);
    open_unix(new);
    cr_assert_eq(new[0], number);
    put(new[1], "x");
    change(p, number, GYRE_READ, GYRE_READ | GYRE_WRITE);
    cr_expect_eq(told(p, number), GYRE_READ | GYRE_WRITE);
    unwatch(p, number, GYRE_READ | GYRE_WRITE);
    close_pair(new);
    close_end(&old[1]);
}

CLAIM(poller, knows_an_old_file_that_was_put_back)
{
    int pair[2], other, number;

    open_unix(pair);
    number = pair[0];
    other = dup(number);
    watch(p, number, GYRE_READ);
    close_end(&pair[0]);
    p->ops->set(p, number, (uint64_t)number, GYRE_READ, 0);
    cr_assert_eq(dup2(other, number), number);
    watch(p, number, GYRE_WRITE);
    put(pair[1], "x");
    cr_expect_eq(told(p, number), GYRE_WRITE);
    unwatch(p, number, GYRE_WRITE);
    cr_expect_eq(told(p, number), 0);
    close(number);
    close(other);
    close_pair(pair);
}

/* Close a watched file of which a dup lives, and unset it only then. */
static void close_too_early(struct gyre_poller *p, int *fd, bool reuse)
{
    int number = *fd, null = -1, err;

    watch(p, number, GYRE_READ);
    close_end(fd);
    if (reuse) {
        null = open("/dev/null", O_RDONLY);
        cr_assert_eq(null, number);
    }
    err = p->ops->set(p, number, (uint64_t)number, GYRE_READ, 0);
    if (p->ops->renew != NULL) {
        cr_expect_lt(err, 0, "whoever is to renew must be told so");
        cr_expect_eq(told(p, number), GYRE_READ, "it should linger");
        cr_expect_eq(p->ops->renew(p), 0);
    }
    if (reuse)
        close(null);
}

CLAIM(poller, is_rid_of_what_was_closed_too_early_once_renewed)
{
    for (int reuse = 0; reuse < 2; reuse++) {
        int pair[2], other;

        open_unix(pair);
        other = dup(pair[0]);
        put(pair[1], "x");
        close_too_early(p, &pair[0], reuse != 0);
        cr_expect_eq(told(p, other), 0);

        /* All is forgotten, and all can be set anew. */
        watch(p, other, GYRE_READ);
        cr_expect_eq(told(p, other), GYRE_READ);
        unwatch(p, other, GYRE_READ);
        close(other);
        close_pair(pair);
    }
}

CLAIM(poller, forgets_what_was_set_when_renewed)
{
    int pair[2];

    if (p->ops->renew == NULL)
        return;
    open_unix(pair);
    watch(p, pair[0], GYRE_WRITE);
    cr_expect_eq(told(p, pair[0]), GYRE_WRITE);
    cr_expect_eq(p->ops->renew(p), 0);
    cr_expect_eq(told(p, pair[0]), 0);
    watch(p, pair[0], GYRE_WRITE);
    cr_expect_eq(told(p, pair[0]), GYRE_WRITE);
    unwatch(p, pair[0], GYRE_WRITE);
    close_pair(pair);
}
