/*
 * test_spawn.c - the claims of process.h about what a child is given, and why
 * there is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task/future.h"
#include "io/file/file.h"
#include "io/process/child.h"
#include "io/stream.h"
#include "tests/io/loopback.h"
#include "tests/io/process/children.h"
#include "tests/support/children.h"
#include "tests/support/faults.h"
#include "tests/support/forked.h"
#include "tests/task/world.h"

/* ---- what it is given ---- */

CLAIM_OF_CHILDREN(process, has_the_arguments_and_the_environment_it_is_given)
{
    const char *env[] = {"A=b c", "PATH=/bin:/usr/bin", NULL};
    const char *argv[] = {"me", "-c", "echo \"$0:$1:$2:$A:$HOME\"", "x", "y z",
                          "",   NULL};

    making.argv = argv;
    making.program = "sh";
    making.env = env;
    cr_expect_eq(gyre_process_spawn(&child, gyre_loop_current(), &making), 0);
    expect_said("x:y z::b c:\n");
    expect_code(0);
    close_child();
    setenv("A", "ours", 1);
    making.env = NULL;
    run_shell("echo $A");
    expect_said("ours\n");
    close_child();
}

CLAIM_OF_CHILDREN(process, begins_in_the_directory_it_is_given)
{
    making.directory = "/usr";
    run_shell("pwd");
    expect_said("/usr\n");
    close_child();
    making.directory = "/nowhere/at/all";
    making.argv = (const char *[]){"sh", NULL};
    cr_expect_eq(gyre_process_spawn(&child, gyre_loop_current(), &making),
                 -ENOENT);
}

CLAIM_OF_CHILDREN(process, has_the_descriptors_it_is_given)
{
    int given = make_file_saying("given\n"), more[] = {given, given};

    making.in = (struct gyre_child_file){GYRE_CHILD_GIVEN, given};
    making.err.is = GYRE_CHILD_JOINS;
    making.more = more;
    making.n_more = 2;
    run_shell("cat; echo oops >&2; test -e /dev/fd/4 && echo four;"
              "test -e /dev/fd/5 || echo no five");
    expect_said("given\noops\nfour\nno five\n");
    cr_expect_null(child.in);
    cr_expect_null(child.err);
    close_child();
    making = (struct gyre_process_options){.in.is = GYRE_CHILD_NULL,
                                           .out.is = GYRE_CHILD_PIPE,
                                           .err.is = GYRE_CHILD_NULL};
    run_shell("cat; echo unheard >&2; echo end");
    expect_said("end\n");
    close_child();
    cr_expect_geq(fcntl(given, F_GETFD), 0, "it stays the caller's");
    close(given);
}

/* Output goes where our error does, and the other way round: neither may be
   lost before it is copied. */
CLAIM_OF_CHILDREN(process, has_descriptors_that_are_in_each_others_places)
{
    int kept[2] = {dup(1), dup(2)};
    int files[2] = {make_file_saying(""), make_file_saying("")};

    making.out = (struct gyre_child_file){GYRE_CHILD_GIVEN, 2};
    making.err = (struct gyre_child_file){GYRE_CHILD_GIVEN, 1};
    fflush(stdout);
    dup2(files[0], 1);
    dup2(files[1], 2);
    run_shell("echo out; echo err >&2");
    dup2(kept[0], 1);
    dup2(kept[1], 2);
    expect_code(0);
    expect_holds(files[0], "err\n");
    expect_holds(files[1], "out\n");
    for (int i = 0; i < 2; i++) {
        close(kept[i]);
        close(files[i]);
    }
    close_child();
}

/* Then what we open for it, and to hear of it, has the numbers that it is to
   have. */
CLAIM_OF_CHILDREN(process, has_its_descriptors_though_ours_are_closed)
{
    int kept[3];

    making.err.is = GYRE_CHILD_JOINS;
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        kept[i] = fcntl(i, F_DUPFD, 20);
        close(i);
    }
    run_shell("cat; echo oops >&2");
    cr_expect_eq(gyre_write(child.in, "hello\n", 6, SOON), 0);
    cr_expect_eq(gyre_shutdown(child.in, SOON), 0);
    expect_said("hello\noops\n");
    expect_code(0);
    close_child();
    for (int i = 0; i < 3; i++) {
        dup2(kept[i], i);
        close(kept[i]);
    }
}

/* The names of all that there are below 64, of this process and then of a
   child, in which /dev/fd is asked for each, since to list it takes one
   more. */
static void name_descriptors(char *text, size_t size)
{
    size_t n = 0;

    for (int fd = 0; fd < 64; fd++)
        if (fd < 3 || fcntl(fd, F_GETFD) == 0)
            n += (size_t)snprintf(text + n, size - n, "%d ", fd);
}

