/* However the task ends, what it took is given back: the last first. */
#include <gyre.h>
#include <stdio.h>

static void give_back(void *what)
{
    printf("gives back %s\n", (const char *)what);
}

static intptr_t borrow(void *arg)
{
    struct gyre_defer GYRE_DEFERRED book = {0}, GYRE_DEFERRED lamp = {0};
    int err;

    printf("takes %s\n", "a book");
    gyre_defer(&book, give_back, "a book");
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    if (err)
        return err;
    printf("takes %s\n", "a lamp");
    gyre_defer(&lamp, give_back, "a lamp");
    (void)arg;
    return gyre_sleep(gyre_in(GYRE_SECOND));
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    intptr_t why;

    (void)arg;
    for (int seconds = 3; seconds > 0; seconds--) {
        gyre_scope_open(&scope, gyre_in(seconds * GYRE_SECOND - GYRE_MILLISECOND));
        gyre_spawn(&scope, NULL, borrow, NULL);
        why = gyre_scope_close(&scope, 0);
        printf("%s\n\n", why == 0 ? "in time" : gyre_strerror((int)why));
    }
    return 0;
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
