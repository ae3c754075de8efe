/*
 * cycles.c - tasks that wait for each other, round and round.
 *
 * A search in depth, along the edges from who waits to who is waited for.  Its
 * state is in the tasks: there may be many, and no memory.  A task is new to a
 * search, on the way (from where the search began to where it is, by `to`, and
 * back by `from`), or left.  Whoever waits for one that is on the way closes a
 * cycle, which is what lies on the way between the two.
 */
#include "task/show/cycles.h"

#include "task/show/view.h"

/* A search, which is the n-th: marks of 2n and 2n + 1 are its own. */
struct search {
    uint64_t on_the_way;
    uint64_t left;
    struct gyre_cycle_visitor *visitor;
    size_t found;
};

static bool is_new(const struct search *s, const struct gyre_task *t)
{
    return t->search.mark < s->on_the_way;
}

static void enter(const struct search *s, struct gyre_task *t,
                  struct gyre_task *from)
{
    t->search.mark = s->on_the_way;
    t->search.from = from;
    if (from != NULL)
        from->search.to = t;
}

/* Of the cycle that `t` is in, the task of the lowest number. */
static struct gyre_task *lowest(struct gyre_task *t)
{
    struct gyre_task *least = t;

    for (struct gyre_task *i = t->search.to; i != t; i = i->search.to) {
        if (i->id < least->id)
            least = i;
    }
    return least;
}

/* `t` waits for `owner`, which the search has met already. */
static void meet(struct search *s, struct gyre_task *t, struct gyre_task *owner)
{
    if (owner->search.mark != s->on_the_way)
        return;
    t->search.to = owner;
    s->found++;
    s->visitor->cycle(s->visitor, lowest(t));
}

/* Go wherever the waits lead from `t`, and come back. */
static void follow(struct search *s, struct gyre_task *t)
{
    struct gyre_task *last = NULL;

    enter(s, t, NULL);
    while (t != NULL) {
        struct gyre_task *owner = gyre_task_held_up_by(t, last);

        if (owner == NULL) {
            t->search.mark = s->left;
            last = t;
            t = t->search.from;
        } else if (is_new(s, owner)) {
            enter(s, owner, t);
            t = owner;
            last = NULL;
        } else {
            meet(s, t, owner);
            last = owner;
        }
    }
}

size_t gyre_cycles_walk(struct gyre_runtime *rt, struct gyre_cycle_visitor *v)
{
    struct search s = {.visitor = v};
    struct gyre_task *t = NULL;

    s.on_the_way = ++rt->searches * 2;
    s.left = s.on_the_way + 1;
    while ((t = gyre_task_next(rt->root, t)) != NULL) {
        if (is_new(&s, t))
            follow(&s, t);
    }
    return s.found;
}

size_t gyre_cycle_length(const struct gyre_task *first)
{
    size_t n = 1;

    for (const struct gyre_task *t = first->search.to; t != first;
         t = t->search.to)
        n++;
    return n;
}
