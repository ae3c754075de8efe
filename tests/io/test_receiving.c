/*
 * test_receiving.c - the claims of receiving.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/datagram.h"
#include "io/receiving.h"
#include "tests/io/datagrams.h"
#include "tests/io/loopback.h"
#include "tests/task/world.h"

static struct {
    struct gyre_event news;
    char text[64];
    ssize_t n;
    int times;
    struct gyre_addr from;
} heard;

static char room[16];

static void received(struct gyre_receiving *r, ssize_t n,
                     const struct gyre_addr *from)
{
    cr_expect_eq(gyre_receiving_started(r), n != -EBADF);
    cr_expect_eq(from == NULL, n < 0);
    heard.times++;
    heard.n = n;
    if (n >= 0)
        heard.from = *from;
    if (n > 0 && (size_t)n <= r->size)
        strncat(heard.text, r->buf, (size_t)n);
    gyre_event_set(&heard.news);
}

static void wait_for_news(int times)
{
    while (heard.times < times) {
        cr_expect_eq(gyre_event_wait(&heard.news, SOON), 0);
        gyre_event_clear(&heard.news);
    }
    cr_expect_eq(heard.times, times);
}

static struct gyre_receiving receiving_into_room(void)
{
    return (struct gyre_receiving){
        .received = received, .buf = room, .size = sizeof room};
}

CLAIM_ON_LOOPBACK(receiving, tells_of_each_datagram_as_it_comes)
{
    struct gyre_receiving r = receiving_into_room();

    open_both();
    send_text("one");
    cr_expect_eq(gyre_receiving_start(&r, &ours), 0);
    cr_expect_eq(heard.times, 0);
    send_text("two");
    wait_for_news(2);
    cr_expect_str_eq(heard.text, "onetwo");
    cr_expect(same(&heard.from, &there));
    send_text("");
    wait_for_news(3);
    cr_expect_eq(heard.n, 0);
    send_text("longer than there is room");
    wait_for_news(4);
    cr_expect_gt(heard.n, (ssize_t)sizeof room);
    gyre_receiving_stop(&r);
    gyre_receiving_stop(&r);
    close_both();
}

static void hear_of_a_refusal(struct gyre_receiving *r)
{
    connect_ours();
    turn_away();
    cr_expect_eq(gyre_receiving_start(r, &ours), 0);
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    wait_for_news(1);
    cr_expect_eq(heard.n, -ECONNREFUSED);
}

CLAIM_ON_LOOPBACK(receiving, goes_on_when_one_was_refused)
{
    struct gyre_receiving r = receiving_into_room();

    open_both();
    hear_of_a_refusal(&r);
    turn_back();
    send_text("back");
    wait_for_news(2);
    cr_expect_str_eq(heard.text, "back");
    gyre_receiving_stop(&r);
    close_both();
}

CLAIM_ON_LOOPBACK(receiving, goes_on_when_one_was_refused_by_v6)
{
    struct gyre_receiving r = receiving_into_room();

    open_both_of_v6();
    hear_of_a_refusal(&r);
    cr_expect(gyre_receiving_started(&r));
    close_both();
}

/* Ten wait, and are told of one after the other, so others have their turns. */
CLAIM_ON_LOOPBACK(receiving, tells_of_one_a_pass_however_many_wait)
{
    struct gyre_receiving r = receiving_into_room();

    open_both();
    for (int i = 0; i < 10; i++)
        send_text("x");
    cr_expect_eq(gyre_receiving_start(&r, &ours), 0);
    for (int before = 0; heard.times < 10; before = heard.times) {
        cr_expect_eq(gyre_yield(), 0);
        cr_expect_leq(heard.times, before + 1);
    }
    cr_expect_str_eq(heard.text, "xxxxxxxxxx");
    close_both();
}

