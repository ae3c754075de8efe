/*
 * head.c - heads, of requests and of responses.
 *
 * However one is divided, all of what is found in it is the same; no byte
 * behind it has a say, and none before its last is enough.  One that is taken
 * has no line that another reader could see end elsewhere, and one field at
 * most that says where the body ends.  What is composed of a request's parts is
 * read as the same request.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/compose.h"
#include "io/http/head.h"
#include "tests/fuzz/fuzz.h"

enum { FIELDS = 100 };

/* A head, and the buffer it was read in. */
struct reading {
    struct gyre_http_head h;
    struct gyre_http_field fields[FIELDS];
    char *data;
    ssize_t result;
};

/* The bytes decide on the limits too; usually they are large. */
static void begin(struct reading *r, enum gyre_http_kind kind, const char *data,
                  size_t n)
{
    uint32_t choice = fuzz_number(data, n);
    struct gyre_http_limits limits = {0};
    size_t room = FIELDS;

    if (choice % 8 == 0)
        limits.line = 8 + choice / 8 % 64;
    if (choice % 8 == 1)
        limits.head = 16 + choice / 8 % 128;
    if (choice % 8 == 2)
        room = choice / 8 % 4;
    gyre_http_head_init(&r->h, kind, r->fields, room, &limits);
    r->data = NULL;
}

/* Read `n` bytes as they come, each time elsewhere. */
static void read_in(struct reading *r, const char *data, size_t n,
                    struct fuzz_cuts cuts)
{
    size_t at = 0;

    r->result = 0;
    while (at < n && r->result == 0) {
        char *old = r->data;

        at = fuzz_cut(&cuts, at, n);
        r->data = fuzz_copy(data, at);
        free(old);
        r->result = gyre_http_head_parse(&r->h, r->data, at);
        always(r->result <= (ssize_t)at);
    }
}

static void same(const struct reading *a, struct gyre_span s,
                 const struct reading *b, struct gyre_span t)
{
    always((s.at == NULL) == (t.at == NULL));
    always(gyre_span_equals(s, t));
    /* A path that was not written is no part of the buffer. */
    if (s.length > 0 && fuzz_within(s, a->data, (size_t)a->result))
        always(s.at - a->data == t.at - b->data);
}

static void same_fields(const struct reading *a, const struct reading *b)
{
    always(a->h.field_count == b->h.field_count);
    for (size_t i = 0; i < a->h.field_count; i++) {
        same(a, a->fields[i].name, b, b->fields[i].name);
        same(a, a->fields[i].value, b, b->fields[i].value);
    }
}

static void same_reading(const struct reading *a, const struct reading *b)
{
    always(a->result == b->result);
    always(a->h.answer == b->h.answer);
    always(a->h.why == b->h.why);
    if (a->result <= 0)
        return;
    same(a, a->h.method, b, b->h.method);
    same(a, a->h.target, b, b->h.target);
    same(a, a->h.path, b, b->h.path);
    same(a, a->h.query, b, b->h.query);
    same(a, a->h.host, b, b->h.host);
    same(a, a->h.reason, b, b->h.reason);
    same_fields(a, b);
    always(a->h.status == b->h.status && a->h.minor == b->h.minor);
    always(a->h.framing == b->h.framing && a->h.length == b->h.length);
    always(a->h.keep_alive == b->h.keep_alive);
    always(a->h.expect_continue == b->h.expect_continue);
    always(a->h.upgrade == b->h.upgrade);
}

static void check_refused(const struct reading *r)
{
    always(r->result == -EPROTO || r->result == -EMSGSIZE);
    always(r->h.why != NULL);
    always((r->result == -EMSGSIZE) ==
           (r->h.answer == 414 || r->h.answer == 431));
    always(r->h.answer >= 400 && r->h.answer <= 505);
}

/* Lines end in CRLF, of which no half stands alone, and an empty one ends all
   of it. */
