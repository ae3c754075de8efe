/*
 * place.c - places in the program, in words.
 */
#include "task/show/place.h"

/* Where what has that key is, if it is there at all. */
static struct gyre_place *place_of(struct gyre_places *p, uintptr_t key)
{
    uint64_t spread = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);

    return &p->place[(spread >> 32) % GYRE_PLACES];
}

void gyre_places_forget(struct gyre_places *p)
{
    for (int i = 0; i < GYRE_PLACES; i++)
        p->place[i].key = 0;
}

const char *gyre_site_name(const struct gyre_runtime *rt, const void *site)
{
    uintptr_t key = (uintptr_t)site << 1 | 1;
    struct gyre_place *place = place_of(rt->places, key);

    if (place->key != key)
        place->name = gyre_name_site(site);
    place->key = key;
    return place->name.text;
}

const char *gyre_function_name(const struct gyre_runtime *rt,
                               intptr_t (*fn)(void *arg))
{
    uintptr_t key = (uintptr_t)fn << 1;
    struct gyre_place *place = place_of(rt->places, key);

    if (place->key != key)
        place->name = gyre_name_function((uintptr_t)fn);
    place->key = key;
    return place->name.text;
}
