/*
 * place.c - a place in the program, in words.
 */
#include "task/show/place.h"

#include "task/show/out.h"

void gyre_put_place(struct gyre_out *o, const void *address)
{
    gyre_put_format(o, "%p", address);
}

void gyre_put_function(struct gyre_out *o, const void *address)
{
    gyre_put_format(o, "%p", address);
}
