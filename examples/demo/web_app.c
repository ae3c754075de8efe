/*
 * web_app.c - runs the web application as a program of its own, and asks it for
 * everything it has.
 */
#include "demo.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What a request must be answered with. */
struct expectation {
    const char *target;
    const char *ends_at; /* the path answered, after a redirect */
    int status;
    const char *type;   /* or NULL: none */
    const char *begins; /* the body does so; */
    const char *ends;   /* and so, behind that; NULL: there is no more of it */
};

static const struct expectation expectations[] = {
    {"/", "/index", 200, "text/html; charset=utf-8", "<!doctype html>\n", "</html>\n"},
    {"/empty", "/empty", 200, NULL, "", NULL},
    {"/json/gyre?a=1", "/json/gyre?a=1", 200, "application/json",
     "{\"path_name_variable\":\"gyre\",\"query_param_a\":\"1\","
     "\"query_param_b\":null}",
     NULL},
    {"/index", "/index", 200, "text/html; charset=utf-8", "<!doctype html>\n", "</html>\n"},
};

static bool is_right(struct gyre_http_response *response, const char *base, struct gyre_span text,
                     const struct expectation *e)
{
    const char *url = gyre_http_response_url(response);
    struct gyre_span type = gyre_http_response_header(response, "Content-Type");
    size_t front = strlen(e->begins), back = e->ends != NULL ? strlen(e->ends) : 0;

    if (gyre_http_status(response) != e->status || strcmp(url + strlen(base), e->ends_at) != 0)
        return false;
    if (e->type == NULL ? type.at != NULL : !gyre_span_equals(type, gyre_span_of(e->type)))
        return false;
    if (e->ends == NULL)
        return gyre_span_equals(text, gyre_span_of(e->begins));
    return text.length > front + back && memcmp(text.at, e->begins, front) == 0 &&
           memcmp(text.at + text.length - back, e->ends, back) == 0;
}

static int check(struct gyre_http_response *response, const char *base, const struct expectation *e)
{
    const char *text;
    size_t length;
    int err = gyre_http_text(response, &text, &length, GYRE_FOREVER);
    bool right;

    if (err)
        return err;
    right = is_right(response, base, gyre_span_from(text, length), e);
    printf("  GET %-16s %d %5zu bytes  %s\n", e->target, gyre_http_status(response), length,
           right ? "as it should be" : "WRONG");
    return right ? 0 : -EBADMSG;
}

static int check_one(struct gyre_http_session *session, const char *base,
                     const struct expectation *e)
{
    struct gyre_http_response *response;
    char url[128];
    int err;

    snprintf(url, sizeof url, "%s%s", base, e->target);
    err = gyre_http_get(session, url, &response, gyre_in(10 * GYRE_SECOND));
    if (err)
        return err;
    err = check(response, base, e);
    gyre_http_response_free(response);
    return err;
}

static int check_all(int port)
{
    struct gyre_http_session *session;
    char base[64];
    int err = gyre_http_session_new(&session);

    if (err)
        return err;
    snprintf(base, sizeof base, "http://127.0.0.1:%d", port);
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++) {
        int failed = check_one(session, base, &expectations[i]);

        err = err ? err : failed;
    }
    gyre_http_session_free(session);
    return err;
}

/* The port in a line like "listening on 127.0.0.1:8080\n"; or -EBADMSG. */
static int port_in(const char *line)
{
    const char *colon = strrchr(line, ':');
    char *end;
    long port = colon != NULL ? strtol(colon + 1, &end, 10) : 0;

    return port > 0 && port <= 65535 && *end == '\n' ? (int)port : -EBADMSG;
}

/* The program says where it listens, in its first line. */
static int read_port(int fd)
{
    struct gyre_fd out;
    char line[128] = "";
    size_t used = 0;
    ssize_t n = gyre_fd_nonblocking(fd);

    gyre_fd_open(&out, gyre_loop_current(), fd, GYRE_FD_OTHER);
    while (n >= 0 && strchr(line, '\n') == NULL && used < sizeof line - 1) {
        n = gyre_fd_read(&out, line + used, sizeof line - 1 - used, gyre_in(10 * GYRE_SECOND));
        if (n == 0)
            n = -EPIPE;
        used += n > 0 ? (size_t)n : 0;
    }
    gyre_fd_close(&out);
    return n < 0 ? (int)n : port_in(line);
}

/* Start `path` on a free port, its standard output in a pipe. */
static int start(const char *path, pid_t *child, int *out)
{
    char *argv[] = {(char *)path, "0", NULL};
    posix_spawn_file_actions_t actions;
    int fds[2], err;

    if (pipe(fds) < 0)
        return -errno;
    *out = fds[0];
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, fds[0]);
    err = posix_spawn(child, path, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    if (err)
        close(fds[0]);
    return -err;
}

/* Waiting for a child blocks, so a thread does it; and leaves the child's number
   taken, so that nobody else can be killed by it. */
static intptr_t wait_for(void *child)
{
    siginfo_t info;

    return waitid(P_PID, (id_t) * (pid_t *)child, &info, WEXITED | WNOWAIT) < 0 ? -errno : 0;
}

static intptr_t await_end(void *child)
{
    return gyre_offload(wait_for, child, GYRE_FOREVER);
}

/* Ask the child to end; after five seconds, make it.  Not by SIGINT, which is
   ignored by what a shell has started in the background. */
static int stop(pid_t child)
{
    struct gyre_scope scope;
    struct gyre_future ended;
    int status;

    kill(child, SIGTERM);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &ended, await_end, &child);
    if (gyre_await(&ended, gyre_in(5 * GYRE_SECOND)) != 0)
        kill(child, SIGKILL);
    gyre_scope_close(&scope, 0);
    if (waitpid(child, &status, 0) < 0)
        return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

int check_web_app(const char *path)
{
    pid_t child = 0;
    int out = -1, err = start(path, &child, &out), end;

    if (err)
        return err;
    err = read_port(out);
    if (err > 0) {
        printf("the web application, on port %d\n", err);
        err = check_all(err);
    }
    end = stop(child);
    return err ? err : end;
}
