/*
 * body.c - reads and frames bodies.
 *
 * The states of a chunked body, by what comes next; SIZE is the first:
 *
 *   SIZE ── CR ──▶ SIZE_LF                           behind its digits
 *   SIZE ── ';' ──▶ EXTENSION ── CR ──▶ SIZE_LF
 *   SIZE_LF ── LF ──▶ DATA ──▶ DATA_CR ──▶ DATA_LF ──▶ SIZE
 *   SIZE_LF ── LF ──▶ TRAILER                        if the size was 0
 *   TRAILER ──▶ NAME ── ':' ──▶ VALUE ── CR ──▶ VALUE_LF ──▶ TRAILER
 *   TRAILER ── CR ──▶ LAST_LF ── LF ──▶ ENDED
 *
 * A body of known length is in DATA until it has ENDED, and so is one that goes
 * on until the peer closes.  Every byte is looked at once, and no state depends
 * on where a read ended.
 */
#include "io/http/body.h"

#include <assert.h>
#include <errno.h>

#include "io/http/internal.h"

enum {
    ENDED = 0, /* as gyre_http_body_ended knows */
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER,
    NAME,
    VALUE,
    VALUE_LF,
    LAST_LF
};

/* What may stand around the chunks.  Nobody has a use for more. */
enum {
    SIZE_DIGITS = 16,
    EXTENSION_MAX = 256, /* bytes in one chunk */
    EXTRAS_MAX = 16384,  /* bytes in one body, with its trailers */
    TRAILERS_MAX = 100
};

int gyre_http_body_expect(struct gyre_http_body *b,
                          enum gyre_http_framing framing, uint64_t length,
                          uint64_t most)
{
    *b = (struct gyre_http_body){.framing = framing, .room = most};
    switch (framing) {
    case GYRE_HTTP_NO_BODY: b->state = ENDED; break;
    case GYRE_HTTP_LENGTH:
        b->state = length > 0 ? DATA : ENDED;
        b->left = length;
        break;
    case GYRE_HTTP_CHUNKED: b->state = SIZE; break;
    case GYRE_HTTP_UNTIL_CLOSE:
        b->state = DATA;
        b->left = UINT64_MAX;
        break;
    }
    if (framing == GYRE_HTTP_LENGTH && length > most) {
        b->why = "body too long";
        b->err = -EMSGSIZE;
    }
    return b->err;
}

static int refuse(struct gyre_http_body *b, int err, const char *why)
{
    b->why = why;
    b->err = err;
    return err;
}

/* Go to `state`, if the byte is the one that must come. */
static int need(struct gyre_http_body *b, char c, char wanted, int state)
{
    if (c != wanted)
        return refuse(b, -EPROTO, "malformed end of line in chunks");
    b->state = state;
    return 0;
}

static int read_size(struct gyre_http_body *b, char c)
{
    int digit = gyre_http_hex(c);

    if (digit >= 0) {
        if (++b->digits > SIZE_DIGITS || b->left > INT64_MAX / 16)
            return refuse(b, -EPROTO, "chunk size too large");
        b->left = 16 * b->left + (uint64_t)digit;
        return 0;
    }
    if (b->digits == 0 || (c != ';' && c != '\r'))
        return refuse(b, -EPROTO, "malformed chunk size");
    if (b->left > b->room)
        return refuse(b, -EMSGSIZE, "body too long");
    b->room -= b->left;
    b->extra = 0;
    b->quoted = 0;
    b->state = c == ';' ? EXTENSION : SIZE_LF;
    return 0;
}

/* A byte of no use to us, in an extension or a trailer: count it. */
static int pass_over(struct gyre_http_body *b)
{
    if (++b->extras > EXTRAS_MAX)
        return refuse(b, -EMSGSIZE, "too much around the chunks");
    return 0;
}

/* A quoted string must end in its line: some reader might look for its end
   beyond. */
static void follow_quotes(struct gyre_http_body *b, char c)
{
    if (b->quoted == 2)
        b->quoted = 1;
    else if (c == '"')
        b->quoted = !b->quoted;
    else if (c == '\\' && b->quoted)
        b->quoted = 2;
}

