/* A protocol tried in bad weather: late, slow, in pieces, cut off, and reset. */
#include <gyre.h>
#include <stdio.h>
#include <string.h>

static intptr_t listen_to(void *arg)
{
    struct gyre_stream *s = arg;
    gyre_time start = gyre_in(0);
    char buf[64];
    ssize_t n;

    while ((n = gyre_read(s, buf, sizeof buf, GYRE_FOREVER)) > 0)
        printf("%4d ms: %.*s\n", (int)((gyre_in(0) - start) / GYRE_MILLISECOND), (int)n, buf);
    printf("%4d ms: %s\n", (int)((gyre_in(0) - start) / GYRE_MILLISECOND),
           n == 0 ? "the end" : gyre_strerror((int)n));
    return 0;
}

static int speak(struct gyre_stream *s)
{
    int err = gyre_write(s, "hello, there", 12, GYRE_FOREVER);

    gyre_memory_partition(s);
    if (err == 0)
        err = gyre_sleep(gyre_in(GYRE_SECOND));
    gyre_memory_heal(s);
    if (err == 0)
        err = gyre_write(s, "again", 5, GYRE_FOREVER);
    if (err == 0)
        err = gyre_sleep(gyre_in(GYRE_SECOND));
    gyre_memory_reset(s);
    return err;
}

static intptr_t call(void *arg)
{
    struct gyre_memory_options weather = {.latency = 200 * GYRE_MILLISECOND, .piece = 7};
    struct gyre_stream *ends[2];
    struct gyre_scope scope;
    int err = gyre_memory_pair_with(gyre_loop_current(), &weather, ends);

    (void)arg;
    if (err)
        return err;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, listen_to, ends[1]);
    err = (int)gyre_scope_close(&scope, speak(ends[0]));
    gyre_close(ends[0]);
    gyre_close(ends[1]);
    return err;
}

int main(void)
{
    return gyre_simulate(call, NULL) != 0;
}
