/*
 * vigil.h - threads that wait for one child each.
 *
 * Private to io/, installed nowhere.  For children that there is no descriptor
 * for, and for those that nobody waits for any more.
 */
#ifndef GYRE_IO_PROCESS_VIGIL_H
#define GYRE_IO_PROCESS_VIGIL_H

#include <sys/types.h>

struct gyre_loop;
struct gyre_vigil;

/* Have a thread wait for `pid`, which it does not reap; then ended(owner) is
   called, once, by the loop, and the vigil is over.  -ENOMEM. */
int gyre_vigil_start(struct gyre_vigil **out, struct gyre_loop *l, pid_t pid,
                     void (*ended)(void *owner), void *owner);

/* Do not call it any more: the child is reaped by the thread, when it ends. */
void gyre_vigil_leave(struct gyre_vigil *v);

/* Have a thread wait for `pid`, and reap it.  -ENOMEM. */
int gyre_vigil_adopt(pid_t pid);

/* Wait for `pid` here and now, and reap it. */
void gyre_vigil_keep(pid_t pid);

#endif
