/*
 * test_program.c - the claims of server.h, of whole programs: what is around a
 * server's life, where it listens, and on how many threads.
 *
 * A lifetime is the client, and ends the program.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/local.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/resolver.h"
#include "io/tcp.h"
#include "io/unix.h"
#include "io/http/client/client.h"
#include "io/http/server/request.h"
#include "io/http/server/server.h"
#include "tests/io/http/handlers.h"
#include "tests/support/calls.h"
#include "tests/support/faults.h"

static const struct gyre_http_route routes[] = {{"GET", "/", hello}, {0}};

/* The name of a local socket that is nobody else's. */
static const char *local(void)
{
    static char path[64];

    snprintf(path, sizeof path, "/tmp/gyre-program-%ld", (long)getpid());
    return path;
}

static char diary[64];

static void write_down(char c)
{
    size_t n = strlen(diary);

    if (n < sizeof diary - 1)
        diary[n] = c;
}

/* ---- clients ---- */

/* Ask for "/", by the local socket `path` or else at `port`: the status. */
static int ask(const char *path, int port)
{
    struct gyre_http_session_options options = {.unix_path = path};
    struct gyre_http_session *session;
    struct gyre_http_response *r;
    char url[40];
    int status = gyre_http_session_new_with(&session, &options);

    if (status)
        return status;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", path ? 80 : port);
    status = gyre_http_get(session, url, &r, gyre_in(20 * GYRE_SECOND));
    if (status == 0) {
        status = gyre_http_status(r);
        gyre_http_response_free(r);
    }
    gyre_http_session_free(session);
    return status;
}

/* What a client is to find, and did. */
struct visit {
    const char *path;
    int port;
    int status;
    mode_t mode;    /* of the local socket */
    bool by_signal; /* ends the program by SIGTERM */
    int threads;    /* that are to have begun before */
    struct gyre_http_server *server;
};

static struct visit visit;
static atomic_int begun, ended, told;

static intptr_t go_there(void *arg)
{
    struct stat st;

    (void)arg;
    do {
        if (gyre_yield())
            return -ECANCELED;
        visit.status = ask(visit.path, visit.port);
    } while (visit.status == -ENOENT || visit.status == -ECONNREFUSED);
    while (begun < visit.threads)
        if (gyre_yield())
            return -ECANCELED;
    if (visit.path != NULL && stat(visit.path, &st) == 0)
        visit.mode = st.st_mode;
    if (visit.by_signal)
        raise(SIGTERM);
    else
        gyre_http_server_stop(visit.server);
    return 0;
}

static int be_visited(struct gyre_http_server *s)
{
    struct gyre_scope scope;

    visit.server = s;
    write_down('v');
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, go_there, NULL);
    return (int)gyre_scope_close(&scope, gyre_http_live(s));
}

static const struct gyre_http_lifetime visited[] = {{be_visited}, {0}};

/* ---- lifetimes ---- */

static int outer(struct gyre_http_server *s)
{
    int err;

    write_down('(');
    err = gyre_http_live(s);
    write_down(')');
    return err;
}

static int fail(struct gyre_http_server *s)
{
    (void)s;
    return -EIO;
}

static int decline(struct gyre_http_server *s)
{
    (void)s;
    return 0;
}

static intptr_t fail_soon(void *arg)
{
    (void)arg;
    return -EIO;
}

static int fail_in_background(struct gyre_http_server *s)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, fail_soon, NULL);
    return (int)gyre_scope_close(&scope, gyre_http_live(s));
}

static int run_with(const struct gyre_http_lifetime *lifetimes)
{
    struct gyre_http_options options = {.lifetimes = lifetimes};

    return gyre_http_run(routes, "127.0.0.1", 0, &options);
}

