/*
 * test_proxy.c - the claims of client.h about proxies, and about TLS through
 * them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "task/sim/inject.h"
#include "io/http/client/session.h"
#include "tests/io/http/peers.h"
#include "tests/support/faults.h"

#define JOINED "HTTP/1.1 200 Joined\r\n\r\n"

/* ---- TLS that needs no key ---- */

static char secured[64]; /* whose TLS was spoken last */
static int insecure;     /* why none can be, or 0 */

static int secure(struct gyre_http_connector *c, const char *host,
                  struct gyre_stream *beneath, struct gyre_stream **out,
                  gyre_time deadline)
{
    (void)c;
    (void)deadline;
    snprintf(secured, sizeof secured, "%s", host);
    if (insecure)
        return insecure;
    *out = beneath;
    return 0;
}

/* Ask through the proxy "p:3128". */
static void open_with_proxy(const struct script *scripts)
{
    peers_open(scripts,
               (struct gyre_http_session_options){.proxy = "http://p:3128"});
    peers.connector.secure = secure;
}

static void expect_connected_to(const char *host, int port)
{
    cr_expect_str_eq(peers.host, host);
    cr_expect_eq(peers.port, port);
}

CLAIM(proxy, is_asked_for_the_whole_url)
{
    static const struct script scripts[] = {
        {{OK("1", "a"), OK("1", "b"), OK("1", "c")}}};

    open_with_proxy(scripts);
    expect_answer("http://x/a?b", "200 a");
    expect_connected_to("p", 3128);
    cr_expect_not_null(heard("GET http://x/a?b HTTP/1.1\r\nHost: x\r\n"));
    expect_answer("http://x", "200 b");
    cr_expect_not_null(heard("GET http://x/ HTTP/1.1\r\n"));
    expect_answer("http://x:80?q", "200 c");
    cr_expect_not_null(heard("GET http://x:80/?q HTTP/1.1\r\nHost: x:80\r\n"));
    cr_expect_null(heard("Proxy-"));
    peers_close();
}

CLAIM(proxy, joins_us_to_who_speaks_tls)
{
    static const struct script scripts[] = {
        {{JOINED, OK("1", "a"), OK("1", "b")}},
        {{"HTTP/1.1 103 Wait\r\n\r\n" JOINED, OK("1", "c")}}};

    open_with_proxy(scripts);
    expect_answer("https://x/a", "200 a");
    expect_connected_to("p", 3128);
    cr_expect_str_eq(secured, "x");
    cr_expect_not_null(heard("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n"));
    cr_expect_not_null(heard("GET /a HTTP/1.1\r\nHost: x\r\n"));
    expect_answer("https://x/b", "200 b");
    cr_expect_eq(peers.connected, 1);
    expect_answer("https://[::1]:444/", "200 c");
    cr_expect_not_null(
        heard("CONNECT [::1]:444 HTTP/1.1\r\nHost: [::1]:444\r\n"));
    cr_expect_str_eq(secured, "::1");
    peers_close();
}

CLAIM(proxy, alone_is_told_who_asks_it)
{
    static const struct script scripts[] = {
        {{JOINED, OK("1", "a")}}, {{OK("1", "b")}}, {{OK("1", "c")}}};
    static const char field[] = "Proxy-Authorization: Basic dTpw\r\n";
    const char *get;

    peers_open(scripts, (struct gyre_http_session_options){
                            .proxy = "http://u:p@p", .no_proxy = "z"});
    peers.connector.secure = secure;
    expect_answer("https://x/", "200 a");
    expect_connected_to("p", 80);
    get = heard("GET / HTTP");
    cr_expect_not_null(heard(field));
    cr_expect_null(strstr(get, "Proxy-"));
    expect_answer("http://y/", "200 b");
    get = heard("GET http://y/ HTTP");
    cr_expect_not_null(strstr(get, field));
    cr_expect_lt(strstr(get, field), strstr(get, "\r\n\r\n"));
    peers.heard[0] = '\0';
    expect_answer("http://z/", "200 c");
    cr_expect_null(heard("Proxy-"));
    peers_close();
}

CLAIM(proxy, that_refuses_is_told_of)
{
    static const struct {
        const char *answer;
        int err, status;
    } cases[] = {
        {"HTTP/1.1 407 Who\r\nContent-Length: 3\r\n\r\nwho", -EACCES, 407},
        {"HTTP/1.1 403 No\r\n\r\n", -EHOSTUNREACH, 403},
        {"HTTP/1.1 502 No\r\n\r\n", -EHOSTUNREACH, 502},
        {"HTTP/1.1 301 No\r\nLocation: http://y/\r\n\r\n", -EHOSTUNREACH, 301},
        {JOINED "surplus", -EPROTO, 0},
        {"HTTP/1.1 200 Joi", -EPIPE, 0},
        {"nonsense\r\n\r\n", -EPROTO, 0},
        {"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", -EPIPE,
         0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script scripts[] = {{{cases[i].answer}}};
        struct gyre_http_call call = {.url = "https://x/"};

        open_with_proxy(scripts);
        expect_answer_to(&call, failure(cases[i].err));
        cr_expect_eq(call.proxy_status, cases[i].status);
        cr_expect_null(heard("GET"));
        peers_close();
    }
}

CLAIM(proxy, that_is_asked_by_the_url_refuses_as_others_do)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 407 Who\r\nContent-Length: 3\r\n\r\nwho"}}};

    open_with_proxy(scripts);
    expect_answer("http://x/", "407 who");
    peers_close();
}

