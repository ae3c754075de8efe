/*
 * gyre-fetch [OPTION]... URL...: fetches them, several at a time if asked to, to standard output or
 * into files.  `gyre-fetch --help` lists the options, and what it ends with.
 *
 * A file is there once it is whole (io/http/client/save.h).
 */
#include "fetch.h"

#include <errno.h>

#include <stdlib.h>
#include <unistd.h>

struct crew {
    const struct options *options;
    struct fetch *fetches;
    int next, done;
    gyre_time turn; /* when the next may begin */
};

static void show_progress(const struct crew *crew)
{
    int count = crew->options->count;

    if (isatty(STDERR_FILENO) && !crew->options->silent && crew->options->place != TO_STDOUT)
        fprintf(stderr, "\r%d of %d%s", crew->done, count, crew->done == count ? "\r\033[K" : "");
}

/* Not more than so many begin in a second. */
static int wait_for_turn(struct crew *crew)
{
    gyre_time now = gyre_in(0), turn = crew->turn > now ? crew->turn : now;

    if (crew->options->rate == 0)
        return 0;
    crew->turn = turn + GYRE_SECOND / crew->options->rate;
    return gyre_sleep(turn);
}

/* One of the crew: takes the next URL until there is none. */
static intptr_t work(void *arg)
{
    struct crew *crew = arg;
    int err = 0;

    while (err == 0 && crew->next < crew->options->count) {
        struct fetch *f = &crew->fetches[crew->next++];

        err = wait_for_turn(crew);
        if (err == 0)
            err = fetch(f);
        if (err == 0 && verdict(f) != ALL_WELL && !crew->options->silent)
            say_what_failed(f);
        crew->done++;
        show_progress(crew);
    }
    return err;
}

static int send_crew(struct crew *crew, struct gyre_http_session *session)
{
    const struct options *o = crew->options;
    struct gyre_scope scope;

    for (int i = 0; i < o->count; i++)
        crew->fetches[i].session = session;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < o->concurrency && i < o->count; i++)
        gyre_spawn(&scope, NULL, work, crew);
    return (int)gyre_scope_close(&scope, 0);
}

static intptr_t run(void *arg)
{
    struct crew *crew = arg;
    struct gyre_http_session_options how = crew->options->session;
    struct gyre_http_session *session;
    struct gyre_http_jar *jar = NULL;
    int err = 0;

    if (crew->options->cookies)
        err = gyre_http_jar_new(&jar, NULL, NULL);
    how.jar = jar;
    if (err == 0)
        err = gyre_http_session_new_with(&session, &how);
    if (err == 0) {
        err = send_crew(crew, session);
        gyre_http_session_free(session);
    }
    gyre_http_jar_free(jar);
    return err;
}

/* What the first that failed is to end with. */
static int judge(const struct crew *crew)
{
    int code = ALL_WELL;

    for (int i = 0; i < crew->options->count && code == ALL_WELL; i++)
        code = verdict(&crew->fetches[i]);
    return code;
}

static int report(const struct crew *crew)
{
    const struct options *o = crew->options;
    FILE *to = o->place == TO_STDOUT ? stderr : stdout;

    /* musl would write the first line at once, and forget that it could not. */
    if (to == stdout)
        setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    if (o->json && summarize_in_json(crew->fetches, o->count, to) != 0)
        return -ENOMEM;
    if (!o->json && !o->silent && o->place != TO_STDOUT)
        summarize(crew->fetches, o->count, to);
    return fflush(to) != 0 || ferror(to) ? -errno : 0;
}

static int complain(int err)
{
    fprintf(stderr, "gyre-fetch: %s\n", gyre_strerror(err));
    return FAILED;
}

static int fetch_all(struct crew *crew)
{
    const struct options *o = crew->options;
    int code, err;

    crew->fetches = calloc((size_t)o->count, sizeof *crew->fetches);
    if (crew->fetches == NULL)
        return complain(-ENOMEM);
    for (int i = 0; i < o->count; i++)
        crew->fetches[i] = (struct fetch){.options = o, .url = o->urls[i], .result = -ECANCELED};
    err = (int)gyre_run(run, crew);
    if (err == 0)
        err = report(crew);
    code = judge(crew);
    free(crew->fetches);
    return err ? complain(err) : code;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct crew crew = {.options = &options};
    int code = parse(&options, argc, argv);

    if (code == ALL_WELL && options.count > 0)
        code = fetch_all(&crew);
    gyre_http_fields_free(&options.fields);
    return code;
}
