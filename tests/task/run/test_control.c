/*
 * test_control.c - the claims of run.h and control.h about the socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/timer.h"
#include "task/offload.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/show/dumped.h"
#include "tests/task/world.h"

static char folder[] = "/tmp/gyre-control.XXXXXX";
static char path[64];

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    setenv("GYRE_CTL", path, 1);
}

static void tear_down(void)
{
    unlink(path);
    rmdir(folder);
}

TestSuite(control, .init = set_up, .fini = tear_down);

/* ---- a client ---- */

/* Returns a descriptor, or an error. */
static int dial(void)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(addr.sun_path, path);
    if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0)
        return fd;
    close(fd);
    return -errno;
}

/* What a client asks, in pieces; and what it is told. */
struct question {
    const char *first, *rest; /* NULL: nothing more */
    char *told;               /* of 4 MiB */
    size_t n;
};

static void hear_all(struct question *q, int fd)
{
    size_t room = 4 * 1024 * 1024;
    ssize_t n;

    q->n = 0;
    while ((n = read(fd, q->told + q->n, room - 1 - q->n)) > 0)
        q->n += (size_t)n;
    q->told[q->n] = '\0';
}

/* On a thread, while the loop answers. */
static intptr_t ask(void *arg)
{
    struct question *q = arg;
    int fd = dial();
    ssize_t sent;

    if (fd < 0)
        return fd;
    sent = write(fd, q->first, strlen(q->first));
    if (q->rest != NULL && sent > 0)
        sent = write(fd, q->rest, strlen(q->rest));
    hear_all(q, fd);
    close(fd);
    return sent > 0 ? 0 : -EIO;
}

/* Asks, and is told something that begins so, and has that in it. */
static void expect_told(const char *first, const char *rest, const char *begins,
                        const char *has)
{
    struct question q = {first, rest, malloc(4 * 1024 * 1024), 0};

    cr_expect_eq(gyre_offload(ask, &q, GYRE_FOREVER), 0);
    cr_expect_eq(strncmp(q.told, begins, strlen(begins)), 0, "%s: %s", first,
                 q.told);
    cr_expect_not_null(strstr(q.told, has), "%s: %s", first, q.told);
    free(q.told);
}

static void in_a_run(void (*claim)(void));

#define LIVE(name)                                                             \
    static void name(void);                                                    \
    Test(control, name)                                                        \
    {                                                                          \
        in_a_run(name);                                                        \
    }                                                                          \
    static void name(void)

static intptr_t hold(void *arg)
{
    (*(void (**)(void))arg)();
    return 7;
}

static void in_a_run(void (*claim)(void))
{
    cr_expect_eq(gyre_run(hold, &claim), 7);
    cr_expect_eq(access(path, F_OK), -1, "the socket is still there");
}

/* ---- questions and answers ---- */

LIVE(answers_what_it_is_asked)
{
    expect_told("ps\n", NULL, "#1 main waits for a thread", "spawned at ");
    expect_told("json\n", NULL, "{\"tasks\":[\n{\"id\":1,", "\"cycles\":[]}\n");
    expect_told("graph\n", NULL, "digraph tasks {\n", "}\n");
    expect_told("help\n", NULL, "ps ", "\ngraph ");
}

LIVE(keeps_accounts_and_a_trace_from_when_it_is_asked)
{
    expect_told("top\n", NULL, "Accounts are kept from now on", "ask again");
    expect_told("top\n", NULL, "        ran ", "  #1 main\n");
    expect_told("trace\n", NULL, "A trace is made from now on", "ask again");
    expect_told("trace\n", NULL, "{\"displayTimeUnit\"", "\"name\":\"main\"");
    expect_told("top 1ms\n", NULL, "        ran ", "  #1 main\n");
    expect_told("nothing 1ms\n", NULL, "There is no such", "With a span");
    expect_told("trace 0s\n", NULL, "There is no such", "With a span");
    expect_told("trace 61s\n", NULL, "There is no such", "With a span");
}

