/*
 * select.c - the first of several things, of different kinds.
 *
 * The task is parked on one wait, the whole; the waits of the cases, its parts,
 * stand in the lines of what they are for, and name the task as well.  Whoever
 * wakes a part ends the whole (gyre_wait_wake), and the other parts leave their
 * lines before anybody else can find them.
 *
 * A task that tries its cases stands in no line, so the two sides of a
 * rendezvous that it waits for do not find each other.
 */
#include "task/sync/select.h"

#include <assert.h>
#include <stdio.h>

#include "task/internal.h"

struct select {
    struct gyre_wait whole;
    struct gyre_case *cases;
    size_t n;
    struct gyre_case *chosen; /* or NULL */
};

/*
 * All but the chosen one leave, if there is one.  To leave may be to let those
 * behind go on, and they must not be other cases of ours: so all step out of
 * their lines before the first of them tells that he has left.
 */
static void leave_lines(struct select *s)
{
    for (size_t i = 0; i < s->n; i++)
        gyre_list_remove(&s->cases[i].wait.link);
    for (size_t i = 0; i < s->n; i++) {
        bool left =
            &s->cases[i] == s->chosen || gyre_wait_abandon(&s->cases[i].wait);

        assert(left);
        (void)left;
    }
}

static bool abandon(struct gyre_wait *w)
{
    leave_lines(GYRE_OWNER(w, struct select, whole));
    return true;
}

static void choose(struct gyre_wait *w, struct gyre_wait *part)
{
    struct select *s = GYRE_OWNER(w, struct select, whole);

    s->chosen = GYRE_OWNER(part, struct gyre_case, wait);
    leave_lines(s);
}

/* Of several that might act it is not known who must; of one, it may be. */
static struct gyre_task *owner(const struct gyre_wait *w,
                               const struct gyre_task *last)
{
    const struct select *s = GYRE_OWNER(w, struct select, whole);
    const struct gyre_wait *only;

    if (s->n != 1)
        return NULL;
    only = &s->cases[0].wait;
    return only->kind->owner != NULL ? only->kind->owner(only, last) : NULL;
}

/* Names them all, as far as there is room. */
static void describe(const struct gyre_wait *w, char *text, size_t n)
{
    const struct select *s = GYRE_OWNER(w, struct select, whole);
    size_t used = 0;

    if (n > 0)
        text[0] = '\0';
    for (size_t i = 0; i < s->n && used < n; i++) {
        int more = snprintf(text + used, n - used, "%s%s", i > 0 ? ", " : "",
                            s->cases[i].wait.kind->name);

        used += more > 0 ? (size_t)more : 0;
    }
}

static const struct gyre_wait_kind selects = {
    .name = "for the first of several",
    .abandon = abandon,
    .owner = owner,
    .describe = describe,
    .choose = choose,
};

static int park(struct gyre_case *cases, size_t n, gyre_time deadline)
{
    struct select s = {.whole.kind = &selects, .cases = cases, .n = n};
    intptr_t result;

    for (size_t i = 0; i < n; i++) {
        cases[i].wait.task = gyre_current;
        gyre_waiters_add(cases[i].line, &cases[i].wait);
    }
    result = gyre_wait_park(&s.whole, deadline);
    if (s.chosen == NULL)
        return (int)result;
    s.chosen->result = result;
    return (int)(s.chosen - cases);
}

/* Try all of them, from the one at `first` on, and round. */
static int attempt(struct gyre_case *cases, size_t n, size_t first)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = first + i < n ? first + i : first + i - n;

        if (cases[k].attempt(&cases[k]))
            return (int)k;
    }
    return -1;
}

/*
 * Where to begin: multiples of the golden ratio, the fractions of them, fall
 * evenly between 0 and 1, and so does every n-th.  A plain rotation would be in
 * step with tasks that take turns, and give each always the same.
 */
static size_t turn(size_t n)
{
    struct gyre_task *t = gyre_current;
    uint32_t fraction;

    if (t == NULL)
        return 0;
    fraction = ++t->runtime->selects * UINT32_C(0x9e3779b9);
    return (size_t)((uint64_t)fraction * n >> 32);
}

/* After the checkpoint, which did not give way: cases may be futures, which may
   be gone when one comes back (future.c). */
static int select_from(struct gyre_case *cases, size_t n, size_t first,
                       gyre_time deadline)
{
    int chosen = attempt(cases, n, first);

    if (chosen < 0)
        return park(cases, n, deadline);
    gyre_checkpoint_passed(deadline);
    return chosen;
}

int gyre_select(struct gyre_case *cases, size_t n, gyre_time deadline)
{
    int err = gyre_checkpoint(GYRE_NOW);

    return err ? err : select_from(cases, n, turn(n), deadline);
}

int gyre_select_in_order(struct gyre_case *cases, size_t n, gyre_time deadline)
{
    int err = gyre_checkpoint(GYRE_NOW);

    return err ? err : select_from(cases, n, 0, deadline);
}

intptr_t gyre_case_await(struct gyre_case *c, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (c->attempt(c))
        return c->result;
    return gyre_waiters_park(c->line, &c->wait, deadline);
}

/* ---- futures ---- */

static bool read_result(struct gyre_case *c)
{
    struct gyre_future *f = c->wait.on;

    if (!gyre_future_done(f))
        return false;
    c->result = gyre_future_result(f);
    return true;
}

struct gyre_case gyre_case_future(struct gyre_future *f)
{
    return (struct gyre_case){
        .attempt = read_result,
        .line = &f->waiters,
        .wait = {.kind = &gyre_future_waits, .on = f},
    };
}
