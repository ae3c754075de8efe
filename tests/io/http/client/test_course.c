/*
 * test_course.c - the claims of client.h about the times of a call, and about
 * who says which of them has passed.
 */
#include <errno.h>
#include <string.h>

#include "io/http/client/session.h"
#include "tests/io/http/peers.h"

/* Ask for http://x/ as `call` has it: it is in vain after `span`, and it was
   `timeout` that ended it. */
static void ends(struct gyre_http_call call, gyre_time deadline, gyre_time span,
                 enum gyre_http_timeout timeout)
{
    gyre_time before = elapsed();

    call.url = "http://x/";
    cr_expect_str_eq(ask_with(&call, deadline), failure(-ETIMEDOUT));
    cr_expect_eq(elapsed() - before, span);
    cr_expect_eq(call.timeout, timeout, "not %s but %s",
                 gyre_http_timeout_name(timeout),
                 gyre_http_timeout_name(call.timeout));
}

static const struct gyre_http_call get = {.method = "GET"};

static const struct script silent[] = {{{NULL}, .hasty = true, .stays = true},
                                       {{NULL}, .hasty = true, .stays = true}};

CLAIM(course, bounds_waiting_for_a_turn)
{
    static const struct script scripts[] = {{{OK("1", "a")}}};
    struct gyre_http_response *r;

    peers_open(scripts, (struct gyre_http_session_options){
                            .connections = 1, .turn_time = GYRE_SECOND});
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    ends(get, GYRE_FOREVER, GYRE_SECOND, GYRE_HTTP_TURN_TIME);
    gyre_http_response_free(r);
    peers_close();
}

CLAIM(course, waits_for_a_turn_as_long_as_it_takes_unless_told_otherwise)
{
    static const struct script scripts[] = {{{OK("1", "a")}}};
    struct gyre_http_response *r;

    peers_open(scripts, (struct gyre_http_session_options){.connections = 1});
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    ends(get, gyre_in(3600 * GYRE_SECOND), 3600 * GYRE_SECOND,
         GYRE_HTTP_DEADLINE);
    gyre_http_response_free(r);
    peers_close();
}

CLAIM(course, bounds_connecting)
{
    peers_open(silent, (struct gyre_http_session_options){.connect_time =
                                                              2 * GYRE_SECOND});
    peers.slow = 3 * GYRE_SECOND;
    ends(get, GYRE_FOREVER, 2 * GYRE_SECOND, GYRE_HTTP_CONNECT_TIME);
    peers_close();
}

CLAIM(course, bounds_sending)
{
    static const char body[1000];
    static const struct script scripts[] = {
        {{NULL}, .hasty = true, .stays = true, .capacity = 20}};
    struct gyre_http_call put = {
        .method = "PUT", .body = body, .length = sizeof body};

    peers_open(scripts, (struct gyre_http_session_options){
                            .send_time = 3 * GYRE_SECOND});
    ends(put, GYRE_FOREVER, 3 * GYRE_SECOND, GYRE_HTTP_SEND_TIME);
    peers_end();
}

CLAIM(course, gives_no_more_time_to_who_reads_nothing_and_trickles_an_answer)
{
    static const char body[100000];
    static const struct script scripts[] = {
        {{"HTTP/1.1 200 OK\r\nX: a head that takes its time\r\n\r\n"},
         .hasty = true,
         .stays = true,
         .piece = 1,
         .pause = GYRE_SECOND,
         .capacity = 20}};
    struct gyre_http_call put = {
        .method = "PUT", .body = body, .length = sizeof body};

    peers_open(scripts, (struct gyre_http_session_options){
                            .send_time = 3 * GYRE_SECOND});
    ends(put, GYRE_FOREVER, 3 * GYRE_SECOND, GYRE_HTTP_SEND_TIME);
    peers_end();
}

CLAIM(course, bounds_waiting_for_an_answer)
{
    peers_open(silent, (struct gyre_http_session_options){.answer_time =
                                                              4 * GYRE_SECOND});
    ends(get, GYRE_FOREVER, 4 * GYRE_SECOND, GYRE_HTTP_ANSWER_TIME);
    peers_end();
}

CLAIM(course, bounds_waiting_for_more_of_a_body)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}, .stays = true}};
    struct gyre_http_response *r;
    gyre_time before;

    peers_open(scripts, (struct gyre_http_session_options){
                            .stall_time = 5 * GYRE_SECOND});
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    before = elapsed();
    cr_expect_eq(gyre_http_text(r, NULL, NULL, GYRE_FOREVER), -ETIMEDOUT);
    cr_expect_eq(elapsed() - before, 5 * GYRE_SECOND);
    cr_expect_eq(gyre_http_response_timeout(r), GYRE_HTTP_STALL_TIME);
    cr_expect_eq(gyre_http_text(r, NULL, NULL, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_http_response_timeout(r), GYRE_HTTP_DEADLINE);
    gyre_http_response_free(r);
    peers_close();
}

