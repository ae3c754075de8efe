/*
 * test_route_model.c - the tree of routes finds what one finds who tries them
 * all: in tables and paths that are made up.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/http/server/route.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum { TABLES = 3000, PATHS = 40, ROUTES = 8, SEGMENTS = 4 };

/* ---- what is made up ---- */

/* One segment of a route, by what it is to match. */
enum kind { LITERAL, NUMBER, NAME, TAIL };

struct piece {
    enum kind kind;
    const char *text; /* of a literal */
};

/* A route as the model has it. */
struct pattern {
    struct piece pieces[SEGMENTS];
    int n;
    const char *method;
};

/* A segment of a path: as it is written, and meant. */
static const struct word {
    const char *written, *plain;
    bool number;
} words[] = {{"a", "a"},       {"%61", "a"},     {"b", "b"},
             {"", ""},         {"7", "7", true}, {"%2d7", "-7", true},
             {"a%2Fb", "a/b"}, {"ab", "ab"},     {"a%62%63", "abc"}};

static const char *const methods[] = {"GET", "POST", "HEAD", "OPTIONS"};

enum {
    WORDS = sizeof words / sizeof words[0],
    METHODS = sizeof methods / sizeof methods[0]
};

static struct pattern patterns[ROUTES];
static char paths[ROUTES][64], prefix[64];
static struct gyre_http_route upper[ROUTES + 2], lower[ROUTES + 1];
static int count; /* of patterns */

static const struct word *path[SEGMENTS + 1];
static int length; /* of the path, in segments */
static char text[80];

static unsigned any(unsigned n)
{
    static unsigned state = 1;

    state = state * 1103515245u + 12345u;
    return (state >> 16) % n;
}

static int handler(struct gyre_http_request *request)
{
    (void)request;
    return 0;
}

static struct piece make_piece(bool last)
{
    static const char *const literals[] = {"a", "b", "", "7", "ab", "abc"};
    struct piece p = {(enum kind)any(last ? 4 : 3), NULL};

    if (any(3) == 0)
        p.kind = LITERAL;
    if (p.kind == LITERAL)
        p.text = literals[any(6)];
    return p;
}

/* Append the piece as a route has it; those of one path have names of their
   own, and differ between paths. */
static void write_piece(char *out, const struct piece *p, int route, int at)
{
    static const char *const endings[] = {"", ":int", "", ":tail"};
    size_t n = strlen(out);

    if (p->kind == LITERAL)
        snprintf(out + n, 64 - n, "/%s", p->text);
    else
        snprintf(out + n, 64 - n, "/{p%d%d%s}", route, at, endings[p->kind]);
}

/* Fill in a pattern behind the `from` segments that are there. */
static void make_pattern(int i, int from)
{
    struct pattern *p = &patterns[i];

    p->n = from + 1 + (int)any((unsigned)(SEGMENTS - from));
    paths[i][0] = '\0';
    for (int k = from; k < p->n; k++) {
        p->pieces[k] = make_piece(k == p->n - 1);
        write_piece(paths[i], &p->pieces[k], i, k);
    }
    p->method = methods[any(METHODS)];
}

/* Some routes, and some in a table below, at one segment. */
static void make_table(void)
{
    int here = (int)any(ROUTES), i;
    struct piece first = {any(2) ? LITERAL : NAME, "a"};

    count = 1 + (int)any(ROUTES);
    here = here < count ? here : count;
    for (i = 0; i < count; i++) {
        patterns[i].pieces[0] = first;
        make_pattern(i, i >= here);
        *(i < here ? &upper[i] : &lower[i - here]) =
            (struct gyre_http_route){patterns[i].method, paths[i], handler};
    }
    prefix[0] = '\0';
    write_piece(prefix, &first, 9, 9);
    upper[here] = (struct gyre_http_route){NULL, prefix, .routes = lower};
    upper[here + 1] = lower[count - here] = (struct gyre_http_route){0};
}

static void make_path(void)
{
    length = 1 + (int)any(SEGMENTS + 1);
    text[0] = '\0';
    for (int i = 0; i < length; i++) {
        path[i] = &words[any(WORDS)];
        strcat(strcat(text, "/"), path[i]->written);
    }
}

/* ---- the model ---- */

static bool piece_admits(const struct piece *p, const struct word *w)
{
    switch (p->kind) {
    case LITERAL: return strcmp(p->text, w->plain) == 0;
    case NUMBER: return w->number;
    case NAME: return w->plain[0] != '\0';
    default: return true;
    }
}

static bool pattern_admits(const struct pattern *p)
{
    for (int i = 0; i < p->n; i++) {
        if (i == length || !piece_admits(&p->pieces[i], path[i]))
            return false;
        if (p->pieces[i].kind == TAIL)
            return true;
    }
    return p->n == length;
}