static int read_extension(struct gyre_http_body *b, char c)
{
    if (c == '\r' && b->quoted)
        return refuse(b, -EPROTO, "quoted string without end in an extension");
    if (c == '\r') {
        b->state = SIZE_LF;
        return 0;
    }
    follow_quotes(b, c);
    if (!gyre_http_is(c, GYRE_HTTP_TEXT))
        return refuse(b, -EPROTO, "control byte in chunk extension");
    if (++b->extra > EXTENSION_MAX)
        return refuse(b, -EMSGSIZE, "chunk extension too long");
    return pass_over(b);
}

static int read_trailer(struct gyre_http_body *b, char c)
{
    if (b->state == TRAILER && c == '\r') {
        b->state = LAST_LF;
        return 0;
    }
    if (b->state == VALUE && c == '\r') {
        b->state = VALUE_LF;
        return 0;
    }
    if (b->state == TRAILER && ++b->lines > TRAILERS_MAX)
        return refuse(b, -EMSGSIZE, "too many trailers");
    if (b->state == NAME && c == ':')
        b->state = VALUE;
    else if (!gyre_http_is(c, b->state == VALUE ? GYRE_HTTP_TEXT
                                                : GYRE_HTTP_TOKEN))
        return refuse(b, -EPROTO, "malformed trailer");
    else if (b->state == TRAILER)
        b->state = NAME;
    return pass_over(b);
}

/* Read one byte that is not the body's own. */
static int read_around(struct gyre_http_body *b, char c)
{
    switch (b->state) {
    case SIZE: return read_size(b, c);
    case EXTENSION: return read_extension(b, c);
    case SIZE_LF: return need(b, c, '\n', b->left > 0 ? DATA : TRAILER);
    case DATA_CR: return need(b, c, '\r', DATA_LF);
    case DATA_LF: b->digits = 0; return need(b, c, '\n', SIZE);
    case VALUE_LF: return need(b, c, '\n', TRAILER);
    case LAST_LF: return need(b, c, '\n', ENDED);
    default: return read_trailer(b, c);
    }
}

/* Let `piece` be what the `n` bytes at `data` have of the body. */
static int read_data(struct gyre_http_body *b, const char *data, size_t n,
                     struct gyre_span *piece)
{
    if (n > b->left)
        n = (size_t)b->left;
    if (b->framing == GYRE_HTTP_UNTIL_CLOSE) {
        if (n > b->room)
            return refuse(b, -EMSGSIZE, "body too long");
        b->room -= n;
    } else {
        b->left -= n;
    }
    *piece = gyre_span_from(data, n);
    if (b->left == 0)
        b->state = b->framing == GYRE_HTTP_CHUNKED ? DATA_CR : ENDED;
    return 0;
}

ssize_t gyre_http_body_read(struct gyre_http_body *b, const char *data,
                            size_t n, struct gyre_span *piece)
{
    size_t i = 0;

    *piece = gyre_span_of(NULL);
    if (b->err)
        return b->err;
    while (i < n && b->state != DATA && b->state != ENDED)
        if (read_around(b, data[i++]) < 0)
            return b->err;
    if (i < n && b->state == DATA && read_data(b, data + i, n - i, piece) < 0)
        return b->err;
    return (ssize_t)(i + piece->length);
}

int gyre_http_body_close(struct gyre_http_body *b)
{
    if (b->framing == GYRE_HTTP_UNTIL_CLOSE)
        b->state = ENDED;
    if (b->err || b->state == ENDED)
        return b->err;
    return refuse(b, -EPIPE, "body cut short");
}

size_t gyre_http_chunk_head(char out[GYRE_HTTP_CHUNK_HEAD_MAX], uint64_t n)
{
    char *end;

    assert(n > 0);
    end = gyre_http_put_hex(out, n);
    memcpy(end, "\r\n", 2);
    return (size_t)(end + 2 - out);
}
