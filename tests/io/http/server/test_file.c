/*
 * test_file.c - files, parts of files, and the ways to ask for others.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "task/task.h"
#include "io/http/date.h"
#include "io/http/server/request.h"
#include "tests/io/http/site.h"
#include "tests/support/faults.h"

#define S GYRE_SECOND

enum { LARGE = 300000 };

/* ---- a directory, and a secret beside it ---- */

static char top[] = "/tmp/gyre-file-XXXXXX";
static char root[sizeof top + 5];

static const char *in_top(const char *name)
{
    static char path[200];

    snprintf(path, sizeof path, "%s/%s", top, name);
    return path;
}

static void put(const char *name, const char *text, size_t n)
{
    int fd = open(in_top(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

    cr_expect_eq(write(fd, text, n), (ssize_t)n);
    cr_expect_eq(futimens(fd, times), 0);
    close(fd);
}

static void put_large(void)
{
    char *bytes = malloc(LARGE);

    for (int i = 0; i < LARGE; i++)
        bytes[i] = (char)('a' + i % 26);
    put("root/large", bytes, LARGE);
    free(bytes);
}

static void prepare(void)
{
    cr_expect_not_null(mkdtemp(top));
    snprintf(root, sizeof root, "%s/root", top);
    cr_expect_eq(mkdir(root, 0755), 0);
    cr_expect_eq(mkdir(in_top("root/docs"), 0755), 0);
    cr_expect_eq(mkdir(in_top("root/bare"), 0755), 0);
    cr_expect_eq(mkdir(in_top("root/trap"), 0755), 0);
    cr_expect_eq(mkdir(in_top("root/trap/index.html"), 0755), 0);
    put("secret", "secret", 6);
    put("root/index.html", "<p>top", 6);
    put("root/docs/index.html", "<p>docs", 7);
    put("root/ten", "0123456789", 10);
    put("root/a b.txt", "blank", 5);
    put("root/empty", "", 0);
    put_large();
    cr_expect_eq(symlink("../secret", in_top("root/out")), 0);
    cr_expect_eq(symlink("..", in_top("root/up")), 0);
    cr_expect_eq(symlink("/etc/passwd", in_top("root/out.gz")), 0);
    cr_expect_eq(symlink("ten", in_top("root/within")), 0);
    cr_expect_eq(mkfifo(in_top("root/pipe"), 0644), 0);
}

static void clear(void)
{
    static const char *const names[] = {
        "root/out",
        "root/up",
        "root/out.gz",
        "root/within",
        "root/pipe",
        "root/large",
        "root/empty",
        "root/a b.txt",
        "root/ten",
        "root/docs/index.html",
        "root/index.html",
        "secret",
        "root/trap/index.html",
        "root/trap",
        "root/bare",
        "root/docs",
        "root",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        cr_expect_eq(remove(in_top(names[i])), 0, "%s", names[i]);
    cr_expect_eq(rmdir(top), 0);
}

static int reply_file(struct gyre_http_request *r)
{
    return gyre_http_reply_file(r, in_top(gyre_http_query(r, "name")));
}

/* Replies when it is cancelled. */
static int reply_file_late(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_sleep(GYRE_FOREVER), -ECANCELED);
    return reply_file(r);
}

static int replace_file(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_set_header(r, "Kept", "yes"), 0);
    cr_expect_eq(gyre_http_reply_file(r, in_top("root/a b.txt")), 0);
    cr_expect_eq(gyre_http_redirect(r, 302, "/"), 0);
    return gyre_http_reply(r, 404, "no", 2);
}

static int rename_file(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_set_header(r, "etag", "\"mine\""), 0);
    cr_expect_eq(gyre_http_reply_file(r, in_top("root/a b.txt")), 0);
    return gyre_http_set_header(r, "Content-Type", "text/mine");
}

static int cut_file(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply_file(r, in_top("root/ten")), 0);
    cr_expect_eq(truncate(in_top("root/ten"), 5), 0);
    return 0;
}

/* A log that keeps the last error, and the last reply's size. */
struct failure_log {
    struct gyre_http_log log;
    int err;
    uint64_t bytes;
};

static void note_size(struct gyre_http_log *log,
                      const struct gyre_http_access *access)
{
    GYRE_OWNER(log, struct failure_log, log)->bytes = access->bytes;
}

