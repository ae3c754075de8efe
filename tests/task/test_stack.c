/*
 * Stacks and their guards.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "task/fiber.h"
#include "task/stack.h"
#include "tests/support/faults.h"

static const enum gyre_guard modes[] = {GYRE_GUARD_BEST, GYRE_GUARD_MPROTECT,
                                        GYRE_GUARD_INSTALL};

/* How many of them there are: emulators say that they install guards, and do
   not. */
static int n_modes(void)
{
    struct gyre_stacks pool;
    struct gyre_stack *s;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    cr_assert_eq(gyre_stacks_take(&pool, &s), 0);
    gyre_stacks_give(&pool, s);
    gyre_stacks_free(&pool);
    return pool.guard == GYRE_GUARD_MPROTECT ? 2 : 3;
}

/* ---- catching faults ---- */

static sigjmp_buf before;
static char *volatile fault;

static void catch (int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    fault = info->si_addr;
    siglongjmp(before, 1);
}

/* Faults come to `catch`, on a stack of its own, from here on. */
static void expect_faults(void)
{
    enum { ROOM = 1 << 16 };
    static char alternate[ROOM];
    stack_t stack = {.ss_sp = alternate, .ss_size = ROOM};
    struct sigaction action = {.sa_sigaction = catch,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};

    cr_assert_eq(sigaltstack(&stack, NULL), 0);
    cr_assert_eq(sigaction(SIGSEGV, &action, NULL), 0);
    cr_assert_eq(sigaction(SIGBUS, &action, NULL), 0);
}

static bool faults(char *at)
{
    fault = NULL;
    if (sigsetjmp(before, 1) == 0)
        *(volatile char *)at = 1;
    return fault == at;
}

/* ---- what a stack is ---- */

Test(stack, sizes_are_as_asked_but_for_two_kibibytes)
{
    static const struct {
        size_t asked, least;
    } cases[] = {
        {0, 65536},     {1, 16384},         {16384, 16384},     {16385, 16385},
        {65536, 65536}, {1000000, 1000000}, {1 << 30, 1 << 30},
    };
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gyre_stacks pool;
        struct gyre_stack *s;

        gyre_stacks_init(&pool, cases[i].asked, GYRE_GUARD_BEST);
        cr_assert_eq(gyre_stacks_take(&pool, &s), 0, "case %zu", i);
        cr_expect_gt(s->size + 2048, cases[i].least * GYRE_STACK_FACTOR);
        cr_expect_lt(s->size, cases[i].least * GYRE_STACK_FACTOR + page);
        cr_expect_eq(s->size % 64, 0);
        cr_expect_eq((uintptr_t)s->low % page, 0);
        gyre_stacks_give(&pool, s);
        gyre_stacks_free(&pool);
    }
}

Test(stack, each_is_writable_from_end_to_end_and_its_own)
{
    enum { STACKS = 100 };

    for (int m = 0; m < n_modes(); m++) {
        struct gyre_stack *s[STACKS];
        struct gyre_stacks pool;

        gyre_stacks_init(&pool, 16384, modes[m]);
        for (int i = 0; i < STACKS; i++) {
            cr_assert_eq(gyre_stacks_take(&pool, &s[i]), 0);
            memset(s[i]->low, i, s[i]->size);
        }
        for (int i = 0; i < STACKS; i++) {
            char *low = s[i]->low;

            cr_expect(low[0] == i && memcmp(low, low + 1, s[i]->size - 1) == 0,
                      "stack %d, mode %d", i, m);
            gyre_stacks_give(&pool, s[i]);
        }
        gyre_stacks_free(&pool);
    }
}

