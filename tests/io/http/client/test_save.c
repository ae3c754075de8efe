/*
 * test_save.c - the claims of save.h: files of this system, and peers on
 * memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/sim/inject.h"
#include "io/http/client/save.h"
#include "io/http/client/session.h"
#include "tests/io/http/peers.h"
#include "tests/support/calls.h"
#include "tests/support/faults.h"

/* ---- a folder ---- */

static char folder[] = "/tmp/gyre-save-XXXXXX";
static char path[64], part[80], of[96];

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(part, sizeof part, "%s.part", path);
    snprintf(of, sizeof of, "%s.of", part);
}

static void remove_folder(void)
{
    unlink(path);
    unlink(part);
    unlink(of);
    cr_assert_eq(rmdir(folder), 0, "something was left");
}

TestSuite(save, .init = make_folder, .fini = remove_folder);

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
}

/* What is in it; "none" if it is not there. */
static const char *content(const char *name)
{
    static char text[100];
    FILE *f = fopen(name, "r");
    size_t n;

    if (f == NULL)
        return "none";
    n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

#define expect_content(name, text) cr_expect_str_eq(content(name), text)

/* ---- saving ---- */

static struct gyre_http_saving saving;

/* Save http://x/a as `how` has it. */
static int save(struct gyre_http_saving how)
{
    struct gyre_http_call call = {.url = "http://x/a"};
    int err;

    saving = how;
    saving.path = path;
    err = gyre_http_save(session, &call, &saving, GYRE_FOREVER);
    cr_expect_null(call.fields);
    return err;
}

static const struct gyre_http_saving plain = {0}, resume = {.resume = true};

static void expect_nothing_beside(void)
{
    expect_content(part, "none");
    expect_content(of, "none");
}

CLAIM(save, puts_a_body_into_a_file)
{
    static const struct script scripts[] = {{{OK("5", "hello"), OK("0", "")}}};

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(plain), 0);
    cr_expect_eq(saving.status, 200);
    cr_expect_eq(saving.bytes, 5);
    cr_expect_eq(saving.from, 0);
    expect_content(path, "hello");
    expect_nothing_beside();
    cr_expect_null(heard("Range"));
    unlink(path);
    cr_expect_eq(save(plain), 0);
    expect_content(path, "");
    peers_close();
}

CLAIM(save, says_nothing_of_an_earlier_answer)
{
    static const struct script scripts[] = {{{OK("5", "hello")}}};
    struct gyre_http_call call = {.url = "http://x/a"};

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(plain), 0);
    cr_expect_eq(gyre_http_save(session, &call, &saving, GYRE_FOREVER),
                 -EEXIST);
    cr_expect_eq(saving.status, 0);
    cr_expect_eq(saving.bytes, 0);
    peers_close();
}

CLAIM(save, leaves_what_is_there_unless_it_is_to_be_replaced)
{
    static const struct script scripts[] = {{{OK("3", "new")}}};

    write_file(path, "old");
    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(plain), -EEXIST);
    cr_expect_eq(peers.connected, 0);
    expect_content(path, "old");
    cr_expect_eq(save((struct gyre_http_saving){.replace = true}), 0);
    expect_content(path, "new");
    expect_nothing_beside();
    peers_close();
}

CLAIM(save, needs_no_links)
{
    static const struct script scripts[] = {{{OK("3", "new")}}};

    peers_open(scripts, DEFAULTS);
    calls_begin(CALL_LINK, 0, EPERM, true);
    cr_expect_eq(save(plain), 0);
    calls_end();
    expect_content(path, "new");
    expect_nothing_beside();
    peers_close();
}

/* There when all has come, and not when it began. */
static int put_another_there(struct gyre_http_saving *s, size_t n)
{
    (void)n;
    write_file(s->path, "old");
    return 0;
}

CLAIM(save, leaves_what_has_come_there_meanwhile)
{
    static const struct script scripts[] = {{{OK("3", "new")}}};

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save((struct gyre_http_saving){.came = put_another_there}),
                 -EEXIST);
    expect_content(path, "old");
    expect_nothing_beside();
    peers_close();
}