static void note_failure(struct gyre_http_log *log, const char *peer,
                         const char *what, int err)
{
    (void)peer, (void)what;
    GYRE_OWNER(log, struct failure_log, log)->err = err;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/replaced", replace_file},
    {"GET", "/renamed", rename_file},
    {"GET", "/cut", cut_file},
    {"GET", "/static/{path:tail}", .directory = root},
    {"GET", "/file", reply_file},
    {"POST", "/file", reply_file},
    {"GET", "/late", reply_file_late},
    {0},
};

static void open_site(struct site *s)
{
    prepare();
    site_open(s, routes, NULL, 0);
}

static void close_site(struct site *s)
{
    site_close(s);
    clear();
}

static const char *ask(struct site *s, const char *method, const char *target,
                       const char *fields)
{
    static char text[20000];

    snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n", method,
             target, fields);
    return site_ask(s, text);
}

/* The ETag of what `target` names, with its quotes. */
static const char *etag_of(struct site *s, const char *target)
{
    static char etag[100];
    const char *answer = strstr(ask(s, "HEAD", target, ""), "ETag: ");

    etag[0] = '\0';
    if (answer != NULL)
        snprintf(etag, sizeof etag, "%.*s", (int)strcspn(answer + 6, "\r"),
                 answer + 6);
    return etag;
}

/* Fields, with the ETag in place of a "%s". */
static const char *with_etag(const char *fields, const char *etag)
{
    static char text[300];
    const char *at = strstr(fields, "%s");
    int before = at != NULL ? (int)(at - fields) : (int)strlen(fields);

    snprintf(text, sizeof text, "%.*s%s%s", before, fields,
             at != NULL ? etag : "", at != NULL ? at + 2 : "");
    return text;
}

static void expect_field(const char *answer, const char *line)
{
    cr_expect_not_null(strstr(answer, line), "no %s in:\n%s", line, answer);
}

/* ---- which file ---- */

CLAIM(file, is_the_one_asked_for_and_never_one_outside)
{
    static const struct {
        const char *target, *answer;
    } cases[] = {
        {"/static/ten", "200 0123456789"},
        {"/static/ten?x=y", "200 0123456789"},
        {"/static/a%20b.txt", "200 blank"},
        {"/static/empty", "200 "},
        {"/static/within", "200 0123456789"},
        {"/static/", "200 <p>top"},
        {"/static/docs/", "200 <p>docs"},
        {"/static/docs", "301 "},
        {"/static/trap", "301 "},
        {"/static/trap/", "404 "},
        {"/static/bare/", "404 "},
        {"/static/nothing", "404 "},
        {"/static/ten/", "404 "},
        {"/static/ten/x", "404 "},
        {"/static", "404 "},
        {"/static/../secret", "404 "},
        {"/static/%2e%2e/secret", "404 "},
        {"/static/..%2fsecret", "404 "},
        {"/static/%252e%252e/secret", "404 "},
        {"/static/..%5csecret", "404 "},
        {"/static/docs/..;/..;/secret", "404 "},
        {"/static/docs/../../secret", "404 "},
        {"/static//etc/passwd", "404 "},
        {"/static//ten", "404 "},
        {"/static//", "404 "},
        {"/static//index.html", "404 "},
        {"/static/docs//index.html", "404 "},
        {"/static//docs", "404 "},
        {"/static/%2fetc/passwd", "404 "},
        {"/static/.", "404 "},
        {"/static/./ten", "404 "},
        {"/static/out", "404 "},
        {"/static/out.gz", "404 "},
        {"/static/up/secret", "404 "},
        {"/static/pipe", "403 "},
        {"/static/ten%00.txt", "400 "},
        {"/static/ten%0a", "404 "},
    };
    struct site s;

    open_site(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *answer = ask(&s, "GET", cases[i].target, "");

        cr_expect_str_eq(site_brief(answer), cases[i].answer, "%s",
                         cases[i].target);
        cr_expect_null(strstr(answer, "\r\n\r\nsecret"), "%s", cases[i].target);
    }
    close_site(&s);
}

