/* How to spawn: at once, on a stack of its own size, on memory of one's own. */
#include <gyre.h>
#include <stdio.h>

static char memory[64 * 1024];

static intptr_t say(void *what)
{
    printf("%s, in task %d, %s\n", (const char *)what, (int)gyre_task_id(), gyre_task_name());
    return 0;
}

static intptr_t program(void *arg)
{
    struct gyre_spawn_options later = {.name = "later"};
    struct gyre_spawn_options now = {.name = "eager", .eager = true};
    struct gyre_spawn_options large = {.name = "large", .stack_size = 1 << 20};
    struct gyre_spawn_options lent = {.name = "lent", .stack = memory, .stack_size = sizeof memory};
    struct gyre_scope scope;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn_with(&scope, NULL, say, "in its turn", &later);
    gyre_spawn_with(&scope, NULL, say, "at once", &now);
    printf("spawned\n");
    gyre_spawn_with(&scope, NULL, say, "with a megabyte of stack", &large);
    gyre_spawn_with(&scope, NULL, say, "on memory of ours", &lent);
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
