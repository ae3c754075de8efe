/*
 * environment.c - what the environment asks for; who may ask is in
 * environment_linux.c, or environment_bsd.c.
 */
#include "loop/environment.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "loop/look.h"

const char *gyre_environment_asks(const char *name)
{
    const char *value = gyre_environment(name);

    if (value == NULL || value[0] == '\0' || strcmp(value, "0") == 0)
        return NULL;
    return value;
}

/* Not by strtol, which takes blanks, signs, and what does not fit. */
static long parse(const char *digits, long most)
{
    long n = 0;

    for (; *digits >= '0' && *digits <= '9'; digits++) {
        int digit = *digits - '0';

        if (n > most / 10 || 10 * n > most - digit)
            return -EINVAL;
        n = 10 * n + digit;
    }
    return *digits == '\0' ? n : -EINVAL;
}

long gyre_environment_number(struct gyre_loop *l, const char *name, long most)
{
    const char *value = gyre_environment_asks(name);
    long n = value != NULL ? parse(value, most) : 0;

    if (n < 0 && l != NULL)
        gyre_loop_fail(l, name, (int)n);
    return n;
}