CLAIM(file, with_a_very_long_path_is_not_found)
{
    char target[5000] = "/static/";
    struct site s;

    memset(target + 8, 'x', 4900);
    open_site(&s);
    cr_expect_str_eq(site_brief(ask(&s, "GET", target, "")), "404 ");
    for (int i = 8; i < 4900; i += 2)
        target[i] = '/';
    cr_expect_str_eq(site_brief(ask(&s, "GET", target, "")), "404 ");
    close_site(&s);
}

CLAIM(file, of_a_directory_is_asked_for_with_a_slash)
{
    struct site s;

    open_site(&s);
    expect_field(ask(&s, "GET", "/static/docs", ""), "Location: ./docs/\r\n");
    expect_field(ask(&s, "GET", "/static/do%63s", ""),
                 "Location: ./do%63s/\r\n");
    expect_field(ask(&s, "GET", "/static/docs?a=b&c", ""),
                 "Location: ./docs/?a=b&c\r\n");
    expect_field(ask(&s, "GET", "/static/docs?", ""), "Location: ./docs/?\r\n");
    close_site(&s);
}

CLAIM(file, may_be_replied_by_a_handler)
{
    struct site s;

    open_site(&s);
    cr_expect_str_eq(site_brief(ask(&s, "GET", "/file?name=secret", "")),
                     "200 secret");
    cr_expect_str_eq(site_brief(ask(&s, "GET", "/file?name=nothing", "")),
                     "404 ");
    cr_expect_str_eq(site_brief(ask(&s, "POST", "/file?name=root/ten",
                                    "Content-Length: 0\r\nIf-None-Match: *\r\n"
                                    "Range: bytes=1-2\r\n")),
                     "200 0123456789");
    close_site(&s);
}

/* A reply that takes its place says nothing of the file. */
CLAIM(file, that_is_replaced_leaves_nothing_behind)
{
    static const char *const fields[] = {"ETag",          "Last-Modified",
                                         "Accept-Ranges", "Content-Range",
                                         "text/plain",    "Content-Type"};
    struct site s;
    const char *answer;

    open_site(&s);
    answer = ask(&s, "GET", "/replaced", "Range: bytes=1-2\r\n");
    cr_expect_str_eq(site_brief(answer), "404 no");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        cr_expect_null(strstr(answer, fields[i]), "%s", fields[i]);
    expect_field(answer, "Kept: yes\r\n");
    answer = ask(&s, "GET", "/renamed", "");
    expect_field(answer, "etag: \"mine\"\r\n");
    expect_field(answer, "Content-Type: text/mine\r\n");
    cr_expect_null(strstr(answer, "ETag"));
    cr_expect_null(strstr(answer, "text/plain"));
    expect_field(answer, "Last-Modified: ");
    close_site(&s);
}

/* The system fails, and nobody may think that the file is gone. */
CLAIM(file, that_cannot_be_had_for_no_fault_of_the_client_is_a_failure)
{
    struct failure_log log = {.log.error = note_failure};
    struct gyre_http_options options = {.log = &log.log};
    int directory = open("/dev/null", O_RDONLY);
    struct site s;

    prepare();
    close(directory); /* the server gets the number for its directory */
    site_open(&s, routes, &options, 0);
    close(directory);
    cr_expect_str_eq(site_brief(ask(&s, "GET", "/static/ten", "")), "500 ");
    cr_expect_eq(log.err, -EBADF);
    cr_expect_eq(open(root, O_RDONLY | O_DIRECTORY), directory);
    close_site(&s);
}

CLAIM(file, is_no_directory_nor_pipe_nor_socket)
{
    static const struct {
        const char *target;
        int err;
    } cases[] = {{"/file?name=root", -EISDIR},
                 {"/file?name=root/pipe", -EACCES},
                 {"/file?name=socket", -EACCES}};
    struct failure_log log = {.log.error = note_failure};
    struct gyre_http_options options = {.log = &log.log};
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct site s;

    prepare();
    snprintf(a.sun_path, sizeof a.sun_path, "%s", in_top("socket"));
    cr_expect_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    close(fd);
    site_open(&s, routes, &options, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_str_eq(site_brief(ask(&s, "GET", cases[i].target, "")),
                         "500 ");
        cr_expect_eq(log.err, cases[i].err, "%s", cases[i].target);
    }
    cr_expect_eq(unlink(a.sun_path), 0);
    close_site(&s);
}

/* ---- whether it has changed ---- */