static void check_lines(const char *at, size_t n)
{
    size_t start = n > 2 && memcmp(at, "\r\n", 2) == 0 ? 2 : 0;
    const char *end = memmem(at + start, n - start, "\r\n\r\n", 4);

    always(end != NULL && end + 4 == at + n);
    always(memchr(at, '\0', n) == NULL);
    for (size_t i = 0; i < n; i++) {
        always(at[i] != '\n' || (i > 0 && at[i - 1] == '\r'));
        always(at[i] != '\r' || (i + 1 < n && at[i + 1] == '\n'));
    }
}

static size_t count(const struct gyre_http_head *h, const char *name,
                    struct gyre_span *value)
{
    size_t n = 0;

    for (size_t i = 0; i < h->field_count; i++) {
        if (!gyre_span_equals_nocase(h->fields[i].name, gyre_span_of(name)))
            continue;
        *value = h->fields[i].value;
        n++;
    }
    return n;
}

/* Where the body ends is said by one field alone, and plainly. */
static void check_framing(const struct gyre_http_head *h)
{
    struct gyre_span length = {0}, coding = {0};
    size_t lengths = count(h, "content-length", &length);
    size_t codings = count(h, "transfer-encoding", &coding);

    always(lengths + codings <= 1);
    always(codings == 0 || h->minor == 1);
    always(codings == 0 ||
           gyre_span_equals_nocase(coding, gyre_span_of("chunked")));
    always(h->framing != GYRE_HTTP_CHUNKED || codings == 1);
    always(h->framing != GYRE_HTTP_LENGTH || lengths == 1);
    always(h->length <= INT64_MAX);
    if (lengths == 1) {
        char *digits = fuzz_string(length);

        always(strspn(digits, "0123456789") == length.length);
        always(strtoull(digits, NULL, 10) == h->length);
        free(digits);
    }
    if (h->kind == GYRE_HTTP_REQUEST)
        always(h->framing != GYRE_HTTP_UNTIL_CLOSE &&
               codings + lengths == (h->framing != GYRE_HTTP_NO_BODY));
}

static void check_spans(const struct reading *r)
{
    const struct gyre_http_head *h = &r->h;
    size_t n = (size_t)r->result;

    always(fuzz_within(h->method, r->data, n));
    always(fuzz_within(h->target, r->data, n));
    always(fuzz_within(h->query, r->data, n));
    always(fuzz_within(h->host, r->data, n));
    always(fuzz_within(h->reason, r->data, n));
    always(fuzz_within(h->path, r->data, n) ||
           gyre_span_equals(h->path, gyre_span_of("/")));
    for (size_t i = 0; i < h->field_count; i++) {
        struct gyre_span value = h->fields[i].value;

        always(fuzz_within(h->fields[i].name, r->data, n));
        always(fuzz_within(value, r->data, n) && value.at != NULL);
        always(gyre_span_equals(gyre_span_trim(value), value));
    }
}

/* The fields that a composer lets its user set, in `f`. */
static void keep_fields(const struct gyre_http_head *h,
                        struct gyre_http_fields *f)
{
    for (size_t i = 0; i < h->field_count; i++) {
        char *name = fuzz_string(h->fields[i].name);
        char *value = fuzz_string(h->fields[i].value);
        int err = gyre_http_fields_add(f, name, value);

        always(err == 0 || err == -EINVAL || err == -EMSGSIZE);
        free(name);
        free(value);
    }
}

/* Every field of `f` has come, in order. */
static void check_fields_came(const struct gyre_http_head *h,
                              const struct gyre_http_head *came)
{
    struct gyre_http_fields f = {{0}}, g = {{0}};

    keep_fields(h, &f);
    keep_fields(came, &g);
    always(f.text.length == g.text.length);
    always(f.text.length == 0 ||
           memcmp(f.text.at, g.text.at, f.text.length) == 0);
    gyre_http_fields_free(&f);
    gyre_http_fields_free(&g);
}

