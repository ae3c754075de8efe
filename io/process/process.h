/*
 * process.h - programs, run as children.
 *
 * A child is spawned, talked to over streams, signalled, and waited for, by any
 * number of tasks, or by callbacks (io/process/ending.h).  No zombie is ever
 * left, and nobody else's child is touched: each is waited for by itself,
 * SIGCHLD is neither caught nor needed, and no signal is sent to a number that
 * may be another process's by now.
 *
 *      const char *argv[] = {"sort", "-u", NULL};
 *      struct gyre_process_options options = {
 *          .argv = argv, .in.is = GYRE_CHILD_PIPE, .out.is = GYRE_CHILD_PIPE};
 *      struct gyre_process p;
 *
 *      err = gyre_process_spawn(&p, gyre_loop_current(), &options);
 *      ... gyre_write(p.in, ...), gyre_read(p.out, ...)
 *      err = gyre_process_finish(&p, 5 * GYRE_SECOND, deadline);
 *      gyre_process_close(&p);
 *
 * That what is said to it and what it says do not wait for each other is what
 * io/process/communicate.h is for.  A shell is a program like others:
 * {"sh", "-c", "...", NULL}; whatever is put into its text it will interpret.
 */
#ifndef GYRE_IO_PROCESS_PROCESS_H
#define GYRE_IO_PROCESS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "timers/time.h"
#include "loop/watch.h"
#include "io/line.h"

struct gyre_loop;
struct gyre_stream;
struct gyre_vigil;

/* What one of the child's descriptors is. */
enum gyre_child_file_kind {
    GYRE_CHILD_INHERITS, /* what it is of ours; closed, if that is
                            close-on-exec */
    GYRE_CHILD_NULL,     /* /dev/null */
    GYRE_CHILD_PIPE,     /* a pipe, whose other end is a stream of ours */
    GYRE_CHILD_GIVEN,    /* a copy of `fd`, which stays the caller's */
    GYRE_CHILD_JOINS,    /* of `err` only: where `out` goes */
};

struct gyre_child_file {
    enum gyre_child_file_kind is;
    int fd; /* if it is given */
};

/* What a spawn did when it failed. */
enum gyre_spawn_step {
    GYRE_SPAWN_PREPARES, /* in this process: memory, descriptors, a child */
    GYRE_SPAWN_PARTS,    /* in the child: a session, or a group, of its own, */
    GYRE_SPAWN_GIVES,    /* its descriptors, */
    GYRE_SPAWN_ENTERS,   /* the directory, */
    GYRE_SPAWN_DEMOTES,  /* the user's rights, */
    GYRE_SPAWN_LOADS,    /* the program */
};

/* Whose rights the child has: for who has those of the superuser. */
struct gyre_child_user {
    uid_t user;
    gid_t group;
    const gid_t *groups; /* supplementary, and instead of ours */
    size_t n;
};

/* What to run, and how; zero what does not matter.  It is not looked at any
   more when the spawn has returned. */
struct gyre_process_options {
    const char *const *argv; /* its arguments, the first its name, and NULL */
    const char *program;     /* what to run; NULL: argv[0].  Looked up in the
                                   PATH of `env`, unless it has a slash */
    const char *const *env;  /* "NAME=value", and NULL; NULL: as ours */
    const char *directory;   /* it begins in; NULL: as ours */
    struct gyre_child_file in, out, err; /* its descriptors 0, 1, and 2 */
    const int *more; /* it has copies of, as descriptors 3 and up */
    size_t n_more;
    const struct gyre_child_user *user; /* NULL: as we */
    bool session; /* its own: no terminal, no signals from that */
    bool group;   /* its own, which what it starts is in, too: signals go to all
                     of it, and no child of it outlives gyre_process_close */
};