CLAIM(file, is_described)
{
    struct site s;
    const char *answer;

    open_site(&s);
    answer = ask(&s, "HEAD", "/static/a%20b.txt", "Range: bytes=1-2\r\n");
    cr_expect_eq(strncmp(answer, "HTTP/1.1 200", 12), 0);
    expect_field(answer, "Content-Length: 5\r\n");
    expect_field(answer, "Content-Type: text/plain");
    expect_field(answer, "ETag: \"");
    expect_field(answer, "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n");
    expect_field(answer, "Accept-Ranges: bytes\r\n");
    cr_expect_null(strstr(answer, "blank"));
    cr_expect(!site_ended(&s));
    close_site(&s);
}

CLAIM(file, that_the_client_has_is_not_sent_again)
{
    static const struct {
        const char *fields, *answer;
    } cases[] = {
        {"If-None-Match: %s\r\n", "304 "},
        {"If-None-Match: \"x\", W/%s\r\n", "304 "},
        {"If-None-Match: \"x\"\r\nif-none-match: %s\r\n", "304 "},
        {"If-None-Match: *\r\n", "304 "},
        {"If-None-Match: \"x\"\r\n", "200 0123456789"},
        {"If-None-Match:\r\n", "200 0123456789"},
        {"If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\n", "304 "},
        {"If-Modified-Since: Sun, 09 Sep 2001 01:46:39 GMT\r\n",
         "200 0123456789"},
        {"If-Modified-Since: Mon, 10 Sep 2001 01:46:39 GMT\r\n", "304 "},
        {"If-Modified-Since: yesterday\r\n", "200 0123456789"},
        {"If-None-Match: \"x\"\r\n"
         "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\n",
         "200 0123456789"},
    };
    struct site s;

    open_site(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *etag = etag_of(&s, "/static/ten");
        const char *answer =
            ask(&s, "GET", "/static/ten", with_etag(cases[i].fields, etag));

        cr_expect_str_eq(site_brief(answer), cases[i].answer, "%s",
                         cases[i].fields);
        expect_field(answer, etag);
    }
    cr_expect(!site_ended(&s));
    close_site(&s);
}

CLAIM(file, that_is_another_than_the_client_means_is_refused)
{
    static const struct {
        const char *fields, *answer;
    } cases[] = {
        {"If-Match: %s\r\n", "200 0123456789"},
        {"If-Match: \"x\", %s\r\n", "200 0123456789"},
        {"If-Match: \"x\"\r\nIf-Match: %s\r\n", "200 0123456789"},
        {"If-Match: \"x\"\r\nIf-Match: \"y\"\r\n", "412 "},
        {"If-Match: *\r\n", "200 0123456789"},
        {"If-Match: W/%s\r\n", "412 "},
        {"If-Match: \"x\"\r\n", "412 "},
        {"If-Match: \"x\"\r\nIf-None-Match: %s\r\n", "412 "},
        {"If-Match: \"x\"\r\nRange: bytes=1-2\r\n", "412 "},
        {"If-Unmodified-Since: Sun, 09 Sep 2001 01:46:40 GMT\r\n",
         "200 0123456789"},
        {"If-Unmodified-Since: Sun, 09 Sep 2001 01:46:39 GMT\r\n", "412 "},
        {"If-Unmodified-Since: yesterday\r\n", "200 0123456789"},
        {"If-Match: *\r\n"
         "If-Unmodified-Since: Sun, 09 Sep 2001 01:46:39 GMT\r\n",
         "200 0123456789"},
    };
    struct site s;

    open_site(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *fields =
            with_etag(cases[i].fields, etag_of(&s, "/static/ten"));

        cr_expect_str_eq(site_brief(ask(&s, "GET", "/static/ten", fields)),
                         cases[i].answer, "%s", cases[i].fields);
    }
    cr_expect_str_eq(site_brief(ask(&s, "POST", "/file?name=root/ten",
                                    "Content-Length: 0\r\n"
                                    "If-Match: \"x\"\r\n")),
                     "200 0123456789");
    close_site(&s);
}

static void put_at(const char *name, const char *text, struct timespec time)
{
    struct timespec times[2] = {time, time};
    int fd = open(in_top(name), O_WRONLY | O_TRUNC);

    cr_expect_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    cr_expect_eq(futimens(fd, times), 0);
    close(fd);
}