Test(program, has_lifetimes_around_it_the_first_outermost)
{
    static const struct gyre_http_lifetime both[] = {
        {outer}, {be_visited}, {0}};
    struct gyre_http_options options = {.lifetimes = both};

    options.listen =
        (struct gyre_http_listen[]){{.path = visit.path = local()}, {0}};
    cr_expect_eq(gyre_http_run(routes, NULL, -1, &options), 0);
    cr_expect_str_eq(diary, "(v)");
    cr_expect_eq(visit.status, 200, "%d", visit.status);
}

Test(program, ends_the_lifetimes_that_have_begun_when_one_fails)
{
    static const struct gyre_http_lifetime failing[] = {
        {outer}, {outer}, {fail}, {outer}, {0}};
    static const struct gyre_http_lifetime declining[] = {
        {outer}, {decline}, {outer}, {0}};

    cr_expect_eq(run_with(failing), -EIO);
    cr_expect_str_eq(diary, "(())");
    memset(diary, 0, sizeof diary);
    cr_expect_eq(run_with(declining), 0);
    cr_expect_str_eq(diary, "()");
}

Test(program, ends_with_an_error_of_a_task_in_the_background)
{
    static const struct gyre_http_lifetime failing[] = {
        {outer}, {fail_in_background}, {0}};

    cr_expect_eq(run_with(failing), -EIO);
    cr_expect_str_eq(diary, "()");
}

Test(program, ends_the_lifetimes_when_it_cannot_listen)
{
    static const struct gyre_http_lifetime some[] = {{outer}, {0}};
    struct gyre_http_options options = {.lifetimes = some};

    options.listen =
        (struct gyre_http_listen[]){{.path = "/nowhere/at/all"}, {0}};
    cr_expect_eq(gyre_http_run(routes, "127.0.0.1", 0, &options), -ENOENT);
    cr_expect_str_eq(diary, "()");
    cr_expect_eq(gyre_http_run(routes, NULL, -1, NULL), -EINVAL);
}

static int stop_early(struct gyre_http_server *s)
{
    gyre_http_server_stop(s);
    return gyre_http_live(s);
}

/* ---- a stop while they begin ---- */

/* Waits for what does not come, but a stop. */
static int begin_in_vain(struct gyre_http_server *s)
{
    int err;

    if (visit.by_signal)
        raise(SIGTERM);
    else
        gyre_http_server_stop(s);
    err = gyre_sleep(gyre_in(20 * GYRE_SECOND));
    write_down(err == -ECANCELED ? 'c' : '?');
    cr_expect_eq(gyre_http_live(s), 0);
    return err;
}

/* Takes its time to end, and is to stop once more meanwhile. */
static int end_slowly(struct gyre_http_server *s)
{
    int err = gyre_http_live(s);

    gyre_http_server_stop(s);
    write_down(gyre_sleep(gyre_in(GYRE_MILLISECOND)) == 0 ? 's' : '?');
    return err;
}

Test(program, has_a_stop_cancel_a_lifetime_that_begins_and_none_that_has)
{
    static const struct gyre_http_lifetime some[] = {
        {outer}, {end_slowly}, {begin_in_vain}, {outer}, {0}};

    for (int i = 0; i < 2; i++) {
        memset(diary, 0, sizeof diary);
        visit.by_signal = i == 1;
        cr_expect_eq(run_with(some), 0);
        cr_expect_str_eq(diary, "(cs)");
    }
}

/* Neither the one that has not begun, for it is no more. */
Test(program, has_a_stop_cancel_nothing_when_a_lifetime_has_failed)
{
    static const struct gyre_http_lifetime some[] = {{end_slowly}, {fail}, {0}};

    cr_expect_eq(run_with(some), -EIO);
    cr_expect_str_eq(diary, "s");
}

Test(program, has_a_stop_cancel_no_lifetime_around_what_serves)
{
    static const struct gyre_http_lifetime some[] = {
        {be_visited}, {end_slowly}, {0}};
    struct gyre_http_options options = {.lifetimes = some};

    options.listen =
        (struct gyre_http_listen[]){{.path = visit.path = local()}, {0}};
    cr_expect_eq(gyre_http_run(routes, NULL, -1, &options), 0);
    cr_expect_str_eq(diary, "vs");
}

