/*
 * place.h - places in the program, in words.
 *
 * Private to task/ and what is above it; installed nowhere.  To find a name
 * takes system calls (loop/symbol.h), and in a dump the same few places come
 * again and again: so the run keeps those it has met, for as long as a dump
 * lasts, as nobody else could without memory or a large stack.
 */
#ifndef GYRE_TASK_SHOW_PLACE_H
#define GYRE_TASK_SHOW_PLACE_H

#include <stdint.h>

#include "loop/symbol.h"
#include "task/internal.h"

enum { GYRE_PLACES = 64 };

/* Names that were found, each where its address leads. */
struct gyre_places {
    struct gyre_place {
        uintptr_t key; /* of the address, and what it is; 0: free */
        struct gyre_name name;
    } place[GYRE_PLACES];
};

/* From here on names are found anew: libraries may have come and gone. */
void gyre_places_forget(struct gyre_places *p);

/* The name of the place that a call returns to, as "function+0x1f".  Good until
   the next is asked for; as a file has it, so JSON needs it escaped. */
const char *gyre_site_name(const struct gyre_runtime *rt, const void *site);

/* The name of what a task runs; the same. */
const char *gyre_function_name(const struct gyre_runtime *rt,
                               intptr_t (*fn)(void *arg));

#endif
