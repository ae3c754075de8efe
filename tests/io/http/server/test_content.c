/*
 * test_content.c - the claims of request.h, of what is in a body.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/http/server/request.h"
#include "tests/io/http/site.h"

#define JSON "POST /json HTTP/1.1\r\nHost: x\r\n"

/* Replies with the member "name"; asks twice, and the answer is the same. */
static int name_in_json(struct gyre_http_request *r)
{
    const struct gyre_json_value *v, *again;
    const char *name;
    int err = gyre_http_body_json(r, &v, GYRE_FOREVER);

    cr_expect_eq(err != 0, v == NULL);
    if (err)
        return err;
    cr_expect_eq(gyre_http_body_json(r, &again, GYRE_FOREVER), 0);
    cr_expect_eq(again, v);
    name = gyre_json_as_string(gyre_json_get(v, "name"));
    return name != NULL ? gyre_http_reply_text(r, 200, name) : 422;
}

/* Makes the best of what is not JSON. */
static int any_json(struct gyre_http_request *r)
{
    const struct gyre_json_value *v;
    int err = gyre_http_body_json(r, &v, GYRE_FOREVER);

    return gyre_http_reply_text(r, 200, err ? "none" : "some");
}

static const struct gyre_http_route routes[] = {
    {"POST", "/json", name_in_json}, {"POST", "/any", any_json}, {0}};

/* Sends `body` after `head`, and looks at the answer in brief. */
static void expect_answer(struct site *s, const char *head, const char *body,
                          const char *answer)
{
    char text[1000];

    snprintf(text, sizeof text, "%sContent-Length: %zu\r\n\r\n%s", head,
             strlen(body), body);
    cr_expect_str_eq(site_brief(site_ask(s, text)), answer, "%s", body);
}

CLAIM(content, that_is_json_is_read)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    expect_answer(&s, JSON, "{\"name\": \"J\\u00f6rg\"}", "200 J\xc3\xb6rg");
    expect_answer(&s, JSON, "{}", "422 ");
    expect_answer(&s, JSON "Content-Type: text/plain\r\n", "{\"name\":\"x\"}",
                  "200 x");
    cr_expect_str_eq(
        site_brief(site_ask(&s, JSON "Transfer-Encoding: chunked\r\n\r\n"
                                     "4\r\n{\"na\r\n9\r\nme\":\"ab\"}\r\n"
                                     "0\r\n\r\n")),
        "200 ab");
    site_close(&s);
}

CLAIM(content, that_is_not_json_is_the_clients_fault_and_the_connection_stays)
{
    char deep[GYRE_JSON_DEPTH + 2] = "";
    struct site s;

    memset(deep, '[', GYRE_JSON_DEPTH + 1);
    site_open(&s, routes, NULL, 0);
    expect_answer(&s, JSON, "", "400 ");
    expect_answer(&s, JSON, "{\"name\": \"x\"", "400 ");
    expect_answer(&s, JSON, "{\"name\": \"\xff\"}", "400 ");
    expect_answer(&s, JSON, deep, "400 ");
    expect_answer(&s, "POST /any HTTP/1.1\r\nHost: x\r\n", "{", "200 none");
    expect_answer(&s, "POST /any HTTP/1.1\r\nHost: x\r\n", "1", "200 some");
    expect_answer(&s, JSON, "{\"name\": \"y\"}", "200 y");
    cr_expect(!site_ended(&s));
    site_close(&s);
}

CLAIM(content, that_is_too_much_is_not_parsed)
{
    struct gyre_http_options options = {.body_limit = 10};
    struct site s;

    site_open(&s, routes, &options, 0);
    expect_answer(&s, JSON, "[1,2,3,4,5]", "413 ");
    site_close(&s);
}
