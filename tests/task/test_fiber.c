/*
 * Fibers, without a loop: every test is its own little scheduler.
 */
#include <criterion/criterion.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unwind.h>

#include "task/fiber.h"
#include "task/stack.h"

/* A fiber on a stack of its own, and what it has to tell. */
struct player {
    struct gyre_fiber fiber;
    struct gyre_stack *stack;
    struct gyre_fiber *next; /* whom it switches to */
    long count;
    bool ok;
};

static void make(struct player *p, struct gyre_stacks *pool,
                 void (*entry)(void *), struct gyre_fiber *next)
{
    cr_assert_eq(gyre_stacks_take(pool, &p->stack), 0);
    p->next = next;
    p->count = 0;
    p->ok = false;
    gyre_fiber_init(&p->fiber, p->stack->low, p->stack->size, entry, p);
}

static void pass_on(struct player *p)
{
    gyre_fiber_switch(&p->fiber, p->next);
}

/* ---- coming and going ---- */

static void count_for_ever(void *arg)
{
    struct player *p = arg;

    for (;;) {
        p->count++;
        pass_on(p);
    }
}

Test(fiber, runs_when_switched_to_and_never_before)
{
    struct gyre_stacks pool;
    struct gyre_fiber self;
    struct player p;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    gyre_fiber_adopt(&self);
    make(&p, &pool, count_for_ever, &self);
    cr_expect_eq(p.count, 0);
    for (long i = 1; i <= 100; i++) {
        gyre_fiber_switch(&self, &p.fiber);
        cr_expect_eq(p.count, i);
    }
    gyre_stacks_give(&pool, p.stack);
    gyre_stacks_free(&pool);
}

Test(fiber, a_ring_of_a_thousand_passes_the_turn_around)
{
    enum { RING = 1000, ROUNDS = 200 };
    static struct player ring[RING];
    struct gyre_stacks pool;
    struct gyre_fiber self;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    gyre_fiber_adopt(&self);
    for (int i = 0; i < RING; i++)
        make(&ring[i], &pool, count_for_ever,
             i + 1 < RING ? &ring[i + 1].fiber : &self);
    for (int r = 0; r < ROUNDS; r++)
        gyre_fiber_switch(&self, &ring[0].fiber);
    for (int i = 0; i < RING; i++) {
        cr_assert_eq(ring[i].count, ROUNDS, "player %d", i);
        gyre_stacks_give(&pool, ring[i].stack);
    }
    gyre_stacks_free(&pool);
}

Test(fiber, while_parked_its_pointer_is_in_its_stack)
{
    struct gyre_stacks pool;
    struct gyre_fiber self;
    struct player p;
    char *sp;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    gyre_fiber_adopt(&self);
    make(&p, &pool, count_for_ever, &self);
    for (int i = 0; i < 2; i++) {
        sp = p.fiber.sp;
        cr_expect(sp >= p.stack->low && sp < p.stack->low + p.stack->size);
        gyre_fiber_switch(&self, &p.fiber);
    }
    gyre_stacks_give(&pool, p.stack);
    gyre_stacks_free(&pool);
}

/* A fiber that lives on its own stack, and gives both back as it ends. */
struct mayfly {
    struct gyre_fiber fiber;
    struct gyre_fiber *home;
    struct gyre_stacks *pool;
    struct gyre_stack *stack;
    int *lives;
};

static void live_and_end(void *arg)
{
    struct mayfly *m = arg;

    gyre_fiber_switch(&m->fiber, m->home);
    ++*m->lives;
    gyre_stacks_give(m->pool, m->stack);
    gyre_fiber_exit(&m->fiber, m->home);
}

Test(fiber, an_ending_one_leaves_its_stack_to_the_next)
{
#ifdef GYRE_TSAN
    enum { LIVES = 500 }; /* gcc's takes 12 ms to make its record of one */
#else
    enum { LIVES = 10000 };
#endif
    struct gyre_stacks pool;
    struct gyre_fiber self;
    struct gyre_stack *first = NULL;
    int lives = 0;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    gyre_fiber_adopt(&self);
    for (int i = 0; i < LIVES; i++) {
        struct gyre_stack *s;
        struct mayfly *m;
        size_t room;

        cr_assert_eq(gyre_stacks_take(&pool, &s), 0);
        first = i == 0 ? s : first;
        cr_assert_eq(s, first);
        room = s->size - sizeof *m;
        m = (struct mayfly *)(s->low + room);
        *m = (struct mayfly){
            .home = &self, .pool = &pool, .stack = s, .lives = &lives};
        gyre_fiber_init(&m->fiber, s->low, room, live_and_end, m);
        gyre_fiber_switch(&self, &m->fiber);
        cr_assert_eq(lives, i);
        gyre_fiber_switch(&self, &m->fiber);
    }
    cr_expect_eq(lives, LIVES);
    gyre_stacks_free(&pool);
}