Test(stack, ends_differ_in_their_place_in_a_page)
{
    enum { STACKS = 64, PAGE = 4096, LINE = 64 };
    struct gyre_stack *s[STACKS];
    struct gyre_stacks pool;
    int at[PAGE / LINE] = {0};

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    for (int i = 0; i < STACKS; i++) {
        cr_assert_eq(gyre_stacks_take(&pool, &s[i]), 0);
        at[((uintptr_t)s[i]->low + s[i]->size) % PAGE / LINE]++;
    }
    for (int i = 0; i < PAGE / LINE; i++)
        cr_expect_leq(at[i], STACKS / 8, "%d end at line %d", at[i], i);
    for (int i = 0; i < STACKS; i++)
        gyre_stacks_give(&pool, s[i]);
    gyre_stacks_free(&pool);
}

/* ---- guards ---- */

Test(stack, what_lies_below_faults)
{
    enum { STACKS = 40, GUARD = 16384 }; /* some slabs' worth */

    expect_faults();
    for (int m = 0; m < n_modes(); m++) {
        struct gyre_stack *s[STACKS];
        struct gyre_stacks pool;

        gyre_stacks_init(&pool, 0, modes[m]);
        for (int i = 0; i < STACKS; i++)
            cr_assert_eq(gyre_stacks_take(&pool, &s[i]), 0);
        for (int i = 0; i < STACKS; i++) {
            cr_expect(faults(s[i]->low - 1), "stack %d, mode %d", i, m);
            cr_expect(faults(s[i]->low - GUARD), "stack %d, mode %d", i, m);
            cr_expect_not(faults(s[i]->low), "stack %d, mode %d", i, m);
            gyre_stacks_give(&pool, s[i]);
        }
        gyre_stacks_free(&pool);
    }
}

/* A tool that keeps lists of all stacks and mappings watches this process. */
static bool watched(void)
{
#if defined(GYRE_ASAN) || defined(GYRE_TSAN)
    return true;
#elif defined(GYRE_VALGRIND)
    return RUNNING_ON_VALGRIND != 0;
#else
    return false;
#endif
}

/* Does the kernel make guards of several places in one call? */
static bool makes_many(char *m, size_t size, size_t stride)
{
#ifdef SYS_process_madvise
    enum { SELF = -10000, GUARD_INSTALL = 102 };
    struct iovec two[2] = {{m, size}, {m + stride, size}};
    size_t made =
        (size_t)syscall(SYS_process_madvise, SELF, two, 2, GUARD_INSTALL, 0);

    return made == 2 * size && faults(m) && faults(m + stride);
#else
    (void)m;
    (void)size;
    (void)stride;
    return false;
#endif
}

/* And no more than that: a stack of which there is none yet costs none. */
Test(stack, guards_are_made_sixteen_in_a_call_where_the_kernel_can)
{
    enum { GAP = 65536, STRIDE = 2 * GAP, PLACES = 20, TRIED = 2 };
    const size_t size = (PLACES + TRIED) * STRIDE;
    enum gyre_guard mode = GYRE_GUARD_TOGETHER;
    char *m = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    expect_faults();
    cr_assert_neq(m, MAP_FAILED);
    if (!makes_many(m + PLACES * STRIDE, GAP, STRIDE))
        cr_skip_test("the kernel makes one in a call");
    cr_expect_eq(gyre_guards_make(&mode, m, GAP, STRIDE, PLACES), 16);
    cr_expect_eq(gyre_guards_make(&mode, m + 16 * STRIDE, GAP, STRIDE, 3), 3);
    cr_expect_eq(mode, GYRE_GUARD_TOGETHER);
    for (int i = 0; i < PLACES; i++) {
        cr_expect_eq(faults(m + i * STRIDE), i < 19, "place %d", i);
        cr_expect_eq(faults(m + i * STRIDE + GAP - 1), i < 19, "place %d", i);
        cr_expect_not(faults(m + i * STRIDE + GAP), "place %d", i);
    }
    munmap(m, size);
}

