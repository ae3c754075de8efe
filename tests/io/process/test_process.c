/*
 * test_process.c - the claims of process.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task/future.h"
#include "task/scope.h"
#include "io/pipe.h"
#include "io/process/child.h"
#include "io/stream.h"
#include "tests/io/loopback.h"
#include "tests/io/process/children.h"
#include "tests/support/children.h"
#include "tests/support/faults.h"
#include "tests/support/forked.h"
#include "tests/task/world.h"

/* ---- how it ends ---- */

CLAIM_OF_CHILDREN(process, tells_how_it_ended)
{
    static const int codes[] = {0, 7, 255};

    for (int i = 0; i < 3; i++) {
        char text[16];

        snprintf(text, sizeof text, "exit %d", codes[i]);
        run_shell(text);
        expect_code(codes[i]);
        cr_expect(gyre_process_ended(&child));
        expect_code(codes[i]);
        close_child();
    }
    run_shell("kill -KILL $$");
    expect_signal(SIGKILL);
    close_child();
}

static intptr_t wait_for_it(void *arg)
{
    (void)arg;
    return gyre_process_wait(&child, SOON);
}

CLAIM_OF_CHILDREN(process, is_waited_for_by_any_number_of_tasks)
{
    struct gyre_scope s;

    run_shell("read line; exit 3");
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, wait_for_it, NULL);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_write(child.in, "\n", 1, SOON), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(child.code, 3);
    close_child();
}

CLAIM_OF_CHILDREN(process, is_left_alone_by_a_wait_that_ends_early)
{
    struct gyre_scope s;

    run_shell("read line");
    cr_expect_eq(gyre_process_wait(&child, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_process_wait(&child, gyre_in(MS)), -ETIMEDOUT);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, wait_for_it, NULL);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect(!gyre_process_ended(&child));
    cr_expect_eq(gyre_write(child.in, "\n", 1, SOON), 0);
    expect_code(0);
    close_child();
}

/* python/cpython#86276: what a thread has noticed and the loop has not. */
CLAIM_OF_CHILDREN(process, that_has_ended_is_noticed_without_waiting)
{
    run_shell("exec true");
    wait_until(gyre_process_wait(&child, GYRE_NOW) != -ETIMEDOUT);
    expect_code(0);
    close_child();
}

CLAIM_OF_CHILDREN(process, that_is_closed_sends_home_who_waits)
{
    struct gyre_scope s;
    struct gyre_future done;
    pid_t pid;

    run_shell("read line");
    pid = child.pid;
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, wait_for_it, NULL);
    cr_expect_eq(gyre_yield(), 0);
    gyre_process_close(&child);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&done), -EBADF);
    expect_reaped(pid);
}

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

/* Output goes where our error does, and the other way round: neither may be lost
   before it is copied. */
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

/* Descriptors of the loop, and the pipes of other children, would keep these from
   ever coming to an end. */
CLAIM_OF_CHILDREN(process, has_no_descriptor_of_ours)
{
    bool before[64];

    for (int fd = 0; fd < 64; fd++)
        before[fd] = fcntl(fd, F_GETFD) >= 0;
    run_shell("read line");
    for (int fd = 0; fd < 64; fd++) {
        if (!before[fd] && fcntl(fd, F_GETFD) >= 0)
            cr_expect_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    }
    close_child();
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
    children_no_pidfd = children_no_thread = true;
    cr_expect_eq(spawn_program("cat"), -ENOMEM);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "and reaped");
    children_no_pidfd = children_no_thread = false;
}

/* ---- having it end ---- */

CLAIM_OF_CHILDREN(process, is_sent_signals)
{
    run_shell("trap 'exit 9' HUP; echo ready; while :; do read line; done");
    expect_line("ready\n");
    cr_expect_eq(gyre_process_signal(&child, SIGHUP), 0);
    expect_code(9);
    close_child();
}

CLAIM_OF_CHILDREN(process, is_sent_no_signal_that_there_is_not)
{
    static const int numbers[] = {-1, 1000};

    run_shell("read line");
    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_process_signal(&child, numbers[i]), -EINVAL);
    cr_expect_eq(gyre_process_signal(&child, 0), 0, "is it there?");
    cr_expect_eq(gyre_write(child.in, "\n", 1, SOON), 0);
    expect_code(0);
    close_child();
}

