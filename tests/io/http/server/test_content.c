/*
 * test_content.c - the claims of request.h, of what is in a body.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/content.h"
#include "tests/io/http/site.h"

#define FORM "POST /form HTTP/1.1\r\nHost: x\r\n"
#define FILES(path)                                                            \
    "POST " path " HTTP/1.1\r\nHost: x\r\n"                                    \
    "Content-Type: multipart/form-data; boundary=b\r\n"
#define TWO_PARTS                                                              \
    "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--\r\n"         \
    "--b\r\nContent-Disposition: form-data; name=f; filename=x/y\r\n"          \
    "Content-Type: a/b\r\n\r\nhello\r\n--b--\r\n"
#define TWO_LISTED "a - text/plain: 1\r\n--|f y a/b: hello|"
#define JSON       "POST /json HTTP/1.1\r\nHost: x\r\n"

/* Replies with the member "name"; asks twice, and the answer is the same. */
static int name_in_json(struct gyre_http_request *r)
{
    static const char nothing[1];
    const struct gyre_json_value *v = (const void *)nothing, *again;
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

/* Replies with two values of a form; asks twice. */
static int two_of_form(struct gyre_http_request *r)
{
    const struct gyre_form *form, *again;
    const char *a, *b;
    char text[100];
    int err = gyre_http_body_form(r, &form, GYRE_FOREVER);

    cr_expect_eq(err != 0, form == NULL);
    if (err)
        return err;
    a = gyre_form_get(form, "a");
    cr_expect_eq(gyre_http_body_form(r, &again, GYRE_FOREVER), 0);
    cr_expect_eq(again, form);
    cr_expect_eq(gyre_form_get(again, "a"), a);
    b = gyre_form_get(form, "b");
    snprintf(text, sizeof text, "%s %s", a ? a : "-", b ? b : "-");
    return gyre_http_reply_text(r, 200, text);
}

/* Writes down the content of a part, `piece` bytes at a time, and with a lack
   of patience that must not matter. */
static int list_content(struct gyre_http_request *r, size_t piece)
{
    char buf[100];
    ssize_t n;

    while ((n = gyre_http_read_part(r, buf, piece, gyre_in(20 * MS))) != 0) {
        int err =
            n > 0 ? gyre_http_reply_write(r, buf, (size_t)n, GYRE_FOREVER) : 0;

        if (err || (n < 0 && n != -ETIMEDOUT))
            return err ? err : (int)n;
    }
    cr_expect_eq(gyre_http_read_part(r, buf, 1, GYRE_FOREVER), 0);
    return 0;
}

static int list_part(struct gyre_http_request *r,
                     const struct gyre_http_part *p)
{
    const char *pieces = gyre_http_query(r, "pieces");
    char text[200];
    int n = snprintf(text, sizeof text, "%s %s %s: ", p->name,
                     p->filename ? p->filename : "-", p->type);
    int err = gyre_http_reply_write(r, text, (size_t)n, GYRE_FOREVER);

    if (err == 0 && pieces != NULL)
        err = list_content(r, (size_t)atoi(pieces));
    if (err == 0)
        err = gyre_http_reply_write(r, "|", 1, GYRE_FOREVER);
    return err;
}

static int list_parts(struct gyre_http_request *r)
{
    struct gyre_http_part p;
    int more = gyre_http_reply_begin(r, 200, -1), err = 0;

    cr_expect_eq(gyre_http_read_part(r, &p, 1, GYRE_FOREVER), 0);
    while (more == 0 && err == 0) {
        do
            more = gyre_http_next_part(r, &p, gyre_in(20 * MS));
        while (more == -ETIMEDOUT);
        if (more <= 0)
            return more;
        err = list_part(r, &p);
        more = 0;
    }
    return err;
}

/* How many parts; nothing of them is read. */
static int count_parts(struct gyre_http_request *r)
{
    struct gyre_http_part p;
    int more, n = 0;

    while ((more = gyre_http_next_part(r, &p, GYRE_FOREVER)) > 0)
        n++;
    return more < 0 ? more : 200 + n;
}

/* Reads a part, at first cancelled. */
static int read_again(struct gyre_http_request *r)
{
    struct gyre_http_part p;
    struct gyre_scope scope;
    char buf[100];
    ssize_t n = gyre_http_next_part(r, &p, GYRE_FOREVER);

    if (n <= 0)
        return n < 0 ? (int)n : 422;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_http_read_part(r, buf, sizeof buf, GYRE_FOREVER),
                 -ECANCELED);
    cr_expect_eq(gyre_http_next_part(r, &p, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(gyre_http_read_part(r, buf, 0, GYRE_FOREVER), 0);
    n = gyre_http_read_part(r, buf, sizeof buf - 1, GYRE_FOREVER);
    buf[n > 0 ? n : 0] = '\0';
    return gyre_http_reply_text(r, 200, buf);
}

/* Two tasks that read the same body, and what both have read. */
struct pair {
    struct gyre_http_request *r;
    int64_t ahead; /* cancel points that the first is ahead of the second */
    size_t n, sum;
    bool wrong;
};

/* Nothing is read, but each costs what a cancel point does. */
static int get_ahead(struct pair *p)
{
    int err = 0;

    for (; p->ahead > 0 && err == 0; p->ahead--)
        err = (int)gyre_http_read_body(p->r, p, 0, GYRE_FOREVER);
    return err;
}

static void add_up(struct pair *p, const char *at, size_t n)
{
    p->n += n;
    for (size_t i = 0; i < n; i++)
        p->sum += (unsigned char)at[i];
}

static intptr_t read_parts_of(void *arg)
{
    struct pair *p = arg;
    char buf[2000];
    ssize_t n = get_ahead(p);

    while (n >= 0) {
        n = gyre_http_read_part(p->r, buf, sizeof buf, GYRE_FOREVER);
        if (n == 0)
            break;
        if (n > 0)
            add_up(p, buf, (size_t)n);
        if (n == -EBUSY)
            n = gyre_yield();
    }
    return n;
}

static intptr_t read_whole_of(void *arg)
{
    struct pair *p = arg;
    struct gyre_span body;
    int err = get_ahead(p);

    if (err == 0)
        err = gyre_http_body_whole(p->r, &body, GYRE_FOREVER);
    if (err == 0)
        add_up(p, body.at, body.length);
    if (err == 0)
        p->wrong |= body.at[body.length] != '\0';
    return err == -EBUSY ? 0 : err;
}

/* Has both read.  How far ahead the first is decides where it makes way for the
   other. */
static int by_two(struct gyre_http_request *r, intptr_t (*read)(void *))
{
    struct pair p = {.r = r};
    struct gyre_scope scope;
    char text[50];
    int err = gyre_http_query_int(r, "ahead", &p.ahead);

    gyre_scope_open(&scope, GYRE_FOREVER);
    if (err == 0)
        err = gyre_spawn(&scope, NULL, read, &p);
    if (err == 0)
        err = gyre_spawn(&scope, NULL, read, &p);
    err = (int)gyre_scope_close(&scope, err);
    snprintf(text, sizeof text, "%zu %zu%s", p.n, p.sum,
             p.wrong ? " wrong" : "");
    return err ? err : gyre_http_reply_text(r, 200, text);
}

static int part_by_two(struct gyre_http_request *r)
{
    struct gyre_http_part p;
    int more = gyre_http_next_part(r, &p, GYRE_FOREVER);

    return more < 0 ? more : by_two(r, read_parts_of);
}

static int whole_by_two(struct gyre_http_request *r)
{
    return by_two(r, read_whole_of);
}

/* Reads the body whole, or what comes of it in time. */
static int read_before(struct gyre_http_request *r)
{
    bool half = gyre_http_query(r, "half") != NULL;
    struct gyre_span body;
    int err =
        gyre_http_body_whole(r, &body, half ? gyre_in(9 * MS) : GYRE_FOREVER);

    cr_expect_eq(err, half ? -ETIMEDOUT : 0);
    return gyre_http_next(r);
}

static const struct gyre_http_around reading[] = {{read_before}, {0}};

static const struct gyre_http_route routes[] = {
    {"POST", "/read-before", list_parts, .around = reading},
    {"POST", "/json", name_in_json},
    {"POST", "/any", any_json},
    {"POST", "/form", two_of_form},
    {"POST", "/parts", list_parts},
    {"POST", "/count", count_parts},
    {"POST", "/again", read_again},
    {"POST", "/part-by-two", part_by_two},
    {"POST", "/whole-by-two", whole_by_two},
    {0}};

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
    site_open(&s, routes, &options, 0);
    cr_expect_str_eq(
        site_brief(site_ask(&s, JSON "Transfer-Encoding: chunked\r\n\r\n"
                                     "b\r\n[1,2,3,4,5]\r\n0\r\n\r\n")),
        "413 ");
    site_close(&s);
    site_open(&s, routes, &options, 0);
    expect_answer(&s, FILES("/count"), "--b\r\nContent-", "413 ");
    site_close(&s);
}

/* ---- forms ---- */

CLAIM(content, that_is_a_form_is_read)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    expect_answer(&s, FORM, "a=1&b=two+words%21", "200 1 two words!");
    expect_answer(&s, FORM, "b", "200 - ");
    expect_answer(&s, FORM, "", "200 - -");
    expect_answer(&s,
                  FORM "Content-Type: Application/X-WWW-Form-Urlencoded; "
                       "charset=utf-8\r\n",
                  "a=2", "200 2 -");
    expect_answer(&s, FORM, "a=%", "400 ");
    expect_answer(&s, FORM, "a=3", "200 3 -");
    cr_expect(!site_ended(&s));
    site_close(&s);
}

