/*
 * text.c - a line put together without printf.
 */
#include "loop/text.h"

void gyre_text_init(struct gyre_text *t, char *room, size_t size)
{
    t->at = room;
    t->size = size;
    t->n = 0;
    room[0] = '\0';
}

void gyre_text_add(struct gyre_text *t, const char *s)
{
    while (*s != '\0' && t->n + 1 < t->size)
        t->at[t->n++] = *s++;
    t->at[t->n] = '\0';
}

static void add_digits(struct gyre_text *t, uintptr_t number, unsigned base)
{
    char digits[24], *p = digits + sizeof digits - 1;

    *p = '\0';
    do {
        *--p = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    gyre_text_add(t, p);
}

void gyre_text_add_number(struct gyre_text *t, uintptr_t number)
{
    add_digits(t, number, 10);
}

void gyre_text_add_hex(struct gyre_text *t, uintptr_t number)
{
    gyre_text_add(t, "0x");
    add_digits(t, number, 16);
}

void gyre_text_copy(char *room, size_t size, const char *s)
{
    struct gyre_text t;

    gyre_text_init(&t, room, size);
    gyre_text_add(&t, s);
}
