/* A queue by priority: in a waiting room, the most urgent goes first. */
#include <gyre.h>
#include <stdio.h>

struct patient {
    const char *name;
    int pain;
};

static bool is_worse_off(const void *a, const void *b)
{
    return ((const struct patient *)a)->pain > ((const struct patient *)b)->pain;
}

static struct patient chairs[8];
static struct gyre_queue room = {.items = {chairs, sizeof chairs[0], 8, .before = is_worse_off}};

static intptr_t see_patients(void *arg)
{
    struct patient p;
    int err;

    (void)arg;
    while ((err = gyre_queue_take(&room, &p, GYRE_FOREVER)) == 0) {
        printf("%s\n", p.name);
        err = gyre_sleep(gyre_in(GYRE_SECOND));
        if (err)
            return err;
    }
    return err == -EPIPE ? 0 : err;
}

static intptr_t day(void *arg)
{
    static const struct patient patients[] = {
        {"a cold", 1}, {"a broken leg", 8}, {"a cough", 2}, {"a toothache", 5}};
    struct gyre_scope scope;
    int err = 0;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < 4 && err == 0; i++)
        err = gyre_queue_put(&room, &patients[i], GYRE_NOW);
    gyre_queue_close(&room);
    gyre_spawn(&scope, NULL, see_patients, NULL);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(day, NULL) != 0;
}