/* Nothing of one request is left for the next, though it came along with it. */
CLAIM(content, that_is_a_form_is_of_its_request_alone)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(
        site_brief(site_ask(&s, FORM "Content-Length: 3\r\n\r\n"
                                     "a=1" FORM "Content-Length: 3\r\n\r\n"
                                     "b=2")),
        "200 1 -; 200 - 2");
    site_close(&s);
}

CLAIM(content, of_another_type_is_no_form)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    expect_answer(&s, FORM "Content-Type: text/plain\r\n", "a=1", "415 ");
    expect_answer(&s, FORM "Content-Type: multipart/form-data; boundary=b\r\n",
                  "--b--", "415 ");
    expect_answer(&s, "POST /count HTTP/1.1\r\nHost: x\r\n", "--b--", "415 ");
    expect_answer(&s,
                  "POST /count HTTP/1.1\r\nHost: x\r\n"
                  "Content-Type: multipart/form-data\r\n",
                  "--b--", "400 ");
    expect_answer(&s, FORM, "a=1", "200 1 -");
    site_close(&s);
}

/* Somebody before us may have believed the other. */
CLAIM(content, of_two_types_is_of_none)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    expect_answer(&s,
                  FORM "Content-Type: application/x-www-form-urlencoded\r\n"
                       "content-type: text/plain\r\n",
                  "a=1", "400 ");
    expect_answer(&s, FILES("/count") "Content-Type: text/plain\r\n", TWO_PARTS,
                  "400 ");
    expect_answer(&s, FORM, "a=1", "200 1 -");
    site_close(&s);
}