/* Of the same length, in the same second, it is another all the same: in place,
   a moment later, or put in place of the first. */
CLAIM(file, that_has_changed_has_another_etag)
{
    char etag[100], path[200];
    struct site s;

    open_site(&s);
    put_at("root/ten", "0123456789", (struct timespec){1000000000, 1});
    snprintf(etag, sizeof etag, "%s", etag_of(&s, "/static/ten"));
    put_at("root/ten", "9876543210", (struct timespec){1000000000, 2});
    cr_expect_str_neq(etag_of(&s, "/static/ten"), etag);
    snprintf(etag, sizeof etag, "%s", etag_of(&s, "/static/ten"));
    put("root/new", "0000000000", 10);
    put_at("root/new", "0000000000", (struct timespec){1000000000, 2});
    snprintf(path, sizeof path, "%s", in_top("root/new"));
    cr_expect_eq(rename(path, in_top("root/ten")), 0);
    cr_expect_str_neq(etag_of(&s, "/static/ten"), etag);
    close_site(&s);
}

/* It may change again, and the clock not have moved on. */
CLAIM(file, that_was_changed_just_now_cannot_be_put_together)
{
    char fields[200], date[GYRE_HTTP_DATE_SIZE];
    time_t now = time(NULL);
    struct site s;
    const char *etag;

    open_site(&s);
    put_at("root/ten", "0123456789", (struct timespec){now + 100, 0});
    etag = etag_of(&s, "/static/ten");
    cr_expect_eq(strncmp(etag, "W/\"", 3), 0);
    snprintf(fields, sizeof fields, "Range: bytes=1-2\r\nIf-Range: %s\r\n",
             etag);
    cr_expect_str_eq(site_brief(ask(&s, "GET", "/static/ten", fields)),
                     "200 0123456789");
    snprintf(fields, sizeof fields, "If-None-Match: %s\r\n", etag);
    cr_expect_str_eq(site_brief(ask(&s, "GET", "/static/ten", fields)), "304 ");
    gyre_http_date_write(date, now + 100);
    snprintf(fields, sizeof fields, "Range: bytes=1-2\r\nIf-Range: %s\r\n",
             date);
    cr_expect_str_eq(site_brief(ask(&s, "GET", "/static/ten", fields)),
                     "200 0123456789");
    close_site(&s);
}

/* ---- ranges ---- */

