/*
 * demo.h - the parts of the demonstration: see main.c.
 */
#ifndef DEMO_H
#define DEMO_H

#include <gyre.h>

enum {
    FIRST = 1990,
    LAST = 2019,
    PAGES = LAST - FIRST + 1,
    DAYS = 365,        /* on each page */
    PAGE_LENGTH = 7213 /* bytes */
};

/* One page, and how its latest fetch went. */
struct page {
    struct gyre_http_session *session;
    struct progress *progress;
    int year;
    char url[64];
    size_t length;
    gyre_time began, ended;
};

/* How far a row of fetches has come. */
struct progress {
    const char *label;
    int done;
};

/* web_app.c: start the program `path`, ask it for all it has, check the answers,
   and stop it, by force if it does not.  0; -EBADMSG if an answer was wrong; or
   another error. */
int check_web_app(const char *path);

/* site.c: serve the pages on a port of this machine until cancelled. */
struct site {
    struct gyre_listener *listener;
    struct gyre_http_server *server;
    int port;
};

int site_open(struct site *site);
intptr_t site_serve(void *site);
void site_close(struct site *site);

/* chart.c: what is shown.  Nothing but text if standard output is no terminal. */
void show_progress(const struct progress *progress);
void show_timeline(const struct page *pages);

#endif