/* ---- and while it begins to listen ---- */

/* Finds nothing for long; the server is to stop meanwhile. */
static int resolve_slowly(struct gyre_resolver *r, const char *host, int port,
                          struct gyre_addr *out, int n, gyre_time deadline)
{
    int err;

    (void)r, (void)host, (void)port, (void)out, (void)n, (void)deadline;
    gyre_http_server_stop(visit.server);
    err = gyre_sleep(gyre_in(5 * GYRE_SECOND));
    write_down(err == -ECANCELED ? 'c' : '?');
    return err ? err : -ENOENT;
}

static int with_slow_resolver(struct gyre_http_server *s)
{
    struct gyre_resolver slow = {.resolve = resolve_slowly};
    struct gyre_local GYRE_LOCAL b = {0};

    visit.server = s;
    gyre_local_bind(&b, gyre_resolver_key(), &slow);
    return gyre_http_live(s);
}

Test(program, has_a_stop_cancel_the_search_for_where_to_listen)
{
    static const struct gyre_http_lifetime some[] = {
        {outer}, {with_slow_resolver}, {0}};
    struct gyre_http_options options = {.lifetimes = some};

    cr_expect_eq(gyre_http_run(routes, "a.name", 80, &options), 0);
    cr_expect_str_eq(diary, "(c)");
}

/* There it could not listen. */
Test(program, listens_nowhere_when_it_was_stopped_before)
{
    static const struct gyre_http_lifetime some[] = {{stop_early}, {0}};
    struct gyre_http_options options = {.lifetimes = some, .threads = 2};

    options.listen =
        (struct gyre_http_listen[]){{.path = "/nowhere/at/all"}, {0}};
    cr_expect_eq(gyre_http_run(routes, NULL, -1, &options), 0);
}

/* ---- listeners ---- */

/* A socket that listens, at a free port. */
static int open_socket(int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    cr_assert_eq(listen(fd, 8), 0);
    getsockname(fd, (struct sockaddr *)&a, &n);
    *port = ntohs(a.sin_port);
    return fd;
}

Test(program, listens_at_a_descriptor)
{
    struct gyre_http_options options = {.lifetimes = visited};
    int descriptors = faults_descriptors();
    int fd = open_socket(&visit.port);

    options.listen = (struct gyre_http_listen[]){{.descriptor = fd}, {0}};
    cr_expect_eq(gyre_http_run(routes, "127.0.0.1", 0, &options), 0);
    cr_expect_eq(visit.status, 200, "%d", visit.status);
    cr_expect_eq(faults_descriptors(), descriptors);
}

Test(program, listens_with_the_permissions_it_is_told)
{
    struct gyre_http_options options = {.lifetimes = visited};
    struct stat st;

    options.listen = (struct gyre_http_listen[]){
        {.path = visit.path = local(), .mode = 0660}, {0}};
    cr_expect_eq(gyre_http_run(routes, NULL, -1, &options), 0);
    cr_expect_eq(visit.status, 200);
    cr_expect_eq(visit.mode & 0777, 0660);
    cr_expect_eq(stat(visit.path, &st), -1);
}

/* What a service manager passes begins at the third descriptor; these may be
   the test runner's, who is not to be spoken to meanwhile. */
enum { PASSED = 3, MOST = 2 };

