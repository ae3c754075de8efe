/*
 * range.c - parts of files, asked for of a whole server.
 *
 * The bytes are the value of a Range, and fields behind it.  What is said to be
 * a part of the file is.
 */
#include "tests/fuzz/targets.h"

#include <stdio.h>
#include <string.h>

#include "tests/fuzz/visit.h"

/* The bytes of the file at VISIT_FILE, read once. */
static struct gyre_span served(void)
{
    static char bytes[100000];
    static size_t n;

    if (n == 0) {
        FILE *f = fopen(VISIT_FILE, "rb");

        always(f != NULL);
        n = fread(bytes, 1, sizeof bytes, f);
        always(n > 0 && n < sizeof bytes);
        fclose(f);
    }
    return gyre_span_from(bytes, n);
}

static const char *value(const struct gyre_http_head *h, const char *name,
                         char out[100])
{
    struct gyre_span s = gyre_http_field_find(h->fields, h->field_count, name);

    always(s.at != NULL && s.length < 100);
    memcpy(out, s.at, s.length);
    out[s.length] = '\0';
    return out;
}

/* What is said to be a part of the file is, and no empty one. */
static void check_part(const struct gyre_http_head *h,
                       const struct gyre_buf *body)
{
    struct gyre_span file = served();
    unsigned long long from, to, size;
    char text[100], again[100];

    always(sscanf(value(h, "Content-Range", text), "bytes %llu-%llu/%llu",
                  &from, &to, &size) == 3);
    snprintf(again, sizeof again, "bytes %llu-%llu/%llu", from, to, size);
    always(strcmp(text, again) == 0);
    always(size == file.length && from <= to && to < size);
    always(h->framing == GYRE_HTTP_LENGTH && h->length == to - from + 1);
    always(gyre_span_equals(gyre_span_from(body->at, body->length),
                            gyre_span_from(file.at + from, to - from + 1)));
}

static void check_ranged(struct visit *v)
{
    struct gyre_span file = served();
    struct gyre_buf body = {0};
    struct gyre_http_head h;
    char text[100], all[40];

    visit_read_answer(v->heard.at, v->heard.length, false, v->answers[0].status,
                      &h, &body);
    snprintf(all, sizeof all, "bytes */%zu", file.length);
    if (h.status == 206)
        check_part(&h, &body);
    else if (h.status == 416)
        always(strcmp(value(&h, "Content-Range", text), all) == 0);
    else if (h.status == 200)
        always(gyre_span_equals(gyre_span_from(body.at, body.length), file));
    else
        always(h.status == 304 || h.status == 412 || h.status == 400 ||
               h.status == 417 || h.status == 431 || h.status == 413 ||
               h.status == 501);
    gyre_buf_free(&body);
}

void fuzz_range(const char *data, size_t n)
{
    static struct visit v;
    struct gyre_buf text = {0};

    gyre_buf_append_string(&text, "GET /file HTTP/1.1\r\nHost: a\r\nRange: ");
    always(gyre_buf_append(&text, data, n) == 0);
    gyre_buf_append_string(&text, "\r\n\r\n");
    visit_make(&v, text.at, text.length, 0);
    if (v.answered > 0)
        check_ranged(&v);
    gyre_buf_free(&v.heard);
    gyre_buf_free(&v.received);
    gyre_buf_free(&text);
}
