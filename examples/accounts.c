/* What tasks cost: who had how many turns. */
#include <gyre.h>
#include <stdio.h>

static void show(struct gyre_account_visitor *v, const struct gyre_task_info *info,
                 const struct gyre_task_account *account)
{
    (void)v;
    printf("%s: %d turns\n", info->name, (int)account->turns);
}

static intptr_t work(void *turns)
{
    int err = 0;

    for (intptr_t i = 1; i < (intptr_t)turns && err == 0; i++)
        err = gyre_yield();
    return err ? err : gyre_sleep(gyre_in(GYRE_SECOND));
}

static intptr_t program(void *arg)
{
    struct gyre_spawn_options few = {.name = "idle"}, many = {.name = "busy"};
    struct gyre_account_visitor v = {show};
    struct gyre_accounts accounts = {0};
    struct gyre_scope scope;
    int err = gyre_accounts_start(&accounts);

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn_with(&scope, NULL, work, (void *)1, &few);
    gyre_spawn_with(&scope, NULL, work, (void *)100, &many);
    if (err == 0)
        err = gyre_sleep(gyre_in(GYRE_MILLISECOND));
    gyre_accounts_walk(&accounts, &v);
    gyre_accounts_stop(&accounts);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
