/*
 * test_interleavings.c - three tasks and a lock, in every order of events.
 *
 * The first task has the lock.  Then happen, in every order: two more come, the
 * first two are told to let go of it as soon as they have it, and one of the
 * others, or both, is cancelled, or its deadline passes; or the third is told
 * to let go as well; or the first, which has it, is cancelled, or its deadline
 * passes.  Between any two of these the tasks that are ready run once, or they
 * do not: so a task is caught before it has run at all, while it waits, and
 * after it was woken and before it could know.
 *
 * A mutex, a semaphore, and a read-write lock are held to one model: so many
 * permits, and a queue.  The model acts when something happens: when a task is
 * about to call, when a cancellation is asked for, when a timer of its own
 * fires, right before that of the wait.  It says what each call is to return,
 * so nothing may be granted twice, and nobody left behind.
 */
#include <errno.h>
#include <string.h>

#include "loop/timer.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/task/sync/locks.h"
#include "tests/task/sync/orders.h"
#include "tests/task/world.h"

TestSuite(interleavings, .init = in_order);

enum { PLAYERS = 3, PENDING = 1 };

/* ---- the game ---- */

/* A task that wants so many permits. */
struct player {
    struct game *game;
    size_t need;
    gyre_time deadline;
    struct gyre_timer timer; /* the model's */
    struct gyre_future done;
    struct gate told; /* to let go of them */
    bool cancelled;   /* before it ran, maybe */
    int expected;     /* PENDING: it waits */
};

struct game {
    const struct lock_kind *kind;
    const char *order;
    union lock lock;
    struct gyre_scope scope;
    struct player players[PLAYERS];
    gyre_time begin;

    /* what the model knows */
    size_t permits;
    struct player *queue[PLAYERS];
    size_t waiting;
};

/* ---- the model ---- */

static void grant(struct game *g, struct player *p)
{
    g->permits -= p->need;
    p->expected = 0;
}

static void serve(struct game *g)
{
    while (g->waiting > 0 && g->queue[0]->need <= g->permits) {
        grant(g, g->queue[0]);
        g->waiting--;
        memmove(g->queue, g->queue + 1, sizeof g->queue - sizeof *g->queue);
    }
}

static void arrive(struct player *p)
{
    struct game *g = p->game;

    p->expected = PENDING;
    if (p->cancelled)
        p->expected = -ECANCELED;
    else if (g->waiting == 0 && p->need <= g->permits)
        grant(g, p);
    else
        g->queue[g->waiting++] = p;
}

/* No effect on who does not wait. */
static void fail(struct player *p, int err)
{
    struct game *g = p->game;
    size_t n = 0;

    if (p->expected != PENDING)
        return;
    p->expected = err;
    for (size_t i = 0; i < g->waiting; i++) {
        if (g->queue[i] != p)
            g->queue[n++] = g->queue[i];
    }
    g->waiting = n;
    serve(g);
}

static void expire(struct gyre_timer *t)
{
    fail(GYRE_OWNER(t, struct player, timer), -ETIMEDOUT);
}

static void give_back(struct player *p)
{
    p->game->permits += p->need;
    serve(p->game);
}

/* ---- a player ---- */

static int acquire(struct player *p)
{
    struct game *g = p->game;
    int err;

    p->timer = (struct gyre_timer){.fire = expire};
    if (p->deadline != GYRE_FOREVER)
        gyre_timer_start(world->loop, &p->timer, p->deadline);
    arrive(p);
    err = g->kind->acquire(&g->lock, p->need, p->deadline);
    gyre_timer_stop(world->loop, &p->timer);
    return err;
}

static intptr_t take_part(void *arg)
{
    struct player *p = arg;
    int err = acquire(p);

    must(err == p->expected);
    if (err)
        return 0;
    gate_pass(&p->told);
    give_back(p);
    p->game->kind->release(&p->game->lock, p->need);
    return 0;
}

/* ---- events ---- */

/* 'A' it comes, 'a' it is told to let go, 'x' it is cancelled, '1' its deadline
   passes; and so on for the others. */
static const char events[] = "ABCabcxyz123";

