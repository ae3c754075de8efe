/* What happens in a folder, until it is removed. */
#include <gyre.h>
#include <stdio.h>

static const char *const words[] = {
    [GYRE_CHANGED] = "has changed", [GYRE_CREATED] = "is new",
    [GYRE_REMOVED] = "is removed",  [GYRE_MOVED_FROM] = "is elsewhere",
    [GYRE_MOVED_TO] = "has come",   [GYRE_MOVED] = "is elsewhere",
    [GYRE_GONE] = "is gone",        [GYRE_OVERFLOW] = "has changed, in too many ways",
};

static int tell(struct gyre_watcher *w)
{
    struct gyre_change c = {.kind = GYRE_CHANGED};
    int err = 0;

    while (err == 0 && c.kind != GYRE_GONE) {
        err = gyre_watcher_next(w, &c, gyre_in(20 * GYRE_SECOND));
        if (err == 0 && c.kind != GYRE_ATTRIBUTES)
            printf("%s %s\n", c.name != NULL ? c.name : "the folder", words[c.kind]);
    }
    return err;
}

/* Somebody else, as it were. */
static intptr_t play(void *folder)
{
    char a[64], b[64];
    int err;

    snprintf(a, sizeof a, "%s/a", (const char *)folder);
    snprintf(b, sizeof b, "%s/b", (const char *)folder);
    err = gyre_path_mkdir(a, 0700, GYRE_FOREVER);
    if (err == 0)
        err = gyre_path_rename(a, b, GYRE_FOREVER);
    if (err == 0)
        err = gyre_path_rmdir(b, GYRE_FOREVER);
    return err ? err : gyre_path_rmdir(folder, GYRE_FOREVER);
}

static intptr_t program(void *arg)
{
    char folder[] = "/tmp/gyre-watch-XXXXXX";
    struct gyre_watcher *w;
    struct gyre_scope scope;
    int err = gyre_temporary_folder(folder, GYRE_FOREVER);

    (void)arg;
    if (err == 0)
        err = gyre_watcher_open(gyre_loop_current(), &w);
    if (err)
        return err;
    err = gyre_watcher_add(w, folder, GYRE_FOREVER);
    gyre_scope_open(&scope, GYRE_FOREVER);
    if (err > 0)
        gyre_spawn(&scope, NULL, play, folder);
    err = (int)gyre_scope_close(&scope, err > 0 ? tell(w) : err);
    gyre_watcher_close(w);
    return err;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
