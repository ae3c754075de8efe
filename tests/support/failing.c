/*
 * failing.c - scenarios in which one system call after the other fails.
 */
#include "tests/support/failing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/support/faults.h"

#define SHORT (10 * GYRE_MILLISECOND)
#define LONG  (20 * GYRE_SECOND)

enum {
    MOST_TIMES = 200, /* that a scenario makes one call */
    MOST_CALLS = 2000 /* of any kind, before it is said to spin */
};

static bool in_a_hurry;
static int told;

gyre_time failing_patience(void)
{
    return in_a_hurry ? SHORT : LONG;
}

void failing_tell(int err)
{
    if (told == 0)
        told = err;
}

int failing_told(void)
{
    return told;
}

/* One call to fail, and whatever is promised of that. */
struct failure {
    const struct scenario *scenario;
    enum call call;
    int before;
    int err;
    bool for_good;
    int spare; /* so many times it may be done without */
    struct promise promise;
};

/* What fails once does so no more for who tries again: nobody is late for that.
   But of what is said to be for the poller to tell the kernel tells nothing, if
   it was not so. */
static bool may_be_late(const struct failure *f)
{
    return f->promise.late && (f->for_good || f->err == EAGAIN);
}

/* What it comes to, or what only the failure hook was told, if no more than
   that is promised of it. */
static int outcome(const struct failure *f, int result)
{
    return result == 0 && f->promise.told == 0 ? told : result;
}

static bool as_promised(const struct failure *f, int result)
{
    const struct promise *p = &f->promise;

    if (told != p->told && p->told != 0)
        return false;
    return (result == 0 && (p->hidden || f->spare > 0)) ||
           (result != 0 && (result == p->error || result == p->other)) ||
           (result == -ETIMEDOUT && may_be_late(f));
}

static void complain(const struct failure *f, int result, long blocks, int open)
{
    fprintf(stderr,
            "%s fails after %d calls%s (%s): returned %d, told %d, after %ld "
            "calls, and left %ld blocks and %d descriptors\n",
            calls_name(f->call), f->before, f->for_good ? " for good" : "",
            strerror(f->err), result, told, calls_made(), blocks, open);
}

/* What has come of all of them. */
struct sum {
    int failed;
    int wrong;
    bool spared; /* of those with so many before, one was done without */
    bool hung;   /* one waited in vain, and for so long that one is enough */
};

/* What threads that were left to themselves still have they give back soon. */
static void settle(long blocks, int open)
{
    const struct timespec soon = {.tv_nsec = GYRE_MILLISECOND};

    for (int i = 0; i < 1000 &&
                    (faults_blocks() != blocks || faults_descriptors() != open);
         i++)
        nanosleep(&soon, NULL);
}

/* Play it once; true if it came so far that the call failed. */
static bool play(struct sum *sum, const struct failure *f)
{
    long blocks = faults_blocks();
    int open = faults_descriptors(), result, failed;
    bool well;

    in_a_hurry = may_be_late(f);
    told = 0;
    calls_begin(f->call, f->before, f->err, f->for_good);
    result = outcome(f, f->scenario->play());
    failed = calls_end();
    settle(blocks, open);
    blocks = faults_blocks() - blocks;
    open = faults_descriptors() - open;
    well = failed == 0 ? result == 0 || (in_a_hurry && result == -ETIMEDOUT)
                       : as_promised(f, result);
    sum->failed += failed;
    sum->spared |= failed > 0 && result == 0 && !f->promise.hidden;
    if (!well || blocks != 0 || open != 0 || calls_made() >= MOST_CALLS) {
        complain(f, result, blocks, open);
        sum->wrong++;
        sum->hung |= result == -ETIMEDOUT && !in_a_hurry;
    }
    return failed > 0;
}

/* But for its own number, with each? */
static bool is_same(int word, int err, int other_word, int other_err)
{
    return word == other_word || (word == -err && other_word == -other_err);
}

/* Is there one before it in the page that is promised the same, but for its own
   number?  EAGAIN is like no other: it is for the poller to tell when that is
   over. */
static bool is_repeated(const struct scenario *s, enum call c, const int *page,
                        int i)
{
    struct promise p = s->promised(c, page[i]);

    for (int j = 0; j < i; j++) {
        struct promise q = s->promised(c, page[j]);

        if (page[j] != EAGAIN && p.hidden == q.hidden && p.late == q.late &&
            is_same(p.error, page[i], q.error, page[j]) &&
            is_same(p.told, page[i], q.told, page[j]))
            return true;
    }
    return false;
}

/* What is tried again at once, until it does not fail, cannot fail for good. */
static bool can_last(const struct promise *p)
{
    return p->error != 0 || p->late;
}

/* With the i-th error of the page. */
static bool try_error(struct sum *sum, struct failure *f, const int *page,
                      int i)
{
    bool failed;

    f->err = page[i];
    f->promise = f->scenario->promised(f->call, f->err);
    f->for_good = false;
    failed = play(sum, f);
    if (failed && can_last(&f->promise) &&
        !is_repeated(f->scenario, f->call, page, i)) {
        f->for_good = true;
        (void)play(sum, f);
    }
    return failed;
}

/* With each of them; true if it came so far that one of them failed. */
static bool try_page(struct sum *sum, struct failure *f)
{
    const int *page = calls_page(f->call);
    bool any = false;

    sum->spared = false;
    for (int i = 0; page[i] != 0 && !sum->hung; i++) {
        if (f->scenario->brief && f->before > 0 &&
            is_repeated(f->scenario, f->call, page, i))
            continue;
        any |= try_error(sum, f, page, i);
    }
    f->spare -= sum->spared;
    return any;
}

/* Returns whether there is nothing wrong with any. */
static bool try_all(struct sum *sum, struct failure *f)
{
    while (f->before < MOST_TIMES && !sum->hung && try_page(sum, f))
        f->before++;
    in_a_hurry = false;
    return sum->wrong == 0;
}

int fails_cleanly_but_up_to(const struct scenario *s, enum call c, int most)
{
    struct failure f = {.scenario = s, .call = c, .spare = most};
    struct sum sum = {0};

    return try_all(&sum, &f) ? sum.failed : -1;
}

int fails_cleanly_but(const struct scenario *s, enum call c, int spare)
{
    struct failure f = {.scenario = s, .call = c, .spare = spare};
    struct sum sum = {0};

    if (!try_all(&sum, &f))
        return -1;
    if (sum.failed == 0 || f.spare <= 0)
        return sum.failed;
    fprintf(stderr, "%s: %d calls fewer than said can be done without\n",
            calls_name(c), f.spare);
    return -1;
}

int fails_cleanly(const struct scenario *s, enum call c)
{
    return fails_cleanly_but(s, c, 0);
}
