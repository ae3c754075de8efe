/*
 * items.c - what is in a queue, and in which order it comes out.
 *
 * In order of coming they stand in a ring, from `first` on.  Otherwise they
 * stand from 0 on: a stack, or a binary heap, in which no item comes before its
 * parent.
 */
#include "task/sync/items.h"

static char *slot(const struct gyre_items *q, size_t i)
{
    return (char *)q->room + i * q->size;
}

/* The slot of the item that has `i` in front of it in the ring. */
static size_t around(const struct gyre_items *q, size_t i)
{
    size_t room_behind = q->capacity - q->first;

    return i < room_behind ? q->first + i : i - room_behind;
}

/* ---- the heap ---- */

/*
 * An item is not swapped on its way but written once, where it belongs: until
 * then there is a hole, which moves.
 */

static void move(const struct gyre_items *q, size_t hole, size_t from)
{
    gyre_items_copy(q, slot(q, hole), slot(q, from));
}

/* From `hole` towards the root; returns where `item` belongs. */
static size_t rise(const struct gyre_items *q, size_t hole, const void *item)
{
    while (hole > 0) {
        size_t parent = (hole - 1) / 2;

        if (!q->before(item, slot(q, parent)))
            break;
        move(q, hole, parent);
        hole = parent;
    }
    return hole;
}

/* Which child of `i` comes first; `length` or more if there is none. */
static size_t first_child(const struct gyre_items *q, size_t i)
{
    size_t child = 2 * i + 1;

    if (child + 1 < q->length && q->before(slot(q, child + 1), slot(q, child)))
        child++;
    return child;
}

/* From the root down; returns where `item` belongs. */
static size_t sink(const struct gyre_items *q, const void *item)
{
    size_t hole = 0;

    for (size_t child = first_child(q, hole); child < q->length;
         child = first_child(q, hole)) {
        if (!q->before(slot(q, child), item))
            break;
        move(q, hole, child);
        hole = child;
    }
    return hole;
}

/* The root is gone: what is now behind the last has to go elsewhere. */
static void fill_root(struct gyre_items *q)
{
    size_t hole = sink(q, slot(q, q->length));

    if (hole != q->length)
        move(q, hole, q->length);
}

/* ---- in whichever order ---- */

void gyre_items_push(struct gyre_items *q, const void *item)
{
    size_t at;

    if (q->before != NULL)
        at = rise(q, q->length, item);
    else
        at = q->lifo ? q->length : around(q, q->length);
    gyre_items_copy(q, slot(q, at), item);
    q->length++;
}

void gyre_items_pop(struct gyre_items *q, void *item)
{
    q->length--;
    if (q->before != NULL) {
        gyre_items_copy(q, item, slot(q, 0));
        fill_root(q);
    } else if (q->lifo) {
        gyre_items_copy(q, item, slot(q, q->length));
    } else {
        gyre_items_copy(q, item, slot(q, q->first));
        q->first = around(q, 1);
    }
}

/* It is empty before the first is released, whose release may look. */
size_t gyre_items_clear(struct gyre_items *q, void (*release)(void *item))
{
    size_t n = q->length;

    q->length = 0;
    for (size_t i = 0; i < n && release != NULL; i++)
        release(slot(q, around(q, i)));
    return n;
}
