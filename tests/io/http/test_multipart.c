/*
 * test_multipart.c - forms with files are read the same however they come, and
 * composed as they are read.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/multipart.h"
#include "tests/io/http/vectors.h"
#include "tests/support/faults.h"

/* A reader, the text that has come and was not taken, and the content of the
   part in hand. */
struct form {
    struct gyre_multipart m;
    struct gyre_buf text, content;
    size_t most; /* bytes that were kept */
};

static const char *printable(const struct gyre_buf *b)
{
    static char text[600];
    size_t n = 0;

    for (size_t i = 0; i < b->length && n < 500; i++) {
        char c = b->at[i];

        if (c >= ' ' && c <= '~')
            text[n++] = c;
        else
            n += (size_t)sprintf(text + n, "<%02x>", (unsigned char)c);
    }
    text[n] = '\0';
    return text;
}

static void say_part(struct form *f, struct gyre_buf *outcome)
{
    const struct gyre_multipart *m = &f->m;

    vectors_say(outcome, "part %.300s%s%.300s (%.300s)", m->name,
                m->filename ? " file " : "", m->filename ? m->filename : "",
                m->type);
}

static void say_end(struct form *f, struct gyre_buf *outcome)
{
    if (f->content.length > 500)
        vectors_say(outcome, "%zu bytes", f->content.length);
    else
        vectors_say(outcome, "'%s'", printable(&f->content));
    gyre_buf_cut(&f->content, 0);
}

/* Read what has come; false if it cannot be. */
static bool read_on(struct form *f, struct gyre_buf *outcome)
{
    struct gyre_span text = {f->text.at, f->text.length}, data;
    int what;

    while ((what = gyre_multipart_next(&f->m, &text, &data)) > 0) {
        if (what == GYRE_MULTIPART_PART)
            say_part(f, outcome);
        if (what == GYRE_MULTIPART_PART_END)
            say_end(f, outcome);
        if (what == GYRE_MULTIPART_DATA) {
            cr_assert_eq(data.at, text.at);
            cr_assert(data.length > 0 && data.length <= text.length);
            cr_assert_eq(gyre_buf_append(&f->content, data.at, data.length), 0);
            text = gyre_span_from(text.at + data.length,
                                  text.length - data.length);
        }
    }
    gyre_buf_take(&f->text, f->text.length - text.length);
    if (f->text.length > f->most)
        f->most = f->text.length;
    if (what < 0)
        vectors_say(outcome, "%d: %s", what, f->m.why);
    return what == 0;
}

/* A message is the value of Content-Type, CRLF, and the form. */
static void read_message(const struct gyre_buf *message, const size_t *ends,
                         size_t n, struct gyre_buf *outcome)
{
    const char *crlf = memmem(message->at, message->length, "\r\n", 2);
    size_t at = crlf != NULL ? (size_t)(crlf - message->at) : message->length;
    struct form f = {.text = {0}};
    int err = gyre_multipart_begin(&f.m, gyre_span_from(message->at, at));
    bool fine = err == 0;

    if (err)
        vectors_say(outcome, "%d: %s", err, f.m.why);
    at = at + 2 < message->length ? at + 2 : message->length;
    for (size_t i = 0; fine && i < n; i++) {
        size_t more = ends[i] > at ? ends[i] - at : 0;

        cr_assert_eq(gyre_buf_append(&f.text, message->at + at, more), 0);
        at += more;
        fine = read_on(&f, outcome);
        cr_assert(!fine || f.text.length <= GYRE_MULTIPART_HEAD + 1);
    }
    if (fine)
        vectors_say(outcome, f.m.ended ? "ended" : "more");
    gyre_buf_free(&f.text);
    gyre_buf_free(&f.content);
}

Test(multipart, is_read_as_the_vectors_say_however_it_comes)
{
    vectors_run("multipart.txt", read_message);
}

Test(multipart, changed_at_random_is_read_the_same_however_it_comes)
{
    vectors_mutate("multipart.txt", read_message, 100);
}

/* ---- bounds ---- */

#define TYPE "multipart/form-data; boundary=b"
#define HEAD "\r\nContent-Disposition: form-data; name=n\r\n\r\n"

static void begin(struct form *f)
{
    memset(f, 0, sizeof *f);
    cr_assert_eq(gyre_multipart_begin(&f->m, gyre_span_of(TYPE)), 0);
}

static void tell(struct form *f, const char *text)
{
    cr_assert_eq(gyre_buf_append_string(&f->text, text), 0);
}

static void end(struct form *f, struct gyre_buf *outcome)
{
    gyre_buf_free(&f->text);
    gyre_buf_free(&f->content);
    gyre_buf_free(outcome);
}

