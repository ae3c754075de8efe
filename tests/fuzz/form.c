/*
 * form.c - forms, with files and without.
 *
 * A form without files has the pairs that are found in its text one by one, and
 * sent again it has the same.  One with files says the same however it is
 * divided, keeps little of it waiting, and what is composed of its parts has
 * the same parts.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/escape.h"
#include "io/http/form.h"
#include "io/http/multipart.h"
#include "tests/fuzz/fuzz.h"

/* ---- without files ---- */

/* A pair is what stands there, its escapes undone. */
static void check_pair(const struct gyre_form_pair *pair, struct gyre_span name,
                       struct gyre_span value)
{
    char *plain = malloc(name.length + value.length + 1);

    always(plain != NULL);
    always(gyre_url_unescape(plain, name, true) == (ssize_t)strlen(pair->name));
    always(strcmp(plain, pair->name) == 0);
    always(gyre_url_unescape(plain, value, true) ==
           (ssize_t)strlen(pair->value));
    always(strcmp(plain, pair->value) == 0);
    free(plain);
}

static void send_again(const struct gyre_form *f)
{
    struct gyre_form again = {0};
    struct gyre_buf out = {0};

    for (size_t i = 0; i < f->count; i++)
        always(gyre_form_add(&out, f->pairs[i].name, f->pairs[i].value) == 0);
    always(gyre_form_read(&again, gyre_span_from(out.at, out.length)) == 0);
    always(again.count == f->count);
    for (size_t i = 0; i < f->count; i++) {
        always(strcmp(again.pairs[i].name, f->pairs[i].name) == 0);
        always(strcmp(again.pairs[i].value, f->pairs[i].value) == 0);
    }
    gyre_form_free(&again);
    gyre_buf_free(&out);
}

void fuzz_form(const char *data, size_t n)
{
    char *copy = fuzz_copy(data, n);
    struct gyre_span text = gyre_span_from(copy, n), name, value;
    struct gyre_form f = {0};
    int err = gyre_form_read(&f, text);

    always(err == 0 || err == -EPROTO || err == -EMSGSIZE);
    always(err == 0 || f.count == 0);
    if (err == 0) {
        for (size_t i = 0; i < f.count; i++) {
            always(gyre_url_next_pair(&text, &name, &value));
            check_pair(&f.pairs[i], name, value);
            always(gyre_form_get(&f, f.pairs[i].name) != NULL);
        }
        always(!gyre_url_next_pair(&text, &name, &value));
        send_again(&f);
    }
    gyre_form_free(&f);
    free(copy);
}

/* ---- with files ---- */

enum { PARTS = 8 };

/* All that is said of a form; and of its first parts each. */
struct told {
    struct gyre_buf said;
    struct {
        char *name, *filename, *type;
        struct gyre_buf content;
    } parts[PARTS];
    size_t count;
    int err;
    bool ended;
};

static char *copy_string(const char *s)
{
    return s != NULL ? fuzz_string(gyre_span_of(s)) : NULL;
}

static void say(struct told *t, const char *string)
{
    always(gyre_buf_append_string(&t->said, string) == 0);
    always(gyre_buf_append(&t->said, "", 1) == 0);
}

static void note_part(struct told *t, const struct gyre_multipart *m)
{
    always(m->name != NULL && m->type != NULL);
    always(m->filename == NULL || strpbrk(m->filename, "/\\") == NULL);
    say(t, m->name);
    say(t, m->filename != NULL ? m->filename : "no file");
    say(t, m->type);
    if (t->count < PARTS) {
        t->parts[t->count].name = copy_string(m->name);
        t->parts[t->count].filename = copy_string(m->filename);
        t->parts[t->count].type = copy_string(m->type);
    }
    t->count++;
}

static void note_data(struct told *t, struct gyre_span data)
{
    always(t->count > 0);
    always(gyre_buf_append(&t->said, data.at, data.length) == 0);
    if (t->count <= PARTS)
        always(gyre_buf_append(&t->parts[t->count - 1].content, data.at,
                               data.length) == 0);
}

/* Read what there is of a form in `in`, which keeps what is to be shown
   again. */
static void read_some(struct gyre_multipart *m, struct gyre_buf *in,
                      struct told *t)
{
    char *copy = fuzz_copy(in->at, in->length);
    struct gyre_span text = gyre_span_from(copy, in->length), data;
    int what;

