/* What is in a folder, and in the folders in it. */
#include <gyre.h>
#include <stdio.h>

static int list(const char *path, int depth);

static int show(const char *path, const struct gyre_folder_entry *e, int depth)
{
    char below[4096];

    printf("%*s%s%s\n", 2 * depth, "", e->name, S_ISDIR(e->type) ? "/" : "");
    if (!S_ISDIR(e->type))
        return 0;
    snprintf(below, sizeof below, "%s/%s", path, e->name);
    return list(below, depth + 1);
}

static int list(const char *path, int depth)
{
    struct gyre_folder_entry e;
    struct gyre_folder *f;
    int err = gyre_folder_open(path, &f, gyre_in(5 * GYRE_SECOND));

    if (err)
        return err;
    while ((err = gyre_folder_next(f, &e, gyre_in(5 * GYRE_SECOND))) > 0) {
        err = show(path, &e, depth);
        if (err)
            break;
    }
    gyre_folder_close(f);
    return err;
}

static intptr_t program(void *path)
{
    return list(path, 0);
}

int main(int argc, char **argv)
{
    intptr_t err = gyre_run(program, argc > 1 ? argv[1] : ".");

    if (err)
        fprintf(stderr, "list: %s\n", gyre_strerror(err));
    return err != 0;
}