/* A locked mapping takes none but mprotect's. */
Test(stack, a_guard_that_cannot_be_installed_is_made_by_mprotect)
{
    enum { GAP = 65536, STRIDE = 2 * GAP };
    enum gyre_guard mode = GYRE_GUARD_TOGETHER;
    char *m = mmap(NULL, 2 * STRIDE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    expect_faults();
    cr_assert_neq(m, MAP_FAILED);
    if (n_modes() < 3 || watched() || mlock(m, 2 * STRIDE) != 0)
        cr_skip_test("none can be installed, or nothing locked");
    for (int i = 0; i < 2; i++)
        cr_expect_eq(
            gyre_guards_make(&mode, m + i * STRIDE, GAP, STRIDE, 2 - i), 1);
    cr_expect(faults(m) && faults(m + GAP - 1) && faults(m + STRIDE));
    cr_expect_not(faults(m + GAP) || faults(m + STRIDE - 1));
    munmap(m, 2 * STRIDE);
}

struct diver {
    struct gyre_fiber fiber;
    struct gyre_fiber *home;
};

/* Without end, but no compiler can know, nor do without the frame. */
static __attribute__((noinline)) int dive(volatile int *depth)
{
    volatile char frame[256];
    int below;

    frame[0] = (char)*depth;
    below = *depth < 0 ? 0 : dive(depth);
    return below + frame[0];
}

static void dive_until_it_faults(void *arg)
{
    struct diver *d = arg;
    volatile int depth = 0;

    if (sigsetjmp(before, 1) == 0)
        depth = dive(&depth);
    gyre_fiber_exit(&d->fiber, d->home);
}

Test(stack, an_overflow_faults_in_the_guard_of_its_stack)
{
    expect_faults();
    for (int m = 0; m < n_modes(); m++) {
        struct gyre_stack *s[3];
        struct gyre_stacks pool;
        struct gyre_fiber self;
        struct diver d = {.home = &self};

        gyre_stacks_init(&pool, 0, modes[m]);
        gyre_fiber_adopt(&self);
        for (int i = 0; i < 3; i++)
            cr_assert_eq(gyre_stacks_take(&pool, &s[i]), 0);
        gyre_fiber_init(&d.fiber, s[1]->low, s[1]->size, dive_until_it_faults,
                        &d);
        fault = NULL;
        gyre_fiber_switch(&self, &d.fiber);
        cr_expect(fault != NULL && fault < s[1]->low, "mode %d", m);
        cr_expect_eq(gyre_stacks_find(&pool, fault), s[1], "mode %d", m);
        for (int i = 0; i < 3; i++)
            gyre_stacks_give(&pool, s[i]);
        gyre_stacks_free(&pool);
    }
}

Test(stack, is_found_by_any_address_in_it_or_its_guard)
{
    enum { STACKS = 60, GUARD = 16384 };
    struct gyre_stack *s[STACKS];
    struct gyre_stacks pool;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    cr_expect_null(gyre_stacks_find(&pool, &pool));
    for (int i = 0; i < STACKS; i++)
        cr_assert_eq(gyre_stacks_take(&pool, &s[i]), 0);
    cr_expect_null(gyre_stacks_find(&pool, &pool));
    cr_expect_null(gyre_stacks_find(&pool, s[0]), "records are in no stack");
    for (int i = 0; i < STACKS; i++) {
        cr_expect_eq(gyre_stacks_find(&pool, s[i]->low - GUARD), s[i]);
        cr_expect_eq(gyre_stacks_find(&pool, s[i]->low - 1), s[i]);
        cr_expect_eq(gyre_stacks_find(&pool, s[i]->low), s[i]);
        cr_expect_eq(gyre_stacks_find(&pool, s[i]->low + s[i]->size - 1), s[i]);
        gyre_stacks_give(&pool, s[i]);
    }
    gyre_stacks_free(&pool);
}

/* ---- reuse ---- */

Test(stack, given_last_is_taken_first_and_nothing_is_mapped_for_it)
{
    enum { STACKS = 50 };
    struct gyre_stack *s[STACKS], *again[STACKS] = {NULL};
    struct gyre_stacks pool;
    int err = 0;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    for (int i = 0; i < STACKS; i++)
        cr_assert_eq(gyre_stacks_take(&pool, &s[i]), 0);
    for (int i = 0; i < STACKS; i++)
        gyre_stacks_give(&pool, s[i]);
    faults_in_mapping(true);
    for (int i = 0; i < STACKS && err == 0; i++)
        err = gyre_stacks_take(&pool, &again[i]);
    faults_in_mapping(false);
    cr_assert_eq(err, 0);
    for (int i = 0; i < STACKS; i++) {
        cr_expect_eq(again[i], s[STACKS - 1 - i], "stack %d", i);
        gyre_stacks_give(&pool, again[i]);
    }
    gyre_stacks_free(&pool);
}

Test(stack, without_address_space_taking_fails_and_can_be_tried_again)
{
    enum { STACKS = 1000 };
    struct gyre_stack *s[STACKS];
    struct gyre_stacks pool;
    int n = 0, err = 0;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    faults_in_mapping(true);
    err = gyre_stacks_take(&pool, &s[0]);
    faults_in_mapping(false);
    cr_assert_eq(err, -ENOMEM, "from nothing");
    cr_assert_eq(gyre_stacks_take(&pool, &s[n++]), 0);

    faults_in_mapping(true);
    for (err = 0; n < STACKS && err == 0; n += err == 0)
        err = gyre_stacks_take(&pool, &s[n]);
    faults_in_mapping(false);
    cr_assert_eq(err, -ENOMEM, "after %d", n);
    cr_assert_eq(gyre_stacks_take(&pool, &s[n++]), 0);
    while (n > 0)
        gyre_stacks_give(&pool, s[--n]);
    gyre_stacks_free(&pool);
}

static bool resident(char *page)
{
    unsigned char in;

    cr_assert_eq(mincore(page, 1, (void *)&in), 0);
    return (in & 1) != 0;
}

Test(stack, trimmed_ones_lose_their_pages_and_keep_their_guards)
{
    enum { STACKS = 20, KEPT = 5 };
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    expect_faults();
    for (int m = 0; m < n_modes(); m++) {
        struct gyre_stack *s[STACKS];
        struct gyre_stacks pool;

        gyre_stacks_init(&pool, 0, modes[m]);
        for (int i = 0; i < STACKS; i++) {
            cr_assert_eq(gyre_stacks_take(&pool, &s[i]), 0);
            memset(s[i]->low, 1, s[i]->size);
        }
        for (int i = STACKS - 1; i >= 0; i--)
            gyre_stacks_give(&pool, s[i]);
        gyre_stacks_trim(&pool, KEPT);
        gyre_stacks_trim(&pool, STACKS);
        for (int i = 0; i < STACKS; i++) {
            char *last = s[i]->low + (s[i]->size - 1) / page * page;

            cr_expect_eq(resident(s[i]->low), i < KEPT, "stack %d", i);
            cr_expect_eq(resident(last), i < KEPT, "stack %d", i);
        }
        for (int i = 0; i < STACKS; i++) {
            struct gyre_stack *again;

            cr_assert_eq(gyre_stacks_take(&pool, &again), 0);
            cr_expect_eq(again, s[i], "stack %d", i);
            cr_expect(faults(s[i]->low - 1), "stack %d, mode %d", i, m);
            memset(s[i]->low, 2, s[i]->size);
        }
        for (int i = 0; i < STACKS; i++)
            gyre_stacks_give(&pool, s[i]);
        gyre_stacks_free(&pool);
    }
}

/* The page that whoever uses a stack touches first. */
static char *last_page(const struct gyre_stack *s)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return s->low + (s->size - 1) / page * page;
}

