/*
 * test_race.c - the claims of tcp.h about connecting to one of many addresses:
 * in a simulated world, where a table says what comes of each attempt, and
 * when.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/race.h"
#include "io/tcp.h"
#include "tests/task/world.h"

/* What comes of an attempt: after how long, and which error or 0. */
struct fate {
    const char *host;
    gyre_time after;
    int err;
};

enum { MOST = 8 };

static const struct fate *fates;
static gyre_time begun[MOST];
static struct gyre_stream *peers[MOST]; /* of those that connected */
static int attempts;

static int connect_as_fated(struct gyre_race *r, const struct gyre_addr *to,
                            struct gyre_stream **out, gyre_time deadline)
{
    int i = gyre_addr_port(to), err;
    struct gyre_stream *ends[2];

    (void)r;
    begun[i] = elapsed();
    note((char)('a' + i));
    attempts++;
    err = gyre_sleep(gyre_in(fates[i].after));
    (void)deadline;
    if (err == 0)
        err = fates[i].err;
    if (err)
        return err;
    err = gyre_memory_pair(gyre_loop_current(), 0, ends);
    if (err)
        return err;
    peers[i] = ends[1];
    *out = ends[0];
    return 0;
}

/* Race them: the result; the winner, who is told from his peer, or -1. */
static int race(const struct fate *table, int n, gyre_time deadline,
                int *winner)
{
    struct gyre_addr addrs[MOST];
    struct gyre_race r = {
        .connect = connect_as_fated, .addrs = addrs, .n = n, .delay = 250 * MS};
    struct gyre_stream *s = NULL;
    char byte;
    int err;

    fates = table;
    attempts = 0;
    *winner = -1;
    memset(peers, 0, sizeof peers);
    for (int i = 0; i < n; i++)
        cr_expect_eq(gyre_addr_parse(&addrs[i], table[i].host, i), 0);
    err = gyre_race_run(&r, &s, deadline);
    if (err == 0)
        cr_expect_eq(gyre_write(s, "x", 1, GYRE_NOW), 0);
    for (int i = 0; i < n; i++) {
        if (peers[i] == NULL)
            continue;
        if (gyre_read(peers[i], &byte, 1, GYRE_NOW) == 1)
            *winner = i;
        gyre_close(peers[i]);
    }
    gyre_close(s);
    return err;
}

#define V4 "192.0.2.1"
#define V6 "2001:db8::1"

/* Two begin at one time, when one fails as the next is due. */
CLAIM(race, tries_families_by_turns, .init = in_order)
{
    const struct fate fates_of_six[] = {
        {V6, GYRE_SECOND, -ECONNREFUSED}, {V6, GYRE_SECOND, -ECONNREFUSED},
        {V6, GYRE_SECOND, -ECONNREFUSED}, {V4, GYRE_SECOND, -ECONNREFUSED},
        {V4, GYRE_SECOND, -ECONNREFUSED}, {V6, GYRE_SECOND, -ECONNREFUSED}};
    const struct fate other_way[] = {{V4, GYRE_SECOND, -ECONNREFUSED},
                                     {V4, GYRE_SECOND, -ECONNREFUSED},
                                     {V6, GYRE_SECOND, -ECONNREFUSED}};
    int winner;

    cr_expect_eq(race(fates_of_six, 6, GYRE_FOREVER, &winner), -ECONNREFUSED);
    expect_notes("adbecf");
    cr_expect_eq(race(other_way, 3, GYRE_FOREVER, &winner), -ECONNREFUSED);
    expect_notes("acb");
}

CLAIM(race, begins_the_next_after_a_while)
{
    const struct fate slow[] = {{V6, 10 * GYRE_SECOND, 0},
                                {V4, 10 * GYRE_SECOND, 0},
                                {V6, 100 * MS, 0},
                                {V4, 0, 0}};
    int winner;

    cr_expect_eq(race(slow, 4, GYRE_FOREVER, &winner), 0);
    cr_expect_eq(winner, 2);
    cr_expect_eq(attempts, 3);
    cr_expect_eq(begun[0], 0);
    cr_expect_eq(begun[1], 250 * MS);
    cr_expect_eq(begun[2], 500 * MS);
    cr_expect_eq(elapsed(), 600 * MS);
}

