/*
 * gyre-fetch [-j N] [-o DIR] URL...: fetches them all, N at a time, into DIR or only
 * to measure them; shows progress on a terminal, and at the end what each took.
 * Fails if any did.
 */
#include <errno.h>
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

/* The file for a URL is called as the last part of its path is. */
static int open_file(const struct crew *crew, const char *url)
{
    struct gyre_url parts;
    char name[512];
    const char *last;
    int fd = gyre_url_parse(gyre_span_of(url), &parts);

    if (fd < 0)
        return fd;
    last = parts.path.at + parts.path.length;
    while (last > parts.path.at && last[-1] != '/')
        last--;
    parts.path.length -= (size_t)(last - parts.path.at);
    snprintf(name, sizeof name, "%s/%.*s", crew->directory,
             parts.path.length > 0 ? (int)parts.path.length : 10,
             parts.path.length > 0 ? last : "index.html");
    fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return fd < 0 ? -errno : fd;
}

static int put(int fd, const char *buf, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, buf, n);

        if (put < 0)
            return -errno;
        buf += put;
        n -= (size_t)put;
    }
    return 0;
}

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
    int fd = -1, err;

    if (crew->directory != NULL && gyre_http_status(response) == 200) {
        fd = open_file(crew, fetch->url);
        if (fd < 0)
            return fd;
    }
    err = drain(response, fd, &fetch->bytes);
    if (fd >= 0 && close(fd) < 0 && err == 0)
        err = -errno;
    return err ? err : gyre_http_status(response);
}

static int fetch_one(const struct crew *crew, struct fetch *fetch)
{
    struct gyre_http_response *response;
    gyre_time began = gyre_in(0);
    int result = gyre_http_get(crew->session, fetch->url, &response, GYRE_FOREVER);

    if (result == 0) {
        result = save(crew, response, fetch);
        gyre_http_response_free(response);
    }
    fetch->result = result;
    fetch->took = gyre_in(0) - began;
    return result == -ECANCELED ? result : 0;
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

static int summarize(const struct crew *crew)
{
    int failed = 0;

    for (int i = 0; i < crew->count; i++) {
        const struct fetch *fetch = &crew->fetches[i];

        failed += fetch->result != 200;
        printf("%-10s %10zu bytes %7.1f ms  %s\n",
               fetch->result == 200 ? "ok"
               : fetch->result > 0  ? "refused"
                                    : "failed",
               fetch->bytes, (double)fetch->took / GYRE_MILLISECOND, fetch->url);
        if (fetch->result < 0)
            printf("           %s\n", gyre_strerror(fetch->result));
        else if (fetch->result != 200)
            printf("           status %d\n", fetch->result);
    }
    return failed;
}

struct options {
    int workers;
    struct crew crew;
};

static intptr_t fetch_all(void *arg)
{
    struct options *options = arg;
    struct gyre_scope scope;
    intptr_t err = gyre_http_session_new(&options->crew.session);

    if (err)
        return err;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < options->workers; i++)
        gyre_spawn(&scope, NULL, work, &options->crew);
    err = gyre_scope_close(&scope, 0);
    gyre_http_session_free(options->crew.session);
    return err;
}

static int parse(int argc, char **argv, struct options *options)
{
    int opt;

    while ((opt = getopt(argc, argv, "j:o:")) != -1) {
        if (opt == 'j')
            options->workers = atoi(optarg);
        else if (opt == 'o')
            options->crew.directory = optarg;
        else
            return -EINVAL;
    }
    options->crew.count = argc - optind;
    return options->workers > 0 && options->crew.count > 0 ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
    struct options options = {.workers = 8};
    struct crew *crew = &options.crew;
    intptr_t err;

    if (parse(argc, argv, &options) != 0) {
        fprintf(stderr, "usage: gyre-fetch [-j N] [-o DIR] URL...\n");
        return 2;
    }
    crew->fetches = calloc((size_t)crew->count, sizeof *crew->fetches);
    if (crew->fetches == NULL)
        return 1;
    for (int i = 0; i < crew->count; i++)
        crew->fetches[i].url = argv[optind + i];
    err = gyre_run(fetch_all, &options);
    if (err)
        fprintf(stderr, "gyre-fetch: %s\n", gyre_strerror((int)err));
    err = summarize(crew) > 0 || err != 0;
    free(crew->fetches);
    return (int)err;
}