CLAIM(content, with_too_many_pairs_is_refused)
{
    static char text[2 * GYRE_FORM_PAIRS + 3], request[3000];
    struct site s;

    for (int i = 0; i <= GYRE_FORM_PAIRS; i++)
        memcpy(text + 2 * i, "a&", 2);
    snprintf(request, sizeof request, "%sContent-Length: %zu\r\n\r\n%s", FORM,
             strlen(text), text);
    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_brief(site_ask(&s, request)), "413 ");
    site_close(&s);
}

/* ---- files ---- */

/* What a streamed reply said: its chunks, joined. */
static const char *joined(const char *answer)
{
    static char text[1000];
    const char *at = strstr(answer, "\r\n\r\n");
    size_t n = 0;

    while (at != NULL && *at != '\0') {
        char *end;
        size_t length;

        at += strspn(at, "\r\n");
        length = strtoul(at, &end, 16);
        if (length == 0 || n + length >= sizeof text)
            break;
        memcpy(text + n, end + 2, length);
        n += length;
        at = end + 2 + length;
    }
    text[n] = '\0';
    return text;
}

CLAIM(content, with_files_is_read_part_by_part)
{
    static const char *const paths[] = {"/parts?pieces=1", "/parts?pieces=3",
                                        "/parts?pieces=100"};
    struct site s;

    site_open(&s, routes, NULL, 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char text[1000];

        snprintf(text, sizeof text,
                 "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
                 "Content-Type: multipart/form-data; boundary=b\r\n\r\n%s",
                 paths[i], strlen(TWO_PARTS), TWO_PARTS);
        cr_expect_str_eq(joined(site_ask(&s, text)), TWO_LISTED, "%s",
                         paths[i]);
    }
    expect_answer(&s, FILES("/count"), TWO_PARTS, "202 ");
    expect_answer(&s, FILES("/count"), "--b--", "200 ");
    site_close(&s);
}

