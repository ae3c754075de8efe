/* Runs a command when a file or a folder changes, by a task; until it is
   gone. */
#include <gyre.h>
#include <stdio.h>

static int run(const char *command)
{
    const char *argv[] = {"sh", "-c", command, NULL};
    struct gyre_process_options options = {.argv = argv};
    struct gyre_process p;
    int err = gyre_process_spawn(&p, gyre_loop_current(), &options);

    if (err == 0)
        err = gyre_process_wait(&p, GYRE_FOREVER);
    gyre_process_close(&p);
    return err;
}

static int follow(struct gyre_watcher *w, const char *command, const char *path)
{
    struct gyre_change c;
    int err;

    while ((err = gyre_watcher_next(w, &c, GYRE_FOREVER)) == 0) {
        if (c.kind == GYRE_GONE)
            break;
        if (c.kind == GYRE_ATTRIBUTES)
            continue;
        printf("%s has changed\n", c.name ? c.name : path);
        fflush(stdout);
        err = run(command);
        if (err)
            break;
    }
    return err;
}

static intptr_t program(void *words)
{
    const char *command = ((char **)words)[1], *path = ((char **)words)[2];
    struct gyre_watcher *w;
    int err = gyre_watcher_open(gyre_loop_current(), &w);

    if (err)
        return err;
    err = gyre_watcher_add(w, path, GYRE_FOREVER);
    if (err > 0) {
        printf("watching %s\n", path);
        fflush(stdout);
        err = follow(w, command, path);
    }
    gyre_watcher_close(w);
    return err;
}

int main(int argc, char **argv)
{
    int err = argc == 3 ? (int)gyre_run(program, argv) : -EINVAL;

    if (err)
        fprintf(stderr, "onchange: %s\n", gyre_strerror(err));
    return err != 0;
}
