/*
 * form.c - a form with files in it, put together while it is sent.
 *
 * How long it will be is found out before, as many a server wants to know: so it is composed
 * twice, without the files first.
 */
#include "fetch.h"

#include <errno.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const char *value_of(const char *part)
{
    return part + strlen(part) + 1;
}

/* The file that is in it; or NULL. */
static const char *file_of(const char *part)
{
    return value_of(part)[0] == '@' ? value_of(part) + 1 : NULL;
}

/* Append what is known of a part without its file. */
static int add_part(struct form *f, const char *part)
{
    const char *file = file_of(part), *slash = file != NULL ? strrchr(file, '/') : NULL;
    int err = gyre_multipart_add(&f->composer, &f->text, part, slash != NULL ? slash + 1 : file,
                                 file != NULL ? gyre_http_mime(file) : NULL);

    return err || file != NULL ? err : gyre_buf_append_string(&f->text, value_of(part));
}

static int measure_file(const char *name, size_t *length)
{
    struct stat st;
    int fd = gyre_file_open(name, O_RDONLY, 0, GYRE_FOREVER), err;

    if (fd < 0)
        return fd;
    err = gyre_file_stat(fd, &st, GYRE_FOREVER);
    if (err == 0 && !S_ISREG(st.st_mode))
        err = -ESPIPE;
    if (err == 0)
        *length += (size_t)st.st_size;
    (void)!gyre_file_close(fd, GYRE_NOW);
    return err;
}

static int measure(struct form *f, size_t *length)
{
    int err = 0;

    for (int i = 0; i < f->options->part_count && err == 0; i++) {
        const char *part = f->options->parts[i];

        err = add_part(f, part);
        if (err == 0 && file_of(part) != NULL)
            err = measure_file(file_of(part), length);
    }
    if (err == 0)
        err = gyre_multipart_end(&f->composer, &f->text);
    *length += f->text.length;
    gyre_buf_cut(&f->text, 0);
    return err;
}

int open_form(struct form *f, const struct options *o, size_t *length)
{
    struct gyre_multipart_form fresh;
    int err;

    *f = (struct form){.options = o, .file = -1};
    *length = 0;
    err = gyre_multipart_compose(&f->composer);
    fresh = f->composer;
    if (err == 0)
        err = measure(f, length);
    f->composer = fresh;
    return err;
}

/* Go on to the next part; or to the end. */
static int begin_next(struct form *f)
{
    const struct options *o = f->options;
    const char *part = f->next < o->part_count ? o->parts[f->next] : NULL;
    int err = part != NULL ? add_part(f, part) : gyre_multipart_end(&f->composer, &f->text);

    f->next++;
    f->offset = 0;
    if (err || part == NULL || file_of(part) == NULL)
        return err;
    f->file = gyre_file_open(file_of(part), O_RDONLY, 0, GYRE_FOREVER);
    return f->file < 0 ? f->file : 0;
}

static void close_file(struct form *f)
{
    if (f->file >= 0)
        (void)!gyre_file_close(f->file, GYRE_NOW);
    f->file = -1;
}

static ssize_t take_text(struct form *f, char *buf, size_t n)
{
    n = n < f->text.length ? n : f->text.length;
    if (n > 0)
        memcpy(buf, f->text.at, n);
    gyre_buf_take(&f->text, n);
    return (ssize_t)n;
}

/* A piece of the file, if there is one; 0 at its end. */
static ssize_t take_file(struct form *f, char *buf, size_t n)
{
    ssize_t got = 0;

    if (f->file >= 0)
        got = gyre_file_read(f->file, buf, n, f->offset, GYRE_FOREVER);
    if (got <= 0)
        close_file(f);
    f->offset += got > 0 ? got : 0;
    return got;
}

ssize_t read_form(struct form *f, void *buf, size_t n)
{
    ssize_t got = take_text(f, buf, n);

    if (got == 0)
        got = take_file(f, buf, n);
    if (got == 0 && f->next <= f->options->part_count)
        got = begin_next(f);
    return got == 0 ? take_text(f, buf, n) : got;
}

void close_form(struct form *f)
{
    close_file(f);
    gyre_buf_free(&f->text);
}
