/*
 * fetch.h - the parts of gyre-fetch: see main.c.
 */
#ifndef FETCH_H
#define FETCH_H

#include <gyre.h>
#include <stdio.h>

/* Where bodies go. */
enum place { TO_STDOUT, TO_FILE, TO_NAMES, NOWHERE };

enum { MOST_PARTS = 64 };

/* What the command line says. */
struct options {
    struct gyre_http_session_options session;
    struct gyre_http_fields fields;
    const char *method, *data, *upload; /* or NULL */
    const char *parts[MOST_PARTS];      /* of a form: a name, and behind its NUL what is in it */
    int part_count;
    enum place place;
    const char *output, *directory;
    bool head, resume, replace, fail, silent, json, cookies;
    int concurrency, rate, retries, limit_rate;
    char **urls;
    int count;
};

/* One URL, and what came of it. */
struct fetch {
    const struct options *options;
    struct gyre_http_session *session;
    const char *url;
    int result; /* a status, or an error */
    int64_t bytes, from;
    gyre_time began, took;
    int tries;
    char path[2048]; /* of its file */
    bool local;      /* it failed here, not there: nobody was asked, or a file */
    enum gyre_http_timeout timeout;
    enum gyre_http_step step;
    int proxy_status;
};

/* A form, as it is sent. */
struct form {
    const struct options *options;
    int next; /* part */
    struct gyre_multipart_form composer;
    struct gyre_buf text; /* what comes next */
    int file;             /* and then what is in this one; or -1 */
    int64_t offset;
};

/* What this program ends with. */
enum { ALL_WELL, FAILED, USAGE, REFUSED, TIMED_OUT, UNREACHED };

/* options.c: 0; or what to end with, and it has been said why. */
int parse(struct options *options, int argc, char **argv);
extern const char usage[];

/* form.c: begin it; how long it is.  A piece of it; 0 at its end.  And be done with it. */
int open_form(struct form *f, const struct options *o, size_t *length);
ssize_t read_form(struct form *f, void *buf, size_t n);
void close_form(struct form *f);

/* one.c: fetch it, again if need be.  An error only if all is to end. */
int fetch(struct fetch *f);

/* report.c: is it as it should be?  And what to end with if it is not. */
int verdict(const struct fetch *f);
void say_what_failed(const struct fetch *f);
void summarize(const struct fetch *all, int count, FILE *to);
int summarize_in_json(const struct fetch *all, int count, FILE *to);

#endif