/* Run with `fds` as the `n` that were passed; returns how many stay open. */
static int run_with_passed(const int *fds, int n, bool ours, int *err)
{
    struct gyre_http_options options = {.lifetimes = visited, .passed = true};
    int saved[MOST], open = 0;
    char text[20];

    snprintf(text, sizeof text, "%ld", (long)getpid() + !ours);
    setenv("LISTEN_PID", text, 1);
    snprintf(text, sizeof text, "%d", n);
    setenv("LISTEN_FDS", text, 1);
    setenv("LISTEN_FDNAMES", "a:b", 1);
    for (int i = 0; i < n; i++) {
        saved[i] = fcntl(PASSED + i, F_DUPFD, 100);
        dup2(fds[i], PASSED + i);
        close(fds[i]);
    }
    options.listen = (struct gyre_http_listen[]){
        {.path = visit.path = ours ? NULL : local()}, {0}};
    *err = gyre_http_run(routes, NULL, -1, &options);
    for (int i = 0; i < n; i++) {
        open += close(PASSED + i) == 0;
        if (saved[i] >= 0)
            dup2(saved[i], PASSED + i);
        close(saved[i]);
    }
    return open;
}

Test(program, listens_at_what_a_service_manager_passes)
{
    int fd = fcntl(open_socket(&visit.port), F_DUPFD, 100), err;

    cr_expect_eq(run_with_passed(&fd, 1, true, &err), 0);
    cr_expect_eq(err, 0);
    cr_expect_eq(visit.status, 200, "%d", visit.status);
    cr_expect_null(getenv("LISTEN_PID"));
    cr_expect_null(getenv("LISTEN_FDS"));
    cr_expect_null(getenv("LISTEN_FDNAMES"));
}

Test(program, leaves_alone_what_was_passed_to_another)
{
    int fd = fcntl(open_socket(&visit.port), F_DUPFD, 100), err;

    cr_expect_eq(run_with_passed(&fd, 1, false, &err), 1);
    cr_expect_eq(err, 0);
    cr_expect_eq(visit.status, 200, "%d", visit.status);
}

Test(program, keeps_nothing_of_what_is_passed_when_it_cannot_listen_there)
{
    int before = faults_descriptors();

    for (int good = 0; good < 2; good++) {
        int socket = open_socket(&visit.port), fds[2], err;

        fds[good] = fcntl(socket, F_DUPFD, 100);
        fds[1 - good] = fcntl(2, F_DUPFD, 100);
        close(socket);
        cr_expect_eq(run_with_passed(fds, 2, true, &err), 0);
        cr_expect_eq(err, -ENOTSOCK, "%d", err);
        cr_expect_eq(faults_descriptors(), before);
    }
}

/* Whatever the reason is, and how far it came. */
Test(program, keeps_no_descriptor_it_was_given_when_it_fails)
{
    static const struct gyre_http_lifetime none[] = {{0}},
                                           failing[] = {{fail}, {0}},
                                           early[] = {{stop_early}, {0}};
    static const struct gyre_http_route nonsense[] = {{"GET", "x", hello}, {0}};
    static const struct {
        const struct gyre_http_lifetime *lifetimes;
        const struct gyre_http_route *routes;
        const char *then;
        int err;
    } cases[] = {{none, routes, "/nowhere/at/all", -ENOENT},
                 {failing, routes, NULL, -EIO},
                 {early, routes, NULL, 0},
                 {none, nonsense, NULL, -EINVAL}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int before = faults_descriptors();
        struct gyre_http_options options = {.lifetimes = cases[i].lifetimes};

        options.listen = (struct gyre_http_listen[]){
            {.descriptor = open_socket(&visit.port)},
            {.path = cases[i].then, .descriptor = open_socket(&visit.port)},
            {.descriptor = open_socket(&visit.port)},
            {0}};
        if (cases[i].then != NULL)
            close(options.listen[1].descriptor);
        cr_expect_eq(gyre_http_run(cases[i].routes, NULL, -1, &options),
                     cases[i].err, "case %zu", i);
        cr_expect_eq(faults_descriptors(), before, "case %zu", i);
    }
}

/* ---- threads ---- */

