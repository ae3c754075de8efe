/*
 * test_base.c - the claims of client.h about what a session has for every call:
 * a URL to begin at, fields, and credentials.
 */
#include <errno.h>
#include <string.h>

#include "io/http/basic.h"
#include "io/http/client/session.h"
#include "tests/io/http/peers.h"
#include "tests/support/faults.h"

#define CLOSING                                                                \
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"

static const struct script all_well[] = {{{CLOSING}}, {{CLOSING}}, {{CLOSING}},
                                         {{CLOSING}}, {{CLOSING}}, {{CLOSING}},
                                         {{CLOSING}}, {{CLOSING}}};

/* "u:p" and "v:q", in letters. */
#define U_P "Authorization: Basic dTpw\r\n"
#define V_Q "Authorization: Basic djpx\r\n"

/* Ask for `url`, and hear whether `text` was in what was asked. */
static bool asks(const char *url, const char *text)
{
    peers.heard[0] = '\0';
    expect_answer(url, "200 ok");
    return heard(text) != NULL;
}

static struct gyre_http_fields *fields(const char *name, const char *value)
{
    static struct gyre_http_fields f;

    gyre_http_fields_free(&f);
    if (name != NULL)
        cr_expect_eq(gyre_http_fields_set(&f, name, value), 0);
    return &f;
}

CLAIM(base, is_what_other_urls_are_relative_to)
{
    static const char *const cases[][2] = {
        {"c?d", "GET /a/c?d HTTP"}, {"/c", "GET /c HTTP"},
        {"?q", "GET /a/b?q HTTP"},  {"", "GET /a/b HTTP"},
        {"//y/z", "Host: y\r\n"},   {"http://z/w", "Host: z\r\n"},
        {"../../c", "GET /c HTTP"}};
    char url[] = "http://x/a/b";

    peers_open(all_well, (struct gyre_http_session_options){.base_url = url});
    memset(url, 'x', sizeof url - 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect(asks(cases[i][0], cases[i][1]), "%s", cases[i][0]);
    peers_close();
}

CLAIM(base, is_a_url_or_there_is_no_session)
{
    static const char *const wrong[] = {"",
                                        "x",
                                        "/a",
                                        "ftp://x/",
                                        "http://",
                                        "http://a b/",
                                        "http://@x/",
                                        "http://%00@x/",
                                        "http://a:b:%@x/"};
    long blocks = faults_blocks();

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_expect_eq(peers_begin(all_well,
                                 (struct gyre_http_session_options){
                                     .base_url = wrong[i]}),
                     -EINVAL, "%s", wrong[i]);
    cr_expect_eq(faults_blocks(), blocks);
}

CLAIM(base, has_fields_for_every_call_that_has_none_of_the_name)
{
    struct gyre_http_call own = {.url = "http://x/"};

    peers_open(all_well, (struct gyre_http_session_options){
                             .fields = fields("Accept", "a/b")});
    fields("accept", "c/d");
    cr_expect(asks("http://x/", "\r\nAccept: a/b\r\n"));
    own.fields = fields("accept", "c/d");
    peers.heard[0] = '\0';
    expect_answer_to(&own, "200 ok");
    cr_expect_not_null(heard("\r\naccept: c/d\r\n"));
    cr_expect_null(heard("a/b"));
    peers_close();
    fields(NULL, NULL);
}

CLAIM(base, says_who_it_is_unless_told_what_to_say)
{
    peers_open(all_well, DEFAULTS);
    cr_expect(asks("http://x/", "\r\nUser-Agent: gyre\r\n"));
    peers_close();
    peers_open(all_well, (struct gyre_http_session_options){
                             .fields = fields("user-agent", "me/1")});
    cr_expect(asks("http://x/", "\r\nuser-agent: me/1\r\n"));
    cr_expect_null(heard("gyre"));
    peers_close();
    fields(NULL, NULL);
}

CLAIM(base, has_the_user_of_a_url_authenticate)
{
    static const char *const cases[][2] = {
        {"http://u:p@x/", U_P},
        {"http://%75:%70@x/?@", U_P},
        {"http://u@x/", "Authorization: Basic dTo=\r\n"},
        {"http://u:p:%40@x/", "Authorization: Basic dTpwOkA=\r\n"},
        {"http://:p@x/", "Authorization: Basic OnA=\r\n"}};

    peers_open(all_well, DEFAULTS);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect(asks(cases[i][0], cases[i][1]), "%s", cases[i][0]);
        cr_expect_not_null(heard("\r\nHost: x\r\n"));
        cr_expect_null(heard("@x"));
    }
    peers_close();
}

