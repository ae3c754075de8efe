/* Names that no name server knows, by a resolver of one's own. */
#include <gyre.h>
#include <stdio.h>
#include <string.h>

/* A resolver, and what it knows. */
struct table {
    struct gyre_resolver base;
    const char *const (*hosts)[2];
    int n;
};

static int look_up(struct gyre_resolver *r, const char *host, int port, struct gyre_addr *out,
                   int n, gyre_time deadline)
{
    const struct table *t = GYRE_OWNER(r, struct table, base);
    int found = 0;

    (void)deadline; /* no need to wait */
    for (int i = 0; i < t->n && found < n; i++)
        if (strcmp(host, t->hosts[i][0]) == 0 &&
            gyre_addr_parse(&out[found], t->hosts[i][1], port) == 0)
            found++;
    return found;
}

static void ask(const char *host)
{
    struct gyre_addr a[4];
    char text[GYRE_ADDR_TEXT];
    int n = gyre_resolve(host, 80, a, 4, gyre_in(GYRE_SECOND));

    printf("%s: %s\n", host, n < 0 ? gyre_strerror(n) : "found");
    for (int i = 0; i < n; i++)
        printf("  %s\n", gyre_addr_format(&a[i], text, sizeof text));
}

static intptr_t program(void *arg)
{
    static const char *const hosts[][2] = {
        {"printer.home", "192.168.1.9"},
        {"music.home", "192.168.1.4"},
        {"music.home", "fd00::4"},
    };
    struct table t = {.base.resolve = look_up, .hosts = hosts, .n = 3};
    struct gyre_local GYRE_LOCAL b = {0};

    (void)arg;
    gyre_local_bind(&b, gyre_resolver_key(), &t.base);
    ask("printer.home");
    ask("music.home");
    ask("fridge.home");
    ask("127.0.0.1");
    return 0;
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
