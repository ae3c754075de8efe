/*
 * frame.c - the frames that WebSockets are made of.
 */
#include "io/http/websocket/frame.h"

#include <errno.h>
#include <string.h>

enum { LAST = 0x80, RESERVED = 0x70, MASKED = 0x80, TWO = 126, EIGHT = 127 };

static bool is_control(int opcode)
{
    return opcode >= GYRE_WEBSOCKET_CLOSE;
}

static bool is_opcode(int opcode)
{
    return opcode <= GYRE_WEBSOCKET_BINARY ||
           (is_control(opcode) && opcode <= GYRE_WEBSOCKET_PONG);
}

/* Bytes that the length takes behind the second. */
static size_t width(int length)
{
    return length == EIGHT ? 8 : length == TWO ? 2 : 0;
}

static uint64_t number(const unsigned char *at, size_t n)
{
    uint64_t value = 0;

    while (n-- > 0)
        value = value << 8 | *at++;
    return value;
}

/* The length behind the second byte; -EPROTO if it had room in less, or is
   none. */
static int read_length(struct gyre_websocket_frame *f, const unsigned char *at,
                       size_t n)
{
    f->length = number(at, n);
    if (f->length < (n == 2 ? TWO : UINT64_C(0x10000)))
        return -EPROTO;
    return f->length <= INT64_MAX ? 0 : -EPROTO;
}

/* The first two bytes say what may be refused already. */
static int check(const struct gyre_websocket_frame *f, int length)
{
    return is_control(f->opcode) &&
                   (!f->last || length > GYRE_WEBSOCKET_CONTROL_MAX)
               ? -EPROTO
               : 0;
}

ssize_t gyre_websocket_frame_parse(struct gyre_websocket_frame *f,
                                   const void *data, size_t n)
{
    const unsigned char *at = data;
    size_t wide, size;
    int length;

    if (n > 0 && ((at[0] & RESERVED) || !is_opcode(at[0] & 0x0f)))
        return -EPROTO;
    if (n < 2)
        return 0;
    length = at[1] & 0x7f;
    wide = width(length);
    f->opcode = at[0] & 0x0f;
    f->last = (at[0] & LAST) != 0;
    f->masked = (at[1] & MASKED) != 0;
    f->length = (uint64_t)length;
    if (check(f, length))
        return -EPROTO;
    size = 2 + wide + (f->masked ? 4 : 0);
    if (n < size)
        return 0;
    if (wide > 0 && read_length(f, at + 2, wide))
        return -EPROTO;
    if (f->masked)
        memcpy(f->mask, at + 2 + wide, 4);
    return (ssize_t)size;
}

size_t gyre_websocket_frame_compose(unsigned char out[GYRE_WEBSOCKET_HEAD_MAX],
                                    const struct gyre_websocket_frame *f)
{
    int length = f->length < TWO       ? (int)f->length
                 : f->length < 0x10000 ? TWO
                                       : EIGHT;
    size_t wide = width(length);

    out[0] = (unsigned char)(f->opcode | (f->last ? LAST : 0));
    out[1] = (unsigned char)(length | (f->masked ? MASKED : 0));
    for (size_t i = 0; i < wide; i++)
        out[2 + i] = (unsigned char)(f->length >> 8 * (wide - 1 - i));
    if (!f->masked)
        return 2 + wide;
    memcpy(out + 2 + wide, f->mask, 4);
    return 2 + wide + 4;
}

/* Eight bytes at a time, where they lie: the compiler knows how to load them,
   and makes more of it where it can. */
void gyre_websocket_mask(void *to, const void *from, size_t n,
                         const unsigned char mask[4], uint64_t offset)
{
    const unsigned char *in = from;
    unsigned char *out = to, key[8];
    uint64_t keys, word;
    size_t i = 0;

    for (size_t j = 0; j < sizeof key; j++)
        key[j] = mask[(offset + j) & 3];
    memcpy(&keys, key, sizeof keys);
    for (; n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, in + i, sizeof word);
        word ^= keys;
        memcpy(out + i, &word, sizeof word);
    }
    for (; i < n; i++)
        out[i] = in[i] ^ key[i & 7];
}

bool gyre_websocket_is_code(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}
