/*
 * terminal.h - terminals: raw mode, and back; and how large they are.
 *
 * What is read and written is a stream's affair (gyre_stream_share, io/pipe.h);
 * here are modes, which belong to the terminal itself, whoever has it open.  A
 * descriptor that is none gets -ENOTTY.  Any thread; nothing blocks.
 *
 * How large a terminal has become is told by SIGWINCH (task/sync/signals.h).
 */
#ifndef GYRE_IO_TERMINAL_H
#define GYRE_IO_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

#include "loop/list.h"

/* A terminal in raw mode.  Zeroed it is not; in place while it is. */
struct gyre_terminal {
    /* private */
    int fd;
    pid_t process; /* which has made it raw */
    struct termios before;
    struct gyre_list link; /* in `raw` of terminal.c; alone when not raw */
};

struct gyre_terminal_size {
    int columns, rows; /* 0 if the terminal does not know */
};

#pragma GCC visibility push(default)

/*
 * Have the terminal of `fd` give each byte as it is typed, without echo, ^C and
 * ^Z among them, and take each byte as it is written ("\r\n" begins a line);
 * note in `t` how it was.  The descriptor is the caller's, and stays open as
 * long.  If the process exits before gyre_terminal_restore, that is done then
 * (by atexit: if a signal ends it see gyre_terminal_restore_all).  -EBUSY if
 * `t` is raw already; -ENOMEM if nothing can be done at exit; or as tcgetattr
 * and tcsetattr.
 */
int gyre_terminal_raw(struct gyre_terminal *t, int fd);

/* As it was before.  What is not raw is left alone.  Not for signal handlers.
   -ECANCELED in the child of a fork, whose parent made it raw; or as
   tcsetattr. */
int gyre_terminal_restore(struct gyre_terminal *t);

/*
 * Put all terminals back that are raw in this process, and be it from a handler
 * of a signal that ends it, SIGSEGV say.  They count as raw still.  Where the
 * process is in the background by now the terminal is the shell's, which has
 * set it up for itself, and is left alone.  Cannot fail.
 */
void gyre_terminal_restore_all(void);

/* Columns and rows of the terminal of `fd`.  -ENOTTY, or -EBADF. */
int gyre_terminal_size(int fd, struct gyre_terminal_size *out);

#pragma GCC visibility pop

#endif
