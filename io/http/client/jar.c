/*
 * jar.c - the cookies a client was told to keep.
 *
 * They are in one list, in the order they are sent in.  What has expired is
 * dropped on the way, whenever all are looked at.
 */
#include "io/http/client/jar.h"

#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/list.h"
#include "io/http/cookie.h"
#include "io/http/internal.h"

enum { SENT = 8000 /* bytes of a Cookie field, at most */ };

/* A cookie.  Its texts are one block: name, value, domain, path. */
struct kept {
    struct gyre_list link; /* in the jar's list */
    uint64_t used;         /* kept or sent last, by the jar's count */
    int64_t expires;       /* INT64_MAX: not before the jar is freed */
    bool host_only, secure;
    size_t size; /* of all this */
    struct gyre_span name, value, domain, path;
    struct gyre_span site; /* the end of the domain */
    char text[];
};

struct gyre_http_jar {
    struct gyre_allocator *allocator;
    struct gyre_http_jar_limits limits;
    struct gyre_list cookies; /* of longer paths first, then the older */
    size_t count;
    uint64_t uses; /* so far */
};

/* The next, after `k`; NULL at the end.  And the first: after NULL. */
static struct kept *next_of(const struct gyre_http_jar *j, const struct kept *k)
{
    struct gyre_list *next = k == NULL ? j->cookies.next : k->link.next;

    return next == &j->cookies ? NULL : GYRE_OWNER(next, struct kept, link);
}

static void forget(struct gyre_http_jar *j, struct kept *k)
{
    gyre_list_remove(&k->link);
    j->count--;
    gyre_resize(j->allocator, k, k->size, 0);
}

static void drop_expired(struct gyre_http_jar *j, int64_t now)
{
    for (struct kept *k = next_of(j, NULL), *next; k != NULL; k = next) {
        next = next_of(j, k);
        if (k->expires <= now)
            forget(j, k);
    }
}

/* ---- whom a cookie is for ---- */

static bool is_number(struct gyre_span s)
{
    bool hex =
        s.length > 1 && s.at[0] == '0' && gyre_http_lower(s.at[1]) == 'x';

    for (size_t i = hex ? 2 : 0; i < s.length; i++)
        if (hex ? gyre_http_hex(s.at[i]) < 0 : !gyre_http_is_digit(s.at[i]))
            return false;
    return s.length > 0;
}

/* Does a dot in it mean nothing?  No name ends in a number.  Which address
   1.2.771 is, or 0x7f.1, need not be known. */
static bool is_address(struct gyre_span host)
{
    size_t end = host.length, n = 0;

    if (end > 0 && host.at[end - 1] == '.')
        end--;
    while (n < end && host.at[end - n - 1] != '.')
        n++;
    return is_number(gyre_span_from(host.at + end - n, n));
}

/* Is `host` the domain, or below it? */
static bool is_within(struct gyre_span host, struct gyre_span domain)
{
    size_t before = host.length - domain.length;

    if (host.length < domain.length ||
        !gyre_span_equals_nocase(
            gyre_span_from(host.at + before, domain.length), domain))
        return false;
    return before == 0 || (host.at[before - 1] == '.' && !is_address(host));
}

/* Is `path` the path `of`, or below it? */
static bool is_below(struct gyre_span path, struct gyre_span of)
{
    if (path.length < of.length || memcmp(path.at, of.at, of.length) != 0)
        return false;
    return path.length == of.length || of.at[of.length - 1] == '/' ||
           path.at[of.length] == '/';
}

static bool is_for(const struct kept *k, const struct gyre_url *url)
{
    if (k->secure && !url->secure)
        return false;
    if (k->host_only ? !gyre_span_equals_nocase(url->host, k->domain)
                     : !is_within(url->host, k->domain))
        return false;
    return is_below(url->path, k->path);
}

/* The last two labels of a domain; all of an address. */
static struct gyre_span site_of(struct gyre_span domain)
{
    size_t n = is_address(domain) ? 0 : domain.length - 1;
    int dots = 0;

    for (; n > 0; n--)
        if (domain.at[n - 1] == '.' && ++dots == 2)
            break;
    return gyre_span_from(domain.at + n, domain.length - n);
}

