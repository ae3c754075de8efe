/*
 * multipart_compose.c - forms with files, to be sent.
 *
 * Nobody can guess the boundary, so that no content has it but by a chance that
 * nobody will ever have.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "io/http/internal.h"
#include "io/http/multipart.h"

static const char type[] = "multipart/form-data; boundary=";

int gyre_multipart_compose(struct gyre_multipart_form *f)
{
    unsigned char random[16];
    char *to = f->type + sizeof type - 1;

    if (getentropy(random, sizeof random) < 0)
        return -errno;
    memcpy(f->type, type, sizeof type);
    f->begun = false;
    for (size_t i = 0; i < sizeof random; i++)
        to += sprintf(to, "%02x", random[i]);
    return 0;
}

/* Names as browsers write them, but for backslashes: one before the quote that
   ends a name would make it part of that, and what follows, too. */
static int put_name(struct gyre_buf *out, const char *before, const char *name)
{
    int err = gyre_buf_append_string(out, before);

    for (; err == 0 && *name != '\0'; name++) {
        if (*name == '"')
            err = gyre_buf_append(out, "%22", 3);
        else if (*name == '\r')
            err = gyre_buf_append(out, "%0D", 3);
        else if (*name == '\n')
            err = gyre_buf_append(out, "%0A", 3);
        else if (*name == '\\')
            err = gyre_buf_append(out, "\\\\", 2);
        else if (gyre_http_is(*name, GYRE_HTTP_TEXT))
            err = gyre_buf_append(out, name, 1);
        else
            err = -EINVAL;
    }
    return err ? err : gyre_buf_append(out, "\"", 1);
}

static int put_delimiter(struct gyre_multipart_form *f, struct gyre_buf *out)
{
    int err = gyre_buf_append_string(out, f->begun ? "\r\n--" : "--");

    return err ? err : gyre_buf_append_string(out, f->type + sizeof type - 1);
}

static int put_head(struct gyre_multipart_form *f, struct gyre_buf *out,
                    const char *name, const char *filename)
{
    int err = put_delimiter(f, out);

    if (err == 0)
        err =
            put_name(out, "\r\nContent-Disposition: form-data; name=\"", name);
    if (err == 0 && filename != NULL)
        err = put_name(out, "; filename=\"", filename);
    return err;
}

int gyre_multipart_add(struct gyre_multipart_form *f, struct gyre_buf *out,
                       const char *name, const char *filename,
                       const char *content_type)
{
    size_t before = out->length;
    int err = -EINVAL;

    if (content_type == NULL || (*content_type != '\0' &&
                                 gyre_http_is_text(gyre_span_of(content_type))))
        err = put_head(f, out, name, filename);
    if (err == 0 && content_type != NULL)
        err = gyre_buf_append_string(out, "\r\nContent-Type: ");
    if (err == 0 && content_type != NULL)
        err = gyre_buf_append_string(out, content_type);
    if (err == 0)
        err = gyre_buf_append(out, "\r\n\r\n", 4);
    if (err == 0 && out->length - before > GYRE_MULTIPART_HEAD)
        err = -EMSGSIZE;
    if (err)
        gyre_buf_cut(out, before);
    else
        f->begun = true;
    return err;
}

int gyre_multipart_end(struct gyre_multipart_form *f, struct gyre_buf *out)
{
    size_t before = out->length;
    int err = put_delimiter(f, out);

    if (err == 0)
        err = gyre_buf_append_string(out, "--\r\n");
    if (err)
        gyre_buf_cut(out, before);
    return err;
}
