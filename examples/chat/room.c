/*
 * room.c - who is in a room, and what is said there.
 */
#include "chat.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- finding one ---- */

bool chat_may_be_called(const char *name)
{
    return name != NULL && name[0] != '\0' && strlen(name) < NAME;
}

struct room *chat_find(struct chat *chat, const char *name)
{
    for (int i = 0; i < ROOMS; i++) {
        if (strcmp(chat->rooms[i].name, name) == 0)
            return &chat->rooms[i];
    }
    return NULL;
}

/* One that never was, or else of those that are empty the one left first. */
static struct room *vacant(struct chat *chat)
{
    struct room *best = NULL;

    for (int i = 0; i < ROOMS; i++) {
        struct room *room = &chat->rooms[i];

        if (room->memory == NULL)
            return room;
        if (gyre_list_empty(&room->people) && (best == NULL || room->left < best->left))
            best = room;
    }
    return best;
}

struct room *chat_room(struct chat *chat, const char *name)
{
    struct room *room = chat_find(chat, name);

    if (room != NULL)
        return room;
    room = vacant(chat);
    if (room == NULL)
        return NULL;
    if (room->memory == NULL)
        room->memory = calloc(MEMORY, sizeof *room->memory);
    if (room->memory == NULL)
        return NULL;
    gyre_list_init(&room->people);
    room->count = 0;
    room->left = now();
    strcpy(room->name, name);
    return room;
}

void chat_free(struct chat *chat)
{
    for (int i = 0; i < ROOMS; i++)
        free(chat->rooms[i].memory);
}

/* ---- telling all ---- */

/* Somebody who is too far behind is let go, and may come back. */
static void post_to_all(struct room *room, const struct gyre_buf *frame)
{
    for (struct gyre_list *n = room->people.next; n != &room->people; n = n->next) {
        struct person *p = GYRE_OWNER(n, struct person, here);

        if (gyre_websocket_post(p->ws, frame) == -ENOBUFS)
            gyre_websocket_drop(p->ws, 1013, "too far behind");
    }
}

/* The message is made once, whoever hears it. */
static void tell_all(struct room *room, const struct gyre_buf *text)
{
    struct gyre_buf frame = {0};

    if (gyre_websocket_encode(&frame, GYRE_WEBSOCKET_TEXT, text->at, text->length) == 0)
        post_to_all(room, &frame);
    gyre_buf_free(&frame);
}

/* {"kind": "joined", "name": "..."} */
static void tell_of(struct room *room, const char *kind, const struct person *p)
{
    struct gyre_buf text = {0};
    struct gyre_json json;

    gyre_json_init(&json, &text);
    gyre_json_open(&json, '{');
    gyre_json_string(&json, "kind", kind);
    gyre_json_string(&json, "name", p->name);
    if (gyre_json_close(&json) == 0)
        tell_all(room, &text);
    gyre_buf_free(&text);
}

/* ---- what is said ---- */

/* {"kind": "said", "number": 1, "at": 0, "name": "...", "text": "..."} */
static int write_said(struct gyre_json *json, const struct said *said)
{
    gyre_json_open(json, '{');
    gyre_json_string(json, "kind", "said");
    gyre_json_number(json, "number", said->number);
    gyre_json_number(json, "at", said->at);
    gyre_json_string(json, "name", said->name);
    gyre_json_string(json, "text", said->text);
    return gyre_json_close(json);
}

void room_say(struct room *room, struct person *p, const char *text, size_t n)
{
    struct said *said = &room->memory[room->count++ % MEMORY];
    struct gyre_buf line = {0};
    struct gyre_json json;

    said->number = room->count;
    said->at = now();
    strcpy(said->name, p->name);
    memcpy(said->text, text, n);
    said->text[n] = '\0';
    gyre_json_init(&json, &line);
    if (write_said(&json, said) == 0)
        tell_all(room, &line);
    gyre_buf_free(&line);
}

/* {"kind": "room", "people": ["..."], "said": [...]} */
int room_tell(const struct room *room, int64_t since, struct gyre_json *json)
{
    int64_t first = room->count > MEMORY ? room->count - MEMORY : 0;

    gyre_json_open(json, '{');
    gyre_json_string(json, "kind", "room");
    gyre_json_key(json, "people");
    gyre_json_open(json, '[');
    for (struct gyre_list *n = room->people.next; n != &room->people; n = n->next)
        gyre_json_string(json, NULL, GYRE_OWNER(n, struct person, here)->name);
    gyre_json_close(json);
    gyre_json_key(json, "said");
    gyre_json_open(json, '[');
    for (int64_t i = since > first ? since : first; i < room->count; i++)
        write_said(json, &room->memory[i % MEMORY]);
    gyre_json_close(json);
    return gyre_json_close(json);
}

/* ---- coming and going ---- */

/* What all others hear next is not in it yet. */
static void tell_newcomer(const struct room *room, struct person *p)
{
    struct gyre_buf text = {0}, frame = {0};
    struct gyre_json json;

    gyre_json_init(&json, &text);
    if (room_tell(room, 0, &json) == 0 &&
        gyre_websocket_encode(&frame, GYRE_WEBSOCKET_TEXT, text.at, text.length) == 0)
        gyre_websocket_post(p->ws, &frame);
    gyre_buf_free(&frame);
    gyre_buf_free(&text);
}

void room_enter(struct room *room, struct person *p)
{
    tell_newcomer(room, p);
    gyre_list_append(&room->people, &p->here);
    tell_of(room, "joined", p);
}

void room_leave(struct room *room, struct person *p)
{
    gyre_list_remove(&p->here);
    room->left = now();
    tell_of(room, "left", p);
}
