/*
 * libuv's loop inside of Gyre's: Gyre watches its descriptor, and has a timer for its timeout.  So
 * what was written for libuv runs beside tasks; it is also the way for any other loop that can be
 * asked for these two.
 *
 * A task here connects to a server of libuv's, and reads what that says.
 */
#include <gyre.h>
#include <stdio.h>
#include <uv.h>

/* ---- the loop inside ---- */

struct inside {
    uv_loop_t uv;
    struct gyre_loop *loop;
    struct gyre_watch watch;
    struct gyre_timer timer;
    struct gyre_job job;
    struct gyre_event ended; /* nothing is left in it */
    int rounds;
};

/* Have it go on: soon, at its next timer, or when its descriptor says so. */
static void go_on(struct inside *i)
{
    int ms = uv_backend_timeout(&i->uv);

    if (ms == 0)
        gyre_job_start(i->loop, &i->job);
    else if (ms > 0)
        gyre_timer_start(i->loop, &i->timer, gyre_loop_in(i->loop, ms * GYRE_MILLISECOND));
    else
        gyre_timer_stop(i->loop, &i->timer);
}

static void stop(struct inside *i)
{
    gyre_watch_stop(i->loop, &i->watch);
    gyre_timer_stop(i->loop, &i->timer);
    gyre_job_stop(i->loop, &i->job);
    gyre_event_set(&i->ended);
}

static void turn(struct inside *i)
{
    i->rounds++;
    uv_run(&i->uv, UV_RUN_NOWAIT);
    if (uv_loop_alive(&i->uv))
        go_on(i);
    else
        stop(i);
}

static void turn_by_watch(struct gyre_watch *w, unsigned events)
{
    (void)events;
    turn(GYRE_OWNER(w, struct inside, watch));
}

static void turn_by_timer(struct gyre_timer *t)
{
    turn(GYRE_OWNER(t, struct inside, timer));
}

static void turn_by_job(struct gyre_job *j)
{
    turn(GYRE_OWNER(j, struct inside, job));
}

/* Call it after whatever is started in libuv from outside of its callbacks: libuv notes it down, and
   its descriptor, and its timeout, know of it from the next turn on. */
static void touch(struct inside *i)
{
    gyre_job_start(i->loop, &i->job);
}

static int start(struct inside *i)
{
    i->loop = gyre_loop_current();
    i->watch.ready = turn_by_watch;
    i->timer.fire = turn_by_timer;
    i->job.run = turn_by_job;
    touch(i);
    return gyre_watch_start(i->loop, &i->watch, uv_backend_fd(&i->uv), GYRE_READ);
}

/* ---- what runs in it ---- */

static uv_tcp_t server, peer;
static uv_timer_t timer;

static void greet(uv_timer_t *t)
{
    uv_buf_t text = uv_buf_init("hello from libuv\n", 17);

    printf("libuv: its time has come\n");
    uv_try_write((uv_stream_t *)&peer, &text, 1);
    uv_close((uv_handle_t *)&peer, NULL);
    uv_close((uv_handle_t *)t, NULL);
}

static void connected(uv_stream_t *s, int status)
{
    if (status == 0 && uv_accept(s, (uv_stream_t *)&peer) == 0) {
        printf("libuv: a connection\n");
        uv_timer_start(&timer, greet, 20, 0);
    }
}

static int listen_at(uv_loop_t *uv, int *port)
{
    struct sockaddr_in addr;
    int n = sizeof addr;

    uv_tcp_init(uv, &server);
    uv_tcp_init(uv, &peer);
    uv_timer_init(uv, &timer);
    uv_ip4_addr("127.0.0.1", 0, &addr);
    if (uv_tcp_bind(&server, (struct sockaddr *)&addr, 0) != 0 ||
        uv_listen((uv_stream_t *)&server, 1, connected) != 0 ||
        uv_tcp_getsockname(&server, (struct sockaddr *)&addr, &n) != 0)
        return -1;
    *port = ntohs(addr.sin_port);
    return 0;
}

/* ---- a task ---- */

static int listen_to(int port)
{
    struct gyre_stream *s;
    char line[80];
    ssize_t n;
    int err = gyre_tcp_connect("127.0.0.1", port, &s, GYRE_FOREVER);

    if (err)
        return err;
    n = gyre_read_line(s, line, sizeof line, GYRE_FOREVER);
    if (n > 0)
        printf("gyre: %s\n", line);
    gyre_close(s);
    return n > 0 ? 0 : (int)n;
}

static intptr_t run(void *arg)
{
    struct inside *i = arg;
    int port, err = listen_at(&i->uv, &port);

    if (err == 0)
        err = start(i);
    if (err == 0)
        err = listen_to(port);
    uv_close((uv_handle_t *)&server, NULL);
    touch(i);
    return err ? err : gyre_event_wait(&i->ended, GYRE_FOREVER);
}

int main(void)
{
    static struct inside inside;
    intptr_t err;

    if (uv_loop_init(&inside.uv) != 0)
        return 1;
    err = gyre_run(run, &inside);
    printf("%s rounds\n", inside.rounds <= 20 ? "few" : "too many");
    return err != 0 || uv_loop_close(&inside.uv) != 0;
}