Test(multipart, of_any_size_is_kept_in_little_memory)
{
    struct form f;
    struct gyre_buf outcome = {0};
    size_t content = 0;

    begin(&f);
    tell(&f, "--b" HEAD);
    for (int i = 0; i < 20000; i++) {
        tell(&f, "\r\n--\r\n-\r\r\n--a");
        cr_assert(read_on(&f, &outcome));
        content += f.content.length;
        gyre_buf_cut(&f.content, 0);
    }
    tell(&f, "\r\n--b--");
    cr_assert(read_on(&f, &outcome));
    cr_expect(f.m.ended);
    cr_expect_eq(content, 20000 * 13);
    cr_expect(f.most < 10);
    end(&f, &outcome);
}

/* Read what was told, a byte at a time. */
static bool read_slowly(struct form *f, struct gyre_buf *outcome)
{
    struct gyre_buf all = f->text;
    bool fine = true;

    f->text = (struct gyre_buf){0};
    for (size_t i = 0; fine && i < all.length; i++) {
        cr_assert_eq(gyre_buf_append(&f->text, all.at + i, 1), 0);
        fine = read_on(f, outcome);
    }
    gyre_buf_free(&all);
    return fine;
}

Test(multipart, may_have_a_head_of_some_size)
{
    static char junk[GYRE_MULTIPART_HEAD];

    for (size_t more = 0; more < 2; more++) {
        struct form f;
        struct gyre_buf outcome = {0};
        size_t n = GYRE_MULTIPART_HEAD - strlen("X: ") - strlen(HEAD) + 2;

        begin(&f);
        memset(junk, 'x', sizeof junk);
        junk[n + more] = '\0';
        tell(&f, "--b\r\nX: ");
        tell(&f, junk);
        tell(&f, HEAD "\r\n--b--");
        cr_expect_eq(read_slowly(&f, &outcome), more == 0);
        cr_expect(more == 0 || strstr(outcome.at, "too long") != NULL);
        cr_expect_eq(f.m.ended, more == 0);
        end(&f, &outcome);
    }
}

/* A name and a type that fill all of a head: there is room for them. */
Test(multipart, has_room_for_any_strings)
{
    static char junk[GYRE_MULTIPART_HEAD];
    struct form f;
    struct gyre_buf outcome = {0};

    begin(&f);
    memset(junk, 'x', 1300);
    tell(&f, "--b\r\nContent-Disposition:form-data;name=");
    tell(&f, junk);
    tell(&f, ";filename=");
    tell(&f, junk);
    tell(&f, "\r\nContent-Type:");
    tell(&f, junk);
    tell(&f, "\r\n\r\n\r\n--b--");
    cr_expect(read_on(&f, &outcome));
    cr_expect_eq(strlen(f.m.name), 1300);
    cr_expect_eq(strlen(f.m.filename), 1300);
    cr_expect_eq(strlen(f.m.type), 1300);
    end(&f, &outcome);
}

Test(multipart, has_so_many_parts)
{
    struct form f;
    struct gyre_buf outcome = {0};

    begin(&f);
    for (int i = 0; i < GYRE_MULTIPART_PARTS; i++) {
        tell(&f, "--b" HEAD "\r\n");
        cr_assert(read_on(&f, &outcome));
    }
    tell(&f, "--b");
    cr_expect(read_on(&f, &outcome));
    tell(&f, HEAD);
    cr_expect_not(read_on(&f, &outcome));
    cr_expect_str_eq(f.m.why, "too many parts");
    cr_expect_not(read_on(&f, &outcome));
    end(&f, &outcome);
}

/* The caller takes content a byte at a time. */
Test(multipart, content_is_taken_in_any_pieces)
{
    struct form f;
    struct gyre_span text, data;
    char content[20] = "";
    size_t n = 0;
    int what;

    begin(&f);
    text = gyre_span_of("--b" HEAD "--\r\n--\r\n\r--a\r\n--b--");
    while ((what = gyre_multipart_next(&f.m, &text, &data)) > 0)
        if (what == GYRE_MULTIPART_DATA) {
            content[n++] = data.at[0];
            text = gyre_span_from(text.at + 1, text.length - 1);
        }
    cr_expect_eq(what, 0);
    cr_expect(f.m.ended);
    cr_expect_str_eq(content, "--\r\n--\r\n\r--a");
}

/* ---- composing ---- */

static void compose(struct gyre_multipart_form *f, struct gyre_buf *out)
{
    cr_assert_eq(gyre_multipart_compose(f), 0);
    cr_assert_eq(gyre_multipart_add(f, out, "a", NULL, NULL), 0);
    cr_assert_eq(gyre_buf_append_string(out, "1"), 0);
    cr_assert_eq(
        gyre_multipart_add(f, out, "file \"x\r\n", "a\"b.txt", "image/png"), 0);
    cr_assert_eq(gyre_buf_append_string(out, "\r\n--\r\n"), 0);
    cr_assert_eq(gyre_multipart_end(f, out), 0);
}