/* The directory of a path: what a cookie is for that does not say. */
static struct gyre_span directory_of(struct gyre_span path)
{
    size_t n = path.length;

    while (n > 1 && path.at[n - 1] != '/')
        n--;
    return n > 1 ? gyre_span_from(path.at, n - 1) : gyre_span_of("/");
}

/* ---- taking ---- */

/* A cookie that is to be kept: what was said of it, and what that comes to. */
struct wish {
    struct gyre_cookie_set set;
    struct gyre_span domain, path;
    bool host_only;
};

/* Can nobody be below it?  An address, and what is taken for a top domain, with
   a dot behind it or not. */
static bool is_alone(struct gyre_span domain)
{
    return is_address(domain) ||
           memchr(domain.at, '.', domain.length - 1) == NULL;
}

/* Whom is it for?  -EACCES if it is not for `url` to say so; -EPROTO if the
   path that goes without saying is longer than one that is said may be. */
static int settle(struct wish *w, const struct gyre_url *url)
{
    struct gyre_span domain = w->set.domain;

    w->path = w->set.path.at != NULL ? w->set.path : directory_of(url->path);
    w->host_only = domain.length == 0 || is_alone(domain);
    w->domain = w->host_only ? url->host : domain;
    if (w->path.length > GYRE_COOKIE_ATTRIBUTE_MAX)
        return -EPROTO;
    if (w->set.secure && !url->secure)
        return -EACCES;
    if (domain.length == 0)
        return 0;
    if (w->host_only)
        return gyre_span_equals_nocase(domain, url->host) ? 0 : -EACCES;
    return is_within(url->host, domain) ? 0 : -EACCES;
}

/* The same cookie: it is replaced. */
static bool is_same(const struct kept *k, const struct wish *w)
{
    return gyre_span_equals(k->name, w->set.name) &&
           gyre_span_equals_nocase(k->domain, w->domain) &&
           gyre_span_equals(k->path, w->path) && k->host_only == w->host_only;
}

/* Would it stand before one that is secret, though it came in the clear? */
static bool hides_secure(const struct kept *k, const struct wish *w)
{
    return k->secure && gyre_span_equals(k->name, w->set.name) &&
           (is_within(k->domain, w->domain) ||
            is_within(w->domain, k->domain)) &&
           is_below(w->path, k->path);
}

static struct gyre_span put(char **to, struct gyre_span s)
{
    char *at = *to;

    if (s.length > 0)
        memcpy(at, s.at, s.length);
    *to += s.length;
    return gyre_span_from(at, s.length);
}

static struct kept *make(struct gyre_http_jar *j, const struct wish *w)
{
    size_t size = sizeof(struct kept) + w->set.name.length +
                  w->set.value.length + w->domain.length + w->path.length;
    struct kept *k = gyre_resize(j->allocator, NULL, 0, size);
    char *to;

    if (k == NULL)
        return NULL;
    *k =
        (struct kept){.used = ++j->uses,
                      .expires = w->set.persistent ? w->set.expires : INT64_MAX,
                      .host_only = w->host_only,
                      .secure = w->set.secure,
                      .size = size};
    to = k->text;
    k->name = put(&to, w->set.name);
    k->value = put(&to, w->set.value);
    k->domain = put(&to, w->domain);
    k->path = put(&to, w->path);
    k->site = site_of(k->domain);
    return k;
}

/* Does `a` make room rather than `b`, of the same site?  Who sets cookies in
   the clear cannot drive out those that are secret. */
static bool goes_before(const struct kept *a, const struct kept *b)
{
    return a->secure != b->secure ? b->secure : a->used < b->used;
}

/* Forget the one that is too many if one more of `site` comes. */
static void make_room(struct gyre_http_jar *j, struct gyre_span site)
{
    struct kept *oldest = NULL, *of_site = NULL;
    size_t n = 0;

    for (struct kept *k = next_of(j, NULL); k != NULL; k = next_of(j, k)) {
        if (oldest == NULL || k->used < oldest->used)
            oldest = k;
        if (!gyre_span_equals_nocase(k->site, site))
            continue;
        if (of_site == NULL || goes_before(k, of_site))
            of_site = k;
        n++;
    }
    if (of_site != NULL && n >= j->limits.per_site)
        forget(j, of_site);
    else if (oldest != NULL && j->count >= j->limits.cookies)
        forget(j, oldest);
}

