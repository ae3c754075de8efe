/* A site of two tables, one below the other and only for who has a key; and its test, which asks
   it things in a simulated run, without a socket. */
#include <errno.h>
#include <gyre.h>
#include <stdio.h>
#include <string.h>

/* Who asks, as those around handlers find out, and handlers want to know. */
struct caller {
    const char *name;
};

static const struct gyre_http_slot caller = {sizeof(struct caller)};

static int only_known(struct gyre_http_request *request)
{
    struct caller *c = gyre_http_in_slot(request, &caller);
    const char *key = gyre_http_header(request, "X-Key");

    if (c == NULL)
        return -ENOMEM;
    if (key == NULL || strcmp(key, "sesame") != 0)
        return 401;
    c->name = "Ali";
    return gyre_http_next(request);
}

static int greet(struct gyre_http_request *request)
{
    const struct caller *c = gyre_http_in_slot(request, &caller);

    return gyre_http_reply_text(request, 200, c != NULL ? c->name : "");
}

static int enter(struct gyre_http_request *request)
{
    return gyre_http_redirect(request, 303, gyre_http_url_for(request, "cave:greeting"));
}

static const struct gyre_http_around around_cave[] = {{only_known}, {0}};

static const struct gyre_http_route cave[] = {
    {"GET", "/greeting", greet, .name = "greeting"},
    {0},
};

static const struct gyre_http_route routes[] = {
    {"GET", "/", enter},
    {NULL, "/cave", .routes = cave, .around = around_cave, .name = "cave"},
    {0},
};

static void show(const char *path, int status, const struct gyre_http_test *site)
{
    printf("%s: %d%s%s\n", path, status, site->length > 0 ? " " : "", site->text);
}

static intptr_t ask(void *arg)
{
    struct gyre_http_fields key = {0};
    struct gyre_http_call call = {.url = "/cave/greeting", .fields = &key};
    struct gyre_http_test site;
    int err = gyre_http_test_open(&site, routes, NULL);

    (void)arg;
    if (err)
        return err;
    show("/", gyre_http_test_get(&site, "/", gyre_in(GYRE_SECOND)), &site);
    show(call.url, gyre_http_test_get(&site, call.url, gyre_in(GYRE_SECOND)), &site);
    err = gyre_http_fields_set(&key, "X-Key", "sesame");
    if (err == 0)
        show(call.url, gyre_http_test_call(&site, &call, gyre_in(GYRE_SECOND)), &site);
    gyre_http_fields_free(&key);
    gyre_http_test_close(&site);
    return err;
}

int main(void)
{
    return gyre_simulate(ask, NULL) != 0;
}