static const struct {
    const char *range, *answer, *field;
} ranges[] = {
    {"bytes=0-0", "206 0", "Content-Range: bytes 0-0/10\r\n"},
    {"bytes=2-5", "206 2345", "Content-Range: bytes 2-5/10\r\n"},
    {"bytes=8-", "206 89", "Content-Range: bytes 8-9/10\r\n"},
    {"bytes=-3", "206 789", "Content-Range: bytes 7-9/10\r\n"},
    {"bytes=-99", "206 0123456789", "Content-Range: bytes 0-9/10\r\n"},
    {"Bytes=9-99", "206 9", "Content-Range: bytes 9-9/10\r\n"},
    {"bytes=0-18446744073709551615", "206 0123456789",
     "Content-Range: bytes 0-9/10\r\n"},
    {"bytes=10-", "416 ", "Content-Range: bytes */10\r\n"},
    {"bytes=18446744073709551616-", "416 ", "Content-Range: bytes */10\r\n"},
    {"bytes=-0", "416 ", "Content-Range: bytes */10\r\n"},
    {"bytes=5-2", "200 0123456789", ""},
    {"bytes=-", "200 0123456789", ""},
    {"bytes=", "200 0123456789", ""},
    {"bytes", "200 0123456789", ""},
    {"bytes=a-b", "200 0123456789", ""},
    {"bytes=0x1-2", "200 0123456789", ""},
    {"bytes=+1-2", "200 0123456789", ""},
    {"bytes=1--2", "200 0123456789", ""},
    {"bytes=1-2,4-5", "200 0123456789", ""},
    {"lines=1-2", "200 0123456789", ""},
    {"bytes=0-9", "206 0123456789", "Content-Range: bytes 0-9/10\r\n"},
    {"bytes=0-", "206 0123456789", "Content-Range: bytes 0-9/10\r\n"},
    {"bytes=-10", "206 0123456789", "Content-Range: bytes 0-9/10\r\n"},
    {"bytes=-1", "206 9", "Content-Range: bytes 9-9/10\r\n"},
    {"bytes=9-9", "206 9", "Content-Range: bytes 9-9/10\r\n"},
    {"bytes=00-002", "206 012", "Content-Range: bytes 0-2/10\r\n"},
    {"bytes=9-10", "206 9", "Content-Range: bytes 9-9/10\r\n"},
    {"bytes=-18446744073709551617", "206 0123456789",
     "Content-Range: bytes 0-9/10\r\n"},
    {"bytes=10-10", "416 ", "Content-Range: bytes */10\r\n"},
    {"bytes=9223372036854775807-9223372036854775807", "416 ",
     "Content-Range: bytes */10\r\n"},
    {"bytes=-00", "416 ", "Content-Range: bytes */10\r\n"},
    {"bytes=18446744073709551615-0", "200 0123456789", ""},
    {"bytes=1 -2", "200 0123456789", ""},
    {"bytes=1- 2", "200 0123456789", ""},
    {"bytes=1-2x", "200 0123456789", ""},
    {"bytes=x1-2", "200 0123456789", ""},
    {"bytes=1-2-3", "200 0123456789", ""},
    {"bytes=--5", "200 0123456789", ""},
    {"bytes=-5-", "200 0123456789", ""},
    {"bytes==1-2", "200 0123456789", ""},
    {"bytes:1-2", "200 0123456789", ""},
    {"bytes 1-2", "200 0123456789", ""},
    {"bytes =1-2", "200 0123456789", ""},
    {"bytes=1-2,", "200 0123456789", ""},
    {"bytes=,1-2", "200 0123456789", ""},
    {"bytes=0-0,-1", "200 0123456789", ""},
    {"bytes=1-\xd9\xa2", "200 0123456789", ""},
    {"bytes=1_0-2", "200 0123456789", ""},
    {"bytes=*", "200 0123456789", ""},
    {"bytes=1e0-2", "200 0123456789", ""},
    {"", "200 0123456789", ""},
};

CLAIM(file, may_be_had_in_part)
{
    struct site s;

    open_site(&s);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        char fields[100];
        const char *answer;

        snprintf(fields, sizeof fields, "Range: %s\r\n", ranges[i].range);
        answer = ask(&s, "GET", "/static/ten", fields);
        cr_expect_str_eq(site_brief(answer), ranges[i].answer, "%s",
                         ranges[i].range);
        expect_field(answer, ranges[i].field);
        cr_expect_eq(strstr(answer, "Content-Range") != NULL,
                     ranges[i].field[0] != '\0', "%s", ranges[i].range);
    }
    close_site(&s);
}

CLAIM(file, that_is_empty_has_no_part)
{
    struct site s;

    open_site(&s);
    cr_expect_str_eq(
        site_brief(ask(&s, "GET", "/static/empty", "Range: bytes=0-\r\n")),
        "416 ");
    cr_expect_str_eq(
        site_brief(ask(&s, "GET", "/static/empty", "Range: bytes=-5\r\n")),
        "416 ");
    close_site(&s);
}

CLAIM(file, is_sent_whole_for_a_thousand_ranges)
{
    static char fields[10000] = "Range: bytes=0-0";
    struct site s;

    for (int i = 1; i < 1000; i++)
        strcat(fields, ",1-2");
    strcat(fields, "\r\n");
    open_site(&s);
    cr_expect_str_eq(site_brief(ask(&s, "GET", "/static/ten", fields)),
                     "200 0123456789");
    close_site(&s);
}

CLAIM(file, in_part_is_of_the_file_the_client_knows)
{
    static const struct {
        const char *condition, *answer;
    } cases[] = {
        {"%s", "206 12"},
        {"W/%s", "200 0123456789"},
        {"\"other\"", "200 0123456789"},
        {"Sun, 09 Sep 2001 01:46:40 GMT", "206 12"},
        {"Sun, 09 Sep 2001 01:46:41 GMT", "200 0123456789"},
        {"nonsense", "200 0123456789"},
    };
    struct site s;

    open_site(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char fields[200];

        snprintf(fields, sizeof fields, "Range: bytes=1-2\r\nIf-Range: %s\r\n",
                 with_etag(cases[i].condition, etag_of(&s, "/static/ten")));
        cr_expect_str_eq(site_brief(ask(&s, "GET", "/static/ten", fields)),
                         cases[i].answer, "%s", cases[i].condition);
    }
    close_site(&s);
}

