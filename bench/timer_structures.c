/*
 * timer_structures.c - which structure should a queue of timers be?
 *
 *     timer_structures [ROUNDS [LOAD]]
 *
 * Puts the candidates, and libuv when it is there, through the two loads that
 * matter, round about, and prints the median of each in nanoseconds of
 * processor time a timer.  All are exact: (time, order of starting).
 *
 *   arm      among n that wait, arm one for 30 s and cancel it
 *   rearm    cancel a random one of n and arm it again for 30 s, as a server
 *            does for each read; a microsecond passes each time
 *   start    start a million at random times within a second
 *   fire     fire them, in one pass
 *
 * This one benchmark looks inside a floor, to have the heap without the wheel.
 */
#include <string.h>

#include "timers/internal.h"
#include "bench/bench.h"
#if __has_include(<uv.h>) && !defined(WITHOUT_LIBUV)
#include <uv.h>
#define LIBUV 1
#endif

enum { MILLION = 1000000, OPS = 200000, MOST_ROUNDS = 99 };

/* One structure.  Timers are numbered; `begin` makes n idle ones. */
struct candidate {
    const char *name;
    void (*begin)(size_t n);
    void (*start)(size_t i, gyre_time at);
    void (*stop)(size_t i);
    void (*fire)(gyre_time now);
};

static void *storage; /* of all timers; as large as any needs */
static uint64_t order, fired;

static void count(struct gyre_timer *t)
{
    (void)t;
    fired++;
}

/* The queue itself. */

static struct gyre_timers queue;

static void queue_begin(size_t n)
{
    struct gyre_timer *t = storage;

    memset(&queue, 0, sizeof queue);
    for (size_t i = 0; i < n; i++)
        t[i] = (struct gyre_timer){.fire = count};
}

static void queue_start(size_t i, gyre_time at)
{
    gyre_timers_start(&queue, (struct gyre_timer *)storage + i, at);
}

static void queue_stop(size_t i)
{
    gyre_timers_stop(&queue, (struct gyre_timer *)storage + i);
}

static void queue_fire(gyre_time now)
{
    gyre_timers_fire(&queue, now);
}

/* Its pairing heap, without the wheel. */

static struct gyre_timer *root;

static void pairing_begin(size_t n)
{
    queue_begin(n);
    root = NULL;
}

static void pairing_start(size_t i, gyre_time at)
{
    struct gyre_timer *t = (struct gyre_timer *)storage + i;

    t->at = at;
    t->order = ++order;
    gyre_timer_heap_add(&root, t);
}

static void pairing_stop(size_t i)
{
    gyre_timer_heap_remove(&root, (struct gyre_timer *)storage + i);
}

static void pairing_fire(gyre_time now)
{
    struct gyre_timer *t;

    while ((t = root) != NULL && t->at <= now) {
        gyre_timer_heap_remove(&root, t);
        t->fire(t);
    }
}

/* An implicit heap of four children, keys in the array. */

struct leaf {
    void (*fire)(struct leaf *t);
    size_t index;
    char padding[48]; /* as large as a gyre_timer */
};

static struct key {
    gyre_time at;
    uint64_t order;
    struct leaf *t;
} four[MILLION];
static size_t used;

static void count_leaf(struct leaf *t)
{
    (void)t;
    fired++;
}

static void four_begin(size_t n)
{
    struct leaf *t = storage;

    used = 0;
    for (size_t i = 0; i < n; i++)
        t[i] = (struct leaf){.fire = count_leaf};
}

