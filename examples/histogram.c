/* How long does it take, as a rule and at worst? */
#include <gyre.h>

static intptr_t answer(void *ms)
{
    return gyre_sleep(gyre_in((intptr_t)ms * GYRE_MILLISECOND));
}

static intptr_t program(void *arg)
{
    struct gyre_histogram spans = {0};
    intptr_t err = 0;

    (void)arg;
    for (intptr_t i = 0; i < 20 && err == 0; i++) {
        gyre_time start = gyre_in(0);

        err = answer((void *)(i == 13 ? 100 : 1 + i % 5));
        gyre_histogram_add(&spans, gyre_in(0) - start);
    }
    (void)gyre_histogram_print(&spans, "answers", 1);
    return err;
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