/* ---- sending ---- */

static bool is_large(const char *bytes, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != (char)('a' + (from + i) % 26))
            return false;
    }
    return bytes[n] == '\0';
}

static const char *body_of(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");

    return end != NULL ? end + 4 : "";
}

CLAIM(file, that_is_large_is_sent_while_it_is_read)
{
    struct site s;
    const char *body;

    open_site(&s);
    body =
        body_of(ask(&s, "GET", "/static/large", "Range: bytes=5-180004\r\n"));
    cr_expect_eq(strlen(body), 180000);
    cr_expect(is_large(body, 5, 180000));
    cr_expect_str_eq(site_brief(ask(&s, "GET", "/static/ten", "")),
                     "200 0123456789");
    close_site(&s);
}

CLAIM(file, that_is_large_is_sent_by_who_was_cancelled)
{
    const struct gyre_http_options options = {.grace = S};
    const char *range = "Range: bytes=5-180004\r\n", *body;
    struct site s;

    prepare();
    site_open(&s, routes, &options, 0);
    cr_expect_str_eq(ask(&s, "GET", "/late?name=root/large", range), "");
    gyre_http_server_stop(s.server);
    body = body_of(site_ask_for(&s, "", 2 * S));
    cr_expect_eq(strlen(body), 180000);
    cr_expect(is_large(body, 5, strlen(body)));
    close_site(&s);
}

/* Nothing of it was sent, so there can be another reply. */
CLAIM(file, that_is_small_and_shrinks_is_a_failure)
{
    struct failure_log log = {.log.error = note_failure,
                              .log.access = note_size};
    struct gyre_http_options options = {.log = &log.log};
    struct site s;
    const char *answer;

    prepare();
    site_open(&s, routes, &options, 0);
    answer = ask(&s, "GET", "/cut", "");
    cr_expect_str_eq(site_brief(answer), "500 ");
    cr_expect_null(strstr(answer, "ETag"));
    cr_expect_eq(log.err, -ENODATA);
    cr_expect_eq(log.bytes, 0);
    cr_expect(!site_ended(&s));
    close_site(&s);
}

CLAIM(file, that_shrinks_while_it_is_sent_ends_the_connection)
{
    static const char request[] =
        "GET /static/large HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /static/ten HTTP/1.1\r\nHost: x\r\n\r\n";
    struct site s;
    const char *answer;

    open_site(&s);
    cr_expect_eq(gyre_write(s.client, request, strlen(request), GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
    cr_expect_eq(truncate(in_top("root/large"), 100000), 0);
    answer = site_ask(&s, "");
    expect_field(answer, "Content-Length: 300000\r\n");
    cr_expect_leq(strlen(body_of(answer)), 131072 + 65536);
    cr_expect(site_ended(&s));
    close_site(&s);
}

/* Whoever asks next, and takes his time, has no file open meanwhile. */
CLAIM(file, is_closed_when_all_is_said)
{
    static const char *const requests[] = {
        "HEAD /static/ten HTTP/1.1\r\nHost: x\r\n\r\nGE",
        "GET /static/empty HTTP/1.1\r\nHost: x\r\n\r\nGE",
    };
    struct site s;
    int before;

    open_site(&s);
    before = faults_descriptors();
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        cr_expect_eq(strncmp(site_ask(&s, requests[i]), "HTTP/1.1 200", 12), 0);
        cr_expect_eq(faults_descriptors(), before, "%s", requests[i]);
        cr_expect_str_eq(site_brief(site_ask(&s, "T /static/ten HTTP/1.1\r\n"
                                                 "Host: x\r\n\r\n")),
                         "200 0123456789");
    }
    close_site(&s);
}

CLAIM(file, is_not_kept_for_a_client_that_never_reads)
{
    static const char request[] =
        "GET /static/large HTTP/1.1\r\nHost: x\r\n\r\n";
    struct site s;

    prepare();
    site_open(&s, routes, NULL, 1000);
    cr_expect_eq(gyre_write(s.client, request, strlen(request), GYRE_NOW), 0);
    cr_expect_eq(gyre_await(&s.served, gyre_in(200 * S)), 0);
    close_site(&s);
}
