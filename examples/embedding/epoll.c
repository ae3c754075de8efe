/*
 * Gyre inside of a loop made of epoll_wait, as a program may have had for long: it waits for Gyre's
 * descriptor beside its own, and no longer than Gyre may wait.
 *
 * Its own is a timerfd, and each time that expires it starts a timer of Gyre's, which writes to a
 * pipe that Gyre watches.
 */
#include <gyre.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct host {
    struct gyre_loop *loop;
    struct gyre_timer timer;
    struct gyre_watch watch;
    int pipe[2];
    int epoll, clock;
    int rounds, left;
};

/* ---- what runs in Gyre ---- */

static void fire(struct gyre_timer *timer)
{
    struct host *h = GYRE_OWNER(timer, struct host, timer);

    printf("gyre: a timer\n");
    if (write(h->pipe[1], "x", 1) != 1)
        gyre_watch_stop(h->loop, &h->watch);
}

static void ready(struct gyre_watch *watch, unsigned events)
{
    struct host *h = GYRE_OWNER(watch, struct host, watch);
    char byte;

    (void)events;
    if (read(h->pipe[0], &byte, 1) == 1)
        printf("gyre: a descriptor\n");
    if (--h->left == 0)
        gyre_watch_stop(h->loop, &h->watch); /* nothing is awaited any more */
}

/* ---- the loop around it ---- */

#define LONGEST (3600 * GYRE_SECOND) /* as there are more milliseconds than an int has room for */

/* For epoll_wait, rounded up: who comes too early finds nothing to do, and comes again. */
static int timeout_of(struct gyre_loop *l)
{
    gyre_time deadline = gyre_loop_deadline(l), now = gyre_loop_in(l, 0);

    if (deadline == GYRE_FOREVER)
        return -1;
    if (deadline <= now)
        return 0;
    if (deadline - now > LONGEST)
        deadline = now + LONGEST;
    return (int)((deadline - now + GYRE_MILLISECOND - 1) / GYRE_MILLISECOND);
}

static void own_clock(struct host *h)
{
    unsigned long long times;

    if (read(h->clock, &times, sizeof times) != sizeof times)
        return;
    printf("host: its clock\n");
    gyre_timer_start(h->loop, &h->timer, gyre_loop_in(h->loop, 5 * GYRE_MILLISECOND));
}

/* Nothing need be told when the deadline moves, for it is asked anew each time. */
static int wait_and_run(struct host *h)
{
    struct epoll_event events[4];
    int n = epoll_wait(h->epoll, events, 4, timeout_of(h->loop));

    h->rounds++;
    for (int i = 0; i < n; i++) {
        if (events[i].data.fd == h->clock)
            own_clock(h);
    }
    return gyre_loop_once(h->loop, GYRE_NOW);
}

static bool add(struct host *h, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    return epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_all(struct host *h)
{
    struct itimerspec each = {{0, 20 * GYRE_MILLISECOND}, {0, 20 * GYRE_MILLISECOND}};

    h->epoll = epoll_create1(EPOLL_CLOEXEC);
    h->clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return gyre_loop_new(&h->loop) == 0 && pipe(h->pipe) == 0 &&
           gyre_watch_start(h->loop, &h->watch, h->pipe[0], GYRE_READ) == 0 && add(h, h->clock) &&
           add(h, gyre_loop_fd(h->loop)) && timerfd_settime(h->clock, 0, &each, NULL) == 0;
}

int main(void)
{
    struct host h = {.timer.fire = fire, .watch.ready = ready, .left = 3};
    int err = 0;

    if (!open_all(&h))
        return 1;
    while (err == 0 && gyre_loop_alive(h.loop))
        err = wait_and_run(&h);
    printf("%s rounds\n", h.rounds <= 20 ? "few" : "too many");
    gyre_loop_free(h.loop);
    close(h.pipe[0]);
    close(h.pipe[1]);
    close(h.clock);
    close(h.epoll);
    return err != 0;
}
