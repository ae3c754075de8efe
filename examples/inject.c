/* A transfer that is cancelled at each of its waits in turn: where does it lose money? */
#include <gyre.h>
#include <stdbool.h>
#include <stdio.h>

struct bank {
    int here, there;
    bool careful;
};

static intptr_t transfer(void *arg)
{
    struct bank *bank = arg;
    int err;

    bank->here = 100;
    bank->there = 0;
    bank->here -= 10;
    err = gyre_sleep(gyre_in(GYRE_SECOND)); /* on its way */
    if (err) {
        if (bank->careful)
            bank->here += 10;
        return err;
    }
    bank->there += 10;
    return gyre_sleep(gyre_in(GYRE_SECOND)); /* a receipt */
}

static int is_all_there(void *arg)
{
    const struct bank *bank = arg;

    return bank->here + bank->there == 100 ? 0 : -EINVAL;
}

int main(void)
{
    struct bank careless = {.careful = false}, careful = {.careful = true};
    struct gyre_injection i = {.check = is_all_there};
    int err = gyre_inject(&i, transfer, &careless);

    printf("careless: %s, at point %d\n", gyre_strerror(err), (int)i.points);
    err = gyre_inject(&i, transfer, &careful);
    printf("careful: %s, of %d points\n", err ? gyre_strerror(err) : "nothing is lost at any",
           (int)i.points);
    return err != 0;
}