CLAIM_OF_CHILDREN(process, that_was_killed_hears_and_says_no_more)
{
    char byte;

    making.err.is = GYRE_CHILD_PIPE;
    run_shell("echo ready; exec cat");
    expect_line("ready\n");
    cr_expect_eq(gyre_process_signal(&child, SIGTERM), 0);
    expect_signal(SIGTERM);
    cr_expect_eq(gyre_read(child.out, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_read(child.err, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_write(child.in, "x", 1, SOON), -EPIPE);
    close_child();
}

/* python/cpython#127049: its number may be another's by now, and a signal meant
   for it kills a stranger. */
CLAIM_OF_CHILDREN(process, that_has_ended_is_sent_no_signal)
{
    run_shell("exit 0");
    expect_code(0);
    cr_expect_eq(gyre_process_signal(&child, SIGKILL), -ESRCH);
    cr_expect_eq(gyre_process_stop(&child, MS), 0);
    close_child();
}

CLAIM_OF_CHILDREN(process, is_stopped_by_asking_and_then_by_force)
{
    run_shell("read line");
    cr_expect_eq(gyre_process_stop(&child, 20 * GYRE_SECOND), 0);
    expect_signal(SIGTERM);
    close_child();
    run_shell("trap '' TERM; echo ready; read line; read line");
    expect_line("ready\n");
    cr_expect_eq(gyre_process_stop(&child, MS), 0);
    expect_signal(SIGKILL);
    close_child();
}

static intptr_t finish(void *arg)
{
    (void)arg;
    return gyre_process_finish(&child, 20 * GYRE_SECOND, GYRE_FOREVER);
}

CLAIM_OF_CHILDREN(process, that_lives_in_a_scope_ends_with_it)
{
    struct gyre_scope s;
    struct gyre_future done;

    run_shell("read line");
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, finish, NULL);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&done), -ECANCELED);
    expect_signal(SIGTERM);
    close_child();
    run_shell("read line");
    cr_expect_eq(gyre_process_finish(&child, 20 * GYRE_SECOND, gyre_in(MS)),
                 -ETIMEDOUT);
    expect_signal(SIGTERM);
    close_child();
    run_shell("exit 4");
    cr_expect_eq(gyre_process_finish(&child, 0, SOON), 0);
    cr_expect_eq(child.code, 4);
    close_child();
}

/* ---- groups ---- */

static struct gyre_stream *left; /* ends when nobody of the group is left */

/* One that says the number of another, which is deaf to SIGTERM, and ends as it
   is told. */
static void run_group(const char *end)
{
    char text[128];
    int fds[2];

    snprintf(text, sizeof text,
             "(trap '' TERM HUP; echo ready; "
             "while :; do sleep 1000; done) & %s",
             end);
    cr_expect_eq(pipe(fds), 0);
    making.group = true;
    making.more = &fds[1];
    making.n_more = 1;
    run_shell(text);
    close(fds[1]);
    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), fds[0], &left), 0);
    cr_expect_eq(getpgid(child.pid), child.pid);
    expect_line("ready\n");
}

static void expect_nobody_left(void)
{
    char byte;

    cr_expect_eq(gyre_read(left, &byte, 1, SOON), 0);
    gyre_close(left);
    close_child();
}

/* Guards against a loop that stands still as long as somebody lives who was forked
   by another thread at that moment.  Where a child has memory of its own there is
   no telling; emulators and TSan give it that, too. */
