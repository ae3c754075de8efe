/*
 * directory.c - what a route's directory has to say to a path.
 *
 * A name is opened once, and what was opened is what is sent: nothing is looked
 * up beforehand that might be another thing by then.
 */
#include <errno.h>
#include <string.h>

#include "io/http/escape.h"
#include "io/http/server/disk.h"
#include "io/http/server/exchange.h"
#include "io/http/server/files.h"

static const struct gyre_http_files as_usual;

/* A path in the directory that was asked for. */
struct wanted {
    const struct gyre_http_files *files;
    int directory;
    char *name;  /* relative to it; with room for an ending */
    char *index; /* where in it a directory's index begins; or NULL */
};

/* ---- which file ---- */

static bool is_hidden(const char *name)
{
    return name[0] == '.' || strstr(name, "/.") != NULL;
}

/* Put the name of the file that the path's tail means in `w`.  0, or the status
   to answer with. */
static int find_name(struct gyre_http_request *r, struct wanted *w)
{
    struct gyre_span tail = r->match.params[r->match.param_count - 1].value;
    const char *index =
        w->files->index != NULL ? w->files->index : "index.html";
    ssize_t n = 0;

    w->name = gyre_arena_take(&r->arena, tail.length + strlen(index) +
                                             GYRE_HTTP_ENDING_SIZE);
    if (w->name == NULL)
        return -ENOMEM;
    w->name[0] = '\0';
    /* A slash more is an empty segment, and names nothing. */
    if (tail.length > 0)
        n = tail.at[0] != '/' ? gyre_url_file_name(w->name, tail) : -EINVAL;
    if (n < 0 || (is_hidden(w->name) && !w->files->hidden))
        return 404;
    w->index = n == 0 || w->name[n - 1] == '/' ? w->name + n : NULL;
    if (w->index != NULL)
        strcpy(w->index, index);
    return 0;
}

/* ---- its reply ---- */

static int describe(struct gyre_http_request *r, const struct wanted *w,
                    const char *coding)
{
    bool has_body = r->status == 200 || r->status == 206;
    int err = 0;

    if (w->files->compressed)
        err = gyre_http_reply_field(r, "Vary", "Accept-Encoding");
    if (err == 0 && w->files->cache_control != NULL &&
        (has_body || r->status == 304))
        err =
            gyre_http_reply_field(r, "Cache-Control", w->files->cache_control);
    if (err == 0 && has_body && coding != NULL)
        err = gyre_http_reply_field(r, "Content-Encoding", coding);
    if (err == 0 && has_body)
        err = gyre_http_reply_field(r, "X-Content-Type-Options", "nosniff");
    return err;
}

static int reply_file(struct gyre_http_request *r, const struct wanted *w,
                      int file, struct stat *status)
{
    const char *coding = NULL;
    int err;

    if (w->files->compressed)
        coding =
            gyre_http_open_compressed(r, w->directory, w->name, &file, status);
    err = gyre_http_reply_open(r, w->name, file, status);
    return err ? err : describe(r, w, coding);
}

/* ---- directories ---- */

/* "./name/?query", and a NUL. */
static int put_reference(struct gyre_buf *out, struct gyre_span name,
                         struct gyre_span query)
{
    int err = gyre_buf_append_string(out, "./");

    if (err == 0)
        err = gyre_buf_append(out, name.at, name.length);
    if (err == 0)
        err = gyre_buf_append_string(out, query.at != NULL ? "/?" : "/");
    if (err == 0)
        err = gyre_buf_append(out, query.at, query.length);
    return err ? err : gyre_buf_append(out, "", 1);
}

/*
 * A directory was asked for as if it were a file: its relative links would lead
 * astray, so the client is to ask again, with a slash.  The reference is
 * relative itself: a whole path that began with two slashes would name another
 * host.
 */
static int redirect_to_slash(struct gyre_http_request *r)
{
    struct gyre_buf url = {.allocator = r->arena.allocator};
    struct gyre_span path = r->head.path;
    size_t last = path.length;
    int err;

    while (last > 0 && path.at[last - 1] != '/')
        last--;
    err =
        put_reference(&url, gyre_span_from(path.at + last, path.length - last),
                      r->head.query);
    if (err == 0)
        err = gyre_http_redirect(r, 301, url.at);
    gyre_buf_free(&url);
    return err;
}

/* ---- failures ---- */

/* The file could not be opened.  What is nobody's fault but the system's goes
   on, to be answered 500, and logged. */
static int status_of(int err)
{
    switch (err) {
    case -EACCES:
    case -EPERM: return 403;
    case -EISDIR:
    case -ENOENT:
    case -ENOTDIR:
    case -ENAMETOOLONG:
    case -EINVAL:
    case -EILSEQ:
    case -ELOOP:
    case -EXDEV: return 404;
    case -EAGAIN:
    case -EBUSY:
    case -ENOMEM:
    case -EMFILE:
    case -ENFILE: return 503;
    default: return err;
    }
}

/* There is no index. */
static int reply_listing(struct gyre_http_request *r, const struct wanted *w)
{
    int result;

    *w->index = '\0';
    result =
        gyre_http_reply_listing(r, w->directory, w->name, w->files->hidden);
    return gyre_http_reply_begun(r) ? result : status_of(result);
}

int gyre_http_reply_tail(struct gyre_http_request *r, int directory)
{
    const struct gyre_http_files *files = r->match.route->files;
    struct wanted w = {files != NULL ? files : &as_usual, directory};
    int status = find_name(r, &w);
    struct stat st;
    int fd;

    if (status)
        return status;
    fd = gyre_disk_open(directory, w.name, &st, GYRE_FOREVER);
    if (fd >= 0)
        return reply_file(r, &w, fd, &st);
    if (fd == -EISDIR && w.index == NULL)
        return redirect_to_slash(r);
    if (fd == -ENOENT && w.index != NULL && w.files->listing)
        return reply_listing(r, &w);
    return status_of(fd);
}
