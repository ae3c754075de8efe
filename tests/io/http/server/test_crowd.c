/*
 * test_crowd.c - who counts as coming from one address.
 */
#include <stdio.h>
#include <string.h>

#include "io/http/server/connection.h"
#include "tests/io/http/site.h"

static const struct gyre_http_route none[] = {{0}};

static struct gyre_http_server *new_server(size_t per_address)
{
    struct gyre_http_options options = {.per_address = per_address};
    struct gyre_http_server *s;

    cr_expect_eq(gyre_http_server_new(&s, none, &options), 0);
    return s;
}

static struct gyre_addr address(const char *text)
{
    struct gyre_addr a = {0};

    cr_expect_eq(gyre_addr_parse(&a, text, 80), 0, "%s", text);
    return a;
}

/* Is `other` one too many, when there is one connection from `text`? */
static bool are_neighbours(const char *text, const char *other)
{
    struct gyre_http_server *s = new_server(1);
    struct gyre_http_connection c = {.peer = address(text)};
    struct gyre_addr a = address(other);
    bool admitted;

    gyre_http_crowd_join(s, &c);
    admitted = gyre_http_crowd_admits(s, &a);
    gyre_http_crowd_leave(&c);
    cr_expect(gyre_http_crowd_admits(s, &a));
    gyre_http_server_free(s);
    return !admitted;
}

CLAIM(crowd, is_of_one_address_or_half_of_one_in_ipv6)
{
    static const struct {
        const char *one, *other;
        bool neighbours;
    } cases[] = {
        {"10.1.2.3", "10.1.2.3", true},
        {"10.1.2.3", "10.1.2.4", false},
        {"10.1.2.3", "::ffff:10.1.2.3", true},
        {"::ffff:10.1.2.3", "::ffff:10.1.2.4", false},
        {"2001:db8:1:2::3", "2001:db8:1:2::3", true},
        {"2001:db8:1:2::3", "2001:db8:1:2:ffff::", true},
        {"2001:db8:1:2::3", "2001:db8:1:3::3", false},
        {"2001:db8:1:2::3", "10.1.2.3", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(are_neighbours(cases[i].one, cases[i].other),
                     cases[i].neighbours, "%s and %s", cases[i].one,
                     cases[i].other);
}

CLAIM(crowd, is_not_counted_where_there_is_no_address)
{
    struct gyre_http_server *s = new_server(1);
    struct gyre_http_connection c[2] = {{0}, {0}};

    for (int i = 0; i < 2; i++) {
        cr_expect(gyre_http_crowd_admits(s, &c[i].peer));
        gyre_http_crowd_join(s, &c[i]);
    }
    for (int i = 0; i < 2; i++)
        gyre_http_crowd_leave(&c[i]);
    gyre_http_server_free(s);
}

/* In which of the lists `c` is. */
static int street_of(const struct gyre_http_server *s,
                     const struct gyre_http_connection *c)
{
    for (int i = 0; i < GYRE_HTTP_STREETS; i++)
        if (s->crowd[i].next == &c->neighbour.link)
            return i;
    return -1;
}

/* Who could tell which addresses share a list could make it a long one. */
CLAIM(crowd, is_spread_differently_by_each_server)
{
    struct gyre_http_server *servers[2] = {new_server(1), new_server(1)};
    int same = 0;

    for (int i = 1; i < 100; i++) {
        struct gyre_http_connection c[2] = {{0}, {0}};
        char text[20];

        snprintf(text, sizeof text, "10.1.2.%d", i);
        for (int j = 0; j < 2; j++) {
            c[j].peer = address(text);
            gyre_http_crowd_join(servers[j], &c[j]);
        }
        same += street_of(servers[0], &c[0]) == street_of(servers[1], &c[1]);
        for (int j = 0; j < 2; j++)
            gyre_http_crowd_leave(&c[j]);
    }
    cr_expect_lt(same, 50);
    for (int j = 0; j < 2; j++)
        gyre_http_server_free(servers[j]);
}