CLAIM(base, takes_no_at_sign_elsewhere_for_that_of_a_user)
{
    peers_open(all_well, DEFAULTS);
    cr_expect(asks("http://x/a@b", "GET /a@b HTTP"));
    cr_expect(asks("http://x?a@b", "GET /?a@b HTTP"));
    cr_expect_null(heard("Authorization"));
    expect_answer("http://a@b@x/", failure(-EINVAL));
    expect_answer("http://@x/", failure(-EINVAL));
    expect_answer("http://a%00@x/", failure(-EINVAL));
    expect_answer("http://a%3ab@x/", failure(-EINVAL));
    expect_answer("http://a%0ab@x/", failure(-EINVAL));
    peers_close();
}

CLAIM(base, prefers_the_field_that_a_call_has)
{
    struct gyre_http_call call = {.url = "http://u:p@x/"};

    peers_open(all_well, DEFAULTS);
    call.fields = fields("authorization", "Bearer x");
    expect_answer_to(&call, "200 ok");
    cr_expect_not_null(heard("\r\nauthorization: Bearer x\r\n"));
    cr_expect_null(heard("Basic"));
    peers_close();
    fields(NULL, NULL);
}

CLAIM(base, tells_of_no_url_with_a_password)
{
    struct gyre_http_response *r;

    peers_open(all_well,
               (struct gyre_http_session_options){.base_url = "http://u:p@x/"});
    cr_expect_eq(gyre_http_get(session, "http://v:q@x/a", &r, GYRE_FOREVER), 0);
    cr_expect_str_eq(gyre_http_response_url(r), "http://x/a");
    gyre_http_response_free(r);
    peers_close();
}

CLAIM(base, has_credentials_for_its_own_origin_alone)
{
    static const char *const elsewhere[] = {"http://y/", "https://x:80/",
                                            "http://x:81/", "http://xx/"};

    peers_open(all_well, (struct gyre_http_session_options){
                             .base_url = "http://u:p@x/",
                             .fields = fields("Cookie", "a=b")});
    cr_expect(asks("", "Cookie: a=b\r\n"));
    cr_expect_not_null(heard(U_P));
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
        cr_expect_not(asks(elsewhere[i], "Cookie"));
        cr_expect_null(heard("Authorization"));
    }
    cr_expect(asks("http://v:q@x/", V_Q));
    cr_expect_null(heard(U_P));
    peers_close();
    fields(NULL, NULL);
}

CLAIM(base, has_no_credentials_referred_to_another_origin)
{
    static const struct script scripts[] = {
        {{MOVED("302", "/here"), MOVED("302", "http://y/there")}},
        {{MOVED("302", "http://x/back")}},
        {{OK("2", "ok")}}};
    static const struct gyre_http_session_options cases[] = {
        {.base_url = "http://u:p@x/"}, {.base_url = NULL}};
    char *there;

    for (int i = 0; i < 2; i++) {
        peers_open(scripts, cases[i]);
        expect_answer(i == 0 ? "" : "http://u:p@x/", "200 ok");
        there = strstr(peers.heard, "GET /there");
        cr_expect_not_null(strstr(strstr(peers.heard, "GET /here"), U_P));
        cr_expect_null(strstr(there, "Authorization"));
        peers_close();
    }
}

CLAIM(base, has_nobody_referred_to_a_url_with_a_user)
{
    static const struct script scripts[] = {{{MOVED("302", "http://v:q@x/")}}};

    peers_open(scripts, DEFAULTS);
    expect_answer("http://x/", failure(-EPROTO));
    peers_close();
}

/* ---- no memory ---- */

static intptr_t ask_with_all(void *arg)
{
    struct gyre_http_fields own = {0};
    struct gyre_http_call call = {.url = "http://v:q@x/", .fields = &own};
    struct gyre_http_response *r = NULL;
    int err = gyre_http_fields_set(&own, "Accept", "a/b");

    (void)arg;
    if (err == 0)
        err = peers_begin(all_well,
                          (struct gyre_http_session_options){
                              .base_url = "http://u:p@x/", .fields = &own});
    if (err == 0) {
        err = gyre_http_call(session, &call, &r, GYRE_FOREVER);
        gyre_http_response_free(r);
        peers_end();
    }
    gyre_http_fields_free(&own);
    return err == -EPIPE ? -ENOMEM : err;
}

static int scenario(void)
{
    return (int)gyre_run(ask_with_all, NULL);
}

Test(base, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 10);
}