static int count_life(struct gyre_http_server *s)
{
    int mine = 0, err;

    gyre_http_server_set_context(s, &mine);
    cr_expect_eq(gyre_http_server_context(s), &mine);
    if (atomic_fetch_add(&begun, 1) == 0)
        err = be_visited(s);
    else
        err = gyre_http_live(s);
    atomic_fetch_add(&told, mine);
    atomic_fetch_add(&ended, 1);
    return err;
}

static int count_here(struct gyre_http_request *r)
{
    ++*(int *)gyre_http_context(r);
    return 200;
}

static const struct gyre_http_route counting[] = {{"GET", "/", count_here},
                                                  {0}};

static void run_threads(bool by_signal)
{
    static const struct gyre_http_lifetime lives[] = {{count_life}, {0}};
    struct gyre_http_options options = {.lifetimes = lives, .threads = 4};

    visit.by_signal = by_signal;
    visit.threads = 4;
    options.listen =
        (struct gyre_http_listen[]){{.path = visit.path = local()}, {0}};
    cr_expect_eq(gyre_http_run(counting, "127.0.0.1", 0, &options), 0);
    cr_expect_eq(visit.status, 200, "%d", visit.status);
    cr_expect_eq(begun, 4);
    cr_expect_eq(ended, 4);
    cr_expect_eq(told, 1);
}

Test(program, serves_on_several_threads_until_one_is_stopped)
{
    int descriptors = faults_descriptors();

    run_threads(false);
    cr_expect_eq(faults_descriptors(), descriptors);
}

Test(program, serves_on_several_threads_until_a_signal)
{
    run_threads(true);
}

/* ---- the end ---- */

static atomic_bool held, let_go;

/* Threads have nothing to wake each other with here. */
static int wait_for(atomic_bool *flag)
{
    gyre_time until = gyre_in(20 * GYRE_SECOND);

    while (!atomic_load(flag) && gyre_in(0) < until)
        if (gyre_sleep(gyre_in(GYRE_MILLISECOND)))
            return -ECANCELED;
    return 0;
}

static int hold(struct gyre_http_request *r)
{
    (void)r;
    atomic_store(&held, true);
    return wait_for(&let_go) ? 500 : 200;
}

static const struct gyre_http_route holding[] = {{"GET", "/", hold}, {0}};

static intptr_t be_held(void *arg)
{
    (void)arg;
    visit.status = ask(NULL, visit.port);
    return 0;
}

/* 0 as long as somebody listens, who may end in that very moment. */
static int come(void)
{
    struct gyre_stream *s;
    int err = gyre_tcp_connect("127.0.0.1", visit.port, &s,
                               gyre_in(20 * GYRE_SECOND));

    if (err == 0)
        gyre_close(s);
    return err == -ECONNRESET ? 0 : err;
}

/* Stop while a request is in hand, and come again until nobody is there. */
static intptr_t stop_and_come(void *arg)
{
    gyre_time until = gyre_in(10 * GYRE_SECOND);
    int err = wait_for(&held);

    if (err)
        return err;
    if (visit.by_signal)
        raise(SIGTERM);
    else
        gyre_http_server_stop(arg);
    while ((err = come()) == 0 && gyre_in(0) < until)
        if (gyre_yield())
            return -ECANCELED;
    cr_expect_eq(err, -ECONNREFUSED, "%d", err);
    atomic_store(&let_go, true);
    return 0;
}

static int be_stopped(struct gyre_http_server *s)
{
    struct gyre_scope scope;

    if (atomic_fetch_add(&begun, 1) > 0)
        return gyre_http_live(s);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, be_held, NULL);
    gyre_spawn(&scope, NULL, stop_and_come, s);
    return (int)gyre_scope_close(&scope, gyre_http_live(s));
}

static void run_to_the_end(bool by_signal)
{
    static const struct gyre_http_lifetime lives[] = {{be_stopped}, {0}};
    struct gyre_http_options options = {
        .lifetimes = lives, .threads = 2, .grace = 20 * GYRE_SECOND};

    visit.by_signal = by_signal;
    options.listen = (struct gyre_http_listen[]){
        {.descriptor = open_socket(&visit.port)}, {0}};
    cr_expect_eq(gyre_http_run(holding, NULL, -1, &options), 0);
    cr_expect_eq(visit.status, 200, "%d", visit.status);
}

