/*
 * judge.c - decides what a head says, once all its fields are read.
 *
 * Here is every rule about where a message ends and whom it is for.  Each
 * refusal below is a way in which two servers, one behind the other, have read
 * two different requests out of the same bytes.
 */
#include "io/http/internal.h"

#include <errno.h>

#include "io/http/url.h"

/* What the fields that matter here say, found in one walk: the last of each
   that is one of its kind, and how many there are. */
struct findings {
    const struct gyre_http_field *host, *length, *coding, *expect;
    int hosts, lengths, codings, expects;
    bool close, keep_alive, upgrade_asked, upgrade_named;
};

static int refuse(struct gyre_http_head *h, int answer, const char *why)
{
    return gyre_http_head_refuse(h, answer, why);
}

/* In any case; but mostly it is written alike, or differs in its first
   letter. */
static inline bool is(struct gyre_span s, const char *name)
{
    struct gyre_span t = gyre_span_of(name);

    if (s.length != t.length)
        return false;
    return memcmp(s.at, t.at, t.length) == 0 ||
           (gyre_http_lower(s.at[0]) == gyre_http_lower(t.at[0]) &&
            gyre_span_equals_nocase(s, t));
}

static void note_connection(struct findings *found, struct gyre_span list)
{
    struct gyre_span option;

    while (gyre_span_next(&list, &option)) {
        found->close |= is(option, "close");
        found->keep_alive |= is(option, "keep-alive");
        found->upgrade_asked |= is(option, "upgrade");
    }
}

/* Note a field, if it is of those that matter.  Few names have their lengths,
   so that most fields cost a switch. */
static void note(struct findings *found, const struct gyre_http_field *f)
{
    switch (f->name.length) {
    case sizeof "Host" - 1:
        if (is(f->name, "Host")) {
            found->host = f;
            found->hosts++;
        }
        break;
    case sizeof "Expect" - 1:
        if (is(f->name, "Expect")) {
            found->expect = f;
            found->expects++;
        }
        break;
    case sizeof "Upgrade" - 1:
        if (is(f->name, "Upgrade"))
            found->upgrade_named |= f->value.length > 0;
        break;
    case sizeof "Connection" - 1:
        if (is(f->name, "Connection"))
            note_connection(found, f->value);
        break;
    case sizeof "Content-Length" - 1:
        if (is(f->name, "Content-Length")) {
            found->length = f;
            found->lengths++;
        }
        break;
    case sizeof "Transfer-Encoding" - 1:
        if (is(f->name, "Transfer-Encoding")) {
            found->coding = f;
            found->codings++;
        }
        break;
    }
}

/* Whether `codings`, none of them empty, end in the only "chunked" of them: a
   message that has an end, though not one we can read. */
static bool ends_chunked(struct gyre_span codings)
{
    struct gyre_span coding;
    int seen = 0, chunked = 0;

    while (gyre_span_next(&codings, &coding)) {
        if (chunked > 0 || !gyre_http_all(coding, GYRE_HTTP_TOKEN))
            return false;
        chunked += is(coding, "chunked");
        seen++;
    }
    return seen > 1 && chunked == 1;
}

/* Where the body would end, going by the two fields that may say so. */
static int judge_framing(struct gyre_http_head *h, const struct findings *found)
{
    if (found->codings > 0 && found->lengths > 0)
        return refuse(h, 400, "both Transfer-Encoding and Content-Length");
    if (found->lengths > 1)
        return refuse(h, 400, "more than one Content-Length");
    if (found->codings > 1)
        return refuse(h, 400, "more than one Transfer-Encoding");
    if (found->codings > 0) {
        if (h->minor == 0)
            return refuse(h, 400, "Transfer-Encoding in HTTP/1.0");
        if (!is(found->coding->value, "chunked"))
            return refuse(h, ends_chunked(found->coding->value) ? 501 : 400,
                          "a Transfer-Encoding other than chunked");
        h->framing = GYRE_HTTP_CHUNKED;
    } else if (found->lengths > 0) {
        if (gyre_http_decimal(found->length->value, INT64_MAX, &h->length) < 0)
            return refuse(h, 400, "malformed Content-Length");
        h->framing = GYRE_HTTP_LENGTH;
    }
    return 0;
}

