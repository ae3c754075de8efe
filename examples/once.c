/* Three need a connection; one makes it, and the first try fails. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_once connected;

static int connect_somewhere(void *name)
{
    static int tries;
    int err = gyre_sleep(gyre_in(GYRE_SECOND));

    printf("%s has %s\n", (const char *)name, ++tries == 1 ? "failed" : "connected");
    if (err)
        return err;
    return tries == 1 ? -ECONNREFUSED : 0;
}

static intptr_t use(void *name)
{
    int err = gyre_once(&connected, connect_somewhere, name, GYRE_FOREVER);

    printf("%s %s\n", (const char *)name, err ? "gives up" : "goes on");
    return err;
}

static intptr_t program(void *arg)
{
    static const char *const names[] = {"ann", "bob", "eve"};
    struct gyre_call calls[3] = {{0}};
    intptr_t failures;

    (void)arg;
    for (int i = 0; i < 3; i++)
        calls[i] = (struct gyre_call){use, (void *)names[i]};
    failures = gyre_gather(calls, 3, GYRE_GATHER_SETTLED, GYRE_FOREVER);
    return failures == 1 ? 0 : -EIO;
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
