/* Runs a command when a file or a folder changes, by callbacks; until it is
   gone. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_loop *loop;
static struct gyre_watcher *watcher;
static const char *command, *path;
static int failed;

static void changed(struct gyre_watching *w, const struct gyre_change *c,
                    int err);
static void ended(struct gyre_ending *e, int err);

static struct gyre_watching watching = {changed};
static struct gyre_process process;
static struct gyre_ending ending = {ended};

static void fail(int err)
{
    failed = err;
    gyre_loop_stop(loop);
}

static int run(void)
{
    const char *argv[] = {"sh", "-c", command, NULL};
    struct gyre_process_options options = {.argv = argv};
    int err = gyre_process_spawn(&process, loop, &options);

    if (err == 0)
        gyre_ending_start(&ending, &process);
    return err;
}

/* What has changed meanwhile is told of next. */
static void ended(struct gyre_ending *e, int err)
{
    (void)e;
    gyre_process_close(&process);
    if (err == 0)
        err = gyre_watching_start(&watching, watcher);
    if (err)
        fail(err);
}

static void changed(struct gyre_watching *w, const struct gyre_change *c,
                    int err)
{
    if (err == 0 && c->kind == GYRE_ATTRIBUTES)
        return;
    gyre_watching_stop(w);
    if (err == 0 && c->kind == GYRE_GONE)
        return; /* nothing is started any more, so the loop ends */
    if (err == 0) {
        printf("%s has changed\n", c->name ? c->name : path);
        fflush(stdout);
        err = run();
    }
    if (err)
        fail(err);
}

static int watch(void)
{
    int err = gyre_watcher_open(loop, &watcher);

    if (err == 0)
        err = gyre_watcher_add(watcher, path, GYRE_NOW);
    if (err > 0)
        err = gyre_watching_start(&watching, watcher);
    if (err == 0)
        printf("watching %s\n", path);
    fflush(stdout);
    return err;
}

int main(int argc, char **argv)
{
    int err = argc == 3 ? gyre_loop_new(&loop) : -EINVAL;

    command = argv[1];
    path = argv[2];
    if (err == 0)
        err = watch();
    if (err == 0)
        err = gyre_loop_run(loop);
    gyre_watcher_close(watcher);
    gyre_loop_free(loop);
    if (err || failed)
        fprintf(stderr, "onchange: %s\n", gyre_strerror(err ? err : failed));
    return err || failed;
}
