/*
 * text.h - a line put together without printf.
 *
 * Private to loop/ and what is above it; installed nowhere.  For reports that
 * are made where printf may not be called: in handlers of signals.  What does
 * not fit is left out.  Nothing here allocates, can fail, or calls the system.
 */
#ifndef GYRE_LOOP_TEXT_H
#define GYRE_LOOP_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct gyre_text {
    char *at;    /* always ends with a zero */
    size_t size; /* of the room there, at least 1 */
    size_t n;    /* bytes so far, without the zero */
};

/* Begin an empty text in the `size` bytes at `room`. */
void gyre_text_init(struct gyre_text *t, char *room, size_t size);

/* Add the text at `s`. */
void gyre_text_add(struct gyre_text *t, const char *s);

/* Add a number: in decimal, or in hexadecimal, after 0x. */
void gyre_text_add_number(struct gyre_text *t, uintptr_t number);
void gyre_text_add_hex(struct gyre_text *t, uintptr_t number);

/* Have the text `s` alone in the `size` bytes at `room`. */
void gyre_text_copy(char *room, size_t size, const char *s);

#endif
