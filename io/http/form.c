/*
 * form.c - forms as browsers send them.
 *
 * Names and values are unescaped where they stand, and a NUL takes the place of
 * what divided them: so every text of n bytes has room in n + 1.
 */
#include "io/http/form.h"

#include <errno.h>

#include "io/http/escape.h"

/* Undo the escapes of `part`, which is of our copy of the text. */
static const char *unescape(struct gyre_span part)
{
    char *at = (char *)part.at;

    return gyre_url_unescape(at, part, true) < 0 ? NULL : at;
}

static int add(struct gyre_form *f, struct gyre_span name,
               struct gyre_span value)
{
    struct gyre_form_pair pair = {
        .name = unescape(name),
        .value = value.at != NULL ? unescape(value) : "",
    };

    if (pair.name == NULL || pair.value == NULL)
        return -EPROTO;
    if (f->count == GYRE_FORM_PAIRS)
        return -EMSGSIZE;
    f->count++;
    return gyre_buf_append(&f->table, &pair, sizeof pair);
}

static int read_pairs(struct gyre_form *f, struct gyre_span text)
{
    struct gyre_span name, value;
    int err = 0;

    while (err == 0 && gyre_url_next_pair(&text, &name, &value))
        err = add(f, name, value);
    return err;
}

int gyre_form_read(struct gyre_form *f, struct gyre_span text)
{
    int err;

    gyre_buf_cut(&f->text, 0);
    gyre_buf_cut(&f->table, 0);
    f->count = 0;
    err = gyre_buf_append(&f->text, text.at, text.length);
    if (err == 0)
        err = gyre_buf_append(&f->text, "", 1);
    if (err == 0)
        err = read_pairs(f, gyre_span_from(f->text.at, text.length));
    f->pairs = (const struct gyre_form_pair *)f->table.at;
    if (err)
        f->count = 0;
    return err;
}

const char *gyre_form_get(const struct gyre_form *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->pairs[i].name, name) == 0)
            return f->pairs[i].value;
    return NULL;
}

void gyre_form_free(struct gyre_form *f)
{
    gyre_buf_free(&f->text);
    gyre_buf_free(&f->table);
    f->pairs = NULL;
    f->count = 0;
}

int gyre_form_add(struct gyre_buf *out, const char *name, const char *value)
{
    size_t before = out->length;
    int err = before > 0 ? gyre_buf_append(out, "&", 1) : 0;

    if (err == 0)
        err = gyre_url_escape(out, gyre_span_of(name), "");
    if (err == 0)
        err = gyre_buf_append(out, "=", 1);
    if (err == 0)
        err = gyre_url_escape(out, gyre_span_of(value), "");
    if (err)
        gyre_buf_cut(out, before);
    return err;
}
