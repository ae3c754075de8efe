/* Programs are run, and what they say is read. */
#include <gyre.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static void tell(const char *name, int err, const struct gyre_process *p,
                 const struct gyre_conversation *c)
{
    if (c->output.length > 0)
        printf("%s says %.*s", name, (int)c->output.length, c->output.at);
    if (err)
        printf("%s: %s\n", name, gyre_strerror(err));
    else
        printf("%s ended with code %d\n", name, p->code);
}

/* Tell a shell to do this, and a line, and wait for it for a while.  Whatever it
   leaves behind is in its group, and ends with it. */
static void run(const char *name, const char *text)
{
    const char *argv[] = {"sh", "-c", text, NULL};
    struct gyre_process_options options = {
        .argv = argv, .in.is = GYRE_CHILD_PIPE, .out.is = GYRE_CHILD_PIPE, .group = true};
    struct gyre_conversation c = {.input = "gyre\n", .n = 5, .most = 1000, .grace = GYRE_SECOND};
    struct gyre_process p;
    int err = gyre_process_spawn(&p, gyre_loop_current(), &options);

    if (err == 0)
        err = gyre_process_communicate(&p, &c, gyre_in(500 * GYRE_MILLISECOND));
    tell(name, err, &p, &c);
    gyre_process_close(&p);
    gyre_buf_free(&c.output);
}

static void run_what_is_not_there(void)
{
    const char *argv[] = {"no-such-program", NULL};
    struct gyre_process_options options = {.argv = argv};
    struct gyre_process p;
    int err = gyre_process_spawn(&p, gyre_loop_current(), &options);

    printf("%s: %s\n", argv[0], gyre_strerror(err));
}

static intptr_t program(void *arg)
{
    (void)arg;
    run("echo", "read name; echo hello, $name");
    run("false", "exit 1");
    run("sleeper", "echo good night; exec sleep 1000");
    run("parent", "sleep 1000 & echo there is a child");
    run_what_is_not_there();
    return 0;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
