/*
 * serve.h - what the parts of gyre-serve know of each other.
 *
 * options.c reads the command line, log.c writes down what was asked, pace.c keeps connections
 * to a rate, and main.c serves: what they share is called from all threads.
 */
#ifndef SERVE_H
#define SERVE_H

#include <gyre.h>

/* ---- options.c ---- */

enum log_format { LOG_COMMON, LOG_COMBINED, LOG_JSON, LOG_NONE };

struct options {
    const char *directory, *host;
    const char *path; /* of a local socket, in place of host and port; or NULL */
    int port, rate;   /* bytes a second, by connection; 0: any */
    enum log_format log;
    bool cors, summary;
    struct gyre_http_files files;
    struct gyre_http_options http;
};

/* Read the command line: -1, or what to exit with at once, having said why. */
int read_options(struct options *o, int argc, char **argv);

/* ---- log.c ---- */

/* What was served in all, by any thread. */
struct log {
    struct gyre_http_log base;
    enum log_format format;
    _Atomic uint64_t requests, bytes;
    _Atomic uint64_t statuses[6]; /* by their first digit */
};

void log_access(struct gyre_http_log *base, const struct gyre_http_access *access);

/* Print a summary, as JSON, of what took `took`. */
void log_summary(const struct log *log, gyre_time took);

/* ---- pace.c ---- */

/* Makes streams that write no faster than `rate` bytes a second. */
struct pace {
    struct gyre_wrapper base;
    int rate;
};

int pace_wrap(struct gyre_wrapper *w, struct gyre_stream *beneath, struct gyre_stream **out,
              gyre_time deadline);

#endif
