/* A limit on silence: each piece that comes moves it. */
#include <gyre.h>
#include <stdio.h>

static intptr_t download(void *arg)
{
    static const int seconds[] = {2, 2, 2, 5}; /* until the next piece */
    gyre_time start = gyre_in(0);
    struct gyre_scope scope;
    intptr_t why;
    int err = 0;

    (void)arg;
    gyre_scope_open(&scope, gyre_in(3 * GYRE_SECOND));
    for (int i = 0; i < 4 && err == 0; i++) {
        err = gyre_sleep(gyre_in(seconds[i] * GYRE_SECOND));
        if (err == 0)
            printf("piece %d\n", i + 1);
        gyre_scope_limit(&scope, gyre_in(3 * GYRE_SECOND));
    }
    why = gyre_scope_close(&scope, err);
    printf("%s, after %d seconds\n", why ? gyre_strerror((int)why) : "complete",
           (int)((gyre_in(0) - start) / GYRE_SECOND));
    return 0;
}

int main(void)
{
    return gyre_simulate(download, NULL) != 0;
}
