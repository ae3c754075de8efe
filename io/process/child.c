/*
 * child.c - what a child does between fork and exec.
 *
 * Of a process with threads only one has come along, so whatever is called here
 * is async-signal-safe; setgroups, setgid and setuid are not by name, but are a
 * system call where there is no second thread.
 *
 * The order matters: descriptors are moved while the report can still be made,
 * and rights are given up last, the groups while there is still the right to.
 */
#include "io/process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Handlers do not get through an exec, but what is ignored does. */
static void reset_signals(void)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &normal, NULL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- descriptors ---- */

/* To where no number is that is to be something else; -1 with errno. */
static int lift(int fd, int lowest)
{
    return fd >= 0 && fd < lowest ? fcntl(fd, F_DUPFD_CLOEXEC, lowest) : fd;
}

static int lift_all(const struct gyre_child *c)
{
    for (int i = 0; i < c->n; i++) {
        int fd = lift(c->fds[i], c->n);

        if (c->fds[i] >= 0 && fd < 0)
            return -1;
        c->fds[i] = fd;
    }
    return 0;
}

static int place_all(const struct gyre_child *c)
{
    for (int i = 0; i < c->n; i++) {
        int fd = c->fds[i] == GYRE_REPEAT ? i - 1 : c->fds[i];

        if (fd >= 0 && dup2(fd, i) < 0)
            return -1;
    }
    return 0;
}

/* ---- rights ---- */

static int become(const struct gyre_child_user *u)
{
    if (u == NULL)
        return 0;
    if (setgroups(u->n, u->groups) < 0 || setgid(u->group) < 0)
        return -1;
    return setuid(u->user);
}

/* ---- the program ---- */

static void execute(const struct gyre_child *c, const char *file)
{
    execve(file, (char *const *)c->options->argv, c->env);
}

/* Put the first directory of `path` and the program together; false if that is
   too long for a name. */
static bool join(char *name, const char *path, size_t n, const char *program)
{
    size_t length = strlen(program);

    if (n + 1 + length >= PATH_MAX)
        return false;
    memcpy(name, path, n);
    if (n > 0)
        name[n++] = '/';
    memcpy(name + n, program, length + 1);
    return true;
}

/* A program that may not be run is remembered, and the next looked for. */
static void look_for(const struct gyre_child *c)
{
    char name[PATH_MAX];
    int refused = ENOENT;

    for (const char *at = c->path;; at++) {
        size_t n = strcspn(at, ":");

        if (join(name, at, n, c->program))
            execute(c, name);
        if (errno == EACCES)
            refused = EACCES;
        else if (errno != ENOENT && errno != ENOTDIR)
            return;
        at += n;
        if (*at == '\0')
            break;
    }
    errno = refused;
}

/* Who leads a session leads a group. */
static int part(const struct gyre_process_options *o)
{
    if (o->session)
        return setsid() < 0 ? -1 : 0;
    return o->group ? setpgid(0, 0) : 0;
}

/* Come back in vain, with errno, and the step it is of. */
static void begin(const struct gyre_child *c, enum gyre_spawn_step *step)
{
    const struct gyre_process_options *o = c->options;

    *step = GYRE_SPAWN_PARTS;
    if (part(o) < 0)
        return;
    *step = GYRE_SPAWN_GIVES;
    if (lift_all(c) < 0 || place_all(c) < 0)
        return;
    *step = GYRE_SPAWN_ENTERS;
    if (o->directory != NULL && chdir(o->directory) < 0)
        return;
    *step = GYRE_SPAWN_DEMOTES;
    if (become(o->user) < 0)
        return;
    *step = GYRE_SPAWN_LOADS;
    errno = ENOENT;
    if (strchr(c->program, '/') != NULL)
        execute(c, c->program);
    else if (*c->program != '\0')
        look_for(c);
}

_Noreturn void gyre_child_run(const struct gyre_child *c)
{
    struct gyre_child lifted = *c;
    struct gyre_child_report r = {.failed = GYRE_SPAWN_GIVES};

    *c->shares = true;
    reset_signals();
    lifted.report = lift(c->report, c->n);
    if (lifted.report >= 0)
        begin(&lifted, &r.failed);
    r.err = errno;
    (void)!write(lifted.report >= 0 ? lifted.report : c->report, &r, sizeof r);
    _exit(127);
}
