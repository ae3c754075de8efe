/*
 * escape.c - undoes the escapes of strings.
 *
 * A NUL stands behind the text, and no escape has one: so none is read past.
 */
#include <string.h>

#include "io/http/internal.h"
#include "io/http/json/internal.h"

/* The four hexadecimal digits at `s`; -1 if they are not. */
static long hex4(const char *s)
{
    long sum = 0;

    for (int i = 0; i < 4; i++) {
        int digit = gyre_http_hex(s[i]);

        if (digit < 0)
            return -1;
        sum = 16 * sum + digit;
    }
    return sum;
}

/* The character at `*at`, behind a "\u"; -1 if it is none. */
static long code_point(char **at)
{
    long code = hex4(*at), low;

    if (code < 0 || (code >= 0xdc00 && code < 0xe000))
        return -1;
    *at += 4;
    if (code < 0xd800 || code >= 0xe000)
        return code;
    if ((*at)[0] != '\\' || (*at)[1] != 'u')
        return -1;
    low = hex4(*at + 2);
    if (low < 0xdc00 || low >= 0xe000)
        return -1;
    *at += 6;
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Write `code` in UTF-8, and return the end. */
static char *put(char *to, long code)
{
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (int i = n - 1; i > 0; i--, code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)(marks[n] | code);
    return to + n;
}

char *gyre_json_unescape(char **at, char *to)
{
    static const char from[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    char c = (*at)[1];
    const char *found = c != '\0' ? strchr(from, c) : NULL;
    long code;

    if (found != NULL) {
        *at += 2;
        *to = bytes[found - from];
        return to + 1;
    }
    ++*at;
    if (c != 'u')
        return NULL;
    ++*at;
    code = code_point(at);
    return code < 0 ? NULL : put(to, code);
}
