/*
 * program.h - how a server behaves that is a whole program.
 *
 * Private to io/ and what is above it, installed nowhere.  It says where it
 * listens, so that whoever started it can find it, and stops when it is asked
 * to by SIGINT or SIGTERM, unless it was started with these ignored.  The
 * second signal finds the handlers gone, and ends the process as usual.
 */
#ifndef GYRE_IO_PROGRAM_H
#define GYRE_IO_PROGRAM_H

#include "loop/signal.h"

struct gyre_listener;
struct gyre_loop;

/* Embedded; set `stop`, zero the rest; in place while started. */
struct gyre_program {
    void (*stop)(struct gyre_program *p);

    /* private */
    struct gyre_loop *loop;
    struct gyre_signal interrupt;
    struct gyre_signal terminate;
};

/* Call p->stop at the first signal.  As gyre_signal_start. */
int gyre_program_start(struct gyre_loop *l, struct gyre_program *p);

/* Do not call it any more. */
void gyre_program_stop(struct gyre_program *p);

/* Print "listening on ADDRESS:PORT" to standard output, for scripts to read. */
void gyre_program_announce(const struct gyre_listener *l);

#endif