/* By somebody around; or half of it, when he had no more time. */
CLAIM(content, with_files_may_have_been_read_before)
{
    static const char *const queries[] = {"", "?half"};
    static const char more[] = "--b\r\nContent-Disposition: form-data; name=z"
                               "\r\n\r\n%010000d\r\n" TWO_PARTS;

    for (size_t i = 0; i < 2; i++) {
        char body[11000], head[200];
        struct site s;
        size_t n = (size_t)snprintf(body, sizeof body, more, 0);

        snprintf(head, sizeof head,
                 FILES("/read-before%s") "Content-Length: %zu\r\n\r\n",
                 queries[i], n);
        site_open(&s, routes, NULL, 0);
        (void)site_ask(&s, head);
        cr_expect_eq(gyre_write(s.client, body, n - 1, GYRE_FOREVER), 0);
        cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
        cr_expect_str_eq(joined(site_ask(&s, body + n - 1)),
                         "z - text/plain: |a - text/plain: |f y a/b: |");
        site_close(&s);
    }
}

/* What is left of a part is passed over. */
CLAIM(content, of_a_part_need_not_be_read)
{
    struct site s;
    char text[1000];

    snprintf(text, sizeof text, "%sContent-Length: %zu\r\n\r\n%s",
             FILES("/parts"), strlen(TWO_PARTS), TWO_PARTS);
    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(joined(site_ask(&s, text)), "a - text/plain: |f y a/b: |");
    site_close(&s);
}

CLAIM(content, of_a_part_can_be_read_on_after_a_cancellation)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    expect_answer(&s, FILES("/again"), TWO_PARTS, "200 1\r\n--");
    site_close(&s);
}

/* A byte each 50 ms, where the handler waits for 20 at a time. */
CLAIM(content, parts_that_come_slowly_are_waited_for_again)
{
    static const char body[] = TWO_PARTS;
    struct site s;
    char head[200];
    const char *said = "";

    snprintf(head, sizeof head, "%sContent-Length: %zu\r\n\r\n",
             FILES("/parts?pieces=100"), strlen(body));
    site_open(&s, routes, NULL, 0);
    for (size_t i = 0; i < strlen(body); i++) {
        static char all[4000];
        char byte[2] = {body[i], '\0'};

        if (i == 0)
            strcat(all, site_ask(&s, head));
        strcat(all, site_ask_for(&s, byte, 50 * MS));
        said = all;
    }
    cr_expect_str_eq(joined(said), TWO_LISTED);
    site_close(&s);
}

