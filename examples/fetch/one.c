/*
 * one.c - fetches one URL, again if need be.
 */
#include "fetch.h"

#include <errno.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE (1 << 20) /* bytes of a body that it is asked for first */

/* A call with a body from a file. */
struct upload {
    struct gyre_http_call call;
    int fd;
    int64_t offset;
    struct form form;
    struct gyre_http_fields fields; /* say that it is one */
};

static ssize_t more_of_file(struct gyre_http_call *call, void *buf, size_t n)
{
    struct upload *u = GYRE_OWNER(call, struct upload, call);
    ssize_t got = gyre_file_read(u->fd, buf, n, u->offset, GYRE_FOREVER);

    u->offset += got > 0 ? got : 0;
    return got;
}

/* Body of the call: `name`, a file. */
static int open_upload(struct upload *u, const char *name)
{
    struct stat st;
    int err;

    u->fd = gyre_file_open(name, O_RDONLY, 0, GYRE_FOREVER);
    if (u->fd < 0)
        return u->fd;
    err = gyre_file_stat(u->fd, &st, GYRE_FOREVER);
    if (err)
        return err;
    u->call.more = more_of_file;
    u->call.length = S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
    u->call.expect = u->call.length > LARGE;
    if (S_ISREG(st.st_mode) && st.st_size == 0) {
        u->call.more = NULL;
        u->call.body = "";
    }
    return 0;
}

static ssize_t more_of_form(struct gyre_http_call *call, void *buf, size_t n)
{
    return read_form(&GYRE_OWNER(call, struct upload, call)->form, buf, n);
}

/* Body of the call: a form. */
static int begin_form(struct upload *u, const struct options *o)
{
    int err = open_form(&u->form, o, &u->call.length);

    if (err == 0)
        err = gyre_http_fields_set(&u->fields, "Content-Type", u->form.composer.type);
    u->call.more = more_of_form;
    u->call.expect = u->call.length > LARGE;
    u->call.fields = &u->fields;
    return err;
}

static int begin(struct upload *u, const struct fetch *f)
{
    const struct options *o = f->options;

    *u = (struct upload){.call.url = f->url, .call.method = o->method, .fd = -1, .form.file = -1};
    if (o->head && o->method == NULL)
        u->call.method = "HEAD";
    if ((o->data != NULL || o->part_count > 0) && o->method == NULL)
        u->call.method = "POST";
    if (o->upload != NULL && o->method == NULL)
        u->call.method = "PUT";
    if (o->data != NULL && o->data[0] == '@')
        return open_upload(u, o->data + 1);
    if (o->upload != NULL)
        return open_upload(u, o->upload);
    if (o->part_count > 0)
        return begin_form(u, o);
    u->call.body = o->data;
    u->call.length = o->data != NULL ? strlen(o->data) : 0;
    return 0;
}

/* ---- where bodies go ---- */

/* Not faster than was asked: wait until so much may have come.  Whole seconds first, for the
   product would overflow after 9 GB. */
static int slow_down(const struct fetch *f, int64_t bytes)
{
    int rate = f->options->limit_rate;

    if (rate == 0)
        return 0;
    return gyre_sleep(f->began + bytes / rate * GYRE_SECOND + bytes % rate * GYRE_SECOND / rate);
}

struct saving {
    struct gyre_http_saving base;
    struct fetch *fetch;
};

static int came(struct gyre_http_saving *s, size_t n)
{
    (void)n;
    return slow_down(GYRE_OWNER(s, struct saving, base)->fetch, s->bytes - s->from);
}

/* The last part of the URL's path; it may be empty.  Who is asked, and with which password, is no
   part of it. */
static struct gyre_span name_of(const char *url)
{
    const char *scheme = strstr(url, "://"), *host = scheme != NULL ? scheme + 3 : url;
    const char *path = host + strcspn(host, "/?#");
    size_t n = strcspn(path, "?#"), from = n;

    while (from > 0 && path[from - 1] != '/')
        from--;
    return gyre_span_from(path + from, n - from);
}

static int choose_path(struct fetch *f)
{
    const struct options *o = f->options;
    struct gyre_span name;
    const char *directory = o->directory != NULL ? o->directory : ".";
    int n;

    if (o->place == TO_FILE)
        n = snprintf(f->path, sizeof f->path, "%s", o->output);
    else {
        name = name_of(f->url);
        if (name.length == 0 || (name.at[0] == '.' && name.length < 3))
            name = gyre_span_of("index.html");
        n = snprintf(f->path, sizeof f->path, "%s/%.*s", directory, (int)name.length, name.at);
    }
    return n < 0 || (size_t)n >= sizeof f->path ? -ENAMETOOLONG : 0;
}