CLAIM(course, bounds_all_of_a_call_whatever_it_waits_for)
{
    static const struct script referring[] = {
        {{MOVED("302", "/2"), MOVED("302", "/3"), MOVED("302", "/4")},
         .pause = 4 * GYRE_SECOND}};
    struct gyre_http_session_options options = {.total_time = 9 * GYRE_SECOND};

    peers_open(silent, options);
    ends(get, GYRE_FOREVER, 9 * GYRE_SECOND, GYRE_HTTP_TOTAL_TIME);
    peers.slow = 10 * GYRE_SECOND;
    ends(get, GYRE_FOREVER, 9 * GYRE_SECOND, GYRE_HTTP_TOTAL_TIME);
    peers_end();
    peers_open(referring, options);
    ends(get, GYRE_FOREVER, 9 * GYRE_SECOND, GYRE_HTTP_TOTAL_TIME);
    peers_end();
}

CLAIM(course, bounds_the_whole_of_a_body_that_keeps_coming)
{
    static const struct script scripts[] = {{{OK("20", "12345678901234567890")},
                                             .piece = sizeof OK("20", "") - 1,
                                             .pause = GYRE_SECOND}};
    static const struct script drip[] = {
        {{"HTTP/1.1 200 OK\r\n\r\n12345678901234567890"},
         .piece = 19,
         .pause = 20 * GYRE_SECOND}};
    struct gyre_http_response *r;

    peers_open(scripts, (struct gyre_http_session_options){
                            .total_time = 3 * GYRE_SECOND});
    expect_answer("http://x/", "200 12345678901234567890");
    peers_close();
    peers_open(drip, (struct gyre_http_session_options){.total_time =
                                                            30 * GYRE_SECOND});
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_text(r, NULL, NULL, GYRE_FOREVER), -ETIMEDOUT);
    cr_expect_eq(gyre_http_response_timeout(r), GYRE_HTTP_TOTAL_TIME);
    gyre_http_response_free(r);
    peers_end();
}

/* Much has come, so nobody need wait for it: it takes no time to read. */
CLAIM(course, bounds_a_body_that_is_never_waited_for)
{
    static char answer[60000] = "HTTP/1.1 200 OK\r\n\r\n";
    struct script scripts[] = {{{answer}, .stays = true}};
    struct gyre_http_response *r;

    memset(answer + 19, 'a', sizeof answer - 20);
    peers_open(scripts,
               (struct gyre_http_session_options){.total_time = GYRE_SECOND});
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
    cr_expect_eq(gyre_http_text(r, NULL, NULL, GYRE_FOREVER), -ETIMEDOUT);
    cr_expect_eq(gyre_http_response_timeout(r), GYRE_HTTP_TOTAL_TIME);
    gyre_http_response_free(r);
    peers_close();
}

static ssize_t sleep_for_ever(struct gyre_http_call *call, void *buf, size_t n)
{
    (void)call, (void)buf, (void)n;
    return gyre_sleep(GYRE_FOREVER);
}

static ssize_t say_timed_out(struct gyre_http_call *call, void *buf, size_t n)
{
    (void)call, (void)buf, (void)n;
    return -ETIMEDOUT;
}

CLAIM(course, bounds_who_makes_a_body_and_is_not_taken_for_him)
{
    struct gyre_http_call asleep = {.method = "PUT", .more = sleep_for_ever};
    struct gyre_http_call hasty = {.method = "PUT", .more = say_timed_out};

    peers_open(silent,
               (struct gyre_http_session_options){.total_time = GYRE_SECOND});
    ends(asleep, GYRE_FOREVER, GYRE_SECOND, GYRE_HTTP_TOTAL_TIME);
    ends(hasty, GYRE_FOREVER, 0, GYRE_HTTP_NO_TIMEOUT);
    peers_end();
}

CLAIM(course, says_when_it_was_the_deadline_and_when_nothing_was)
{
    static const struct script scripts[] = {
        {{NULL}, .hasty = true, .stays = true}, {{OK("2", "ok")}}};
    struct gyre_http_call call = {.url = "http://x/"};

    peers_open(scripts, DEFAULTS);
    ends(get, gyre_in(GYRE_SECOND), GYRE_SECOND, GYRE_HTTP_DEADLINE);
    call.timeout = GYRE_HTTP_STALL_TIME;
    expect_answer_to(&call, "200 ok");
    cr_expect_eq(call.timeout, GYRE_HTTP_NO_TIMEOUT);
    peers_end();
}
