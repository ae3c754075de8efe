/*
 * parts.c - the body of a request, read as a form with files.
 *
 * What has come and was not understood yet is kept in `text`; of the part's
 * content, which is at its front, the reader is asked once.
 */
#include <errno.h>

#include "loop/allocator.h"
#include "task/task.h"
#include "io/http/multipart.h"
#include "io/http/server/content.h"
#include "io/http/server/exchange.h"

struct gyre_http_parts {
    struct gyre_multipart reader;
    struct gyre_buf text;
    size_t content; /* bytes at its front that are of the part in hand */
    size_t kept;    /* bytes that were taken of the body that was read whole */
    bool within;    /* there is a part in hand */
    bool over;      /* the form has ended, and the body */
};

/* Begin to read the form in hand. */
static int begin_parts(struct gyre_http_request *r)
{
    struct gyre_allocator *a = r->arena.allocator;
    struct gyre_http_parts *p;
    struct gyre_span type;
    int err = gyre_http_content_type(r, &type);

    if (err)
        return err;
    p = gyre_resize(a, NULL, 0, sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    err = gyre_multipart_begin(&p->reader, type);
    if (err) {
        gyre_resize(a, p, sizeof *p, 0);
        return gyre_http_blame(r, err);
    }
    p->text = (struct gyre_buf){.allocator = a};
    p->content = p->kept = 0;
    p->within = p->over = false;
    r->parts = p;
    r->opened = true;
    return 0;
}

void gyre_http_parts_free(struct gyre_http_request *r)
{
    if (r->parts == NULL)
        return;
    gyre_buf_free(&r->parts->text);
    gyre_resize(r->arena.allocator, r->parts, sizeof *r->parts, 0);
    r->parts = NULL;
}

/* What somebody has read whole, or of it what he could, comes before what is
   still to be read. */
static ssize_t read_some(struct gyre_http_request *r, struct gyre_http_parts *p,
                         char *room, gyre_time deadline)
{
    size_t n = r->whole.length - p->kept;

    if (n == 0)
        return gyre_http_read_on(r, room, GYRE_HTTP_READ, deadline);
    if (n > GYRE_HTTP_READ)
        n = GYRE_HTTP_READ;
    memcpy(room, r->whole.at + p->kept, n);
    p->kept += n;
    return (ssize_t)n;
}

/* Have more of the body come.  Its end is too early, unless the form's has. */
static int read_more(struct gyre_http_request *r, struct gyre_http_parts *p,
                     gyre_time deadline)
{
    char *room = gyre_buf_reserve(&p->text, GYRE_HTTP_READ);
    ssize_t n;

    if (room == NULL)
        return -ENOMEM;
    n = read_some(r, p, room, deadline);
    if (n > 0)
        gyre_buf_grow(&p->text, (size_t)n);
    p->over = n == 0 && p->reader.ended;
    if (n == 0 && !p->over)
        return gyre_http_blame(r, -EPROTO);
    return n < 0 ? (int)n : 0;
}

/* What comes next of the form: an event of its reader, 0 at its end, or an
   error. */
static int next_event(struct gyre_http_request *r, struct gyre_http_parts *p,
                      gyre_time deadline)
{
    int what = p->content > 0 ? GYRE_MULTIPART_DATA : 0, err = 0;

    while (what == 0 && !p->over && err == 0) {
        struct gyre_span rest = {p->text.at, p->text.length}, data = {0};

        what = gyre_multipart_next(&p->reader, &rest, &data);
        gyre_buf_take(&p->text, p->text.length - rest.length);
        p->content = data.length;
        if (what == 0)
            err = read_more(r, p, deadline);
    }
    if (what == GYRE_MULTIPART_PART || what == GYRE_MULTIPART_PART_END)
        p->within = what == GYRE_MULTIPART_PART;
    return err ? err : gyre_http_blame(r, what);
}

/* `n` bytes of content have been used. */
static void take(struct gyre_http_parts *p, size_t n)
{
    gyre_buf_take(&p->text, n);
    p->content -= n;
}

int gyre_http_next_part(struct gyre_http_request *r,
                        struct gyre_http_part *part, gyre_time deadline)
{
    int what, err = gyre_checkpoint(deadline);
    struct gyre_http_parts *p;

    if (err == 0 && r->parts == NULL)
        err = begin_parts(r);
    if (err)
        return err;
    p = r->parts;
    while ((what = next_event(r, p, deadline)) > 0) {
        if (what == GYRE_MULTIPART_DATA)
            take(p, p->content);
        if (what == GYRE_MULTIPART_PART) {
            *part = (struct gyre_http_part){p->reader.name, p->reader.filename,
                                            p->reader.type};
            return 1;
        }
    }
    return what;
}

ssize_t gyre_http_read_part(struct gyre_http_request *r, void *buf, size_t n,
                            gyre_time deadline)
{
    struct gyre_http_parts *p = r->parts;
    int what = gyre_checkpoint(deadline);

    if (what < 0 || p == NULL || !p->within || n == 0)
        return what;
    what = next_event(r, p, deadline);
    if (what != GYRE_MULTIPART_DATA)
        return what < 0 ? what : 0;
    if (n > p->content)
        n = p->content;
    memcpy(buf, p->text.at, n);
    take(p, n);
    return (ssize_t)n;
}