LIVE(keeps_what_is_asked_for_with_a_span_no_longer_than_that)
{
    for (int i = 0; i < 2; i++) {
        expect_told("trace 1ms\n", NULL, "{\"displayTimeUnit\"",
                    "\"name\":\"be_due\"");
        expect_told("top 1ms\n", NULL, "        ran ", "  #1 main\n");
    }
    expect_told("top\n", NULL, "Accounts are kept from now on", "ask again");
    expect_told("trace\n", NULL, "A trace is made from now on", "ask again");
    expect_told("top 1ms\n", NULL, "        ran ", "  #1 main\n");
    expect_told("top\n", NULL, "        ran ", "  #1 main\n");
    expect_told("trace 1ms\n", NULL, "{\"displayTimeUnit\"", "be_due");
    expect_told("trace\n", NULL, "{\"displayTimeUnit\"", "be_due");
}

static intptr_t ask_for_long(void *arg)
{
    (void)arg;
    expect_told("trace 30ms\n", NULL, "{\"displayTimeUnit\"", "be_due");
    expect_told("trace\n", NULL, "A trace is made from now on", "ask again");
    return 0;
}

LIVE(has_spans_that_overlap)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask_for_long, NULL);
    expect_told("trace 1ms\n", NULL, "{\"displayTimeUnit\"", "be_due");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* Somebody who asks, and has the answer come in a minute. */
static int have_wait(const char *line)
{
    int fd = dial();

    cr_expect_geq(fd, 0);
    cr_expect_eq(write(fd, line, strlen(line)), (ssize_t)strlen(line));
    let_all_settle();
    return fd;
}

LIVE(does_not_wait_for_who_has_gone)
{
    for (int i = 0; i < 4; i++)
        close(have_wait("trace 60s\n"));
    expect_told("trace\n", NULL, "A trace is made from now on", "ask again");
    close(have_wait("trace 60s\n"));
    expect_told("trace\n", NULL, "{\"displayTimeUnit\"", "}\n]}\n");
}

static intptr_t hear_answer(void *fd)
{
    char text[8] = "";

    return recv((int)(intptr_t)fd, text, sizeof text, MSG_WAITALL) == 8 &&
           memcmp(text, "#1 main ", 8) == 0;
}

LIVE(answers_who_will_ask_no_more)
{
    int fd = have_wait("ps 20ms\n");

    cr_expect_eq(shutdown(fd, SHUT_WR), 0);
    cr_expect_eq(gyre_offload(hear_answer, (void *)(intptr_t)fd, GYRE_FOREVER),
                 true);
    close(fd);
}

LIVE(answers_a_line_in_pieces_and_of_other_systems)
{
    expect_told("p", "s\n", "#1 main ", "spawned");
    expect_told("ps\r\n", NULL, "#1 main ", "spawned");
    expect_told("ps\nhelp\n", NULL, "#1 main ", "spawned");
}

LIVE(tells_who_does_not_know_what_to_ask)
{
    char line[300];

    expect_told("\n", NULL, "There is no such command", "\nps ");
    expect_told("psx\n", NULL, "There is no such command", "\nps ");
    memset(line, 'x', sizeof line);
    line[127] = '\0';
    expect_told(line, NULL, "There is no such command", "\nps ");
}

LIVE(sends_what_is_longer_than_a_socket_holds)
{
    struct question q = {"json\n", NULL, malloc(4 * 1024 * 1024), 0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3000; i++)
        gyre_spawn(&s, NULL, nap, (void *)(intptr_t)(60 * GYRE_SECOND));
    cr_expect_eq(gyre_offload(ask, &q, GYRE_FOREVER), 0);
    cr_expect_gt(q.n, (size_t)500000);
    cr_expect_str_eq(q.told + q.n - 13, "\"cycles\":[]}\n");
    free(q.told);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- who may ask, and how many ---- */

static intptr_t look_at_its_mode(void *arg)
{
    struct stat st;

    cr_expect_eq(stat(path, &st), 0);
    cr_expect(S_ISSOCK(st.st_mode));
    cr_expect_eq(st.st_mode & 0777, 0600);
    return (intptr_t)arg;
}

Test(control, is_for_nobody_but_its_user_whatever_the_umask)
{
    static const mode_t masks[] = {0, 022, 077, 0777};

    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        umask(masks[i]);
        cr_expect_eq(gyre_run(look_at_its_mode, NULL), 0);
    }
}

/* Waits, on a thread, for the other side to close. */
static intptr_t wait_for_end(void *fd)
{
    char byte;

    return read((int)(intptr_t)fd, &byte, 1);
}