/* Below 0 if `a` is more exact; 0 if they are the same. */
static int compare(const struct pattern *a, const struct pattern *b)
{
    for (int i = 0; i < a->n && i < b->n; i++) {
        const struct piece *p = &a->pieces[i], *q = &b->pieces[i];

        if (p->kind != q->kind)
            return p->kind < q->kind ? -1 : 1;
        if (p->kind == LITERAL && strcmp(p->text, q->text) != 0)
            return strcmp(p->text, q->text);
    }
    return a->n - b->n;
}

static bool serves(const struct pattern *p, const char *method)
{
    return strcmp(p->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(p->method, "GET") == 0);
}

/* Is `a` to be chosen before `b`, both being fit? */
static bool is_before(const struct pattern *a, const struct pattern *b,
                      const char *method)
{
    int order = compare(a, b);

    return order < 0 || (order == 0 && strcmp(a->method, method) == 0);
}

/* The number of the route, or the status below 0. */
static int expect(const char *method)
{
    const struct pattern *best = NULL;
    bool some = false;

    for (int i = 0; i < count; i++) {
        const struct pattern *p = &patterns[i];

        if (!pattern_admits(p))
            continue;
        some = true;
        if (serves(p, method) && (best == NULL || is_before(p, best, method)))
            best = p;
    }
    if (best != NULL)
        return (int)(best - patterns);
    if (!some)
        return -404;
    return strcmp(method, "OPTIONS") == 0 ? -204 : -405;
}

static bool is_twice_there(void)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            if (compare(&patterns[i], &patterns[k]) == 0 &&
                strcmp(patterns[i].method, patterns[k].method) == 0)
                return true;
    return false;
}

/* ---- both ---- */

/* What stands for the parameter is what was written there. */
static void check_params(const struct gyre_http_match *m, int found)
{
    const struct pattern *p = &patterns[found];
    const char *at = text;
    size_t k = 0;

    for (int i = 0; i < p->n; at += strlen(path[i++]->written) + 1) {
        size_t n = strlen(path[i]->written);

        if (p->pieces[i].kind == LITERAL)
            continue;
        if (p->pieces[i].kind == TAIL)
            n = strlen(at + 1);
        cr_assert_lt(k, m->param_count);
        cr_assert(
            gyre_span_equals(m->params[k].value, gyre_span_from(at + 1, n)),
            "%s: %s", paths[found], text);
        k++;
    }
    cr_assert_eq(k, m->param_count);
}

static void check_find(const struct gyre_http_router *r, const char *method)
{
    struct gyre_http_match m;
    int expected = expect(method);
    int status =
        gyre_http_router_find(r, gyre_span_of(method), gyre_span_of(text), &m);

    cr_assert_eq(status, expected < 0 ? -expected : 0, "%s %s: %d, not %d",
                 method, text, status, expected);
    if (expected < 0)
        return;
    cr_assert_eq(m.route->path, paths[expected], "%s %s: %s, not %s", method,
                 text, m.route->path, paths[expected]);
    check_params(&m, expected);
}

/* A method is allowed if it is served; and OPTIONS always. */
static void check_allow(const struct gyre_http_router *r)
{
    struct gyre_buf allow = {0};
    struct gyre_span list;

    cr_assert_eq(gyre_http_router_allow(r, gyre_span_of(text), &allow), 0);
    list = gyre_span_from(allow.at, allow.length);
    for (int i = 0; i < METHODS; i++)
        cr_assert_eq(
            gyre_span_lists(list, methods[i]),
            expect(methods[i]) >= 0 || strcmp(methods[i], "OPTIONS") == 0,
            "%s %s: %.*s", methods[i], text, (int)list.length, list.at);
    gyre_buf_free(&allow);
}

static void try_paths(const struct gyre_http_router *r)
{
    for (int i = 0; i < PATHS; i++) {
        make_path();
        for (int k = 0; k < METHODS; k++)
            check_find(r, methods[k]);
        check_allow(r);
    }
}

Test(route_model, the_tree_finds_what_one_finds_who_tries_them_all)
{
    int tried = 0;

    for (int i = 0; i < TABLES; i++) {
        struct gyre_http_router *r;
        int err;

        make_table();
        err = gyre_http_router_new(&r, upper, NULL, NULL, NULL);
        cr_assert_eq(err, is_twice_there() ? -EINVAL : 0);
        if (err)
            continue;
        tried++;
        try_paths(r);
        gyre_http_router_free(r);
    }
    cr_expect_gt(tried, TABLES / 2);
}