static void take_and_touch(struct gyre_stacks *pool, struct gyre_stack **s)
{
    cr_assert_eq(gyre_stacks_take(pool, s), 0);
    *last_page(*s) = 1;
}

/* What was taken since the last time is kept, and so are `keep` in any case. */
Test(stack, those_that_nobody_needs_are_trimmed_in_time)
{
    enum { STACKS = 20 };
    struct gyre_stack *s[STACKS];
    struct gyre_stacks pool;

    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    for (int i = 0; i < STACKS; i++)
        take_and_touch(&pool, &s[i]);
    for (int i = STACKS - 1; i >= 0; i--)
        gyre_stacks_give(&pool, s[i]);
    cr_expect(gyre_stacks_relax(&pool, 5));
    for (int i = 0; i < STACKS; i++)
        cr_expect(resident(last_page(s[i])), "all were needed");
    for (int i = 0; i < 9; i++)
        take_and_touch(&pool, &s[i]);
    for (int i = 8; i >= 0; i--)
        gyre_stacks_give(&pool, s[i]);
    cr_expect(gyre_stacks_relax(&pool, 5));
    for (int i = 0; i < STACKS; i++)
        cr_expect_eq(resident(last_page(s[i])), i < 9, "%d", i);
    cr_expect(!gyre_stacks_relax(&pool, 5));
    for (int i = 0; i < STACKS; i++)
        cr_expect_eq(resident(last_page(s[i])), i < 5, "%d", i);
    gyre_stacks_free(&pool);
}

