/*
 * test_accept.c - which requests become WebSockets, and what the others are
 * told.
 */
#include <string.h>

#include "task/task.h"
#include "tests/io/http/websocket/pair.h"

static const struct gyre_http_route routes[] = {
    {"GET", "/", accept_and_serve},
    {"POST", "/", accept_and_serve},
    {0},
};

/* The answer to a request, on a connection of its own. */
static const char *answer_to(const char *request)
{
    struct site s;
    const char *answer;

    pair.served = listen_only;
    site_open(&s, routes, NULL, 0);
    answer = site_ask(&s, request);
    site_close(&s);
    return answer;
}

#define expect_status(request, status)                                         \
    cr_expect_eq(strncmp(answer_to(request), "HTTP/1.1 " status, 12), 0)

/* The key and the answer are those of RFC 6455, 1.3. */
CLAIM(websocket_accept, proves_that_it_has_read_the_key)
{
    const char *answer = answer_to(ASK(""));

    cr_expect_eq(strncmp(answer, "HTTP/1.1 101 Switching Protocols\r\n", 34),
                 0);
    cr_expect_not_null(strstr(
        answer, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    cr_expect_not_null(
        strstr(answer, "\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"));
    cr_expect_null(strstr(answer, "Sec-WebSocket-Protocol"));
    cr_expect_null(strstr(answer, "Sec-WebSocket-Extensions"));
}

#define WITHOUT_KEY                                                            \
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n"                     \
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"

CLAIM(websocket_accept, is_not_for_those_without_a_proper_key)
{
    expect_status(WITHOUT_KEY "\r\n", "400");
    expect_status(WITHOUT_KEY "Sec-WebSocket-Key: \r\n\r\n", "400");
    expect_status(WITHOUT_KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n\r\n",
                  "400");
    expect_status(WITHOUT_KEY
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZS4u\r\n\r\n",
                  "400");
    expect_status(WITHOUT_KEY
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!==\r\n\r\n",
                  "400");
    expect_status(WITHOUT_KEY
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                  "101");
    expect_status("GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n"
                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                  "Connection: upgrade\r\n\r\n",
                  "101");
}

CLAIM(websocket_accept, says_which_version_is_to_be_asked_for)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n"
        "Upgrade: h2c\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: x\r\nConnection: upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        const char *answer = answer_to(requests[i]);

        cr_expect_eq(strncmp(answer, "HTTP/1.1 426 ", 13), 0, "%zu", i);
        cr_expect_not_null(strstr(answer, "\r\nSec-WebSocket-Version: 13\r\n"));
        cr_expect_not_null(strstr(answer, "upgrade\r\nUpgrade: websocket\r\n"));
    }
}

/* A request in several fields (RFC 9110, 5.3), and an empty one. */
#define SPREAD(fields)                                                         \
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n"                  \
    "Upgrade: h2c\r\nUpgrade: websocket\r\nUpgrade:\r\n"                       \
    "Connection: upgrade\r\n" fields "\r\n"

#define KEY     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"

CLAIM(websocket_accept, is_asked_for_in_any_of_several_fields)
{
    expect_status(SPREAD(VERSION KEY), "101");
    expect_status(SPREAD(KEY), "426");
}

CLAIM(websocket_accept, is_not_for_those_with_two_keys_or_versions_or_origins)
{
    expect_status(SPREAD(VERSION KEY KEY), "400");
    expect_status(SPREAD(VERSION VERSION KEY), "400");
    expect_status(SPREAD("Sec-WebSocket-Version: 8\r\n" VERSION KEY), "400");
    expect_status(SPREAD(VERSION KEY "Origin: http://x\r\n"
                                     "Origin: http://y\r\n"),
                  "400");
}

CLAIM(websocket_accept, is_for_get_alone)
{
    expect_status("POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                  "400");
}

CLAIM(websocket_accept, is_not_for_requests_with_a_body)
{
    expect_status(ASK("Content-Length: 5\r\n") "hello", "400");
    expect_status(ASK("Transfer-Encoding: chunked\r\n") "0\r\n\r\n", "400");
    expect_status(ASK("Content-Length: 0\r\n"), "101");
}

static bool admit_friends(struct gyre_http_request *r, const char *origin)
{
    (void)r;
    return strcmp(origin, "https://friend") == 0;
}

CLAIM(websocket_accept, is_for_pages_from_here_or_as_is_said)
{
    expect_status(ASK("Origin: http://x\r\n"), "101");
    expect_status(ASK("Origin: https://X\r\n"), "101");
    expect_status(ASK("Origin: http://y\r\n"), "403");
    expect_status(ASK("Origin: http://x:8080\r\n"), "403");
    expect_status(ASK("Origin: http://x.y\r\n"), "403");
    expect_status(ASK("Origin: null\r\n"), "403");
    pair.serving.admits = admit_friends;
    expect_status(ASK("Origin: https://friend\r\n"), "101");
    expect_status(ASK("Origin: http://x\r\n"), "403");
    expect_status(ASK(""), "101");
    pair.serving.admits = NULL;
}

CLAIM(websocket_accept, agrees_on_the_first_of_its_protocols)
{
    pair.serving.protocols = "best, good";
    cr_expect_not_null(
        strstr(answer_to(ASK("Sec-WebSocket-Protocol: bad, good\r\n")),
               "\r\nSec-WebSocket-Protocol: good\r\n"));
    cr_expect_not_null(
        strstr(answer_to(ASK("Sec-WebSocket-Protocol: good, best\r\n")),
               "\r\nSec-WebSocket-Protocol: best\r\n"));
    cr_expect_null(strstr(answer_to(ASK("Sec-WebSocket-Protocol: Best\r\n")),
                          "Sec-WebSocket-Protocol"));
    cr_expect_not_null(
        strstr(answer_to(ASK("Sec-WebSocket-Protocol: good\r\n"
                             "sec-websocket-protocol: bad, best\r\n")),
               "\r\nSec-WebSocket-Protocol: best\r\n"));
    cr_expect_null(strstr(answer_to(ASK("")), "Sec-WebSocket-Protocol"));
    pair.serving.protocols = NULL;
}

CLAIM(websocket_accept, has_what_came_with_the_request)
{
    struct site s;
    const char *answer;

    pair.served = echo;
    site_open(&s, routes, NULL, 0);
    cr_expect_eq(gyre_write(s.client, ASK("") "\x81\x82" ZERO "hi",
                            sizeof ASK("") - 1 + 8, GYRE_FOREVER),
                 0);
    answer = site_ask(&s, "");
    cr_expect_str_eq(strstr(answer, "\r\n\r\n") + 4, "\x81\x02hi");
    site_close(&s);
}
