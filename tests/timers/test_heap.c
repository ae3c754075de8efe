/*
 * test_heap.c - the heap alone: whatever leaves, the rest stays in order.
 */
#include <criterion/criterion.h>

#include "timers/internal.h"

enum { N = 300 };

static struct gyre_timer *heap;
static struct gyre_timer timers[N];

static uint64_t rnd(void)
{
    static uint64_t state = 1;

    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return state >> 33;
}

/* Make timer `i` one of few times, so that the order of starting matters. */
static struct gyre_timer *prepare(int i)
{
    timers[i] = (struct gyre_timer){.at = (gyre_time)(rnd() % 50),
                                    .order = (uint64_t)i + 1};
    return &timers[i];
}

static void take(struct gyre_timer *t)
{
    gyre_timer_heap_remove(&heap, t);
    cr_expect_null(t->child);
    t->order = 0;
}

/* Empty the heap from the root; return how many were in it. */
static int drain(void)
{
    const struct gyre_timer *last = NULL;
    int n = 0;

    while (heap != NULL) {
        struct gyre_timer *t = heap;

        cr_assert(t->order != 0, "one that had left");
        if (last != NULL &&
            (last->at > t->at || (last->at == t->at && last > t)))
            cr_assert_fail("%d: out of order", n);
        last = t;
        gyre_timer_heap_remove(&heap, t);
        n++;
    }
    return n;
}

Test(heap, gives_the_earliest_first)
{
    for (int n = 0; n <= N; n++) {
        for (int i = 0; i < n; i++)
            gyre_timer_heap_add(&heap, prepare(i));
        cr_expect_eq(drain(), n);
    }
}

Test(heap, any_may_leave)
{
    for (int round = 0; round < 200; round++) {
        int left = N;

        for (int i = 0; i < N; i++)
            gyre_timer_heap_add(&heap, prepare(i));
        while (left > N / 3) {
            struct gyre_timer *t = &timers[rnd() % N];

            if (rnd() % 4 == 0)
                t = heap;
            if (t->order != 0) {
                take(t);
                left--;
            }
        }
        cr_expect_eq(drain(), left);
    }
}

Test(heap, is_filled_from_a_list_also_when_not_empty)
{
    for (int n = 1; n < N; n++) {
        struct gyre_timer *list = NULL;

        for (int i = 0; i < n; i++) {
            prepare(i)->next = list;
            list = &timers[i];
        }
        if (n % 2)
            gyre_timer_heap_add(&heap, prepare(n));
        gyre_timer_heap_fill(&heap, list);
        cr_expect_eq(drain(), n + n % 2);
    }
}

Test(heap, flattens_into_a_list_of_all_and_back)
{
    for (int n = 0; n < N; n++) {
        struct gyre_timer *list;
        int left = n, listed = 0;

        for (int i = 0; i < n; i++)
            gyre_timer_heap_add(&heap, prepare(i));
        for (int i = 0; i < n / 4; i++, left--)
            take(heap);
        list = gyre_timer_heap_flatten(&heap);
        cr_expect_null(heap);
        for (struct gyre_timer *t = list; t != NULL; t = t->next, listed++)
            cr_expect(t->order != 0 && t->child == NULL);
        cr_expect_eq(listed, left);
        if (list != NULL)
            gyre_timer_heap_fill(&heap, list);
        cr_expect_eq(drain(), left);
    }
}