CLAIM(save, leaves_nothing_of_what_breaks_off_or_is_refused)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 9\r\n\r\nhel"}},
        {{"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno"}},
        {{""}},
        {{"HTTP/1.1 206 Part\r\nContent-Range: bytes 0-1/2\r\n"
          "Content-Length: 2\r\n\r\nab"}}};

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(plain), -EPIPE);
    cr_expect_eq(save(plain), 0);
    cr_expect_eq(saving.status, 404);
    cr_expect_eq(save(resume), -EPIPE);
    cr_expect_eq(saving.status, 0);
    cr_expect_eq(save(plain), -EPROTO, "nobody asked for a part");
    expect_content(path, "none");
    expect_nothing_beside();
    peers_close();
}

/* ---- going on ---- */

#define HALF(validator)                                                        \
    "HTTP/1.1 200 OK\r\n" validator "Content-Length: 6\r\n\r\nabc"
#define REST(range)                                                            \
    "HTTP/1.1 206 Part\r\nContent-Range: " range                               \
    "\r\nContent-Length: 3\r\n\r\ndef"

CLAIM(save, goes_on_with_what_broke_off)
{
    static const struct script scripts[] = {{{HALF("ETag: \"x\"\r\n")}},
                                            {{REST("bytes 3-5/6")}}};

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(resume), -EPIPE);
    cr_expect_eq(saving.bytes, 3);
    expect_content(path, "none");
    expect_content(part, "abc");
    cr_expect_eq(save(resume), 0);
    cr_expect_eq(saving.from, 3);
    cr_expect_eq(saving.bytes, 6);
    cr_expect_eq(saving.status, 206);
    cr_expect_not_null(heard("\r\nRange: bytes=3-\r\nIf-Range: \"x\"\r\n"));
    expect_content(path, "abcdef");
    expect_nothing_beside();
    peers_close();
}

CLAIM(save, goes_on_by_the_time_where_there_is_no_tag)
{
    static const struct script scripts[] = {
        {{HALF("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n")}},
        {{REST("bytes 3-5/6")}}};

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(resume), -EPIPE);
    cr_expect_eq(save(resume), 0);
    cr_expect_not_null(
        heard("\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
    expect_content(path, "abcdef");
    peers_close();
}

CLAIM(save, begins_anew_where_nothing_promises_that_it_is_the_same_file)
{
    static const char *const halves[] = {
        HALF(""),
        HALF("ETag: W/\"x\"\r\n"
             "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
        HALF("ETag: nonsense\r\n")};

    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        struct script scripts[] = {{{halves[i]}}, {{OK("3", "new")}}};

        peers_open(scripts, DEFAULTS);
        cr_expect_eq(save(resume), -EPIPE);
        cr_expect_eq(save(resume), 0);
        cr_expect_null(heard("Range"), "case %zu", i);
        expect_content(path, "new");
        expect_nothing_beside();
        unlink(path);
        peers_close();
    }
}

CLAIM(save, begins_anew_when_it_is_another_file_by_now)
{
    static const struct script scripts[] = {{{HALF("ETag: \"x\"\r\n")}},
                                            {{HALF("ETag: \"y\"\r\n")}},
                                            {{REST("bytes 3-5/6")}}};

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(resume), -EPIPE);
    cr_expect_eq(save(resume), -EPIPE);
    cr_expect_eq(saving.from, 0);
    expect_content(part, "abc");
    cr_expect_eq(save(resume), 0);
    cr_expect_not_null(heard("If-Range: \"y\"\r\n"));
    expect_content(path, "abcdef");
    peers_close();
}

CLAIM(save, puts_no_rest_behind_a_part_of_another_file)
{
    static const char *const rests[] = {
        "HTTP/1.1 206 Part\r\nContent-Range: bytes 3-5/6\r\n"
        "Content-Length: 3\r\nETag: \"y\"\r\n\r\ndef",
        "HTTP/1.1 206 Part\r\nContent-Range: bytes 3-5/6\r\n"
        "Content-Length: 3\r\nETag: W/\"x\"\r\n\r\ndef"};

    for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++) {
        struct script scripts[] = {{{rests[i]}}, {{OK("3", "new")}}};

        write_file(part, "abc");
        write_file(of, "http://x/a\n\"x\"");
        peers_open(scripts, DEFAULTS);
        cr_expect_eq(save(resume), 0, "case %zu", i);
        expect_content(path, "new");
        expect_nothing_beside();
        unlink(path);
        peers_close();
    }
}

