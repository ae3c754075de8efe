/*
 * list.h - a doubly linked list threaded through its members.
 *
 * The head and the members are the same struct.  An empty head is linked to
 * itself.  A member that is in no list has a `next` of NULL, so a zeroed one is
 * in none, and to remove it again does no harm.  All O(1).
 */
#ifndef GYRE_LOOP_LIST_H
#define GYRE_LOOP_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct gyre_list {
    struct gyre_list *prev;
    struct gyre_list *next;
};

/* The struct of type `type` whose field `field` is at `ptr`. */
#define GYRE_OWNER(ptr, type, field)                                           \
    ((type *)((char *)(ptr)-offsetof(type, field)))

/* Prepare the head `l`, which is then empty. */
static inline void gyre_list_init(struct gyre_list *l)
{
    l->prev = l->next = l;
}

/* Has the head `l` no members? */
static inline bool gyre_list_empty(const struct gyre_list *l)
{
    return l->next == l;
}

/* Is the member `n` in a list? */
static inline bool gyre_list_linked(const struct gyre_list *n)
{
    return n->next != NULL;
}

/* Put `n`, which is in no list, last in `l`. */
static inline void gyre_list_append(struct gyre_list *l, struct gyre_list *n)
{
    struct gyre_list *last = l->prev;

    n->prev = last;
    last->next = n;
    n->next = l;
    l->prev = n;
}

/* Take the member `n` out of the list it is in, if any. */
static inline void gyre_list_remove(struct gyre_list *n)
{
    if (n->next == NULL)
        return;
    n->prev->next = n->next;
    n->next->prev = n->prev;
    n->next = NULL;
}

/* Take the first member out of `l`, which is not empty. */
static inline struct gyre_list *gyre_list_take(struct gyre_list *l)
{
    struct gyre_list *n = l->next, *second = n->next;

    l->next = second;
    second->prev = l;
    n->next = NULL;
    return n;
}

/* Make the members of `from`, which has some, those of the head `l`, which has
   none and need not be prepared. */
static inline void gyre_list_move(struct gyre_list *l, struct gyre_list *from)
{
    struct gyre_list *first = from->next, *last = from->prev;

    l->next = first;
    first->prev = l;
    last->next = l;
    l->prev = last;
    gyre_list_init(from);
}

/* Move all of `from` to the end of `l`, in order. */
static inline void gyre_list_splice(struct gyre_list *l, struct gyre_list *from)
{
    struct gyre_list *first = from->next, *last = from->prev;

    if (gyre_list_empty(from))
        return;
    first->prev = l->prev;
    last->next = l;
    l->prev->next = first;
    l->prev = last;
    gyre_list_init(from);
}

#endif
