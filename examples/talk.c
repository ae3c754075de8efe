/* Standard input goes to a local socket, and what comes from there to standard output. */
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

/* Who is done tells the other end, and goes on listening. */
static intptr_t say(void *peer)
{
    struct gyre_stream *in;
    int64_t n = gyre_stream_share(gyre_loop_current(), STDIN_FILENO, &in);

    if (n < 0)
        return (intptr_t)n;
    n = gyre_copy(in, peer, GYRE_FOREVER);
    gyre_close(in);
    return n < 0 ? (intptr_t)n : gyre_shutdown(peer, GYRE_FOREVER);
}

static intptr_t hear(void *peer)
{
    struct gyre_stream *out;
    int64_t n = gyre_stream_share(gyre_loop_current(), STDOUT_FILENO, &out);

    if (n < 0)
        return (intptr_t)n;
    n = gyre_copy(peer, out, GYRE_FOREVER);
    gyre_close(out);
    return n < 0 ? (intptr_t)n : 0;
}

static intptr_t program(void *path)
{
    struct gyre_stream *peer;
    struct gyre_scope scope;
    intptr_t result = gyre_unix_connect(path, &peer, gyre_in(5 * GYRE_SECOND));

    if (result < 0)
        return result;
    gyre_scope_open(&scope, GYRE_FOREVER);
    result = gyre_spawn(&scope, NULL, say, peer);
    if (result == 0)
        result = gyre_spawn(&scope, NULL, hear, peer);
    result = gyre_scope_close(&scope, result);
    gyre_close(peer);
    return result;
}

int main(int argc, char **argv)
{
    int err = argc == 2 ? (int)gyre_run(program, argv[1]) : -EINVAL;

    if (err)
        fprintf(stderr, "talk: %s\n", gyre_strerror(err));
    return err != 0;
}
