/*
 * stack.c - slabs, and the stacks cut from them.
 *
 *     slab   | header: a struct gyre_stack for each | guard | stack | guard ...
 *
 * - The records stand apart from the stacks, so that an idle stack need not
 *   hold a single page, and no overflow reaches them.
 * - Slabs double in size up to LARGEST, so that a small program maps little,
 *   and a million stacks make a thousand system calls for mappings.
 * - A stack is cut when it is first needed, and its guard made then, or with
 *   those of others.  Only the newest slab has any left to cut, and it is cut
 *   before another is mapped.
 * - Idle stacks are popped from where they were pushed; the bare ones among
 *   them, which trimming leaves, come after all others.
 *
 * Colours.  A fiber mostly touches the last lines of its stack.  Were these at
 * the same place in every page, they would share a few sets of each cache, and
 * evict each other long before it is full.  So stacks end up to 2 KiB early,
 * each one elsewhere.  (Around a ring of 50 fibers that is 4 ns a switch in
 * place of 8; of 1,000, 10 in place of 17.)
 *
 * Huge pages would make each stack 2 MiB resident, so slabs refuse them.  To
 * populate the last page ahead was measured, and is dearer than its fault.
 */
#include "task/stack.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "task/paint.h"
#include "task/sanitize.h"

#ifdef MADV_NOHUGEPAGE
#define RELEASE MADV_DONTNEED /* at once; MADV_FREE waits for pressure */
#else
#define RELEASE MADV_FREE
#endif

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* Sizes of a stack. */
#define USUAL (64 * KIB)
#define LEAST (16 * KIB)
#define MOST  (1024 * MIB)

/* Of a guard: no dearer than a single page, and most frames cannot skip it. */
#define GUARD (16 * KIB)

/* Stacks end at this many different places in their last page, so far apart. */
#define COLOURS 16
#define SHIFT   128 /* two cache lines, which processors like to fetch as one */

/* Sizes of a slab, but for one that must be larger to hold a single stack. */
#define SMALLEST (1 * MIB)
#define LARGEST  (64 * MIB)

struct gyre_stack_slab {
    struct gyre_stack_slab *next; /* in gyre_stacks.slabs */
    size_t bytes;                 /* mapped, from here on */
    size_t head;                  /* of these, before the first guard */
    size_t count;                 /* stacks there is room for */
    size_t cut;                   /* of these, cut already */
    size_t guarded;               /* of these, that have a guard; no fewer */
    struct gyre_stack stack[];
};

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

static void *map(size_t bytes)
{
    void *m = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (m == MAP_FAILED)
        return NULL;
#ifdef MADV_NOHUGEPAGE
    /* Fails where the kernel has none, which is as well. */
    (void)madvise(m, bytes, MADV_NOHUGEPAGE);
#endif
    return m;
}

/* A stack and the guard below it. */
static size_t stride(const struct gyre_stacks *p)
{
    return p->gap + p->size;
}

static struct gyre_stack_slab *map_slab(const struct gyre_stacks *p,
                                        size_t count)
{
    size_t head = round_up(sizeof(struct gyre_stack_slab) +
                               count * sizeof(struct gyre_stack),
                           p->page);
    size_t bytes = head + count * stride(p);
    struct gyre_stack_slab *slab = map(bytes);

    if (slab != NULL)
        *slab = (struct gyre_stack_slab){
            .bytes = bytes, .head = head, .count = count};
    return slab;
}

/* Where address space is scarce, a smaller slab is better than none. */
static int grow(struct gyre_stacks *p)
{
    size_t count = p->slab_size / stride(p) + 1;
    struct gyre_stack_slab *slab = map_slab(p, count);

    while (slab == NULL && count > 1)
        slab = map_slab(p, count /= 2);
    if (slab == NULL)
        return -ENOMEM;
    slab->next = p->slabs;
    p->slabs = slab;
    if (p->slab_size < LARGEST)
        p->slab_size *= 2;
    return 0;
}

static char *gap_of(const struct gyre_stacks *p, struct gyre_stack_slab *slab,
                    size_t i)
{
    return (char *)slab + slab->head + i * stride(p);
}

/* Have the guard of the next, if it was not made with those before. */
static int guard(struct gyre_stacks *p, struct gyre_stack_slab *slab)
{
    size_t n = slab->count - slab->cut;

    if (slab->guarded == slab->cut)
        slab->guarded += gyre_guards_make(&p->guard, gap_of(p, slab, slab->cut),
                                          p->gap, stride(p), n);
    return slab->guarded > slab->cut ? 0 : -ENOMEM;
}

/* Cut the next stack from `slab`. */
static int cut(struct gyre_stacks *p, struct gyre_stack_slab *slab,
               struct gyre_stack **out)
{
    char *gap = gap_of(p, slab, slab->cut);
    struct gyre_stack *s = &slab->stack[slab->cut];
    int err = guard(p, slab);

