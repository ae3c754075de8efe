/*
 * test_onlookers.c - the claims of run.h about the environment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "task/run/run.h"
#include "task/task.h"
#include "tests/task/show/paper.h"
#include "tests/task/world.h"

/* What is written to descriptor `fd` while `nap` runs with VARIABLE=VALUE. */
static const char *said_on(int fd, const char *variable, const char *value)
{
    int before = dup(fd);

    cr_assert_geq(before, 0);
    fflush(NULL);
    dup2(paper(), fd);
    setenv(variable, value, true);
    simulate(nap, (void *)(intptr_t)MS);
    unsetenv(variable);
    dup2(before, fd);
    close(before);
    return read_paper();
}

static const char *content(const char *file)
{
    static char text[4096];
    FILE *f = fopen(file, "r");
    size_t n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;

    text[n] = '\0';
    if (f != NULL)
        fclose(f);
    return text;
}

Test(onlookers, trace_a_run_into_a_file)
{
    char file[] = "/tmp/gyre-trace-XXXXXX";
    const char *text;

    close(mkstemp(file));
    cr_expect_str_eq(said_on(STDERR_FILENO, "GYRE_TRACE", file), "");
    text = content(file);
    cr_expect_neq(strstr(text, "\"traceEvents\""), NULL);
    cr_expect_neq(strstr(text, "\"name\":\"main\""), NULL);
    cr_expect_neq(strstr(text, "\"dur\":1000.000,\"cat\":\"poll\""), NULL);
    cr_expect_str_eq(text + strlen(text) - 5, "}\n]}\n");
    unlink(file);
}

Test(onlookers, say_when_a_trace_cannot_be_written)
{
    cr_expect_str_eq(said_on(STDERR_FILENO, "GYRE_TRACE", "/nowhere/at/all"),
                     "gyre: no trace in /nowhere/at/all: "
                     "No such file or directory\n");
}

Test(onlookers, print_accounts)
{
    const char *text = said_on(STDERR_FILENO, "GYRE_ACCOUNTS", "1");

    cr_expect_neq(strstr(text, "#1 main\n"), NULL, "%s", text);
    cr_expect_neq(strstr(text, "rounds of the loop: "), NULL);
}

Test(onlookers, draw_steps, .init = in_order)
{
    const char *text = said_on(STDOUT_FILENO, "GYRE_STEP", "1");

    cr_expect_eq(strncmp(text, "> #1 main runs\nready   -\n", 25), 0);
}

Test(onlookers, stay_away_when_they_are_not_asked)
{
    static const char *const variables[] = {"GYRE_TRACE",  "GYRE_ACCOUNTS",
                                            "GYRE_STEP",   "GYRE_STACKS",
                                            "GYRE_CYCLES", "GYRE_CTL"};

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        cr_expect_str_eq(said_on(STDERR_FILENO, variables[i], "0"), "");
        cr_expect_str_eq(said_on(STDOUT_FILENO, variables[i], ""), "");
    }
}
