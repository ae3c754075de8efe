/*
 * local.c - values that tasks inherit.
 *
 * Invariant: the bindings of a task are those it has made, the latest first,
 * and then those that stood when the scope it is in was opened.
 */
#include "task/local.h"

#include <assert.h>
#include <stddef.h>

#include "task/breach.h"
#include "task/internal.h"

void gyre_locals_left(const struct gyre_task *t)
{
    gyre_task_breach(t, "binding made", t->bound_at,
                     "was left without gyre_local_unbind");
}

GYRE_NOT_INLINED void gyre_local_bind(struct gyre_local *b,
                                      const struct gyre_local_key *key,
                                      void *value)
{
    struct gyre_task *t = gyre_current;

    assert(t != NULL);
    gyre_locals_check(t, GYRE_FRAME);
    if (t->locals == b)
        gyre_locals_left(t);
    *b = (struct gyre_local){.next = t->locals,
                             .key = key,
                             .value = value,
                             .site = __builtin_return_address(0)};
    t->locals = b;
    t->bound_at = b->site;
}

/* May a task that has not ended see `b`, which is the latest of `t`?  Then a
   scope is open that was opened after it was made. */
static bool is_seen(const struct gyre_task *t, const struct gyre_local *b)
{
    const struct gyre_scope *s = gyre_branch_scope(t->innermost);

    return s != NULL && s->locals == b;
}

GYRE_NOT_INLINED void gyre_local_unbind(struct gyre_local *b)
{
    struct gyre_task *t = gyre_current;

    assert(t != NULL);
    gyre_locals_check(t, GYRE_FRAME);
    if (t->locals != b || b == t->scope->locals)
        gyre_task_breach(t, "binding made", b->site,
                         "is undone out of order, or by another task");
    if (is_seen(t, b))
        gyre_task_breach(t, "binding made", b->site,
                         "is undone inside of a scope that is newer");
    t->locals = b->next;
    t->bound_at = b->next != NULL ? b->next->site : NULL;
    b->key = NULL;
}

GYRE_NOT_INLINED void *gyre_local(const struct gyre_local_key *key)
{
    const struct gyre_task *t = gyre_current;

    if (t == NULL)
        return key->unbound;
    gyre_locals_check(t, GYRE_FRAME);
    for (const struct gyre_local *b = t->locals; b != NULL; b = b->next)
        if (b->key == key)
            return b->value;
    return key->unbound;
}

void gyre_local_leave(struct gyre_local *b)
{
    if (b->key != NULL)
        gyre_local_unbind(b);
}
