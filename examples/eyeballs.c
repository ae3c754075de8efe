/* Connecting to whichever of several addresses answers first; here the first refuses. */
#include <gyre.h>
#include <stdio.h>

/* Who is at the other end, without the port, which is another each time. */
static void tell(struct gyre_stream *s)
{
    char text[GYRE_ADDR_TEXT];
    struct gyre_addr peer;

    if (gyre_stream_peer(s, &peer) == 0) {
        gyre_addr_set_port(&peer, 0);
        printf("connected to %s\n", gyre_addr_format(&peer, text, sizeof text));
    }
}

static intptr_t program(void *arg)
{
    struct gyre_listener *listener;
    struct gyre_stream *s;
    struct gyre_addr addrs[2];
    int err;

    (void)arg;
    err = gyre_tcp_listen("127.0.0.2", 0, &listener, GYRE_NOW);
    if (err)
        return err;
    (void)gyre_listener_addr(listener, &addrs[1]);
    (void)gyre_addr_parse(&addrs[0], "127.0.0.1", gyre_addr_port(&addrs[1]));
    err = gyre_tcp_connect_any(addrs, 2, NULL, &s, gyre_in(10 * GYRE_SECOND));
    if (err == 0) {
        tell(s);
        gyre_close(s);
    }
    gyre_listener_close(listener);
    err = gyre_tcp_connect_any(addrs, 2, NULL, &s, gyre_in(10 * GYRE_SECOND));
    printf("and then: %s\n", gyre_strerror(err));
    return err == -ECONNREFUSED ? 0 : -EPROTO;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
