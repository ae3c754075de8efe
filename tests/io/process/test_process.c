/*
 * test_process.c - the claims of process.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Guards against a loop that stands still as long as somebody lives who was
   forked by another thread at that moment.  Where a child has memory of its own
   there is no telling; emulators and TSan give it that, too. */
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
    children_threads = 0;
    gyre_process_close(&child);
    children_threads = -1;
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

/* ---- what it takes ---- */

/* While it is made, the list of its descriptors; until it is closed, a stream
   for each of its pipes; and until it has ended what its thread is to know, if
   it has one. */
enum { LIST = 1, STREAMS = 2 };

static void expect_memory_for_one(void)
{
    long asked = faults_asked(), blocks = faults_blocks();
    int taken;

    run_shell("read line");
    taken = STREAMS + (child.vigil != NULL);
    cr_expect_eq(faults_asked(), asked + LIST + taken);
    cr_expect_eq(faults_blocks(), blocks + taken);
    cr_expect_eq(gyre_write(child.in, "\n", 1, SOON), 0);
    expect_code(0);
    cr_expect_eq(faults_blocks(), blocks + STREAMS);
    close_child();
    cr_expect_eq(faults_asked(), asked + LIST + taken);
    cr_expect_eq(faults_blocks(), blocks);
}

/* The first may find the loop without room for as many descriptors. */
CLAIM_OF_CHILDREN(process, asks_for_memory_a_few_times_and_gives_it_back)
{
    run_shell("read line");
    cr_expect_eq(gyre_write(child.in, "\n", 1, SOON), 0);
    expect_code(0);
    close_child();
    for (int i = 0; i < 10; i++)
        expect_memory_for_one();
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