/* Embedded by its owner; in place from the spawn until it is closed. */
struct gyre_process {
    /* the owner's to read */
    pid_t pid;
    struct gyre_stream *in; /* to its standard input, if that is a pipe; or */
    struct gyre_stream
        *out; /* NULL.  Closed with the process; or before, with */
    struct gyre_stream
        *err;   /* gyre_close, and then the owner sets it to NULL */
    int code;   /* once it has ended: its exit code; -1 if a signal ended it, */
    int signal; /* and which did; else 0 */
    enum gyre_spawn_step failed; /* in what, if the spawn was an error */

    /* private */
    struct gyre_loop *loop;
    int fd; /* polls readable when it has ended; or -1, and then: */
    struct gyre_vigil *vigil; /* a thread waits for that; or NULL */
    struct gyre_watch watch;  /* on `fd` */
    struct gyre_line waiting; /* see io/line.h: sent home by its end */
    struct gyre_line told;    /* endings that are to be told of it */
    int ended;                /* 0; 1; or -ECHILD */
    bool group; /* it leads one, and is not reaped before it is closed: as long
                   the number of the group is no other's */
};

#pragma GCC visibility push(default)

/*
 * Run a program.  Waits until it is loaded, or could not be: a fork and an
 * exec, in which the loop stands still.  The child has all signals unblocked,
 * and in their default effect; of descriptors those that it is to have, and
 * those of the program's that are not close-on-exec, as all of Gyre's are.
 *
 * 0, and then it is the caller's to close.  Otherwise there is no child, and
 * nothing to close: as execve, chdir, setgid and so on in the child, and
 * p->failed tells which (-ENOENT: no such program; or directory); -EMFILE;
 * -ENOMEM, also when there may be no more processes; -ENOTSUP under simulation;
 * -ECANCELED of a parent's loop (gyre_loop_inherited), as all calls here.  By a
 * task, cancelled or not, or a callback.
 */
int gyre_process_spawn(struct gyre_process *p, struct gyre_loop *l,
                       const struct gyre_process_options *options);

/*
 * Wait until it has ended; any number of tasks may, any number of times.  0,
 * and p->code and p->signal tell how; -ECHILD if somebody else in this program
 * has taken that (by waitpid(-1), or by having SIGCHLD ignored); -EBADF if `p`
 * was closed meanwhile, and is gone.  A cancel point, which leaves the child
 * alone.
 */
int gyre_process_wait(struct gyre_process *p, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Has it ended, as far as the loop knows? */
bool gyre_process_ended(const struct gyre_process *p);

/* Send it a signal; or its group, also when it has ended itself.  -ESRCH if it
   has ended, or nobody is left; or as kill. */
int gyre_process_signal(struct gyre_process *p, int number);

/*
 * Have it end: ask it to (SIGTERM), and if it has not ended `grace` nanoseconds
 * later, which is not GYRE_FOREVER, kill it (SIGKILL).  0 when it has ended;
 * -ETIMEDOUT if not even that has ended it in 10 s more, as when a disk has it.
 * Parks, but is no cancel point.  What it has started itself goes on, unless it
 * has a group: all of that is asked, and who is left when the child has ended
 * is killed.
 */
int gyre_process_stop(struct gyre_process *p, gyre_time grace);

/* As gyre_process_wait; but if that ends early, cancelled or late, the child is
   stopped before this returns, as gyre_process_stop does.  What to call for a
   child that is to live in a scope. */
int gyre_process_finish(struct gyre_process *p, gyre_time grace,
                        gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Let go of it, and close its streams.  A child that has not ended is killed
 * (SIGKILL), and so is all that is left of its group; it leaves no zombie.  Who
 * waits gets -EBADF.  Harmless when closed; and when zeroed, and never spawned.
 * Never parks.  The child of a fork kills nobody, for they are its parent's.
 */
void gyre_process_close(struct gyre_process *p);

/* The same, but it lives on, with its group, and whatever comes of it is
   nobody's business: a thread waits for its end, so that it leaves no zombie as
   long as we live.  -ENOMEM if that is not to be had, and nothing has
   changed. */
int gyre_process_detach(struct gyre_process *p);

#pragma GCC visibility pop

#endif
