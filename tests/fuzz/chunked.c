/*
 * chunked.c - bodies in chunks.
 *
 * However one is divided, the body is the same, and so is where it ends; it is
 * what a reader says it is who has all of it and may look ahead; and framed
 * anew, it is read as the same.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/body.h"
#include "tests/fuzz/fuzz.h"

struct outcome {
    struct gyre_buf body;
    const char *why;
    size_t taken;
    int err;
    bool ended;
};

/* Read all the pieces of the body in `n` bytes that arrive together. */
static void read_arrival(struct gyre_http_body *b, const char *data, size_t n,
                         struct outcome *o)
{
    size_t at = 0;

    while (at < n && !gyre_http_body_ended(b) && o->err == 0) {
        struct gyre_span piece;
        ssize_t k = gyre_http_body_read(b, data + at, n - at, &piece);

        always(k != 0 && k <= (ssize_t)(n - at));
        if (k < 0) {
            o->err = (int)k;
            return;
        }
        always(fuzz_within(piece, data + at, (size_t)k));
        always(gyre_buf_append(&o->body, piece.at, piece.length) == 0);
        at += (size_t)k;
    }
    o->taken += at;
}

static struct outcome read_body(const char *data, size_t n,
                                struct fuzz_cuts cuts, uint64_t most)
{
    struct outcome o = {{0}};
    struct gyre_http_body b;
    size_t at = 0;

    always(gyre_http_body_expect(&b, GYRE_HTTP_CHUNKED, 0, most) == 0);
    while (at < n && o.err == 0 && !gyre_http_body_ended(&b)) {
        size_t end = fuzz_cut(&cuts, at, n);
        char *piece = fuzz_copy(data + at, end - at);

        read_arrival(&b, piece, end - at, &o);
        free(piece);
        at = end;
    }
    o.why = b.why;
    o.ended = gyre_http_body_ended(&b);
    always(gyre_http_body_close(&b) == (o.err ? o.err : o.ended ? 0 : -EPIPE));
    return o;
}

static void same_outcome(const struct outcome *a, const struct outcome *b)
{
    always(a->err == b->err && a->why == b->why && a->ended == b->ended);
    always(a->body.length == b->body.length);
    always(a->body.length == 0 ||
           memcmp(a->body.at, b->body.at, a->body.length) == 0);
    always(a->err || a->taken == b->taken);
}

/* Where the line ends that begins at `at`, its CRLF included. */
static const char *line_end(const char *at, const char *end)
{
    const char *feed = memchr(at, '\n', (size_t)(end - at));

    always(feed != NULL && feed > at && feed[-1] == '\r');
    return feed + 1;
}

/* The same by a reader that has all of it: for what was taken. */
static void check_plainly(const char *at, const struct outcome *o)
{
    const char *end = at + o->taken;
    size_t read = 0;
    uint64_t size;

    do {
        char *digits;

        size = strtoull(at, &digits, 16);
        always(digits > at && (*digits == ';' || *digits == '\r'));
        always(digits == at + strspn(at, "0123456789abcdefABCDEF"));
        at = line_end(at, end);
        always(size <= (uint64_t)(end - at) && size <= o->body.length - read);
        always(size == 0 || memcmp(o->body.at + read, at, size) == 0);
        read += size;
        at += size;
        if (size > 0)
            always(memcmp(at, "\r\n", 2) == 0);
        at += size > 0 ? 2 : 0;
    } while (size > 0);
    always(read == o->body.length);
    while (end - at > 2) {
        always(memchr(at, ':', (size_t)(line_end(at, end) - at)) != NULL);
        at = line_end(at, end);
    }
    always(end - at == 2 && memcmp(at, "\r\n", 2) == 0);
}

/* Framed anew, in chunks of any size, it is the same. */
static void frame_again(const char *data, size_t n, const struct outcome *o)
{
    struct fuzz_cuts cuts = fuzz_cuts(data, n, 2);
    struct gyre_buf out = {0};
    struct outcome again;
    size_t at = 0;

    while (at < o->body.length) {
        size_t end = fuzz_cut(&cuts, at, o->body.length);
        char head[GYRE_HTTP_CHUNK_HEAD_MAX];

        gyre_buf_append(&out, head, gyre_http_chunk_head(head, end - at));
        gyre_buf_append(&out, o->body.at + at, end - at);
        gyre_buf_append_string(&out, GYRE_HTTP_CHUNK_TAIL);
        at = end;
    }
    gyre_buf_append_string(&out, GYRE_HTTP_LAST_CHUNK);
    again = read_body(out.at, out.length, cuts, o->body.length);
    always(again.ended && again.taken == out.length);
    always(again.body.length == o->body.length);
    always(o->body.length == 0 ||
           memcmp(again.body.at, o->body.at, o->body.length) == 0);
    gyre_buf_free(&again.body);
    gyre_buf_free(&out);
}

void fuzz_chunked(const char *data, size_t n)
{
    uint32_t choice = fuzz_number(data, n);
    uint64_t most = choice % 4 == 0 ? choice / 4 % 32 : UINT64_MAX;
    struct outcome whole = read_body(data, n, fuzz_cuts(data, n, 0), most);

    for (int way = 1; way < FUZZ_WAYS; way++) {
        struct outcome parts =
            read_body(data, n, fuzz_cuts(data, n, way), most);

        same_outcome(&whole, &parts);
        gyre_buf_free(&parts.body);
    }
    always(whole.body.length <= most);
    always(whole.err == 0 || whole.why != NULL);
    if (whole.ended) {
        check_plainly(data, &whole);
        frame_again(data, n, &whole);
    }
    gyre_buf_free(&whole.body);
}
