/*
 * The article, played: a web application and its four routes; then thirty pages,
 * fetched one after another, and all at once.  Fails if an answer is wrong, or if
 * all at once takes over twice as long as the slowest page; as it does when it is
 * given few CONNECTIONS to do it with.
 */
#include "demo.h"

#include <stdio.h>
#include <string.h>

#include "../number.h"

/* Is it the page of its year, every day of it? */
static bool is_right(const struct page *page, const char *text, size_t length)
{
    char of_year[16];
    int days = 0;

    snprintf(of_year, sizeof of_year, " of %d\n", page->year);
    for (const char *at = text; (at = strstr(at, of_year)) != NULL; at++)
        days++;
    return length == PAGE_LENGTH && days == DAYS;
}

static intptr_t fetch(void *arg)
{
    struct page *page = arg;
    struct gyre_http_response *response;
    const char *text;
    int err;

    page->began = gyre_in(0);
    err = gyre_http_get(page->session, page->url, &response, GYRE_FOREVER);
    if (err)
        return err;
    err = gyre_http_text(response, &text, &page->length, GYRE_FOREVER);
    if (err == 0 && (gyre_http_status(response) != 200 || !is_right(page, text, page->length)))
        err = -EBADMSG;
    gyre_http_response_free(response);
    page->ended = gyre_in(0);
    page->progress->done++;
    show_progress(page->progress);
    return err;
}

static intptr_t one_after_another(struct page *pages)
{
    intptr_t err = 0;

    for (int i = 0; err == 0 && i < PAGES; i++)
        err = fetch(&pages[i]);
    return err;
}

static intptr_t all_at_once(struct page *pages)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, gyre_in(30 * GYRE_SECOND));
    for (int i = 0; i < PAGES; i++)
        gyre_spawn(&scope, NULL, fetch, &pages[i]);
    return gyre_scope_close(&scope, 0);
}

/* Fetch the pages by `how`; say in *took how long it was. */
static intptr_t time_it(intptr_t (*how)(struct page *pages), const char *label, struct page *pages,
                        gyre_time *took)
{
    struct progress progress = {.label = label};
    gyre_time began = gyre_in(0);
    intptr_t err;

    for (int i = 0; i < PAGES; i++)
        pages[i].progress = &progress;
    err = how(pages);
    *took = gyre_in(0) - began;
    if (err == 0)
        printf("%-20s %5.2f s\n", label, (double)*took / GYRE_SECOND);
    return err;
}

static gyre_time slowest(const struct page *pages)
{
    gyre_time most = 0;

    for (int i = 0; i < PAGES; i++) {
        if (pages[i].ended - pages[i].began > most)
            most = pages[i].ended - pages[i].began;
    }
    return most;
}

static intptr_t compare(struct page *pages)
{
    gyre_time apart, together, longest;
    intptr_t err = time_it(one_after_another, "one after another", pages, &apart);

    if (err)
        return err;
    longest = slowest(pages);
    err = time_it(all_at_once, "all at once", pages, &together);
    if (err)
        return err;
    show_timeline(pages);
    printf("%.1f times as fast; the slowest page took %.2f s\n", (double)apart / (double)together,
           (double)longest / GYRE_SECOND);
    return together > 2 * longest ? -ETIME : 0;
}

static intptr_t fetch_pages(int port, unsigned connections)
{
    struct page pages[PAGES] = {0};
    struct gyre_http_session_options options = {.connections = connections};
    struct gyre_http_session *session;
    intptr_t err = gyre_http_session_new_with(&session, &options);

    if (err)
        return err;
    for (int i = 0; i < PAGES; i++) {
        pages[i].session = session;
        pages[i].year = FIRST + i;
        snprintf(pages[i].url, sizeof pages[i].url, "http://127.0.0.1:%d/pages/%d", port,
                 FIRST + i);
    }
    err = compare(pages);
    gyre_http_session_free(session);
    return err;
}

static intptr_t play_pages(unsigned connections)
{
    struct gyre_scope scope;
    struct site site;
    intptr_t err = site_open(&site);

    if (err)
        return err;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, site_serve, &site);
    err = fetch_pages(site.port, connections);
    gyre_scope_cancel(&scope);
    err = gyre_scope_close(&scope, err);
    site_close(&site);
    return err;
}

/* What to play. */
struct program {
    const char *web_app;
    unsigned connections; /* at once, at most; 0: as many as there are pages */
};

static intptr_t play(void *arg)
{
    const struct program *p = arg;
    intptr_t err = check_web_app(p->web_app);

    return err ? err : play_pages(p->connections);
}

int main(int argc, char **argv)
{
    int connections = argc == 3 ? number_in(argv[2], PAGES) : 0;
    struct program program;
    intptr_t err;

    if (argc < 2 || argc > 3 || connections < 0) {
        fprintf(stderr, "usage: demo WEB_APP [CONNECTIONS]\n");
        return 2;
    }
    program = (struct program){argv[1], (unsigned)connections};
    err = gyre_run(play, &program);
    if (err)
        fprintf(stderr, "demo: %s\n", gyre_strerror((int)err));
    return err != 0;
}
