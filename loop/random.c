/*
 * random.c - numbers that look random, and what a seed decides by them.
 */
#include "loop/random.h"

#include "loop/internal.h"

/*
 * Two jobs whose coins fell alike in all deals stay in order: one pair in
 * 65,536.
 */
#define DEALS 16

uint64_t gyre_loop_seed(const struct gyre_loop *l)
{
    return l->seed;
}

/* SplitMix64, of Steele, Lea and Flood: any state will do, and neighbouring
   seeds have nothing in common. */
uint64_t gyre_loop_random(struct gyre_loop *l)
{
    uint64_t z = l->random += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* Toss a coin for each job: those it falls for go behind the others. */
static void deal(struct gyre_loop *l, struct gyre_list *jobs)
{
    struct gyre_list behind, *next;

    gyre_list_init(&behind);
    for (struct gyre_list *i = jobs->next; i != jobs; i = next) {
        next = i->next;
        if (gyre_loop_random(l) & 1) {
            gyre_list_remove(i);
            gyre_list_append(&behind, i);
        }
    }
    gyre_list_splice(jobs, &behind);
}

/* A riffle run backwards, a number of times: it needs no array to shuffle in,
   and no count. */
void gyre_jobs_shuffle(struct gyre_loop *l, struct gyre_list *jobs)
{
    if (jobs->next == jobs->prev)
        return;
    for (int i = 0; i < DEALS; i++)
        deal(l, jobs);
}
