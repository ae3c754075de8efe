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
    const char *text; /* is somewhere in the body */
};

static const struct expectation expectations[] = {
    {"/", "/index", 200, "<h1>"},
    {"/empty", "/empty", 200, ""},
    {"/json/gyre?a=1", "/json/gyre?a=1", 200,
     "{\"path_name_variable\":\"gyre\",\"query_param_a\":\"1\","
     "\"query_param_b\":null}"},
    {"/index", "/index", 200, "<h1>"},
};

static int check(struct gyre_http_response *response, const char *base, const struct expectation *e)
{
    const char *url = gyre_http_response_url(response);
    const char *text;
    size_t length;
    int err = gyre_http_text(response, &text, &length, GYRE_FOREVER);
    bool good = err == 0 && gyre_http_status(response) == e->status &&
                strcmp(url + strlen(base), e->ends_at) == 0 && strstr(text, e->text) != NULL &&
                (length == 0) == (e->text[0] == '\0');

    printf("  GET %-16s %d %5zu bytes  %s\n", e->target, gyre_http_status(response),
           err ? 0 : length, good ? "as it should be" : "WRONG");
    return err == 0 && !good ? -EBADMSG : err;
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

/* The program says where it listens, in its first line: "... 127.0.0.1:8080". */
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
    return n < 0 || strrchr(line, ':') == NULL ? (int)(n < 0 ? n : -EBADMSG)
                                               : atoi(strrchr(line, ':') + 1);
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

/* waitpid blocks, so a thread does it. */
static intptr_t wait_for(void *child)
{
    int status;

    if (waitpid(*(pid_t *)child, &status, 0) < 0)
        return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int check_web_app(const char *path)
{
    pid_t child = 0;
    int out = -1, err = start(path, &child, &out);
    intptr_t end;

    if (err)
        return err;
    err = read_port(out);
    if (err > 0) {
        printf("the web application, on port %d\n", err);
        err = check_all(err);
    }
    kill(child, SIGINT);
    end = gyre_offload(wait_for, &child, GYRE_FOREVER);
    if (err == 0 && end != 0)
        err = gyre_is_error(end) ? (int)end : -ECHILD;
    return err;
}
