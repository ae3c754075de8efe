/*
 * socket.c - our WebSocket before servers of others.
 *
 *     socket [-p PROTOCOLS] [-e ROUNDS] [-s BYTES] [-r] [-i] [-c CODE] URL
 *
 * In this order: -e has so many messages echoed, of all sizes up to -s, each
 * sent whole or in parts; -i pings; -r receives until the peer closes; else it
 * closes with -c, or 1000.  Says what protocol was agreed upon, a line for each
 * message of -r, and how it ended.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/result.h"
#include "task/run/run.h"
#include "task/task.h"
#include "io/http/client/client.h"
#include "io/http/websocket/websocket.h"

struct talk {
    const char *url;
    struct gyre_websocket_options options;
    int rounds;
    size_t most;
    int code;
    bool receives, pings;
};

/* Sizes about those at which the head of a frame grows, and any others. */
static size_t size_of(const struct talk *t, int round)
{
    static const size_t edges[] = {0, 1, 125, 126, 127, 65535, 65536, 65537};
    size_t count = sizeof edges / sizeof *edges;
    size_t size = (size_t)round < count ? edges[round] : (size_t)rand();

    return size % (t->most + 1);
}

static int send_parts(struct gyre_websocket *ws,
                      enum gyre_websocket_opcode kind, const char *bytes,
                      size_t n)
{
    int err = gyre_websocket_begin(ws, kind, GYRE_FOREVER);

    for (size_t i = 0, part; err == 0 && i < n; i += part) {
        part = 1 + (size_t)rand() % (n - i);
        err = gyre_websocket_write(ws, bytes + i, part, GYRE_FOREVER);
    }
    return err ? err : gyre_websocket_finish(ws, GYRE_FOREVER);
}

static int echo(struct gyre_websocket *ws, const struct talk *t, int round)
{
    enum gyre_websocket_opcode kind =
        round % 2 ? GYRE_WEBSOCKET_TEXT : GYRE_WEBSOCKET_BINARY;
    size_t n = size_of(t, round);
    char *bytes = malloc(n + 1);
    struct gyre_websocket_message m;
    int err;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(rand() % (kind == GYRE_WEBSOCKET_TEXT ? 128 : 256));
    if (round % 3 == 0)
        err = send_parts(ws, kind, bytes, n);
    else
        err = gyre_websocket_send(ws, kind, bytes, n, GYRE_FOREVER);
    if (err == 0)
        err = gyre_websocket_receive(ws, &m, GYRE_FOREVER);
    if (err == 1)
        err = m.kind == kind && m.length == n && memcmp(m.at, bytes, n) == 0
                  ? 0
                  : -EBADMSG;
    else if (err == 0)
        err = -EPIPE;
    free(bytes);
    return err;
}

static int receive(struct gyre_websocket *ws)
{
    struct gyre_websocket_message m;
    int err;

    while ((err = gyre_websocket_receive(ws, &m, GYRE_FOREVER)) > 0)
        printf("%s %zu %.*s\n",
               m.kind == GYRE_WEBSOCKET_TEXT ? "text" : "binary", m.length,
               m.length < 100 ? (int)m.length : 100, m.at);
    return err;
}

static int talk(struct gyre_websocket *ws, const struct talk *t)
{
    const char *protocol = gyre_websocket_protocol(ws);
    int err = 0;

    if (protocol)
        printf("speaks %s\n", protocol);
    for (int i = 0; err == 0 && i < t->rounds; i++)
        err = echo(ws, t, i);
    if (err == 0 && t->pings)
        err = gyre_websocket_ping(ws, GYRE_FOREVER);
    if (err == 0)
        err = t->receives
                  ? receive(ws)
                  : gyre_websocket_close(ws, t->code, "enough", GYRE_FOREVER);
    printf("closed %d %s\n", gyre_websocket_code(ws),
           gyre_websocket_reason(ws));
    return err;
}

static intptr_t run(void *arg)
{
    struct talk *t = arg;
    struct gyre_http_session *session;
    struct gyre_websocket *ws;
    int err = gyre_http_session_new(&session);

    if (err)
        return err;
    err =
        gyre_websocket_connect(session, t->url, &t->options, &ws, GYRE_FOREVER);
    if (err == 0) {
        err = talk(ws, t);
        gyre_websocket_free(ws);
    } else if (err > 0) {
        printf("refused %d\n", err);
    }
    gyre_http_session_free(session);
    return err;
}

int main(int argc, char **argv)
{
    struct talk t = {.most = 100000, .code = 1000};
    intptr_t err;
    int option;

    while ((option = getopt(argc, argv, "p:e:s:c:ri")) != -1) {
        switch (option) {
        case 'p': t.options.protocols = optarg; break;
        case 'e': t.rounds = (int)strtol(optarg, NULL, 10); break;
        case 's': t.most = strtoul(optarg, NULL, 10); break;
        case 'c': t.code = (int)strtol(optarg, NULL, 10); break;
        case 'r': t.receives = true; break;
        case 'i': t.pings = true; break;
        default: return 2;
        }
    }
    t.url = argv[optind];
    t.options.limit = t.most;
    err = t.url ? gyre_run(run, &t) : -EINVAL;
    if (err < 0)
        printf("%s\n", gyre_strerror((int)err));
    return err != 0;
}