CLAIM(proxy, may_not_say_wait_for_ever)
{
    for (int most = 16; most <= 17; most++) {
        char answer[1000] = "";
        struct script scripts[] = {{{answer, OK("2", "ok")}}};

        for (int i = 0; i < most; i++)
            strcat(answer, "HTTP/1.1 102 Wait\r\n\r\n");
        strcat(answer, JOINED);
        open_with_proxy(scripts);
        expect_answer("https://x/", most <= 16 ? "200 ok" : failure(-EPROTO));
        peers_close();
    }
}

CLAIM(proxy, has_as_long_as_connecting_may_take)
{
    static const struct script scripts[] = {
        {{NULL}, .hasty = true, .stays = true}};
    struct gyre_http_call call = {.url = "https://x/"};

    open_with_proxy(scripts);
    expect_answer_to(&call, failure(-ETIMEDOUT));
    cr_expect_eq(call.timeout, GYRE_HTTP_CONNECT_TIME);
    cr_expect_eq(elapsed(), 30 * GYRE_SECOND);
    peers_end();
}

CLAIM(proxy, is_not_asked_for_whom_it_is_not_for)
{
    static const struct {
        const char *no_proxy, *host;
        bool direct;
    } cases[] = {{"x", "x", true},
                 {"X", "x", true},
                 {"a, x ,b", "x", true},
                 {"xx", "x", false},
                 {"x", "xx", false},
                 {"x.y", "a.x.y", true},
                 {".x.y", "x.y", true},
                 {".x.y", "a.x.y", true},
                 {"x.y", "ax.y", false},
                 {"*", "anything", true},
                 {"", "x", false},
                 {".", "x", false},
                 {"127.0.0.1", "127.0.0.1", true}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script scripts[] = {{{OK("2", "ok")}}};
        char url[64];

        peers_open(scripts,
                   (struct gyre_http_session_options){
                       .proxy = "http://p", .no_proxy = cases[i].no_proxy});
        snprintf(url, sizeof url, "http://%s/", cases[i].host);
        expect_answer(url, "200 ok");
        cr_expect_str_eq(peers.host, cases[i].direct ? cases[i].host : "p",
                         "%zu", i);
        peers_close();
    }
}

CLAIM(proxy, takes_no_https_without_who_speaks_tls_over_it)
{
    peers_open(NULL, (struct gyre_http_session_options){.proxy = "http://p"});
    expect_answer("https://x/", failure(-ENOTSUP));
    cr_expect_eq(peers.connected, 0);
    peers_close();
}

CLAIM(proxy, is_http_or_there_is_no_session)
{
    static const struct gyre_http_session_options wrong[] = {
        {.proxy = "p:3128"},
        {.proxy = ""},
        {.proxy = "https://p/"},
        {.proxy = "http://p", .unix_path = "/x"}};
    long blocks = faults_blocks();

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_expect_eq(peers_begin(NULL, wrong[i]), -EINVAL);
    cr_expect_eq(faults_blocks(), blocks);
}

/* ---- TLS without a proxy ---- */

CLAIM(proxy, or_not_tls_is_spoken_over_what_connects)
{
    static const struct script scripts[] = {{{OK("1", "a")}}, {{OK("1", "b")}}};

    peers_open(scripts, DEFAULTS);
    peers.connector.secure = secure;
    secured[0] = '\0';
    expect_answer("http://x/", "200 a");
    cr_expect_str_eq(secured, "");
    expect_answer("https://x/", "200 b");
    cr_expect_str_eq(secured, "x");
    peers_close();
}

CLAIM(proxy, or_not_what_speaks_no_tls_is_closed)
{
    static const struct script scripts[] = {{{NULL}}, {{JOINED}}};

    peers_open(scripts, DEFAULTS);
    peers.connector.secure = secure;
    insecure = -EACCES;
    expect_answer("https://x/", failure(-EACCES));
    insecure = 0;
    peers_close();
}

/* ---- cancelling, and no memory ---- */

static const struct script both[] = {{{JOINED, OK("1", "a")}, .piece = 10},
                                     {{OK("1", "b")}, .piece = 10}};

static intptr_t ask_both(void *arg)
{
    struct gyre_http_call call = {.url = "https://x/"};
    struct gyre_http_response *r;
    int err = peers_begin(both, (struct gyre_http_session_options){
                                    .proxy = "http://u:p@p", .no_proxy = "z"});

    (void)arg;
    if (err)
        return err;
    peers.connector.secure = secure;
    for (int i = 0; err == 0 && i < 2; i++) {
        r = NULL;
        err = gyre_http_call(session, &call, &r, GYRE_FOREVER);
        if (err == 0)
            err = gyre_http_text(r, NULL, NULL, GYRE_FOREVER);
        gyre_http_response_free(r);
        call.url = "http://x/";
    }
    peers_end();
    return err == -EPIPE ? -ENOMEM : err;
}

static int scenario(void)
{
    return (int)gyre_run(ask_both, NULL);
}

Test(proxy, and_client_survive_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 10);
}

static int nobody_is_left(void *arg)
{
    (void)arg;
    return peers.open > 0 ? -EIO : 0;
}

Test(proxy, and_client_leave_nothing_wherever_they_are_cancelled)
{
    struct gyre_injection i = {.check = nobody_is_left};

    cr_expect_eq(gyre_inject(&i, ask_both, NULL), 0);
    cr_expect_gt(i.points, 20);
}
