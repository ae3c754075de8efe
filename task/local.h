/*
 * local.h - values that tasks inherit.
 *
 * What is the same for all that is done on behalf of one request, say, and is
 * not worth handing down through every call: who asks, what to log it under.
 *
 *      static struct gyre_local_key request;
 *
 *      struct gyre_local GYRE_LOCAL b = {0};
 *      gyre_local_bind(&b, &request, r);
 *      ... here, in what is called, and in the tasks it spawns:
 *              struct request *r = gyre_local(&request);
 *
 * A binding lives in the frame of who makes it, and hides an earlier one of the
 * same key until it is undone, in reverse order, by who made it.  A task
 * inherits those that stood when the scope was opened that it is spawned in: so
 * whoever sees a binding has ended before it is undone.  It costs no copy and
 * no allocation; what it is bound to is the business of who binds it.
 *
 * A binding may be left by mistake, as scopes may (scope.h), and that is
 * checked as for these: a breach aborts with the names of the task and of the
 * binding site.
 *
 * For tasks only, unless noted.
 */
#ifndef GYRE_TASK_LOCAL_H
#define GYRE_TASK_LOCAL_H

/* What values are bound to: its address.  It outlives the bindings; static, as
   a rule. */
struct gyre_local_key {
    void *unbound; /* the value where there is no binding */
};

/* One binding, in place until it is undone. */
struct gyre_local {
    /* private */
    struct gyre_local *next; /* the one made before, or inherited */
    const struct gyre_local_key *key;
    void *value;
    const void *site; /* who made it */
};

/* `struct gyre_local GYRE_LOCAL b = {0};` is undone when it goes out of sight,
   if it was made. */
#define GYRE_LOCAL __attribute__((cleanup(gyre_local_leave), unused))

#pragma GCC visibility push(default)

/* From here on the value of `key` is `value`: in this task, and in those
   spawned in scopes that are opened from here on.  Cannot fail. */
void gyre_local_bind(struct gyre_local *b, const struct gyre_local_key *key,
                     void *value);

/* Undo `b`, the latest of this task, after the scopes opened since it was made
   are closed. */
void gyre_local_unbind(struct gyre_local *b);

/* The value of `key`; from anywhere: outside of tasks nothing is bound.
   O(bindings). */
void *gyre_local(const struct gyre_local_key *key);

/* Undo it as GYRE_LOCAL does. */
void gyre_local_leave(struct gyre_local *b);

#pragma GCC visibility pop

#endif
