/* Ask three mirrors, and take the first good answer; the others are cancelled, and gone before we
   go on. */
#include "number.h"

#include <gyre.h>
#include <stdio.h>

struct mirror {
    const char *host;
    int port;
    char line[256];
    struct gyre_future done;
};

static intptr_t ask(void *arg)
{
    struct mirror *mirror = arg;
    struct gyre_stream *stream;
    int err = gyre_tcp_connect(mirror->host, mirror->port, &stream, gyre_in(2 * GYRE_SECOND));

    if (err)
        return err;
    ssize_t n =
        gyre_read_until(stream, '\n', mirror->line, sizeof mirror->line, gyre_in(GYRE_SECOND));
    gyre_close(stream);
    return n != 0 ? n : -EPIPE; /* who hangs up without a word has not won */
}

static intptr_t race(void *arg)
{
    struct mirror mirrors[] = {{.host = "127.0.0.1"}, {.host = "127.0.0.2"}, {.host = "127.0.0.3"}};
    struct gyre_scope scope;
    struct gyre_future *done;
    intptr_t won = -ECHILD;

    gyre_scope_open_tolerant(&scope, gyre_in(3 * GYRE_SECOND));
    for (int i = 0; i < 3; i++) {
        mirrors[i].port = *(int *)arg;
        gyre_spawn(&scope, &mirrors[i].done, ask, &mirrors[i]);
    }
    while (gyre_is_error(won) && gyre_scope_next(&scope, &done, GYRE_FOREVER) == 0)
        won = gyre_future_result(done);
    if (!gyre_is_error(won)) {
        struct mirror *winner = GYRE_OWNER(done, struct mirror, done);

        printf("%s: %.*s", winner->host, (int)won, winner->line);
    }
    gyre_scope_cancel(&scope);
    return gyre_scope_close(&scope, won);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? port_in(argv[1]) : 7001;
    intptr_t won = gyre_run(race, &port);

    if (gyre_is_error(won))
        fprintf(stderr, "race: %s\n", gyre_strerror((int)won));
    return gyre_is_error(won);
}