/* ---- registers ---- */

typedef float quad __attribute__((vector_size(16)));

/* The call hides the switch, so only what a call keeps is kept. */
static __attribute__((noinline)) void hop(struct player *p)
{
    pass_on(p);
}

/*
 * More values of each kind than there are registers a call keeps, all changed
 * and all needed in every round.
 */
static bool keeps_what_a_call_keeps(struct player *p, uint64_t seed, int n)
{
    uint64_t a = seed, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5,
             g = a + 6, h = a + 7, i = a + 8, j = a + 9, k = a + 10, l = a + 11;
    double q = (double)(seed % 1000), r = q + 1, s = q + 2, t = q + 3,
           u = q + 4, v = q + 5, w = q + 6, x = q + 7, y = q + 8, z = q + 9;

    for (int round = 0; round < n; round++) {
        hop(p);
        a++, b++, c++, d++, e++, f++, g++, h++, i++, j++, k++, l++;
        q++, r++, s++, t++, u++, v++, w++, x++, y++, z++;
    }
    seed += (uint64_t)n;
    return a == seed && b == a + 1 && c == a + 2 && d == a + 3 && e == a + 4 &&
           f == a + 5 && g == a + 6 && h == a + 7 && i == a + 8 && j == a + 9 &&
           k == a + 10 && l == a + 11 && r == q + 1 && s == q + 2 &&
           t == q + 3 && u == q + 4 && v == q + 5 && w == q + 6 && x == q + 7 &&
           y == q + 8 && z == q + 9 && q >= n;
}

/* Here the compiler sees the switch, and may trust no register it clobbers. */
static bool loses_what_it_says_it_loses(struct player *p, uint64_t seed, int n)
{
    uint64_t a = seed, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5,
             g = a + 6, h = a + 7, i = a + 8, j = a + 9, k = a + 10, l = a + 11;
    float lane = (float)(seed % 1000);
    quad one = {1, 1, 1, 1};
    quad q = {lane, lane + 1, lane + 2, lane + 3};
    quad r = q + one, s = r + one, t = s + one, u = t + one, v = u + one,
         w = v + one, x = w + one, y = x + one, z = y + one;
    quad wrong;

    for (int round = 0; round < n; round++) {
        gyre_fiber_switch(&p->fiber, p->next);
        a++, b++, c++, d++, e++, f++, g++, h++, i++, j++, k++, l++;
        q += one, r += one, s += one, t += one, u += one;
        v += one, w += one, x += one, y += one, z += one;
    }
    seed += (uint64_t)n;
    wrong = (r - q - one) + (s - r - one) + (t - s - one) + (u - t - one) +
            (v - u - one) + (w - v - one) + (x - w - one) + (y - x - one) +
            (z - y - one);
    return a == seed && b == a + 1 && c == a + 2 && d == a + 3 && e == a + 4 &&
           f == a + 5 && g == a + 6 && h == a + 7 && i == a + 8 && j == a + 9 &&
           k == a + 10 && l == a + 11 && q[0] == lane + (float)n &&
           q[3] == q[0] + 3 && wrong[0] == 0 && wrong[1] == 0 &&
           wrong[2] == 0 && wrong[3] == 0;
}

enum { HOPS = 100000 };

static void keep(void *arg)
{
    struct player *p = arg;

    p->ok = keeps_what_a_call_keeps(p, (uintptr_t)p, HOPS) &&
            loses_what_it_says_it_loses(p, (uintptr_t)p, HOPS);
    for (;;)
        pass_on(p);
}

Test(fiber, registers_survive_a_hundred_thousand_switches)
{
    enum { PLAYERS = 3 };
    struct player ring[PLAYERS];
    struct gyre_stacks pool;
    struct gyre_fiber self;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    gyre_fiber_adopt(&self);
    for (int i = 0; i < PLAYERS; i++)
        make(&ring[i], &pool, keep,
             i + 1 < PLAYERS ? &ring[i + 1].fiber : &self);
    for (int i = 0; i <= 2 * HOPS; i++)
        gyre_fiber_switch(&self, &ring[0].fiber);
    for (int i = 0; i < PLAYERS; i++) {
        cr_expect(ring[i].ok, "player %d", i);
        gyre_stacks_give(&pool, ring[i].stack);
    }
    gyre_stacks_free(&pool);
}

/* ---- the stack ---- */

static void look_at_alignment(void *arg)
{
    struct player *p = arg;
    _Alignas(16) volatile char sixteen[16];
    _Alignas(64) volatile char sixty_four[64];
    char text[64];

    p->ok = (uintptr_t)sixteen % 16 == 0 && (uintptr_t)sixty_four % 64 == 0;
    p->ok = p->ok && (uintptr_t)__builtin_frame_address(0) % 16 == 0;
    /* printf saves vector registers where it believes an aligned slot is. */
    snprintf(text, sizeof text, "%.3f %Lg", 2.5, (long double)0.5);
    p->ok = p->ok && strcmp(text, "2.500 0.5") == 0;
    pass_on(p);
}