/* A request that is made of the parts of one that was read is the same. */
static void compose_again(const struct gyre_http_head *h)
{
    struct gyre_http_fields f = {{0}};
    struct gyre_http_envelope e = {.fields = &f,
                                   .framing = h->framing,
                                   .length = h->length,
                                   .keep_alive = h->keep_alive};
    struct reading again = {.data = NULL};
    struct gyre_buf out = {0};
    char *method = fuzz_string(h->method);

    keep_fields(h, &f);
    always(gyre_http_compose_request(&out, method, h->target, h->host, &e) ==
           0);
    gyre_http_head_init(&again.h, GYRE_HTTP_REQUEST, again.fields, FIELDS,
                        &(struct gyre_http_limits){20000, 40000});
    again.result = gyre_http_head_parse(&again.h, out.at, out.length);
    always(again.result == (ssize_t)out.length);
    always(gyre_span_equals(again.h.method, h->method));
    always(gyre_span_equals(again.h.target, h->target));
    always(gyre_span_equals(again.h.host, h->host));
    always(gyre_span_equals(again.h.path, h->path));
    always(gyre_span_equals(again.h.query, h->query));
    always(again.h.framing == h->framing && again.h.length == h->length);
    always(again.h.keep_alive == h->keep_alive);
    always(again.h.expect_continue == h->expect_continue);
    check_fields_came(h, &again.h);
    gyre_http_fields_free(&f);
    gyre_buf_free(&out);
    free(method);
}

static void check_request(const struct gyre_http_head *h)
{
    always(h->method.length > 0 && h->target.length > 0);
    always(h->minor == 0 || h->host.length > 0);
    always(!h->expect_continue || h->framing != GYRE_HTTP_NO_BODY);
    if (h->path.at != NULL)
        always(h->path.length > 0 &&
               (h->path.at[0] == '/' || h->path.at[0] == '*'));
    /* Two of the fields may be in the composed head's way. */
    if (h->minor == 1 && h->field_count + 2 <= FIELDS)
        compose_again(h);
}

static void check_response(const struct gyre_http_head *h)
{
    always(h->status >= 100 && h->status <= 999);
    always(h->framing != GYRE_HTTP_UNTIL_CLOSE || !h->keep_alive);
    if (h->status < 200 || h->status == 204 || h->status == 304 ||
        h->kind == GYRE_HTTP_RESPONSE_TO_HEAD)
        always(h->framing == GYRE_HTTP_NO_BODY);
}

/* The head alone is enough, and without its last byte it is not. */
static void check_end(const char *data, size_t n, enum gyre_http_kind kind,
                      const struct reading *whole)
{
    size_t length = (size_t)whole->result;

    for (size_t less = 0; less < 2; less++) {
        struct reading r;

        begin(&r, kind, data, n);
        read_in(&r, data, length - less, fuzz_cuts(data, n, 0));
        always(r.result == (less ? 0 : (ssize_t)length));
        free(r.data);
    }
}

static void check_head(enum gyre_http_kind kind, const char *data, size_t n)
{
    struct reading whole, parts;

    begin(&whole, kind, data, n);
    read_in(&whole, data, n, fuzz_cuts(data, n, 0));
    for (int way = 1; way < FUZZ_WAYS; way++) {
        begin(&parts, kind, data, n);
        read_in(&parts, data, n, fuzz_cuts(data, n, way));
        same_reading(&whole, &parts);
        free(parts.data);
    }
    if (whole.result < 0)
        check_refused(&whole);
    if (whole.result > 0) {
        check_lines(whole.data, (size_t)whole.result);
        check_framing(&whole.h);
        check_spans(&whole);
        check_end(data, n, kind, &whole);
        if (kind == GYRE_HTTP_REQUEST)
            check_request(&whole.h);
        else
            check_response(&whole.h);
    }
    free(whole.data);
}

void fuzz_request(const char *data, size_t n)
{
    check_head(GYRE_HTTP_REQUEST, data, n);
}

void fuzz_response(const char *data, size_t n)
{
    check_head(GYRE_HTTP_RESPONSE, data, n);
    check_head(GYRE_HTTP_RESPONSE_TO_HEAD, data, n);
}
