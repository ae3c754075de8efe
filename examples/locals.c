/* Who asked, without handing it down: tasks see what was bound around their scope. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_local_key user = {.unbound = "nobody"};

static void log_line(const char *what)
{
    printf("%s: %s\n", (const char *)gyre_local(&user), what);
}

static intptr_t part(void *what)
{
    log_line(what);
    return 0;
}

static intptr_t request(void *name)
{
    struct gyre_local GYRE_LOCAL bound = {0};
    struct gyre_scope scope;

    gyre_local_bind(&bound, &user, name);
    log_line("asks");
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, part, "is served one part");
    gyre_spawn(&scope, NULL, part, "is served another");
    return gyre_scope_close(&scope, 0);
}

static intptr_t program(void *arg)
{
    intptr_t why = request("ann");

    (void)arg;
    if (why == 0)
        why = request("bob");
    log_line("is there any more");
    return why;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
