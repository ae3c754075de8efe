/*
 * heap.c - a pairing heap, threaded through the timers.
 *
 * Invariants:
 *   - no timer is due before its parent, so the root is the earliest;
 *   - the children of a timer are a list whose head is its `child`; the root is
 *     alone in a list whose head is the heap itself.
 *
 * Nothing here recurses: stops happen on the small stacks of tasks.
 */
#include "timers/internal.h"

static bool before(const struct gyre_timer *a, const struct gyre_timer *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

/* Put one of two heaps below the other; return the root. */
static struct gyre_timer *meld(struct gyre_timer *a, struct gyre_timer *b)
{
    struct gyre_timer *root = before(b, a) ? b : a;

    push(&root->child, root == a ? b : a);
    return root;
}

/*
 * Meld a list of heaps, at least one, in pairs, and the pairs from the last to
 * the first: it is this order that makes removal O(log n) amortized.
 */
static struct gyre_timer *meld_all(struct gyre_timer *list)
{
    struct gyre_timer *pairs = NULL; /* through next, the last pair first */
    struct gyre_timer *root = NULL;

    while (list != NULL) {
        struct gyre_timer *a = list;
        struct gyre_timer *b = a->next;

        list = b != NULL ? b->next : NULL;
        if (b != NULL)
            a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs != NULL) {
        struct gyre_timer *a = pairs;

        pairs = a->next;
        root = root != NULL ? meld(root, a) : a;
    }
    return root;
}

/* Meld `t`, with what is below it, into the heap. */
static void graft(struct gyre_timer **heap, struct gyre_timer *t)
{
    struct gyre_timer *root = *heap != NULL ? meld(*heap, t) : t;

    root->next = NULL;
    root->link = heap;
    *heap = root;
}

void gyre_timer_heap_add(struct gyre_timer **heap, struct gyre_timer *t)
{
    graft(heap, t);
}

void gyre_timer_heap_remove(struct gyre_timer **heap, struct gyre_timer *t)
{
    struct gyre_timer *orphans = t->child;

    pull(t);
    t->child = NULL;
    if (orphans != NULL)
        graft(heap, meld_all(orphans));
}

void gyre_timer_heap_fill(struct gyre_timer **heap, struct gyre_timer *list)
{
    graft(heap, meld_all(list));
}

struct gyre_timer *gyre_timer_heap_flatten(struct gyre_timer **heap)
{
    struct gyre_timer *list = *heap;
    struct gyre_timer *last = list;

    /* Each timer's children go to the end, and get their turn there. */
    for (struct gyre_timer *t = list; t != NULL; t = t->next) {
        last->next = t->child;
        t->child = NULL;
        while (last->next != NULL)
            last = last->next;
    }
    *heap = NULL;
    return list;
}