Test(multipart, what_is_composed_is_read)
{
    struct gyre_multipart_form form;
    struct gyre_buf outcome = {0};
    struct form f = {.text = {0}};

    compose(&form, &f.text);
    cr_assert_eq(gyre_multipart_begin(&f.m, gyre_span_of(form.type)), 0);
    cr_expect(read_on(&f, &outcome));
    cr_expect(f.m.ended);
    cr_assert_eq(gyre_buf_append(&outcome, "", 1), 0);
    cr_expect_str_eq(outcome.at, "part a (text/plain)\n"
                                 "'1'\n"
                                 "part file %22x%0D%0A file a%22b.txt "
                                 "(image/png)\n"
                                 "'<0d><0a>--<0d><0a>'\n");
    end(&f, &outcome);
}

Test(multipart, composed_goes_on_where_it_was_copied_to)
{
    struct gyre_multipart_form form, copy;
    struct gyre_buf one = {0}, other = {0};

    cr_assert_eq(gyre_multipart_compose(&form), 0);
    copy = form;
    cr_assert_eq(gyre_multipart_end(&form, &one), 0);
    memset(&form, 'x', sizeof form - 1);
    cr_assert_eq(gyre_multipart_end(&copy, &other), 0);
    cr_expect(gyre_span_equals(gyre_span_from(one.at, one.length),
                               gyre_span_from(other.at, other.length)));
    gyre_buf_free(&one);
    gyre_buf_free(&other);
}

/* The name of a part that ends in a backslash does not go on behind its
   quote. */
Test(multipart, a_backslash_in_a_name_comes_as_it_was)
{
    static const char *const names[] = {"\\", "a\\", "\\\\", "a\\b", "\\\\\\"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct gyre_multipart_form form;
        struct gyre_buf text = {0};
        struct gyre_multipart m;
        struct gyre_span rest, data;

        cr_assert_eq(gyre_multipart_compose(&form), 0);
        cr_assert_eq(
            gyre_multipart_add(&form, &text, names[i], "; name=b;", NULL), 0);
        cr_assert_eq(gyre_multipart_end(&form, &text), 0);
        cr_assert_eq(gyre_multipart_begin(&m, gyre_span_of(form.type)), 0);
        rest = gyre_span_from(text.at, text.length);
        cr_expect_eq(gyre_multipart_next(&m, &rest, &data),
                     GYRE_MULTIPART_PART);
        cr_expect_str_eq(m.name, names[i]);
        cr_expect_str_eq(m.filename, "; name=b;");
        gyre_buf_free(&text);
    }
}

Test(multipart, has_another_boundary_each_time)
{
    struct gyre_multipart_form one, other;

    cr_assert_eq(gyre_multipart_compose(&one), 0);
    cr_assert_eq(gyre_multipart_compose(&other), 0);
    cr_expect_str_neq(one.type, other.type);
    cr_expect_eq(strlen(one.type), strlen(other.type));
}

Test(multipart, nothing_injects)
{
    static const char *const refused[][3] = {
        {"a\x01", NULL, NULL},
        {"a\x7f", NULL, NULL},
        {"a", "b\x1b", NULL},
        {"a", "b", ""},
        {"a", "b", "text/plain\r\nX: y"},
        {"a", "b", "text/plain\n"},
    };
    static char name[GYRE_MULTIPART_HEAD];
    struct gyre_multipart_form f;
    struct gyre_buf out = {0};

    cr_assert_eq(gyre_multipart_compose(&f), 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        cr_expect_eq(gyre_multipart_add(&f, &out, refused[i][0], refused[i][1],
                                        refused[i][2]),
                     -EINVAL, "%zu", i);
    memset(name, 'x', sizeof name - 1);
    cr_expect_eq(gyre_multipart_add(&f, &out, name, NULL, NULL), -EMSGSIZE);
    cr_expect_eq(out.length, 0);
    gyre_buf_free(&out);
}

static int compose_much(void)
{
    struct gyre_multipart_form f;
    struct gyre_buf out = {0};
    int err = gyre_multipart_compose(&f);

    for (int i = 0; err == 0 && i < 20; i++) {
        size_t before = out.length;

        err = gyre_multipart_add(&f, &out, "name", "file", "text/plain");
        cr_expect(err == 0 || out.length == before);
    }
    if (err == 0)
        err = gyre_multipart_end(&f, &out);
    gyre_buf_free(&out);
    return err;
}

Test(multipart, without_memory_says_so)
{
    cr_expect(faults_in_memory(compose_much) > 3);
}