static int earlier(const struct key *a, const struct key *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void set(size_t i, struct key k)
{
    four[i] = k;
    k.t->index = i;
}

static void rise(size_t i, struct key k)
{
    for (; i > 0 && earlier(&k, &four[(i - 1) / 4]); i = (i - 1) / 4)
        set(i, four[(i - 1) / 4]);
    set(i, k);
}

static void sink(size_t i, struct key k)
{
    size_t child;

    while ((child = 4 * i + 1) < used) {
        size_t end = child + 4 < used ? child + 4 : used, best = child;

        while (++child < end)
            best = earlier(&four[child], &four[best]) ? child : best;
        if (!earlier(&four[best], &k))
            break;
        set(i, four[best]);
        i = best;
    }
    set(i, k);
}

static void four_start(size_t i, gyre_time at)
{
    rise(used++, (struct key){at, ++order, (struct leaf *)storage + i});
}

static void pluck(size_t i)
{
    struct key last = four[--used];

    if (i == used)
        return;
    if (i > 0 && earlier(&last, &four[(i - 1) / 4]))
        rise(i, last);
    else
        sink(i, last);
}

static void four_stop(size_t i)
{
    pluck(((struct leaf *)storage)[i].index);
}

static void four_fire(gyre_time now)
{
    while (used > 0 && four[0].at <= now) {
        struct leaf *t = four[0].t;

        pluck(0);
        t->fire(t);
    }
}

/* Libuv: milliseconds, from a clock of its own. */

#ifdef LIBUV
static uv_loop_t *loop;
static uint64_t base; /* our 0, in its milliseconds */

static void count_uv(uv_timer_t *t)
{
    (void)t;
    fired++;
}

static void uv_begin(size_t n)
{
    loop = calloc(1, sizeof *loop); /* kept: its timers are not closed */
    bench_require(loop != NULL && uv_loop_init(loop) == 0, "uv_loop_init");
    for (size_t i = 0; i < n; i++)
        (void)uv_timer_init(loop, (uv_timer_t *)storage + i);
    uv_update_time(loop);
    base = uv_now(loop);
}

static void uv_start(size_t i, gyre_time at)
{
    (void)uv_timer_start((uv_timer_t *)storage + i, count_uv,
                         (uint64_t)(at / GYRE_MILLISECOND), 0);
}

static void uv_stop_timer(size_t i)
{
    (void)uv_timer_stop((uv_timer_t *)storage + i);
}

static void uv_fire(gyre_time now)
{
    (void)now; /* which it is: see settle */
    (void)uv_run(loop, UV_RUN_NOWAIT);
}

/* Let its clock come to `now`, off the record. */
static void settle(gyre_time now)
{
    uint64_t until = base + (uint64_t)(now / GYRE_MILLISECOND) + 1;
    struct timespec ms = {0, GYRE_MILLISECOND};

    while (uv_hrtime() / 1000000 <= until)
        nanosleep(&ms, NULL);
}
#endif

static const struct candidate candidates[] = {
    {"wheel+heap", queue_begin, queue_start, queue_stop, queue_fire},
    {"4-ary", four_begin, four_start, four_stop, four_fire},
    {"pairing", pairing_begin, pairing_start, pairing_stop, pairing_fire},
#ifdef LIBUV
    {"libuv", uv_begin, uv_start, uv_stop_timer, uv_fire},
#endif
};

/* The loads: each returns nanoseconds a timer. */

static uint64_t state = 88172645463325252u;

static double arm(const struct candidate *c, size_t n)
{
    struct bench b;

    c->begin(n + 1);
    for (size_t i = 0; i < n; i++)
        c->start(i, bench_random(&state) % 30000 * GYRE_MILLISECOND);
    bench_start(&b);
    for (gyre_time i = 0; i < OPS; i++) {
        c->start(n, 30 * GYRE_SECOND + i * GYRE_MICROSECOND);
        c->stop(n);
    }
    bench_stop(&b);
    return (double)b.cpu / OPS;
}

static double rearm(const struct candidate *c, size_t n)
{
    gyre_time now = 30 * GYRE_SECOND;
    struct bench b;

    c->begin(n);
    for (size_t i = 0; i < n; i++)
        c->start(i, now += GYRE_MICROSECOND);
    bench_start(&b);
    for (int i = 0; i < OPS; i++) {
        size_t one = bench_below(&state, n);

        c->stop(one);
        c->start(one, now += GYRE_MICROSECOND);
    }
    bench_stop(&b);
    return (double)b.cpu / OPS;
}

static double start(const struct candidate *c, size_t n)
{
    struct bench b;

    c->begin(n);
    bench_start(&b);
    for (size_t i = 0; i < n; i++)
        c->start(i, bench_random(&state) % 1000000 * GYRE_MICROSECOND);
    bench_stop(&b);
    return (double)b.cpu / (double)n;
}

static double fire(const struct candidate *c, size_t n)
{
    struct bench b;

    (void)start(c, n);
    fired = 0;
#ifdef LIBUV
    if (c->start == uv_start)
        settle(GYRE_SECOND);
#endif
    bench_start(&b);
    c->fire(GYRE_SECOND);
    bench_stop(&b);
    bench_require(fired == n, "firing every timer");
    return (double)b.cpu / (double)n;
}

static const struct load {
    const char *name;
    double (*run)(const struct candidate *c, size_t n);
    size_t n;
} loads[] = {
    {"arm", arm, 0},           {"arm", arm, 1000},
    {"arm", arm, 100000},      {"arm", arm, MILLION - 1},
    {"rearm", rearm, 1},       {"rearm", rearm, 1000},
    {"rearm", rearm, 100000},  {"rearm", rearm, MILLION},
    {"start", start, MILLION}, {"fire", fire, MILLION},
};

/* The table. */

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_load(const struct load *load, size_t rounds)
{
    static double ns[LENGTH(candidates)][MOST_ROUNDS];

    for (size_t round = 0; round < rounds; round++) {
        for (size_t c = 0; c < LENGTH(candidates); c++)
            ns[c][round] = load->run(&candidates[c], load->n);
    }
    printf("%-6s %8zu", load->name, load->n);
    for (size_t c = 0; c < LENGTH(candidates); c++) {
        qsort(ns[c], rounds, sizeof *ns[c], ascending);
        printf(" %12.1f", ns[c][rounds / 2]);
    }
    printf(" %9.3f\n",
           ns[0][rounds / 2] / ns[LENGTH(candidates) - 1][rounds / 2]);
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? bench_number(argc, argv, 1) : 5;
    size_t size = sizeof(struct gyre_timer);

#ifdef LIBUV
    size = sizeof(uv_timer_t);
#endif
    bench_require(rounds <= MOST_ROUNDS, "doing that many rounds");
    bench_pin(0);
    storage = aligned_alloc(64, size * MILLION);
    bench_require(storage != NULL, "aligned_alloc");
    memset(storage, 1, size * MILLION);
    memset(four, 1, sizeof four);

    printf("%-6s %8s", "load", "n");
    for (size_t c = 0; c < LENGTH(candidates); c++)
        printf(" %12s", candidates[c].name);
    printf(" %9s\n", "1st/last");
    for (size_t i = 0; i < LENGTH(loads); i++) {
        if (argc <= 2 || strcmp(argv[2], loads[i].name) == 0)
            print_load(&loads[i], rounds);
    }
    return 0;
}
