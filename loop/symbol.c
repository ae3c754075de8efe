/*
 * symbol.c - addresses of code, as people know them; who finds them is in
 * symbol_elf.c, or symbol_dladdr.c.
 */
#include "loop/symbol.h"

#include "loop/text.h"

/* Where in its function, or if that is not known in its object. */
static void add_place(struct gyre_text *t, const struct gyre_symbol *s,
                      uintptr_t offset)
{
    gyre_text_add(t, s->function);
    if (offset == 0 && s->function[0] != '\0')
        return;
    gyre_text_add(t, "+");
    gyre_text_add_hex(t, offset);
}

static void add_symbol(struct gyre_text *t, const struct gyre_symbol *s,
                       uintptr_t address)
{
    uintptr_t offset = address - s->start;

    if (s->object[0] == '\0') {
        gyre_text_add_hex(t, address);
    } else if (s->program && s->function[0] != '\0') {
        add_place(t, s, offset);
    } else {
        gyre_text_add(t, s->object);
        gyre_text_add(t, "(");
        add_place(t, s, offset);
        gyre_text_add(t, ")");
    }
}

/* The name of `address`, which is part of what the byte `back` before it is. */
static struct gyre_name name(uintptr_t address, uintptr_t back)
{
    struct gyre_symbol s;
    struct gyre_name name;
    struct gyre_text t;

    gyre_symbol_find((const void *)(address - back), &s);
    gyre_text_init(&t, name.text, sizeof name.text);
    add_symbol(&t, &s, address);
    return name;
}

struct gyre_name gyre_name_function(uintptr_t fn)
{
    return name(fn, 0);
}

struct gyre_name gyre_name_site(const void *site)
{
    return name((uintptr_t)site, 1);
}