/* It reads what is noted while the body is being written. */
static const char *noted_meanwhile;

static int look_at_note(struct gyre_http_saving *s, size_t n)
{
    (void)s;
    (void)n;
    noted_meanwhile = content(of);
    return 0;
}

CLAIM(save, notes_nothing_and_goes_on_with_nothing_unless_it_is_to)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 200 OK\r\nETag: \"y\"\r\nContent-Length: 3\r\n\r\nnew"}}};
    struct gyre_http_saving how = {.came = look_at_note};

    write_file(part, "abc");
    write_file(of, "http://x/a\n\"x\"");
    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(how), 0);
    cr_expect_null(heard("Range"));
    cr_expect_str_eq(noted_meanwhile, "none");
    expect_content(path, "new");
    peers_close();
}

CLAIM(save, does_not_write_where_the_old_note_would_stay)
{
    static const struct script scripts[] = {{{OK("3", "new")}}};

    cr_assert_eq(mkdir(of, 0777), 0);
    peers_open(scripts, DEFAULTS);
    cr_expect_neq(save(plain), 0);
    expect_content(path, "none");
    peers_close();
    rmdir(of);
}

CLAIM(save, trusts_no_time_in_whose_second_there_may_be_two_files)
{
    static const struct script scripts[] = {
        {{HALF("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
               "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")}},
        {{HALF("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
               "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n")}},
        {{REST("bytes 3-5/6")}}};

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(resume), -EPIPE);
    expect_content(of, "none");
    cr_expect_eq(save(resume), -EPIPE);
    cr_expect_eq(saving.from, 0);
    cr_expect_eq(save(resume), 0);
    cr_expect_eq(saving.from, 3);
    peers_close();
}

CLAIM(save, goes_on_with_nothing_of_another_url)
{
    static const struct script scripts[] = {{{OK("3", "new")}}};

    peers_open(scripts, DEFAULTS);
    write_file(part, "abc");
    write_file(of, "http://x/b\n\"x\"");
    cr_expect_eq(save(resume), 0);
    cr_expect_null(heard("Range"));
    expect_content(path, "new");
    peers_close();
}

CLAIM(save, goes_on_with_nothing_of_another_sessions_url)
{
    static const struct script scripts[] = {{{HALF("ETag: \"x\"\r\n")}},
                                            {{OK("3", "new")}}};
    static const char *const bases[] = {"http://x/1/", "http://x/2/"};
    struct gyre_http_call call = {.url = "a"};

    saving = (struct gyre_http_saving){.path = path, .resume = true};
    for (int i = 0; i < 2; i++) {
        peers_open(&scripts[i],
                   (struct gyre_http_session_options){.base_url = bases[i]});
        cr_expect_eq(gyre_http_save(session, &call, &saving, GYRE_FOREVER),
                     i == 0 ? -EPIPE : 0);
        cr_expect_null(heard("Range"));
        expect_content(of, i == 0 ? "http://x/1/a\n\"x\"" : "none");
        peers_close();
    }
    expect_content(path, "new");
}

CLAIM(save, tells_nobodys_password_to_a_file)
{
    static const struct script scripts[] = {{{HALF("ETag: \"x\"\r\n")}},
                                            {{REST("bytes 3-5/6")}}};
    struct gyre_http_call call = {.url = "http://me:secret@x/a"};

    saving = (struct gyre_http_saving){.path = path, .resume = true};
    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_save(session, &call, &saving, GYRE_FOREVER), -EPIPE);
    expect_content(of, "http://x/a\n\"x\"");
    cr_expect_eq(gyre_http_save(session, &call, &saving, GYRE_FOREVER), 0);
    cr_expect_not_null(strstr(heard("\r\n\r\n"), "Authorization: Basic"));
    expect_content(path, "abcdef");
    peers_close();
}

