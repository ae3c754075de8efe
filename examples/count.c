/* A number in a file, one more each time: who reads it finds the old or the new,
   also after a crash in between. */
#include <gyre.h>
#include <stdio.h>
#include <stdlib.h>

static const char *path;

/* The number in the file; 0 if there is none yet. */
static int read_number(unsigned long *number)
{
    struct gyre_buf text = {0};
    int err = gyre_file_read_whole(path, &text, 20, gyre_in(5 * GYRE_SECOND));

    if (err == 0)
        err = gyre_buf_append(&text, "", 1);
    *number = err ? 0 : strtoul(text.at, NULL, 10);
    gyre_buf_free(&text);
    return err == -ENOENT ? 0 : err;
}

static intptr_t count(void *arg)
{
    unsigned long number;
    char text[24];
    int err = read_number(&number), n;

    (void)arg;
    if (err)
        return err;
    n = snprintf(text, sizeof text, "%lu\n", number + 1);
    err = gyre_file_replace(path, text, (size_t)n, 0644, gyre_in(5 * GYRE_SECOND));
    if (err == 0)
        printf("%s", text);
    return err;
}

int main(int argc, char **argv)
{
    intptr_t err;

    if (argc != 2)
        return 2;
    path = argv[1];
    err = gyre_run(count, NULL);
    if (err)
        fprintf(stderr, "count: %s\n", gyre_strerror(err));
    return err != 0;
}
