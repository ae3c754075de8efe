/*
 * test_trace.c - the claims of trace.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/tcp.h"
#include "io/http/client/session.h"
#include "io/http/client/trace.h"
#include "tests/io/http/peers.h"

/* What was told: "call connecting connected sent ... ". */
static char told[2000];
static gyre_time latest;

static void tell(struct gyre_http_trace *t, const struct gyre_http_event *e)
{
    size_t n = strlen(told);

    (void)t;
    cr_expect_geq(e->at, latest);
    latest = e->at;
    n += (size_t)snprintf(told + n, sizeof told - n, "%s",
                          gyre_http_step_name(e->step));
    if (e->result != 0)
        n += (size_t)snprintf(told + n, sizeof told - n, "=%d", e->result);
    snprintf(told + n, sizeof told - n, " ");
}

static struct gyre_http_trace listener = {.tell = tell};

static void expect_told(const char *all)
{
    cr_expect_str_eq(told, all);
    told[0] = '\0';
}

#define NEW  "call connecting connected sent heard answered=200 "
#define KEPT "call reused sent heard answered=200 "

CLAIM(trace, tells_of_every_step)
{
    static const struct script scripts[] = {{{OK("1", "a"), OK("0", "")}}};

    peers_open(scripts, (struct gyre_http_session_options){.trace = &listener});
    expect_answer("http://x/", "200 a");
    expect_told(NEW "ended ");
    expect_answer("http://x/", "200 ");
    expect_told(KEPT "ended ");
    peers_close();
}

CLAIM(trace, tells_of_waiting_for_a_turn)
{
    static const struct script scripts[] = {{{OK("1", "a"), OK("1", "b")}}};
    struct gyre_http_response *r;
    struct gyre_scope s;

    peers_open(scripts, (struct gyre_http_session_options){.trace = &listener,
                                                           .connections = 1});
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    expect_told(NEW);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask_in_task, "http://x/b");
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_told("call queued ");
    cr_expect_eq(gyre_http_text(r, NULL, NULL, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_told("ended turn reused sent heard answered=200 ended ");
    gyre_http_response_free(r);
    peers_close();
    notes[0] = '\0';
}

CLAIM(trace, tells_of_being_referred_and_asking_again)
{
    static const struct script scripts[] = {{{MOVED("302", "/there"), ""}},
                                            {{OK("1", "a")}}};

    peers_open(scripts, (struct gyre_http_session_options){.trace = &listener});
    expect_answer("http://x/", "200 a");
    expect_told("call connecting connected sent heard answered=302 ended "
                "referred=302 reused sent connecting connected sent heard "
                "answered=200 ended ");
    peers_close();
}

CLAIM(trace, tells_of_failing_wherever_that_is)
{
    static const struct script scripts[] = {
        {{""}}, {{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"}}};
    char text[100];

    peers_open(scripts, (struct gyre_http_session_options){
                            .trace = &listener, .connect_time = GYRE_SECOND});
    expect_answer("http://x/", failure(-EPIPE));
    snprintf(text, sizeof text, "call connecting connected sent failed=%d ",
             -EPIPE);
    expect_told(text);
    expect_answer("http://x/", failure(-EPIPE));
    snprintf(text, sizeof text, NEW "failed=%d ", -EPIPE);
    expect_told(text);
    peers.slow = 2 * GYRE_SECOND;
    expect_answer("http://x/", failure(-ETIMEDOUT));
    snprintf(text, sizeof text, "call connecting failed=%d ", -ETIMEDOUT);
    expect_told(text);
    expect_answer("nonsense", failure(-EINVAL));
    expect_told("");
    peers_close();
}

CLAIM(trace, is_in_the_call_as_far_as_it_came)
{
    static const struct script scripts[] = {
        {{""}}, {{NULL}, .hasty = true, .stays = true}, {{OK("0", "")}}};
    struct gyre_http_call call = {.url = "http://x/"};

    peers_open(scripts,
               (struct gyre_http_session_options){.connect_time = GYRE_SECOND});
    peers.slow = 2 * GYRE_SECOND;
    expect_answer_to(&call, failure(-ETIMEDOUT));
    cr_expect_eq(call.step, GYRE_HTTP_STEP_CONNECTING);
    peers.slow = 0;
    expect_answer_to(&call, failure(-EPIPE));
    cr_expect_eq(call.step, GYRE_HTTP_STEP_SENT);
    expect_answer_to(&call, failure(-ETIMEDOUT));
    cr_expect_eq(call.step, GYRE_HTTP_STEP_SENT);
    expect_answer_to(&call, "200 ");
    cr_expect_eq(call.step, GYRE_HTTP_STEP_ENDED);
    call.url = "nonsense";
    expect_answer_to(&call, failure(-EINVAL));
    cr_expect_eq(call.step, GYRE_HTTP_STEP_CALL);
    peers_end();
}

/* ---- what an event says ---- */

static struct gyre_http_event events[20];
static char urls[20][64];
static int heard_of;

static void keep(struct gyre_http_trace *t, const struct gyre_http_event *e)
{
    (void)t;
    if (heard_of < 20) {
        snprintf(urls[heard_of], sizeof urls[0], "%s", e->url);
        events[heard_of++] = *e;
    }
}

CLAIM(trace, says_of_which_call_and_when_and_no_password)
{
    static const struct script scripts[] = {
        {{MOVED("302", "/b"), OK("1", "a"), OK("0", "")},
         .pause = GYRE_SECOND}};
    struct gyre_http_trace keeper = {.tell = keep};

    peers_open(scripts, (struct gyre_http_session_options){.trace = &keeper});
    peers.slow = GYRE_SECOND;
    expect_answer("http://u:p@x/a", "200 a");
    cr_expect_eq(heard_of, 13);
    for (int i = 0; i < heard_of; i++) {
        cr_expect_eq(events[i].call, 1);
        cr_expect_str_eq(urls[i], i < 7 ? "http://x/a" : "http://x/b");
    }
    cr_expect_eq(events[2].at - events[1].at, GYRE_SECOND, "connected");
    cr_expect_eq(events[4].at - events[3].at, GYRE_SECOND, "heard");
    heard_of = 0;
    expect_answer("http://x/c", "200 ");
    cr_expect_eq(events[0].call, 2);
    peers_close();
}

/* ---- over TCP ---- */

static void refuse(void)
{
    struct gyre_http_session_options options = {.trace = &listener};
    struct gyre_listener *nobody;
    struct gyre_addr a;
    char url[64], text[100];

    cr_expect_eq(gyre_tcp_listen("127.0.0.1", 0, &nobody, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_listener_addr(nobody, &a), 0);
    gyre_listener_close(nobody);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", gyre_addr_port(&a));
    cr_expect_eq(gyre_http_session_new_with(&session, &options), 0);
    cr_expect_str_eq(ask(url, GYRE_FOREVER), failure(-ECONNREFUSED));
    snprintf(text, sizeof text, "call connecting resolved failed=%d ",
             -ECONNREFUSED);
    expect_told(text);
    gyre_http_session_free(session);
}

Test(trace, tells_of_addresses_that_were_found)
{
    hold_for_real(refuse, 0);
}