CLAIM(save, begins_anew_where_the_note_was_damaged)
{
    static const char *const damaged[] = {
        "",
        "http://x/a",
        "http://x/a\n",
        "http://x/a\n\"",
        "http://x/a\n\"x\"\n",
        "http://x/a\n\"x\r\nA: b\"",
        "http://x/a\n\"x\" \"y\"",
        "http://x/a\nW/\"x\"",
        "http://x/a\nSun, 06 Nov 1994 08:49:37 GM",
        "http://x/a\nSun, 06 Nov 1994 08:49:37 GMT\n"};

    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        static const struct script scripts[] = {{{OK("3", "new")}}};

        write_file(part, "abc");
        write_file(of, damaged[i]);
        peers_open(scripts, DEFAULTS);
        cr_expect_eq(save(resume), 0, "case %zu", i);
        cr_expect_null(heard("Range"), "case %zu", i);
        expect_content(path, "new");
        expect_nothing_beside();
        unlink(path);
        peers_close();
    }
}

CLAIM(save, takes_no_part_but_the_one_it_asked_for)
{
    static const char *const wrong[] = {
        REST("bytes 2-4/6"),  REST("bytes 3-6/7"),
        REST("bytes 3-5/5"),  REST("bytes 5-3/6"),
        REST("bytes 3-5"),    REST("lines 3-5/6"),
        REST("bytes 3-5/6x"), REST(""),
        REST("bytes 4-6/7")};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct script scripts[] = {{{wrong[i]}}};

        write_file(part, "abc");
        write_file(of, "http://x/a\n\"x\"");
        peers_open(scripts, DEFAULTS);
        cr_expect_eq(save(resume), -EPROTO, "case %zu", i);
        expect_content(path, "none");
        expect_content(part, "abc");
        peers_close();
    }
}

CLAIM(save, is_not_content_with_less_than_there_is)
{
    static const char *const less[] = {
        REST("bytes 3-5/9"),
        "HTTP/1.1 206 Partial\r\nContent-Range: bytes 3-8/9\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n"};

    for (size_t i = 0; i < sizeof less / sizeof less[0]; i++) {
        struct script scripts[] = {{{less[i]}}};

        write_file(part, "abc");
        write_file(of, "http://x/a\n\"x\"");
        peers_open(scripts, DEFAULTS);
        cr_expect_eq(save(resume), -EPIPE, "case %zu", i);
        expect_content(path, "none");
        expect_content(part, "abcdef");
        peers_close();
    }
}

/* Is that the rest, or some of it?  And nobody asks the same twice. */
CLAIM(save, asks_for_all_of_it_when_nobody_says_how_much_that_is)
{
    static const struct script scripts[] = {{{REST("bytes 3-5/*")}},
                                            {{OK("7", "abcdefg")}}};

    write_file(part, "abc");
    write_file(of, "http://x/a\n\"x\"");
    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(resume), 0);
    cr_expect_eq(saving.status, 200);
    expect_content(path, "abcdefg");
    expect_nothing_beside();
    peers_close();
}

CLAIM(save, asks_for_all_of_it_when_there_is_no_more_than_it_has)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 416 No\r\nContent-Range: bytes */3\r\n"
          "Content-Length: 0\r\n\r\n",
          OK("3", "new")}}};

    write_file(part, "abc");
    write_file(of, "http://x/a\n\"x\"");
    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(resume), 0);
    cr_expect_null(strstr(heard("If-Range") + 4, "Range"));
    expect_content(path, "new");
    expect_nothing_beside();
    peers_close();
}

CLAIM(save, keeps_what_it_can_go_on_with_when_it_is_refused)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"}}};

    write_file(part, "abc");
    write_file(of, "http://x/a\n\"x\"");
    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save(resume), 0);
    cr_expect_eq(saving.status, 503);
    cr_expect_eq(saving.from, 3);
    cr_expect_eq(saving.bytes, 3);
    expect_content(part, "abc");
    peers_close();
}