#define NAME_DESCRIPTORS                                                       \
    "n=0; while [ $n -lt 64 ]; do"                                             \
    " if [ -e /dev/fd/$n ]; then printf '%s ' $n; fi; n=$((n+1)); done"

/* Descriptors of the loop, and the pipes of other children, would keep these
   from ever coming to an end.  Who started the tests may have left it some. */
CLAIM_OF_CHILDREN(process, has_no_descriptor_of_ours)
{
    struct gyre_process other;
    char left[256];
    pid_t pid;
    int file;

    name_descriptors(left, sizeof left);
    file = gyre_file_open("/dev/null", O_RDWR, 0, SOON);
    cr_expect_geq(file, 3);
    making.err.is = GYRE_CHILD_PIPE;
    making.argv = (const char *[]){"cat", NULL};
    cr_expect_eq(gyre_process_spawn(&other, gyre_loop_current(), &making), 0);
    run_shell(NAME_DESCRIPTORS);
    expect_said(left);
    close_child();
    pid = other.pid;
    gyre_process_close(&other);
    expect_reaped(pid);
    cr_expect_eq(gyre_file_close(file, SOON), 0);
}

/* A write to one that has gone is an error, and no signal: but it is its own
   SIGPIPE that ends a child, and it must not be ignored there. */
