/*
 * out.c - a text on its way out, through a small buffer.
 */
#include "task/show/out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/list.h"

static void flush(struct gyre_out *o)
{
    if (o->err == 0 && o->n > 0)
        o->err = o->write(o, o->bytes, o->n);
    o->n = 0;
}

void gyre_put_bytes(struct gyre_out *o, const char *bytes, size_t n)
{
    while (n > 0) {
        size_t room = sizeof o->bytes - o->n;
        size_t some = n < room ? n : room;

        memcpy(o->bytes + o->n, bytes, some);
        o->n += some;
        bytes += some;
        n -= some;
        if (o->n == sizeof o->bytes)
            flush(o);
    }
}

void gyre_put(struct gyre_out *o, const char *text)
{
    gyre_put_bytes(o, text, strlen(text));
}

void gyre_put_format(struct gyre_out *o, const char *format, ...)
{
    char text[160];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    gyre_put(o, text);
}

/* How many bytes a character has that begins with `c`; 0: none begins so. */
static size_t length_by(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* How many bytes the character at `s` has; 0 if there is none in UTF-8, which
   has the shortest form only, no surrogates, and no more than 0x10ffff. */
static size_t length_at(const char *s)
{
    unsigned char first = (unsigned char)s[0], second = (unsigned char)s[1];
    size_t n = length_by(first);

    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
        return 0;
    return n;
}

void gyre_put_escaped(struct gyre_out *o, const char *text)
{
    while (*text != '\0') {
        unsigned char c = (unsigned char)*text;
        size_t n = length_at(text);

        if (c < ' ')
            gyre_put_format(o, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            gyre_put_format(o, "\\%c", c);
        else if (n > 0)
            gyre_put_bytes(o, text, n);
        else
            gyre_put(o, "\xef\xbf\xbd");
        text += n > 0 ? n : 1;
    }
}

int gyre_out_end(struct gyre_out *o)
{
    flush(o);
    return o->err;
}

/* ---- to a descriptor ---- */

/* Standard error may be a pipe that another program made non-blocking. */
static int wait_for_room(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    return poll(&p, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

static int write_fd(struct gyre_out *o, const char *bytes, size_t n)
{
    int fd = GYRE_OWNER(o, struct gyre_out_fd, out)->fd, err = 0;

    while (n > 0 && err == 0) {
        ssize_t written = write(fd, bytes, n);

        if (written < 0)
            err = -errno;
        else
            bytes += written, n -= (size_t)written;
        if (err == -EAGAIN || err == -EWOULDBLOCK)
            err = wait_for_room(fd);
        else if (err == -EINTR)
            err = 0;
    }
    return err;
}

void gyre_out_init_fd(struct gyre_out_fd *o, int fd)
{
    o->out.write = write_fd;
    o->out.err = 0;
    o->out.n = 0;
    o->fd = fd;
}