#if defined __linux__ && !defined st_mtimespec
static bool vfork_shares(void)
{
    volatile bool shared = false;
    pid_t pid = vfork();

    if (pid == 0) {
        shared = true;
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
    return shared;
}

static int kept;

static void keep_report(const struct gyre_child *c)
{
    kept = dup(c->report);
}

CLAIM_OF_CHILDREN(process, is_made_though_another_has_its_report)
{
    if (!vfork_shares())
        return;
    children_begin = keep_report;
    run_shell("exit 3");
    expect_code(3);
    close_child();
    close(kept);
}
#endif

CLAIM_OF_CHILDREN(process, that_was_never_spawned_may_be_closed)
{
    static struct gyre_process none;

    gyre_process_close(&none);
    cr_expect_geq(fcntl(0, F_GETFD), 0);
}

CLAIM_OF_CHILDREN(process, that_leads_a_group_ends_with_all_of_it)
{
    run_group("read line");
    gyre_process_close(&child);
    expect_nobody_left();
    run_group("exit 3");
    expect_code(3);
    gyre_process_close(&child);
    expect_nobody_left();
    run_group("read line");
    cr_expect_eq(gyre_process_stop(&child, 20 * GYRE_SECOND), 0);
    expect_signal(SIGTERM);
    expect_nobody_left();
    making.session = true;
    run_group("exit 4");
    expect_code(4);
    cr_expect_eq(getsid(child.pid), child.pid);
    cr_expect_eq(gyre_process_stop(&child, 20 * GYRE_SECOND), 0);
    expect_nobody_left();
}

/* Its number is not given to others while it is held here. */
CLAIM_OF_CHILDREN(process, whose_leader_has_ended_is_signalled_all_the_same)
{
    pid_t pid;

    run_group("exit 0");
    expect_code(0);
    cr_expect_eq(gyre_process_signal(&child, SIGHUP), 0);
    cr_expect_eq(gyre_read(left, &(char){0}, 1, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_process_signal(&child, SIGKILL), 0);
    expect_nobody_left();
    run_group("exit 0");
    expect_code(0);
    pid = child.pid;
    cr_expect_eq(gyre_process_detach(&child), 0);
    cr_expect_eq(gyre_process_signal(&child, SIGKILL), -ESRCH);
    cr_expect_eq(kill(-pid, SIGKILL), 0, "they live on");
    expect_nobody_left();
}

/* ---- zombies, and other people's children ---- */

/* python/cpython#95899: a transport that was closed left a zombie. */
CLAIM_OF_CHILDREN(process, that_is_closed_is_killed_and_leaves_no_zombie)
{
    for (int i = 0; i < 2; i++) {
        run_shell("trap '' TERM; read line; read line");
        close_child();
    }
    run_shell("exit 0");
    expect_said("");
    close_child();
    gyre_process_close(&child);
}

CLAIM_ON_LOOPBACK(process, that_is_closed_is_waited_for_if_there_is_no_thread)
{
    making = (struct gyre_process_options){.in.is = GYRE_CHILD_PIPE};
    run_shell("read line");
    children_no_thread = true;
    gyre_process_close(&child);
    children_no_thread = false;
    cr_expect_eq(waitpid(child.pid, NULL, WNOHANG), -1);
}

CLAIM_OF_CHILDREN(process, that_is_detached_lives_on_and_leaves_no_zombie)
{
    int fds[2];
    pid_t pid;

    cr_expect_eq(pipe(fds), 0);
    making.in = (struct gyre_child_file){GYRE_CHILD_GIVEN, fds[0]};
    run_shell("read line; echo alive");
    pid = child.pid;
    close(fds[0]);
    cr_expect_eq(gyre_process_detach(&child), 0);
    cr_expect_eq(kill(pid, 0), 0);
    cr_expect_eq(write(fds[1], "\n", 1), 1);
    close(fds[1]);
    expect_reaped(pid);
}

/* MagicStack/uvloop#409, #582: SIGCHLD is the program's own. */
CLAIM_OF_CHILDREN(process, leaves_SIGCHLD_and_other_children_alone)
{
    struct sigaction action;
    pid_t other = fork();
    int status = 0;

    if (other == 0)
        _exit(6);
    run_shell("exit 0");
    sigaction(SIGCHLD, NULL, &action);
    cr_expect_eq(action.sa_handler, SIG_DFL);
    expect_code(0);
    close_child();
    cr_expect_eq(waitpid(other, &status, 0), other);
    cr_expect_eq(WEXITSTATUS(status), 6);
}

/* MagicStack/uvloop#128: a program that reaps whatever there is. */
CLAIM_OF_CHILDREN(process, that_somebody_else_reaped_has_ended_all_the_same)
{
    run_shell("exit 3");
    cr_expect_eq(waitpid(child.pid, NULL, 0), child.pid);
    cr_expect_eq(gyre_process_wait(&child, SOON), -ECHILD);
    cr_expect(gyre_process_ended(&child));
    cr_expect_eq(gyre_process_signal(&child, SIGKILL), -ESRCH);
    close_child();
}

enum { MANY = 20 };

static intptr_t run_one(void *arg)
{
    const char *argv[] = {"sh", "-c", "exit $1", "sh", arg, NULL};
    struct gyre_process_options options = {.argv = argv};
    struct gyre_process p;
    int err = gyre_process_spawn(&p, gyre_loop_current(), &options);

    if (err)
        return err;
    cr_expect_eq(gyre_process_wait(&p, SOON), 0);
    cr_expect_eq(p.code, atoi(arg));
    gyre_process_close(&p);
    return 0;
}

CLAIM_OF_CHILDREN(process, many_at_once_are_told_apart)
{
    static char numbers[MANY][4];
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < MANY; i++) {
        snprintf(numbers[i], sizeof numbers[i], "%d", i);
        gyre_spawn(&s, NULL, run_one, numbers[i]);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- in the child of a fork ---- */

/* It has no children of its own yet. */
static int leave_it_alone(void)
{
    struct gyre_process other;

    if (gyre_process_signal(&child, SIGKILL) != -ECANCELED)
        return 1;
    if (gyre_process_detach(&child) != -ECANCELED)
        return 2;
    if (gyre_process_wait(&child, GYRE_NOW) != -ECANCELED)
        return 3;
    if (gyre_process_spawn(&other, child.loop, &making) != -ECANCELED)
        return 4;
    gyre_process_close(&child);
    return 0;
}

CLAIM_OF_CHILDREN(process, is_its_parents_and_no_forked_childs)
{
    run_shell("read line; exit 3");
    fork_and_expect(leave_it_alone);
    cr_expect_eq(gyre_write(child.in, "\n", 1, SOON), 0);
    expect_code(3);
    close_child();
}