/* Guards against three seconds of silence for a family that does not work. */
CLAIM(race, begins_the_next_at_once_when_one_fails)
{
    const struct fate refused[] = {{V6, 10 * MS, -ECONNREFUSED},
                                   {V6, 10 * MS, -ENETUNREACH},
                                   {V4, 10 * MS, 0}};
    int winner;

    cr_expect_eq(race(refused, 3, GYRE_FOREVER, &winner), 0);
    cr_expect_eq(winner, 2);
    cr_expect_eq(elapsed(), 20 * MS);
}

CLAIM(race, is_won_by_who_answers_first_and_not_by_who_was_asked_first)
{
    const struct fate close_by[] = {{V6, 300 * MS, 0}, {V4, 10 * MS, 0}};
    const struct fate first[] = {{V6, 260 * MS, 0}, {V4, 20 * MS, 0}};
    int winner;

    cr_expect_eq(race(close_by, 2, GYRE_FOREVER, &winner), 0);
    cr_expect_eq(winner, 1);
    cr_expect_eq(race(first, 2, GYRE_FOREVER, &winner), 0);
    cr_expect_eq(winner, 0);
}

/* Guards against connections that nobody closes: the losers have connected,
   too, in the same pass. */
CLAIM(race, closes_who_has_connected_and_lost)
{
    const struct fate at_once[] = {
        {V6, 500 * MS, 0}, {V4, 250 * MS, 0}, {V6, 0, 0}};
    int winner;

    cr_expect_eq(race(at_once, 3, GYRE_FOREVER, &winner), 0);
    cr_expect_geq(winner, 0);
}

CLAIM(race, that_nobody_wins_says_what_tells_most)
{
    const struct fate one[] = {{V6, 0, -ENETUNREACH}, {V4, 0, -ECONNREFUSED}};
    const struct fate other[] = {{V6, 0, -ECONNREFUSED}, {V4, 0, -ENETUNREACH}};
    const struct fate last[] = {{V6, 0, -ECONNREFUSED}, {V4, 0, -EACCES}};
    const struct fate none[] = {{V6, 0, -ENETUNREACH}, {V4, 0, -EHOSTUNREACH}};
    int winner;

    cr_expect_eq(race(one, 2, GYRE_FOREVER, &winner), -ECONNREFUSED);
    cr_expect_eq(race(other, 2, GYRE_FOREVER, &winner), -ECONNREFUSED);
    cr_expect_eq(race(last, 2, GYRE_FOREVER, &winner), -EACCES);
    cr_expect_eq(race(none, 2, GYRE_FOREVER, &winner), -EHOSTUNREACH);
}

/* Guards against waiting for the next that is not there: after the last there
   is no delay, but patience. */
CLAIM(race, waits_for_those_under_way_when_no_other_is_left)
{
    const struct fate slow[] = {{V6, GYRE_SECOND, 0},
                                {V4, 2 * MS, -ECONNREFUSED}};
    int winner;

    cr_expect_eq(race(slow, 2, GYRE_FOREVER, &winner), 0);
    cr_expect_eq(winner, 0);
    cr_expect_eq(elapsed(), GYRE_SECOND);
}

CLAIM(race, keeps_its_deadline)
{
    const struct fate slow[] = {{V6, GYRE_SECOND, 0}, {V4, GYRE_SECOND, 0}};
    int winner;

    cr_expect_eq(race(slow, 2, gyre_in(100 * MS), &winner), -ETIMEDOUT);
    cr_expect_eq(elapsed(), 100 * MS);
    cr_expect_eq(race(slow, 2, gyre_in(400 * MS), &winner), -ETIMEDOUT);
    cr_expect_eq(elapsed(), 500 * MS);
}

static intptr_t race_in_vain(void *arg)
{
    const struct fate slow[] = {{V6, GYRE_SECOND, 0}, {V4, GYRE_SECOND, 0}};
    int winner;

    (void)arg;
    return race(slow, 2, GYRE_FOREVER, &winner);
}

CLAIM(race, that_is_cancelled_leaves_nothing)
{
    struct gyre_scope s;

    gyre_scope_open(&s, gyre_in(300 * MS));
    cr_expect_eq(race_in_vain(NULL), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), -ETIMEDOUT);
    cr_expect_eq(elapsed(), 300 * MS);
}

CLAIM(race, that_is_lost_by_some_is_no_failure)
{
    const struct fate fast[] = {{V6, 0, -ECONNREFUSED}, {V4, 0, 0}};
    int winner;

    cr_expect_eq(race(fast, 2, GYRE_FOREVER, &winner), 0);
    cr_expect_eq(world->failures, 0, "whoever lost is no failure");
}
