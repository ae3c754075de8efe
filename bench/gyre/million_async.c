/*
 * One thread rings bells at random, among a million that belong to LOOPS loops,
 * each in a thread of its own.
 *
 *     million_async OPS LOOPS
 *
 * So many rings: those of a bell that is waiting to be answered are one.  When
 * all have been rung each loop is rung out, behind the others; and then each
 * bell has been answered since it was last rung.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "bench/bench.h"

enum { BELLS = 1024 * 1024, LOOPS = 2 };

struct bell {
    struct gyre_post post;
    bool rung, answered;
};

struct house {
    struct gyre_loop *loop;
    struct gyre_mailbox *mailbox;
    struct gyre_post out; /* behind all else */
    pthread_t thread;
};

static struct bell *bells; /* every LOOPSth is of the same house */
static struct house houses[LOOPS];
static uint64_t rings, n_houses;

static void answer(struct gyre_post *p)
{
    GYRE_OWNER(p, struct bell, post)->answered = true;
}

static void end(struct gyre_post *p)
{
    gyre_loop_release(GYRE_OWNER(p, struct house, out)->loop);
}

static void *ring_all(void *arg)
{
    uint64_t seed = 1;

    bench_pin(1);
    for (uint64_t i = 0; i < rings; i++) {
        uint32_t which = bench_below(&seed, BELLS);
        struct bell *bell = &bells[which];
        int err = gyre_post(houses[which % n_houses].mailbox, &bell->post);

        bench_require(err == 0 || err == -EBUSY, "gyre_post");
        bell->rung = true;
    }
    for (uint64_t i = 0; i < n_houses; i++)
        bench_require(gyre_post(houses[i].mailbox, &houses[i].out) == 0,
                      "gyre_post");
    return arg;
}

static void *run(void *arg)
{
    struct house *h = arg;

    bench_pin((int)(h - houses));
    bench_require(gyre_loop_run(h->loop) == 0, "gyre_loop_run");
    return NULL;
}

static void open_house(struct house *h)
{
    bench_require(gyre_loop_new(&h->loop) == 0, "gyre_loop_new");
    h->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(h->loop));
    h->out.run = end;
    gyre_loop_hold(h->loop);
}

static void hang_bells(void)
{
    bells = malloc(BELLS * sizeof *bells);
    bench_require(bells != NULL, "malloc");
    memset(bells, 0, BELLS * sizeof *bells);
    for (uint64_t i = 0; i < BELLS; i++)
        bells[i].post.run = answer;
}

int main(int argc, char **argv)
{
    pthread_t ringer;
    struct bench b;

    rings = bench_number(argc, argv, 1);
    n_houses = bench_number(argc, argv, 2);
    bench_require(n_houses <= LOOPS, "so many loops");
    bench_pin(0);
    hang_bells();
    for (uint64_t i = 0; i < n_houses; i++)
        open_house(&houses[i]);
    bench_start(&b);
    for (uint64_t i = 1; i < n_houses; i++)
        bench_require(!pthread_create(&houses[i].thread, NULL, run, &houses[i]),
                      "pthread_create");
    bench_require(!pthread_create(&ringer, NULL, ring_all, NULL),
                  "pthread_create");
    run(&houses[0]);
    for (uint64_t i = 1; i < n_houses; i++)
        bench_require(!pthread_join(houses[i].thread, NULL), "pthread_join");
    bench_require(!pthread_join(ringer, NULL), "pthread_join");
    bench_stop(&b);
    for (uint64_t i = 0; i < BELLS; i++)
        bench_require(bells[i].answered == bells[i].rung, "answering");
    bench_print(&b, rings);
    return 0;
}
