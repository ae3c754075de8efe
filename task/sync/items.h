/*
 * items.h - what is in a queue, and in which order it comes out.
 *
 * Private to task/, installed nowhere.
 */
#ifndef GYRE_TASK_SYNC_ITEMS_H
#define GYRE_TASK_SYNC_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "task/sync/queue.h"

static inline bool gyre_items_full(const struct gyre_items *q)
{
    return q->length == q->capacity;
}

/* Copy one item; what a queue moves is bytes. */
static inline void gyre_items_copy(const struct gyre_items *q, void *to,
                                   const void *from)
{
    memcpy(to, from, q->size);
}

/* Put a copy of `item` in; there is room.  O(1), or O(log n) if sorted. */
void gyre_items_push(struct gyre_items *q, const void *item);

/* Move the next item out to `item`; there is one.  Costs as much. */
void gyre_items_pop(struct gyre_items *q, void *item);

/* Take all out, and hand each to `release`, which may be NULL: its bytes are
   good until it returns.  Returns how many there were. */
size_t gyre_items_clear(struct gyre_items *q, void (*release)(void *item));

#endif
