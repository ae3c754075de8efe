/*
 * ask.c - asks servers of others through one session, one request after the
 * other.
 *
 *     ask [-X METHOD] [-H 'NAME: VALUE']... [-d BODY | -c FILE] [-g NAME]
 *         [-w MILLISECONDS] [-o FILE] URL...
 *
 * -d sends BODY with its length, -c what is in FILE in chunks.  -g prints the
 * field NAME of each answer as well, -w waits that long between two requests,
 * and -o collects the bodies.  Prints a line for each: the status and the bytes
 * of the body, and the URL that was answered; or the error.  Ends with 1 if
 * there was one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/list.h"
#include "loop/result.h"
#include "task/run/run.h"
#include "task/task.h"
#include "io/http/client/client.h"
#include "io/http/fields.h"

struct ask {
    struct gyre_http_call call;
    struct gyre_http_fields fields;
    struct gyre_http_session *session;
    const char *given; /* a field to print, or NULL */
    const char *path;  /* of what is sent in chunks, or NULL */
    int source;        /* that, open */
    FILE *bodies;      /* or NULL */
    int wait;          /* ms */
    char **urls;
};

static ssize_t more(struct gyre_http_call *call, void *buf, size_t n)
{
    struct ask *a = GYRE_OWNER(call, struct ask, call);

    return read(a->source, buf, n);
}

static int drain(struct ask *a, struct gyre_http_response *r, size_t *bytes)
{
    char buf[16384];
    ssize_t n;

    while ((n = gyre_http_response_read(r, buf, sizeof buf, GYRE_FOREVER)) >
           0) {
        *bytes += (size_t)n;
        if (a->bodies)
            fwrite(buf, 1, (size_t)n, a->bodies);
    }
    return (int)n;
}

static int ask_one(struct ask *a)
{
    struct gyre_http_response *r;
    size_t bytes = 0;
    int err = gyre_http_call(a->session, &a->call, &r, GYRE_FOREVER);

    if (err)
        return err;
    err = drain(a, r, &bytes);
    if (err == 0)
        printf("%d %zu %s\n", gyre_http_status(r), bytes,
               gyre_http_response_url(r));
    if (err == 0 && a->given) {
        struct gyre_span value = gyre_http_response_header(r, a->given);

        printf("%s: %.*s\n", a->given, (int)value.length,
               value.at ? value.at : "");
    }
    gyre_http_response_free(r);
    return err;
}

static intptr_t ask_all(void *arg)
{
    struct ask *a = arg;
    int failed = 0;
    int err = gyre_http_session_new(&a->session);

    for (char **url = a->urls; err == 0 && *url; url++) {
        int said;

        if (url != a->urls && a->wait > 0)
            err = gyre_sleep(gyre_in(a->wait * GYRE_MILLISECOND));
        if (a->path)
            a->source = open(a->path, O_RDONLY | O_CLOEXEC);
        a->call.url = *url;
        said = ask_one(a);
        if (said)
            printf("%s: %s\n", gyre_strerror(said), *url);
        failed |= said;
        if (a->path)
            close(a->source);
    }
    gyre_http_session_free(a->session);
    return err ? err : failed;
}

static int add_field(struct ask *a, char *text)
{
    char *colon = strchr(text, ':');

    if (!colon)
        return -EINVAL;
    *colon = '\0';
    return gyre_http_fields_add(&a->fields, text,
                                colon + 1 + (colon[1] == ' '));
}

static int take(struct ask *a, int option)
{
    switch (option) {
    case 'X': a->call.method = optarg; return 0;
    case 'H': return add_field(a, optarg);
    case 'g': a->given = optarg; return 0;
    case 'w': a->wait = (int)strtol(optarg, NULL, 10); return 0;
    case 'o': return (a->bodies = fopen(optarg, "w")) ? 0 : -errno;
    case 'd':
        a->call.body = optarg;
        a->call.length = strlen(optarg);
        return 0;
    case 'c':
        a->path = optarg;
        a->call.more = more;
        return 0;
    default: return -EINVAL;
    }
}

int main(int argc, char **argv)
{
    struct ask a = {.call.fields = &a.fields};
    int option, err = 0;

    while (err == 0 && (option = getopt(argc, argv, "X:H:d:c:g:w:o:")) != -1)
        err = take(&a, option);
    a.urls = argv + optind;
    if (err == 0)
        err = (int)gyre_run(ask_all, &a);
    gyre_http_fields_free(&a.fields);
    if (a.bodies && fclose(a.bodies) != 0)
        err = -errno;
    return err != 0;
}