Test(fiber, starts_on_an_aligned_stack)
{
    struct gyre_stacks pool;
    struct gyre_fiber self;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    gyre_fiber_adopt(&self);
    for (size_t odd = 0; odd < 32; odd++) {
        struct player p;

        make(&p, &pool, look_at_alignment, &self);
        gyre_fiber_init(&p.fiber, p.stack->low, p.stack->size - odd,
                        look_at_alignment, &p);
        gyre_fiber_switch(&self, &p.fiber);
        cr_expect(p.ok, "%zu bytes less", odd);
        gyre_stacks_give(&pool, p.stack);
    }
    gyre_stacks_free(&pool);
}

enum { FRAME = 512 };

/* Go down to within `room` of the lowest byte, park there, look again. */
static __attribute__((noinline)) bool dive(struct player *p, size_t room)
{
    volatile unsigned char frame[FRAME];
    unsigned char mark = (unsigned char)((uintptr_t)frame >> 6);
    bool ok = true;

    for (int i = 0; i < FRAME; i++)
        frame[i] = mark;
    if ((uintptr_t)__builtin_frame_address(0) - (uintptr_t)p->stack->low > room)
        ok = dive(p, room);
    else
        pass_on(p);
    for (int i = 0; i < FRAME; i++)
        ok = ok && frame[i] == mark;
    p->count++;
    return ok;
}

static void dive_twice(void *arg)
{
    struct player *p = arg;
    size_t room = (size_t)8192 * GYRE_STACK_FACTOR; /* a ucontext has 5 KiB */

    p->ok = dive(p, room);
    p->ok = dive(p, room) && p->ok;
    for (;;)
        pass_on(p);
}

Test(fiber, uses_its_stack_to_the_bottom)
{
    struct gyre_stacks pool;
    struct gyre_fiber self;
    struct player p[2];

    gyre_stacks_init(&pool, 1 << 20, GYRE_GUARD_BEST);
    gyre_fiber_adopt(&self);
    make(&p[0], &pool, dive_twice, &p[1].fiber);
    make(&p[1], &pool, dive_twice, &self);
    for (int i = 0; i < 3; i++)
        gyre_fiber_switch(&self, &p[0].fiber);
    for (int i = 0; i < 2; i++) {
        cr_expect(p[i].ok, "player %d", i);
        cr_expect_gt(p[i].count, 100);
        gyre_stacks_give(&pool, p[i].stack);
    }
    gyre_stacks_free(&pool);
}

/* ---- debuggers, threads ---- */

static _Unwind_Reason_Code count_frame(struct _Unwind_Context *at, void *arg)
{
    long *frames = arg;

    (void)at;
    return ++*frames < 100 ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

static __attribute__((noinline)) void unwind(struct player *p, int depth)
{
    if (depth > 0)
        unwind(p, depth - 1);
    else
        _Unwind_Backtrace(count_frame, &p->count);
    p->ok = true; /* so that the call above is no tail call */
}

static void unwind_below_ten(void *arg)
{
    unwind(arg, 10);
    pass_on(arg);
}

Test(fiber, a_backtrace_ends_at_its_entry)
{
    struct gyre_stacks pool;
    struct gyre_fiber self;
    struct player p;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    gyre_fiber_adopt(&self);
    make(&p, &pool, unwind_below_ten, &self);
    gyre_fiber_switch(&self, &p.fiber);
    cr_expect_geq(p.count, 11);
    cr_expect_leq(p.count, 20, "%ld frames", p.count);
    gyre_stacks_give(&pool, p.stack);
    gyre_stacks_free(&pool);
}

static void *play_alone(void *arg)
{
    long *count = arg;
    struct gyre_stacks pool;
    struct gyre_fiber self;
    struct player p;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    gyre_fiber_adopt(&self);
    if (gyre_stacks_take(&pool, &p.stack) != 0)
        return NULL;
    p.next = &self;
    p.count = 0;
    gyre_fiber_init(&p.fiber, p.stack->low, p.stack->size, count_for_ever, &p);
    for (int i = 0; i < HOPS; i++)
        gyre_fiber_switch(&self, &p.fiber);
    *count = p.count;
    gyre_stacks_give(&pool, p.stack);
    gyre_stacks_free(&pool);
    return NULL;
}

Test(fiber, each_thread_has_its_own)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    long counts[THREADS] = {0};

    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, play_alone, &counts[i]),
                     0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(counts[i], HOPS, "thread %d", i);
    }
}