static void judge_connection(struct gyre_http_head *h,
                             const struct findings *found)
{
    h->keep_alive = !found->close && (h->minor == 1 || found->keep_alive);
    h->upgrade = h->minor == 1 && found->upgrade_asked && found->upgrade_named;
}

/* A response that can have no body may not announce one. */
static int judge_response(struct gyre_http_head *h,
                          const struct findings *found)
{
    bool silent = h->status < 200 || h->status == 204;

    if (silent && (h->framing == GYRE_HTTP_CHUNKED || h->length > 0))
        return refuse(h, 400, "a body where none can be");
    if (silent || h->status == 304 || h->kind == GYRE_HTTP_RESPONSE_TO_HEAD) {
        h->framing = GYRE_HTTP_NO_BODY;
    } else if (h->framing == GYRE_HTTP_NO_BODY) {
        h->framing = GYRE_HTTP_UNTIL_CLOSE;
        h->keep_alive = false;
    }
    h->upgrade = h->status == 101;
    if (h->upgrade && !(found->upgrade_asked && found->upgrade_named))
        return refuse(h, 400, "101 to no protocol");
    return 0;
}

/* CONNECT alone is for a host and port. */
static int judge_connect(struct gyre_http_head *h, struct gyre_url *url)
{
    if (gyre_url_parse_host(h->target, url) < 0 || url->port == 0)
        return refuse(h, 400, "CONNECT to no host and port");
    return 0;
}

/* One that is no path: a URL or, for OPTIONS, "*", the server itself. */
static int judge_odd_target(struct gyre_http_head *h,
                            const struct findings *found, bool connect)
{
    struct gyre_url url = {0};
    int err = 0;

    if (connect) {
        err = judge_connect(h, &url);
    } else if (is(h->target, "*")) {
        h->path = h->target;
        if (!gyre_span_equals(h->method, gyre_span_of("OPTIONS")))
            err = refuse(h, 400, "only OPTIONS is for *");
        return err;
    } else if (gyre_url_parse(h->target, &url) < 0) {
        err = refuse(h, 400, "malformed target");
    }
    if (err)
        return err;
    if (found->hosts > 0 && !gyre_span_equals_nocase(url.authority, h->host))
        return refuse(h, 400, "target and Host differ");
    h->host = url.authority;
    h->path = url.path;
    h->query = url.query;
    return 0;
}

static int judge_target(struct gyre_http_head *h, const struct findings *found)
{
    bool connect = gyre_span_equals(h->method, gyre_span_of("CONNECT"));

    if (connect || h->target.at[0] != '/')
        return judge_odd_target(h, found, connect);
    gyre_url_split_target(h->target, &h->path, &h->query);
    return 0;
}

/* Of one server mostly the same is asked for, time after time. */
static bool is_host(struct gyre_http_head *h, struct gyre_span s)
{
    struct gyre_url url;

    if (s.length > 0 &&
        gyre_span_equals(s, gyre_span_from(h->known, h->known_length)))
        return true;
    if (gyre_url_parse_host(s, &url) < 0)
        return false;
    if (s.length <= sizeof h->known) {
        memcpy(h->known, s.at, s.length);
        h->known_length = s.length;
    }
    return true;
}

static int judge_request(struct gyre_http_head *h, const struct findings *found)
{
    if (found->hosts > 1)
        return refuse(h, 400, "more than one Host");
    if (found->hosts == 0 && h->minor == 1)
        return refuse(h, 400, "no Host");
    if (found->hosts > 0)
        h->host = found->host->value;
    if (found->hosts > 0 && !is_host(h, h->host))
        return refuse(h, 400, "malformed Host");
    if (h->minor == 1 && found->expects > 0) {
        if (found->expects > 1 || !is(found->expect->value, "100-continue"))
            return refuse(h, 417, "an Expect other than 100-continue");
        h->expect_continue = h->framing != GYRE_HTTP_NO_BODY;
    }
    return judge_target(h, found);
}

int gyre_http_head_judge(struct gyre_http_head *h)
{
    struct findings found = {0};
    int err;

    for (size_t i = 0; i < h->field_count; i++)
        note(&found, &h->fields[i]);
    err = judge_framing(h, &found);
    if (err)
        return err;
    judge_connection(h, &found);
    return h->kind == GYRE_HTTP_REQUEST ? judge_request(h, &found)
                                        : judge_response(h, &found);
}