CLAIM(save, asks_for_parts_by_itself_alone)
{
    struct gyre_http_fields fields = {0};
    struct gyre_http_call call = {.url = "http://x/", .fields = &fields};

    cr_expect_eq(gyre_http_fields_set(&fields, "range", "bytes=0-"), 0);
    saving = (struct gyre_http_saving){.path = path};
    peers_open(NULL, DEFAULTS);
    cr_expect_eq(gyre_http_save(session, &call, &saving, GYRE_FOREVER),
                 -EINVAL);
    peers_close();
    gyre_http_fields_free(&fields);
}

/* ---- who looks on, and who comes between ---- */

static int slow_down(struct gyre_http_saving *s, size_t n)
{
    cr_expect_leq((int64_t)n, s->bytes);
    note('0' + (char)n);
    return s->bytes < 5 ? gyre_sleep(gyre_in(GYRE_SECOND)) : -EILSEQ;
}

CLAIM(save, tells_how_far_it_is_and_may_be_ended)
{
    static const struct script scripts[] = {
        {{OK("6", "abcdef")}, .piece = sizeof OK("6", "") + 1, .pause = MS}};

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(save((struct gyre_http_saving){.came = slow_down}), -EILSEQ);
    cr_expect_eq(elapsed(), GYRE_SECOND + MS);
    expect_notes("24");
    expect_nothing_beside();
    peers_end();
}

static intptr_t save_too(void *arg)
{
    struct gyre_http_saving s = {.path = path, .replace = true};
    struct gyre_http_call call = {.url = "http://x/a"};

    (void)arg;
    return gyre_http_save(session, &call, &s, GYRE_FOREVER);
}

CLAIM(save, has_one_write_to_a_path_at_a_time)
{
    static const struct script scripts[] = {
        {{OK("5", "hello")}, .pause = GYRE_SECOND}};
    struct gyre_future first;
    struct gyre_scope s;

    peers_open(scripts, DEFAULTS);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &first, save_too, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(save(plain), -EBUSY);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&first), 0);
    expect_content(path, "hello");
    expect_nothing_beside();
    peers_close();
}

CLAIM(save, says_which_time_has_passed)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc"}, .stays = true}};
    struct gyre_http_call call = {.url = "http://x/a"};

    saving = (struct gyre_http_saving){.path = path};
    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_save(session, &call, &saving, GYRE_FOREVER),
                 -ETIMEDOUT);
    cr_expect_eq(call.timeout, GYRE_HTTP_STALL_TIME);
    expect_nothing_beside();
    peers_close();
}

/* ---- cancelling, and no memory ---- */

static intptr_t save_two_parts(void *arg)
{
    static const struct script scripts[] = {{{HALF("ETag: \"x\"\r\n")}},
                                            {{REST("bytes 3-5/6")}}};
    int err = peers_begin(scripts, DEFAULTS);

    (void)arg;
    unlink(path);
    unlink(part);
    unlink(of);
    if (err)
        return err;
    err = save(resume);
    if (err == -EPIPE)
        err = save(resume);
    peers_end();
    return err == -EPIPE ? -ENOMEM : err;
}

/* Nothing, or all of it; and beside it what one can go on with, or nothing. */
static int all_or_nothing(void *arg)
{
    const char *whole = content(path);
    bool good = strcmp(whole, "none") == 0 || strcmp(whole, "abcdef") == 0;

    (void)arg;
    if (good && strcmp(content(of), "none") != 0)
        good = strncmp(content(part), "abcdef", strlen(content(part))) == 0;
    return good && peers.open == 0 ? 0 : -EIO;
}

Test(save, leaves_all_or_nothing_wherever_it_is_cancelled)
{
    struct gyre_injection i = {.check = all_or_nothing};

    cr_expect_eq(gyre_inject(&i, save_two_parts, NULL), 0);
    cr_expect_gt(i.points, 20);
}

/* A peer without memory just leaves; and the next has a part to give. */
static int scenario(void)
{
    int err = (int)gyre_run(save_two_parts, NULL);

    return err == -EPROTO ? -ENOMEM : err;
}

Test(save, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 10);
}