CLAIM_OF_CHILDREN(process, has_signals_as_a_program_expects_them)
{
    sigset_t term, before;

    signal(SIGPIPE, SIG_IGN);
    run_shell("kill -PIPE $$; exit 1");
    expect_signal(SIGPIPE);
    close_child();
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    run_shell("kill -TERM $$; exit 1");
    expect_signal(SIGTERM);
    close_child();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

CLAIM_OF_CHILDREN(process, may_have_a_session_of_its_own)
{
    run_shell("read line");
    cr_expect_eq(getsid(child.pid), getsid(0));
    close_child();
    making.session = true;
    run_shell("read line");
    cr_expect_eq(getsid(child.pid), child.pid);
    close_child();
}

/* nodejs/node and others: groups must go while there is the right to. */
CLAIM_OF_CHILDREN(process, may_have_another_users_rights_and_no_more)
{
    static const gid_t groups[] = {4001, 4002};
    struct gyre_child_user user = {4003, 4004, groups, 2};

    making.user = &user;
    if (geteuid() != 0) {
        making.argv = (const char *[]){"true", NULL};
        cr_expect_eq(gyre_process_spawn(&child, gyre_loop_current(), &making),
                     -EPERM);
        cr_expect_eq(child.failed, GYRE_SPAWN_DEMOTES);
        return;
    }
    run_shell("id -u; id -g; id -G | tr ' ' '\n' | sort | tr '\n' ' '");
    expect_said("4003\n4004\n4001 4002 4004 ");
    expect_code(0);
    close_child();
}

/* ---- why there is none ---- */

static int spawn_program(const char *program)
{
    making.argv = (const char *[]){"x", "-c", "exit 5", NULL};
    making.program = program;
    return gyre_process_spawn(&child, gyre_loop_current(), &making);
}

CLAIM_OF_CHILDREN(process, says_why_it_could_not_be_run)
{
    const char *somewhere[] = {"PATH=/nowhere:/etc/passwd/x", NULL};
    const char *found[] = {"PATH=/nowhere:/bin", NULL};

    cr_expect_eq(spawn_program("no-such-program"), -ENOENT);
    cr_expect_eq(child.failed, GYRE_SPAWN_LOADS);
    making.directory = "/no/such/directory";
    cr_expect_eq(spawn_program("sh"), -ENOENT);
    cr_expect_eq(child.failed, GYRE_SPAWN_ENTERS);
    making.directory = NULL;
    cr_expect_eq(spawn_program("/no/such/program"), -ENOENT);
    cr_expect_eq(spawn_program(""), -ENOENT);
    cr_expect_eq(spawn_program("/etc/passwd/x"), -ENOTDIR);
    cr_expect_eq(spawn_program("/etc"), -EACCES);
    making.env = somewhere;
    cr_expect_eq(spawn_program("sh"), -ENOENT);
    making.env = found;
    cr_expect_eq(spawn_program("sh"), 0);
    expect_code(5);
    close_child();
}

CLAIM_OF_CHILDREN(process, that_could_not_be_run_leaves_no_zombie)
{
    cr_expect_eq(spawn_program("no-such-program"), -ENOENT);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_expect_eq(errno, ECHILD);
}

CLAIM_OF_CHILDREN(process, may_have_no_environment_at_all)
{
    making.argv = (const char *[]){"/usr/bin/env", NULL};
    making.env = (const char *[]){NULL};
    cr_expect_eq(gyre_process_spawn(&child, gyre_loop_current(), &making), 0);
    expect_said("");
    expect_code(0);
    close_child();
}

CLAIM_OF_CHILDREN(process, is_looked_for_in_its_own_path_and_not_in_ours)
{
    char folder[] = "/tmp/gyre-path-XXXXXX", program[64], path[64];
    const char *env[] = {path, NULL};
    int fd;

    cr_expect_not_null(mkdtemp(folder));
    snprintf(program, sizeof program, "%s/a-program", folder);
    snprintf(path, sizeof path, "PATH=%s", folder);
    fd = open(program, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    cr_expect_eq(write(fd, "#!/bin/sh\nexit 6\n", 17), 17);
    close(fd);
    cr_expect_eq(spawn_program("a-program"), -ENOENT);
    making.env = env;
    cr_expect_eq(spawn_program("a-program"), 0);
    expect_code(6);
    close_child();
    unlink(program);
    rmdir(folder);
}

/* From where it begins, as a shell has it that goes there first. */
CLAIM_OF_CHILDREN(process, by_a_path_from_its_directory_is_found_there)
{
    making.directory = "/bin";
    cr_expect_eq(spawn_program("./sh"), 0);
    expect_code(5);
    close_child();
    making.directory = "/etc";
    cr_expect_eq(spawn_program("./sh"), -ENOENT);
}

/* Who may not give it another's rights. */
static int spawn_as_another(void)
{
    struct gyre_child_user users[] = {{4003, getgid()}, {getuid(), 4004}};
    struct gyre_loop *l;

    if (geteuid() == 0 && setuid(65534) != 0)
        return 1;
    if (gyre_loop_new(&l) != 0)
        return 2;
    for (int i = 0; i < 2; i++) {
        making.argv = (const char *[]){"true", NULL};
        making.user = &users[i];
        if (gyre_process_spawn(&child, l, &making) != -EPERM)
            return 3 + i;
    }
    gyre_loop_free(l);
    return 0;
}

Test(process, is_not_made_with_rights_that_are_not_ours_to_give)
{
    fork_and_expect(spawn_as_another);
}

CLAIM_OF_CHILDREN(process, is_not_made_of_descriptors_that_are_closed)
{
    making.in = (struct gyre_child_file){GYRE_CHILD_GIVEN, -1};
    cr_expect_eq(spawn_program("sh"), -EBADF);
    cr_expect_eq(child.failed, GYRE_SPAWN_PREPARES);
    making.in.fd = 999;
    cr_expect_eq(spawn_program("sh"), -EBADF);
    cr_expect_eq(child.failed, GYRE_SPAWN_GIVES);
    making.in.is = GYRE_CHILD_JOINS;
    cr_expect_eq(spawn_program("sh"), -EINVAL);
    making.in.is = GYRE_CHILD_NULL;
    making.n_more = 1;
    for (int fd = -1; fd > -4; fd--) {
        making.more = &fd;
        cr_expect_eq(spawn_program("sh"), -EBADF);
    }
}

CLAIM_OF_CHILDREN(process, is_not_made_when_there_may_be_no_more)
{
    children_no_fork = EAGAIN;
    cr_expect_eq(spawn_program("sh"), -ENOMEM);
    children_no_fork = 0;
}

CLAIM(process, is_not_made_under_simulation)
{
    cr_expect_eq(spawn_program("sh"), -ENOTSUP);
}

static intptr_t spawn_once(void *arg)
{
    int err = spawn_program("sh");

    (void)arg;
    if (err)
        return err;
    expect_code(5);
    close_child();
    return 0;
}

static int scenario(void)
{
    return (int)gyre_run(spawn_once, NULL);
}

Test(process, leaves_nothing_when_something_runs_out)
{
    for (int i = 0; i < 2; i++) {
        children_no_pidfd = i == 1;
        making = (struct gyre_process_options){.in.is = GYRE_CHILD_PIPE,
                                               .out.is = GYRE_CHILD_PIPE,
                                               .err.is = GYRE_CHILD_NULL};
        cr_expect_geq(faults_in_memory(scenario), 4);
        cr_expect_geq(faults_in_descriptors(scenario), 5);
    }
}

CLAIM_ON_LOOPBACK(process, is_undone_when_nothing_can_wait_for_it)
{
    making = (struct gyre_process_options){.in.is = GYRE_CHILD_PIPE};
    children_no_pidfd = true;
    children_threads = 0;
    cr_expect_eq(spawn_program("cat"), -ENOMEM);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "and reaped");
    children_no_pidfd = false;
    children_threads = -1;
}
