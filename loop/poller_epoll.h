/*
 * poller_epoll.h - private: the epoll poller, its fallback forced for tests.
 */
#ifndef GYRE_LOOP_POLLER_EPOLL_H
#define GYRE_LOOP_POLLER_EPOLL_H

#include <stdbool.h>

#include "loop/poller.h"

/*
 * As gyre_poller_new; with `timerfd` it tells the time by a timerfd, as it does
 * by itself where there is no epoll_pwait2.
 */
int gyre_poller_epoll_new(struct gyre_poller **out, bool timerfd);

#endif
