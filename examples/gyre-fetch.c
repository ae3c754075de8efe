/*
 * gyre-fetch [-j N] [-t SECONDS] [-o DIR] URL...: fetches them all, N at a time, into
 * DIR or only to measure them; shows progress on a terminal, and at the end what each
 * took.  Fails if any did.
 *
 * A file is called as the last part of its URL's path is, and is there once it is
 * whole.  One that was there before is left alone, and that fetch fails.  SECONDS (30)
 * is how long a server may take to be connected to, to answer, and to go on.
 */
#include "number.h"

#include <fcntl.h>
#include <gyre.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fetch {
    const char *url;
    int result; /* a status, or an error */
    size_t bytes;
    gyre_time took;
};

struct crew {
    struct gyre_http_session *session;
    const char *directory; /* or NULL */
    struct fetch *fetches;
    int count, next, done;
};

static void show_progress(const struct crew *crew)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%d of %d%s", crew->done, crew->count,
                crew->done == crew->count ? "\r\033[K" : "");
}

/* ---- files ---- */

/* A file that is written beside its place, and put there when it is whole. */
struct file {
    int fd;
    char path[2048];
    char beside[2048];
};

static bool join(char *path, size_t size, const char *directory, struct gyre_span name)
{
    int n = snprintf(path, size, "%s/%.*s", directory, (int)name.length, name.at);

    return n >= 0 && (size_t)n < size;
}

/* The last part of the path; it may be empty. */
static int name_of(const char *url, struct gyre_span *name)
{
    struct gyre_url parts;
    int err = gyre_url_parse(gyre_span_of(url), &parts);

    if (err)
        return err;
    *name = parts.path;
    for (size_t i = 0; i < parts.path.length; i++) {
        if (parts.path.at[i] == '/')
            *name = gyre_span_from(parts.path.at + i + 1, parts.path.length - i - 1);
    }
    return 0;
}

static int open_file(struct file *file, const struct crew *crew, const struct fetch *fetch)
{
    struct gyre_span name;
    char own[64];
    int err = name_of(fetch->url, &name);

    if (err)
        return err;
    if (name.length == 0)
        name = gyre_span_of("index.html");
    snprintf(own, sizeof own, ".gyre-fetch-%ld-%d", (long)getpid(), (int)(fetch - crew->fetches));
    if (!join(file->path, sizeof file->path, crew->directory, name) ||
        !join(file->beside, sizeof file->beside, crew->directory, gyre_span_of(own)))
        return -ENAMETOOLONG;
    if (access(file->path, F_OK) == 0)
        return -EEXIST;
    file->fd = open(file->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return file->fd < 0 ? -errno : 0;
}

/* Put the file in its place, unless there was an error, or something is there. */
static int close_file(struct file *file, int err)
{
    if (close(file->fd) < 0 && err == 0)
        err = -errno;
    if (err == 0 && link(file->beside, file->path) < 0)
        err = -errno;
    unlink(file->beside);
    return err;
}

static int put(int fd, const char *buf, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, buf, n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        buf += put;
        n -= (size_t)put;
    }
    return 0;
}

/* ---- fetching ---- */

/* Read the body to its end; into `fd`, if that is a descriptor. */
static int drain(struct gyre_http_response *response, int fd, size_t *bytes)
{
    char buf[16384];
    ssize_t n;
    int err = 0;

    while (err == 0 &&
           (n = gyre_http_response_read(response, buf, sizeof buf, GYRE_FOREVER)) != 0) {
        if (n < 0)
            return (int)n;
        *bytes += (size_t)n;
        if (fd >= 0)
            err = put(fd, buf, (size_t)n);
    }
    return err;
}

static int save(const struct crew *crew, struct gyre_http_response *response, struct fetch *fetch)
{
    struct file file;
    int err = open_file(&file, crew, fetch);

    if (err)
        return err;
    err = drain(response, file.fd, &fetch->bytes);
    return close_file(&file, err);
}

