/*
 * chat.h - rooms, in which people hear what others say.
 *
 * A room begins with who first asks for it, and remembers the last things said
 * in it.  All of it is bounded: how many rooms there are (a new one takes the place
 * of the one that has been empty longest), how much they remember, and how far behind
 * a slow listener may be.
 */
#ifndef CHAT_H
#define CHAT_H

#include <gyre.h>

enum {
    ROOMS = 64,
    NAME = 65,   /* bytes of a name, with its end */
    TEXT = 1501, /* of what is said at once */
    MEMORY = 50, /* things said that a room remembers */

    /* Bytes a listener may be behind: all of that memory, however it is escaped. */
    BEHIND = 1024 * 1024
};

struct said {
    int64_t number; /* of the room, from 1 */
    int64_t at;     /* ms since 1970 */
    char name[NAME];
    char text[TEXT];
};

/* Who is in a room, for as long as its handler runs. */
struct person {
    struct gyre_list here; /* in room.people */
    struct gyre_websocket *ws;
    const char *name;
};

struct room {
    char name[NAME];
    struct gyre_list people;
    int64_t count; /* of things said, ever */
    int64_t left;  /* when the last one did */
    struct said *memory;
};

struct chat {
    struct room rooms[ROOMS]; /* those with a name */
};

/* May a room, or somebody, be called so? */
bool chat_may_be_called(const char *name);

/* The room of that name; NULL if there is none. */
struct room *chat_find(struct chat *chat, const char *name);

/* The same, made if need be; NULL if there are people in all, or no memory is left. */
struct room *chat_room(struct chat *chat, const char *name);

void chat_free(struct chat *chat);

/* Come in, be told what is remembered, and tell those who are there; and go. */
void room_enter(struct room *room, struct person *p);
void room_leave(struct room *room, struct person *p);

/* Say it to all, the speaker too, and remember it.  `n` is less than TEXT. */
void room_say(struct room *room, struct person *p, const char *text, size_t n);

/* Who is there, and what is remembered since the thing of that number. */
int room_tell(const struct room *room, int64_t since, struct gyre_json *json);

#endif