CLAIM_ON_LOOPBACK(receiving, is_in_the_place_of_tasks)
{
    struct gyre_receiving r = receiving_into_room(), other = r;
    struct gyre_datagram m = {.bytes = room, .size = 1};
    struct gyre_scope s;

    open_both();
    cr_expect_eq(gyre_receiving_start(&r, &ours), 0);
    cr_expect_eq(gyre_receiving_start(&other, &ours), -EBUSY);
    cr_expect_eq(gyre_receive(&ours, room, 1, NULL, SOON), -EBUSY);
    cr_expect_eq(gyre_receive_many(&ours, &m, 1, SOON), -EBUSY);
    gyre_receiving_stop(&r);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, receive_in_turn, "task");
    let_all_settle();
    cr_expect_eq(gyre_receiving_start(&r, &ours), -EBUSY);
    send_text("task");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_both();
}

CLAIM_ON_LOOPBACK(receiving, is_silent_and_idle_once_its_socket_is_closed)
{
    struct gyre_receiving r = receiving_into_room();

    open_both();
    cr_expect_eq(gyre_receiving_start(&r, &ours), 0);
    send_text("unheard");
    close_both();
    cr_expect(!gyre_receiving_started(&r));
    let_all_settle();
    cr_expect_eq(heard.times, 0);
}

/* Guards against a loop that is told, over and over, what will not pass. */
CLAIM_ON_LOOPBACK(receiving, is_idle_when_it_cannot_go_on)
{
    struct gyre_receiving r = receiving_into_room();

    open_both();
    cr_expect_eq(gyre_receiving_start(&r, &ours), 0);
    close(ours.fd.fd);
    while (heard.times == 0)
        cr_expect_eq(gyre_event_wait(&heard.news, SOON), 0);
    cr_expect_eq(heard.n, -EBADF);
    cr_expect(!gyre_receiving_started(&r));
    close_both();
}

static void close_and_free(struct gyre_receiving *r, ssize_t n,
                           const struct gyre_addr *from)
{
    (void)from;
    cr_expect_eq(n, 1);
    gyre_datagrams_close(&ours);
    free(r);
    heard.times++;
    gyre_event_set(&heard.news);
}

CLAIM_ON_LOOPBACK(receiving, may_be_freed_with_its_socket_when_told)
{
    struct gyre_receiving *r = malloc(sizeof *r);

    open_both();
    *r = receiving_into_room();
    r->received = close_and_free;
    cr_expect_eq(gyre_receiving_start(r, &ours), 0);
    send_text("x");
    wait_for_news(1);
    close_both();
}

static void close_upon_an_error(struct gyre_receiving *r, ssize_t n,
                                const struct gyre_addr *from)
{
    (void)r;
    cr_expect_null(from);
    heard.n = n;
    gyre_datagrams_close(&ours);
    heard.times++;
    gyre_event_set(&heard.news);
}

CLAIM_ON_LOOPBACK(receiving, may_have_its_socket_closed_when_told_of_a_refusal)
{
    struct gyre_receiving r = receiving_into_room();

    open_both();
    connect_ours();
    gyre_datagrams_close(&theirs);
    r.received = close_upon_an_error;
    cr_expect_eq(gyre_receiving_start(&r, &ours), 0);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_send(&ours, "x", 1, NULL, GYRE_NOW), 0);
    wait_for_news(1);
    cr_expect_eq(heard.n, -ECONNREFUSED);
    cr_expect(!gyre_receiving_started(&r));
    let_all_settle();
    cr_expect_eq(heard.times, 1);
}

CLAIM_ON_LOOPBACK(receiving,
                  keeps_the_loop_alive_unless_it_is_in_the_background)
{
    struct gyre_receiving r = {.received = received, .buf = room, .size = 1};
    struct gyre_loop *l;
    struct gyre_addr a = at("127.0.0.1", 0);

    cr_expect_eq(gyre_loop_new(&l), 0);
    cr_expect_eq(gyre_datagrams_open(&ours, l, &a, NULL), 0);
    cr_expect(!gyre_loop_alive(l), "a socket at rest awaits nothing");
    cr_expect_eq(gyre_receiving_start(&r, &ours), 0);
    cr_expect(gyre_loop_alive(l));
    gyre_receiving_stop(&r);
    cr_expect(!gyre_loop_alive(l));
    r.background = true;
    cr_expect_eq(gyre_receiving_start(&r, &ours), 0);
    gyre_receiving_stop(&r);
    cr_expect(!gyre_loop_alive(l));
    gyre_datagrams_close(&ours);
    gyre_loop_free(l);
}
