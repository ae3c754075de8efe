/* A number on a command line: what all examples that take one understand. */
#ifndef NUMBER_H
#define NUMBER_H

#include <errno.h>
#include <stdlib.h>

/* The number in `text`, from 0 to `most`; -EINVAL for anything else. */
static inline int number_in(const char *text, int most)
{
    char *end;
    long n = strtol(text, &end, 10);

    return end != text && *end == '\0' && n >= 0 && n <= most ? (int)n : -EINVAL;
}

static inline int port_in(const char *text)
{
    return number_in(text, 65535);
}

#endif