static void expect_end(int fd)
{
    cr_expect_eq(gyre_offload(wait_for_end, (void *)(intptr_t)fd, GYRE_FOREVER),
                 0);
    close(fd);
}

LIVE(serves_no_more_than_four_at_once)
{
    int fd[5];

    for (int i = 0; i < 5; i++)
        cr_expect_geq(fd[i] = dial(), 0);
    expect_end(fd[4]);
    close(fd[0]);
    expect_told("help\n", NULL, "ps ", "graph");
    for (int i = 1; i < 4; i++)
        close(fd[i]);
}

/* Moves every timer in the background to now. */
struct hurry {
    struct gyre_loop_visitor base;
    struct gyre_timer *last;
    int n;
};

static void note_timer(struct gyre_loop_visitor *v, struct gyre_timer *t)
{
    struct hurry *h = GYRE_OWNER(v, struct hurry, base);

    if (!t->background)
        return;
    h->last = t;
    h->n++;
}

LIVE(hangs_up_on_who_takes_too_long)
{
    struct hurry h = {.base.timer = note_timer};
    struct gyre_loop *l = gyre_loop_current();
    int fd = dial();

    let_all_settle();
    gyre_loop_walk(l, &h.base);
    cr_expect_eq(h.n, 1);
    if (h.n == 1) {
        cr_expect_leq(gyre_timer_due(h.last), gyre_in(10 * GYRE_SECOND));
        gyre_timer_start(l, h.last, GYRE_NOW);
    }
    expect_end(fd);
}

LIVE(forgets_who_hangs_up_first)
{
    for (int i = 0; i < 20; i++) {
        int fd = dial();

        cr_expect_geq(fd, 0);
        if (i % 2 == 0)
            cr_expect_eq(write(fd, "json\n", 5), 5);
        close(fd);
        let_all_settle();
    }
    expect_told("help\n", NULL, "ps ", "graph");
}

/* ---- beginnings and ends ---- */

static int left;

static intptr_t dial_and_leave(void *arg)
{
    left = dial();
    let_all_settle();
    return (intptr_t)arg;
}

Test(control, does_not_keep_a_run_alive)
{
    cr_expect_eq(gyre_run(dial_and_leave, (void *)7), 7);
    cr_expect_eq(wait_for_end((void *)(intptr_t)left), 0);
    close(left);
    cr_expect_eq(access(path, F_OK), -1);
    hear_begin();
    cr_expect_eq(gyre_run(wait_for_end, (void *)(intptr_t)-1), -1);
    hear_end();
}

/* Has a client ask, and ends before the loop can have heard of it. */
static intptr_t ask_and_end(void *question)
{
    const char *line = question;

    left = dial();
    let_all_settle();
    cr_expect_eq(write(left, line, strlen(line)), (ssize_t)strlen(line));
    return 7;
}

/* The loop lives on; and a run that finds the other's probes there, in its own
   frame, would not end. */
Test(control, leaves_nothing_begun_by_who_asks_at_the_very_end)
{
    static char *const lines[] = {"top\n", "top\n", "trace\n", "trace\n"};
    struct gyre_run_options options = {0};

    cr_assert_eq(gyre_loop_new(&options.loop), 0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        cr_expect_eq(gyre_run_with(&options, ask_and_end, lines[i]), 7);
        close(left);
    }
    gyre_loop_free(options.loop);
}

static void bind_only(bool and_listen, int *fd)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};

    *fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(addr.sun_path, path);
    cr_assert_eq(bind(*fd, (struct sockaddr *)&addr, sizeof addr), 0);
    if (and_listen)
        cr_assert_eq(listen(*fd, 1), 0);
}

static void ask_for_help(void)
{
    expect_told("help\n", NULL, "ps ", "graph");
}

Test(control, replaces_a_socket_that_nobody_listens_at)
{
    int fd;

    bind_only(true, &fd);
    close(fd);
    in_a_run(ask_for_help);
}

static intptr_t seven(void *arg)
{
    (void)arg;
    return 7;
}

/* A run goes on without a socket, and says why. */
static void expect_none(const char *why)
{
    hear_begin();
    cr_expect_eq(gyre_run(seven, NULL), 7);
    hear_end();
    cr_expect_not_null(strstr(dumped, why), "%s", dumped);
}

