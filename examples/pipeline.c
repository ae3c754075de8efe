/* Two programs, one of which reads what the other writes: sort | uniq. */
#include <fcntl.h>
#include <gyre.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char text[] = "pear\napple\npear\nplum\napple\n";

/* Neither end may get to a child that was not given it, or nobody would ever
   come to the end of it. */
static int open_pipe(int fds[2])
{
    if (pipe(fds) < 0)
        return -errno;
    fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

static int talk(struct gyre_process *sort, struct gyre_process *uniq)
{
    struct gyre_conversation told = {.input = text, .n = strlen(text)}, heard = {0};
    int err = gyre_process_communicate(sort, &told, GYRE_FOREVER);

    if (err == 0)
        err = gyre_process_communicate(uniq, &heard, GYRE_FOREVER);
    printf("%.*s", (int)heard.output.length, heard.output.at);
    gyre_buf_free(&heard.output);
    return err;
}

static intptr_t program(void *arg)
{
    const char *sort_argv[] = {"sort", NULL}, *uniq_argv[] = {"uniq", NULL};
    struct gyre_process_options first = {.argv = sort_argv, .in.is = GYRE_CHILD_PIPE};
    struct gyre_process_options second = {.argv = uniq_argv, .out.is = GYRE_CHILD_PIPE};
    struct gyre_process sort, uniq;
    int between[2], err = open_pipe(between), other;

    (void)arg;
    if (err)
        return err;
    first.out = (struct gyre_child_file){GYRE_CHILD_GIVEN, between[1]};
    second.in = (struct gyre_child_file){GYRE_CHILD_GIVEN, between[0]};
    err = gyre_process_spawn(&sort, gyre_loop_current(), &first);
    other = gyre_process_spawn(&uniq, gyre_loop_current(), &second);
    close(between[0]);
    close(between[1]);
    if (err == 0)
        err = other ? other : talk(&sort, &uniq);
    gyre_process_close(&sort);
    gyre_process_close(&uniq);
    return err;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