/* ---- very many ---- */

/* Mappings of this process; -1 if that cannot be learnt here. */
static int mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int c, lines = 0;

    if (maps == NULL)
        return -1;
    while ((c = getc(maps)) != EOF)
        lines += c == '\n';
    fclose(maps);
    return lines;
}

Test(stack, a_hundred_thousand_at_once)
{
    int n = 0, want = watched() ? 2000 : 100000, err = 0;
    struct gyre_stack **s = calloc((size_t)want, sizeof(struct gyre_stack *));
    struct gyre_stacks pool;
    int mapped, limit = mappings() + 100;

    cr_assert_not_null(s);
    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    while (n < want && err == 0) {
        err = gyre_stacks_take(&pool, &s[n]);
        n += err == 0;
    }
    mapped = mappings();
    for (int i = 0; i < n; i++) {
        s[i]->low[s[i]->size - 1] = 1;
        gyre_stacks_give(&pool, s[i]);
    }
    gyre_stacks_free(&pool);
    free(s);
    if (pool.guard == GYRE_GUARD_MPROTECT && err == -ENOMEM)
        cr_skip_test("this kernel has no guards but mprotect's");
    cr_expect_eq(err, 0);
    cr_expect_eq(n, want);
    if (pool.guard != GYRE_GUARD_MPROTECT)
        cr_expect_lt(mapped, limit, "%d mappings", mapped);
}

/* vm.max_map_count; -1 if there is no such thing. */
static long map_limit(void)
{
    FILE *f = fopen("/proc/sys/vm/max_map_count", "r");
    long limit = -1;

    if (f == NULL)
        return -1;
    if (fscanf(f, "%ld", &limit) != 1)
        limit = -1;
    fclose(f);
    return limit;
}

Test(stack, at_the_limit_of_mappings_taking_fails_and_all_can_be_given_back)
{
    enum { MORE = 80000 };
    static struct gyre_stack *s[MORE];
    struct gyre_stacks pool;
    int before_all = mappings();
    long limit = map_limit();

    if (watched())
        cr_skip_test("whoever watches needs mappings, too");
    if (limit < 0 || limit > MORE)
        cr_skip_test("no such limit within reach");
    gyre_stacks_init(&pool, 16384, GYRE_GUARD_MPROTECT);
    for (int round = 0; round < 2; round++) {
        int n = 0, err = 0, err_again;

        while (n < MORE && err == 0) {
            err = gyre_stacks_take(&pool, &s[n]);
            n += err == 0;
        }
        err_again = gyre_stacks_take(&pool, &s[n]);
        for (int i = 0; i < n; i++)
            gyre_stacks_give(&pool, s[i]);
        gyre_stacks_free(&pool);
        cr_expect_eq(err, -ENOMEM);
        cr_expect_eq(err_again, -ENOMEM);
        cr_expect_gt(n, limit / 2 - 1000);
        cr_expect_leq(mappings(), before_all + 10);
    }
}