static void cancel(struct player *p)
{
    p->cancelled = true;
    fail(p, -ECANCELED);
    gyre_future_cancel(&p->done);
}

static void happen(struct game *g, char event)
{
    size_t which = (size_t)(strchr(events, event) - events);
    struct player *p = &g->players[which % PLAYERS];

    if (which < PLAYERS)
        gyre_spawn(&g->scope, &p->done, take_part, p);
    else if (which < 2 * PLAYERS)
        gate_open(&p->told);
    else if (which < 3 * PLAYERS)
        cancel(p);
    else
        must(gyre_sleep(p->deadline) == 0);
}

static void compare(const struct game *g)
{
    must(g->kind->waiting(&g->lock) == g->waiting);
    must(g->kind->available(&g->lock) == g->permits);
}

static void prepare(struct game *g, const size_t needs[PLAYERS])
{
    g->kind->init(&g->lock);
    g->permits = g->kind->permits;
    g->waiting = 0;
    g->begin = gyre_in(1);
    for (int i = 0; i < PLAYERS; i++) {
        const char *late = strchr(g->order, '1' + i);

        g->players[i] = (struct player){.game = g, .need = needs[i]};
        g->players[i].deadline =
            late ? g->begin + (late - g->order) : GYRE_FOREVER;
    }
}

static void perform(struct game *g)
{
    gyre_scope_open(&g->scope, GYRE_FOREVER);
    happen(g, 'A');
    must(gyre_yield() == 0);
    for (const char *e = g->order; *e != '\0'; e++) {
        if (*e == '.')
            must(gyre_yield() == 0);
        else
            happen(g, *e);
        compare(g);
    }
    for (int i = 0; i < PLAYERS; i++)
        gate_open(&g->players[i].told);
    must(gyre_scope_close(&g->scope, 0) == 0);
    compare(g);
    must(g->permits == g->kind->permits);
}

/* ---- every order ---- */

static long games;

/* One kind of lock, and what each of the players needs. */
struct cast {
    const struct lock_kind *kind;
    size_t needs[PLAYERS];
};

/* The first that goes wrong is enough. */
static void play_game(const char *order, void *arg)
{
    const struct cast *c = arg;
    struct game g = {.kind = c->kind, .order = order};

    if (unmet > 0)
        return;
    prepare(&g, c->needs);
    perform(&g);
    games++;
    if (unmet > 0)
        cr_log_error("order %s, needs %zu %zu %zu", order, c->needs[0],
                     c->needs[1], c->needs[2]);
}

static void play_all(const struct cast *c)
{
    static const char *const second[] = {"", "y", "2"}, *const third[] = {
                                                            "", "z", "3"};

    for (int i = 0; i < 9; i++) {
        char set[8] = "BCab";

        strcat(strcat(set, second[i % 3]), third[i / 3]);
        every_order(set, "BC Bb By B2 Cz C3", play_game, (void *)c);
    }
    every_order("BCabc", "BC Bb Cc", play_game, (void *)c);
    every_order("BCabx", "BC Bb", play_game, (void *)c);
    every_order("BCab1", "BC Bb", play_game, (void *)c);
}

/* Each of the players needs `few` or `many`. */
static void play_casts(const struct lock_kind *kind, size_t few, size_t many)
{
    for (unsigned set = 0; set < 1u << PLAYERS; set++) {
        struct cast c = {.kind = kind};

        for (int i = 0; i < PLAYERS; i++)
            c.needs[i] = set >> i & 1 ? many : few;
        play_all(&c);
    }
}

CLAIM(interleavings, a_mutex_agrees_with_a_model)
{
    struct cast c = {&lock_mutex, {1, 1, 1}};

    games = 0;
    play_all(&c);
    cr_expect_eq(games, 12240, "%ld games", games);
}

CLAIM(interleavings, a_semaphore_agrees_with_a_model)
{
    games = 0;
    play_casts(&lock_semaphore, 1, 2);
    cr_expect_eq(games, 8 * 12240, "%ld games", games);
}

CLAIM(interleavings, a_read_write_lock_agrees_with_a_model)
{
    games = 0;
    play_casts(&lock_rwlock, 1, PLAYERS);
    cr_expect_eq(games, 8 * 12240, "%ld games", games);
}
