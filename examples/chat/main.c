/*
 * chat [PORT]: a page to talk on, at http://127.0.0.1:8080/.
 *
 *     GET /api/rooms/{room}?since=N           who is in it, and what was said
 *     GET /api/rooms/{room}/socket?name=WHO   a WebSocket: text that is sent is said,
 *                                             and what comes tells what happens, in JSON
 */
#include "chat.h"

#include <stdio.h>

#include "../number.h"

/* What a page of ours may load, and do: nothing from elsewhere. */
static int guard(struct gyre_http_request *r)
{
    gyre_http_set_header(r, "Content-Security-Policy",
                         "default-src 'self'; frame-ancestors 'none'; base-uri 'none'");
    gyre_http_set_header(r, "Referrer-Policy", "no-referrer");
    return gyre_http_next(r);
}

static int tell(struct gyre_http_request *r)
{
    const char *name = gyre_http_param(r, "room");
    struct room *room;
    int64_t since = 0;

    if (name == NULL || gyre_http_query_int(r, "since", &since) == -EINVAL)
        return 400;
    room = chat_find(gyre_http_context(r), name);
    if (room == NULL)
        return 404;
    gyre_http_set_header(r, "Cache-Control", "no-store");
    return room_tell(room, since, gyre_http_reply_json(r, 200));
}

/* Until the person leaves. */
static int listen_to(struct room *room, struct person *p)
{
    struct gyre_websocket_message m;
    int err;

    while ((err = gyre_websocket_receive(p->ws, &m, GYRE_FOREVER)) > 0) {
        if (m.kind == GYRE_WEBSOCKET_TEXT && m.length > 0)
            room_say(room, p, m.at, m.length);
    }
    return err;
}

static int talk(struct gyre_http_request *r)
{
    struct gyre_websocket_options options = {.limit = TEXT - 1, .queue = BEHIND};
    const char *name = gyre_http_param(r, "room");
    struct person p = {.name = gyre_http_query(r, "name")};
    struct room *room;
    int err;

    if (!chat_may_be_called(name) || !chat_may_be_called(p.name))
        return 400;
    err = gyre_websocket_accept(r, &options, &p.ws, GYRE_FOREVER);
    if (err)
        return err;
    room = chat_room(gyre_http_context(r), name);
    if (room != NULL) {
        room_enter(room, &p);
        err = listen_to(room, &p);
        room_leave(room, &p);
    } else {
        gyre_websocket_drop(p.ws, 1013, "no more rooms");
    }
    return gyre_websocket_end(p.ws, err, GYRE_FOREVER);
}

static const struct gyre_http_around around[] = {{guard}, {0}};

static const struct gyre_http_route routes[] = {
    {"GET", "/api/rooms/{room}", tell},
    {"GET", "/api/rooms/{room}/socket", talk},
    {"GET", "/{path:tail}", .directory = "examples/chat/page"},
    {0},
};

int main(int argc, char **argv)
{
    static struct chat chat;
    struct gyre_http_options options = {.context = &chat, .around = around};
    int port = argc > 1 ? port_in(argv[1]) : 8080;
    int err = gyre_http_run(routes, "127.0.0.1", port, &options);

    if (err)
        fprintf(stderr, "chat: %s\n", gyre_strerror(err));
    chat_free(&chat);
    return err != 0;
}