/* Where one of the path `path` goes in the order: before what this returns. */
static struct gyre_list *place_of(struct gyre_http_jar *j,
                                  struct gyre_span path)
{
    struct kept *k = next_of(j, NULL);

    while (k != NULL && k->path.length >= path.length)
        k = next_of(j, k);
    return k != NULL ? &k->link : &j->cookies;
}

/* Put it in place of `old`, if there is one. */
static int keep(struct gyre_http_jar *j, const struct wish *w, struct kept *old)
{
    struct kept *k = make(j, w);

    if (k == NULL)
        return -ENOMEM;
    if (old == NULL)
        make_room(j, k->site);
    gyre_list_append(old != NULL ? &old->link : place_of(j, k->path), &k->link);
    j->count++;
    if (old != NULL)
        forget(j, old);
    return 0;
}

int gyre_http_jar_take(struct gyre_http_jar *j, const struct gyre_url *url,
                       struct gyre_span set_cookie, int64_t now)
{
    struct kept *old = NULL;
    struct wish w;
    int err = gyre_cookie_read(set_cookie, now, &w.set);

    if (!err)
        err = settle(&w, url);
    if (err)
        return err;
    drop_expired(j, now);
    for (struct kept *k = next_of(j, NULL); k != NULL; k = next_of(j, k)) {
        if (!url->secure && hides_secure(k, &w))
            return -EACCES;
        if (is_same(k, &w))
            old = k;
    }
    if (!w.set.persistent || w.set.expires > now)
        return keep(j, &w, old);
    if (old != NULL)
        forget(j, old);
    return 0;
}

/* ---- giving ---- */

static int append(struct gyre_buf *out, const struct kept *k, bool first)
{
    int err = first ? 0 : gyre_buf_append(out, "; ", 2);

    if (!err)
        err = gyre_buf_append(out, k->name.at, k->name.length);
    if (!err)
        err = gyre_buf_append(out, "=", 1);
    if (!err)
        err = gyre_buf_append(out, k->value.at, k->value.length);
    return err;
}

int gyre_http_jar_give(struct gyre_http_jar *j, const struct gyre_url *url,
                       int64_t now, struct gyre_buf *out)
{
    size_t start = out->length;
    int err = 0;

    drop_expired(j, now);
    for (struct kept *k = next_of(j, NULL); k != NULL && !err;
         k = next_of(j, k)) {
        if (!is_for(k, url) ||
            out->length - start + k->name.length + k->value.length + 3 > SENT)
            continue;
        err = append(out, k, out->length == start);
        k->used = ++j->uses;
    }
    if (err)
        gyre_buf_cut(out, start);
    return err;
}

/* ---- the jar ---- */

int gyre_http_jar_new(struct gyre_http_jar **out, struct gyre_allocator *a,
                      const struct gyre_http_jar_limits *limits)
{
    struct gyre_http_jar *j = gyre_resize(a, NULL, 0, sizeof *j);

    if (j == NULL)
        return -ENOMEM;
    *j = (struct gyre_http_jar){.allocator = a};
    if (limits != NULL)
        j->limits = *limits;
    if (j->limits.per_site == 0)
        j->limits.per_site = 180;
    if (j->limits.cookies == 0)
        j->limits.cookies = 3000;
    gyre_list_init(&j->cookies);
    *out = j;
    return 0;
}

void gyre_http_jar_clear(struct gyre_http_jar *j)
{
    while (j->count > 0)
        forget(j, next_of(j, NULL));
}

void gyre_http_jar_free(struct gyre_http_jar *j)
{
    if (j == NULL)
        return;
    gyre_http_jar_clear(j);
    gyre_resize(j->allocator, j, sizeof *j, 0);
}

size_t gyre_http_jar_count(const struct gyre_http_jar *j)
{
    return j->count;
}