CLAIM(content, that_ends_before_its_last_part_is_the_clients_fault)
{
    static const char *const bodies[] = {
        "",
        "--b",
        "--b\r\nContent-Disposition: form-data; name=a\r\n",
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b\r\n",
        "--b\r\nContent-Type: a/b\r\n\r\n1\r\n--b--\r\n",
        "--bx",
    };
    struct site s;

    site_open(&s, routes, NULL, 0);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        expect_answer(&s, FILES("/count"), bodies[i], "400 ");
    expect_answer(&s, FILES("/count"), TWO_PARTS, "202 ");
    site_close(&s);
}

/* What is behind the last part is of the body, too: who is told that there is
   none has read all of it. */
CLAIM(content, has_been_read_when_there_is_no_part_more)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(
        site_ask(&s, FILES("/count") "Transfer-Encoding: chunked\r\n\r\n"
                                     "5\r\n--b--\r\n"),
        "");
    cr_expect_str_eq(site_ask(&s, "3\r\nend\r\n"), "");
    cr_expect_str_eq(site_brief(site_ask(&s, "0\r\n\r\n")), "200 ");
    cr_expect_str_eq(
        site_brief(site_ask(&s,
                            FILES("/count") "Transfer-Encoding: chunked\r\n\r\n"
                                            "5\r\n--b--\r\nnonsense")),
        "400 ");
    site_close(&s);
}

/* ---- by two tasks ---- */

enum { MUCH = 30000 };

/* `before`, much content, and `behind`; and what is to be answered of the
   content `times` times. */
static const char *much(const char *path, int ahead, const char *before,
                        const char *behind)
{
    static char text[MUCH + 1000];
    size_t length = strlen(before) + MUCH + strlen(behind);
    char *to = text;

    to += sprintf(to,
                  "POST %s?ahead=%d HTTP/1.1\r\nHost: x\r\n"
                  "Content-Type: multipart/form-data; boundary=b\r\n"
                  "Content-Length: %zu\r\n\r\n%s",
                  path, ahead, length, before);
    for (unsigned i = 0; i < MUCH; i++)
        *to++ = (char)('0' + (i * i / 7) % 64);
    strcpy(to, behind);
    return text;
}

static size_t sum_of_much(void)
{
    size_t sum = 0;

    for (unsigned i = 0; i < MUCH; i++)
        sum += '0' + (i * i / 7) % 64;
    return sum;
}

/* Wherever the first makes way for the other. */
CLAIM(content, of_a_part_may_be_read_by_two)
{
    char expected[50];
    struct site s;

    snprintf(expected, sizeof expected, "200 %d %zu", MUCH, sum_of_much());
    site_open(&s, routes, NULL, 0);
    for (int ahead = 0; ahead < 34; ahead++)
        cr_expect_str_eq(
            site_brief(site_ask(
                &s, much("/part-by-two", ahead,
                         "--b\r\nContent-Disposition: form-data; name=a\r\n"
                         "\r\n",
                         "\r\n--b--"))),
            expected, "%d", ahead);
    site_close(&s);
}

CLAIM(content, may_be_read_whole_by_two)
{
    char once[50], twice[50];
    struct site s;

    snprintf(once, sizeof once, "200 %d %zu", MUCH, sum_of_much());
    snprintf(twice, sizeof twice, "200 %d %zu", 2 * MUCH, 2 * sum_of_much());
    site_open(&s, routes, NULL, 0);
    for (int ahead = 0; ahead < 34; ahead++) {
        const char *said =
            site_brief(site_ask(&s, much("/whole-by-two", ahead, "", "")));

        cr_expect(strcmp(said, once) == 0 || strcmp(said, twice) == 0, "%d: %s",
                  ahead, said);
    }
    site_close(&s);
}