Test(control, leaves_alone_what_is_somebody_elses)
{
    int fd;

    bind_only(true, &fd);
    expect_none("gyre: GYRE_CTL: Address already in use\n");
    cr_expect_eq(access(path, F_OK), 0);
    close(fd);
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    expect_none("gyre: GYRE_CTL: Address already in use\n");
    cr_expect_eq(access(path, F_OK), 0);
}

/* Goes to another folder, where something has the socket's name. */
static intptr_t go_elsewhere(void *other)
{
    cr_expect_eq(access("socket", F_OK), 0);
    cr_expect_eq(chdir(other), 0);
    close(open("socket", O_CREAT | O_WRONLY, 0600));
    return 7;
}

Test(control, takes_away_its_socket_wherever_the_program_has_gone)
{
    char other[] = "/tmp/gyre-elsewhere.XXXXXX";

    cr_assert_not_null(mkdtemp(other));
    cr_assert_eq(chdir(folder), 0);
    setenv("GYRE_CTL", "socket", 1);
    cr_expect_eq(gyre_run(go_elsewhere, other), 7);
    cr_expect_eq(access(path, F_OK), -1);
    cr_expect_eq(unlink("socket"), 0);
    cr_expect_eq(rmdir(other), 0);
}

static intptr_t replace_it(void *fd)
{
    cr_expect_eq(unlink(path), 0);
    bind_only(true, fd);
    return 7;
}

Test(control, takes_nothing_away_that_has_replaced_its_socket)
{
    int fd;

    cr_expect_eq(gyre_run(replace_it, &fd), 7);
    cr_expect_eq(access(path, F_OK), 0);
    close(fd);
}

Test(control, tells_what_is_wrong_with_its_path)
{
    char name[200];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    setenv("GYRE_CTL", name, 1);
    expect_none("gyre: GYRE_CTL: File name too long\n");
    setenv("GYRE_CTL", "/nowhere/at/all", 1);
    expect_none("gyre: GYRE_CTL: ");
}

static intptr_t fork_and_ask(void *arg)
{
    int status;
    pid_t child = fork();

    (void)arg;
    if (child == 0) {
        gyre_run_forget();
        _exit(gyre_run(seven, NULL) == 7 ? 0 : 1);
    }
    cr_expect_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    ask_for_help();
    return 0;
}

/* Without a watchdog, whose thread may just be making itself known to a
   sanitizer: which a child of a fork would then wait for. */
Test(control, stays_the_parents_when_a_child_forgets_its_run)
{
    setenv("GYRE_WATCHDOG", "0", 1);
    hear_begin();
    cr_expect_eq(gyre_run(fork_and_ask, NULL), 0);
    hear_end();
}

/* ---- shortage ---- */

static intptr_t dial_and_ask(void *arg)
{
    int fd = dial();

    (void)arg;
    if (fd >= 0) {
        cr_expect_eq(write(fd, "ps\n", 3), 3);
        let_all_settle();
        close(fd);
    }
    return 0;
}

static int run_once(void)
{
    int err = (int)gyre_run(dial_and_ask, NULL);

    unlink(path);
    return err;
}

Test(control, does_without_memory_and_descriptors)
{
    cr_expect_geq(faults_in_memory(run_once), 5);
    cr_expect_geq(faults_in_descriptors(run_once), 2);
}

LIVE(answers_again_once_there_are_descriptors)
{
    struct question q = {"help\n", NULL, malloc(4 * 1024 * 1024), 0};
    struct rlimit before, now;
    int fd = dial();

    getrlimit(RLIMIT_NOFILE, &before);
    now = before;
    now.rlim_cur = (rlim_t)fd + 1;
    setrlimit(RLIMIT_NOFILE, &now);
    let_all_settle();
    setrlimit(RLIMIT_NOFILE, &before);
    cr_expect_eq(gyre_offload(ask, &q, GYRE_FOREVER), 0);
    cr_expect_eq(strncmp(q.told, "ps ", 3), 0);
    cr_expect_eq(write(fd, "help\n", 5), 5);
    let_all_settle();
    hear_all(&q, fd);
    cr_expect_eq(strncmp(q.told, "ps ", 3), 0);
    close(fd);
    free(q.told);
}