    if (err != 0)
        return err;
    *s = (struct gyre_stack){.low = gap + p->gap, .pool = p, .bare = true};
    s->size = p->size - slab->cut % COLOURS * SHIFT;
    s->valgrind = gyre_sanitize_map(s->low, s->size);
    slab->cut++;
    *out = s;
    return 0;
}

static int make(struct gyre_stacks *p, struct gyre_stack **out)
{
    int err = 0;

    if (p->slabs == NULL || p->slabs->cut == p->slabs->count)
        err = grow(p);
    return err != 0 ? err : cut(p, p->slabs, out);
}

void gyre_stacks_init(struct gyre_stacks *p, size_t size, enum gyre_guard mode)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    assert(size <= MOST);
    if (size == 0)
        size = USUAL;
    if (size < LEAST)
        size = LEAST;
    *p = (struct gyre_stacks){
        .page = page,
        .gap = round_up(GUARD, page),
        .size = round_up(size * GYRE_STACK_FACTOR, page),
        .slab_size = SMALLEST,
        .guard = mode,
    };
}

static void hand_out(struct gyre_stacks *p, struct gyre_stack *s)
{
    gyre_sanitize_take(s->low, s->size);
    p->taken++;
}

/* Apart, so that who takes a warm one needs no frame. */
static __attribute__((noinline)) int take_bare(struct gyre_stacks *p,
                                               struct gyre_stack **out)
{
    struct gyre_stack *s = p->idle;
    int err = 0;

    if (s != NULL)
        p->idle = s->next;
    else
        err = make(p, &s);
    if (err != 0)
        return err;
    hand_out(p, s);
    if (p->painted)
        gyre_stack_paint(s);
    s->bare = false;
    *out = s;
    return 0;
}

int gyre_stacks_take(struct gyre_stacks *p, struct gyre_stack **out)
{
    struct gyre_stack *s = p->idle;

    if (s == NULL || s->bare)
        return take_bare(p, out);
    p->idle = s->next;
    hand_out(p, s);
    p->warm--;
    if (p->unused > p->warm)
        p->unused = p->warm;
    *out = s;
    return 0;
}

void gyre_stacks_give(struct gyre_stacks *p, struct gyre_stack *s)
{
    assert(p->taken > 0);
    p->taken--;
    gyre_sanitize_give(s->low, s->size);
    s->next = p->idle;
    p->idle = s;
    p->warm++;
}

void gyre_stacks_trim(struct gyre_stacks *p, size_t keep)
{
    struct gyre_stack *s = p->idle;

    while (s != NULL && keep > 0) {
        s = s->next;
        keep--;
    }
    for (; s != NULL && !s->bare; s = s->next) {
        (void)madvise(s->low, p->size, RELEASE);
        s->bare = true;
        p->warm--;
    }
}

/* The last given is taken first, so the unused are those at the end. */
bool gyre_stacks_relax(struct gyre_stacks *p, size_t keep)
{
    size_t used = p->warm - p->unused;

    gyre_stacks_trim(p, used > keep ? used : keep);
    p->unused = p->warm;
    return p->warm > keep;
}

const struct gyre_stack *gyre_stacks_find(const struct gyre_stacks *p,
                                          const void *address)
{
    uintptr_t a = (uintptr_t)address;
    const struct gyre_stack_slab *slab;

    for (slab = p->slabs; slab != NULL; slab = slab->next) {
        uintptr_t first = (uintptr_t)slab + slab->head;

        if (a >= first && (a - first) / stride(p) < slab->cut)
            return &slab->stack[(a - first) / stride(p)];
    }
    return NULL;
}

static void unmap(struct gyre_stack_slab *slab)
{
    size_t i;

    for (i = 0; i < slab->cut; i++)
        gyre_sanitize_unmap(slab->stack[i].low, slab->stack[i].size,
                            slab->stack[i].valgrind);
    munmap(slab, slab->bytes);
}

/*
 * The newest slab last.  mprotect may have refused it every guard; then it can
 * lie within one mapping with its neighbours, and at the limit of mappings the
 * kernel refuses to cut such a one in two.
 */
void gyre_stacks_free(struct gyre_stacks *p)
{
    struct gyre_stack_slab *newest = p->slabs;

    assert(p->taken == 0);
    if (newest == NULL)
        return;
    while (newest->next != NULL) {
        struct gyre_stack_slab *slab = newest->next;

        newest->next = slab->next;
        unmap(slab);
    }
    unmap(newest);
    p->slabs = NULL;
    p->idle = NULL;
    p->warm = p->unused = 0;
    p->slab_size = SMALLEST;
}