    while ((what = gyre_multipart_next(m, &text, &data)) > 0) {
        if (what == GYRE_MULTIPART_PART) {
            note_part(t, m);
        } else if (what == GYRE_MULTIPART_DATA) {
            size_t n = data.length > 5 ? data.length - 2 : data.length;

            always(n > 0 && data.at == text.at && data.length <= text.length);
            note_data(t, gyre_span_from(data.at, n));
            text = gyre_span_from(text.at + n, text.length - n);
        } else {
            say(t, "end of part");
        }
    }
    always(what == 0 || what == -EPROTO || what == -EMSGSIZE);
    always(what == 0 || m->why != NULL);
    always(what < 0 || text.length <= GYRE_MULTIPART_HEAD);
    t->err = what;
    gyre_buf_take(in, in->length - text.length);
    free(copy);
}

/* No delimiter was overlooked. */
static void check_contents(const struct told *t, struct gyre_span delimiter)
{
    for (size_t i = 0; i < t->count && i < PARTS; i++) {
        const struct gyre_buf *b = &t->parts[i].content;

        always(b->length == 0 || memmem(b->at, b->length, delimiter.at,
                                        delimiter.length) == NULL);
    }
}

static void read_form(struct told *t, struct gyre_span type,
                      struct gyre_span text, struct fuzz_cuts cuts)
{
    struct gyre_multipart m;
    struct gyre_buf in = {0};

    memset(t, 0, sizeof *t);
    t->err = gyre_multipart_begin(&m, type);
    for (size_t at = 0; at < text.length && t->err == 0;) {
        size_t end = fuzz_cut(&cuts, at, text.length);

        always(gyre_buf_append(&in, text.at + at, end - at) == 0);
        read_some(&m, &in, t);
        at = end;
    }
    t->ended = t->err == 0 && m.ended;
    check_contents(t, gyre_span_from(m.delimiter, m.length));
    gyre_buf_free(&in);
}

static void forget(struct told *t)
{
    for (size_t i = 0; i < PARTS; i++) {
        free(t->parts[i].name);
        free(t->parts[i].filename);
        free(t->parts[i].type);
        gyre_buf_free(&t->parts[i].content);
    }
    gyre_buf_free(&t->said);
}

static bool same_text(const struct gyre_buf *a, const struct gyre_buf *b)
{
    return gyre_span_equals(gyre_span_from(a->at, a->length),
                            gyre_span_from(b->at, b->length));
}

/* What is composed of the parts; false if some cannot be, or not as they
   are. */
static bool compose(const struct told *t, struct gyre_multipart_form *form,
                    struct gyre_buf *out)
{
    always(gyre_multipart_compose(form) == 0);
    for (size_t i = 0; i < t->count; i++) {
        const char *name = t->parts[i].name, *file = t->parts[i].filename;
        size_t before = out->length;
        int err = gyre_multipart_add(form, out, name, file, t->parts[i].type);

        always(err == 0 || err == -EINVAL || err == -EMSGSIZE);
        always(err == 0 || out->length == before);
        if (err || strpbrk(name, "\"\r\n") ||
            (file != NULL && strpbrk(file, "\"\r\n")))
            return false;
        always(gyre_buf_append(out, t->parts[i].content.at,
                               t->parts[i].content.length) == 0);
    }
    always(gyre_multipart_end(form, out) == 0);
    return true;
}

static void send_parts_again(const struct told *t)
{
    struct gyre_multipart_form form;
    struct gyre_buf out = {0};
    struct told again;

    if (compose(t, &form, &out)) {
        struct gyre_span text = gyre_span_from(out.at, out.length);

        read_form(&again, gyre_span_of(form.type), text,
                  fuzz_cuts(out.at, out.length, 2));
        always(again.ended && again.count == t->count);
        always(same_text(&again.said, &t->said));
        forget(&again);
    }
    gyre_buf_free(&out);
}

/* The boundary is in the first line, with parameters behind it if there are
   some; then comes the form. */
void fuzz_multipart(const char *data, size_t n)
{
    const char *feed = n > 0 ? memchr(data, '\n', n) : NULL;
    size_t first = feed != NULL ? (size_t)(feed - data) : n;
    struct gyre_span text = {data + n, 0}, type;
    struct gyre_buf field = {0};
    struct told whole, parts;

    if (feed != NULL)
        text = gyre_span_from(feed + 1, n - first - 1);
    gyre_buf_append_string(&field, "multipart/form-data; boundary=");
    always(gyre_buf_append(&field, data, first) == 0);
    type = gyre_span_from(field.at, field.length);
    read_form(&whole, type, text, fuzz_cuts(data, n, 0));
    for (int way = 1; way < FUZZ_WAYS; way++) {
        read_form(&parts, type, text, fuzz_cuts(data, n, way));
        always(parts.err == whole.err && parts.ended == whole.ended);
        always(parts.count == whole.count);
        always(same_text(&parts.said, &whole.said));
        forget(&parts);
    }
    if (whole.ended && whole.count <= PARTS)
        send_parts_again(&whole);
    forget(&whole);
    gyre_buf_free(&field);
}