static int save(struct fetch *f, struct gyre_http_call *call)
{
    const struct options *o = f->options;
    struct saving s = {
        .base = {.path = f->path, .resume = o->resume, .replace = o->replace, .came = came},
        .fetch = f};
    int err = choose_path(f);

    f->local = true;
    if (err == 0)
        err = gyre_http_save(f->session, call, &s.base, GYRE_FOREVER);
    f->local = err != 0 && s.base.status == 0 && call->step == GYRE_HTTP_STEP_CALL;
    f->bytes = s.base.bytes - s.base.from;
    f->from = s.base.from;
    return err ? err : s.base.status;
}

static int put(const char *text, size_t n)
{
    return gyre_file_write(STDOUT_FILENO, text, n, GYRE_FILE_POSITION, GYRE_FOREVER);
}

/* Read the body to its end; write it to standard output, if it is to go there. */
static int drain(struct fetch *f, struct gyre_http_response *r, bool shown)
{
    char buf[16384];
    ssize_t n;
    int err = 0;

    while (err == 0 && (n = gyre_http_response_read(r, buf, sizeof buf, GYRE_FOREVER)) != 0) {
        if (n < 0)
            return (int)n;
        f->bytes += n;
        f->local = shown;
        if (shown)
            err = put(buf, (size_t)n);
        f->local = err != 0;
        if (err == 0)
            err = slow_down(f, f->bytes);
    }
    return err;
}

static int print_or_measure(struct fetch *f, struct gyre_http_call *call)
{
    const struct options *o = f->options;
    struct gyre_http_response *r;
    char line[64];
    int err = gyre_http_call(f->session, call, &r, GYRE_FOREVER), status;

    if (err)
        return err;
    status = gyre_http_status(r);
    if (o->head && o->place == TO_STDOUT) {
        int n = snprintf(line, sizeof line, "%d %s\n", status, gyre_http_reason(status));

        err = put(line, (size_t)n);
    }
    if (err == 0)
        err = drain(f, r, o->place == TO_STDOUT && !(o->fail && status >= 400));
    if (err == -ETIMEDOUT)
        call->timeout = gyre_http_response_timeout(r);
    gyre_http_response_free(r);
    return err ? err : status;
}

/* ---- once, and again ---- */

static int fetch_once(struct fetch *f)
{
    enum place place = f->options->place;
    struct upload u;
    int r = begin(&u, f);

    f->local = r != 0;
    f->bytes = f->from = 0;
    if (r == 0)
        r = place == TO_STDOUT || place == NOWHERE ? print_or_measure(f, &u.call)
                                                   : save(f, &u.call);
    f->timeout = u.call.timeout;
    f->step = u.call.step;
    f->proxy_status = u.call.proxy_status;
    if (u.fd >= 0)
        (void)!gyre_file_close(u.fd, GYRE_NOW);
    close_form(&u.form);
    gyre_http_fields_free(&u.fields);
    return r;
}

/* Does it do no harm to ask twice, where nobody knows what became of it (RFC 9110, 9.2.2)? */
static bool repeatable(const struct options *o)
{
    const char *method = o->method;

    if (method == NULL)
        return o->data == NULL && o->part_count == 0;
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
           strcmp(method, "OPTIONS") == 0 || strcmp(method, "PUT") == 0 ||
           strcmp(method, "DELETE") == 0;
}

/* May it come right by itself?  Not what was printed in part. */
static bool may_pass(const struct fetch *f)
{
    int code = verdict(f);

    if (f->options->place == TO_STDOUT && f->bytes > 0)
        return false;
    if (f->result > 0)
        return f->result == 408 || f->result == 429 || f->result >= 500;
    if (code == UNREACHED)
        return true;
    return repeatable(f->options) &&
           (code == TIMED_OUT || f->result == -EPIPE || f->result == -ECONNRESET);
}

int fetch(struct fetch *f)
{
    gyre_time pause = GYRE_SECOND;
    int err = 0;

    f->began = gyre_in(0);
    do {
        f->result = fetch_once(f);
        f->tries++;
        f->took = gyre_in(0) - f->began;
        if (f->result == -ECANCELED)
            return -ECANCELED;
        if (!may_pass(f) || f->tries > f->options->retries)
            break;
        err = gyre_sleep(gyre_in(pause));
        pause = pause < 32 * GYRE_SECOND ? pause * 2 : pause;
    } while (err == 0);
    return err;
}
