/*
 * quit.h - the first SIGINT or SIGTERM asks a server to stop.
 *
 * Private to io/ and what is above it, installed nowhere.  The second signal
 * finds the handlers gone, and ends the process as usual.
 */
#ifndef GYRE_IO_QUIT_H
#define GYRE_IO_QUIT_H

#include "loop/signal.h"

struct gyre_loop;

/* Embedded; set `asked`, zero the rest. */
struct gyre_quit {
    void (*asked)(struct gyre_quit *q);

    struct gyre_loop *loop;
    struct gyre_signal interrupt;
    struct gyre_signal terminate;
};

/* Call q->asked at the first signal.  As gyre_signal_start. */
int gyre_quit_start(struct gyre_loop *l, struct gyre_quit *q);

/* Do not call it any more. */
void gyre_quit_stop(struct gyre_quit *q);

#endif
