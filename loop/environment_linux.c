/*
 * environment_linux.c - whose environment it is: the kernel tells programs that
 * are started with more rights than their starter has, be it as another user,
 * of another group, or with capabilities of a file.
 */
#include "loop/environment.h"

#include <stdlib.h>

const char *gyre_environment(const char *name)
{
    return secure_getenv(name);
}
