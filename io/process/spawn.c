/*
 * spawn.c - making a child.
 *
 * The child says by a pipe what it failed in; if it has not, exec closes that,
 * and we read to its end.
 */
#include "io/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "io/internal.h"
#include "io/pipe.h"
#include "io/process/child.h"
#include "io/process/internal.h"
#include "io/process/vigil.h"
#include "io/sys.h"

extern char **environ;

/* What is made for one spawn, and closed at the end of it. */
struct spawn {
    struct gyre_process *process;
    const struct gyre_process_options *options;
    struct gyre_child child;
    int ours[3];          /* opened for the child; or negative */
    volatile bool shares; /* see io/process/child.h */
};

static int or_error(int result)
{
    return result < 0 ? -errno : result;
}

/* EAGAIN, of fork and of setuid: there are too many processes already. */
static int spoken(int err)
{
    return err == -EAGAIN ? -ENOMEM : err;
}

/* ---- its descriptors ---- */

/* A pipe for descriptor `i`, which the child reads from if it is 0. */
static int open_pipe(struct spawn *s, int i, struct gyre_stream **out)
{
    int fds[2], err = gyre_sys_pipe(fds);
    int end = i == 0;

    if (err)
        return err;
    s->ours[i] = fds[!end];
    err = gyre_stream_adopt(s->process->loop, fds[end], out);
    if (err)
        close(fds[end]);
    return err ? err : fds[!end];
}

static int open_null(struct spawn *s, int i)
{
    do
        s->ours[i] = or_error(open("/dev/null", O_RDWR | O_CLOEXEC));
    while (s->ours[i] == -EINTR);
    return s->ours[i];
}

/* What to put in place of the child's descriptor `i`. */
static int open_file(struct spawn *s, int i, const struct gyre_child_file *f,
                     struct gyre_stream **out)
{
    switch (f->is) {
    case GYRE_CHILD_NULL: return open_null(s, i);
    case GYRE_CHILD_PIPE: return open_pipe(s, i, out);
    case GYRE_CHILD_GIVEN: return f->fd < 0 ? -EBADF : f->fd;
    case GYRE_CHILD_JOINS: return i == 2 ? GYRE_REPEAT : -EINVAL;
    default: return GYRE_LEAVE;
    }
}

/* An error, that is, and neither of the two that stand for something. */
static bool failed(int fd, const struct gyre_child_file *f)
{
    return fd < 0 && f->is != GYRE_CHILD_INHERITS &&
           !(f->is == GYRE_CHILD_JOINS && fd == GYRE_REPEAT);
}

static int open_files(struct spawn *s)
{
    const struct gyre_process_options *o = s->options;
    const struct gyre_child_file *files[] = {&o->in, &o->out, &o->err};
    struct gyre_process *p = s->process;
    struct gyre_stream **streams[] = {&p->in, &p->out, &p->err};

    for (int i = 0; i < 3; i++) {
        int fd = open_file(s, i, files[i], streams[i]);

        if (failed(fd, files[i]))
            return fd;
        s->child.fds[i] = fd;
    }
    for (size_t i = 0; i < o->n_more; i++) {
        if (o->more[i] < 0)
            return -EBADF;
        s->child.fds[3 + i] = o->more[i];
    }
    return 0;
}

/* ---- what it is to be ---- */

static const char *path_of(char *const *env)
{
    for (; *env != NULL; env++) {
        if (strncmp(*env, "PATH=", 5) == 0)
            return *env + 5;
    }
    return "/bin:/usr/bin";
}

static void plan(struct spawn *s)
{
    const struct gyre_process_options *o = s->options;
    struct gyre_child *c = &s->child;

    c->options = o;
    c->program = o->program != NULL ? o->program : o->argv[0];
    c->env = o->env != NULL ? (char *const *)o->env : environ;
    c->path = path_of(c->env);
}

/* ---- making it ---- */

/* 0, or what the child says it failed in; or why we cannot hear it, and then
   do not know whether it runs. */
static int read_report(struct spawn *s, int fd)
{
    int err = s->shares ? gyre_fd_nonblocking(fd) : 0;
    struct gyre_child_report r;
    ssize_t n;

    if (err)
        return err;
    n = gyre_read_some(fd, &r, sizeof r);
    if (n == 0 || (n == -EAGAIN && s->shares))
        return 0;
    if (n != sizeof r)
        return n < 0 ? (int)n : -EIO;
    s->process->failed = r.failed;
    return -r.err;
}

/* A child that is not to be after all. */
static int undo(pid_t pid, int err)
{
    kill(pid, SIGKILL);
    gyre_vigil_keep(pid);
    return err;
}

/* Who forks on another thread meanwhile has the report's other end as well, and
   may keep it.  So where it is there already, or will not come, none is waited
   for. */
static int run(struct spawn *s)
{
    int report[2], err = gyre_sys_pipe(report);
    pid_t pid;

    if (err)
        return err;
    s->child.report = report[1];
    s->child.shares = &s->shares;
    pid = gyre_child_start(&s->child);
    close(report[1]);
    err = pid < 0 ? (int)pid : read_report(s, report[0]);
    close(report[0]);
    if (pid < 0)
        return err;
    if (err == 0)
        err = gyre_process_watch(s->process, pid, s->options->group);
    return err ? undo(pid, err) : 0;
}

static void close_files(struct spawn *s)
{
    for (int i = 0; i < 3; i++) {
        if (s->ours[i] >= 0)
            close(s->ours[i]);
    }
}

static int spawn(struct spawn *s)
{
    struct gyre_allocator *a = gyre_loop_allocator(s->process->loop);
    size_t size = (3 + s->options->n_more) * sizeof *s->child.fds;
    int err;

    s->child.n = (int)(3 + s->options->n_more);
    s->child.fds = gyre_resize(a, NULL, 0, size);
    if (s->child.fds == NULL)
        return -ENOMEM;
    plan(s);
    err = open_files(s);
    if (err == 0)
        err = run(s);
    close_files(s);
    gyre_resize(a, s->child.fds, size, 0);
    return spoken(err);
}

int gyre_process_spawn(struct gyre_process *p, struct gyre_loop *l,
                       const struct gyre_process_options *options)
{
    struct spawn s = {.process = p, .options = options, .ours = {-1, -1, -1}};
    int err;

    gyre_process_init(p, l);
    if (gyre_loop_simulated(l))
        return -ENOTSUP;
    if (gyre_loop_inherited(l))
        return -ECANCELED;
    err = spawn(&s);
    if (err)
        gyre_process_close(p);
    return err;
}
