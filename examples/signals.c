/* Signals are waited for, and none is lost between two waits. */
#include <gyre.h>
#include <signal.h>
#include <stdio.h>

static intptr_t ask(void *arg)
{
    (void)arg;
    raise(SIGHUP);
    raise(SIGHUP);
    return raise(SIGUSR2);
}

static intptr_t serve(struct gyre_signals *signals)
{
    int number;

    while ((number = gyre_signals_wait(signals, GYRE_FOREVER)) == SIGHUP) {
        printf("reading the configuration\n");
        (void)!gyre_sleep(gyre_in(GYRE_MILLISECOND));
    }
    printf(number == SIGUSR2 ? "going home\n" : "interrupted\n");
    return number < 0 ? number : 0;
}

static intptr_t program(void *arg)
{
    struct gyre_caught caught[] = {{.number = SIGHUP}, {.number = SIGUSR2}};
    struct gyre_signals signals = {.caught = caught, .n = 2};
    struct gyre_scope s;
    intptr_t err = gyre_signals_start(&signals, gyre_loop_current());

    (void)arg;
    if (err)
        return err;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask, NULL);
    err = gyre_scope_close(&s, serve(&signals));
    gyre_signals_stop(&signals);
    return err;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
