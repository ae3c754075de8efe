/*
 * label.c - what to call a task, or a function.
 */
#include "task/show/label.h"

#include <stdio.h>

void gyre_label(char *text, size_t n, const char *name, const void *fn)
{
    if (name != NULL)
        snprintf(text, n, "%s", name);
    else
        snprintf(text, n, "%p", fn);
}