Test(program, listens_no_more_while_it_finishes)
{
    int descriptors = faults_descriptors();

    run_to_the_end(false);
    cr_expect_eq(faults_descriptors(), descriptors);
}

Test(program, listens_no_more_while_it_finishes_after_a_signal)
{
    run_to_the_end(true);
}

/* ---- those that come late ---- */

static pthread_t first_thread;

/* All but the first end at once, most of them before that has begun: threads
   take their time to be made. */
static int leave_all_but_the_first(struct gyre_http_server *s)
{
    return pthread_equal(pthread_self(), first_thread) ? gyre_http_live(s) : 0;
}

Test(program, ends_on_threads_too_that_begin_when_it_is_stopped)
{
    static const struct gyre_http_lifetime lives[] = {{leave_all_but_the_first},
                                                      {0}};
    struct gyre_http_options options = {.lifetimes = lives, .threads = 30};
    int descriptors = faults_descriptors();

    first_thread = pthread_self();
    for (int i = 0; i < 10; i++)
        cr_expect_eq(gyre_http_run(routes, "127.0.0.1", 0, &options), 0);
    cr_expect_eq(faults_descriptors(), descriptors);
}

/* ---- failures ---- */

static intptr_t stop_soon(void *server)
{
    if (gyre_sleep(gyre_in(3 * GYRE_MILLISECOND)))
        return -ECANCELED;
    gyre_http_server_stop(server);
    return 0;
}

static int live_for_a_moment(struct gyre_http_server *s)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, stop_soon, s);
    return (int)gyre_scope_close(&scope, gyre_http_live(s));
}

Test(program, keeps_no_descriptor_when_it_has_too_few_of_them)
{
    static const struct gyre_http_lifetime lives[] = {{live_for_a_moment}, {0}};
    int before = faults_descriptors(), failed = 0;

    for (int n = 0; n < 20; n++) {
        struct gyre_http_options options = {.lifetimes = lives, .threads = 2};
        int err;

        options.listen = (struct gyre_http_listen[]){
            {.descriptor = open_socket(&visit.port)},
            {.descriptor = open_socket(&visit.port)},
            {0}};
        calls_begin(CALL_FCNTL, n, EMFILE, false);
        err = gyre_http_run(routes, NULL, -1, &options);
        calls_end();
        cr_expect(err == 0 || err == -EMFILE, "%d", err);
        failed += err != 0;
        cr_expect_eq(faults_descriptors(), before, "call %d", n);
    }
    cr_expect_gt(failed, 3);
}

static int fail_second(struct gyre_http_server *s)
{
    int err = atomic_fetch_add(&begun, 1) == 1 ? -EIO : gyre_http_live(s);

    atomic_fetch_add(&ended, 1);
    return err;
}

Test(program, ends_on_all_threads_when_one_fails)
{
    static const struct gyre_http_lifetime lives[] = {{fail_second}, {0}};
    struct gyre_http_options options = {.lifetimes = lives, .threads = 3};

    cr_expect_eq(gyre_http_run(routes, "127.0.0.1", 0, &options), -EIO);
    cr_expect_eq(ended, begun);
}

static int decline_first(struct gyre_http_server *s)
{
    return atomic_fetch_add(&begun, 1) < 2 ? 0 : gyre_http_live(s);
}

Test(program, ends_on_all_threads_when_one_declines)
{
    static const struct gyre_http_lifetime lives[] = {{decline_first}, {0}};
    struct gyre_http_options options = {.lifetimes = lives, .threads = 3};

    cr_expect_eq(gyre_http_run(routes, "127.0.0.1", 0, &options), 0);
}