static int fetch_one(const struct crew *crew, struct fetch *fetch)
{
    struct gyre_http_response *response;
    gyre_time began = gyre_in(0);
    int err = gyre_http_get(crew->session, fetch->url, &response, GYRE_FOREVER);

    fetch->result = err;
    if (err == 0) {
        if (crew->directory != NULL && gyre_http_status(response) == 200)
            err = save(crew, response, fetch);
        else
            err = drain(response, -1, &fetch->bytes);
        fetch->result = err ? err : gyre_http_status(response);
        gyre_http_response_free(response);
    }
    fetch->took = gyre_in(0) - began;
    return err == -ECANCELED ? err : 0;
}

/* One of the crew: takes the next URL until there is none. */
static intptr_t work(void *arg)
{
    struct crew *crew = arg;
    int err = 0;

    while (err == 0 && crew->next < crew->count) {
        err = fetch_one(crew, &crew->fetches[crew->next++]);
        crew->done++;
        show_progress(crew);
    }
    return err;
}

/* ---- the whole ---- */

/* It goes to a terminal: what is no character of a URL is escaped. */
static void print_url(const char *url)
{
    for (; *url != '\0'; url++) {
        if (*url > ' ' && *url <= '~')
            putchar(*url);
        else
            printf("\\x%02x", (unsigned char)*url);
    }
    putchar('\n');
}

static int summarize(const struct crew *crew)
{
    int failed = 0;

    for (int i = 0; i < crew->count; i++) {
        const struct fetch *fetch = &crew->fetches[i];

        failed += fetch->result != 200;
        printf("%-10s %10zu bytes %7.1f ms  ",
               fetch->result == 200 ? "ok"
               : fetch->result > 0  ? "refused"
                                    : "failed",
               fetch->bytes, (double)fetch->took / GYRE_MILLISECOND);
        print_url(fetch->url);
        if (fetch->result < 0)
            printf("           %s\n", gyre_strerror(fetch->result));
        else if (fetch->result != 200)
            printf("           status %d\n", fetch->result);
    }
    return failed;
}

struct options {
    int workers, seconds;
    struct crew crew;
};

static intptr_t fetch_all(void *arg)
{
    struct options *options = arg;
    gyre_time time = options->seconds * GYRE_SECOND;
    struct gyre_http_session_options how = {.connections = (size_t)options->workers,
                                            .connect_time = time,
                                            .answer_time = time,
                                            .stall_time = time};
    struct gyre_scope scope;
    intptr_t err = gyre_http_session_new_with(&options->crew.session, &how);

    if (err)
        return err;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < options->workers; i++)
        gyre_spawn(&scope, NULL, work, &options->crew);
    err = gyre_scope_close(&scope, 0);
    gyre_http_session_free(options->crew.session);
    return err;
}

static bool parse(int argc, char **argv, struct options *options)
{
    struct crew *crew = &options->crew;
    int opt;

    while ((opt = getopt(argc, argv, "j:t:o:")) != -1) {
        if (opt == 'j')
            options->workers = number_in(optarg, 1000000);
        else if (opt == 't')
            options->seconds = number_in(optarg, 1000000);
        else if (opt == 'o')
            crew->directory = optarg;
        else
            return false;
    }
    crew->count = argc - optind;
    if (options->workers > crew->count)
        options->workers = crew->count;
    return options->workers > 0 && options->seconds > 0;
}

static int complain(const char *what)
{
    fprintf(stderr, "gyre-fetch: %s\n", what);
    return 1;
}

int main(int argc, char **argv)
{
    struct options options = {.workers = 8, .seconds = 30};
    struct crew *crew = &options.crew;
    intptr_t err;
    int failed;

    if (!parse(argc, argv, &options)) {
        fprintf(stderr, "usage: gyre-fetch [-j N] [-t SECONDS] [-o DIR] URL...\n");
        return 2;
    }
    crew->fetches = calloc((size_t)crew->count, sizeof *crew->fetches);
    if (crew->fetches == NULL)
        return complain("no memory");
    for (int i = 0; i < crew->count; i++)
        crew->fetches[i] = (struct fetch){.url = argv[optind + i], .result = -ECANCELED};
    err = gyre_run(fetch_all, &options);
    /* musl would write the first line at once, and forget that it could not. */
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    failed = summarize(crew);
    free(crew->fetches);
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain(strerror(errno));
    return err != 0 ? complain(gyre_strerror((int)err)) : failed > 0;
}
